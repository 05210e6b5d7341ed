// What Didit tells us, and what newEmail tells us who is not Didit.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';

const now = () => Math.floor(Date.now() / 1000);

test('only what Didit signed just now is heard', async (t) => {
	const app = await App.open(t);
	const { session_id } = await app.started(newEmail());
	const { base } = app.server;
	const good = JSON.stringify(app.didit.event(session_id, 'Approved'));

	const refused = [
		{ says: 'another secret', by: { secret: 'not-the-secret' } },
		{ says: 'no signature', by: { signature: null } },
		{ says: 'an empty signature', by: { signature: '' } },
		{ says: 'a signature of nothing', by: { signature: '0'.repeat(64) } },
		{ says: 'the signature of another body', by: { signature: createHmac('sha256', app.didit.webhookSecret).update(`${good} `).digest('hex') } },
		{ says: 'half a signature', by: { signature: createHmac('sha256', app.didit.webhookSecret).update(good).digest('hex').slice(0, 32) } },
		{ says: 'no time', by: { timestamp: null } },
		{ says: 'a time that is none', by: { timestamp: 'now' } },
		{ says: 'a time with a fraction', by: { timestamp: `${now()}.5` } },
		{ says: 'too old', by: { timestamp: now() - 305 } },
		{ says: 'too early', by: { timestamp: now() + 305 } },
	];
	for (const { says, by } of refused) {
		const answer = await app.didit.post(base, good, by);
		assert.equal(answer.http, 401, says);
		assert.equal(answer.word, 'invalid_signature', says);
	}
});

test('a refused event changes nothing, and the right one is still taken', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const { session_id } = await app.started(email);
	const event = app.didit.event(session_id, 'Approved');

	expect(await app.didit.post(app.server.base, event, { secret: 'x' }), 401);
	expect(await app.didit.post(app.server.base, event, { timestamp: now() - 400 }), 401);
	assert.equal((await app.status(email)).data.session_status, 'Not Started');
	assert.deepEqual((await app.didit.post(app.server.base, event)).json, { received: true });
	assert.equal((await app.status(email)).data.session_status, 'Approved');
});

test('a time within five minutes is fresh, to either side', async (t) => {
	const app = await App.open(t);
	for (const off of [-290, 290]) {
		const { session_id } = await app.started(newEmail());
		expect(await app.didit.post(app.server.base, app.didit.event(session_id, 'Approved'), { timestamp: now() + off }), 200);
	}
});

test('bad JSON with a right signature is 400', async (t) => {
	const app = await App.open(t);
	const { session_id } = await app.started(newEmail());
	const bad = ['', '{', 'null', '[]', '"x"', '{}', '{"status":"Approved"}', `{"session_id":"${session_id}"}`, '{"session_id":7,"status":"Approved"}',
		`{"session_id":"../${session_id}","status":"Approved"}`, `{"session_id":"${session_id}","status":"Approved","status":"Declined"}`, '['.repeat(60_000)];
	for (const body of bad) expect(await app.didit.post(app.server.base, body), 400, 'bad_request');
	expect(await app.didit.post(app.server.base, `${'['.repeat(100_000)}`), 413, 'payload_too_large');
});

test('a session that nobody knows: young 404, so that Didit comes again; old 200', async (t) => {
	const app = await App.open(t);
	const stranger = '7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b';
	const rows = [
		{ created_at: now(), http: 404 },
		{ created_at: now() - 590, http: 404 },
		{ created_at: now() - 610, http: 200 },
		{ created_at: undefined, http: 200 },
	];
	for (const { created_at, http } of rows) {
		const answer = await app.didit.post(app.server.base, app.didit.event(stranger, 'Approved', { created_at }));
		assert.equal(answer.http, http, String(created_at));
		if (http === 404) assert.equal(answer.word, 'session_not_found');
	}
});

