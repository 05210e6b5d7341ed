// PgBouncer between kycd and PostgreSQL: with fewer server connections than kycd may use, suspended, with server connections in a bad
// state, and in the modes that kycd cannot use. No call waits longer than promised.
import assert from 'node:assert/strict';
import test from 'node:test';
import { App, newEmail } from './lib/app.mjs';
import { Cluster } from './lib/cluster.mjs';
import { Server, run } from './lib/kycd.mjs';
import { PgBouncer } from './lib/pgbouncer.mjs';
import { until } from './lib/wait.mjs';

const SKIP = process.env.TEST_POSTGRES ? false : 'needs PostgreSQL: run by tools/with_postgres.py, as `make test` does';
/** A call waits for a connection for 5 s; the rest is for a busy machine. */
const WAIT_LIMIT_MS = 8_000;
/** A statement in progress is given up after 10 s; then the call waits for another connection. */
const STATEMENT_LIMIT_MS = 18_000;
const RECOVERY_LIMIT_MS = 10_000;
const NO_FREE_CONNECTION = /the server does not respond; if PgBouncer is in between, it has no free connection: raise its pool size/;
const WRONG_MODE = /postgresql:\/\/[^ ]+: is behind a connection pooler \(PgBouncer\) in transaction or statement mode: set pool_mode = session/;

/** Runs `n` simultaneous calls that write. Resolves to their {http, ms}. */
async function callAll(app, server, n) {
	return Promise.all(Array.from({ length: n }, async () => {
		const began = performance.now();
		const { http } = await server.call('POST', '/kyc/prepare', { body: { email: newEmail() }, headers: { 'x-api-key': app.key } });
		return { http, ms: Math.round(performance.now() - began) };
	}));
}

const slowest = (calls) => Math.max(...calls.map(({ ms }) => ms));
const statuses = (calls) => [...new Set(calls.map(({ http }) => http))];

/** Asserts that all calls succeed again within RECOVERY_LIMIT_MS, in ten rounds without a failure in between. */
async function assertRecovers(app) {
	let rounds = 0;
	await until('calls to succeed', async () => (rounds = `${statuses(await callAll(app, app.server, 20))}` === '201' ? rounds + 1 : 0) === 10, RECOVERY_LIMIT_MS);
}

/** Opens an app behind PgBouncer. */
async function openApp(t, pooler, settings = {}) {
	return App.open(t, { settings: { KYCD_DATABASE: pooler.url, ...settings } });
}

test('two instances share the 20 server connections of a pooler', { skip: SKIP }, async (t) => {
	const pg = await Cluster.open(t, { isolated: false });
	const pooler = await PgBouncer.open(t, pg, { poolSize: 20 });
	const app = await openApp(t, pooler);
	const other = new Server({ folder: app.folder, settings: app.server.givenSettings });
	t.after(() => other.kill());
	await other.start();
	const calls = [];
	// The instance that has fewer connections than it may have says so when an attempt to open one more has failed.
	await until('the log line about the limited connections', async () => {
		calls.push(...(await Promise.all([app.server, other].map((server) => callAll(app, server, 60)))).flat());
		return /event=connections_limited open=\d+ allowed=16 times=1 reason="the server does not respond; /.test(app.server.log + other.log);
	}, 60_000);
	assert.deepEqual(statuses(calls), [201]);
	t.diagnostic(`the slowest of ${calls.length} calls took ${slowest(calls)} ms`);
	assert.ok(slowest(calls) < WAIT_LIMIT_MS, `${slowest(calls)} ms`);
	const used = Number(await pg.query("SELECT count(*) FROM pg_stat_activity WHERE usename = 'app'"));
	assert.ok(used <= 20, `${used} server connections`);
	await other.stop();
});

test('calls and commands do not wait longer than promised for a pooler without a free connection', { skip: SKIP }, async (t) => {
	const pg = await Cluster.open(t, { isolated: false });
	const app = await App.open(t, { settings: { KYCD_DATABASE: pg.url } });
	await app.server.stop();
	const pooler = await PgBouncer.open(t, pg, { poolSize: 2 });
	const server = new Server({ folder: app.folder, settings: { ...app.server.givenSettings, KYCD_DATABASE: pooler.url, KYCD_DATABASE_CONNECTIONS: 2 } });
	t.after(() => server.kill());
	await server.start();
	await until('the instance to use all connections of the pooler', async () => {
		assert.deepEqual(statuses(await callAll(app, server, 20)), [201]);
		return (await pg.query("SELECT count(*) FROM pg_stat_activity WHERE usename = 'app'")) === '2';
	});
	for (const args of [['tenant', 'list'], ['db', 'check'], ['serve']]) {
		const began = performance.now();
		const { code, stderr } = await run(args, { settings: server.settings, folder: app.folder });
		assert.equal(code, 1, args.join(' '));
		assert.match(stderr, NO_FREE_CONNECTION, args.join(' '));
		assert.ok(performance.now() - began < WAIT_LIMIT_MS, `${args.join(' ')}: ${performance.now() - began} ms`);
	}
	assert.deepEqual(statuses(await callAll(app, server, 20)), [201]);
	await server.stop();
});

