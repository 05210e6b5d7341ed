// Provider events (webhooks) and the return page: signatures, order, duplicates, unknown sessions.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';

const now = () => Math.floor(Date.now() / 1000);

test('an event without a valid, recent signature is rejected with 401', async (t) => {
	const app = await App.open(t);
	const { session_id } = await app.startSession(newEmail());
	const { base } = app.server;
	const good = JSON.stringify(app.didit.event(session_id, 'Approved'));

	const refused = [
		{ name: 'another secret', options: { secret: 'not-the-secret' } },
		{ name: 'no signature', options: { signature: null } },
		{ name: 'an empty signature', options: { signature: '' } },
		{ name: 'a signature of zeros', options: { signature: '0'.repeat(64) } },
		{ name: 'the signature of another body', options: { signature: createHmac('sha256', app.didit.webhookSecret).update(`${good} `).digest('hex') } },
		{ name: 'half a signature', options: { signature: createHmac('sha256', app.didit.webhookSecret).update(good).digest('hex').slice(0, 32) } },
		{ name: 'no timestamp', options: { timestamp: null } },
		{ name: 'a timestamp that is not a number', options: { timestamp: 'now' } },
		{ name: 'a timestamp with a fraction', options: { timestamp: `${now()}.5` } },
		{ name: 'a timestamp too far in the past', options: { timestamp: now() - 305 } },
		{ name: 'a timestamp too far in the future', options: { timestamp: now() + 305 } },
	];
	for (const { name, options } of refused) {
		const answer = await app.didit.post(base, good, options);
		assert.equal(answer.http, 401, name);
		assert.equal(answer.word, 'invalid_signature', name);
	}
});

test('a rejected event changes nothing, and the valid event is accepted afterwards', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const { session_id } = await app.startSession(email);
	const event = app.didit.event(session_id, 'Approved');

	expect(await app.didit.post(app.server.base, event, { secret: 'x' }), 401);
	expect(await app.didit.post(app.server.base, event, { timestamp: now() - 400 }), 401);
	assert.equal((await app.status(email)).data.session_status, 'Not Started');
	assert.deepEqual((await app.didit.post(app.server.base, event)).json, { received: true });
	assert.equal((await app.status(email)).data.session_status, 'Approved');
});

test('a timestamp up to five minutes in the past or future is accepted', async (t) => {
	const app = await App.open(t);
	for (const offset of [-290, 290]) {
		const { session_id } = await app.startSession(newEmail());
		expect(await app.didit.post(app.server.base, app.didit.event(session_id, 'Approved'), { timestamp: now() + offset }), 200);
	}
});

test('invalid JSON with a valid signature gets 400', async (t) => {
	const app = await App.open(t);
	const { session_id } = await app.startSession(newEmail());
	const invalidBodies = ['', '{', 'null', '[]', '"x"', '{}', '{"status":"Approved"}', `{"session_id":"${session_id}"}`, '{"session_id":7,"status":"Approved"}',
		`{"session_id":"../${session_id}","status":"Approved"}`, `{"session_id":"${session_id}","status":"Approved","status":"Declined"}`, '['.repeat(60_000)];
	for (const body of invalidBodies) expect(await app.didit.post(app.server.base, body), 400, 'bad_request');
	expect(await app.didit.post(app.server.base, `${'['.repeat(100_000)}`), 413, 'payload_too_large');
});

test('an event for an unknown session gets 404 while the session is recent, so that Didit retries; later 200', async (t) => {
	const app = await App.open(t);
	const unknownId = '7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b';
	const cases = [
		{ created_at: now(), http: 404 },
		{ created_at: now() - 590, http: 404 },
		{ created_at: now() - 610, http: 200 },
		{ created_at: undefined, http: 200 },
	];
	for (const { created_at, http } of cases) {
		const answer = await app.didit.post(app.server.base, app.didit.event(unknownId, 'Approved', { created_at }));
		assert.equal(answer.http, http, String(created_at));
		if (http === 404) assert.equal(answer.word, 'session_not_found');
	}
});