test('an event that comes again, late or twice changes nothing', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const { session_id } = await app.started(email);
	const { base } = app.server;
	const at = now();
	const say = (status, timestamp) => app.didit.post(base, app.didit.event(session_id, status, { timestamp }));
	const standing = async () => (await app.status(email)).data.session_status;

	const approved = app.didit.event(session_id, 'Approved', { timestamp: at });
	for (let i = 0; i < 3; i++) expect(await app.didit.post(base, approved), 200);
	assert.equal(await standing(), 'Approved');
	expect(await say('In Progress', at - 60), 200);
	expect(await say('In Review', at - 30), 200);
	expect(await say('Not Started', at - 90), 200);
	assert.equal(await standing(), 'Approved', 'what happened before is not what is');
	expect(await say('Something New', at + 5), 200);
	assert.equal(await standing(), 'Approved', 'a word that nobody knows says nothing');
	await Promise.all(Array.from({ length: 20 }, () => app.didit.post(base, approved)));
	assert.equal(await standing(), 'Approved');
	expect(await say('Declined', at + 10), 200);
	assert.equal(await standing(), 'Declined', 'newEmail at Didit took it back');
	expect(await app.didit.post(base, approved), 200);
	assert.equal(await standing(), 'Declined');
});

test('any order of the same events ends the same', async (t) => {
	const app = await App.open(t);
	const at = now();
	const story = [['Not Started', 0], ['In Progress', 1], ['In Review', 2], ['Approved', 3]];
	const orders = [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1], [3, 0, 3, 1, 2, 2]];
	for (const order of orders) {
		const email = newEmail();
		const { session_id } = await app.started(email);
		for (const i of order) {
			const [status, later] = story[i];
			expect(await app.didit.post(app.server.base, app.didit.event(session_id, status, { timestamp: at + later })), 200);
		}
		const { status, approved, session_url } = (await app.status(email)).data;
		assert.deepEqual({ status, approved, session_url }, { status: 'approved', approved: true, session_url: null }, order.join());
	}
});

