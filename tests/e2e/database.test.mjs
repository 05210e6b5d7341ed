// Operations on the SQLite database: backup under load, restore, and schema migration with a backup made before it.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { sqliteTest as test } from './lib/database.mjs';
import { App, expect, masterKey, newEmail } from './lib/app.mjs';
import { PROGRAM, makeFolder, removeFolder, run } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';

const SQL = path.resolve('../sql');

function sqlite(file, text) {
	return execFileSync('sqlite3', ['-cmd', '.timeout 5000', file, text], { encoding: 'utf8' }).trim();
}

async function folder(t) {
	const made = await makeFolder();
	t.after(() => removeFolder(made));
	return made;
}

/** The files of a folder whose name contains `part`, sorted. */
async function filesNamed(directory, part) {
	return (await readdir(directory)).filter((name) => name.includes(part)).sort();
}

/** Calls `action` repeatedly, `concurrency` calls at a time, until `control.stop` is set. Returns the durations in ms, sorted. */
async function callRepeatedly(concurrency, action, control) {
	const durations = [];
	const worker = async () => {
		while (!control.stop) {
			const start = performance.now();
			await action();
			durations.push(performance.now() - start);
		}
	};
	await Promise.all(Array.from({ length: concurrency }, worker));
	return durations.sort((a, b) => a - b);
}

