// One server at a time holds a SQLite file: the next one waits for the last one's end, and not for ever.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { testOfFiles as test } from './lib/database.mjs';
import { House, expect, somebody } from './lib/house.mjs';
import { PROGRAM, Server } from './lib/kycd.mjs';
import { until, within } from './lib/wait.mjs';

/** Another server for the same database, on ports of its own. */
function another(house) {
	const settings = { ...house.server.given };
	return new Server({ folder: house.folder, settings });
}

test('a rolling restart: the new one waits for the old one, and is up at once', async (t) => {
	const house = await House.open(t);
	const email = somebody();
	expect(await house.prepare(email), 201);
	const next = another(house);
	t.after(() => next.kill());
	const start = performance.now();
	const up = next.start();
	await until('it to say that it waits', () => /waiting up to 30 s for it: held by process \d+ on \S+ since 20/.test(next.log));
	expect(await house.prepare(somebody()), 201);
	await until('two seconds to pass', () => performance.now() - start > 2_000);
	assert.ok(next.alive);
	await house.server.stop();
	const stopped = performance.now();
	await up;
	t.diagnostic(`up ${(performance.now() - stopped).toFixed(0)} ms after the old one's end`);
	assert.ok(performance.now() - stopped < 1_000);
	assert.equal(next.log.match(/waiting up to/g).length, 1, 'said once');
	expect(await next.call('POST', '/kyc/prepare', { body: { email }, headers: { 'x-api-key': house.key } }), 200);
	await next.stop();
});

test('a reload that comes while it waits does not end it, and is done when it is up; a stop ends it at once', async (t) => {
	const house = await House.open(t);
	const next = another(house);
	t.after(() => next.kill());
	const up = next.start();
	await until('it to wait', () => /waiting up to 30 s/.test(next.log));
	next.child.kill('SIGHUP');
	await house.server.stop();
	await up;
	await until('the settings to be read again', () => /event=reload_applied applied=0/.test(next.log));
	assert.ok(next.alive);

	const third = another(house);
	t.after(() => third.kill());
	const never = assert.rejects(third.start());
	await until('it to wait', () => /waiting up to 30 s/.test(third.log));
	third.child.kill('SIGTERM');
	assert.deepEqual(await within('its end', 3_000, third.ended), { code: null, signal: 'SIGTERM' });
	await never;
	await next.stop();
});

test('a kill -9 frees the hold at once', async (t) => {
	const house = await House.open(t);
	await house.server.kill();
	const start = performance.now();
	await house.server.start();
	assert.ok(performance.now() - start < 5_000);
	assert.doesNotMatch(house.server.log, /waiting/);
});

test('who never gets it ends with 1 after thirty seconds and names the holder; commands go on meanwhile', async (t) => {
	const house = await House.open(t);
	const env = { PATH: process.env.PATH, ...house.server.settings };
	const child = spawn(PROGRAM, ['serve'], { cwd: house.folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
	t.after(() => child.kill('SIGKILL'));
	const start = performance.now();
	let said = '';
	child.stderr.on('data', (piece) => (said += piece));
	await until('it to wait', () => said.includes('waiting up to 30 s'));
	await house.server.run('tenant', 'list');
	await house.addTenant('second');
	await house.server.run('db', 'check');
	await house.server.run('db', 'backup', 'kept.db');
	await house.server.run('db', 'migrate');
	const [code] = await within('its end', 40_000, once(child, 'close'));
	const took = performance.now() - start;
	assert.equal(code, 1);
	assert.ok(took > 29_900 && took < 33_000, `${took} ms`);
	const pid = house.server.child.pid;
	assert.match(said, new RegExp(`kycd: KYCD_DATABASE: \\./kycd\\.db: is held by process ${pid} on \\S+ since \\S+: stop that one first`));
	expect(await house.prepare(somebody()), 201);
});
