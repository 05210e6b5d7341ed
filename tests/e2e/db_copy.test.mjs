// `kycd db copy` between SQLite and PostgreSQL in both directions: it continues after it was killed or interrupted, and reports
// why it refuses a copy.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { postgres, sqliteTest } from './lib/database.mjs';
import { App, expect, masterKey, newEmail } from './lib/app.mjs';
import { PROGRAM, Server, makeFolder, removeFolder, run } from './lib/kycd.mjs';
import { until, within } from './lib/wait.mjs';

function sqlite(file, text) {
	return execFileSync('sqlite3', ['-cmd', '.timeout 5000', file, text], { encoding: 'utf8' }).trim();
}

/** Creates a folder with a database that has a tenant and `rows` audit entries. */
async function createFilledDatabase(t, rows) {
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	const settings = { KYCD_DATABASE: 'sqlite:kycd.db', KYCD_SECRET_KEY: masterKey() };
	for (const args of [['db', 'migrate'], ['tenant', 'add', 'shop']]) assert.equal((await run(args, { folder, settings })).code, 0);
	sqlite(path.join(folder, 'kycd.db'), `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
		INSERT INTO audit_entries (id, at, actor_kind, actor, action, subject, tenant_id, request_id, detail) SELECT printf('fat-%020d', i), 1, 1, '', 0, hex(randomblob(32)), '', '', '' FROM n`);
	return { folder, settings };
}

const copy = (folder, from, to, ...rest) => run(['db', 'copy', '--from', from, '--to', to, ...rest], { folder, limit: 60_000 });

/** Starts another server of the app on the given database. */
async function serveFrom(app, database) {
	app.server = new Server({ folder: app.folder, settings: { ...app.server.givenSettings, KYCD_DATABASE: database } });
	await app.server.start();
}

sqliteTest('a copy to PostgreSQL and back keeps approvals and API keys, and no e-mail is sent twice', async (t) => {
	const app = await App.open(t);
	const target = await postgres(t);
	const early = newEmail('early');
	const late = newEmail('late');
	await app.approvePerson(early);
	await app.server.stop();
	const messages = app.mailServer.messages.length;
	const firstCopy = await copy(app.folder, 'sqlite:kycd.db', target.url);
	assert.equal(firstCopy.code, 0, firstCopy.stderr);
	assert.match(firstCopy.stdout, /^postgresql:\S+: copied and compared: \d+ rows \(keyrings 5, tenants 1, .*users 1, .*\), \d+ ms\n$/);
	assert.match(firstCopy.stderr, /^kycd: copying .* rows \(\d+ %\)\nkycd: comparing .* rows \(\d+ %\)\n$/);

	await serveFrom(app, target.url);
	assert.equal(expect(await app.status(early), 200).data.approved, true);
	expect(await app.create(early), 200);
	await app.approvePerson(late);
	await app.server.stop();
	const back = await copy(app.folder, target.url, 'sqlite:new/back.db', '--json');
	assert.equal(back.code, 0, back.stderr);
	const report = JSON.parse(back.stdout);
	assert.deepEqual([report.to, report.found, report.tables.users.rows, report.tables.schema_migrations.rows], ['./new/back.db', 0, 2, report.schema]);
	assert.match(report.tables.users.digest, /^[0-9a-f]{64}$/);
	const { mode } = await stat(path.join(app.folder, 'new/back.db'));
	assert.equal(mode & 0o777, 0o600);

	await serveFrom(app, 'sqlite:new/back.db');
	for (const email of [early, late]) assert.equal(expect(await app.status(email), 200).data.approved, true);
	assert.match(await app.server.run('db', 'check'), /^the database is intact$/m);
	assert.equal(app.mailServer.messages.filter((message) => JSON.stringify(message).includes(early)).length, messages);
});

/** Runs a copy until `hasRows` returns true, then interrupts it with a signal name or an async function. Returns exit code, signal and stderr. */
async function interruptCopy(folder, from, to, interrupt, hasRows) {
	const child = spawn(PROGRAM, ['db', 'copy', '--from', from, '--to', to], { cwd: folder, env: { PATH: process.env.PATH }, stdio: ['ignore', 'ignore', 'pipe'] });
	let stderr = '';
	child.stderr.on('data', (piece) => (stderr += piece));
	const closed = new Promise((resolve) => child.on('close', (code, killedBy) => resolve({ code, killedBy, stderr })));
	await until('the first rows in the target', hasRows, 30_000);
	if (typeof interrupt === 'string') child.kill(interrupt);
	else await interrupt();
	return within('exit of the interrupted copy', 20_000, closed);
}

