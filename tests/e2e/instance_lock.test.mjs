// One server at a time holds a SQLite file: the next one waits for the last one's end, and not for ever.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { testOfFiles as test } from './lib/database.mjs';
import { App, expect, newEmail } from './lib/app.mjs';
import { PROGRAM, Server } from './lib/kycd.mjs';
import { until, within } from './lib/wait.mjs';

/** Another server for the same database, on ports of its own. */
function another(app) {
	const settings = { ...app.server.given };
	return new Server({ folder: app.folder, settings });
}

test('a rolling restart: the new one waits for the old one, and is up at once', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	expect(await app.prepare(email), 201);
	const next = another(app);
	t.after(() => next.kill());
	const start = performance.now();
	const up = next.start();
	await until('it to say that it waits', () => /waiting up to 30 s for it: held by process \d+ on \S+ since 20/.test(next.log));
	expect(await app.prepare(newEmail()), 201);
	await until('two seconds to pass', () => performance.now() - start > 2_000);
	assert.ok(next.alive);
	await app.server.stop();
	const stopped = performance.now();
	await up;
	t.diagnostic(`up ${(performance.now() - stopped).toFixed(0)} ms after the old one's end`);
	assert.ok(performance.now() - stopped < 1_000);
	assert.equal(next.log.match(/waiting up to/g).length, 1, 'said once');
	expect(await next.call('POST', '/kyc/prepare', { body: { email }, headers: { 'x-api-key': app.key } }), 200);
	await next.stop();
});

test('a reload that comes while it waits does not end it, and is done when it is up; a stop ends it at once', async (t) => {
	const app = await App.open(t);
	const next = another(app);
	t.after(() => next.kill());
	const up = next.start();
	await until('it to wait', () => /waiting up to 30 s/.test(next.log));
	next.child.kill('SIGHUP');
	await app.server.stop();
	await up;
	await until('the settings to be read again', () => /event=reload_applied applied=0/.test(next.log));
	assert.ok(next.alive);

	const third = another(app);
	t.after(() => third.kill());
	const never = assert.rejects(third.start());
	await until('it to wait', () => /waiting up to 30 s/.test(third.log));
	third.child.kill('SIGTERM');
	assert.deepEqual(await within('its end', 3_000, third.ended), { code: null, signal: 'SIGTERM' });
	await never;
	await next.stop();
});

test('a kill -9 frees the hold at once', async (t) => {
	const app = await App.open(t);
	await app.server.kill();
	const start = performance.now();
	await app.server.start();
	assert.ok(performance.now() - start < 5_000);
	assert.doesNotMatch(app.server.log, /waiting/);
});

test('who never gets it ends with 1 after thirty seconds and names the holder; commands go on meanwhile', async (t) => {
	const app = await App.open(t);
	const env = { PATH: process.env.PATH, ...app.server.settings };
	const child = spawn(PROGRAM, ['serve'], { cwd: app.folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
	t.after(() => child.kill('SIGKILL'));
	const start = performance.now();
	let said = '';
	child.stderr.on('data', (piece) => (said += piece));
	await until('it to wait', () => said.includes('waiting up to 30 s'));
	await app.server.run('tenant', 'list');
	await app.addTenant('second');
	await app.server.run('db', 'check');
	await app.server.run('db', 'backup', 'kept.db');
	await app.server.run('db', 'migrate');
	const [code] = await within('its end', 40_000, once(child, 'close'));
	const took = performance.now() - start;
	assert.equal(code, 1);
	assert.ok(took > 29_900 && took < 33_000, `${took} ms`);
	const pid = app.server.child.pid;
	assert.match(said, new RegExp(`kycd: KYCD_DATABASE: \\./kycd\\.db: is held by process ${pid} on \\S+ since \\S+: stop that one first`));
	expect(await app.prepare(newEmail()), 201);
});
