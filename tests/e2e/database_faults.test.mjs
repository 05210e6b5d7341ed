// A damaged database, a database without write permission, and a full disk: commands and doctor report the problem and the remedy; the log has one line per incident.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sqliteTest as test } from './lib/database.mjs';
import { App, newEmail } from './lib/app.mjs';
import { PROGRAM, run } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';

const NOBODY_UID = 65534;
const RESTORE = /is damaged: (give .*, or )?stop the server, keep the files, restore the last backup \(docs\/operating\.md\)$/;
const NOT_WRITABLE = /may not be written by this user: run it as the server's user$/;
const DISK_FULL = /cannot grow: the disk is full, or a limit on file sizes is reached; make room and try again$/;

const writeCommands = [['tenant', 'add', 'other'], ['tenant', 'set', 'shop', '--monthly-quota', '5'], ['key', 'create', '--tenant', 'shop'], ['key', 'revoke', 'KEY'], ['user', 'reset-tries', 'EMAIL'], ['user', 'erase', 'EMAIL', '--yes']];

/** Asserts that the command failed with one line on stderr, which names the object, the reason and the action. */
function assertFailsWith(result, pattern, label) {
	assert.equal(result.code ?? result.status, 1, `${label}: ${result.stdout}${result.stderr}`);
	assert.equal(result.stdout, '', label);
	assert.match(result.stderr.trim(), pattern, label);
	assert.equal(result.stderr.trim().split('\n').length, 1, `one line: ${result.stderr}`);
}

/** Opens an app and stops its server. The database has a person and a key, which `fillIn` puts into the write commands. */
async function openStopped(t, options) {
	const app = await App.open(t, options);
	const email = newEmail();
	await app.verifyPerson(email);
	app.didit.scenario = 'decline';
	const id = /^kycd_(.{8})/.exec(app.key)[1];
	app.fillIn = (args) => args.map((word) => ({ KEY: id, EMAIL: email })[word] ?? word);
	await app.server.stop();
	return app;
}

async function doctor(settings, folder, runner = run) {
	const { stdout } = await runner(['doctor', '--json'], { settings, folder, limit: 60_000 });
	return JSON.parse(stdout).checks.filter(({ check, finding }) => check === 'database' && finding === 'error').map((row) => row.message);
}

test('a damaged database names the remedy in every command', async (t) => {
	const app = await openStopped(t);
	const { settings, folder } = app.server;
	const file = path.join(folder, 'kycd.db');
	const intactBytes = await readFile(file);
	const damageCases = [['its first page', (bytes) => bytes.fill(0x55, 0, 100)], ['all pages but the first', (bytes) => bytes.fill(0x55, 4096)]];
	for (const [label, damage] of damageCases) {
		const bytes = Buffer.from(intactBytes);
		damage(bytes);
		await writeFile(file, bytes);
		for (const args of [...writeCommands, ['tenant', 'list'], ['key', 'list'], ['audit', 'list'], ['db', 'check'], ['user', 'show', 'EMAIL']])
			assertFailsWith(await run(app.fillIn(args), { settings, folder }), RESTORE, `${args.join(' ')} with ${label} damaged`);
		const check = await run(['db', 'check', '--json'], { settings, folder });
		assert.equal(check.code, 1);
		const { intact, message } = JSON.parse(check.stdout);
		assert.equal(intact, false);
		assert.match(message, RESTORE);
		assert.equal(check.stderr, `kycd: ${message}\n`);
		const messages = await doctor(settings, folder);
		assert.ok(messages.length > 0 && messages.every((line) => RESTORE.test(line)), messages.join('\n'));
		const start = await run(['serve'], { settings, folder });
		assert.equal(start.code, 1);
		assert.match(start.stderr.trim(), RESTORE);
	}
	await writeFile(file, intactBytes);
	await app.server.start();
});

test('a user without permission on the database or its folder gets the reason and the remedy', async (t) => {
	const app = await openStopped(t, { settings: { KYCD_DATABASE: 'sqlite:here/kycd.db' } });
	const { settings } = app.server;
	const { folder } = app;
	const databaseFolder = path.join(folder, 'here');
	/** File permissions do not restrict root, so as root the command runs as another user. */
	const asOther = (args, { settings, folder }) => spawnSync(PROGRAM, args, { cwd: folder, env: settings, encoding: 'utf8', ...(process.getuid() === 0 ? { uid: NOBODY_UID, gid: NOBODY_UID } : {}) });
	await chmod(folder, 0o755);
	await chmod(databaseFolder, 0o555);
	await chmod(path.join(databaseFolder, 'kycd.db'), 0o444);
	for (const args of writeCommands) assertFailsWith(asOther(app.fillIn(args), { settings, folder }), NOT_WRITABLE, args.join(' '));
	assert.match((await doctor(settings, folder, asOther)).join('\n'), NOT_WRITABLE);
	const check = asOther(['db', 'check', '--json'], { settings, folder });
	assert.match(JSON.parse(check.stdout).message, NOT_WRITABLE);

	await chmod(databaseFolder, 0o000);
	for (const args of [['tenant', 'list'], ['db', 'migrate'], ['db', 'check']])
		assertFailsWith(asOther(args, { settings, folder }), /here\/kycd\.db: cannot be accessed \(Permission denied\): run it as the server's user/, args.join(' '));
	assert.match((await doctor(settings, folder, asOther)).join('\n'), /cannot be accessed \(Permission denied\)/);
});

test('with a full disk every write command reports it, and the server logs it once per incident', async (t) => {
	const app = await openStopped(t);
	const { settings, folder } = app.server;
	const runWithFileLimit = (size, args) => spawnSync('prlimit', [`--fsize=${size}`, PROGRAM, ...args], { cwd: folder, env: { PATH: process.env.PATH, ...settings }, encoding: 'utf8' });
	for (const args of writeCommands) assertFailsWith(runWithFileLimit(100, app.fillIn(args)), DISK_FULL, args.join(' '));
	assert.equal(runWithFileLimit('unlimited', ['tenant', 'list']).status, 0);

	await app.server.start();
	const eventLines = (name) => app.server.log.split('\n').filter((line) => `${line} `.includes(` event=${name} `));
	const setFileLimit = (size) => execFileSync('prlimit', ['--pid', app.server.child.pid, `--fsize=${size}:unlimited`]);
	for (let round = 1; round <= 2; round++) {
		setFileLimit(100);
		for (let i = 0; i < 5; i++) assert.equal((await app.prepare(newEmail())).http, 503);
		await until('the log line about the full disk', () => eventLines('disk_full').length >= round);
		assert.equal(eventLines('disk_full').length, round, app.server.log);
		assert.match(eventLines('disk_full')[0], / effect="requests that write get 503 until there is free space" action="free space on the database's disk: .*"$/);
		assert.equal(eventLines('disk_full_cleared').length, round - 1);
		setFileLimit('unlimited');
		await until('a request that writes to succeed', async () => (await app.prepare(newEmail())).http === 201);
		await until('the log line about free disk space', () => eventLines('disk_full_cleared').length >= round);
		assert.equal(eventLines('disk_full_cleared').length, round, app.server.log);
	}
	assert.deepEqual(eventLines('sqlite_failed'), []);
	await app.server.stop();
});
