// Webhook events of Didit v2 and v3: their three signatures, event ids, kinds of events, and how long their bodies are kept.
import assert from 'node:assert/strict';
import test from 'node:test';
import { queryDatabase } from './lib/database.mjs';
import { App, expect, newEmail } from './lib/app.mjs';
import { eventBody, schemes } from './lib/signing.mjs';
import { until } from './lib/wait.mjs';

const now = () => Math.floor(Date.now() / 1000);
const UNKNOWN_SESSION = '7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b';

async function openV3(t, { didit = {}, settings } = {}) {
	const app = await App.open(t, { didit: { version: 'v3', ...didit }, settings });
	/** Posts the event, signed with the schemes that `names` lists. */
	app.sendEvent = (event, names, { timestamp = now(), secret = app.didit.webhookSecret, bytes = eventBody(event), headers = {} } = {}) =>
		app.didit.send(app.server.base, bytes, Object.assign(Object.fromEntries(names.flatMap((name) => Object.entries(schemes[name](secret, bytes, timestamp)))), headers), timestamp);
	app.sessionStatus = async (email) => (await app.status(email)).data.session_status;
	app.query = (sql) => queryDatabase(app, sql);
	return app;
}

test('one of the three signatures is enough; with X-Signature-Simple alone the session is polled', async (t) => {
	const app = await openV3(t);
	const rows = [
		{ by: ['raw'], reads: 0 }, { by: ['v2'], reads: 0 }, { by: ['stamped'], reads: 0 }, { by: ['raw', 'v2', 'simple'], reads: 0 },
		{ by: ['stamped', 'simple'], reads: 0 }, { by: ['simple'], reads: 1 },
	];
	for (const { by, reads } of rows) {
		const email = newEmail();
		const { session_id } = await app.startSession(email);
		const before = app.didit.reads.length;
		const event = app.didit.event(session_id, 'In Review', { note: 'é / \u2028 😀', score: 97, extra: { b: [1, 2.5], a: null } });
		app.didit.setStatus(session_id, reads ? 'Declined' : 'Not Started');
		expect(await app.sendEvent(event, by), 200);
		assert.equal(app.didit.reads.length - before, reads, by.join());
		assert.equal(await app.sessionStatus(email), reads ? 'Declined' : 'In Review', by.join());
	}
});

test('a reformatted body is accepted with X-Signature-V2, but not with X-Signature', async (t) => {
	const app = await openV3(t);
	const email = newEmail();
	const { session_id } = await app.startSession(email);
	const event = app.didit.event(session_id, 'Approved', { name: 'José', score: 97 });
	const signed = schemes.v2(app.didit.webhookSecret, eventBody(event));
	const reformatted = JSON.stringify(event, null, 2).replace('"score": 97', '"score": 97.0');
	expect(await app.didit.send(app.server.base, reformatted, schemes.raw(app.didit.webhookSecret, eventBody(event))), 401, 'invalid_signature');
	expect(await app.didit.send(app.server.base, reformatted.replace('Approved', 'Declined'), signed), 401, 'invalid_signature');
	expect(await app.didit.send(app.server.base, reformatted, signed), 200);
	assert.equal(await app.sessionStatus(email), 'Approved');
	assert.equal((await app.status(email)).data.ip_info[0].ip_address, '203.0.113.24', 'the decision in the event is stored');
});

test('each scheme refuses wrong signatures, wrong timestamps and repeated headers', async (t) => {
	const app = await openV3(t);
	const email = newEmail();
	const { session_id } = await app.startSession(email);
	const event = app.didit.event(session_id, 'Approved');
	const bytes = eventBody(event);
	for (const scheme of ['raw', 'v2', 'stamped', 'simple']) {
		const stamp = now();
		const [[header, right]] = Object.entries(schemes[scheme](app.didit.webhookSecret, bytes, stamp));
		const wrong = [right.toUpperCase(), right.slice(0, 63), `${right}0`, right.slice(0, 32), '', ` `, `sha256=${right}`, '0'.repeat(64), [right, right], [right, '0'.repeat(64)],
			Object.values(schemes[scheme]('another secret', bytes, stamp))[0], Object.values(schemes[scheme]('', bytes, stamp))[0]];
		for (const value of wrong) expect(await app.didit.send(app.server.base, bytes, { [header]: value }, stamp), 401, 'invalid_signature');
		for (const timestamp of [null, '', 'now', `${stamp}.0`, `-${stamp}`, `${stamp - 310}`, `${stamp + 310}`, [`${stamp}`, `${stamp}`]])
			expect(await app.didit.send(app.server.base, bytes, { [header]: right }, timestamp), 401, 'invalid_signature');
	}
	expect(await app.didit.send(app.server.base, bytes, {}), 401, 'invalid_signature');
	assert.equal(await app.sessionStatus(email), 'Not Started');
	assert.equal(app.didit.reads.length, 0);
	for (const timestamp of [now() - 290, now() + 290]) expect(await app.sendEvent(event, ['v2'], { timestamp }), 200);
	assert.equal(await app.sessionStatus(email), 'Approved');
});

