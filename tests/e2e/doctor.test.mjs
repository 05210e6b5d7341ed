// `kycd doctor` reports what is wrong with an installation and the remedy, and changes nothing.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, chown, copyFile, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import test from 'node:test';
import { SMTPServer } from 'smtp-server';
import { ON_POSTGRES, executeSql, sqliteTest } from './lib/database.mjs';
import { App, masterKey, newEmail } from './lib/app.mjs';
import { PROGRAM, Server, makeFolder, removeFolder, run } from './lib/kycd.mjs';
import { freePort } from './lib/http.mjs';

const CHECKS = ['settings', 'rights', 'descriptors', 'clock', 'disk', 'database', 'backup', 'key', 'server', 'relay', 'relay_certificate', 'provider', 'provider_auth', 'provider_login', 'public_url', 'console'];

/** Runs `kycd doctor` with some settings changed. Returns the exit code and the findings by check. */
async function examine(app, change = {}, args = []) {
	const startedAt = performance.now();
	const settings = { ...app.server.settings, ...change };
	const result = await run(['doctor', '--json', ...args], { settings, folder: app.folder, limit: 60_000 });
	const { checks, ok } = JSON.parse(result.stdout);
	assert.equal(result.code, ok ? 0 : 1, result.stdout);
	assert.equal(ok, !checks.some(({ finding }) => finding === 'error'));
	assert.match(result.stderr, ok ? /^$/ : /^kycd: doctor found (1 error|([2-9]|\d\d+) errors)\n$/);
	for (const name of ['KYCD_SECRET_KEY', 'KYCD_DIDIT_CLIENT_SECRET', 'KYCD_DIDIT_API_KEY', 'KYCD_DIDIT_WEBHOOK_SECRET'])
		if (settings[name]?.length > 4 && settings[name] !== 'sandbox') assert.ok(!result.stdout.includes(settings[name]), name);
	const rowsOf = (check) => checks.filter((row) => row.check === check);
	return {
		code: result.code, checks, ms: performance.now() - startedAt,
		/**
		 * Returns the message of the first row that has this check and this finding. If there is none, fails with all rows
		 * of the check.
		 */
		find(check, finding, pattern = /./) {
			const found = rowsOf(check).find((row) => row.finding === finding && pattern.test(row.message));
			assert.ok(found, `${check}: ${finding} ${pattern} not among ${JSON.stringify(rowsOf(check), null, 1)}`);
			return found.message;
		},
		errors: () => [...new Set(checks.filter((row) => row.finding === 'error').map((row) => row.check))],
	};
}

async function listing(folder) {
	return (await readdir(folder, { recursive: true })).sort();
}

/** Returns the whole content of the database of a stopped app. */
function bytesOf(app) {
	if (!ON_POSTGRES) return readFile(path.join(app.folder, 'kycd.db'));
	const dump = execFileSync('pg_dump', ['-d', app.server.settings.KYCD_DATABASE], { encoding: 'utf8' });
	return dump.replace(/^\\(un)?restrict .*$/gm, ''); // these lines contain a random token
}

test('a sound installation has no findings; doctor changes nothing, creates no session and sends no e-mail', async (t) => {
	const app = await App.open(t);
	await app.verifyPerson(newEmail());
	const messages = app.mailServer.messages.length;
	const withServer = await examine(app);
	assert.equal(withServer.code, 0);
	// With PostgreSQL the check `rights` does not exist, because there is no database file.
	const expectedChecks = CHECKS.filter((name) => !ON_POSTGRES || name !== 'rights');
	assert.deepEqual([...new Set(withServer.checks.map(({ check }) => check))], expectedChecks);
	for (const check of expectedChecks.filter((name) => !['clock', 'backup', 'relay_certificate'].includes(name))) withServer.find(check, 'ok');
	withServer.find('server', 'ok', /ready/);
	withServer.find('clock', 'ok', /no entry of the audit log is in the future/);
	if (!ON_POSTGRES) withServer.find('disk', 'ok', /MiB are free/);
	assert.match(withServer.find('key', 'ok'), /^the master key has the id [0-9a-zA-Z]{8} and is the key of the database$/);
	assert.deepEqual([app.mailServer.messages.length, app.didit.creates.length, app.didit.reads.length], [messages, 0, 0]);

	await app.server.stop();
	const before = [await listing(app.folder), await bytesOf(app)];
	const withoutServer = await examine(app);
	assert.equal(withoutServer.code, 0);
	withoutServer.find('server', 'warning', /no server answers .* is not running$/);
	withoutServer.find('public_url', 'warning', /cannot be reached from here/);
	assert.deepEqual([await listing(app.folder), await bytesOf(app)], before);

	const text = await run(['doctor'], { settings: app.server.settings, folder: app.folder });
	assert.equal(text.code, 0);
	for (const line of text.stdout.trim().split('\n')) assert.match(line, /^(ok|warning) +[a-z_]+ +\S/);
});

