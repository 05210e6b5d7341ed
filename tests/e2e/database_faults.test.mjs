// A database that is damaged, not ours to write or without room: commands and doctor say what is wrong and what to do, the log says it once.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { testOfFiles as test } from './lib/database.mjs';
import { App, newEmail } from './lib/app.mjs';
import { PROGRAM, run } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';

const NOBODY = 65534;
const RESTORE = /is damaged: (give .*, or )?stop the server, keep the files, restore the last backup \(docs\/operating\.md\)$/;
const NOT_OURS = /may not be written by this user: run it as the server's user$/;
const FULL = /cannot grow: the disk is full, or a limit on file sizes is reached; make room and try again$/;

const writing = [['tenant', 'add', 'other'], ['tenant', 'set', 'shop', '--monthly-quota', '5'], ['key', 'create', '--tenant', 'shop'], ['key', 'revoke', 'KEY'], ['user', 'reset-tries', 'EMAIL'], ['user', 'erase', 'EMAIL', '--yes']];

/** One line, which is the last: what, why, what to do. */
function says(done, pattern, what) {
	assert.equal(done.code ?? done.status, 1, `${what}: ${done.stdout}${done.stderr}`);
	assert.equal(done.stdout, '', what);
	assert.match(done.stderr.trim(), pattern, what);
	assert.equal(done.stderr.trim().split('\n').length, 1, `one line: ${done.stderr}`);
}

/** A app with a person whom every writing command finds, its server stopped. */
async function stopped(t, options) {
	const app = await App.open(t, options);
	const email = newEmail();
	await app.proven(email);
	app.didit.scenario = 'decline';
	const id = /^kycd_(.{8})/.exec(app.key)[1];
	app.filled = (args) => args.map((word) => ({ KEY: id, EMAIL: email })[word] ?? word);
	await app.server.stop();
	return app;
}

async function doctor(settings, folder, how = run) {
	const { stdout } = await how(['doctor', '--json'], { settings, folder, limit: 60_000 });
	return JSON.parse(stdout).checks.filter(({ check, finding }) => check === 'database' && finding === 'error').map((row) => row.message);
}

test('a damaged database names the remedy in every command', async (t) => {
	const app = await stopped(t);
	const { settings, folder } = app.server;
	const file = path.join(folder, 'kycd.db');
	const good = await readFile(file);
	const damages = [['its first page', (bytes) => bytes.fill(0x55, 0, 100)], ['all pages but the first', (bytes) => bytes.fill(0x55, 4096)]];
	for (const [what, damage] of damages) {
		const bytes = Buffer.from(good);
		damage(bytes);
		await writeFile(file, bytes);
		for (const args of [...writing, ['tenant', 'list'], ['key', 'list'], ['audit', 'list'], ['db', 'check'], ['user', 'show', 'EMAIL']])
			says(await run(app.filled(args), { settings, folder }), RESTORE, `${args.join(' ')} with ${what} damaged`);
		const check = await run(['db', 'check', '--json'], { settings, folder });
		assert.equal(check.code, 1);
		const { intact, message } = JSON.parse(check.stdout);
		assert.equal(intact, false);
		assert.match(message, RESTORE);
		assert.equal(check.stderr, `kycd: ${message}\n`);
		const found = await doctor(settings, folder);
		assert.ok(found.length > 0 && found.every((line) => RESTORE.test(line)), found.join('\n'));
		const start = await run(['serve'], { settings, folder });
		assert.equal(start.code, 1);
		assert.match(start.stderr.trim(), RESTORE);
	}
	await writeFile(file, good);
	await app.server.start();
});

test('who may not write the database, or not look into its folder, is told', async (t) => {
	const app = await stopped(t, { settings: { KYCD_DATABASE: 'sqlite:here/kycd.db' } });
	const { settings } = app.server;
	const { folder } = app;
	const here = path.join(folder, 'here');
	/** Root may do anything: then newEmail else runs it. */
	const asOther = (args, { settings, folder }) => spawnSync(PROGRAM, args, { cwd: folder, env: settings, encoding: 'utf8', ...(process.getuid() === 0 ? { uid: NOBODY, gid: NOBODY } : {}) });
	await chmod(folder, 0o755);
	await chmod(here, 0o555);
	await chmod(path.join(here, 'kycd.db'), 0o444);
	for (const args of writing) says(asOther(app.filled(args), { settings, folder }), NOT_OURS, args.join(' '));
	assert.match((await doctor(settings, folder, asOther)).join('\n'), NOT_OURS);
	const check = asOther(['db', 'check', '--json'], { settings, folder });
	assert.match(JSON.parse(check.stdout).message, NOT_OURS);

	await chmod(here, 0o000);
	for (const args of [['tenant', 'list'], ['db', 'migrate']])
		says(asOther(args, { settings, folder }), /here\/kycd\.db: cannot be found or created by this user \(Permission denied\): run it as the server's user/, args.join(' '));
	says(asOther(['db', 'check'], { settings, folder }), /cannot be accessed \(Permission denied\): run it as the server's user/, 'db check');
	assert.match((await doctor(settings, folder, asOther)).join('\n'), /cannot be accessed \(Permission denied\)/);
});

test('without room every writing command says so, and the server says it once until there is room', async (t) => {
	const app = await stopped(t);
	const { settings, folder } = app.server;
	const limited = (size, args) => spawnSync('prlimit', [`--fsize=${size}`, PROGRAM, ...args], { cwd: folder, env: { PATH: process.env.PATH, ...settings }, encoding: 'utf8' });
	for (const args of writing) says(limited(100, app.filled(args)), FULL, args.join(' '));
	assert.equal(limited('unlimited', ['tenant', 'list']).status, 0);

	await app.server.start();
	const facts = (name) => app.server.log.split('\n').filter((line) => `${line} `.includes(` event=${name} `));
	const limit = (size) => execFileSync('prlimit', ['--pid', app.server.child.pid, `--fsize=${size}:unlimited`]);
	for (let turn = 1; turn <= 2; turn++) {
		limit(100);
		for (let i = 0; i < 5; i++) assert.equal((await app.prepare(newEmail())).http, 503);
		await until('the full disk to be told', () => facts('disk_full').length >= turn);
		assert.equal(facts('disk_full').length, turn, app.server.log);
		assert.match(facts('disk_full')[0], / effect="requests that write get 503 until there is free space" action="free space on the database's disk: .*"$/);
		assert.equal(facts('disk_full_cleared').length, turn - 1);
		limit('unlimited');
		await until('a call that is written', async () => (await app.prepare(newEmail())).http === 201);
		await until('the room to be told', () => facts('disk_full_cleared').length >= turn);
		assert.equal(facts('disk_full_cleared').length, turn, app.server.log);
	}
	assert.deepEqual(facts('sqlite_failed'), []);
	await app.server.stop();
});
