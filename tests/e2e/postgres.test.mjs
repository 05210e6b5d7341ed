// PostgreSQL fails in several ways while two instances serve requests. Acknowledged changes persist, nothing is counted or sent
// twice, callers get 503 during the failure, and the instances recover without an operator.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Cluster } from './lib/cluster.mjs';
import { Pair, endure, judge } from './lib/load.mjs';
import { until, within } from './lib/wait.mjs';

// TEST_POSTGRES only shows that PostgreSQL is installed. The test breaks its server, so it starts one of its own.
const SKIP = process.env.TEST_POSTGRES ? false : 'needs PostgreSQL: run by tools/with_postgres.py, as `make test` does';

const FAULTS = [
	{
		name: 'restarted',
		breaks: (pg) => pg.stop(),
		mends: (pg) => pg.start(),
	},
	{
		name: 'killed with -9',
		breaks: (pg) => pg.stop('SIGKILL'),
		mends: (pg) => pg.start(),
	},
	{
		name: 'one backend process is killed with -9, and the server restarts all of them',
		breaks: killBackend,
		serves: 3,
		mends: () => {},
	},
	{
		name: 'only two connections available',
		breaks: async (pg) => {
			await pg.stop();
			await pg.start({ max_connections: 5, superuser_reserved_connections: 3 });
		},
		serves: 3,
		mends: async (pg) => {
			await pg.stop();
			await pg.start();
		},
	},
	{
		name: 'no connection available',
		breaks: async (pg) => {
			await pg.ask('ALTER DATABASE app CONNECTION LIMIT 0');
			await pg.ask("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = 'app'");
		},
		mends: (pg) => pg.ask('ALTER DATABASE app CONNECTION LIMIT -1'),
	},
	{
		name: 'read-only',
		breaks: (pg) => setReadOnly(pg, 'on'),
		mends: (pg) => setReadOnly(pg, 'off'),
		tells: /event=postgres_failed sqlstate=25006 /,
	},
	{
		name: 'the data disk is full',
		needs: 'root',
		breaks: (pg) => pg.fill(pg.data),
		mends: (pg) => pg.makeRoom(pg.data),
		tells: /event=postgres_failed sqlstate=53100 /,
	},
	{
		name: 'the WAL disk is full',
		needs: 'root',
		breaks: fillWalDisk,
		mends: async (pg) => {
			await pg.makeRoom(pg.wal);
			await pg.start();
		},
		tells: /event=database_unavailable /,
	},
	{
		name: 'the network hangs',
		breaks: (pg) => pg.hang(),
		mends: (pg) => pg.resume(),
	},
];

async function setReadOnly(pg, value) {
	await pg.ask(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
	await pg.ask('SELECT pg_reload_conf()');
}

async function killBackend(pg) {
	const logStart = pg.log.length;
	await pg.killOne();
	await until('the server to terminate its other processes', () => pg.log.slice(logStart).includes('terminating any other active server processes'));
}

/** Fills the WAL disk. The server exits because it cannot write its WAL, and cannot start until there is free space. */
async function fillWalDisk(pg) {
	await pg.ask('CHECKPOINT'); // now, because a later checkpoint would free space
	const logStart = pg.log.length;
	await pg.fill(pg.wal);
	await within('the exit of the database server', 20_000, pg.ended);
	assert.match(pg.log.slice(logStart), /PANIC: .*No space left on device/);
	await assert.rejects(pg.start({}, 2_000), /waited/);
}

test('two instances recover from each failure of their PostgreSQL', { skip: SKIP }, async (t) => {
	const pg = await Cluster.open(t);
	const pair = await Pair.open(t, pg, pg.url);

	try {
		for (const fault of FAULTS) {
			const skip = fault.needs && !pg.holder ? 'needs root to mount a small disk' : false;
			await t.test(fault.name, { skip }, (subtest) => endure(subtest, pair, fault));
		}
	} finally {
		await pair.end();
	}
	await t.test('acknowledged changes persist, and nothing is counted or sent twice', async (subtest) => {
		subtest.diagnostic(JSON.stringify(await judge(pair)));
	});
	await pair.other.stop();
});