test('repeated and late events do not change the status', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const { session_id } = await app.startSession(email);
	const { base } = app.server;
	const at = now();
	const sendEvent = (status, timestamp) => app.didit.post(base, app.didit.event(session_id, status, { timestamp }));
	const sessionStatus = async () => (await app.status(email)).data.session_status;

	const approved = app.didit.event(session_id, 'Approved', { timestamp: at });
	for (let i = 0; i < 3; i++) expect(await app.didit.post(base, approved), 200);
	assert.equal(await sessionStatus(), 'Approved');
	expect(await sendEvent('In Progress', at - 60), 200);
	expect(await sendEvent('In Review', at - 30), 200);
	expect(await sendEvent('Not Started', at - 90), 200);
	assert.equal(await sessionStatus(), 'Approved', 'events with an earlier timestamp are ignored');
	expect(await sendEvent('Something New', at + 5), 200);
	assert.equal(await sessionStatus(), 'Approved', 'an unknown status is ignored');
	await Promise.all(Array.from({ length: 20 }, () => app.didit.post(base, approved)));
	assert.equal(await sessionStatus(), 'Approved');
	expect(await sendEvent('Declined', at + 10), 200);
	assert.equal(await sessionStatus(), 'Declined', 'a later event replaces the approval');
	expect(await app.didit.post(base, approved), 200);
	assert.equal(await sessionStatus(), 'Declined');
});

test('the same events in any order lead to the same status', async (t) => {
	const app = await App.open(t);
	const at = now();
	const events = [['Not Started', 0], ['In Progress', 1], ['In Review', 2], ['Approved', 3]];
	const orders = [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1], [3, 0, 3, 1, 2, 2]];
	for (const order of orders) {
		const email = newEmail();
		const { session_id } = await app.startSession(email);
		for (const i of order) {
			const [status, later] = events[i];
			expect(await app.didit.post(app.server.base, app.didit.event(session_id, status, { timestamp: at + later })), 200);
		}
		const { status, approved, session_url } = (await app.status(email)).data;
		assert.deepEqual({ status, approved, session_url }, { status: 'approved', approved: true, session_url: null }, order.join());
	}
});

test('every Didit status maps to an API status', async (t) => {
	const app = await App.open(t);
	const statuses = {
		'Not Started': 'pending', 'In Progress': 'pending', 'Awaiting User': 'pending', Resubmitted: 'pending', 'In Review': 'in_review',
		Approved: 'approved', Declined: 'declined', Expired: 'expired', Abandoned: 'expired', 'Kyc Expired': 'expired',
	};
	const final = ['Approved', 'Declined', 'Expired', 'Abandoned', 'Kyc Expired'];
	for (const [session_status, status] of Object.entries(statuses)) {
		const email = newEmail();
		const session = await app.startSession(email);
		expect(await app.didit.sendStatusEvent(app.server.base, session.session_id, session_status), 200);
		const { data } = await app.status(email);
		assert.deepEqual(
			[data.session_status, data.status, data.approved, data.session_url],
			[session_status, status, session_status === 'Approved', final.includes(session_status) ? null : session.session_url],
		);
		const again = await app.create(email);
		if (session_status === 'Approved') expect(again, 200, 'kyc_already_approved');
		else if (final.includes(session_status)) assert.notEqual(expect(again, 201).data.session.session_id, session.session_id, session_status);
		else assert.deepEqual(expect(again, 201).data.session, session, session_status);
	}
});

test('after an approval expires, a new session decides the status', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const first = await app.approvePerson(email);
	expect(await app.didit.sendStatusEvent(app.server.base, first.session_id, 'Kyc Expired', { timestamp: now() + 1 }), 200);
	assert.deepEqual([(await app.status(email)).data.status, (await app.status(email)).data.approved], ['expired', false]);
	const second = expect(await app.create(email), 201).data.session;
	assert.notEqual(second.session_id, first.session_id);
	expect(await app.didit.sendStatusEvent(app.server.base, first.session_id, 'In Progress', { timestamp: now() + 2 }), 200);
	assert.equal((await app.status(email)).data.session_id, second.session_id, 'the older session no longer decides');
	expect(await app.didit.sendStatusEvent(app.server.base, second.session_id, 'Approved'), 200);
	assert.equal((await app.status(email)).data.approved, true);
});

test('during a secret rotation both webhook secrets are accepted', async (t) => {
	const [old, young] = ['o'.repeat(40), 'y'.repeat(40)];
	const app = await App.open(t, { didit: { webhookSecret: `${young},${old}` } });
	for (const secret of [old, young]) {
		const { session_id } = await app.startSession(newEmail());
		expect(await app.didit.post(app.server.base, app.didit.event(session_id, 'Approved'), { secret }), 200);
	}
	const { session_id } = await app.startSession(newEmail());
	expect(await app.didit.post(app.server.base, app.didit.event(session_id, 'Approved')), 401);
});

