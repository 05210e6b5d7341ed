// Events of Didit's later versions: three signatures, ids, kinds, and what is kept of them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { ask } from './lib/database.mjs';
import { App, expect, newEmail } from './lib/app.mjs';
import { body, schemes } from './lib/signing.mjs';
import { until } from './lib/wait.mjs';

const now = () => Math.floor(Date.now() / 1000);
const STRANGER = '7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b';

async function later(t, more = {}) {
	const app = await App.open(t, { didit: { version: 'v3', ...more.didit }, settings: more.settings });
	/** Signs by these schemes, and posts. */
	app.say = (event, by, { timestamp = now(), secret = app.didit.webhookSecret, bytes = body(event), headers = {} } = {}) =>
		app.didit.send(app.server.base, bytes, Object.assign(Object.fromEntries(by.flatMap((name) => Object.entries(schemes[name](secret, bytes, timestamp)))), headers), timestamp);
	app.standing = async (email) => (await app.status(email)).data.session_status;
	app.ask = (question) => ask(app, question);
	return app;
}

test('one of the three suffices; with Simple alone the provider is asked', async (t) => {
	const app = await later(t);
	const rows = [
		{ by: ['raw'], reads: 0 }, { by: ['v2'], reads: 0 }, { by: ['stamped'], reads: 0 }, { by: ['raw', 'v2', 'simple'], reads: 0 },
		{ by: ['stamped', 'simple'], reads: 0 }, { by: ['simple'], reads: 1 },
	];
	for (const { by, reads } of rows) {
		const email = newEmail();
		const { session_id } = await app.started(email);
		const before = app.didit.reads.length;
		const event = app.didit.event(session_id, 'In Review', { note: 'é / \u2028 😀', score: 97, extra: { b: [1, 2.5], a: null } });
		app.didit.settle(session_id, reads ? 'Declined' : 'Not Started');
		expect(await app.say(event, by), 200);
		assert.equal(app.didit.reads.length - before, reads, by.join());
		assert.equal(await app.standing(email), reads ? 'Declined' : 'In Review', by.join());
	}
});

test('a body that was written anew on the way is known by V2, and no more by X-Signature', async (t) => {
	const app = await later(t);
	const email = newEmail();
	const { session_id } = await app.started(email);
	const event = app.didit.event(session_id, 'Approved', { name: 'José', score: 97 });
	const signed = schemes.v2(app.didit.webhookSecret, body(event));
	const anew = JSON.stringify(event, null, 2).replace('"score": 97', '"score": 97.0');
	expect(await app.didit.send(app.server.base, anew, schemes.raw(app.didit.webhookSecret, body(event))), 401, 'invalid_signature');
	expect(await app.didit.send(app.server.base, anew.replace('Approved', 'Declined'), signed), 401, 'invalid_signature');
	expect(await app.didit.send(app.server.base, anew, signed), 200);
	assert.equal(await app.standing(email), 'Approved');
	assert.equal((await app.status(email)).data.ip_info[0].ip_address, '203.0.113.24', 'the decision came along');
});

test('what is not quite right is refused, each scheme by itself', async (t) => {
	const app = await later(t);
	const email = newEmail();
	const { session_id } = await app.started(email);
	const event = app.didit.event(session_id, 'Approved');
	const bytes = body(event);
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
	assert.equal(await app.standing(email), 'Not Started');
	assert.equal(app.didit.reads.length, 0);
	for (const timestamp of [now() - 290, now() + 290]) expect(await app.say(event, ['v2'], { timestamp }), 200);
	assert.equal(await app.standing(email), 'Approved');
});

test('two secrets are taken by each scheme while one replaces the other', async (t) => {
	const [old, young] = ['o'.repeat(40), 'y'.repeat(40)];
	const app = await later(t, { didit: { webhookSecret: `${young},${old}` } });
	for (const secret of [old, young])
		for (const scheme of ['raw', 'v2', 'stamped', 'simple']) {
			const { session_id } = await app.started(newEmail());
			expect(await app.say(app.didit.event(session_id, 'In Progress'), [scheme], { secret }), 200);
		}
});

test('v1 takes X-Signature alone', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const { session_id } = await app.started(email);
	const bytes = body(app.didit.event(session_id, 'Approved'));
	const secret = app.didit.webhookSecret;
	for (const scheme of ['v2', 'stamped', 'simple'])
		expect(await app.didit.send(app.server.base, bytes, schemes[scheme](secret, bytes, now())), 401, 'invalid_signature');
	expect(await app.didit.send(app.server.base, bytes, { ...schemes.raw(secret, bytes), 'x-signature-v2': ['0', '1'] }), 200);
	assert.equal((await app.status(email)).data.session_status, 'Approved');
});

