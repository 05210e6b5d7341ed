// Unsafe settings refuse the start and name the setting; the commands end with the code that scripts rely on.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { alter, testOfFiles } from './lib/database.mjs';
import { App, WIDE, expect, masterKey, newEmail } from './lib/app.mjs';
import { PROGRAM, Server, makeFolder, removeFolder, run } from './lib/kycd.mjs';
import { freePort } from './lib/http.mjs';
import { until } from './lib/wait.mjs';

const safe = () => ({
	KYCD_DATABASE: 'sqlite:kycd.db',
	KYCD_PUBLIC_URL: 'https://kyc.example',
	KYCD_SECRET_KEY: masterKey(),
	KYCD_SMTP_URL: 'smtp://127.0.0.1:2525',
	KYCD_MAIL_FROM: 'no-reply@kycd.example',
	KYCD_DIDIT_CLIENT_ID: 'id',
	KYCD_DIDIT_CLIENT_SECRET: 'secret',
	KYCD_DIDIT_WEBHOOK_SECRET: 'w'.repeat(32),
});

const WORKFLOW = '1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80';
const later = { KYCD_DIDIT_API_KEY: 'key', KYCD_DIDIT_WORKFLOW_ID: WORKFLOW };

async function inFolder(t) {
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	return folder;
}