test('each scheme accepts both secrets while one replaces the other', async (t) => {
	const [oldSecret, newSecret] = ['o'.repeat(40), 'y'.repeat(40)];
	const app = await openV3(t, { didit: { webhookSecret: `${newSecret},${oldSecret}` } });
	for (const secret of [oldSecret, newSecret])
		for (const scheme of ['raw', 'v2', 'stamped', 'simple']) {
			const { session_id } = await app.startSession(newEmail());
			expect(await app.sendEvent(app.didit.event(session_id, 'In Progress'), [scheme], { secret }), 200);
		}
});

test('v1 accepts X-Signature only', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const { session_id } = await app.startSession(email);
	const bytes = eventBody(app.didit.event(session_id, 'Approved'));
	const secret = app.didit.webhookSecret;
	for (const scheme of ['v2', 'stamped', 'simple'])
		expect(await app.didit.send(app.server.base, bytes, schemes[scheme](secret, bytes, now())), 401, 'invalid_signature');
	expect(await app.didit.send(app.server.base, bytes, { ...schemes.raw(secret, bytes), 'x-signature-v2': ['0', '1'] }), 200);
	assert.equal((await app.status(email)).data.session_status, 'Approved');
});

test('the outcome of an event depends on its kind, id, time and session', async (t) => {
	const app = await openV3(t);
	const email = newEmail();
	const { session_id } = await app.startSession(email);
	const at = now();
	const event = (fields) => app.didit.event(session_id, 'In Progress', { timestamp: at, ...fields });
	const eventWithoutId = (fields) => ({ ...event(fields), event_id: undefined });
	const count = (outcome) => app.server.metric('kycd_provider_events_total', { outcome });

	const rows = [
		{ name: 'the first event', event: event({ event_id: 'e-1' }), outcome: 'applied', status: 'In Progress' },
		{ name: 'the same event again', event: event({ event_id: 'e-1' }), outcome: 'repeated', status: 'In Progress' },
		{ name: 'the same id with another body', event: event({ event_id: 'e-1', status: 'Approved', timestamp: at + 5 }), outcome: 'repeated', status: 'In Progress' },
		{ name: 'the same body with another id', event: event({ event_id: 'e-2' }), outcome: 'unchanged', status: 'In Progress' },
		{ name: 'an older event', event: event({ status: 'Not Started', timestamp: at - 5 }), outcome: 'stale', status: 'In Progress' },
		{ name: 'an unknown status', event: event({ status: 'Levitating', timestamp: at + 1 }), outcome: 'unknown_status', status: 'In Progress' },
		{ name: 'in review', event: event({ status: 'In Review', timestamp: at + 1 }), outcome: 'applied', status: 'In Review' },
		{ name: 'resubmitted', event: event({ status: 'Resubmitted', timestamp: at + 2, resubmit_info: { nodes_to_resubmit: [], reasons: {} } }), outcome: 'applied', status: 'Resubmitted' },
		{ name: 'waiting for the user', event: event({ status: 'Awaiting User', timestamp: at + 3 }), outcome: 'applied', status: 'Awaiting User' },
		{ name: 'an event about a user', event: event({ webhook_type: 'user.status.updated', status: 'Approved', timestamp: at + 4 }), outcome: 'not_tracked', status: 'Awaiting User' },
		{ name: 'an event about a business', event: event({ webhook_type: 'business.data.updated', session_id: undefined, vendor_business_id: 'b', status: undefined }), outcome: 'not_tracked', status: 'Awaiting User' },
		{ name: 'an event about a session of a business', event: event({ session_id: undefined, business_session_id: UNKNOWN_SESSION, session_kind: 'business', status: 'Approved', created_at: at }), outcome: 'not_tracked', status: 'Awaiting User' },
		{ name: 'an event about a transaction', event: event({ webhook_type: 'transaction.created', session_id: undefined, transaction_id: 't-1', status: undefined }), outcome: 'not_tracked', status: 'Awaiting User' },
		{ name: 'an unknown kind of event', event: event({ webhook_type: 'weather.changed', status: 'Approved' }), outcome: 'not_tracked', status: 'Awaiting User' },
		{ name: 'a test event', event: eventWithoutId({ session_id: UNKNOWN_SESSION, status: 'Approved', created_at: at, vendor_data: 'test-vendor-data-123', metadata: { test_webhook: true } }), headers: { 'x-didit-test-webhook': 'true' }, outcome: 'test', status: 'Awaiting User' },
		{ name: 'a test header, which is not signed, on a real event', event: event({ status: 'In Progress', timestamp: at + 5 }), headers: { 'x-didit-test-webhook': 'true' }, outcome: 'applied', status: 'In Progress' },
		{ name: 'an unknown session created long ago', event: event({ session_id: UNKNOWN_SESSION, created_at: at - 700 }), outcome: 'unknown_session', status: 'In Progress' },
		{ name: 'an unknown session created just now', event: event({ session_id: UNKNOWN_SESSION, created_at: at }), outcome: 'unknown_session', status: 'In Progress', http: 404 },
		{ name: 'corrected data', event: event({ webhook_type: 'data.updated', status: 'Approved', timestamp: at + 6 }), outcome: 'polled', status: 'Declined', reads: 1 },
	];
	app.didit.setStatus(session_id, 'Declined');
	for (const { name, event: sent, headers, outcome, status, http = 200, reads = 0 } of rows) {
		const before = [await count(outcome), app.didit.reads.length];
		expect(await app.sendEvent(sent, ['v2'], { headers }), http);
		assert.deepEqual([(await count(outcome)) - before[0], app.didit.reads.length - before[1]], [1, reads], name);
		assert.equal(await app.sessionStatus(email), status, name);
	}
	const stored = app.query('SELECT count(*), count(DISTINCT outcome) FROM provider_events').split('|').map(Number);
	assert.deepEqual(stored, [rows.filter(({ outcome, http }) => outcome !== 'repeated' && !http).length, 8], 'every event is stored, except repeated ones and those answered with 404');
});

