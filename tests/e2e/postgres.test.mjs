// PostgreSQL fails in several ways while two instances serve requests. Acknowledged changes persist, nothing is counted or sent
// twice, callers get 503 during the failure, and the instances recover without an operator.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Cluster } from './lib/cluster.mjs';
import { InstancePair, runWithFault, assertConsistent } from './lib/load.mjs';
import { until, within } from './lib/wait.mjs';

// TEST_POSTGRES only shows that PostgreSQL is installed. The test breaks its server, so it starts one of its own.
const SKIP = process.env.TEST_POSTGRES ? false : 'needs PostgreSQL: run by tools/with_postgres.py, as `make test` does';

const FAULTS = [
	{
		name: 'restarted',
		inject: (pg) => pg.stop(),
		repair: (pg) => pg.start(),
	},
	{
		name: 'killed with -9',
		inject: (pg) => pg.stop('SIGKILL'),
		repair: (pg) => pg.start(),
	},
	{
		name: 'one backend process is killed with -9, and the server restarts all of them',
		inject: killBackend,
		serves: 3,
		repair: () => {},
	},
	{
		name: 'only two connections available',
		inject: async (pg) => {
			await pg.stop();
			await pg.start({ max_connections: 5, superuser_reserved_connections: 3 });
		},
		serves: 3,
		repair: async (pg) => {
			await pg.stop();
			await pg.start();
		},
	},
	{
		name: 'no connection available',
		inject: async (pg) => {
			await pg.query('ALTER DATABASE app CONNECTION LIMIT 0');
			await pg.query("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = 'app'");
		},
		repair: (pg) => pg.query('ALTER DATABASE app CONNECTION LIMIT -1'),
	},
	{
		name: 'read-only',
		inject: (pg) => setReadOnly(pg, 'on'),
		repair: (pg) => setReadOnly(pg, 'off'),
		logs: /event=postgres_failed sqlstate=25006 /,
	},
	{
		name: 'the data disk is full',
		needs: 'root',
		inject: (pg) => pg.fillDisk(pg.data),
		repair: (pg) => pg.freeDisk(pg.data),
		logs: /event=postgres_failed sqlstate=53100 /,
	},
	{
		name: 'the WAL disk is full',
		needs: 'root',
		inject: fillWalDisk,
		repair: async (pg) => {
			await pg.freeDisk(pg.wal);
			await pg.start();
		},
		logs: /event=database_unavailable /,
	},
	{
		name: 'the network hangs',
		inject: (pg) => pg.blockNetwork(),
		repair: (pg) => pg.restoreNetwork(),
	},
];

async function setReadOnly(pg, value) {
	await pg.query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
	await pg.query('SELECT pg_reload_conf()');
}

async function killBackend(pg) {
	const logStart = pg.log.length;
	await pg.killBackend();
	await until('the server to terminate its other processes', () => pg.log.slice(logStart).includes('terminating any other active server processes'));
}

/** Fills the WAL disk. The server exits because it cannot write its WAL, and cannot start until there is free space. */
async function fillWalDisk(pg) {
	await pg.query('CHECKPOINT'); // A checkpoint now prevents a later one, which would free space.
	const logStart = pg.log.length;
	await pg.fillDisk(pg.wal);
	await within('the exit of the database server', 20_000, pg.ended);
	assert.match(pg.log.slice(logStart), /PANIC: .*No space left on device/);
	await assert.rejects(pg.start({}, 2_000), /waited/);
}

test('two instances recover from each failure of their PostgreSQL', { skip: SKIP }, async (t) => {
	const pg = await Cluster.open(t);
	const pair = await InstancePair.open(t, pg, pg.url);

	try {
		for (const fault of FAULTS) {
			const skip = fault.needs && !pg.namespaceProcess ? 'needs root to mount a small disk' : false;
			await t.test(fault.name, { skip }, (subtest) => runWithFault(subtest, pair, fault));
		}
	} finally {
		await pair.stop();
	}
	await t.test('acknowledged changes persist, and nothing is counted or sent twice', async (subtest) => {
		subtest.diagnostic(JSON.stringify(await assertConsistent(pair)));
	});
	await pair.other.stop();
});