test('what an event is about decides what comes of it', async (t) => {
	const app = await later(t);
	const email = newEmail();
	const { session_id } = await app.started(email);
	const at = now();
	const event = (more) => app.didit.event(session_id, 'In Progress', { timestamp: at, ...more });
	const bare = (more) => ({ ...event(more), event_id: undefined });
	const count = (outcome) => app.server.metric('kycd_provider_events_total', { outcome });

	const rows = [
		{ says: 'the first', event: event({ event_id: 'e-1' }), outcome: 'applied', status: 'In Progress' },
		{ says: 'the same again', event: event({ event_id: 'e-1' }), outcome: 'repeated', status: 'In Progress' },
		{ says: 'the same id, another body', event: event({ event_id: 'e-1', status: 'Approved', timestamp: at + 5 }), outcome: 'repeated', status: 'In Progress' },
		{ says: 'sent again under another id', event: event({ event_id: 'e-2' }), outcome: 'unchanged', status: 'In Progress' },
		{ says: 'an older one', event: event({ status: 'Not Started', timestamp: at - 5 }), outcome: 'stale', status: 'In Progress' },
		{ says: 'a word of tomorrow', event: event({ status: 'Levitating', timestamp: at + 1 }), outcome: 'unknown_status', status: 'In Progress' },
		{ says: 'resubmitted after a review', event: event({ status: 'In Review', timestamp: at + 1 }), outcome: 'applied', status: 'In Review' },
		{ says: 'resubmitted', event: event({ status: 'Resubmitted', timestamp: at + 2, resubmit_info: { nodes_to_resubmit: [], reasons: {} } }), outcome: 'applied', status: 'Resubmitted' },
		{ says: 'waiting for the user', event: event({ status: 'Awaiting User', timestamp: at + 3 }), outcome: 'applied', status: 'Awaiting User' },
		{ says: 'a person of the console', event: event({ webhook_type: 'user.status.updated', status: 'Approved', timestamp: at + 4 }), outcome: 'not_tracked', status: 'Awaiting User' },
		{ says: 'a business', event: event({ webhook_type: 'business.data.updated', session_id: undefined, vendor_business_id: 'b', status: undefined }), outcome: 'not_tracked', status: 'Awaiting User' },
		{ says: 'a session of a business', event: event({ session_id: undefined, business_session_id: STRANGER, session_kind: 'business', status: 'Approved', created_at: at }), outcome: 'not_tracked', status: 'Awaiting User' },
		{ says: 'a transaction', event: event({ webhook_type: 'transaction.created', session_id: undefined, transaction_id: 't-1', status: undefined }), outcome: 'not_tracked', status: 'Awaiting User' },
		{ says: 'a kind of tomorrow', event: event({ webhook_type: 'weather.changed', status: 'Approved' }), outcome: 'not_tracked', status: 'Awaiting User' },
		{ says: 'a test', event: bare({ session_id: STRANGER, status: 'Approved', created_at: at, vendor_data: 'test-vendor-data-123', metadata: { test_webhook: true } }), headers: { 'x-didit-test-webhook': 'true' }, outcome: 'test', status: 'Awaiting User' },
		{ says: 'a mark that nobody signed', event: event({ status: 'In Progress', timestamp: at + 5 }), headers: { 'x-didit-test-webhook': 'true' }, outcome: 'applied', status: 'In Progress' },
		{ says: 'an old stranger', event: event({ session_id: STRANGER, created_at: at - 700 }), outcome: 'unknown_session', status: 'In Progress' },
		{ says: 'a young stranger', event: event({ session_id: STRANGER, created_at: at }), outcome: 'unknown_session', status: 'In Progress', http: 404 },
		{ says: 'corrected data', event: event({ webhook_type: 'data.updated', status: 'Approved', timestamp: at + 6 }), outcome: 'polled', status: 'Declined', reads: 1 },
	];
	app.didit.settle(session_id, 'Declined');
	for (const { says, event: said, headers, outcome, status, http = 200, reads = 0 } of rows) {
		const before = [await count(outcome), app.didit.reads.length];
		expect(await app.say(said, ['v2'], { headers }), http);
		assert.deepEqual([(await count(outcome)) - before[0], app.didit.reads.length - before[1]], [1, reads], says);
		assert.equal(await app.standing(email), status, says);
	}
	const journal = app.ask('SELECT count(*), count(DISTINCT outcome) FROM provider_events').split('|').map(Number);
	assert.deepEqual(journal, [rows.filter(({ outcome, http }) => outcome !== 'repeated' && !http).length, 8], 'all but what was repeated or is to come again');
});

test('when the provider does not tell, the event is asked for once more, and only then noted', async (t) => {
	const app = await later(t);
	const email = newEmail();
	const { session_id } = await app.started(email);
	const event = app.didit.event(session_id, 'Approved');
	const session = app.didit.sessions.get(session_id);
	app.didit.sessions.delete(session_id);
	expect(await app.say(event, ['simple']), 503, 'unavailable');
	assert.equal(await app.standing(email), 'Not Started');
	app.didit.sessions.set(session_id, { ...session, status: 'Approved' });
	expect(await app.say(event, ['simple']), 200);
	assert.equal(await app.standing(email), 'Approved');
	expect(await app.say(event, ['simple']), 200);
	assert.equal(app.ask('SELECT count(*) FROM provider_events'), '1');
});

test('bodies are kept for as long as is set, and go with the person', async (t) => {
	const rows = [
		{ keep: '0', kept: '0' },
		{ keep: '1h', kept: '2' },
	];
	for (const { keep, kept } of rows) {
		const app = await later(t, { settings: { KYCD_KEEP_EVENTS: keep } });
		const email = newEmail();
		const { session_id } = await app.started(email);
		for (const status of ['In Progress', 'Approved']) expect(await app.say(app.didit.event(session_id, status, { timestamp: now() + (status === 'Approved') }), ['v2']), 200);
		expect(await app.say(app.didit.event(STRANGER, 'Approved', { created_at: 1 }), ['v2']), 200);
		assert.equal(app.ask('SELECT count(*) FROM provider_event_bodies'), kept, keep);
		await app.server.run('user', 'erase', email, '--yes');
		assert.deepEqual(app.ask('SELECT (SELECT count(*) FROM provider_event_bodies), (SELECT count(*) FROM provider_events)'), '0|3', keep);
	}
	const app = await later(t, { settings: { KYCD_KEEP_EVENTS: '1s' } });
	const { session_id } = await app.started(newEmail());
	expect(await app.say(app.didit.event(session_id, 'In Progress'), ['raw']), 200);
	await until('the body to go', () => app.ask('SELECT count(*) FROM provider_event_bodies') === '0');
	assert.equal(app.ask('SELECT count(*), max(length(body_digest)) FROM provider_events'), '1|32', 'its note stays');
});