sqliteTest('a copy to PostgreSQL continues after SIGKILL, SIGTERM and a lost connection; an unfinished copy cannot be served', async (t) => {
	const { folder, settings } = await createFilledDatabase(t, 300_000);
	const target = await postgres(t);
	const rows = async () => Number(await target.query('SELECT count(*) FROM audit_entries').catch(() => 0));
	const killed = await interruptCopy(folder, 'sqlite:kycd.db', target.url, 'SIGKILL', async () => (await rows()) > 0);
	assert.equal(killed.killedBy, 'SIGKILL');
	const first = await rows();
	t.diagnostic(`${first} rows when the copy was killed`);
	assert.ok(first > 0 && first < 300_000);

	const env = { ...settings, KYCD_DATABASE: target.url };
	for (const args of [['tenant', 'list'], ['db', 'migrate'], ['db', 'check'], ['serve', '--dev']]) {
		const { code, stderr } = await run(args, { folder, settings: env });
		assert.equal(code, 1, stderr);
		assert.match(stderr, /is an unfinished copy: run the same `kycd db copy` again to complete it, or use another database\n$/, args.join(' '));
	}

	const stopped = await interruptCopy(folder, 'sqlite:kycd.db', target.url, 'SIGTERM', async () => (await rows()) > first);
	assert.deepEqual([stopped.code, stopped.killedBy], [1, null], stopped.stderr);
	assert.match(stopped.stderr, /\nkycd: the copy was cancelled; run the same command again: it continues from there\n$/);

	const second = await rows();
	const terminateConnections = () => target.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kycd db copy'");
	const lost = await interruptCopy(folder, 'sqlite:kycd.db', target.url, terminateConnections, async () => (await rows()) > second);
	assert.deepEqual([lost.code, lost.killedBy], [1, null], lost.stderr);
	assert.match(lost.stderr, /\nkycd: postgresql:\S+ cannot be reached any more; run the same command again: it continues from there\n$/);

	const last = await copy(folder, 'sqlite:kycd.db', target.url);
	assert.equal(last.code, 0, last.stderr);
	const [, earlierRows] = /audit_entries 300001, .*\), (\d+) of them by an earlier run, \d+ ms\n$/.exec(last.stdout);
	assert.ok(Number(earlierRows) > second);
	assert.equal(await rows(), 300_001);
	assert.equal((await run(['tenant', 'list'], { folder, settings: env })).code, 0);
	const again = await copy(folder, 'sqlite:kycd.db', target.url);
	assert.equal(again.code, 1);
	assert.match(again.stderr, /: the table keyrings has rows already: a copy needs an empty database\n$/);
});