sqliteTest('the SQLite file: the last backup is reported, and the process that holds the lock', async (t) => {
	const app = await App.open(t);
	(await examine(app)).find('backup', 'warning', /no backup is known/);
	await app.server.run('db', 'backup', 'copy.db');
	(await examine(app)).find('backup', 'ok', /the last known backup was made at 20/);
	await assert.rejects(app.server.run('db', 'backup', 'copy.db'), /already exists/);
	(await examine(app)).find('backup', 'warning', /^the backup at 20\S+ failed: .*copy\.db: already exists/);
	await writeFile(path.join(app.folder, 'kycd.db.last-backup'), '2026-01-05T10:00:00.000Z\n');
	(await examine(app)).find('backup', 'warning', /more than 24 hours ago/);
	const elsewhere = await examine(app, { KYCD_ADMIN_LISTEN: `127.0.0.1:${await freePort()}` });
	assert.deepEqual(elsewhere.errors(), ['server']);
	elsewhere.find('server', 'error', new RegExp(`locked by process ${app.server.child.pid} on .*KYCD_ADMIN_LISTEN`));
});

test('before the first start doctor reports warnings and creates nothing', async (t) => {
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	const app = { folder, server: { settings: { KYCD_LISTEN: `127.0.0.1:${await freePort()}`, KYCD_ADMIN_LISTEN: `127.0.0.1:${await freePort()}` } } };
	const seen = await examine(app, {}, ['--dev']);
	assert.equal(seen.code, 0);
	seen.find('database', 'warning', ON_POSTGRES ? /the database is empty: the first start creates its tables/ : /does not exist yet/);
	seen.find('key', 'warning', /no development master key yet/);
	seen.find('relay', 'ok', /inbox/);
	seen.find('provider', 'ok', /sandbox/);
	assert.deepEqual(await listing(folder), []);
	const bare = await examine(app);
	assert.deepEqual(bare.errors(), ['settings', 'key', 'relay', 'provider', 'provider_auth', 'provider_login'].filter((name) => bare.errors().includes(name)));
	bare.find('settings', 'error', /^KYCD_SECRET_KEY is not set/);
	bare.find('key', 'error');
	const { checks } = await examine(app, { KYCD_OTP_DIGITS: 99 });
	assert.deepEqual(checks[0], { check: 'settings', finding: 'error', message: 'KYCD_OTP_DIGITS is invalid: it must be a whole number in the range 4-8' });
	assert.deepEqual([...new Set(checks.map(({ check, finding }) => `${check} ${finding}`))], ['settings error'], 'all refused settings, and nothing that depends on them');
	assert.deepEqual(await listing(folder), []);
});

