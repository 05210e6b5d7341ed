// Partitions of the audit log as docs/scaling.md creates them: kycd works as before, and rows outside all months go to the default
// partition.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { postgres } from './lib/database.mjs';
import { App, expect, newEmail } from './lib/app.mjs';
import { run } from './lib/kycd.mjs';

const scalingPage = await readFile(new URL('../../docs/scaling.md', import.meta.url), 'utf8');
const [, PARTITION_SQL] = /<!-- e2e: partitions -->\n```sql\n([\s\S]*?)^```$/m.exec(scalingPage);

const SKIP = process.env.TEST_POSTGRES ? false : 'needs PostgreSQL: run it with tools/with_postgres.py, as `make test` does';

/** Returns the number of audit rows in each partition. */
async function rowsByPartition(db) {
	const output = await db.query(`SELECT tableoid::regclass, count(*) FROM audit_entries GROUP BY 1 ORDER BY 1`);
	return Object.fromEntries(output.split('\n').filter(Boolean).map((line) => line.split('|')).map(([name, n]) => [name, Number(n)]));
}

test('the audit log works when its table is partitioned by month', { skip: SKIP }, async (t) => {
	const db = await postgres(t);
	const app = await App.open(t, { settings: { KYCD_DATABASE: db.url } });
	const [early, late] = [newEmail('early'), newEmail('late')];
	await app.approvePerson(early);
	await app.server.stop();
	const rowsBefore = (await rowsByPartition(db)).audit_entries;
	await db.query(PARTITION_SQL);
	assert.deepEqual(await rowsByPartition(db), { audit_entries_until_now: rowsBefore });
	const months = (await db.query(`SELECT relname FROM pg_class WHERE relname ~ '^audit_entries_\\d{4}_\\d\\d$' ORDER BY 1`)).split('\n');
	assert.equal(months.length, 1);

	await app.server.start();
	assert.equal(expect(await app.status(early), 200).data.approved, true);
	await app.approvePerson(late);
	const entries = (await app.server.run('audit', 'list')).split('\n').length;
	assert.equal(entries, Number(await db.query('SELECT count(*) FROM audit_entries')));
	assert.match(await app.server.run('db', 'check'), /is intact/);

	// Partitions are bounded by the ids, which contain the time: insert rows for the last millisecond of this month, the
	// first of the next month, and the month after that, which has no partition.
	const nextMonth = `date_trunc('month', now()) + interval '1 month'`;
	for (const [time, partition] of [[`${nextMonth} - interval '1 ms'`, 'audit_entries_until_now'], [nextMonth, months[0]], [`${nextMonth} + interval '1 month'`, 'audit_entries_rest']])
		assert.equal(await db.query(`INSERT INTO audit_entries (id, at, actor_kind, actor, action, subject, tenant_id, request_id, detail, mac) SELECT id_from(${time}) || repeat('0', 16), 1, 1, '', 0, 'edge', '', '', '', '' RETURNING tableoid::regclass`), partition);

	await app.server.stop();
	const copied = await run(['db', 'copy', '--from', db.url, '--to', 'sqlite:copied.db', '--json'], { folder: app.folder });
	assert.equal(copied.code, 0, copied.stderr);
	assert.equal(JSON.parse(copied.stdout).tables.audit_entries.rows, entries + 3);
});