sqliteTest('a copy to a SQLite file continues after SIGKILL and equals the source; a terminal shows one progress line', async (t) => {
	const { folder } = await createFilledDatabase(t, 100_000);
	const target = path.join(folder, 'b.db');
	const rows = async () => existsSync(target) && Number(sqlite(target, 'SELECT count(*) FROM audit_entries'));
	const killed = await interruptCopy(folder, 'sqlite:kycd.db', 'sqlite:b.db', 'SIGKILL', async () => (await rows().catch(() => 0)) > 0);
	assert.equal(killed.killedBy, 'SIGKILL');
	// On a terminal the progress rewrites one line, which is cleared at the end.
	const { stdout } = await promisify(execFile)('script', ['-qec', `${PROGRAM} db copy --from sqlite:kycd.db --to sqlite:b.db`, '/dev/null'], { cwd: folder, timeout: 60_000 });
	assert.match(stdout, /\r\x1b\[Kkycd: copying \w+: \d+ of 100\d\d\d rows \(\d+ %\)\r\x1b\[K/);
	assert.match(stdout, /\r\x1b\[K\.\/b\.db: copied and compared: 1000\d\d rows .* by an earlier run, \d+ ms\r\n$/);
	assert.equal(stdout.split('\n').length, 2);
	assert.equal(sqlite(target, 'SELECT count(*) FROM audit_entries'), '100001');
	assert.equal(existsSync(`${target}-wal`), false);
	const dump = (name) => execFileSync('sh', ['-c', `sqlite3 "$1" .dump | sha256sum`, 'sh', path.join(folder, name)], { encoding: 'utf8' });
	assert.equal(dump('b.db'), dump('kycd.db'));
});

sqliteTest('a database that a server uses is refused as source and as target, on SQLite and PostgreSQL', async (t) => {
	const app = await App.open(t);
	const target = await postgres(t);
	const { folder } = app;
	const assertRefused = async (from, to, message) => {
		const { code, stderr } = await copy(folder, from, to);
		assert.equal(code, 1, stderr);
		assert.match(stderr, message);
		assert.equal(stderr.split('\n').length, 2, stderr);
	};
	await assertRefused('sqlite:kycd.db', target.url, /^kycd: \.\/kycd\.db: is held by process \d+ on \S+ since \S+: stop that one first/);
	await copyFile(path.join(folder, 'kycd.db'), path.join(folder, 'other.db'));
	await assertRefused('sqlite:other.db', 'sqlite:kycd.db', /^kycd: \.\/kycd\.db: is held by process \d+/);
	await app.server.stop();

	const pg = new Server({ folder, settings: { ...app.server.givenSettings, KYCD_DATABASE: target.url } });
	t.after(() => pg.kill());
	await pg.start();
	await assertRefused('sqlite:kycd.db', target.url, /^kycd: postgresql:\S+ is in use by kycd \(\d+ connections\): stop everything that uses it/);
	await assertRefused(target.url, 'sqlite:fresh.db', /^kycd: postgresql:\S+ is in use by kycd/);
	await pg.stop();
	await assertRefused('sqlite:kycd.db', target.url, /: the table keyrings has rows already: a copy needs an empty database$/m);
});

sqliteTest('an error is reported in one line that contains no password', async (t) => {
	const { folder } = await createFilledDatabase(t, 20_000);
	await writeFile(path.join(folder, 'strange.db'), 'this text file is not a database, although its name ends in .db');
	const pages = await readFile(path.join(folder, 'kycd.db'));
	await writeFile(path.join(folder, 'damaged.db'), pages.fill(0xff, pages.length >> 1, (pages.length >> 1) + 8192));
	const secret = 'pass-that-nobody-may-see';
	const unreachable = `postgresql://kycd:${secret}@127.0.0.1:1/kycd`;
	const cases = [
		[['--from', 'sqlite:kycd.db'], 2, /^kycd: --to is missing$/m],
		[[], 2, /^kycd: --from is missing$/m],
		[['--from', 'sqlite:', '--to', 'sqlite:b.db'], 2, /^kycd: --from must be sqlite:FILE/],
		[['--from', 'sqlite:a.db', '--to', 'sqlite:~/b.db'], 2, /^kycd: --to must be sqlite:FILE, with a path without ~/],
		[['--from', 'sqlite:kycd.db', '--to', 'mysql://x/y'], 2, /^kycd: --to must be sqlite:FILE, such as .*, or postgresql:/],
		[['--from', 'sqlite:kycd.db', '--to', `postgresql://kycd:${secret}/x@h/d`], 2, /^kycd: --to must be postgresql:\/\/USER:PASSWORD@HOST/],
		[['--from', 'sqlite:kycd.db', '--to', 'sqlite:kycd.db'], 2, /^kycd: --from and --to must be two different databases$/m],
		[['--from', 'sqlite:kycd.db', '--to', 'sqlite:./kycd.db'], 1, /^kycd: --from and --to are the same file/],
		[['--from', 'sqlite:missing.db', '--to', 'sqlite:b.db'], 1, /^kycd: \.\/missing\.db: there is no such database/],
		[['--from', 'sqlite:strange.db', '--to', 'sqlite:b.db'], 1, /^kycd: \.\/strange\.db: is not a SQLite database/],
		[['--from', 'sqlite:damaged.db', '--to', 'sqlite:c.db'], 1, /^kycd: \.\/damaged\.db: the table audit_entries is damaged: stop the server, keep the files, restore the last backup/m],
		[['--from', 'sqlite:kycd.db', '--to', unreachable], 1, /^kycd: postgresql:\/\/kycd@127\.0\.0\.1:1\/kycd: .*refused/],
		[['--from', 'sqlite:kycd.db', '--to', '-'], 1, /^kycd: postgresql:\/\/kycd@127\.0\.0\.1:1\/kycd: .*refused/, unreachable],
		[['--from', 'sqlite:kycd.db', '--to', '-'], 2, /^kycd: standard input has no line with a URL for --to$/m, ''],
		[[unreachable], 2, /^kycd: unexpected argument `a URL`$/m],
	];
	for (const [args, code, message, input] of cases) {
		const result = await run(['db', 'copy', ...args], { folder, input });
		assert.equal(result.code, code, `${args.join(' ')}: ${result.stderr}`);
		assert.match(result.stderr, message, args.join(' '));
		assert.ok(!(result.stdout + result.stderr).includes(secret), result.stderr);
		assert.equal(existsSync(path.join(folder, 'missing.db')), false);
	}
});