test('a wrong master key, a newer schema and entries from the future are errors', async (t) => {
	const app = await App.open(t);
	for (let i = 0; i < 5; i++) await app.prepare(newEmail());
	const other = await examine(app, { KYCD_SECRET_KEY: masterKey() });
	assert.deepEqual(other.errors(), ['key']);
	assert.equal(other.find('key', 'error').match(/\b[0-9a-zA-Z]{8}\b/g).length >= 2, true, 'the message names both key ids');
	assert.deepEqual((await examine(app, { KYCD_SECRET_KEY: undefined })).errors(), ['settings', 'key']);
	const templates = await examine(app, { KYCD_MAIL_TEMPLATES: 'nowhere' });
	assert.deepEqual(templates.errors(), ['settings']);
	templates.find('settings', 'error', /^KYCD_MAIL_TEMPLATES: nowhere is not a folder of language folders/);

	await app.server.stop();
	const last = '7ZZZZZZZZZZZZZZZZZZZZZZZZZ';
	executeSql(app, `UPDATE audit_entries SET id = '${last}', at = ${Date.UTC(2999, 0)} WHERE id = (SELECT max(id) FROM audit_entries)`);
	assert.match((await examine(app)).find('clock', 'error'), /2999-01-01/);
	executeSql(app, `DELETE FROM audit_entries WHERE id = '${last}'; INSERT INTO schema_migrations (version, applied_at) VALUES (9999, 1)`);
	const newer = await examine(app);
	assert.deepEqual(newer.errors(), ['database']);
	newer.find('database', 'error', /9999/);
	executeSql(app, 'DELETE FROM schema_migrations WHERE version = 9999');
	assert.equal((await examine(app)).code, 0);
});

sqliteTest('a damaged database is an error', async (t) => {
	const app = await App.open(t);
	for (let i = 0; i < 50; i++) await app.prepare(newEmail());
	await app.server.stop();
	const file = path.join(app.folder, 'kycd.db');
	const intactBytes = await readFile(file);
	const damaged = Buffer.from(intactBytes);
	damaged.fill(0x55, 4096 * 3, 4096 * 8);
	await writeFile(file, damaged);
	assert.ok((await examine(app)).errors().includes('database'));
	await writeFile(file, 'this is not a database, but it is long enough to be read as one. '.repeat(100));
	assert.ok((await examine(app)).errors().includes('database'));
	await writeFile(file, intactBytes);
	assert.equal((await examine(app)).code, 0);
});

// Root does not know the service's user; it must not advise to take a file away from it.
const REMEDY = process.getuid() === 0 ? 'give it the group of the user that the server runs as, and chmod 640 it' : 'chmod 600 it';

sqliteTest('files and folders that other users can access are reported', async (t) => {
	const app = await App.open(t, { settings: { KYCD_DATABASE: 'sqlite:deep/kycd.db' }, files: { hook: 'w'.repeat(40) } });
	const database = path.join(app.folder, 'deep/kycd.db');
	const hook = path.join(app.folder, 'hook');
	const change = { KYCD_DIDIT_WEBHOOK_SECRET: undefined, KYCD_DIDIT_WEBHOOK_SECRET_FILE: 'hook' };
	await chmod(hook, 0o600);
	for (const [file, mode, finding, pattern] of [
		[database, 0o600, 'ok', /deep\/kycd.db is not accessible/],
		[database, 0o640, 'error', /deep\/kycd.db is accessible to other users: chmod 600/],
		[database, 0o604, 'error', /deep\/kycd.db is accessible/],
		[path.dirname(database), 0o755, 'warning', /folder deep: chmod 700/],
		[path.dirname(database), 0o720, 'error', /folder deep/],
		[path.dirname(database), 0o702, 'error', /folder deep/],
		[path.dirname(database), 0o700, 'ok', /folder deep is not accessible/],
		[hook, 0o600, 'ok', /^hook \(KYCD_DIDIT_WEBHOOK_SECRET_FILE\) is not accessible/],
		[hook, 0o640, 'ok', /^hook .* is not accessible/], // the group of the service may read the file
		[hook, 0o604, 'error', new RegExp(`^hook .* can be read by every user of this machine: ${REMEDY}$`)],
		[hook, 0o620, 'error', new RegExp(`^hook .* can be changed by other users: ${REMEDY}$`)],
		[app.folder, 0o733, 'error', /^hook can be replaced by other users, who can write to its folder: chmod go-w/],
		[app.folder, 0o1777, 'ok', /^hook .* is not accessible/], // nobody can replace files of others in a folder with the sticky bit
	]) {
		await chmod(file, mode);
		const seen = await examine(app, change);
		seen.find('rights', finding, pattern);
		assert.equal(seen.code, finding === 'error' ? 1 : 0, `${file} ${mode.toString(8)}`);
		await chmod(file, file === hook || file === database ? 0o600 : 0o700);
	}
	await writeFile(path.join(app.folder, 'kycd.conf'), `didit_webhook_secret = ${'w'.repeat(40)}\n`, { mode: 0o644 });
	(await examine(app, { KYCD_DIDIT_WEBHOOK_SECRET: undefined })).find('rights', 'error', /^kycd.conf \(it contains a secret\) can be read by every user/);
	await writeFile(path.join(app.folder, 'kycd.conf'), 'smtp_url = smtp://127.0.0.1:18025\n', { mode: 0o644 });
	const bare = await examine(app, { KYCD_SMTP_URL: undefined });
	assert.ok(!bare.checks.some(({ message }) => message.includes('it contains a secret')), 'an SMTP URL without a password is not a secret');
});