test('every status of Didit has its word', async (t) => {
	const app = await App.open(t);
	const words = {
		'Not Started': 'pending', 'In Progress': 'pending', 'Awaiting User': 'pending', Resubmitted: 'pending', 'In Review': 'in_review',
		Approved: 'approved', Declined: 'declined', Expired: 'expired', Abandoned: 'expired', 'Kyc Expired': 'expired',
	};
	const final = ['Approved', 'Declined', 'Expired', 'Abandoned', 'Kyc Expired'];
	for (const [session_status, status] of Object.entries(words)) {
		const email = newEmail();
		const session = await app.started(email);
		expect(await app.didit.tell(app.server.base, session.session_id, session_status), 200);
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

test('an approval that runs out is none, and the next session counts', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const first = await app.approved(email);
	expect(await app.didit.tell(app.server.base, first.session_id, 'Kyc Expired', { timestamp: now() + 1 }), 200);
	assert.deepEqual([(await app.status(email)).data.status, (await app.status(email)).data.approved], ['expired', false]);
	const second = expect(await app.create(email), 201).data.session;
	assert.notEqual(second.session_id, first.session_id);
	expect(await app.didit.tell(app.server.base, first.session_id, 'In Progress', { timestamp: now() + 2 }), 200);
	assert.equal((await app.status(email)).data.session_id, second.session_id, 'the older one is history');
	expect(await app.didit.tell(app.server.base, second.session_id, 'Approved'), 200);
	assert.equal((await app.status(email)).data.approved, true);
});

test('two secrets are taken while one replaces the other', async (t) => {
	const [old, young] = ['o'.repeat(40), 'y'.repeat(40)];
	const app = await App.open(t, { didit: { webhookSecret: `${young},${old}` } });
	for (const secret of [old, young]) {
		const { session_id } = await app.started(newEmail());
		expect(await app.didit.post(app.server.base, app.didit.event(session_id, 'Approved'), { secret }), 200);
	}
	const { session_id } = await app.started(newEmail());
	expect(await app.didit.post(app.server.base, app.didit.event(session_id, 'Approved')), 401);
});

test('with "none" for a secret events are not taken, and the return reads the decision', async (t) => {
	const app = await App.open(t, { settings: { KYCD_DIDIT_WEBHOOK_SECRET: 'none' } });
	const email = newEmail();
	const { session_id } = await app.started(email);
	for (const secret of ['none', app.didit.webhookSecret])
		expect(await app.didit.post(app.server.base, app.didit.event(session_id, 'Approved'), { secret }), 404, 'route_not_found');
	assert.equal((await app.status(email)).data.session_status, 'Not Started');
	app.didit.settle(session_id, 'Approved');
	expect(await app.call('GET', `/return?verificationSessionId=${session_id}&status=Declined`, { key: null }), 200);
	assert.equal((await app.status(email)).data.approved, true);
});

test('the way back: the decision is read once, and the person goes where the tenant says', async (t) => {
	const app = await App.open(t, { tenant: null });
	const back = { key: await app.addTenant('back', '--return-url', 'https://shop.example/kyc?step=3') };
	const plain = { key: await app.addTenant('plain', '--return-url', 'https://plain.example/done') };
	const nowhere = { key: await app.addTenant('nowhere') };
	const go = (query) => app.call('GET', `/return${query}`, { key: null });

	const rows = [
		{ who: back, location: (id) => `https://shop.example/kyc?step=3&session_id=${id}` },
		{ who: plain, location: (id) => `https://plain.example/done?session_id=${id}` },
	];
	for (const { who, location } of rows) {
		const email = newEmail();
		const { session_id } = await app.started(email, who);
		app.didit.settle(session_id, 'Approved');
		const before = app.didit.reads.length;
		for (let i = 0; i < 3; i++) {
			const answer = expect(await go(`?verificationSessionId=${session_id}&status=Declined`), 303);
			assert.equal(answer.headers.location, location(session_id));
		}
		assert.equal(app.didit.reads.length, before + 1, 'one reading in ten seconds');
		assert.equal((await app.status(email, who)).data.approved, true, 'what the address says is not believed, what Didit says is');
	}

	const { session_id } = await app.started(newEmail(), nowhere);
	const page = expect(await go(`?verificationSessionId=${session_id}&status=Approved`), 200);
	const strangers = ['', '?verificationSessionId=', '?verificationSessionId=nobody', '?verificationSessionId=7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b&status=Approved',
		'?verificationSessionId=%00%ff', '?verificationSessionId=../../x', `?verificationSessionId=${'a'.repeat(4000)}`, '?verificationSessionId=%'];
	for (const query of strangers) assert.equal(expect(await go(query), 200).text, page.text, `the same page for ${query.slice(0, 60)}`);
	assert.match(page.headers['content-type'], /^text\/html/);
	assert.doesNotMatch(page.text, /<script|Approved|Declined|example\.com/i);
	assert.ok(!page.text.includes(session_id));
	assert.match(page.headers['content-security-policy'], /default-src 'none'/);
});

test('one address, one item; what has no address is left out', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const { session_id } = await app.started(email);
	app.didit.settle(session_id, 'Approved', { location: { ...app.didit.decision(session_id).location, ip_address: null } });
	expect(await app.didit.post(app.server.base, app.didit.event(session_id, 'Approved')), 200);
	assert.deepEqual((await app.status(email)).data.ip_info, []);

	const other = newEmail();
	const second = await app.started(other);
	app.didit.settle(second.session_id, 'Approved', { location: { ip_address: '2001:db8::7', is_vpn_or_tor: true, platform: 'desktop', device_brand: null } });
	expect(await app.didit.post(app.server.base, app.didit.event(second.session_id, 'Approved')), 200);
	assert.deepEqual((await app.status(other)).data.ip_info, [{
		ip_address: '2001:db8::7', ip_country: null, ip_state: null, ip_city: null, platform: 'desktop',
		device_brand: null, device_model: null, is_vpn_or_tor: true, is_data_center: null,
	}]);
});
