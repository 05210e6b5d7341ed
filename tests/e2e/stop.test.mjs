// How the server stops: what was accepted is answered, nobody else is waited for.
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
	const it = { socket, got: '', ended: null };
	it.closed = new Promise((resolve) => socket.on('close', () => resolve((it.ended = performance.now()))));
	socket.on('error', () => {});
	socket.on('data', (piece) => (it.got += piece));
	it.ready = new Promise((resolve) => socket.on('connect', resolve));
	return it;
}

for (const name of ['SIGTERM', 'SIGINT'])
	test(`${name} while a create waits at Didit: it is answered, then all ends with 0`, async (t) => {
		const app = await App.open(t);
		const email = await app.proven(newEmail());
		const idle = connect(app.server.port);
		await idle.ready;
		idle.socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
		await until('an answer', () => idle.got.includes('\r\n\r\n'));
		const fresh = connect(app.server.port); // has said nothing yet
		await fresh.ready;
		app.didit.hold = true;
		const waiting = app.create(email);
		await app.didit.holding();

		const told = performance.now();
		app.server.child.kill(name);
		await within('idle connections to be closed', 2_000, Promise.all([idle.closed, fresh.closed]));
		assert.ok(idle.ended - told < 1_000, `${idle.ended - told} ms`);
		await until('nobody new to be let in', () => call(`${app.server.base}/health/live`, { limit: 1_000 }).then(() => false, () => true));
		assert.ok(app.server.alive, 'it waits for the create');
		app.didit.release();
		const answer = expect(await waiting, 201, 'kyc_session_created');
		assert.equal(answer.headers.connection, 'close');
		assert.deepEqual(await within('the end', 10_000, app.server.ended), { code: 0, signal: null });
		assert.ok(performance.now() - told < 10_000);

		await app.server.start();
		assert.deepEqual(expect(await app.create(email), 201).data, answer.data);
		assert.equal(app.didit.creates.length, 1);
	});

test('who never comes to an end holds the stop for ten seconds and no longer', async (t) => {
	const app = await App.open(t, { settings: { KYCD_DIDIT_TIMEOUT: 60 } });
	const email = await app.proven(newEmail());
	app.didit.hold = true;
	const waiting = app.create(email).catch((cut) => cut);
	await app.didit.holding();
	const half = connect(app.server.port);
	await half.ready;
	half.socket.write('POST /kyc/prepare HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"em');
	await until('it to be seen', async () => (await app.server.metric('kycd_connections')) >= 2);

	const told = performance.now();
	app.server.child.kill('SIGTERM');
	assert.deepEqual(await within('the end', 12_000, app.server.ended), { code: 0, signal: null }, app.server.log.slice(-1000));
	assert.ok(performance.now() - told < 10_500, `${performance.now() - told} ms`);
	assert.ok((await waiting) instanceof Error, 'cut off, not lied to');
	if (!ON_POSTGRES) assert.equal((await stat(path.join(app.folder, 'kycd.db-wal'))).size, 0, 'the log was carried over all the same');
	half.socket.destroy();
	app.didit.release();
	await app.server.start();
	assert.equal((await app.prepare(email)).data.email_verified, true);
});

test('what was accepted while the stop comes is answered, all of it', async (t) => {
	const app = await App.open(t);
	const people = Array.from({ length: 100 }, () => newEmail());
	let answered = 0;
	let cut = 0;
	const calls = people.map((email) => app.prepare(email).then((answer) => {
		assert.ok([201, 503].includes(answer.http), String(answer.http));
		if (answer.http === 201) answered++;
		if (answered === 10) app.server.child.kill('SIGTERM');
		return answer.http === 201 ? email : null;
	}, () => void cut++));
	const told = (await Promise.all(calls)).filter(Boolean);
	assert.deepEqual(await within('the end', 10_000, app.server.ended), { code: 0, signal: null });
	t.diagnostic(`${answered} answered, ${cut} never let in`);
	await app.server.start();
	for (const email of told) expect(await app.prepare(email), 200, 'user_already_prepared');
});

test('a start takes over where the last one was stopped, ten times', async (t) => {
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
