// The operator's database: copied while it serves, restored, brought forward with a copy laid aside.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { testOfFiles as test } from './lib/database.mjs';
import { App, expect, masterKey, newEmail } from './lib/app.mjs';
import { PROGRAM, makeFolder, removeFolder, run } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';

const SQL = path.resolve('../sql');

function sqlite(file, text) {
	return execFileSync('sqlite3', [file, text], { encoding: 'utf8' }).trim();
}

async function folder(t) {
	const made = await makeFolder();
	t.after(() => removeFolder(made));
	return made;
}

/** What lies in a folder and has that in its name. */
async function named(where, part) {
	return (await readdir(where)).filter((name) => name.includes(part)).sort();
}

/** Calls `act` over and over, so many at a time, until `stop` is set; gives how long each took. */
async function keepOn(lanes, act, control) {
	const took = [];
	const lane = async () => {
		while (!control.stop) {
			const start = performance.now();
			await act();
			took.push(performance.now() - start);
		}
	};
	await Promise.all(Array.from({ length: lanes }, lane));
	return took.sort((a, b) => a - b);
}

/** Many rows, so that a copy takes its time. */
function fatten(file, rows) {
	sqlite(file, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
		INSERT INTO audit_entries SELECT printf('fat-%020d', i), 1, 1, '', 0, hex(randomblob(32)), '', '', '' FROM n`);
}

test('a backup at load: nobody fails or waits, and what is restored is what was', async (t) => {
	const app = await App.open(t);
	const early = newEmail('early');
	await app.approved(early);
	fatten(path.join(app.folder, 'kycd.db'), 50_000);
	const control = { stop: false };
	const calm = { stop: false };
	const prepare = async () => expect(await app.prepare(newEmail('load')), 201);
	setTimeout(() => (calm.stop = true), 500);
	const quiet = await keepOn(8, prepare, calm);
	const load = keepOn(8, prepare, control);
	const copies = [];
	for (let i = 0; i < 3; i++) copies.push(JSON.parse(await app.server.run('db', 'backup', '--json', `copy-${i}.db`)));
	control.stop = true;
	const took = await load;
	const p99 = (times) => times[Math.floor(times.length * 0.99)];
	t.diagnostic(`${took.length} calls, p99 ${p99(took).toFixed(0)} ms beside ${p99(quiet).toFixed(0)} ms without; copies took ${copies.map((c) => c.milliseconds)} ms`);
	assert.ok(p99(took) < 1_000, `${p99(took)} ms`);
	assert.ok(took.at(-1) < 5_000, `${took.at(-1)} ms`);

	let last = 0;
	for (const { file, rows, bytes } of copies) {
		const { mode, size } = await stat(path.join(app.folder, file));
		assert.deepEqual([mode & 0o777, size], [0o600, bytes]);
		assert.equal(Number(sqlite(`file:${path.join(app.folder, file)}?immutable=1`, 'SELECT count(*) FROM users')), rows.users);
		assert.ok(rows.users > last, 'each is later than the one before');
		assert.equal(rows.users, rows.enrolments);
		last = rows.users;
	}
	assert.deepEqual(await named(app.folder, 'kycd-'), []);
	assert.match(await app.server.run('db', 'check'), /last backup 20\d\d-/);

	const late = newEmail('late');
	await app.approved(late);
	await app.server.stop();
	assert.deepEqual(await named(app.folder, 'kycd.db-'), [], 'a stop leaves no log');
	await copyFile(path.join(app.folder, 'copy-2.db'), path.join(app.folder, 'kycd.db'));
	await app.server.start();
	assert.equal(expect(await app.status(early), 200).data.approved, true);
	expect(await app.status(late), 404, 'user_not_found');
	assert.match(await app.server.run('db', 'check'), /^the database is intact$/m);

	await app.approved(late);
	await app.server.kill(); // its log stays, and belongs to the file that is replaced
	for (const name of await named(app.folder, 'kycd.db-')) await rm(path.join(app.folder, name));
	await copyFile(path.join(app.folder, 'copy-1.db'), path.join(app.folder, 'kycd.db'));
	await app.server.start();
	assert.equal(expect(await app.status(early), 200).data.approved, true);
	expect(await app.status(late), 404, 'user_not_found');
});

test('a kill -9 of a backup half way leaves no file of that name, and is in no way of the next', async (t) => {
	const app = await App.open(t);
	fatten(path.join(app.folder, 'kycd.db'), 200_000);
	const at = (name) => path.join(app.folder, name);
	for (const half of ['kept.db.kycd-part', 'kept.db.kycd-scratch', 'kept.db.kycd-scratch-wal']) {
		const child = spawn(PROGRAM, ['db', 'backup', 'kept.db'], { cwd: app.folder, env: { PATH: process.env.PATH, ...app.server.settings }, stdio: 'ignore' });
		const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve(signal)));
		while (child.exitCode === null && !existsSync(at(half))) await new Promise(setImmediate);
		child.kill('SIGKILL');
		assert.equal(await ended, 'SIGKILL', half);
		assert.equal(existsSync(at('kept.db')), false, half);
	}
	assert.match(await app.server.run('db', 'backup', 'kept.db'), /^kept\.db: restored and compared: \d+ rows \(.*audit_entries 2000\d\d.*\), \d+ bytes, \d+ ms$/);
	assert.deepEqual(await named(app.folder, 'kept'), ['kept.db']);
});

/** Starts a command and gives it the signal as soon as a file whose name has `half` in it is there. */
async function stopped(app, args, half, signal, under = []) {
	const [first, ...rest] = [...under, PROGRAM, ...args];
	const child = spawn(first, rest, { cwd: app.folder, env: { PATH: process.env.PATH, ...app.server.settings }, stdio: ['ignore', 'ignore', 'pipe'] });
	let said = '';
	child.stderr.on('data', (piece) => (said += piece));
	const ended = new Promise((resolve) => child.on('close', (code, by) => resolve({ code, by })));
	while (child.exitCode === null && (await named(app.folder, half)).length === 0) await new Promise(setImmediate);
	child.kill(signal);
	return { ...(await ended), said };
}

test('a backup that is stopped half way removes what it had begun, and says so in one line', async (t) => {
	const app = await App.open(t);
	fatten(path.join(app.folder, 'kycd.db'), 200_000);
	for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'])
		for (const half of ['kept.db.kycd-part', 'kept.db.kycd-scratch']) {
			const { code, by, said } = await stopped(app, ['db', 'backup', 'kept.db'], half, signal);
			assert.deepEqual([code, by], [1, null], `${signal} at ${half}: ${said}`);
			assert.match(said, /^kycd: [^\n]*kept\.db: was cancelled; no partial file is left\n$/);
			assert.deepEqual(await named(app.folder, 'kept'), []);
		}
	const { code } = await stopped(app, ['db', 'backup', 'kept.db'], 'kept.db.kycd-part', 'SIGHUP', ['nohup']);
	assert.equal(code, 0, 'who asked for hang-ups to be ignored is heard');
	assert.deepEqual(await named(app.folder, 'kept'), ['kept.db']);
});

test('a migration that is stopped while it lays a copy aside takes no step', async (t) => {
	const app = await App.open(t);
	await app.server.stop();
	const file = path.join(app.folder, 'kycd.db');
	await rm(file);
	const steps = await readdir(SQL);
	await app.server.run('db', 'migrate');
	fatten(file, 200_000);
	sqlite(file, `DELETE FROM schema_migrations WHERE version = ${steps.length}`);
	const { code, said } = await stopped(app, ['db', 'migrate'], '.kycd-part', 'SIGTERM');
	assert.equal(code, 1, said);
	assert.match(said, /^[^\n]*was cancelled; no partial file is left; without a backup no migration is run\n$/m);
	assert.deepEqual(await named(app.folder, 'before'), []);
});

test('what hinders a backup is said in one line, and nothing is left behind', async (t) => {
	const where = await folder(t);
	const settings = { KYCD_DATABASE: 'sqlite:deep/in/folders/k.db', KYCD_SECRET_KEY: masterKey() };
	const kycd = (args, more = {}) => run(args, { settings: { ...settings, ...more }, folder: where });
	assert.match((await kycd(['db', 'backup', 'kept.db'])).stderr, /^kycd: \.\/deep\/in\/folders\/k\.db: there is no such database\n$/);
	assert.equal((await kycd(['db', 'migrate'])).code, 0);
	assert.equal((await kycd(['tenant', 'add', 'shop'])).code, 0);
	for (const name of ['deep', 'deep/in', 'deep/in/folders']) assert.equal((await stat(path.join(where, name))).mode & 0o777, 0o700);
	await writeFile(path.join(where, 'taken.db'), 'mine');
	await mkdir(path.join(where, 'closed'), { mode: 0o500 });
	const before = await readdir(where);
	const rows = [
		['taken.db', /taken\.db: already exists/],
		['deep/in/folders/k.db', /is the database itself/],
		['deep/../deep/in/folders/k.db', /is the database itself/],
		['nowhere/kept.db', /its folder does not exist/],
		['', /does not name a file/],
		['closed/', /does not name a file/],
		['kept.db', /KYCD_SECRET_KEY is not the key of this database: the database was created with key [0-9a-f]{8}, but this is key [0-9a-f]{8}/, { KYCD_SECRET_KEY: masterKey() }],
	];
	if (process.getuid() !== 0) rows.push(['closed/kept.db', /this user may not write to its folder/]);
	for (const [to, why, more] of rows) {
		const { code, stdout, stderr } = await kycd(['db', 'backup', to], more);
		assert.deepEqual([code, stdout, stderr.split('\n').length], [1, '', 2], stderr);
		assert.match(stderr, why);
	}
	const { size } = await stat(path.join(where, 'deep/in/folders/k.db'));
	for (const limit of [0, 40_960, size - 1]) {
		const args = [`--fsize=${limit}`, PROGRAM, 'db', 'backup', 'full.db'];
		const full = await promisify(execFile)('prlimit', args, { cwd: where, env: { PATH: process.env.PATH, ...settings } }).catch((trouble) => trouble);
		assert.equal(full.code, 1, `${limit}: ${full.stdout}`);
		assert.match(full.stderr, /cannot be|cannot grow: the disk is full/);
	}
	assert.deepEqual(await readdir(where), before);
	assert.equal(await readFile(path.join(where, 'taken.db'), 'utf8'), 'mine');
	await chmod(path.join(where, 'closed'), 0o700);
	assert.equal((await kycd(['db', 'backup'])).code, 2);
});

/** A database as the first version made it, empty but for one quota. */
async function firstVersion(where) {
	const words = { text: 'TEXT', bytes: 'BLOB', int: 'INTEGER', strict: 'STRICT, WITHOUT ROWID' };
	const text = (await readFile(path.join(SQL, '0001_start.sql'), 'utf8')).replace(/\{(\w+)\}/g, (whole, word) => words[word] ?? whole);
	const file = path.join(where, 'kycd.db');
	sqlite(file, `PRAGMA journal_mode = WAL; ${text}; INSERT INTO schema_steps VALUES (1, 1); INSERT INTO quotas VALUES ('t', 202601, 42)`);
	await chmod(file, 0o600);
	return file;
}

test('an older schema: a copy is laid aside, once; a holder is not pulled away from under', async (t) => {
	const where = await folder(t);
	const file = await firstVersion(where);
	const newest = (await readdir(SQL)).length;
	const settings = { KYCD_DATABASE: 'sqlite:kycd.db', KYCD_SECRET_KEY: masterKey() };
	const kycd = (...args) => run(args, { settings, folder: where });

	assert.match((await kycd('tenant', 'list')).stderr, new RegExp(`its schema is version 1, this program's is ${newest}: run \`kycd db migrate\``));
	const holder = spawn('flock', ['-x', 'kycd.db.lock', 'sh', '-c', 'echo "process 4711 on elsewhere since noon" > kycd.db.lock; echo held; read wait'], { cwd: where, stdio: ['pipe', 'pipe', 'ignore'] });
	await new Promise((resolve) => holder.stdout.once('data', resolve));
	const held = await kycd('db', 'migrate');
	assert.equal(held.code, 1);
	assert.match(held.stderr, /^kycd: \.\/kycd\.db: is held by process 4711 on elsewhere since noon\S?: stop that one first/);
	assert.deepEqual(await named(where, 'before'), []);
	holder.stdin.end();
	await until('it to be free', async () => holder.exitCode !== null);

	const before = await kycd('db', 'backup', '--json', 'old.db');
	assert.equal(JSON.parse(before.stdout).schema, 1, before.stderr);
	const done = await kycd('db', 'migrate');
	assert.deepEqual([done.code, done.stdout], [0, `schema ${newest}\n`], done.stderr);
	const [kept, ...more] = await named(where, 'before');
	assert.match(kept, /^kycd\.db\.before-0002-20\d{6}T\d{6}Z$/);
	assert.deepEqual(more, []);
	assert.ok(done.stderr.includes(kept), done.stderr);
	assert.equal(sqlite(path.join(where, kept), 'SELECT max(version), (SELECT used FROM quotas) FROM schema_steps'), '1|42');
	assert.equal(sqlite(file, 'SELECT max(version), (SELECT used FROM quotas) FROM schema_migrations'), `${newest}|42`);
	assert.equal((await kycd('db', 'migrate')).stderr, '');
	assert.deepEqual(await named(where, 'before'), [kept]);
});

test('serve brings an older schema forward; without room for the copy it does not start', async (t) => {
	const where = await folder(t);
	const file = await firstVersion(where);
	const app = await App.open(t, { tenant: null });
	await app.server.stop();
	const settings = { ...app.server.settings, KYCD_DATABASE: `sqlite:${file}` };
	const full = await promisify(execFile)('prlimit', ['--fsize=65536', PROGRAM, 'serve'], { cwd: where, env: { PATH: process.env.PATH, ...settings } }).catch((trouble) => trouble);
	assert.equal(full.code, 1);
	assert.match(full.stderr, /cannot be written: the disk is full.*; without a backup no migration is run/);
	assert.equal(sqlite(file, 'SELECT max(version) FROM schema_steps'), '1');
	assert.deepEqual(await named(where, 'before'), []);
	app.server.given = settings;
	for (let i = 0; i < 3; i++) {
		await app.server.start();
		await app.server.stop();
		assert.equal((await named(where, 'before')).length, 1);
	}
	assert.equal(app.server.log.match(/pre_upgrade_backup/g).length, 1);
});
