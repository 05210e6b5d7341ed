// The files of a SQLite database are removed, replaced or overwritten while the server runs: writes are refused with 503, readiness
// fails, one log line names the file, and what was acknowledged before survives. A lost database is not created again unasked.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test from 'node:test';
import { copyFile, mkdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ON_POSTGRES, executeSql, queryDatabase, sqliteTest } from './lib/database.mjs';
import { App, expect, masterKey, newEmail } from './lib/app.mjs';
import { Server, makeFolder, removeFolder, run } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';

const exists = (file) => stat(file).then(() => true, () => false);
const changedLines = (server) => server.log.split('\n').filter((line) => line.includes('event=database_files_changed'));

/** An app with three people, of whom one has registered after a backup was made. `file` returns the path of a database file. */
async function openWithBackup(t) {
	const app = await App.open(t, { settings: { KYCD_DATABASE: 'sqlite:here/kycd.db' } });
	app.file = (suffix = '') => path.join(app.folder, `here/kycd.db${suffix}`);
	app.people = [await app.verifyPerson(newEmail())];
	await app.server.run('db', 'backup', 'kept.db');
	app.people.push(await app.verifyPerson(newEmail()), await app.verifyPerson(newEmail()));
	return app;
}

const isReady = async (app) => (await app.server.call('GET', '/health/ready')).http === 200;

async function assertRefusesWrites(app, fileName) {
	await until('readiness to fail', async () => !(await isReady(app)), 3_000);
	for (let i = 0; i < 3; i++) {
		const answer = await app.prepare(newEmail());
		assert.equal(answer.http, 503, answer.text);
		assert.ok(answer.headers['retry-after']);
	}
	assert.equal(changedLines(app.server).length, 1, app.server.log);
	assert.match(changedLines(app.server)[0], new RegExp(`level=error event=database_files_changed file=\\S*/${fileName} reason=".+" effect=".+" action=".+"`));
}

const changes = {
	'the database is removed': ['kycd.db', (app) => rm(app.file())],
	'the database is renamed': ['kycd.db', (app) => rename(app.file(), app.file('.old'))],
	'a backup is moved over the database': ['kycd.db', (app) => rename(path.join(app.folder, 'kept.db'), app.file())],
	'a backup is copied into the database': ['kycd.db', (app) => copyFile(path.join(app.folder, 'kept.db'), app.file())],
	'the database is emptied': ['kycd.db', (app) => truncate(app.file())],
	'the WAL is emptied': ['kycd.db-wal', (app) => truncate(app.file('-wal'))],
	'the index of the WAL is removed': ['kycd.db-shm', (app) => rm(app.file('-shm'))],
	'the folder is renamed': ['kycd.db', async (app) => {
		await rename(path.join(app.folder, 'here'), path.join(app.folder, 'away'));
		await mkdir(path.join(app.folder, 'here'));
	}],
};

for (const [name, [fileName, change]] of Object.entries(changes))
	sqliteTest(`if ${name} while the server runs, nothing is acknowledged any more`, async (t) => {
		const app = await openWithBackup(t);
		await change(app);
		await assertRefusesWrites(app, fileName);
		await app.server.stop();
	});

sqliteTest('if the WAL is removed, everything that was acknowledged survives a kill', async (t) => {
	const app = await openWithBackup(t);
	await rm(app.file('-wal'));
	await assertRefusesWrites(app, 'kycd.db-wal');
	await app.server.restart();
	for (const email of app.people) expect(await app.prepare(email), 200);
	await app.server.run('db', 'check');
});

sqliteTest('a backup that was copied into the database of a running server is served after a restart', async (t) => {
	const app = await openWithBackup(t);
	await copyFile(path.join(app.folder, 'kept.db'), app.file());
	await assertRefusesWrites(app, 'kycd.db');
	await app.server.restart();
	await app.server.run('db', 'check');
	const [before, ...after] = app.people;
	expect(await app.prepare(before), 200);
	for (const email of after) expect(await app.prepare(email), 201);
});

sqliteTest('the server continues when a file that was moved away is put back', async (t) => {
	const app = await openWithBackup(t);
	await rename(app.file(), app.file('.away'));
	await assertRefusesWrites(app, 'kycd.db');
	await rename(app.file('.away'), app.file());
	await until('the server to be ready', () => isReady(app), 3_000);
	await app.server.waitForLog(/event=database_files_restored/);
	expect(await app.prepare(newEmail()), 201);
	for (const email of app.people) expect(await app.prepare(email), 200);
});

sqliteTest('a removed lock file is created again; another server cannot start meanwhile', async (t) => {
	const app = await openWithBackup(t);
	await rm(app.file('.lock'));
	await app.server.waitForLog(/event=instance_lock_restored file=\S*kycd\.db\.lock reason="was removed or renamed"/);
	assert.match(await readFile(app.file('.lock'), 'utf8'), new RegExp(`^process ${app.server.child.pid} on`));
	const other = new Server({ folder: app.folder, settings: app.server.givenSettings });
	t.after(() => other.kill());
	const failedStart = assert.rejects(other.start());
	await until('the other server to wait for the lock', () => /waiting up to 30 s/.test(other.log));
	await other.kill();
	await failedStart;
	expect(await app.prepare(newEmail()), 201);
});