test('the master key and kycd.conf: who can read or change them', async (t) => {
	const conf = `smtp_url = smtp://127.0.0.1:18025\n`;
	const app = await App.open(t, { conf, files: { secret_key: masterKey() } });
	const [key, settingsFile] = ['secret_key', 'kycd.conf'].map((name) => path.join(app.folder, name));
	await writeFile(key, app.server.settings.KYCD_SECRET_KEY);
	const change = { KYCD_SECRET_KEY: undefined, KYCD_SECRET_KEY_FILE: 'secret_key' };
	await chmod(key, 0o600);
	for (const [file, mode, finding, pattern] of [
		[key, 0o600, 'ok', /^secret_key \(KYCD_SECRET_KEY_FILE\) is not accessible/],
		[key, 0o640, 'ok', /^secret_key .* is not accessible/],
		[key, 0o644, 'error', new RegExp(`^secret_key .* can be read by every user of this machine: ${REMEDY}$`)],
		[key, 0o660, 'error', /^secret_key .* can be changed by other users/],
		[settingsFile, 0o644, 'ok', /^kycd.conf \(the settings\) cannot be changed by other users/],
		[settingsFile, 0o664, 'error', new RegExp(`^kycd.conf \\(the settings\\) can be changed by other users: ${REMEDY}$`)],
		[settingsFile, 0o646, 'error', /^kycd.conf .* can be changed/],
	]) {
		await chmod(file, mode);
		const seen = await examine(app, change, file === settingsFile ? ['--config', 'kycd.conf'] : []);
		seen.find('rights', finding, pattern);
		assert.equal(seen.code, finding === 'error' ? 1 : 0, `${file} ${mode.toString(8)}`);
		await chmod(file, file === key ? 0o600 : 0o644);
	}
});

sqliteTest('a database that was removed, moved or emptied is an error, and not one that does not exist yet', async (t) => {
	const app = await App.open(t);
	const file = path.join(app.folder, 'kycd.db');
	await app.server.stop();
	const bytes = await readFile(file);
	for (const [name, damage] of [['removed', () => rm(file)], ['moved', () => rename(file, `${file}.moved`)], ['emptied', () => writeFile(file, '')]]) {
		await damage();
		const seen = await examine(app);
		assert.deepEqual(seen.errors(), ['database'], name);
		assert.match(seen.find('database', 'error'), /kycd\.db.*(backup|put)/, name);
		assert.ok(!JSON.stringify(seen.checks).includes('the first start creates'), name);
		await writeFile(file, bytes, { mode: 0o600 });
		assert.equal((await examine(app)).code, 0);
	}
	await app.server.start();
	await rm(file);
	const serving = await examine(app);
	assert.ok(serving.errors().includes('database'), 'also while the server runs');
});