/** What each refusal must name stands first. */
const refusals = [
	['KYCD_SECRET_KEY', 'no master key', { KYCD_SECRET_KEY: undefined }],
	['KYCD_SECRET_KEY', 'an empty master key', { KYCD_SECRET_KEY: '' }],
	['KYCD_SECRET_KEY', 'a short master key', { KYCD_SECRET_KEY: Buffer.alloc(16, 7).toString('base64') }],
	['KYCD_SECRET_KEY', 'a long master key', { KYCD_SECRET_KEY: Buffer.alloc(33, 7).toString('base64') }],
	['KYCD_SECRET_KEY', 'a master key that is no base64', { KYCD_SECRET_KEY: `${'!'.repeat(43)}=` }],
	['KYCD_DIDIT_WEBHOOK_SECRET', 'no webhook secret', { KYCD_DIDIT_WEBHOOK_SECRET: undefined }],
	['KYCD_DIDIT_WEBHOOK_SECRET', 'an empty webhook secret', { KYCD_DIDIT_WEBHOOK_SECRET: '' }],
	['KYCD_DIDIT_WEBHOOK_SECRET', 'an empty second webhook secret', { KYCD_DIDIT_WEBHOOK_SECRET: `${'w'.repeat(32)},` }],
	['KYCD_DIDIT_WEBHOOK_SECRET', 'three webhook secrets', { KYCD_DIDIT_WEBHOOK_SECRET: 'a,b,c' }],
	['KYCD_SMTP_URL', 'no mail server', { KYCD_SMTP_URL: undefined }],
	['KYCD_SMTP_URL', 'a mail server by another protocol', { KYCD_SMTP_URL: 'http://127.0.0.1:25' }],
	['KYCD_MAIL_FROM', 'no sender', { KYCD_MAIL_FROM: undefined }],
	['KYCD_MAIL_FROM', 'two lines of sender', { KYCD_MAIL_FROM: 'a@example.com\nBcc: b@example.com' }],
	['KYCD_DIDIT_CLIENT_ID', 'no client id', { KYCD_DIDIT_CLIENT_ID: undefined, KYCD_DIDIT_VERSION: 'v1' }],
	['KYCD_DIDIT_CLIENT_SECRET', 'no client secret', { KYCD_DIDIT_CLIENT_SECRET: undefined }],
	['KYCD_DIDIT_API_KEY', 'no credentials at all', { KYCD_DIDIT_CLIENT_ID: undefined, KYCD_DIDIT_CLIENT_SECRET: undefined }],
	['KYCD_DIDIT_API_KEY', 'v3 with what v1 needs', { KYCD_DIDIT_VERSION: 'v3' }],
	['KYCD_DIDIT_API_KEY', 'v2 with what v1 needs', { KYCD_DIDIT_VERSION: 'v2' }],
	['KYCD_DIDIT_API_KEY', 'a key that is two', { ...later, KYCD_DIDIT_API_KEY: 'a key' }],
	['KYCD_DIDIT_WORKFLOW_ID', 'a key, but no workflow', { ...later, KYCD_DIDIT_WORKFLOW_ID: undefined }],
	['KYCD_DIDIT_WORKFLOW_ID', 'a workflow that is nothing', { ...later, KYCD_DIDIT_WORKFLOW_ID: '' }],
	['KYCD_DIDIT_WORKFLOW_ID', 'a workflow by its name', { ...later, KYCD_DIDIT_WORKFLOW_ID: 'kyc' }],
	['KYCD_DIDIT_WORKFLOW_ID', 'a workflow that is a digit short', { ...later, KYCD_DIDIT_WORKFLOW_ID: WORKFLOW.slice(1) }],
	['KYCD_DIDIT_CLIENT_ID', 'v1 with what v3 needs', { ...later, KYCD_DIDIT_VERSION: 'v1', KYCD_DIDIT_CLIENT_ID: undefined }],
	['KYCD_DIDIT_VERSION', 'a version that never was', { KYCD_DIDIT_VERSION: 'v9' }],
	['KYCD_DIDIT_FEATURES', 'features that are none', { KYCD_DIDIT_FEATURES: 'OCR + EVERYTHING' }],
	['KYCD_DIDIT_BASE_URL', 'plain http to elsewhere', { KYCD_DIDIT_BASE_URL: 'http://verification.example' }],
	['KYCD_DIDIT_AUTH_URL', 'plain http to elsewhere', { KYCD_DIDIT_AUTH_URL: 'http://192.0.2.1' }],
	['KYCD_DIDIT_BASE_URL', 'plain http to a public address', { KYCD_DIDIT_BASE_URL: 'http://192.0.2.1', KYCD_ALLOW_WEAK: '1' }],
	['KYCD_TRUSTED_PROXIES', 'more bits than an address has', { KYCD_TRUSTED_PROXIES: '10.0.0.0/33' }],
	['KYCD_TRUSTED_PROXIES', 'everybody', { KYCD_TRUSTED_PROXIES: '10.0.0.1, 0.0.0.0/0' }],
	['KYCD_TRUSTED_PROXIES', 'everybody by IPv6', { KYCD_TRUSTED_PROXIES: '::/0' }],
	['KYCD_PUBLIC_URL', 'a user', { KYCD_PUBLIC_URL: 'https://me:word@kyc.example' }, /without user and password/],
	['KYCD_PUBLIC_URL', 'no host', { KYCD_PUBLIC_URL: 'https://:443/' }, /with a host/],
	['KYCD_PUBLIC_URL', 'a query', { KYCD_PUBLIC_URL: 'https://kyc.example/?a=b' }, /without \? and #/],
	['KYCD_PUBLIC_URL', 'a fragment', { KYCD_PUBLIC_URL: 'https://kyc.example/#top' }, /without \? and #/],
	['KYCD_PUBLIC_URL', 'a port that is none', { KYCD_PUBLIC_URL: 'https://kyc.example:99999' }, /host, its port/],
	['KYCD_PUBLIC_URL', 'too long', { KYCD_PUBLIC_URL: `https://kyc.example/${'x'.repeat(493)}` }, /at most 512 bytes/],
	['KYCD_SMTP_URL', 'port 0', { KYCD_SMTP_URL: 'smtp://127.0.0.1:0' }, /1 to 65535/],
	['KYCD_DIDIT_SESSION_HOSTS', 'any host', { KYCD_DIDIT_SESSION_HOSTS: '*' }],
	['KYCD_DIDIT_SESSION_HOSTS', 'an address', { KYCD_DIDIT_SESSION_HOSTS: 'verify.didit.me, https://a.example' }],
	['KYCD_DATABASE', 'an engine that is none', { KYCD_DATABASE: 'mysql://localhost/kycd' }, /sqlite:FILE.*postgresql:/],
	['KYCD_DATABASE', 'no file', { KYCD_DATABASE: 'sqlite:' }, /sqlite:FILE/],
	['KYCD_DATABASE', 'a password with a slash', { KYCD_DATABASE: 'postgresql://me:wo/rd@localhost/kycd' }, /%2F for a/],
	['KYCD_DATABASE', 'a password with an @', { KYCD_DATABASE: 'postgresql://me:wo@rd@localhost/kycd' }, /%40 for an @/],
	['KYCD_COLOUR', 'a setting that is none', { KYCD_COLOUR: 'blue' }],
	['KYCD_OTP_TTTL', 'a misspelt setting', { KYCD_OTP_TTTL: '600' }],
	['KYCD_RATE_PER_SECOND', 'a number that is none', { KYCD_RATE_PER_SECOND: 'many' }],
	['KYCD_RATE_PER_SECOND', 'nought', { KYCD_RATE_PER_SECOND: '0' }],
	['KYCD_RATE_PER_MINUTE', 'less than nothing', { KYCD_RATE_PER_MINUTE: '-1' }],
	['KYCD_RATE_PER_MINUTE', 'a fraction', { KYCD_RATE_PER_MINUTE: '1.5' }],
	['KYCD_MAX_CONNECTIONS', 'too large a number', { KYCD_MAX_CONNECTIONS: '2147483648' }],
	['KYCD_OTP_TTL', 'a duration that is none', { KYCD_OTP_TTL: '10 minutes' }],
	['KYCD_OTP_TTL', 'an endless code', { KYCD_OTP_TTL: '601' }],
	['KYCD_OTP_DIGITS', 'a short code', { KYCD_OTP_DIGITS: '3' }],
	['KYCD_API_KEYS', 'no such choice', { KYCD_API_KEYS: 'never' }],
	['KYCD_LOG', 'no such level', { KYCD_LOG: 'loud' }],
	['KYCD_ALLOW_WEAK', 'neither yes nor no', { KYCD_ALLOW_WEAK: 'yes' }],
	['KYCD_LISTEN', 'no address', { KYCD_LISTEN: '8080' }],
	['KYCD_LISTEN', 'no port', { KYCD_LISTEN: '127.0.0.1:99999' }],
	['KYCD_LISTEN', 'empty', { KYCD_LISTEN: '' }],
	['KYCD_ADMIN_LISTEN', 'metrics for everybody', { KYCD_ADMIN_LISTEN: '0.0.0.0:8081' }],
	['KYCD_ADMIN_LISTEN', 'the same address twice', { KYCD_LISTEN: '127.0.0.1:18080', KYCD_ADMIN_LISTEN: '127.0.0.1:18080' }],
	['KYCD_DIDIT_BASE_URL', 'set to nothing', { KYCD_DIDIT_BASE_URL: '' }],
	['KYCD_TRUSTED_PROXIES', 'an empty one', { KYCD_TRUSTED_PROXIES: '10.0.0.0/8, ' }],
	['KYCD_TRUSTED_PROXIES', 'a name', { KYCD_TRUSTED_PROXIES: 'localhost' }],
	['KYCD_PUBLIC_URL', 'no address', { KYCD_PUBLIC_URL: 'kyc.example.com' }],
	['KYCD_DATABASE', 'an engine that is none', { KYCD_DATABASE: 'mysql://localhost/kycd' }],
	['KYCD_DATABASE', 'a file without its scheme', { KYCD_DATABASE: 'var/kycd.db' }],
	['KYCD_DATABASE', 'empty', { KYCD_DATABASE: '' }],
	['KYCD_DATABASE', 'a place that cannot be', { KYCD_DATABASE: 'sqlite:/dev/null/kycd.db' }],
	['KYCD_BRAND', 'two lines', { KYCD_BRAND: 'A\nB' }],
	['KYCD_BRAND', 'too long', { KYCD_BRAND: 'x'.repeat(41) }],
	['KYCD_LANGUAGE', 'a word', { KYCD_LANGUAGE: 'english' }],
	['KYCD_TRIES', 'no rule', { KYCD_TRIES: '5' }],
	['KYCD_SECRET_KEY', 'said twice', (folder) => ({ KYCD_SECRET_KEY_FILE: path.join(folder, 'key') })],
	['KYCD_SECRET_KEY', 'a file that is not there', { KYCD_SECRET_KEY: undefined, KYCD_SECRET_KEY_FILE: '/nowhere/key' }],
	['KYCD_LISTEN', 'dev mode for everybody', { KYCD_LISTEN: '0.0.0.0:18080' }, '--dev'],
	['KYCD_SMTP_URL', 'open dev mode with a real mail server', { KYCD_LISTEN: '0.0.0.0:18080', KYCD_DEV_OPEN: '1', KYCD_DIDIT_CLIENT_ID: undefined, KYCD_DIDIT_CLIENT_SECRET: undefined }, '--dev'],
	['KYCD_DIDIT', 'open dev mode with a real provider', { KYCD_LISTEN: '0.0.0.0:18080', KYCD_DEV_OPEN: '1', KYCD_SMTP_URL: undefined }, '--dev'],
];

test('what is unsafe or unknown refuses the start, and says which setting it is', async (t) => {
	const folder = await inFolder(t);
	await writeFile(path.join(folder, 'key'), masterKey());
	const right = safe();
	for (const [name, says, change, ...rest] of refusals) {
		const why = rest.find((item) => item instanceof RegExp) ?? /./;
		const args = rest.filter((item) => item !== why);
		await t.test(`${name}: ${says}`, async () => {
			const settings = { ...right, ...(typeof change === 'function' ? change(folder) : change) };
			const { code, stderr, stdout } = await run(['serve', ...args], { settings, folder });
			assert.equal(code, 1, stderr);
			assert.match(stderr, new RegExp(`\\b${name}`), stderr);
			assert.match(stderr, why);
			assert.equal(stdout, '');
			assert.equal(stderr.trim().split('\n').filter((line) => !line.startsWith('warning:')).length, 1, `one clear line: ${stderr}`);
			for (const secret of [settings.KYCD_SECRET_KEY, settings.KYCD_DIDIT_WEBHOOK_SECRET])
				if (secret?.length > 8) assert.ok(!stderr.includes(secret), 'no secret in the refusal');
			const check = await run(['config', 'check', ...args], { settings, folder });
			if (!says.startsWith('a place')) // the command does not open it
				assert.deepEqual([check.code, check.stderr.replace(/^warning:.*\n/gm, '')], [1, stderr.replace(/^warning:.*\n/gm, '')], 'config check says the same');
		});
	}
});

test('open dev mode serves other machines, and says what it is', async (t) => {
	const folder = await inFolder(t);
	const port = await freePort();
	const server = new Server({ folder, args: ['--dev'], settings: { KYCD_LISTEN: `0.0.0.0:${port}`, KYCD_DEV_OPEN: 1, KYCD_PUBLIC_URL: `http://kyc.test:${port}`, ...WIDE } });
	t.after(() => server.kill());
	server.port = port;
	await server.start();
	const email = newEmail();
	const post = (where, body) => server.call('POST', where, { body });
	await post('/kyc/prepare', { email });
	await post('/security/email/send-otp', { email });
	const message = await until('the message', async () => (await server.call('GET', `/sandbox/inbox?to=${email}`)).json.messages[0]);
	assert.match(message.text, /sandbox/);
	assert.match(message.html, /sandbox/);
	expect(await post('/security/email/verify-otp', { email, code: /^\d+/.exec(message.text)[0] }), 200);
	const { session_url } = expect(await post('/kyc/create/verify_public_kyc', { email }), 201).data.session;
	assert.ok(session_url.startsWith(`http://kyc.test:${port}/sandbox/didit/session/`), session_url);
	const there = new URL(session_url).pathname;
	assert.match((await server.call('GET', there)).text, /sandbox/i);
	assert.match((await server.call('GET', '/return')).text, /sandbox/i);
	await post(`${there}/submit`, { scenario: 'approve' });
	await until('the approval', async () => (await post('/kyc/status', { email })).data.approved);
	await server.stop();
});

test('config check judges the same, config show masks what is secret', async (t) => {
	const folder = await inFolder(t);
	const settings = safe();
	assert.equal((await run(['config', 'check'], { settings, folder })).code, 0);
	const refused = await run(['config', 'check'], { settings: { ...settings, KYCD_OTP_DIGITS: '99' }, folder });
	assert.equal(refused.code, 1);
	assert.match(refused.stderr, /KYCD_OTP_DIGITS/);
	const weak = await run(['config', 'check'], { settings: { ...settings, KYCD_DIDIT_WEBHOOK_SECRET: 'short', KYCD_DIDIT_VERSION: 'v1', KYCD_DIDIT_API_KEY: 'ignored' }, folder });
	assert.equal(weak.code, 0);
	assert.match(weak.stderr, /warning: KYCD_DIDIT_WEBHOOK_SECRET/);
	assert.match(weak.stderr, /KYCD_DIDIT_API_KEY/);
	const cautions = async (change, ...args) => JSON.parse((await run(['config', 'check', '--json', ...args], { settings: { ...settings, ...change }, folder })).stdout);
	assert.deepEqual(await cautions({}), { usable: true, warnings: [] });
	const names = async (...all) => (await cautions(...all)).warnings.map(({ name }) => name);
	assert.deepEqual(await names({ KYCD_DIDIT_WEBHOOK_SECRET: 'short', KYCD_ALLOW_WEAK: 1 }), ['KYCD_DIDIT_WEBHOOK_SECRET', 'KYCD_ALLOW_WEAK']);
	for (const unset of [undefined, '']) assert.deepEqual(await names({ KYCD_PUBLIC_URL: unset }), ['KYCD_PUBLIC_URL'], 'nobody outside knows the default');
	assert.deepEqual(await names({ KYCD_PUBLIC_URL: undefined }, '--dev'), [], 'in dev mode nobody outside is expected');

	// The file that was given is the one that is named.
	await writeFile(path.join(folder, 'bad.conf'), 'colour = blue\n');
	const bad = await run(['config', 'check', '--config', 'bad.conf'], { settings, folder });
	assert.deepEqual([bad.code, bad.stderr], [1, 'kycd: KYCD_COLOUR (in bad.conf) is not a known setting: see `kycd config show`\n']);

	// A mail server is a secret from the first sign of a login on.
	for (const [url, masked] of [['smtp://127.0.0.1:2525', false], ['smtps://mail.kycd.example', false], ['smtp://user:secret@127.0.0.1:2525', true], ['smtp://user@mail.example:25', true]]) {
		const show = await run(['config', 'show', '--json'], { settings: { ...settings, KYCD_SMTP_URL: url }, folder });
		assert.equal(JSON.parse(show.stdout).find(({ name }) => name === 'KYCD_SMTP_URL').value, masked ? '********' : url);
	}
	assert.match((await run(['--help'], {})).stdout, /kycd user show ADDRESS.*\n +Show one person, by e-mail or wallet\./);

	// What lets strangers in is said, at its edge.
	assert.deepEqual(await names({ KYCD_API_KEYS: 'optional' }), ['KYCD_API_KEYS']);
	assert.deepEqual(await names({ KYCD_API_KEYS: 'optional' }, '--dev'), []);
	const url = (of) => names({ KYCD_PUBLIC_URL: of });
	assert.deepEqual([await url('http://kyc.example'), await url('http://127.0.0.1:8080'), await url('http://[::1]')], [['KYCD_PUBLIC_URL'], [], []]);
	for (const [digits, attempts, once] of [[6, 10, null], [6, 11, 90909], [4, 1, 10000], [8, 1000, null], [8, 1001, 99900], [4, 20000, 1]]) {
		const { warnings } = await cautions({ KYCD_OTP_DIGITS: digits, KYCD_OTP_ATTEMPTS: attempts });
		assert.deepEqual(warnings.map(({ name }) => name), once ? ['KYCD_OTP_DIGITS'] : [], `${digits} ${attempts}`);
		if (once) assert.match(warnings[0].warning, new RegExp(`1 code in ${once}, and 20 a day`));
	}
	const allowed = (limit, connections) => JSON.parse(execFileSync('prlimit', [`--nofile=${limit}:${limit}`, PROGRAM, 'config', 'check', '--json'], { cwd: folder, env: { ...settings, PATH: process.env.PATH, KYCD_MAX_CONNECTIONS: connections }, encoding: 'utf8' })).warnings;
	assert.deepEqual(allowed(328, 200), []);
	assert.deepEqual(allowed(328, 201).map(({ name, warning }) => `${name} ${warning}`), ['KYCD_MAX_CONNECTIONS needs 329 open files, but the limit of this user is 328: raise the limit (ulimit -n, LimitNOFILE=) or lower the setting']);

	// Which version is spoken follows from the credentials, where nothing says it; what belongs to another one is named.
	const shown = async (change) => JSON.parse((await run(['config', 'show', '--json'], { settings: { ...settings, ...change }, folder })).stdout);
	const version = async (change) => (await shown(change)).find(({ name }) => name === 'KYCD_DIDIT_VERSION').value;
	assert.equal(await version({}), 'v1');
	assert.equal(await version(later), 'v3');
	assert.equal(await version({ ...later, KYCD_DIDIT_VERSION: 'v2' }), 'v2');
	assert.equal(await version({ ...later, KYCD_DIDIT_VERSION: 'v1' }), 'v1');
	assert.deepEqual(await names({ ...later, KYCD_DIDIT_VERSION: 'v1' }), ['KYCD_DIDIT_API_KEY', 'KYCD_DIDIT_WORKFLOW_ID']);
	assert.deepEqual(await names({ ...later, KYCD_DIDIT_FEATURES: 'OCR', KYCD_DIDIT_AUTH_URL: 'https://apx.didit.me' }),
		['KYCD_DIDIT_CLIENT_ID', 'KYCD_DIDIT_CLIENT_SECRET', 'KYCD_DIDIT_FEATURES', 'KYCD_DIDIT_AUTH_URL']);
	assert.deepEqual(await names({ ...later, KYCD_DIDIT_CLIENT_ID: undefined, KYCD_DIDIT_CLIENT_SECRET: undefined }), []);

	await writeFile(path.join(folder, 'kycd.conf'), '# ours\n\nbrand = From "the file"\nlog=warn\notp_ttl = 5m\n');
	const { stdout } = await run(['config', 'show', '--json'], { settings: { ...settings, KYCD_LOG: 'error' }, folder });
	const rows = Object.fromEntries(JSON.parse(stdout).map((row) => [row.name, row]));
	assert.deepEqual([rows.KYCD_BRAND.value, rows.KYCD_BRAND.origin], ['From "the file"', 'file']);
	assert.deepEqual([rows.KYCD_LOG.value, rows.KYCD_LOG.origin], ['error', 'environment']);
	assert.deepEqual([rows.KYCD_RATE_PER_MINUTE.value, rows.KYCD_RATE_PER_MINUTE.origin], ['600', 'default']);
	assert.ok(!stdout.includes(settings.KYCD_SECRET_KEY) && !stdout.includes('w'.repeat(32)) && !stdout.includes('"secret"'));
	assert.ok(!('KYCD_COLOUR' in rows));

	for (const [line, what] of [['colour = blue', /KYCD_COLOUR/], ['otp_digits = 99', /KYCD_OTP_DIGITS/], ['brand', /other\.conf: line 1/], ['KYCD_BRAND = x', /line 1/], ['brand = a\nbrand = b', /KYCD_BRAND/]]) {
		await writeFile(path.join(folder, 'other.conf'), `${line}\n`);
		const done = await run(['config', 'check', '--config', 'other.conf'], { settings, folder });
		assert.equal(done.code, 1, line);
		assert.match(done.stderr, what, line);
	}
	assert.equal((await run(['config', 'check', '--config', 'nowhere.conf'], { settings, folder })).code, 1);
});

test('a secret may come from a file, without the newline at its end', async (t) => {
	const app = await App.open(t);
	const file = path.join(app.folder, 'master');
	await writeFile(file, `${app.server.settings.KYCD_SECRET_KEY}\n`);
	await app.server.stop();
	app.server.given = { ...app.server.given, KYCD_SECRET_KEY: undefined, KYCD_SECRET_KEY_FILE: file };
	await app.server.start();
	expect(await app.prepare(newEmail()), 201);

	await app.server.stop();
	await writeFile(path.join(app.folder, 'kycd.conf'), 'secret_key_file = master\n');
	app.server.given = { ...app.server.given, KYCD_SECRET_KEY_FILE: undefined };
	await app.server.start();
	expect(await app.prepare(newEmail()), 201);
});

test('a file that cannot be read is not passed over', async (t) => {
	const folder = await inFolder(t);
	const settings = { ...safe(), KYCD_SECRET_KEY: undefined };
	await writeFile(path.join(folder, 'kycd.conf'), 'secret_key_file = nowhere\n');
	assert.match((await run(['config', 'check'], { settings, folder })).stderr, /^kycd: KYCD_SECRET_KEY_FILE cannot be read: \S[^\n]*\S\n$/);

	// Root may read everything; what leads back to itself nobody can open.
	const other = await inFolder(t);
	await symlink('kycd.conf', path.join(other, 'kycd.conf'));
	const refused = await run(['config', 'check'], { settings: safe(), folder: other });
	assert.equal(refused.code, 1);
	assert.match(refused.stderr, /^kycd: kycd\.conf cannot be read/);
});

test('another master key, and a newer schema, are refused by name', async (t) => {
	const app = await App.open(t);
	await app.server.stop();
	const settings = { ...app.server.settings };
	for (const args of [['serve'], ['tenant', 'list']]) {
		const other = await run(args, { settings: { ...settings, KYCD_SECRET_KEY: masterKey() }, folder: app.folder });
		assert.equal(other.code, 1);
		assert.match(other.stderr, /KYCD_SECRET_KEY is not the key of this database/);
		const ids = other.stderr.match(/\b[0-9a-zA-Z]{8}\b/g);
		assert.ok(ids.length >= 2, `both keys' ids: ${other.stderr}`);
	}
	alter(app, 'INSERT INTO schema_migrations (version, applied_at) VALUES (9999, 1)');
	for (const args of [['serve'], ['tenant', 'list'], ['db', 'migrate']]) {
		const newer = await run(args, { settings, folder: app.folder });
		assert.equal(newer.code, 1, args.join(' '));
		assert.match(newer.stderr, /newer/i, args.join(' '));
		assert.match(newer.stderr, /9999/, args.join(' '));
	}
	alter(app, 'DELETE FROM schema_migrations WHERE version = 9999');
	await app.server.start();
});

testOfFiles('a damaged database is told', async (t) => {
	const app = await App.open(t);
	for (let i = 0; i < 50; i++) await app.prepare(newEmail());
	await app.server.stop();
	const { settings, folder } = app.server;
	const check = await run(['db', 'check'], { settings, folder });
	assert.equal(check.code, 0);
	assert.match(check.stdout, /^the database is intact\nschema \d+, \d+ bytes, \d+ free pages, last backup not known\n$/);
	const file = path.join(folder, 'kycd.db');
	const bytes = await readFile(file);
	const good = Buffer.from(bytes);
	bytes.fill(0x55, 4096 * 3, 4096 * 8);
	await writeFile(file, bytes);
	const damaged = await run(['db', 'check'], { settings, folder });
	assert.equal(damaged.code, 1);
	assert.ok(damaged.stderr.length > 0);
	await writeFile(file, good);
	await app.server.start();
});

test('two servers cannot have one address, and say so', async (t) => {
	const app = await App.open(t);
	const second = await run(['serve'], { settings: { ...app.server.settings, KYCD_DATABASE: 'sqlite:other.db', KYCD_ADMIN_LISTEN: `127.0.0.1:${await freePort()}` }, folder: app.folder });
	assert.equal(second.code, 1);
	assert.match(second.stderr, /KYCD_LISTEN/);
	expect(await app.prepare(newEmail()), 201);
});

const codes = [
	{ args: ['version'], code: 0, says: /^kycd \d+\.\d+/ },
	{ args: ['version', '--json'], code: 0, says: /^\{"name":"kycd","version":"/ },
	{ args: ['secret', 'generate', '--json'], code: 0, says: /^\{"secret":"[A-Za-z0-9+/]{43}="\}\n$/ },
	{ args: ['key', 'create', '--tenant=shop', '--label=a=b'], code: 0, says: /^kycd_\w+\n$/ },
	{ args: ['key', 'list', '--json', '--tenant=shop'], code: 0, says: /"label":"a=b"/ },
	{ args: ['tenant', 'set', 'shop', '--display-name='], code: 0, says: /^shop/ },
	{ args: ['tenant', 'set', 'shop', '--display-name=A', '--display-name', 'B'], code: 2, says: /--display-name is given twice/ },
	{ args: ['version', '--json=1'], code: 2, says: /--json takes no value/ },
	{ args: ['tenant', 'add', 'a', '--colour=blue'], code: 2, says: /--colour is not an option/ },
	{ args: ['tenant', 'add', 'a', '--=blue'], code: 2 },
	{ args: ['openapi', '--json'], code: 0, says: /^\{"openapi":"3\.1\.0",/ },
	{ args: ['routes'], code: 0, says: /POST +\/kyc\/prepare/ },
	{ args: ['secret', 'generate'], code: 0, says: /^[A-Za-z0-9+/]{43}=\n$/ },
	{ args: ['--help'], code: 0, says: /kycd serve/ },
	{ args: ['-h'], code: 0, says: /kycd serve/ },
	{ args: ['key', 'list', '-h'], code: 0, says: /kycd key list/ },
	{ args: ['key', '-h'], code: 0, says: /kycd key list/ },
	{ args: ['--version'], code: 0, says: /^kycd \d+\.\d+/ },
	{ args: ['--json', 'version'], code: 0, says: /^\{"name":"kycd"/ },
	{ args: ['--dev', '--config', '/dev/null', 'routes'], code: 0, says: /POST +\/kyc\/prepare/ },
	{ args: ['--config', '/dev/null', 'key', 'list', '--json'], code: 0, says: /"label":"a=b"/ },
	{ args: ['--config=/nowhere/kycd.conf', 'key', 'list'], code: 1, says: /^kycd: \/nowhere\/kycd\.conf cannot be read/ },
	{ args: ['--config', 'x', '-x', 'version'], code: 2, says: /^kycd: `-x` is not an option that can precede a command: .*\n$/ },
	{ args: ['version', '-x'], code: 2, says: /^kycd: -x is not an option of this command: see --help\n$/ },
	{ args: ['tenant', 'set', 'shop'], code: 2, says: /^kycd: tenant set needs at least one option to change: .*\n$/ },
	{ args: ['tenant', 'set', 'shop', '--language', 'pt-BR', '--return-url', 'https://shop.example/back'], code: 0, says: / language pt-BR +return https:\/\/shop\.example\/back / },
	{ args: ['tenant', 'list'], code: 0, says: /^shop .* language pt-BR +return https:\/\/shop\.example\/back /m },
	{ args: ['tenant', 'set', 'shop', '--return-url', 'none', '--language='], code: 0, says: / language - +return - / },
	{ args: ['tenant', 'add', 'a', '--return-url', 'none'], code: 2, says: /begins with https/ },
	{ args: ['tenant', 'add', 'a', '--language', 'english'], code: 2, says: /--language must be a language tag, such as en or pt-BR\n$/ },
	{ args: ['tenant', 'add', 'a', '--return-url', 'https://me:word@shop.example'], code: 2, says: /^kycd: --return-url must be a URL without user and password/ },
	{ args: ['tenant', 'add', 'a', '--return-url', 'https:///back'], code: 2, says: /^kycd: --return-url must be a URL with a host/ },
	{ args: ['\x1b[31mred'], code: 2, says: /^kycd: argument 1 contains a control character \(\\x1b\), which is not allowed\n$/ },
	{ args: ['tenant', 'add', 'a', 'b\u009b31m'], code: 2, says: /^kycd: argument 4 contains a control character \(\\x9b\), which is not allowed\n$/ },
	{ args: ['serve', '--help'], code: 0, says: /kycd serve/ },
	{ args: ['key', 'create', '--help'], code: 0, says: /--expires/ },
	{ args: [], code: 2, says: /^kycd: a command is missing\n/ },
	{ args: ['nonsense'], code: 2, says: /^kycd: unknown command `nonsense`: .*\n$/ },
	{ args: ['tenant'], code: 2, says: /^kycd: `tenant` needs a subcommand:\n {2}kycd tenant add/ },
	{ args: ['tenant', 'nonsense'], code: 2, says: /^kycd: unknown command `tenant nonsense`\n {2}kycd tenant add/ },
	{ args: ['tenant', 'add'], code: 2, says: /^kycd: NAME is missing\n {2}kycd tenant add NAME/ },
	{ args: ['key', 'revoke'], code: 2, says: /^kycd: ID is missing\n/ },
	{ args: ['tenant', 'add', 'a', 'b'], code: 2, says: /^kycd: unexpected argument `b`\n {2}kycd tenant add NAME/ },
	{ args: ['tenant', 'add', 'a', 'b', 'c', 'd', 'e'], code: 2, says: /^kycd: unexpected argument `e`\n/ },
	{ args: ['tenant', 'add', 'UPPER'], code: 2 },
	{ args: ['tenant', 'add', 'a', '--monthly-quota', '-1'], code: 2 },
	{ args: ['tenant', 'add', 'a', '--colour', 'blue'], code: 2 },
	{ args: ['tenant', 'add', 'a', '--group'], code: 2 },
	{ args: ['tenant', 'add', 'a', '--return-url', 'javascript:alert(1)'], code: 2 },
	{ args: ['key', 'create'], code: 2 },
	{ args: ['key', 'create', '--tenant', 'shop', '--expires', 'soon'], code: 2 },
	{ args: ['serve', '--port', '1'], code: 2 },
	{ args: ['key', 'create', '--tenant', 'nobody'], code: 1, says: /nobody|no tenant/ },
	{ args: ['key', 'revoke', 'AAAAAAAA'], code: 1 },
	{ args: ['tenant', 'set', 'nobody', '--monthly-quota', '1'], code: 1 },
	{ args: ['tenant', 'add', 'shop'], code: 1, says: /already/ },
];
test('commands end with 0, 1 or 2', async (t) => {
	const app = await App.open(t);
	for (const { args, code, says } of codes) {
		const bare = ['version', 'routes', 'openapi', 'secret', '--help', '-h', '--version'].includes(args[0]);
		const done = await run(args, { settings: bare ? {} : app.server.settings, folder: app.folder });
		assert.equal(done.code, code, `kycd ${args.join(' ')}: ${done.stderr}`);
		if (says) assert.match(code === 0 ? done.stdout : done.stderr, says, args.join(' '));
		if (code !== 0) assert.equal(done.stdout, '', args.join(' '));
	}
	const full = openSync('/dev/full', 'w');
	const lost = (args, env) => spawnSync(PROGRAM, args, { stdio: ['ignore', full, 'pipe'], encoding: 'utf8', cwd: app.folder, env });
	for (const args of [['version'], ['help'], ['tenant', '--help']]) {
		const done = lost(args, {});
		assert.deepEqual([done.status, done.stderr], [1, 'kycd: standard output cannot be written\n'], args.join(' '));
	}
	for (const json of [[], ['--json']]) {
		const { status, stderr } = lost(['key', 'create', '--tenant', 'shop', ...json], app.server.settings);
		assert.equal(status, 1);
		const [, id] = /^kycd: key (\w{8}) was created, but standard output cannot be written: revoke it with `kycd key revoke \1`\n$/.exec(stderr);
		await app.server.run('key', 'revoke', id);
	}
	closeSync(full);
	for (const [tag, hint] of [['de', /^hint: there are no e-mails and pages in de: /], ['pt', /^$/]])
		assert.match((await run(['tenant', 'set', 'shop', '--language', tag], { settings: app.server.settings, folder: app.folder })).stderr, hint);
	const [one, two] = [await run(['secret', 'generate']), await run(['secret', 'generate'])];
	assert.notEqual(one.stdout, two.stdout);
});

testOfFiles('a missing folder is made for us alone, and a first start needs nothing else', async (t) => {
	const folder = await inFolder(t);
	const server = new Server({ folder, settings: { ...safe(), KYCD_DATABASE: 'sqlite:deep/kycd.db' } });
	t.after(() => server.kill());
	await server.start();
	assert.equal((await stat(path.join(folder, 'deep'))).mode & 0o777, 0o700);
	assert.equal((await stat(path.join(folder, 'deep/kycd.db'))).mode & 0o777, 0o600);
	await server.stop();
});

test('the log says as much as it is told to, a fact a line', async (t) => {
	for (const [level, wanted] of [['info', ['info', 'error']], ['warn', ['error']], ['error', ['error']]]) {
		const app = await App.open(t, { settings: { KYCD_LOG: level } });
		const email = newEmail();
		await app.proven(email);
		app.didit.next = ['error'];
		expect(await app.create(email, { headers: { 'x-request-id': 'asked.by.us' } }), 500, 'server_failed');
		await app.server.stop();
		// `slow_job` tells of other work on this machine.
		const lines = app.server.log.trim().split('\n').filter((line) => !line.includes(' event=slow_job '));
		for (const line of lines) assert.match(line, /^time=\S+Z level=(debug|info|warn|error) event=[a-z_]+( [a-z_]+=("(?:[^"\\]|\\.)*"|[^ "]*))*$/, line);
		assert.deepEqual([...new Set(lines.map((line) => /level=(\w+)/.exec(line)[1]))].sort(), wanted.sort(), level);
		assert.ok(lines.some((line) => line.includes('event=request request_id=asked.by.us method=POST route=/kyc/create/:kyc_type status=500')), level);
	}
});

test('a group that is named like a tenant outside it gets a hint', async (t) => {
	const app = await App.open(t);
	const { settings, folder } = app.server;
	const hint = async (...args) => (await run(['tenant', ...args], { settings, folder })).stderr;
	assert.match(await hint('add', 'sister', '--group=shop'), /^hint: the tenant shop is not in the group shop, .*`kycd tenant set shop --group shop`.*\n$/);
	assert.equal(await hint('add', 'brother', '--group', 'elsewhere'), '');
	assert.equal(await hint('add', 'own', '--group', 'own'), '', 'the first of its group');
	assert.equal(await hint('set', 'shop', '--group', 'shop'), '', 'now it is in it');
	assert.equal(await hint('add', 'cousin', '--group', 'shop'), '');
	const { id } = JSON.parse(await app.server.run('key', 'create', '--tenant', 'shop', '--json'));
	assert.deepEqual(JSON.parse(await app.server.run('key', 'revoke', id, '--json')), { id, revoked: true });
});