test('when the poll fails, the event gets 503 and is stored only after a later poll succeeds', async (t) => {
	const app = await openV3(t);
	const email = newEmail();
	const { session_id } = await app.startSession(email);
	const event = app.didit.event(session_id, 'Approved');
	const session = app.didit.sessions.get(session_id);
	app.didit.sessions.delete(session_id);
	expect(await app.sendEvent(event, ['simple']), 503, 'unavailable');
	assert.equal(await app.sessionStatus(email), 'Not Started');
	app.didit.sessions.set(session_id, { ...session, status: 'Approved' });
	expect(await app.sendEvent(event, ['simple']), 200);
	assert.equal(await app.sessionStatus(email), 'Approved');
	expect(await app.sendEvent(event, ['simple']), 200);
	assert.equal(app.query('SELECT count(*) FROM provider_events'), '1');
});

test('event bodies are kept for KYCD_KEEP_EVENTS and are deleted when the person is erased', async (t) => {
	const rows = [
		{ keep: '0', stored: '0' },
		{ keep: '1h', stored: '2' },
	];
	for (const { keep, stored } of rows) {
		const app = await openV3(t, { settings: { KYCD_KEEP_EVENTS: keep } });
		const email = newEmail();
		const { session_id } = await app.startSession(email);
		for (const status of ['In Progress', 'Approved']) expect(await app.sendEvent(app.didit.event(session_id, status, { timestamp: now() + (status === 'Approved') }), ['v2']), 200);
		expect(await app.sendEvent(app.didit.event(UNKNOWN_SESSION, 'Approved', { created_at: 1 }), ['v2']), 200);
		assert.equal(app.query('SELECT count(*) FROM provider_event_bodies'), stored, keep);
		await app.server.run('user', 'erase', email, '--yes');
		assert.deepEqual(app.query('SELECT (SELECT count(*) FROM provider_event_bodies), (SELECT count(*) FROM provider_events)'), '0|3', keep);
	}
	const app = await openV3(t, { settings: { KYCD_KEEP_EVENTS: '1s' } });
	const { session_id } = await app.startSession(newEmail());
	expect(await app.sendEvent(app.didit.event(session_id, 'In Progress'), ['raw']), 200);
	await until('the event body to be deleted', () => app.query('SELECT count(*) FROM provider_event_bodies') === '0');
	assert.equal(app.query('SELECT count(*), max(length(body_digest)) FROM provider_events'), '1|32', 'the event row with its digest stays');
});