test('while the pooler is suspended, calls are answered 503 in time', { skip: SKIP }, async (t) => {
	const pg = await Cluster.open(t, { isolated: false });
	const pooler = await PgBouncer.open(t, pg, { poolSize: 20 });
	const app = await openApp(t, pooler, { KYCD_DATABASE_CONNECTIONS: 4 });
	assert.deepEqual(statuses(await callAll(app, app.server, 10)), [201]);
	pooler.suspend();
	try {
		const calls = await callAll(app, app.server, 10);
		assert.deepEqual(statuses(calls), [503]);
		assert.ok(slowest(calls) < STATEMENT_LIMIT_MS, `${slowest(calls)} ms`);
		// From now on no connection is open, and calls wait for a new one only.
		const more = await callAll(app, app.server, 10);
		assert.deepEqual(statuses(more), [503]);
		assert.ok(slowest(more) < WAIT_LIMIT_MS, `${slowest(more)} ms`);
		t.diagnostic(`answered 503 after ${slowest(calls)} ms, and later after ${slowest(more)} ms`);
		await until('the log line about the database', () => /event=database_unavailable reason="/.test(app.server.log));
	} finally {
		pooler.resume();
	}
	await until('calls to succeed', async () => `${statuses(await callAll(app, app.server, 10))}` === '201', RECOVERY_LIMIT_MS);
});

test('server connections in a bad state are not used again through the pooler', { skip: SKIP }, async (t) => {
	const pg = await Cluster.open(t, { isolated: false });
	const pooler = await PgBouncer.open(t, pg, { poolSize: 20 });
	const app = await openApp(t, pooler, { KYCD_DATABASE_CONNECTIONS: 8 });
	assert.deepEqual(statuses(await callAll(app, app.server, 20)), [201]);
	for (const [inject, repair] of [
		['ALTER DATABASE app SET default_transaction_read_only = on', 'ALTER DATABASE app RESET default_transaction_read_only'],
		['ALTER ROLE app SET role = pg_monitor', 'ALTER ROLE app RESET role'],
	]) {
		await pg.query('GRANT pg_monitor TO app');
		await pg.query(inject);
		await pg.query("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'app'");
		await until('calls to be answered 503', async () => `${statuses(await callAll(app, app.server, 20))}` === '503');
		await pg.query(repair);
		await assertRecovers(app);
	}
});

for (const poolMode of ['transaction', 'statement'])
	test(`a pooler in ${poolMode} mode is refused`, { skip: SKIP }, async (t) => {
		const pg = await Cluster.open(t, { isolated: false });
		const pooler = await PgBouncer.open(t, pg, { poolMode, poolSize: 20 });
		const app = await App.open(t, { settings: { KYCD_DATABASE: pg.url } });
		assert.deepEqual(statuses(await callAll(app, app.server, 20)), [201]);
		const settings = { ...app.server.settings, KYCD_DATABASE: pooler.url };
		for (const args of [['serve'], ['tenant', 'list'], ['db', 'migrate'], ['db', 'check'], ['serve']]) {
			const { code, stderr } = await run(args, { settings, folder: app.folder });
			assert.equal(code, 1, args.join(' '));
			assert.match(stderr, WRONG_MODE, args.join(' '));
		}
		const { stdout } = await run(['doctor', '--json'], { settings, folder: app.folder, limit: 60_000 });
		assert.ok(JSON.parse(stdout).checks.some(({ finding, message }) => finding === 'error' && WRONG_MODE.test(message)), stdout);
	});

test('a pooler that changes to transaction mode is named in the log, and kycd works again after the change back', { skip: SKIP }, async (t) => {
	const pg = await Cluster.open(t, { isolated: false });
	const pooler = await PgBouncer.open(t, pg, { poolSize: 20 });
	const app = await openApp(t, pooler);
	assert.deepEqual(statuses(await callAll(app, app.server, 20)), [201]);
	await pooler.setMode('transaction');
	await pg.query("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'app'");
	// A single connection that is used by one call after the other still works; several do not.
	await until('the log line about the mode', async () => {
		await callAll(app, app.server, 20);
		return /event=postgres_failed sqlstate=(26000|42P05) times=1 reason="is behind a connection pooler \(PgBouncer\) in transaction or statement mode: set pool_mode = session"/.test(app.server.log);
	});
	await pooler.setMode('session');
	await assertRecovers(app);
});
