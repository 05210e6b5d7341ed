// Only one server at a time may use a SQLite file: a second server waits up to 30 s for the lock.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { sqliteTest as test } from './lib/database.mjs';
import { App, expect, newEmail } from './lib/app.mjs';
import { PROGRAM, Server } from './lib/kycd.mjs';
import { until, within } from './lib/wait.mjs';

/** Returns another server for the same database, on its own ports. */
function newServer(app) {
	const settings = { ...app.server.givenSettings };
	return new Server({ folder: app.folder, settings });
}

test('in a rolling restart the new server waits for the lock and serves as soon as the old one stops', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	expect(await app.prepare(email), 201);
	const next = newServer(app);
	t.after(() => next.kill());
	const start = performance.now();
	const ready = next.start();
	await until('the new server to report that it waits for the lock', () => /waiting up to 30 s for it: held by process \d+ on \S+ since 20/.test(next.log));
	expect(await app.prepare(newEmail()), 201);
	await until('two seconds to pass', () => performance.now() - start > 2_000);
	assert.ok(next.isRunning);
	await app.server.stop();
	const stopped = performance.now();
	await ready;
	t.diagnostic(`ready ${(performance.now() - stopped).toFixed(0)} ms after the old server stopped`);
	assert.ok(performance.now() - stopped < 1_000);
	assert.equal(next.log.match(/waiting up to/g).length, 1, 'reported once');
	expect(await next.call('POST', '/kyc/prepare', { body: { email }, headers: { 'x-api-key': app.key } }), 200);
	await next.stop();
});

test('a waiting server applies SIGHUP after it has started, and stops at once on SIGTERM', async (t) => {
	const app = await App.open(t);
	const next = newServer(app);
	t.after(() => next.kill());
	const ready = next.start();
	await until('the server to wait for the lock', () => /waiting up to 30 s/.test(next.log));
	next.child.kill('SIGHUP');
	await app.server.stop();
	await ready;
	await until('the reload to be applied', () => /event=reload_applied applied=0/.test(next.log));
	assert.ok(next.isRunning);

	const third = newServer(app);
	t.after(() => third.kill());
	const failedStart = assert.rejects(third.start());
	await until('the server to wait for the lock', () => /waiting up to 30 s/.test(third.log));
	third.child.kill('SIGTERM');
	assert.deepEqual(await within('exit of the waiting server', 3_000, third.ended), { code: null, signal: 'SIGTERM' });
	await failedStart;
	await next.stop();
});

test('SIGKILL releases the lock at once', async (t) => {
	const app = await App.open(t);
	await app.server.kill();
	const start = performance.now();
	await app.server.start();
	assert.ok(performance.now() - start < 5_000);
	assert.doesNotMatch(app.server.log, /waiting/);
});

test('a server that gets no lock exits with 1 after 30 seconds and names the lock owner; commands work meanwhile', async (t) => {
	const app = await App.open(t);
	const env = { PATH: process.env.PATH, ...app.server.settings };
	const child = spawn(PROGRAM, ['serve'], { cwd: app.folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
	t.after(() => child.kill('SIGKILL'));
	const start = performance.now();
	let stderr = '';
	child.stderr.on('data', (piece) => (stderr += piece));
	await until('the server to wait for the lock', () => stderr.includes('waiting up to 30 s'));
	await app.server.run('tenant', 'list');
	await app.addTenant('second');
	await app.server.run('db', 'check');
	await app.server.run('db', 'backup', 'kept.db');
	await app.server.run('db', 'migrate');
	const [code] = await within('exit of the waiting server', 40_000, once(child, 'close'));
	const elapsed = performance.now() - start;
	assert.equal(code, 1);
	assert.ok(elapsed > 29_900 && elapsed < 33_000, `${elapsed} ms`);
	const pid = app.server.child.pid;
	assert.match(stderr, new RegExp(`kycd: KYCD_DATABASE: \\./kycd\\.db: is held by process ${pid} on \\S+ since \\S+: stop that one first`));
	expect(await app.prepare(newEmail()), 201);
});
