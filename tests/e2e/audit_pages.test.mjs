// The trail in parts, as docs/scaling.md makes them: kycd does not notice, and what falls into no part is kept all the same.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { postgres } from './lib/database.mjs';
import { App, expect, newEmail } from './lib/app.mjs';
import { run } from './lib/kycd.mjs';

const page = await readFile(new URL('../../docs/scaling.md', import.meta.url), 'utf8');
const [, PARTITIONS] = /<!-- e2e: partitions -->\n```sql\n([\s\S]*?)^```$/m.exec(page);

const BESIDE = process.env.TEST_POSTGRES ? false : 'needs PostgreSQL: run by tools/with_postgres.py, as `make test` does';

/** Rows of the trail by the part that they lie in. */
async function parts(db) {
	const told = await db.ask(`SELECT tableoid::regclass, count(*) FROM audit_entries GROUP BY 1 ORDER BY 1`);
	return Object.fromEntries(told.split('\n').filter(Boolean).map((line) => line.split('|')).map(([name, n]) => [name, Number(n)]));
}

test('a trail in parts is a trail', { skip: BESIDE }, async (t) => {
	const db = await postgres(t);
	const app = await App.open(t, { settings: { KYCD_DATABASE: db.url } });
	const [early, late] = [newEmail('early'), newEmail('late')];
	await app.approved(early);
	await app.server.stop();
	const before = (await parts(db)).audit_entries;
	await db.ask(PARTITIONS);
	assert.deepEqual(await parts(db), { audit_entries_until_now: before });
	const months = (await db.ask(`SELECT relname FROM pg_class WHERE relname ~ '^audit_entries_\\d{4}_\\d\\d$' ORDER BY 1`)).split('\n');
	assert.equal(months.length, 1);

	await app.server.start();
	assert.equal(expect(await app.status(early), 200).data.approved, true);
	await app.approved(late);
	const acts = (await app.server.run('audit', 'list')).split('\n').length;
	assert.equal(acts, Number(await db.ask('SELECT count(*) FROM audit_entries')));
	assert.match(await app.server.run('db', 'check'), /is intact/);

	// The bounds are those of the ids: the last of this month, the first of the next, and what no month was made for.
	const next = `date_trunc('month', now()) + interval '1 month'`;
	for (const [when, name] of [[`${next} - interval '1 ms'`, 'audit_entries_until_now'], [next, months[0]], [`${next} + interval '1 month'`, 'audit_entries_rest']])
		assert.equal(await db.ask(`INSERT INTO audit_entries SELECT id_from(${when}) || repeat('0', 16), 1, 1, '', 0, 'edge', '', '', '' RETURNING tableoid::regclass`), name);

	await app.server.stop();
	const copied = await run(['db', 'copy', '--from', db.url, '--to', 'sqlite:copied.db', '--json'], { folder: app.folder });
	assert.equal(copied.code, 0, copied.stderr);
	assert.equal(JSON.parse(copied.stdout).tables.audit_entries.rows, acts + 3);
});
