// The primary PostgreSQL server fails while two instances serve requests, and its standby is promoted. kycd connects to the standby
// without an operator. Replication is synchronous, so acknowledged changes persist.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Cluster, REPLICATED } from './lib/cluster.mjs';
import { Pair, endure, judge } from './lib/load.mjs';

const SKIP = process.env.TEST_POSTGRES ? false : 'needs PostgreSQL: run by tools/with_postgres.py, as `make test` does';

const FAILURES = [
	{ name: 'killed with -9, and its machine refuses connections', disconnect: (pg) => pg.proxy.close() },
	{ name: 'killed with -9, and its machine does not answer', disconnect: (pg) => pg.hang() },
];

/** Returns a connection URL with both servers; libpq uses the one that accepts writes. */
function urlOf(pg, standby) {
	const [primaryHost, standbyHost] = [pg, standby].map(({ url }) => new URL(url).host);
	return `postgresql://app@${primaryHost},${standbyHost}/app?target_session_attrs=read-write`;
}

async function promote(standby) {
	assert.equal(await standby.ask('SELECT pg_promote()'), 't');
}

for (const { name, disconnect } of FAILURES)
	test(`kycd continues on the promoted standby when the primary is ${name}`, { skip: SKIP }, async (t) => {
		const pg = await Cluster.open(t, { apart: false, settings: REPLICATED });
		const standby = await pg.standby(t);
		const pair = await Pair.open(t, pg, urlOf(pg, standby));
		try {
			await endure(t, pair, {
				breaks: async () => {
					await disconnect(pg);
					await pg.die();
				},
				mends: () => promote(standby),
				tells: /event=database_unavailable /,
			});
		} finally {
			await pair.end();
		}
		pair.pg = standby;
		t.diagnostic(JSON.stringify(await judge(pair)));
		await pair.other.stop();
	});
