// Connections that got a bad state from the PostgreSQL server when they were opened, such as read-only. kycd answers 503 meanwhile,
// and works again within 10 s after the server has recovered, although those connections stay as they are.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { App, newEmail } from './lib/app.mjs';
import { Cluster, REPLICATION_SETTINGS } from './lib/cluster.mjs';
import { until } from './lib/wait.mjs';

const SKIP = process.env.TEST_POSTGRES ? false : 'needs PostgreSQL: run by tools/with_postgres.py, as `make test` does';
const RECOVERY_LIMIT_MS = 10_000;
/** More calls at a time than one connection can answer, so that several connections are used. */
const PARALLEL_CALLS = 12;
const ROUNDS = 10;
const PASSWORD = 'correct-horse';

const STATES = [
	{
		name: 'default_transaction_read_only of the database',
		inject: 'ALTER DATABASE app SET default_transaction_read_only = on',
		repair: 'ALTER DATABASE app RESET default_transaction_read_only',
		logs: /event=postgres_failed sqlstate=25006 [\s\S]*event=connection_replaced /,
	},
	{
		name: 'default_transaction_read_only of the user',
		inject: 'ALTER ROLE app SET default_transaction_read_only = on',
		repair: 'ALTER ROLE app RESET default_transaction_read_only',
	},
	{
		name: 'another role',
		inject: 'ALTER ROLE app SET role = reader',
		repair: 'ALTER ROLE app RESET role',
		logs: /event=postgres_failed sqlstate=42501 /,
	},
	{
		name: 'a search_path without the tables',
		inject: 'ALTER ROLE app SET search_path = elsewhere',
		repair: 'ALTER ROLE app RESET search_path',
		logs: /event=database_unavailable reason="lacks a table of its schema version: check the search_path of the user/,
	},
	{
		name: 'an expired password',
		inject: "ALTER ROLE app VALID UNTIL '2020-01-01'",
		repair: "ALTER ROLE app VALID UNTIL 'infinity'",
		logs: /event=database_unavailable reason="[^\n]*password authentication failed for user/,
	},
	{
		name: 'a user who may not log in',
		inject: 'ALTER ROLE app NOLOGIN',
		repair: 'ALTER ROLE app LOGIN',
		logs: /event=database_unavailable reason="[^\n]*is not permitted to log in/,
	},
];

/** Results of calls that write, made at the same time: their HTTP status codes without repetition. */
async function statuses(app) {
	const answers = await Promise.all(Array.from({ length: PARALLEL_CALLS }, () => app.prepare(newEmail())));
	return [...new Set(answers.map(({ http }) => http))];
}

const areAll = async (app, status) => JSON.stringify(await statuses(app)) === `[${status}]`;

/** Asserts that all calls succeed again within RECOVERY_LIMIT_MS after now, in ROUNDS rounds without a failure in between. */
async function assertRecovers(t, app) {
	const began = performance.now();
	let rounds = 0;
	await until('all calls to succeed', async () => (rounds = (await areAll(app, 201)) ? rounds + 1 : 0) === ROUNDS, RECOVERY_LIMIT_MS);
	const ms = Math.round(performance.now() - began);
	t.diagnostic(`${ROUNDS} times ${PARALLEL_CALLS} simultaneous calls had succeeded after ${ms} ms`);
	assert.ok(ms < RECOVERY_LIMIT_MS, `${ms} ms`);
}

/** Closes the connections of kycd, so that it opens new ones, which get the current settings. */
const closeConnections = (pg) => pg.query("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'app'");

/** Makes the server require the password of the user `app`, and returns the URL with it. */
async function requirePassword(pg) {
	const file = path.join(pg.data, 'pg_hba.conf');
	await writeFile(file, `local all app scram-sha-256\n${await readFile(file, 'utf8')}`);
	await pg.query(`ALTER ROLE app PASSWORD '${PASSWORD}'`);
	await pg.query('SELECT pg_reload_conf()');
	return pg.url.replace('app@', `app:${PASSWORD}@`);
}

test('kycd replaces connections with a bad state', { skip: SKIP }, async (t) => {
	const pg = await Cluster.open(t, { isolated: false });
	await pg.query('CREATE ROLE reader');
	await pg.query('GRANT reader TO app');
	await pg.query('CREATE SCHEMA elsewhere', 'app');
	const app = await App.open(t, { settings: { KYCD_DATABASE: await requirePassword(pg) } });
	for (const { name, inject, repair, logs } of STATES)
		await t.test(name, async (subtest) => {
			const logStart = app.server.log.length;
			await pg.query(inject);
			await closeConnections(pg);
			await until('calls to be answered 503', () => areAll(app, 503));
			// Connections are replaced meanwhile, too, and get the same state.
			await until('the replaced connections to be in use', () => areAll(app, 503));
			// The calls fail at once; the reason is logged when the next attempt to connect is refused.
			// Calls go on meanwhile, because only calls replace connections.
			if (logs) await until(`${logs} in the log`, async () => (await areAll(app, 503)) && logs.test(app.server.log.slice(logStart)));
			await pg.query(repair);
			await assertRecovers(subtest, app);
			assert.ok(!app.server.log.includes(PASSWORD));
		});
});

test('kycd leaves a demoted primary whose address has moved to the new primary', { skip: SKIP }, async (t) => {
	const pg = await Cluster.open(t, { isolated: false, settings: REPLICATION_SETTINGS });
	const standby = await pg.addStandby(t);
	const app = await App.open(t, { settings: { KYCD_DATABASE: pg.url } });
	assert.deepEqual(await statuses(app), [201]);
	// The old primary continues as a standby: connections to it stay open, and cannot write.
	await pg.stop();
	await writeFile(path.join(pg.data, 'standby.signal'), '');
	await pg.start();
	await until('calls to be answered 503', () => areAll(app, 503));
	await until('a connection to the demoted server', async () => (await areAll(app, 503)) && /sqlstate=25006 /.test(app.server.log));
	assert.equal(await standby.query('SELECT pg_promote()'), 't');
	await standby.query("ALTER SYSTEM SET synchronous_standby_names = ''");
	await standby.query('SELECT pg_reload_conf()');
	pg.proxy.forwardTo(standby.proxy.file);
	await assertRecovers(t, app);
});