/** Files of root with the service's group, as docs/operating.md installs them, seen by root and by the service. */
test('files of root that the service reads through its group are right, and no advice takes them away', { skip: process.getuid() !== 0 && 'needs root' }, async (t) => {
	const SERVICE = 54321; // a user that does not exist, and its group
	const app = await App.open(t, { conf: '# no settings\n', files: { secret_key: masterKey() } });
	const [key, settingsFile, program] = ['secret_key', 'kycd.conf', 'kycd'].map((name) => path.join(app.folder, name));
	await copyFile(PROGRAM, program);
	await chmod(app.folder, 0o755);
	const rights = async (asService) => {
		const command = [...(asService ? ['setpriv', `--reuid=${SERVICE}`, `--regid=${SERVICE}`, '--clear-groups'] : []), program, 'doctor', '--json'];
		const env = { PATH: process.env.PATH, KYCD_SECRET_KEY_FILE: 'secret_key', KYCD_DATABASE: 'sqlite:none.db', ...(process.env.ASAN_OPTIONS && { ASAN_OPTIONS: process.env.ASAN_OPTIONS }) };
		const { stdout } = spawnSync(command[0], command.slice(1), { cwd: app.folder, env, encoding: 'utf8' });
		return JSON.parse(stdout).checks.filter(({ check, message }) => check === 'rights' && /^(secret_key|kycd.conf) /.test(message)).map(({ finding, message }) => `${finding} ${message}`);
	};
	for (const [owner, group, mode, expected] of [
		[0, SERVICE, 0o640, /^ok /],
		[0, SERVICE, 0o644, /: chmod 640 it$/],
		[0, 0, 0o644, /: give it the group of the user that the server runs as, and chmod 640 it$/],
	])
		for (const asService of [true, false]) {
			await chown(key, owner, group);
			await chmod(key, mode);
			await chown(settingsFile, 0, SERVICE);
			await chmod(settingsFile, 0o640);
			const [ofKey, ofSettings] = await rights(asService);
			assert.match(ofKey, expected, `${group} ${mode.toString(8)} ${asService}`);
			assert.match(ofSettings, /^ok kycd.conf /);
		}
	await chown(key, SERVICE, SERVICE);
	await chmod(key, 0o604);
	assert.match((await rights(true))[0], /^error secret_key .*: chmod 600 it$/, 'the file of the service itself');
	await chown(settingsFile, SERVICE + 1, SERVICE);
	assert.match((await rights(true))[1], /^warning kycd.conf .* belongs to user 54322, who can change it/);
});

test('doctor in a folder that has nothing to do with the database: the disk check is right', async (t) => {
	const app = await App.open(t);
	const elsewhere = { folder: '/proc', server: app.server }; // nobody can write there
	const seen = await examine(elsewhere, ON_POSTGRES ? {} : { KYCD_DATABASE: `sqlite:${app.folder}/kycd.db` });
	assert.deepEqual(seen.errors(), []);
	if (ON_POSTGRES) assert.match(seen.find('disk', 'ok'), /^the database is on a PostgreSQL server: monitor/);
	else seen.find('disk', 'ok', /MiB are free/);
});

test('weak settings are warnings', async (t) => {
	const app = await App.open(t);
	const seen = await examine(app, { KYCD_ALLOW_WEAK: 1, KYCD_DIDIT_WEBHOOK_SECRET: 'tiny-one', KYCD_PUBLIC_URL: 'http://kyc.example' });
	assert.equal(seen.code, 0);
	for (const name of ['KYCD_ALLOW_WEAK', 'KYCD_DIDIT_WEBHOOK_SECRET']) seen.find('settings', 'warning', new RegExp(`^${name} `));
	seen.find('public_url', 'warning', /plain http/);
	(await examine(app, { KYCD_MAX_CONNECTIONS: 2_000_000_000 })).find('descriptors', 'warning', /LimitNOFILE/);
	const unset = await examine(app, { KYCD_PUBLIC_URL: undefined });
	unset.find('settings', 'warning', /^KYCD_PUBLIC_URL is not set/);
	assert.equal(unset.code, 0);
});