sqliteTest('a lost database is not created again unless --create is given', async (t) => {
	const app = await openWithBackup(t);
	assert.match(app.server.log, /level=info event=database_created file=\S*here\/kycd\.db\n/);
	await app.server.stop();
	const { settings, folder } = app.server;
	const losses = [[/is missing, but a database was created here before \(\S*kycd\.db\.created says so\): .* --create$/, () => rm(app.file())], [/is empty, but a database was created here before .* --create$/, () => writeFile(app.file(), '')]];
	for (const [message, lose] of losses) {
		await lose();
		for (const args of [['serve'], ['db', 'migrate'], ['tenant', 'list'], ['tenant', 'add', 'x'], ['db', 'check'], ['doctor']]) {
			const { code, stdout, stderr } = await run(args, { settings, folder, limit: 60_000 });
			assert.equal(code, 1, args.join(' '));
			if (args[0] === 'doctor') assert.match(stdout, /^error +database .*a database was created here before/m);
			else if (args[0] !== 'db' || args[1] === 'migrate') assert.match(stderr.trim(), message, args.join(' '));
		}
	}
	const created = await run(['db', 'migrate', '--create'], { settings, folder });
	assert.equal(created.code, 0, created.stderr);
	await run(['tenant', 'add', 'second'], { settings, folder });
	app.server.args = ['--create'];
	await app.server.start();
	assert.match(await app.server.run('tenant', 'list'), /second/, '--create keeps a database that exists');
	await app.server.stop();
	await rm(app.file());
	app.server.log = '';
	await app.server.start();
	assert.match(app.server.log, /event=database_created/);
});

test('commands other than serve and db migrate do not create the database', async (t) => {
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	const settings = { KYCD_DATABASE: 'sqlite:deep/kycd.db', KYCD_SECRET_KEY: masterKey() };
	const commands = [['tenant', 'add', 'shop'], ['tenant', 'list'], ['key', 'create', '--tenant', 'shop'], ['key', 'list'], ['key', 'revoke', 'AAAAAAAA'], ['audit', 'list'],
		['user', 'show', 'a@example.com'], ['user', 'reset-tries', 'a@example.com'], ['user', 'erase', 'a@example.com', '--yes'], ['db', 'check']];
	for (const args of commands) {
		const { code, stdout, stderr } = await run(args, { settings, folder });
		assert.deepEqual([code, stdout], [1, ''], `${args.join(' ')}: ${stderr}`);
		if (args[0] !== 'db') assert.match(stderr, /`kycd db migrate` creates (it|the tables)/, args.join(' '));
		assert.equal(await exists(path.join(folder, 'deep')), false, args.join(' '));
	}
	assert.equal((await run(['db', 'migrate'], { settings, folder })).code, 0);
	assert.equal((await run(['tenant', 'add', 'shop'], { settings, folder })).code, 0);
});

sqliteTest('in development mode, removing var/dev.* begins again, and removing only the database does not', async (t) => {
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	const server = new Server({ folder, args: ['--dev'] });
	t.after(() => server.kill());
	await server.start();
	await rm(path.join(folder, 'var/dev.sandbox.db'));
	const prepared = await server.call('POST', '/kyc/prepare', { body: { email: 'ana@example.com' } });
	assert.equal(prepared.http, 201, 'the file of the sandbox is not the database');
	const refused = await server.call('POST', '/sandbox/didit/v3/session/', { body: { vendor_data: 'x', workflow_id: '00000000-0000-4000-8000-000000000008' }, headers: { 'x-api-key': 'sandbox' } });
	assert.equal(refused.http, 500, refused.text);
	await server.waitForLog(/event=sandbox_file_changed file=\S*dev\.sandbox\.db reason="was removed or renamed"/);
	await server.stop();
	await rm(path.join(folder, 'var/dev.db'));
	await assert.rejects(server.start(), /var\/dev\.db: is missing, but a database was created here before/);
	execFileSync('sh', ['-c', 'rm var/dev.*'], { cwd: folder });
	await server.start();
	await server.stop();
});

test('a table that is dropped while the server runs is answered 503, and the server continues when it is back', { skip: !ON_POSTGRES }, async (t) => {
	const app = await App.open(t);
	const email = await app.verifyPerson(newEmail());
	executeSql(app, 'ALTER TABLE addresses RENAME TO lost');
	assert.equal((await app.prepare(newEmail())).http, 503);
	assert.equal((await app.status(email)).http, 503);
	await app.server.waitForLog(/event=postgres_failed .*sqlstate=42P01/);
	executeSql(app, 'ALTER TABLE lost RENAME TO addresses');
	await until('the server to find the table', async () => (await app.prepare(email)).http === 200, 10_000);
	assert.equal(queryDatabase(app, 'SELECT count(*) FROM addresses'), '1');
});