/** Adds many rows, so that a backup takes long enough to be observed or interrupted. */
function addRows(file, rows) {
	sqlite(file, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
		INSERT INTO rates (name, windows) SELECT printf('fat-%020d', i), randomblob(100) FROM n`);
}

test('a backup under load delays no request, and a restore brings back the state of the backup', async (t) => {
	const app = await App.open(t);
	const early = newEmail('early');
	await app.approvePerson(early);
	addRows(path.join(app.folder, 'kycd.db'), 50_000);
	const control = { stop: false };
	const unloadedControl = { stop: false };
	const prepare = async () => expect(await app.prepare(newEmail('load')), 201);
	setTimeout(() => (unloadedControl.stop = true), 500);
	const unloadedTimes = await callRepeatedly(8, prepare, unloadedControl);
	const load = callRepeatedly(8, prepare, control);
	const copies = [];
	for (let i = 0; i < 3; i++) copies.push(JSON.parse(await app.server.run('db', 'backup', '--json', `copy-${i}.db`)));
	control.stop = true;
	const times = await load;
	const p99 = (times) => times[Math.floor(times.length * 0.99)];
	t.diagnostic(`${times.length} calls, p99 ${p99(times).toFixed(0)} ms during backups, ${p99(unloadedTimes).toFixed(0)} ms without; backups took ${copies.map((c) => c.milliseconds)} ms`);
	assert.ok(p99(times) < 1_000, `${p99(times)} ms`);
	assert.ok(times.at(-1) < 5_000, `${times.at(-1)} ms`);

	let last = 0;
	for (const { file, rows, bytes } of copies) {
		const { mode, size } = await stat(path.join(app.folder, file));
		assert.deepEqual([mode & 0o777, size], [0o600, bytes]);
		assert.equal(Number(sqlite(`file:${path.join(app.folder, file)}?immutable=1`, 'SELECT count(*) FROM users')), rows.users);
		assert.ok(rows.users > last, 'each backup is later than the one before');
		assert.equal(rows.users, rows.enrolments);
		last = rows.users;
	}
	assert.deepEqual(await filesNamed(app.folder, 'kycd-'), []);
	assert.match(await app.server.run('db', 'check'), /last backup 20\d\d-/);

	const late = newEmail('late');
	await app.approvePerson(late);
	await app.server.stop();
	assert.deepEqual(await filesNamed(app.folder, 'kycd.db-'), [], 'a clean stop leaves no WAL file');
	await copyFile(path.join(app.folder, 'copy-2.db'), path.join(app.folder, 'kycd.db'));
	await app.server.start();
	assert.equal(expect(await app.status(early), 200).data.approved, true);
	expect(await app.status(late), 404, 'user_not_found');
	assert.match(await app.server.run('db', 'check'), /^the database is intact$/m);

	await app.approvePerson(late);
	await app.server.kill(); // The WAL file stays; it belongs to the database file that is replaced, so it is removed too.
	for (const name of await filesNamed(app.folder, 'kycd.db-')) await rm(path.join(app.folder, name));
	await copyFile(path.join(app.folder, 'copy-1.db'), path.join(app.folder, 'kycd.db'));
	await app.server.start();
	assert.equal(expect(await app.status(early), 200).data.approved, true);
	expect(await app.status(late), 404, 'user_not_found');
});

test('a backup killed with SIGKILL leaves no file under the final name and does not block the next backup', async (t) => {
	const app = await App.open(t);
	addRows(path.join(app.folder, 'kycd.db'), 200_000);
	const fileAt = (name) => path.join(app.folder, name);
	for (const partial of ['kept.db.kycd-part', 'kept.db.kycd-scratch', 'kept.db.kycd-scratch-wal']) {
		const child = spawn(PROGRAM, ['db', 'backup', 'kept.db'], { cwd: app.folder, env: { PATH: process.env.PATH, ...app.server.settings }, stdio: 'ignore' });
		const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve(signal)));
		while (child.exitCode === null && !existsSync(fileAt(partial))) await new Promise(setImmediate);
		child.kill('SIGKILL');
		assert.equal(await ended, 'SIGKILL', partial);
		assert.equal(existsSync(fileAt('kept.db')), false, partial);
	}
	assert.match(await app.server.run('db', 'backup', 'kept.db'), /^kept\.db: restored and compared: \d+ rows \(.*rates 2000\d\d.*\), \d+ bytes, \d+ ms$/);
	assert.deepEqual(await filesNamed(app.folder, 'kept'), ['kept.db']);
});

/** Starts a command and sends it the signal as soon as a file whose name contains `partial` exists. `under`: a wrapper command, such as nohup. */
async function runAndInterrupt(app, args, partial, signal, under = []) {
	const [first, ...rest] = [...under, PROGRAM, ...args];
	const child = spawn(first, rest, { cwd: app.folder, env: { PATH: process.env.PATH, ...app.server.settings }, stdio: ['ignore', 'ignore', 'pipe'] });
	let stderr = '';
	child.stderr.on('data', (piece) => (stderr += piece));
	const ended = new Promise((resolve) => child.on('close', (code, killedBy) => resolve({ code, killedBy })));
	while (child.exitCode === null && (await filesNamed(app.folder, partial)).length === 0) await new Promise(setImmediate);
	child.kill(signal);
	return { ...(await ended), stderr };
}

test('an interrupted backup removes its partial files and reports it in one line', async (t) => {
	const app = await App.open(t);
	addRows(path.join(app.folder, 'kycd.db'), 200_000);
	for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'])
		for (const partial of ['kept.db.kycd-part', 'kept.db.kycd-scratch']) {
			const { code, killedBy, stderr } = await runAndInterrupt(app, ['db', 'backup', 'kept.db'], partial, signal);
			assert.deepEqual([code, killedBy], [1, null], `${signal} at ${partial}: ${stderr}`);
			assert.match(stderr, /^kycd: [^\n]*kept\.db: was cancelled; no partial file is left\n$/);
			assert.deepEqual(await filesNamed(app.folder, 'kept'), []);
		}
	const { code } = await runAndInterrupt(app, ['db', 'backup', 'kept.db'], 'kept.db.kycd-part', 'SIGHUP', ['nohup']);
	assert.equal(code, 0, 'nohup makes the backup ignore SIGHUP');
	assert.deepEqual(await filesNamed(app.folder, 'kept'), ['kept.db']);
});

test('a migration interrupted during its backup changes no schema version', async (t) => {
	const app = await App.open(t);
	await app.server.stop();
	const file = path.join(app.folder, 'kycd.db');
	await rm(file);
	const migrations = await readdir(SQL);
	await app.server.run('db', 'migrate', '--create');
	addRows(file, 200_000);
	sqlite(file, `DELETE FROM schema_migrations WHERE version = ${migrations.length}`);
	const { code, stderr } = await runAndInterrupt(app, ['db', 'migrate'], '.kycd-part', 'SIGTERM');
	assert.equal(code, 1, stderr);
	assert.match(stderr, /^[^\n]*was cancelled; no partial file is left; without a backup no migration is run\n$/m);
	assert.deepEqual(await filesNamed(app.folder, 'before'), []);
});

test('a backup that cannot be made reports the reason in one line and leaves no file', async (t) => {
	const directory = await folder(t);
	const settings = { KYCD_DATABASE: 'sqlite:deep/in/folders/k.db', KYCD_SECRET_KEY: masterKey() };
	const kycd = (args, changedSettings = {}) => run(args, { settings: { ...settings, ...changedSettings }, folder: directory });
	assert.match((await kycd(['db', 'backup', 'kept.db'])).stderr, /^kycd: \.\/deep\/in\/folders\/k\.db: there is no such database; `kycd db migrate` creates it\n$/);
	assert.equal((await kycd(['db', 'migrate'])).code, 0);
	assert.equal((await kycd(['tenant', 'add', 'shop'])).code, 0);
	for (const name of ['deep', 'deep/in', 'deep/in/folders']) assert.equal((await stat(path.join(directory, name))).mode & 0o777, 0o700);
	await writeFile(path.join(directory, 'taken.db'), 'mine');
	await mkdir(path.join(directory, 'closed'), { mode: 0o500 });
	const before = await readdir(directory);
	const cases = [
		['taken.db', /taken\.db: already exists/],
		['deep/in/folders/k.db', /is the database itself/],
		['deep/../deep/in/folders/k.db', /is the database itself/],
		['nowhere/kept.db', /its folder does not exist/],
		['', /does not name a file/],
		['closed/', /does not name a file/],
		['kept.db', /KYCD_SECRET_KEY is not the key of this database: the database was created with key [0-9a-f]{8}, but this is key [0-9a-f]{8}/, { KYCD_SECRET_KEY: masterKey() }],
	];
	if (process.getuid() !== 0) cases.push(['closed/kept.db', /this user may not write to its folder/]);
	for (const [target, reason, changedSettings] of cases) {
		const { code, stdout, stderr } = await kycd(['db', 'backup', target], changedSettings);
		assert.deepEqual([code, stdout, stderr.split('\n').length], [1, '', 2], stderr);
		assert.match(stderr, reason);
	}
	const { size } = await stat(path.join(directory, 'deep/in/folders/k.db'));
	for (const limit of [0, 40_960, size - 1]) {
		const args = [`--fsize=${limit}`, PROGRAM, 'db', 'backup', 'full.db'];
		const full = await promisify(execFile)('prlimit', args, { cwd: directory, env: { PATH: process.env.PATH, ...settings } }).catch((error) => error);
		assert.equal(full.code, 1, `${limit}: ${full.stdout}`);
		assert.match(full.stderr, /cannot be|cannot grow: the disk is full/);
	}
	assert.deepEqual(await readdir(directory), before);
	assert.equal(await readFile(path.join(directory, 'taken.db'), 'utf8'), 'mine');
	await chmod(path.join(directory, 'closed'), 0o700);
	assert.equal((await kycd(['db', 'backup'])).code, 2);
	for (const odd of ['sqlite:kept.db', 'file:kept.db', '~/kept.db']) {
		const { code, stderr } = await kycd(['db', 'backup', odd]);
		assert.equal(code, 2);
		assert.match(stderr, /^kycd: FILE must be [^\n]+\n$/);
	}
	assert.deepEqual(await readdir(directory), before);
});

/** Creates a database with the schema of version 1, with one quota row in it. Returns its path. */
async function createVersion1(where) {
	const words = { text: 'TEXT', bytes: 'BLOB', int: 'INTEGER', strict: 'STRICT, WITHOUT ROWID' };
	const text = (await readFile(path.join(SQL, '0001_start.sql'), 'utf8')).replace(/\{(\w+)\}/g, (whole, word) => words[word] ?? whole);
	const file = path.join(where, 'kycd.db');
	sqlite(file, `PRAGMA journal_mode = WAL; ${text}; INSERT INTO schema_steps VALUES (1, 1); INSERT INTO quotas VALUES ('t', 202601, 42)`);
	await chmod(file, 0o600);
	return file;
}

test('a migration makes one backup of the old schema, and is refused while another process holds the database', async (t) => {
	const directory = await folder(t);
	const file = await createVersion1(directory);
	const newest = (await readdir(SQL)).length;
	const settings = { KYCD_DATABASE: 'sqlite:kycd.db', KYCD_SECRET_KEY: masterKey() };
	const kycd = (...args) => run(args, { settings, folder: directory });

	assert.match((await kycd('tenant', 'list')).stderr, new RegExp(`its schema is version 1, this program's is ${newest}: run \`kycd db migrate\``));
	const lockOwner = spawn('flock', ['-x', 'kycd.db.lock', 'sh', '-c', 'echo "process 4711 on elsewhere since noon" > kycd.db.lock; echo held; read wait'], { cwd: directory, stdio: ['pipe', 'pipe', 'ignore'] });
	await new Promise((resolve) => lockOwner.stdout.once('data', resolve));
	const refused = await kycd('db', 'migrate');
	assert.equal(refused.code, 1);
	assert.match(refused.stderr, /^kycd: \.\/kycd\.db: is held by process 4711 on elsewhere since noon\S?: stop that one first/);
	assert.deepEqual(await filesNamed(directory, 'before'), []);
	lockOwner.stdin.end();
	await until('the lock on the database to be released', async () => lockOwner.exitCode !== null);

	const oldBackup = await kycd('db', 'backup', '--json', 'old.db');
	assert.equal(JSON.parse(oldBackup.stdout).schema, 1, oldBackup.stderr);
	const migrated = await kycd('db', 'migrate');
	assert.deepEqual([migrated.code, migrated.stdout], [0, `schema ${newest}\n`], migrated.stderr);
	const [kept, ...more] = await filesNamed(directory, 'before');
	assert.match(kept, /^kycd\.db\.before-0002-20\d{6}T\d{6}Z$/);
	assert.deepEqual(more, []);
	assert.ok(migrated.stderr.includes(kept), migrated.stderr);
	assert.equal(sqlite(path.join(directory, kept), 'SELECT max(version), (SELECT used FROM quotas) FROM schema_steps'), '1|42');
	assert.equal(sqlite(file, 'SELECT max(version), (SELECT used FROM quotas) FROM schema_migrations'), `${newest}|42`);
	assert.equal((await kycd('db', 'migrate')).stderr, '');
	assert.deepEqual(await filesNamed(directory, 'before'), [kept]);
});

test('serve migrates an older schema; without disk space for the backup it does not start', async (t) => {
	const directory = await folder(t);
	const file = await createVersion1(directory);
	const app = await App.open(t, { tenant: null });
	await app.server.stop();
	const settings = { ...app.server.settings, KYCD_DATABASE: `sqlite:${file}` };
	const full = await promisify(execFile)('prlimit', ['--fsize=65536', PROGRAM, 'serve'], { cwd: directory, env: { PATH: process.env.PATH, ...settings } }).catch((error) => error);
	assert.equal(full.code, 1);
	assert.match(full.stderr, /cannot be written: the disk is full.*; without a backup no migration is run/);
	assert.equal(sqlite(file, 'SELECT max(version) FROM schema_steps'), '1');
	assert.deepEqual(await filesNamed(directory, 'before'), []);
	app.server.givenSettings = settings;
	for (let i = 0; i < 3; i++) {
		await app.server.start();
		await app.server.stop();
		assert.equal((await filesNamed(directory, 'before')).length, 1);
	}
	assert.equal(app.server.log.match(/pre_upgrade_backup/g).length, 1);
});
