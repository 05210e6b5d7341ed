// The primary PostgreSQL server fails while two instances serve requests, and its standby is promoted. kycd connects to the standby
// without an operator. Replication is synchronous, so acknowledged changes persist.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Cluster, REPLICATION_SETTINGS } from './lib/cluster.mjs';
import { InstancePair, runWithFault, assertConsistent } from './lib/load.mjs';
import { until } from './lib/wait.mjs';

const SKIP = process.env.TEST_POSTGRES ? false : 'needs PostgreSQL: run by tools/with_postgres.py, as `make test` does';

const FAILURES = [
	{ name: 'killed with -9, and its machine refuses connections', disconnect: (pg) => pg.proxy.close() },
	{ name: 'killed with -9, and its machine does not answer', disconnect: (pg) => pg.blockNetwork() },
];

const UNAVAILABLE = /event=database_unavailable /;

/** Returns a connection URL with both servers; libpq uses the one that accepts writes. */
function urlOf(pg, standby) {
	const [primaryHost, standbyHost] = [pg, standby].map(({ url }) => new URL(url).host);
	return `postgresql://app@${primaryHost},${standbyHost}/app?target_session_attrs=read-write`;
}

async function promote(standby) {
	assert.equal(await standby.query('SELECT pg_promote()'), 't');
}

for (const { name, disconnect } of FAILURES)
	test(`kycd continues on the promoted standby when the primary is ${name}`, { skip: SKIP }, async (t) => {
		const pg = await Cluster.open(t, { isolated: false, settings: REPLICATION_SETTINGS });
		const standby = await pg.addStandby(t);
		const pair = await InstancePair.open(t, pg, urlOf(pg, standby));
		try {
			await runWithFault(t, pair, {
				inject: async () => {
					await disconnect(pg);
					await pg.killAll();
				},
				repair: async () => {
					// A request that waits for a connection can be refused before the connection attempt itself has failed.
					await until('the outage to be logged', () => pair.servers.some((server) => UNAVAILABLE.test(server.log)), 25_000);
					await promote(standby);
				},
				logs: UNAVAILABLE,
			});
		} finally {
			await pair.stop();
		}
		pair.pg = standby;
		t.diagnostic(JSON.stringify(await assertConsistent(pair)));
		await pair.other.stop();
	});
