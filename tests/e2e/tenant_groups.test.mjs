// The tenants of a group share people, but each tenant must verify the e-mail address itself. Until then the answers do not reveal
// whether the person is known in the group.
import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';
import { median } from './lib/wait.mjs';

/** Two tenants in one group and one outside it. */
async function openTenants(t) {
	const app = await App.open(t, { tenant: null });
	const tenants = {
		one: { key: await app.addTenant('one', '--group', 'network') },
		two: { key: await app.addTenant('two', '--group', 'network', '--monthly-quota', '0') },
		outside: { key: await app.addTenant('outside') },
	};
	return { app, ...tenants };
}

/** Sends a request about an address to every route and returns the answers without the headers that always differ. */
async function answersOf(app, tenant, email, { session_id } = {}) {
	const comparable = ({ http, text, headers }) => {
		const { date, 'x-request-id': id, 'retry-after': after, ...rest } = headers;
		return { http, text, rest };
	};
	const id = session_id ?? '7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b';
	return {
		status: comparable(await app.status(email, tenant)),
		statusByQuery: comparable(await app.call('GET', `/kyc/status?email=${email}`, tenant)),
		statusBySession: comparable(await app.post('/kyc/status', { session_id: id }, tenant)),
		create: comparable(await app.create(email, tenant)),
		send: comparable(await app.send(email, tenant)),
		verify: comparable(await app.verify(email, '123456', tenant)),
		prepare: comparable(await app.prepare(email, tenant)),
		again: comparable(await app.prepare(email, tenant)),
		createPrepared: comparable(await app.create(email, tenant)),
		statusPrepared: comparable(await app.status(email, tenant)),
		verifyPrepared: comparable(await app.verify(email, '123456', tenant)),
	};
}

test('before the verification every route answers the same for a known person and an unknown one', async (t) => {
	const { app, one, two, outside } = await openTenants(t);
	const known = [newEmail('known'), newEmail('known')];
	const session = await app.approvePerson(known[0], one);
	await app.approvePerson(known[1], one);

	for (const [tenant, email] of [[two, known[0]], [outside, known[1]]]) {
		const unknown = newEmail('known');
		assert.deepEqual(await answersOf(app, tenant, email, { session_id: session.session_id }), await answersOf(app, tenant, unknown));
	}
	assert.equal(expect(await app.prepare(known[0], two), 200).text, expect(await app.prepare(known[1], outside), 200).text);
	assert.deepEqual(expect(await app.prepare(known[0], two), 200).data, { email_verified: false, kyc_approved: false, kyc_status: 'pending' });
});

test('wrong guesses at one tenant do not use up the tries at another', async (t) => {
	const { app, one, two } = await openTenants(t);
	const email = newEmail();
	const code = await app.requestCode(email, one);
	expect(await app.prepare(email, two), 201, 'user_prepared');
	for (let i = 0; i < 10; i++) expect(await app.verify(email, '000000', two), 400, 'otp_expired');
	expect(await app.verify(email, code, two), 400, 'otp_expired');
	expect(await app.verify(email, code, one), 200);
	expect(await app.verify(email, code, two), 400, 'otp_expired');
});

test('after the verification the group\'s approval counts, without a provider call and without using quota', async (t) => {
	const { app, one, two, outside } = await openTenants(t);
	const email = newEmail();
	const { session_id } = await app.approvePerson(email, one);

	await app.verifyPerson(email, two);
	const answer = expect(await app.create(email, two), 200, 'kyc_already_approved'); // the tenant's quota is 0
	assert.deepEqual(answer.data.session, { session_id, session_url: null });
	assert.equal((await app.status(email, two)).data.approved, true);
	assert.equal(expect(await app.post('/kyc/status', { session_id }, two), 200).data.approved, true);
	// What the provider found out about the person's devices (ip_info) is returned only to the tenant that created the session.
	const ipInfo = async (who) => [(await app.status(email, who)).data.ip_info, expect(await app.post('/kyc/status', { session_id }, who), 200).data.ip_info,
		expect(await app.call('GET', `/kyc/status?email=${email}`, who), 200).data.ip_info];
	assert.ok((await ipInfo(one)).every(([first]) => first.ip_address.length > 0));
	assert.deepEqual(await ipInfo(two), [[], [], []]);
	assert.equal(app.didit.creates.length, 1);

	await app.verifyPerson(email, outside);
	expect(await app.status(email, outside), 404, 'kyc_not_found');
	expect(await app.post('/kyc/status', { session_id }, outside), 404, 'kyc_not_found');
	const own = expect(await app.create(email, outside), 201).data.session;
	assert.notEqual(own.session_id, session_id);
	assert.notEqual(app.didit.creates[0].params.vendor_data, app.didit.creates[1].params.vendor_data, 'Didit gets a different vendor_data for each group');
});

test('tenants of a group share an open session', async (t) => {
	const { app, one, two } = await openTenants(t);
	const email = newEmail();
	const session = await app.startSession(email, one);
	await app.verifyPerson(email, two);
	assert.deepEqual(expect(await app.create(email, two), 201).data.session, session);
	assert.equal(app.didit.creates.length, 1);
});

test('response times do not reveal whether a person is known', async (t) => {
	const { app, one, two, outside } = await openTenants(t);
	const N = 40;
	const agent = new Agent({ keepAlive: true, maxSockets: 1 });
	t.after(() => agent.destroy());
	const known = [];
	for (let i = 0; i < N; i++) known.push(newEmail('timed'));
	const batches = [];
	for (let i = 0; i < N; i += 8) batches.push(known.slice(i, i + 8));
	for (const batch of batches) await Promise.all(batch.map((email) => app.approvePerson(email, one)));

	const probes = {
		status: (email, tenant) => app.status(email, { ...tenant, agent }).then((answer) => expect(answer, 404, 'user_not_found')),
		create: (email, tenant) => app.create(email, { ...tenant, agent }).then((answer) => expect(answer, 403, 'user_not_prepared')),
		send: (email, tenant) => app.send(email, { ...tenant, agent }).then((answer) => expect(answer, 404, 'user_not_found')),
		verify: (email, tenant) => app.verify(email, '123456', { ...tenant, agent }).then((answer) => expect(answer, 404, 'user_not_found')),
		// This request is the last one, because it changes the state of the person.
		prepare: (email, tenant) => app.prepare(email, { ...tenant, agent }).then((answer) => expect(answer, 201, 'user_prepared')),
	};
	for (const [route, probe] of Object.entries(probes))
		for (const [name, tenant] of Object.entries({ two, outside })) {
			const durations = { known: [], unknown: [] };
			for (const email of known) {
				// The requests alternate, so that other load on the machine slows down both.
				durations.known.push((await probe(email, tenant)).ms);
				durations.unknown.push((await probe(newEmail('timed'), tenant)).ms);
			}
			const [a, b] = [median(durations.known), median(durations.unknown)];
			t.diagnostic(`${route} by ${name}: known ${a.toFixed(2)} ms, unknown ${b.toFixed(2)} ms`);
			assert.ok(Math.max(a, b) <= 2 * Math.min(a, b) + 1, `${route} by ${name}: ${a} ms and ${b} ms`);
		}
});
