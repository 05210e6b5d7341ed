// When a server stops, it answers the requests that it has accepted, closes idle connections at once, and takes at most ten
// seconds.
import assert from 'node:assert/strict';
import http from 'node:http';
import { stat } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import test from 'node:test';
import { ON_POSTGRES } from './lib/database.mjs';
import { App, expect, newEmail } from './lib/app.mjs';
import { call } from './lib/http.mjs';
import { until, within } from './lib/wait.mjs';

function connect(port) {
	const socket = net.connect({ host: '127.0.0.1', port });
	const connection = { socket, received: '', closedAt: null };
	connection.closed = new Promise((resolve) => socket.on('close', () => resolve((connection.closedAt = performance.now()))));
	socket.on('error', () => {});
	socket.on('data', (piece) => (connection.received += piece));
	connection.ready = new Promise((resolve) => socket.on('connect', resolve));
	return connection;
}

for (const signal of ['SIGTERM', 'SIGINT'])
	test(`${signal} while a create waits for Didit: the create is answered, then the server exits with 0`, async (t) => {
		const app = await App.open(t);
		const email = await app.verifyPerson(newEmail());
		const idle = connect(app.server.port);
		await idle.ready;
		idle.socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
		await until('the answer on the idle connection', () => idle.received.includes('\r\n\r\n'));
		const unused = connect(app.server.port); // a connection without a request
		await unused.ready;
		app.didit.holdCreates = true;
		const waiting = app.create(email);
		await app.didit.waitForHeldCreates();

		const signalledAt = performance.now();
		app.server.child.kill(signal);
		await within('idle connections to be closed', 2_000, Promise.all([idle.closed, unused.closed]));
		assert.ok(idle.closedAt - signalledAt < 1_000, `${idle.closedAt - signalledAt} ms`);
		await until('new connections to be refused', () => call(`${app.server.base}/health/live`, { limit: 1_000 }).then(() => false, () => true));
		assert.ok(app.server.isRunning, 'the server waits for the create');
		app.didit.releaseCreates();
		const answer = expect(await waiting, 201, 'kyc_session_created');
		assert.equal(answer.headers.connection, 'close');
		assert.deepEqual(await within('the exit of the server', 10_000, app.server.ended), { code: 0, signal: null });
		assert.ok(performance.now() - signalledAt < 10_000);

		await app.server.start();
		assert.deepEqual(expect(await app.create(email), 201).data, answer.data);
		assert.equal(app.didit.creates.length, 1);
	});

test('a request that never completes delays the stop by at most ten seconds', async (t) => {
	const app = await App.open(t, { settings: { KYCD_DIDIT_TIMEOUT: 60 } });
	const email = await app.verifyPerson(newEmail());
	app.didit.holdCreates = true;
	const waiting = app.create(email).catch((error) => error);
	await app.didit.waitForHeldCreates();
	const incomplete = connect(app.server.port);
	await incomplete.ready;
	incomplete.socket.write('POST /kyc/prepare HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"em');
	await until('the connection to be accepted', async () => (await app.server.metric('kycd_connections')) >= 2);

	const signalledAt = performance.now();
	app.server.child.kill('SIGTERM');
	assert.deepEqual(await within('the exit of the server', 12_000, app.server.ended), { code: 0, signal: null }, app.server.log.slice(-1000));
	assert.ok(performance.now() - signalledAt < 10_500, `${performance.now() - signalledAt} ms`);
	assert.ok((await waiting) instanceof Error, 'the connection is closed without an answer');
	if (!ON_POSTGRES) assert.equal((await stat(path.join(app.folder, 'kycd.db-wal'))).size, 0, 'the WAL was checkpointed');
	incomplete.socket.destroy();
	app.didit.releaseCreates();
	await app.server.start();
	assert.equal((await app.prepare(email)).data.email_verified, true);
});

test('every request accepted before the stop is answered and its change is stored', async (t) => {
	const app = await App.open(t);
	const emails = Array.from({ length: 100 }, () => newEmail());
	let answered = 0;
	let refused = 0;
	const calls = emails.map((email) => app.prepare(email).then((answer) => {
		assert.ok([201, 503].includes(answer.http), String(answer.http));
		if (answer.http === 201) answered++;
		if (answered === 10) app.server.child.kill('SIGTERM');
		return answer.http === 201 ? email : null;
	}, () => void refused++));
	const acknowledged = (await Promise.all(calls)).filter(Boolean);
	assert.deepEqual(await within('the exit of the server', 10_000, app.server.ended), { code: 0, signal: null });
	t.diagnostic(`${answered} answered, ${refused} refused`);
	await app.server.start();
	for (const email of acknowledged) expect(await app.prepare(email), 200, 'user_already_prepared');
});

test('data survives ten stops and starts', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const agent = new http.Agent({ keepAlive: true });
	t.after(() => agent.destroy());
	for (let i = 0; i < 10; i++) {
		expect(await app.prepare(email, { agent }), i === 0 ? 201 : 200);
		await app.server.stop();
		await app.server.start();
	}
	assert.match(await app.server.run('db', 'check'), /^the database is intact$/m);
});
