// PostgreSQL breaks under two instances and their callers, in each way that it can: what was acknowledged stands, nothing is
// counted or sent twice, callers hear 503 meanwhile, and it goes on by itself.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Cluster } from './lib/cluster.mjs';
import { Pair, endure, judge } from './lib/load.mjs';
import { until, within } from './lib/wait.mjs';

// Beside the other stories' cluster, which says that PostgreSQL is there; on one of its own, for it is broken.
const BESIDE = process.env.TEST_POSTGRES ? false : 'needs PostgreSQL: run by tools/with_postgres.py, as `make test` does';

const FAULTS = [
	{
		says: 'restarted',
		breaks: (pg) => pg.stop(),
		mends: (pg) => pg.start(),
	},
	{
		says: 'killed with -9',
		breaks: (pg) => pg.stop('SIGKILL'),
		mends: (pg) => pg.start(),
	},
	{
		says: 'one of its processes is killed with -9, and it starts all anew',
		breaks: crash,
		serves: 3,
		mends: () => {},
	},
	{
		says: 'two connections for all',
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
		says: 'no connection left',
		breaks: async (pg) => {
			await pg.ask('ALTER DATABASE app CONNECTION LIMIT 0');
			await pg.ask("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = 'app'");
		},
		mends: (pg) => pg.ask('ALTER DATABASE app CONNECTION LIMIT -1'),
	},
	{
		says: 'read-only',
		breaks: (pg) => readOnly(pg, 'on'),
		mends: (pg) => readOnly(pg, 'off'),
		tells: /event=postgres_failed sqlstate=25006 /,
	},
	{
		says: 'its disk is full',
		needs: 'root',
		breaks: (pg) => pg.fill(pg.data),
		mends: (pg) => pg.makeRoom(pg.data),
		tells: /event=postgres_failed sqlstate=53100 /,
	},
	{
		says: 'the disk of its log is full',
		needs: 'root',
		breaks: panic,
		mends: async (pg) => {
			await pg.makeRoom(pg.wal);
			await pg.start();
		},
		tells: /event=database_unavailable /,
	},
	{
		says: 'the network hangs',
		breaks: (pg) => pg.hang(),
		mends: (pg) => pg.resume(),
	},
];

async function readOnly(pg, value) {
	await pg.ask(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
	await pg.ask('SELECT pg_reload_conf()');
}

async function crash(pg) {
	const before = pg.log.length;
	await pg.killOne();
	await until('the others to be ended', () => pg.log.slice(before).includes('terminating any other active server processes'));
}

/** It cannot write down what it does, so it ends; and it does not come up until there is room. */
async function panic(pg) {
	await pg.ask('CHECKPOINT'); // now, for it makes room
	const before = pg.log.length;
	await pg.fill(pg.wal);
	await within('the end of the database server', 20_000, pg.ended);
	assert.match(pg.log.slice(before), /PANIC: .*No space left on device/);
	await assert.rejects(pg.start({}, 2_000), /waited/);
}

test('two instances on one PostgreSQL that breaks', { skip: BESIDE }, async (t) => {
	const pg = await Cluster.open(t);
	const pair = await Pair.open(t, pg, pg.url);

	try {
		for (const fault of FAULTS) {
			const skip = fault.needs && !pg.holder ? 'needs root, who may mount a small disk' : false;
			await t.test(fault.says, { skip }, (each) => endure(each, pair, fault));
		}
	} finally {
		await pair.end();
	}
	await t.test('what was acknowledged stands, and nothing is doubled', async (each) => {
		each.diagnostic(JSON.stringify(await judge(pair)));
	});
	await pair.other.stop();
});
