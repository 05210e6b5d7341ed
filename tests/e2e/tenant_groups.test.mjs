// A person is shared inside a group of tenants, the proof is not: before it, nobody learns that the person is known.
import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';
import { median } from './lib/wait.mjs';

async function network(t) {
	const app = await App.open(t, { tenant: null });
	const tenants = {
		one: { key: await app.addTenant('one', '--group', 'network') },
		two: { key: await app.addTenant('two', '--group', 'network', '--monthly-quota', '0') },
		outside: { key: await app.addTenant('outside') },
	};
	return { app, ...tenants };
}

/** What is heard of an address on every route, without what differs by chance. */
async function hear(app, who, email, { session_id } = {}) {
	const said = ({ http, text, headers }) => {
		const { date, 'x-request-id': id, 'retry-after': after, ...rest } = headers;
		return { http, text, rest };
	};
	const id = session_id ?? '7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b';
	return {
		status: said(await app.status(email, who)),
		statusByQuery: said(await app.call('GET', `/kyc/status?email=${email}`, who)),
		statusBySession: said(await app.post('/kyc/status', { session_id: id }, who)),
		create: said(await app.create(email, who)),
		send: said(await app.send(email, who)),
		verify: said(await app.verify(email, '123456', who)),
		prepare: said(await app.prepare(email, who)),
		again: said(await app.prepare(email, who)),
		createPrepared: said(await app.create(email, who)),
		statusPrepared: said(await app.status(email, who)),
		verifyPrepared: said(await app.verify(email, '123456', who)),
	};
}

test('before the proof a known person is answered as a stranger, on every route', async (t) => {
	const { app, one, two, outside } = await network(t);
	const known = [newEmail('known'), newEmail('known')];
	const session = await app.approved(known[0], one);
	await app.approved(known[1], one);

	for (const [who, email] of [[two, known[0]], [outside, known[1]]]) {
		const stranger = newEmail('known');
		assert.deepEqual(await hear(app, who, email, { session_id: session.session_id }), await hear(app, who, stranger));
	}
	assert.equal(expect(await app.prepare(known[0], two), 200).text, expect(await app.prepare(known[1], outside), 200).text);
	assert.deepEqual(expect(await app.prepare(known[0], two), 200).data, { email_verified: false, kyc_approved: false, kyc_status: 'pending' });
});

test('a wrong guess of one tenant does not spend the tries of another', async (t) => {
	const { app, one, two } = await network(t);
	const email = newEmail();
	const code = await app.coded(email, one);
	expect(await app.prepare(email, two), 201, 'user_prepared');
	for (let i = 0; i < 10; i++) expect(await app.verify(email, '000000', two), 400, 'otp_expired');
	expect(await app.verify(email, code, two), 400, 'otp_expired');
	expect(await app.verify(email, code, one), 200);
	expect(await app.verify(email, code, two), 400, 'otp_expired');
});

test('after the proof the group\'s approval counts: no call, no unit', async (t) => {
	const { app, one, two, outside } = await network(t);
	const email = newEmail();
	const { session_id } = await app.approved(email, one);

	await app.proven(email, two);
	const answer = expect(await app.create(email, two), 200, 'kyc_already_approved'); // its quota is nought
	assert.deepEqual(answer.data.session, { session_id, session_url: null });
	assert.equal((await app.status(email, two)).data.approved, true);
	assert.equal(expect(await app.post('/kyc/status', { session_id }, two), 200).data.approved, true);
	assert.equal(app.didit.creates.length, 1);

	await app.proven(email, outside);
	expect(await app.status(email, outside), 404, 'kyc_not_found');
	expect(await app.post('/kyc/status', { session_id }, outside), 404, 'kyc_not_found');
	const own = expect(await app.create(email, outside), 201).data.session;
	assert.notEqual(own.session_id, session_id);
	assert.notEqual(app.didit.creates[0].asked.vendor_data, app.didit.creates[1].asked.vendor_data, 'two persons to Didit too');
});

test('an open session is shared inside the group', async (t) => {
	const { app, one, two } = await network(t);
	const email = newEmail();
	const session = await app.started(email, one);
	await app.proven(email, two);
	assert.deepEqual(expect(await app.create(email, two), 201).data.session, session);
	assert.equal(app.didit.creates.length, 1);
});

test('the time an answer takes tells no more than its words', async (t) => {
	const { app, one, two, outside } = await network(t);
	const N = 40;
	const agent = new Agent({ keepAlive: true, maxSockets: 1 });
	t.after(() => agent.destroy());
	const known = [];
	for (let i = 0; i < N; i++) known.push(newEmail('timed'));
	const batches = [];
	for (let i = 0; i < N; i += 8) batches.push(known.slice(i, i + 8));
	for (const batch of batches) await Promise.all(batch.map((email) => app.approved(email, one)));

	const probes = {
		status: (email, who) => app.status(email, { ...who, agent }).then((answer) => expect(answer, 404, 'user_not_found')),
		create: (email, who) => app.create(email, { ...who, agent }).then((answer) => expect(answer, 403, 'user_not_prepared')),
		send: (email, who) => app.send(email, { ...who, agent }).then((answer) => expect(answer, 404, 'user_not_found')),
		verify: (email, who) => app.verify(email, '123456', { ...who, agent }).then((answer) => expect(answer, 404, 'user_not_found')),
		// Last: it changes what is known.
		prepare: (email, who) => app.prepare(email, { ...who, agent }).then((answer) => expect(answer, 201, 'user_prepared')),
	};
	for (const [name, probe] of Object.entries(probes))
		for (const [side, who] of Object.entries({ two, outside })) {
			const took = { known: [], stranger: [] };
			for (const email of known) {
				// One after the other, so that what slows down the machine slows down both.
				took.known.push((await probe(email, who)).ms);
				took.stranger.push((await probe(newEmail('timed'), who)).ms);
			}
			const [a, b] = [median(took.known), median(took.stranger)];
			t.diagnostic(`${name} by ${side}: known ${a.toFixed(2)} ms, stranger ${b.toFixed(2)} ms`);
			assert.ok(Math.max(a, b) <= 2 * Math.min(a, b) + 1, `${name} by ${side}: ${a} ms and ${b} ms`);
		}
});