/** Creates a self-signed certificate for 127.0.0.1 that expires in `seconds`. */
async function createCertificate(folder, seconds) {
	const file = (name) => path.join(folder, name);
	const date = (s) => new Date(Date.now() + s * 1000).toISOString().replace(/[-:T]|\.\d+/g, '');
	await mkdir(file('ca'), { recursive: true });
	await writeFile(file('ca/index'), '');
	await writeFile(file('ca/serial'), '01\n');
	await writeFile(file('ca/conf'), `[ca]\ndefault_ca = it\n[it]\ndir = ${file('ca')}\ndatabase = ${file('ca/index')}\nserial = ${file('ca/serial')}\nnew_certs_dir = ${file('ca')}\ndefault_md = sha256\npolicy = any\n[any]\ncommonName = supplied\n`);
	const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
	openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=127.0.0.1', '-keyout', file('key.pem'), '-out', file('asked.pem'));
	openssl('ca', '-batch', '-notext', '-config', file('ca/conf'), '-selfsign', '-keyfile', file('key.pem'), '-in', file('asked.pem'), '-out', file('cert.pem'),
		'-startdate', date(-7 * 86_400), '-enddate', date(seconds));
	return { key: await readFile(file('key.pem')), cert: await readFile(file('cert.pem')) };
}

test('the mail server check: unreachable, silent, refusing, and certificates that expire', async (t) => {
	const app = await App.open(t);
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	const at = (port, rest = {}) => ({ KYCD_SMTP_URL: `smtp://127.0.0.1:${port}`, ...rest });
	const down = await examine(app, at(await freePort()));
	assert.deepEqual(down.errors(), ['relay']);
	down.find('relay', 'error', /\(connect\): .*KYCD_SMTP_URL/);

	app.mailServer.refuse.sender = 550;
	(await examine(app)).find('relay', 'error', /\(550 rejected by the test\): the mail server refuses the sender/);
	delete app.mailServer.refuse.sender;

	const silent = net.createServer((socket) => socket.on('error', () => {}));
	await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
	t.after(() => silent.close());
	const hangs = await examine(app, at(silent.address().port));
	assert.deepEqual(hangs.errors(), ['relay']);
	hangs.find('relay', 'error', /does not answer within 5 s/);
	assert.ok(hangs.ms < 15_000, `${hangs.ms} ms: only the silent server delays doctor`);
	hangs.find('provider_login', 'ok');

	for (const [seconds, finding, pattern] of [
		[-60, 'error', /the certificate expired at \d{4}-.*: renew it/],
		[21 * 86_400 - 30, 'warning', /expires in 20 days: renew it/],
		[21 * 86_400 + 300, 'ok', /expires in 21 days$/],
	])
		for (const secure of [true, false])
			await t.test(`a certificate that expires in ${seconds} s, over ${secure ? 'smtps' : 'STARTTLS'}`, async () => {
				const server = new SMTPServer({ secure, ...(await createCertificate(folder, seconds)), authOptional: true, disableReverseLookup: true, closeTimeout: 100 });
				server.on('error', () => {});
				await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
				try {
					const seen = await examine(app, { KYCD_SMTP_URL: `${secure ? 'smtps' : 'smtp'}://user:se-cr-et@127.0.0.1:${server.server.address().port}` });
					seen.find('relay_certificate', finding, pattern);
					if (secure) seen.find('relay', 'error', /\(certificate\)/); // the issuer is not trusted
					assert.ok(!JSON.stringify(seen.checks).includes('se-cr-et'));
				} finally {
					await new Promise((resolve) => server.close(resolve));
				}
			});
});