test('with webhook secret "none" events get 404, and the return page polls the decision', async (t) => {
	const app = await App.open(t, { settings: { KYCD_DIDIT_WEBHOOK_SECRET: 'none' } });
	const email = newEmail();
	const { session_id } = await app.startSession(email);
	for (const secret of ['none', app.didit.webhookSecret])
		expect(await app.didit.post(app.server.base, app.didit.event(session_id, 'Approved'), { secret }), 404, 'route_not_found');
	assert.equal((await app.status(email)).data.session_status, 'Not Started');
	app.didit.setStatus(session_id, 'Approved');
	expect(await app.call('GET', `/return?verificationSessionId=${session_id}&status=Declined`, { key: null }), 200);
	assert.equal((await app.status(email)).data.approved, true);
});

test('the return page polls the decision once and redirects to the return URL of the tenant', async (t) => {
	const app = await App.open(t, { tenant: null });
	const withQuery = { key: await app.addTenant('back', '--return-url', 'https://shop.example/kyc?step=3') };
	const plain = { key: await app.addTenant('plain', '--return-url', 'https://plain.example/done') };
	const withoutUrl = { key: await app.addTenant('nowhere') };
	const openReturnPage = (query) => app.call('GET', `/return${query}`, { key: null });

	const cases = [
		{ tenant: withQuery, location: (id) => `https://shop.example/kyc?step=3&session_id=${id}` },
		{ tenant: plain, location: (id) => `https://plain.example/done?session_id=${id}` },
	];
	for (const { tenant, location } of cases) {
		const email = newEmail();
		const { session_id } = await app.startSession(email, tenant);
		app.didit.setStatus(session_id, 'Approved');
		const before = app.didit.reads.length;
		for (let i = 0; i < 3; i++) {
			const answer = expect(await openReturnPage(`?verificationSessionId=${session_id}&status=Declined`), 303);
			assert.equal(answer.headers.location, location(session_id));
		}
		assert.equal(app.didit.reads.length, before + 1, 'one poll in ten seconds');
		assert.equal((await app.status(email, tenant)).data.approved, true, 'the status comes from Didit, not from the query');
	}

	const { session_id } = await app.startSession(newEmail(), withoutUrl);
	const page = expect(await openReturnPage(`?verificationSessionId=${session_id}&status=Approved`), 200);
	const unknownQueries = ['', '?verificationSessionId=', '?verificationSessionId=nobody', '?verificationSessionId=7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b&status=Approved',
		'?verificationSessionId=%00%ff', '?verificationSessionId=../../x', `?verificationSessionId=${'a'.repeat(4000)}`, '?verificationSessionId=%'];
	for (const query of unknownQueries) assert.equal(expect(await openReturnPage(query), 200).text, page.text, `the same page for ${query.slice(0, 60)}`);
	assert.match(page.headers['content-type'], /^text\/html/);
	assert.doesNotMatch(page.text, /<script|Approved|Declined|example\.com/i);
	assert.ok(!page.text.includes(session_id));
	assert.match(page.headers['content-security-policy'], /default-src 'none'/);
});

test('ip_info has one item per IP address, and none without an address', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const { session_id } = await app.startSession(email);
	app.didit.setStatus(session_id, 'Approved', { location: { ...app.didit.decision(session_id).location, ip_address: null } });
	expect(await app.didit.post(app.server.base, app.didit.event(session_id, 'Approved')), 200);
	assert.deepEqual((await app.status(email)).data.ip_info, []);

	const other = newEmail();
	const second = await app.startSession(other);
	app.didit.setStatus(second.session_id, 'Approved', { location: { ip_address: '2001:db8::7', is_vpn_or_tor: true, platform: 'desktop', device_brand: null } });
	expect(await app.didit.post(app.server.base, app.didit.event(second.session_id, 'Approved')), 200);
	assert.deepEqual((await app.status(other)).data.ip_info, [{
		ip_address: '2001:db8::7', ip_country: null, ip_state: null, ip_city: null, platform: 'desktop',
		device_brand: null, device_model: null, is_vpn_or_tor: true, is_data_center: null,
	}]);
});
