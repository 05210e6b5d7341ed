// `wait` on the status routes: the call is answered when the status changes, when the time is over, and at a stop.
import assert from 'node:assert/strict';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';
import { until } from './lib/wait.mjs';

const status = (app, email, fields) => app.post('/kyc/status', { email, ...fields });

async function timed(call) {
	const began = performance.now();
	const answer = await call();
	return { answer, ms: performance.now() - began };
}

test('a call that waits is answered when the status changes', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const session = await app.startSession(email);
	// Without known_status, the status at the beginning counts. Each answer of `others` shows that the server has other calls to serve meanwhile.
	const calls = ['pending', undefined].map((known_status) => timed(() => status(app, email, { wait: 25, known_status })));
	const viaQuery = timed(() => app.call('GET', `/kyc/status?email=${encodeURIComponent(email)}&wait=25&known_status=pending`));
	assert.equal((await status(app, email)).data.status, 'pending');
	await new Promise((resolve) => setTimeout(resolve, 700)); // longer than one interval: all calls have read the old status
	assert.equal((await app.didit.sendStatusEvent(app.server.base, session.session_id, 'Approved')).http, 200);
	for (const call of [...calls, viaQuery]) {
		const { answer, ms } = await call;
		assert.equal(expect(answer, 200).data.status, 'approved');
		assert.ok(ms > 600 && ms < 10_000, `${ms} ms`);
	}
});

test('a call that waits is answered when the time is over', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	await app.startSession(email);
	const { answer, ms } = await timed(() => status(app, email, { wait: 1 }));
	assert.equal(expect(answer, 200).data.status, 'pending');
	assert.ok(ms >= 900, `${ms} ms`);
});

test('a call does not wait if the status differs from the known one, or the answer is no 200', async (t) => {
	const app = await App.open(t);
	const [verified, started] = [newEmail(), newEmail()];
	await app.verifyPerson(verified);
	await app.startSession(started);
	for (const [email, fields, http] of [
		[started, { wait: 25, known_status: 'approved' }, 200],
		[started, { wait: 0, known_status: 'pending' }, 200],
		[started, { known_status: 'pending' }, 200],
		[verified, { wait: 25, known_status: 'pending' }, 404],
		[newEmail(), { wait: 25 }, 404],
	]) {
		const { answer, ms } = await timed(() => status(app, email, fields));
		assert.equal(answer.http, http);
		assert.ok(ms < 5_000, `${JSON.stringify(fields)}: ${ms} ms`);
	}
});

test('values that are not permitted are refused', async (t) => {
	const app = await App.open(t);
	for (const [fields, cause] of [
		[{ wait: 26 }, 'range'],
		[{ wait: -1 }, 'range'],
		[{ wait: '5' }, 'type'],
		[{ wait: 1.5 }, 'type'],
		[{ known_status: 'done' }, 'value'],
	]) {
		const answer = expect(await status(app, 'ana@example.com', fields), 400, 'invalid_parameters');
		assert.equal(answer.json.details.cause, cause, JSON.stringify(fields));
	}
});

test('at most a quarter of the connections wait; other calls are answered at once', async (t) => {
	const app = await App.open(t, { settings: { KYCD_MAX_CONNECTIONS: 16 } });
	const email = newEmail();
	await app.startSession(email);
	const calls = Array.from({ length: 6 }, () => timed(() => status(app, email, { wait: 3 })));
	const times = (await Promise.all(calls)).map(({ answer, ms }) => (expect(answer, 200), ms));
	assert.equal(times.filter((ms) => ms > 2_000).length, 4, String(times));
});

test('a stop ends the calls that wait', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const session = await app.startSession(email);
	const waiting = status(app, email, { wait: 25 });
	// The metrics are read on another connection, so a second one shows that the request was accepted.
	await until('the call to be accepted', async () => Number(/^kycd_connections (\d+)/m.exec(await app.server.metrics())?.[1]) >= 2);
	const began = performance.now();
	await app.server.stop();
	assert.ok(performance.now() - began < 5_000);
	assert.equal(expect(await waiting, 200).data.session_id, session.session_id);
});