test('the provider check on v1: valid and wrong credentials, unreachable hosts, and a different clock', async (t) => {
	const app = await App.open(t);
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	const sandbox = new Server({ folder, args: ['--dev'] });
	t.after(() => sandbox.kill());
	await sandbox.start();
	const base = `${sandbox.base}/sandbox/didit`;
	const right = { KYCD_DIDIT_BASE_URL: base, KYCD_DIDIT_AUTH_URL: base, KYCD_DIDIT_CLIENT_ID: 'sandbox', KYCD_DIDIT_CLIENT_SECRET: 'sandbox' };
	assert.equal((await examine(app, right)).code, 0);
	const wrong = await examine(app, { ...right, KYCD_DIDIT_CLIENT_SECRET: 'not-the-secret' });
	assert.deepEqual(wrong.errors(), ['provider_login']);
	wrong.find('provider_login', 'error', /refuses KYCD_DIDIT_CLIENT_ID with KYCD_DIDIT_CLIENT_SECRET/);
	const unreachable = `http://127.0.0.1:${await freePort()}`;
	assert.deepEqual((await examine(app, { ...right, KYCD_DIDIT_BASE_URL: unreachable })).errors(), ['provider']);
	const authUnreachable = await examine(app, { ...right, KYCD_DIDIT_AUTH_URL: unreachable });
	assert.deepEqual(authUnreachable.errors(), ['provider_auth', 'provider_login']);
	authUnreachable.find('provider_login', 'error', /provider_unreachable/);

	for (const [clockOffset, finding, pattern] of [[-400, 'error', /ahead of the provider's/], [400, 'error', /behind the provider's/], [100, 'warning', /behind the provider's/], [0, 'ok', /^KYCD_DIDIT_BASE_URL answers$/]]) {
		const server = http.createServer((request, response) => {
			response.setHeader('date', new Date(Date.now() + clockOffset * 1000).toUTCString());
			response.end('{}');
		});
		await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
		const seen = await examine(app, { ...right, KYCD_DIDIT_BASE_URL: `http://127.0.0.1:${server.address().port}` });
		seen.find('provider', finding, pattern);
		assert.equal(seen.code, finding === 'error' ? 1 : 0);
		server.closeAllConnections();
		server.close();
	}
});

test('the provider check on v2 and v3 tries the API key with a request for one session', async (t) => {
	const app = await App.open(t);
	const requests = [];
	const answers = { 'the-right-key': [200, '{"count":0,"next":null,"previous":null,"results":[]}'], 'a-key-without-scope': [403, '{"detail":"You do not have permission to perform this action."}'],
		'a-key-for-pages': [200, '<html>'] };
	const server = http.createServer((request, response) => {
		requests.push(`${request.method} ${request.url}`);
		const [status, body] = answers[request.headers['x-api-key']] ?? [401, '{"detail":"Invalid API key"}'];
		response.writeHead(status, { 'content-type': 'application/json' }).end(body);
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	t.after(() => server.close());
	const settings = { KYCD_DIDIT_BASE_URL: `http://127.0.0.1:${server.address().port}`, KYCD_DIDIT_AUTH_URL: undefined, KYCD_DIDIT_CLIENT_ID: undefined, KYCD_DIDIT_CLIENT_SECRET: undefined,
		KYCD_DIDIT_WORKFLOW_ID: '1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80' };
	for (const version of ['v2', 'v3']) {
		const examineWithKey = (key) => examine(app, { ...settings, KYCD_DIDIT_VERSION: version, KYCD_DIDIT_API_KEY: key });
		const right = await examineWithKey('the-right-key');
		assert.equal(right.code, 0);
		right.find('provider_login', 'ok', /accepts KYCD_DIDIT_API_KEY/);
		right.find('provider_auth', 'ok', new RegExp(`${version} of the API needs no access token`));
		for (const [key, pattern] of [['not-the-right-key', /refuses KYCD_DIDIT_API_KEY \(401\)/], ['a-key-without-scope', /refuses KYCD_DIDIT_API_KEY \(403\).*read:sessions/], ['a-key-for-pages', /provider_unreachable/]]) {
			const wrong = await examineWithKey(key);
			assert.deepEqual(wrong.errors(), ['provider_login']);
			wrong.find('provider_login', 'error', pattern);
		}
	}
	assert.deepEqual([...new Set(requests.filter((line) => line.includes('session')))], ['GET /v3/sessions/?limit=1']);
});
