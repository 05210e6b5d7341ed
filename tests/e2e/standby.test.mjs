// The machine with PostgreSQL goes down under two instances and their callers, and its standby is promoted: kycd finds it by itself.
// The standby was waited for at each commit, so what was acknowledged stands.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Cluster, REPLICATED } from './lib/cluster.mjs';
import { Pair, endure, judge } from './lib/load.mjs';

const BESIDE = process.env.TEST_POSTGRES ? false : 'needs PostgreSQL: run by tools/with_postgres.py, as `make test` does';

const ENDS = [
	{ says: 'killed with -9, and its machine refuses calls', gone: (pg) => pg.proxy.close() },
	{ says: 'killed with -9, and its machine does not answer any more', gone: (pg) => pg.hang() },
];

/** Both, where callers of theirs look: first here, then there. */
function urlOf(pg, standby) {
	const [one, other] = [pg, standby].map(({ url }) => new URL(url).host);
	return `postgresql://app@${one},${other}/app?target_session_attrs=read-write`;
}

async function promote(standby) {
	assert.equal(await standby.ask('SELECT pg_promote()'), 't');
}

for (const { says, gone } of ENDS)
	test(`a standby is promoted: the primary is ${says}`, { skip: BESIDE }, async (t) => {
		const pg = await Cluster.open(t, { apart: false, settings: REPLICATED });
		const standby = await pg.standby(t);
		const pair = await Pair.open(t, pg, urlOf(pg, standby));
		try {
			await endure(t, pair, {
				breaks: async () => {
					await gone(pg);
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
