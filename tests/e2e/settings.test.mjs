// The server refuses to start with an unsafe or invalid setting and names it. Commands exit with the documented codes.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { ON_POSTGRES, executeSql, sqliteTest } from './lib/database.mjs';
import { App, UNLIMITED_RATES, expect, masterKey, newEmail } from './lib/app.mjs';
import { PROGRAM, Server, run, temporaryFolder } from './lib/kycd.mjs';
import { v1Credentials, v3Credentials, validSettings } from './lib/settings.mjs';
import { freePort } from './lib/http.mjs';
import { until } from './lib/wait.mjs';

const WORKFLOW = v3Credentials.KYCD_DIDIT_WORKFLOW_ID;

/** Rows: the setting that the message must name, a description, the changed settings, and optionally a pattern and arguments. */
const refusals = [
	['KYCD_SECRET_KEY', 'no master key', { KYCD_SECRET_KEY: undefined }],
	['KYCD_SECRET_KEY', 'an empty master key', { KYCD_SECRET_KEY: '' }],
	['KYCD_SECRET_KEY', 'a short master key', { KYCD_SECRET_KEY: Buffer.alloc(16, 7).toString('base64') }],
	['KYCD_SECRET_KEY', 'a long master key', { KYCD_SECRET_KEY: Buffer.alloc(33, 7).toString('base64') }],
	['KYCD_SECRET_KEY', 'a master key that is not base64', { KYCD_SECRET_KEY: `${'!'.repeat(43)}=` }],
	['KYCD_SECRET_KEY', 'equal bytes', { KYCD_SECRET_KEY: Buffer.alloc(32, 7).toString('base64') }, /not random/],
	['KYCD_SECRET_KEY', 'only zeros', { KYCD_SECRET_KEY: Buffer.alloc(32).toString('base64') }, /not random/],
	['KYCD_DIDIT_WEBHOOK_SECRET', 'no webhook secret', { KYCD_DIDIT_WEBHOOK_SECRET: undefined }],
	['KYCD_DIDIT_WEBHOOK_SECRET', 'an empty webhook secret', { KYCD_DIDIT_WEBHOOK_SECRET: '' }],
	['KYCD_DIDIT_WEBHOOK_SECRET', 'an empty second webhook secret', { KYCD_DIDIT_WEBHOOK_SECRET: `${'w'.repeat(32)},` }],
	['KYCD_DIDIT_WEBHOOK_SECRET', 'three webhook secrets', { KYCD_DIDIT_WEBHOOK_SECRET: 'a,b,c' }],
	['KYCD_SMTP_URL', 'no mail server', { KYCD_SMTP_URL: undefined }],
	['KYCD_SMTP_URL', 'a mail server URL with another scheme', { KYCD_SMTP_URL: 'http://127.0.0.1:25' }],
	['KYCD_MAIL_FROM', 'no sender address', { KYCD_MAIL_FROM: undefined }],
	['KYCD_MAIL_FROM', 'a sender of two lines', { KYCD_MAIL_FROM: 'a@example.com\nBcc: b@example.com' }],
	['KYCD_DIDIT_CLIENT_ID', 'no client id', { KYCD_DIDIT_CLIENT_ID: undefined, KYCD_DIDIT_VERSION: 'v1' }],
	['KYCD_DIDIT_CLIENT_SECRET', 'no client secret', { KYCD_DIDIT_CLIENT_SECRET: undefined }],
	['KYCD_DIDIT_API_KEY', 'no credentials at all', { KYCD_DIDIT_WORKFLOW_ID: WORKFLOW, KYCD_DIDIT_CLIENT_ID: undefined, KYCD_DIDIT_CLIENT_SECRET: undefined }],
	['KYCD_DIDIT_API_KEY', 'v3 with the credentials of v1', { KYCD_DIDIT_VERSION: 'v3', KYCD_DIDIT_WORKFLOW_ID: WORKFLOW }],
	['KYCD_DIDIT_API_KEY', 'v2 with the credentials of v1', { KYCD_DIDIT_VERSION: 'v2', KYCD_DIDIT_WORKFLOW_ID: WORKFLOW }],
	['KYCD_DIDIT_API_KEY', 'an API key with a space', { ...v3Credentials, KYCD_DIDIT_API_KEY: 'a key' }],
	['KYCD_DIDIT_WORKFLOW_ID', 'an API key without a workflow', { ...v3Credentials, KYCD_DIDIT_WORKFLOW_ID: undefined }],
	['KYCD_DIDIT_WORKFLOW_ID', 'an empty workflow', { ...v3Credentials, KYCD_DIDIT_WORKFLOW_ID: '' }],
	['KYCD_DIDIT_WORKFLOW_ID', 'the name of a workflow instead of its id', { ...v3Credentials, KYCD_DIDIT_WORKFLOW_ID: 'kyc' }],
	['KYCD_DIDIT_WORKFLOW_ID', 'a workflow id without its first digit', { ...v3Credentials, KYCD_DIDIT_WORKFLOW_ID: WORKFLOW.slice(1) }],
	['KYCD_DIDIT_CLIENT_ID', 'v1 with the credentials of v3', { ...v3Credentials, KYCD_DIDIT_VERSION: 'v1', KYCD_DIDIT_CLIENT_ID: undefined }],
	['KYCD_DIDIT_VERSION', 'an unknown version', { KYCD_DIDIT_VERSION: 'v9' }],
	['KYCD_DIDIT_FEATURES', 'unknown features', { KYCD_DIDIT_FEATURES: 'OCR + EVERYTHING' }],
	['KYCD_DIDIT_BASE_URL', 'plain http to another host', { KYCD_DIDIT_BASE_URL: 'http://verification.example' }],
	['KYCD_DIDIT_AUTH_URL', 'plain http to another host', { KYCD_DIDIT_AUTH_URL: 'http://192.0.2.1' }],
	['KYCD_DIDIT_BASE_URL', 'plain http to a public address, with KYCD_ALLOW_WEAK', { KYCD_DIDIT_BASE_URL: 'http://192.0.2.1', KYCD_ALLOW_WEAK: '1' }],
	['KYCD_TRUSTED_PROXIES', 'a prefix longer than an address', { KYCD_TRUSTED_PROXIES: '10.0.0.0/33' }],
	['KYCD_TRUSTED_PROXIES', 'every IPv4 address', { KYCD_TRUSTED_PROXIES: '10.0.0.1, 0.0.0.0/0' }],
	['KYCD_TRUSTED_PROXIES', 'every IPv6 address', { KYCD_TRUSTED_PROXIES: '::/0' }],
	['KYCD_PUBLIC_URL', 'a user and password', { KYCD_PUBLIC_URL: 'https://me:word@kyc.example' }, /without user and password/],
	['KYCD_PUBLIC_URL', 'no host', { KYCD_PUBLIC_URL: 'https://:443/' }, /with a host/],
	['KYCD_PUBLIC_URL', 'a query', { KYCD_PUBLIC_URL: 'https://kyc.example/?a=b' }, /without \? and #/],
	['KYCD_PUBLIC_URL', 'a fragment', { KYCD_PUBLIC_URL: 'https://kyc.example/#top' }, /without \? and #/],
	['KYCD_PUBLIC_URL', 'a port above 65535', { KYCD_PUBLIC_URL: 'https://kyc.example:99999' }, /host, its port/],
	['KYCD_PUBLIC_URL', 'a URL that is too long', { KYCD_PUBLIC_URL: `https://kyc.example/${'x'.repeat(493)}` }, /at most 512 bytes/],
	['KYCD_SMTP_URL', 'port 0', { KYCD_SMTP_URL: 'smtp://127.0.0.1:0' }, /1 to 65535/],
	['KYCD_DIDIT_SESSION_HOSTS', 'any host', { KYCD_DIDIT_SESSION_HOSTS: '*' }],
	['KYCD_DIDIT_SESSION_HOSTS', 'a URL instead of a host', { KYCD_DIDIT_SESSION_HOSTS: 'verify.didit.me, https://a.example' }],
	['KYCD_DATABASE', 'an unknown engine', { KYCD_DATABASE: 'mysql://localhost/kycd' }, /sqlite:FILE.*postgresql:/],
	['KYCD_DATABASE', 'no file name', { KYCD_DATABASE: 'sqlite:' }, /sqlite:FILE/],
	['KYCD_DATABASE', 'parameters of a file', { KYCD_DATABASE: 'sqlite:/srv/kycd.db?mode=rwc' }, /a SQLite file takes no parameters/],
	['KYCD_DATABASE', 'three slashes', { KYCD_DATABASE: 'sqlite:///var/lib/kycd.db' }, /does not begin with \/\//],
	['KYCD_DATABASE', 'a parameter of another driver', { KYCD_DATABASE: 'postgresql://me:word@localhost/kycd?pgbouncer=true' }, /`pgbouncer` is not one of them/],
	['KYCD_DATABASE', 'an unencrypted connection', { KYCD_DATABASE: 'postgresql://me:word@192.0.2.1/kycd?sslmode=disable' }, /unencrypted.*verify-full/],
	['KYCD_DATABASE', 'one of two hosts', { KYCD_DATABASE: 'postgresql://me@127.0.0.1,db.example/kycd?sslmode=allow' }, /unencrypted/],
	['KYCD_DATABASE', 'a public address', { KYCD_DATABASE: 'postgresql://me@192.0.2.1/kycd?sslmode=disable', KYCD_ALLOW_WEAK: '1' }, /unencrypted/],
	['KYCD_DATABASE', 'a schema', { KYCD_DATABASE: 'postgresql://localhost/kycd?schema=public' }, /search_path/],
	['KYCD_DATABASE', 'a password with a slash', { KYCD_DATABASE: 'postgresql://me:wo/rd@localhost/kycd' }, /%2F for a/],
	['KYCD_DATABASE', 'a password with an @', { KYCD_DATABASE: 'postgresql://me:wo@rd@localhost/kycd' }, /%40 for an @/],
	['KYCD_DATABASE_CONNECTIONS', 'one connection', { KYCD_DATABASE_CONNECTIONS: '1' }, /2-64/],
	['KYCD_DATABASE_CONNECTIONS', 'too many connections', { KYCD_DATABASE_CONNECTIONS: '65' }, /2-64/],
	['KYCD_COLOUR', 'an unknown setting', { KYCD_COLOUR: 'blue' }],
	['KYCD_OTP_TTTL', 'a misspelt setting', { KYCD_OTP_TTTL: '600' }],
	['KYCD_RATE_PER_SECOND', 'a word instead of a number', { KYCD_RATE_PER_SECOND: 'many' }],
	['KYCD_RATE_PER_SECOND', 'zero', { KYCD_RATE_PER_SECOND: '0' }],
	['KYCD_RATE_PER_MINUTE', 'a negative number', { KYCD_RATE_PER_MINUTE: '-1' }],
	['KYCD_RATE_PER_MINUTE', 'a fraction', { KYCD_RATE_PER_MINUTE: '1.5' }],
	['KYCD_MAX_CONNECTIONS', 'a number that is too large', { KYCD_MAX_CONNECTIONS: '2147483648' }],
	['KYCD_OTP_TTL', 'an invalid duration', { KYCD_OTP_TTL: '10 minutes' }],
	['KYCD_OTP_TTL', 'a code that is valid for more than 10 minutes', { KYCD_OTP_TTL: '601' }],
	['KYCD_OTP_DIGITS', 'a code with too few digits', { KYCD_OTP_DIGITS: '3' }],
	['KYCD_API_KEYS', 'an unknown choice', { KYCD_API_KEYS: 'never' }],
	['KYCD_LOG', 'an unknown level', { KYCD_LOG: 'loud' }],
	['KYCD_ALLOW_WEAK', 'a value other than 0 or 1', { KYCD_ALLOW_WEAK: 'yes' }],
	['KYCD_LISTEN', 'a port without an address', { KYCD_LISTEN: '8080' }],
	['KYCD_LISTEN', 'a port above 65535', { KYCD_LISTEN: '127.0.0.1:99999' }],
	['KYCD_LISTEN', 'empty', { KYCD_LISTEN: '' }],
	['KYCD_ADMIN_LISTEN', 'metrics on all interfaces', { KYCD_ADMIN_LISTEN: '0.0.0.0:8081' }],
	['KYCD_ADMIN_LISTEN', 'the same address as KYCD_LISTEN', { KYCD_LISTEN: '127.0.0.1:18080', KYCD_ADMIN_LISTEN: '127.0.0.1:18080' }],
	['KYCD_CONSOLE_LISTEN', 'a port without an address', { KYCD_CONSOLE_LISTEN: '8082' }],
	['KYCD_CONSOLE_LISTEN', 'the address of the public listener', { KYCD_LISTEN: '127.0.0.1:18080', KYCD_CONSOLE_LISTEN: '127.0.0.1:18080', KYCD_CONSOLE_URL: 'https://console.example.com' }, /use another port/],
	['KYCD_CONSOLE_LISTEN', 'the address of the admin listener', { KYCD_ADMIN_LISTEN: '127.0.0.1:18081', KYCD_CONSOLE_LISTEN: '127.0.0.1:18081', KYCD_CONSOLE_URL: 'https://console.example.com' }, /use another port/],
	['KYCD_CONSOLE_URL', 'a listener without a URL', { KYCD_CONSOLE_LISTEN: '127.0.0.1:18082' }, /is not set, but KYCD_CONSOLE_LISTEN is/],
	['KYCD_CONSOLE_URL', 'plain http', { KYCD_CONSOLE_LISTEN: '127.0.0.1:18082', KYCD_CONSOLE_URL: 'http://console.example.com' }, /begins with https/],
	['KYCD_CONSOLE_URL', 'an IP address', { KYCD_CONSOLE_LISTEN: '127.0.0.1:18082', KYCD_CONSOLE_URL: 'https://10.0.0.1' }, /instead of an IP address/],
	['KYCD_CONSOLE_URL', 'a path', { KYCD_CONSOLE_LISTEN: '127.0.0.1:18082', KYCD_CONSOLE_URL: 'https://example.com/console' }, /without path/],
	['KYCD_DIDIT_BASE_URL', 'an empty URL', { KYCD_DIDIT_BASE_URL: '' }],
	['KYCD_TRUSTED_PROXIES', 'an empty entry', { KYCD_TRUSTED_PROXIES: '10.0.0.0/8, ' }],
	['KYCD_TRUSTED_PROXIES', 'a host name', { KYCD_TRUSTED_PROXIES: 'localhost' }],
	['KYCD_WEBHOOK_ALLOWED_NETWORKS', 'a host name', { KYCD_WEBHOOK_ALLOWED_NETWORKS: 'localhost' }],
	['KYCD_WEBHOOK_ALLOWED_NETWORKS', 'a prefix longer than an address', { KYCD_WEBHOOK_ALLOWED_NETWORKS: '10.0.0.0/33' }],
	['KYCD_PUBLIC_URL', 'no scheme', { KYCD_PUBLIC_URL: 'kyc.example.com' }],
	['KYCD_DATABASE', 'an unknown engine', { KYCD_DATABASE: 'mysql://localhost/kycd' }],
	['KYCD_DATABASE', 'a file name without sqlite:', { KYCD_DATABASE: 'var/kycd.db' }],
	['KYCD_DATABASE', 'empty', { KYCD_DATABASE: '' }],
	['KYCD_DATABASE', 'a path that cannot exist', { KYCD_DATABASE: 'sqlite:/dev/null/kycd.db' }],
	['KYCD_BRAND', 'two lines', { KYCD_BRAND: 'A\nB' }],
	['KYCD_BRAND', 'a name that is too long', { KYCD_BRAND: 'x'.repeat(41) }],
	['KYCD_LANGUAGE', 'a word instead of a language tag', { KYCD_LANGUAGE: 'english' }],
	['KYCD_TRIES', 'a number without a period', { KYCD_TRIES: '5' }],
	['KYCD_SECRET_KEY', 'both a value and a file', (folder) => ({ KYCD_SECRET_KEY_FILE: path.join(folder, 'key') })],
	['KYCD_SECRET_KEY', 'a file that does not exist', { KYCD_SECRET_KEY: undefined, KYCD_SECRET_KEY_FILE: '/nowhere/key' }],
	['KYCD_LISTEN', 'dev mode on all interfaces', { KYCD_LISTEN: '0.0.0.0:18080' }, '--dev'],
	['KYCD_SMTP_URL', 'open dev mode with a real mail server', { KYCD_LISTEN: '0.0.0.0:18080', KYCD_DEV_OPEN: '1', KYCD_DIDIT_CLIENT_ID: undefined, KYCD_DIDIT_CLIENT_SECRET: undefined }, '--dev'],
	['KYCD_DIDIT', 'open dev mode with a real provider', { KYCD_LISTEN: '0.0.0.0:18080', KYCD_DEV_OPEN: '1', KYCD_SMTP_URL: undefined }, '--dev'],
];

test('an unsafe or unknown setting prevents the start, and the message names it', async (t) => {
	const folder = await temporaryFolder(t);
	await writeFile(path.join(folder, 'key'), masterKey());
	const valid = validSettings(v1Credentials);
	for (const [setting, description, change, ...rest] of refusals) {
		const reason = rest.find((item) => item instanceof RegExp) ?? /./;
		const args = rest.filter((item) => item !== reason);
		await t.test(`${setting}: ${description}`, async () => {
			const settings = { ...valid, ...(typeof change === 'function' ? change(folder) : change) };
			const { code, stderr, stdout } = await run(['serve', ...args], { settings, folder });
			assert.equal(code, 1, stderr);
			assert.match(stderr, new RegExp(`\\b${setting}`), stderr);
			assert.match(stderr, reason);
			assert.equal(stdout, '');
			assert.equal(stderr.trim().split('\n').filter((line) => !line.startsWith('warning:')).length, 1, `one line only: ${stderr}`);
			for (const secret of [settings.KYCD_SECRET_KEY, settings.KYCD_DIDIT_WEBHOOK_SECRET])
				if (secret?.length > 8) assert.ok(!stderr.includes(secret), 'the message contains no secret');
			const check = await run(['config', 'check', ...args], { settings, folder });
			if (description !== 'a path that cannot exist') // config check does not open the database
				assert.deepEqual([check.code, check.stderr.replace(/^warning:.*\n/gm, '')], [1, stderr.replace(/^warning:.*\n/gm, '')], 'config check prints the same message');
		});
	}
});

test('open dev mode serves other machines, and its messages and pages name the sandbox', async (t) => {
	const folder = await temporaryFolder(t);
	const port = await freePort();
	const server = new Server({ folder, args: ['--dev'], settings: { KYCD_LISTEN: `0.0.0.0:${port}`, KYCD_DEV_OPEN: 1, KYCD_PUBLIC_URL: `http://kyc.test:${port}`, ...UNLIMITED_RATES } });
	t.after(() => server.kill());
	server.port = port;
	await server.start();
	const email = newEmail();
	const post = (where, body) => server.call('POST', where, { body });
	await post('/kyc/prepare', { email });
	await post('/security/email/send-otp', { email });
	const message = await until('the message to be in the inbox', async () => (await server.call('GET', `/sandbox/inbox?to=${email}`)).json.messages[0]);
	assert.match(message.text, /sandbox/);
	assert.match(message.html, /sandbox/);
	expect(await post('/security/email/verify-otp', { email, code: /^\d+/.exec(message.text)[0] }), 200);
	const { session_url } = expect(await post('/kyc/create/verify_public_kyc', { email }), 201).data.session;
	assert.ok(session_url.startsWith(`http://kyc.test:${port}/sandbox/didit/session/`), session_url);
	const page = new URL(session_url).pathname;
	assert.match((await server.call('GET', page)).text, /sandbox/i);
	assert.match((await server.call('GET', '/return')).text, /sandbox/i);
	await post(`${page}/submit`, { scenario: 'approve' });
	await until('the session to be approved', async () => (await post('/kyc/status', { email })).data.approved);
	await server.stop();
});

test('config check applies the rules of the start and prints warnings, and config show masks secrets', async (t) => {
	const folder = await temporaryFolder(t);
	const settings = validSettings(v1Credentials);
	assert.equal((await run(['config', 'check'], { settings, folder })).code, 0);
	const refused = await run(['config', 'check'], { settings: { ...settings, KYCD_OTP_DIGITS: '99' }, folder });
	assert.equal(refused.code, 1);
	assert.match(refused.stderr, /KYCD_OTP_DIGITS/);
	const weak = await run(['config', 'check'], { settings: { ...settings, KYCD_DIDIT_WEBHOOK_SECRET: 'short', KYCD_DIDIT_VERSION: 'v1', KYCD_DIDIT_API_KEY: 'ignored' }, folder });
	assert.equal(weak.code, 0);
	assert.match(weak.stderr, /warning: KYCD_DIDIT_WEBHOOK_SECRET/);
	assert.match(weak.stderr, /KYCD_DIDIT_API_KEY/);
	const check = async (change, ...args) => JSON.parse((await run(['config', 'check', '--json', ...args], { settings: { ...settings, ...change }, folder })).stdout);
	assert.deepEqual(await check({}), { usable: true, warnings: [] });
	const names = async (...all) => (await check(...all)).warnings.map(({ name }) => name);
	assert.deepEqual(await names({ KYCD_DIDIT_WEBHOOK_SECRET: 'short', KYCD_ALLOW_WEAK: 1 }), ['KYCD_DIDIT_WEBHOOK_SECRET', 'KYCD_ALLOW_WEAK']);
	for (const unset of [undefined, '']) assert.deepEqual(await names({ KYCD_PUBLIC_URL: unset }), ['KYCD_PUBLIC_URL'], 'the default URL is not reachable from other machines');
	assert.deepEqual(await names({ KYCD_PUBLIC_URL: undefined }, '--dev'), [], 'dev mode serves this machine only');

	// The message names the file given with --config.
	await writeFile(path.join(folder, 'bad.conf'), 'colour = blue\n');
	const bad = await run(['config', 'check', '--config', 'bad.conf'], { settings, folder });
	assert.deepEqual([bad.code, bad.stderr], [1, 'kycd: KYCD_COLOUR (in bad.conf) is not a known setting: see `kycd config show`\n']);

	// The URL of a mail server is a secret if it contains a login.
	for (const [url, masked] of [['smtp://127.0.0.1:2525', false], ['smtps://mail.kycd.example', false], ['smtp://user:secret@127.0.0.1:2525', true], ['smtp://user@mail.example:25', true]]) {
		const show = await run(['config', 'show', '--json'], { settings: { ...settings, KYCD_SMTP_URL: url }, folder });
		assert.equal(JSON.parse(show.stdout).find(({ name }) => name === 'KYCD_SMTP_URL').value, masked ? '********' : url);
	}
	assert.match((await run(['--help'], {})).stdout, /kycd user show ADDRESS.*\n +Show one person, by e-mail or wallet\./);

	// Settings that weaken access control cause a warning. The rows test both sides of each limit.
	assert.deepEqual(await names({ KYCD_API_KEYS: 'optional' }), ['KYCD_API_KEYS']);
	assert.deepEqual(await names({ KYCD_API_KEYS: 'optional' }, '--dev'), []);
	for (const [listen, proxies, url, weak] of [
		['0.0.0.0:8080', undefined, 'https://kyc.example', true],
		['[::]:8080', undefined, 'https://kyc.example', true],
		['10.0.0.5:8080', undefined, 'https://kyc.example', true],
		['0.0.0.0:8080', '10.0.0.1', 'https://kyc.example', false],
		['127.0.0.1:8080', undefined, 'https://kyc.example', false],
		['[::1]:8080', undefined, 'https://kyc.example', false],
	])
		assert.deepEqual(await names({ KYCD_LISTEN: listen, KYCD_TRUSTED_PROXIES: proxies, KYCD_PUBLIC_URL: url }), weak ? ['KYCD_LISTEN'] : [], listen);
	for (const bytes of [[...Array(32).keys()], 'password'.repeat(4)])
		assert.deepEqual(await names({ KYCD_SECRET_KEY: Buffer.from(bytes).toString('base64') }), ['KYCD_SECRET_KEY']);
	assert.deepEqual(await names({ KYCD_LISTEN: '0.0.0.0:8080', KYCD_TRUSTED_PROXIES: '10.0.0.1', KYCD_PUBLIC_URL: 'http://kyc.example' }), ['KYCD_PUBLIC_URL', 'KYCD_LISTEN']);
	for (const [listen, proxies, url, weak] of [
		['127.0.0.1:8082', undefined, 'https://console.example', []],
		['0.0.0.0:8082', '10.0.0.1', 'https://console.example', []],
		['0.0.0.0:8082', undefined, 'https://console.example', ['KYCD_CONSOLE_LISTEN']],
		['127.0.0.1:8082', undefined, 'https://kyc.example:8443', ['KYCD_CONSOLE_URL']],
		[undefined, undefined, 'https://console.example', ['KYCD_CONSOLE_URL']],
	])
		assert.deepEqual(await names({ KYCD_CONSOLE_LISTEN: listen, KYCD_TRUSTED_PROXIES: proxies, KYCD_CONSOLE_URL: url, KYCD_PUBLIC_URL: 'https://kyc.example' }), weak, `${listen} ${url}`);
	assert.deepEqual(await names({ KYCD_CONSOLE_LISTEN: '127.0.0.1:8082', KYCD_CONSOLE_URL: 'https://console.example' }, '--dev'), ['KYCD_CONSOLE_LISTEN', 'KYCD_CONSOLE_URL'], 'dev mode ignores both');
	for (const [database, weak] of [
		['db.example/kycd', true], ['db.example/kycd?sslmode=require', true], ['db.example/kycd?sslmode=verify-ca', true], ['10.0.0.7/kycd?ssl=true', true],
		['127.0.0.1,db.example/kycd', true], ['/kycd?host=db.example', true], ['localhost/kycd?hostaddr=192.0.2.1', true],
		['db.example/kycd?sslmode=verify-full', false], ['localhost/kycd', false], ['127.0.0.1/kycd?sslmode=disable', false], ['[::1]/kycd', false], ['/kycd', false],
		['/kycd?host=/run/postgresql', false],
	])
		assert.deepEqual(await names({ KYCD_DATABASE: `postgresql://${database}` }), weak ? ['KYCD_DATABASE'] : [], database);
	assert.deepEqual(await names({ KYCD_DATABASE: 'postgresql://db.example/kycd', PGSSLMODE: 'verify-full' }), []);
	assert.deepEqual(await names({ KYCD_DATABASE: 'postgresql://10.0.0.7/kycd?sslmode=disable', KYCD_ALLOW_WEAK: 1 }), ['KYCD_ALLOW_WEAK', 'KYCD_DATABASE']);
	for (const [nets, weak] of [['10.0.0.0/8', false], ['10.0.0.0/7', true], ['fc00::/7', false], ['fc00::/6', true], ['0.0.0.0/1, 128.0.0.0/1', true]])
		assert.deepEqual(await names({ KYCD_TRUSTED_PROXIES: nets }), weak ? ['KYCD_TRUSTED_PROXIES'] : [], nets);
	assert.deepEqual(await names({ KYCD_DIDIT_CALLBACK_URL: 'http://kyc.example/back', KYCD_DEV_OPEN: 1 }), ['KYCD_DIDIT_CALLBACK_URL', 'KYCD_DEV_OPEN']);
	const connections = (number, database) => names({ KYCD_DATABASE_CONNECTIONS: number, KYCD_DATABASE: database });
	assert.deepEqual([await connections(2, 'sqlite:kycd.db'), await connections(2, 'postgresql://localhost/kycd'), await connections(64, 'postgresql://localhost/kycd')], [ON_POSTGRES ? [] : ['KYCD_DATABASE_CONNECTIONS'], [], []]);
	const warningsOfUrl = (url) => names({ KYCD_PUBLIC_URL: url });
	assert.deepEqual([await warningsOfUrl('http://kyc.example'), await warningsOfUrl('http://127.0.0.1:8080'), await warningsOfUrl('http://[::1]')], [['KYCD_PUBLIC_URL'], [], []]);
	for (const [digits, attempts, oneIn] of [[6, 10, null], [6, 11, 90909], [4, 1, 10000], [8, 1000, null], [8, 1001, 99900], [4, 20000, 1]]) {
		const { warnings } = await check({ KYCD_OTP_DIGITS: digits, KYCD_OTP_ATTEMPTS: attempts });
		assert.deepEqual(warnings.map(({ name }) => name), oneIn ? ['KYCD_OTP_DIGITS'] : [], `${digits} ${attempts}`);
		if (oneIn) assert.match(warnings[0].warning, new RegExp(`1 code in ${oneIn}, and 20 a day`));
	}
	const warningsWithFileLimit = (limit, connections) => JSON.parse(execFileSync('prlimit', [`--nofile=${limit}:${limit}`, PROGRAM, 'config', 'check', '--json'], { cwd: folder, env: { ...settings, PATH: process.env.PATH, KYCD_MAX_CONNECTIONS: connections }, encoding: 'utf8' })).warnings;
	assert.deepEqual(warningsWithFileLimit(328, 200), []);
	assert.deepEqual(warningsWithFileLimit(328, 201).map(({ name, warning }) => `${name} ${warning}`), ['KYCD_MAX_CONNECTIONS needs 329 open files, but the limit of this user is 328: raise the limit (ulimit -n, LimitNOFILE=) or lower the setting']);

	// Without KYCD_DIDIT_VERSION the version follows from the credentials. Settings of another version cause a warning.
	const shown = async (change) => JSON.parse((await run(['config', 'show', '--json'], { settings: { ...settings, ...change }, folder })).stdout);
	const version = async (change) => (await shown(change)).find(({ name }) => name === 'KYCD_DIDIT_VERSION').value;
	assert.equal(await version({}), 'v1');
	assert.equal(await version(v3Credentials), 'v3');
	assert.equal(await version({ ...v3Credentials, KYCD_DIDIT_VERSION: 'v2' }), 'v2');
	assert.equal(await version({ ...v3Credentials, KYCD_DIDIT_VERSION: 'v1' }), 'v1');
	assert.deepEqual(await names({ ...v3Credentials, KYCD_DIDIT_VERSION: 'v1' }), ['KYCD_DIDIT_API_KEY', 'KYCD_DIDIT_WORKFLOW_ID']);
	assert.deepEqual(await names({ ...v3Credentials, KYCD_DIDIT_FEATURES: 'OCR', KYCD_DIDIT_AUTH_URL: 'https://apx.didit.me' }),
		['KYCD_DIDIT_CLIENT_ID', 'KYCD_DIDIT_CLIENT_SECRET', 'KYCD_DIDIT_FEATURES', 'KYCD_DIDIT_AUTH_URL']);
	assert.deepEqual(await names({ ...v3Credentials, KYCD_DIDIT_CLIENT_ID: undefined, KYCD_DIDIT_CLIENT_SECRET: undefined }), []);

	await writeFile(path.join(folder, 'kycd.conf'), '# a comment\n\nbrand = From "the file"\nlog=warn\notp_ttl = 5m\n');
	const { stdout } = await run(['config', 'show', '--json'], { settings: { ...settings, KYCD_LOG: 'error' }, folder });
	const rows = Object.fromEntries(JSON.parse(stdout).map((row) => [row.name, row]));
	assert.deepEqual([rows.KYCD_BRAND.value, rows.KYCD_BRAND.origin], ['From "the file"', 'file']);
	assert.deepEqual([rows.KYCD_LOG.value, rows.KYCD_LOG.origin], ['error', 'environment']);
	assert.deepEqual([rows.KYCD_RATE_PER_MINUTE.value, rows.KYCD_RATE_PER_MINUTE.origin], ['600', 'default']);
	assert.ok(!stdout.includes(settings.KYCD_SECRET_KEY) && !stdout.includes('w'.repeat(32)) && !stdout.includes('"secret"'));
	assert.ok(!('KYCD_COLOUR' in rows));

	for (const [line, message] of [['colour = blue', /KYCD_COLOUR/], ['otp_digits = 99', /KYCD_OTP_DIGITS/], ['brand', /other\.conf: line 1/], ['KYCD_BRAND = x', /line 1/], ['brand = a\nbrand = b', /KYCD_BRAND/]]) {
		await writeFile(path.join(folder, 'other.conf'), `${line}\n`);
		const result = await run(['config', 'check', '--config', 'other.conf'], { settings, folder });
		assert.equal(result.code, 1, line);
		assert.match(result.stderr, message, line);
	}
	assert.equal((await run(['config', 'check', '--config', 'nowhere.conf'], { settings, folder })).code, 1);
});

test('a secret can be read from a file, without the newline at its end', async (t) => {
	const app = await App.open(t);
	const file = path.join(app.folder, 'master');
	await writeFile(file, `${app.server.settings.KYCD_SECRET_KEY}\n`);
	await app.server.stop();
	app.server.givenSettings = { ...app.server.givenSettings, KYCD_SECRET_KEY: undefined, KYCD_SECRET_KEY_FILE: file };
	await app.server.start();
	expect(await app.prepare(newEmail()), 201);

	await app.server.stop();
	await writeFile(path.join(app.folder, 'kycd.conf'), 'secret_key_file = master\n');
	app.server.givenSettings = { ...app.server.givenSettings, KYCD_SECRET_KEY_FILE: undefined };
	await app.server.start();
	expect(await app.prepare(newEmail()), 201);
});

test('a file that cannot be read is an error', async (t) => {
	const folder = await temporaryFolder(t);
	const settings = { ...validSettings(v1Credentials), KYCD_SECRET_KEY: undefined };
	await writeFile(path.join(folder, 'kycd.conf'), 'secret_key_file = nowhere\n');
	assert.match((await run(['config', 'check'], { settings, folder })).stderr, /^kycd: KYCD_SECRET_KEY_FILE cannot be read: \S[^\n]*\S\n$/);

	// Root can read every file, so the test uses a symbolic link to itself, which no user can open.
	const other = await temporaryFolder(t);
	await symlink('kycd.conf', path.join(other, 'kycd.conf'));
	const refused = await run(['config', 'check'], { settings: validSettings(v1Credentials), folder: other });
	assert.equal(refused.code, 1);
	assert.match(refused.stderr, /^kycd: kycd\.conf cannot be read/);
});

test('another master key and a newer schema are refused, and the message names both keys or the version', async (t) => {
	const app = await App.open(t);
	await app.server.stop();
	const settings = { ...app.server.settings };
	for (const args of [['serve'], ['tenant', 'list']]) {
		const other = await run(args, { settings: { ...settings, KYCD_SECRET_KEY: masterKey() }, folder: app.folder });
		assert.equal(other.code, 1);
		assert.match(other.stderr, /KYCD_SECRET_KEY is not the key of this database/);
		const ids = other.stderr.match(/\b[0-9a-zA-Z]{8}\b/g);
		assert.ok(ids.length >= 2, `the message contains the ids of both keys: ${other.stderr}`);
	}
	executeSql(app, 'INSERT INTO schema_migrations (version, applied_at) VALUES (9999, 1)');
	for (const args of [['serve'], ['tenant', 'list'], ['db', 'migrate']]) {
		const newer = await run(args, { settings, folder: app.folder });
		assert.equal(newer.code, 1, args.join(' '));
		assert.match(newer.stderr, /newer/i, args.join(' '));
		assert.match(newer.stderr, /9999/, args.join(' '));
	}
	executeSql(app, 'DELETE FROM schema_migrations WHERE version = 9999');
	await app.server.start();
});

sqliteTest('db check reports a damaged database', async (t) => {
	const app = await App.open(t);
	for (let i = 0; i < 50; i++) await app.prepare(newEmail());
	await app.server.stop();
	const { settings, folder } = app.server;
	const check = await run(['db', 'check'], { settings, folder });
	assert.equal(check.code, 0);
	assert.match(check.stdout, /^the database is intact\nschema \d+, \d+ bytes, \d+ rows authenticated, \d+ values decrypted, \d+ free pages, last backup not known\n$/);
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

test('a second server on the same address refuses to start and names KYCD_LISTEN', async (t) => {
	const app = await App.open(t);
	const second = await run(['serve'], { settings: { ...app.server.settings, KYCD_DATABASE: 'sqlite:other.db', KYCD_ADMIN_LISTEN: `127.0.0.1:${await freePort()}` }, folder: app.folder });
	assert.equal(second.code, 1);
	assert.match(second.stderr, /KYCD_LISTEN/);
	expect(await app.prepare(newEmail()), 201);
});

const codes = [
	{ args: ['version'], code: 0, message: /^kycd \d+\.\d+/ },
	{ args: ['version', '--json'], code: 0, message: /^\{"name":"kycd","version":"/ },
	{ args: ['secret', 'generate', '--json'], code: 0, message: /^\{"secret":"[A-Za-z0-9+/]{43}="\}\n$/ },
	{ args: ['key', 'create', '--tenant=shop', '--label=a=b'], code: 0, message: /^kycd_\w+\n$/ },
	{ args: ['key', 'list', '--json', '--tenant=shop'], code: 0, message: /"label":"a=b"/ },
	{ args: ['tenant', 'set', 'shop', '--display-name='], code: 0, message: /^shop/ },
	{ args: ['tenant', 'set', 'shop', '--display-name=A', '--display-name', 'B'], code: 2, message: /--display-name is given twice/ },
	{ args: ['version', '--json=1'], code: 2, message: /--json takes no value/ },
	{ args: ['tenant', 'add', 'a', '--shade=blue'], code: 2, message: /--shade is not an option/ },
	{ args: ['tenant', 'add', 'a', '--=blue'], code: 2 },
	{ args: ['openapi', '--json'], code: 0, message: /^\{"openapi":"3\.1\.0",/ },
	{ args: ['routes'], code: 0, message: /POST +\/kyc\/prepare/ },
	{ args: ['secret', 'generate'], code: 0, message: /^[A-Za-z0-9+/]{43}=\n$/ },
	{ args: ['--help'], code: 0, message: /kycd serve/ },
	{ args: ['-h'], code: 0, message: /kycd serve/ },
	{ args: ['key', 'list', '-h'], code: 0, message: /kycd key list/ },
	{ args: ['key', '-h'], code: 0, message: /kycd key list/ },
	{ args: ['--version'], code: 0, message: /^kycd \d+\.\d+/ },
	{ args: ['--json', 'version'], code: 0, message: /^\{"name":"kycd"/ },
	{ args: ['--dev', '--config', '/dev/null', 'routes'], code: 0, message: /POST +\/kyc\/prepare/ },
	{ args: ['--config', '/dev/null', 'key', 'list', '--json'], code: 0, message: /"label":"a=b"/ },
	{ args: ['--config=/nowhere/kycd.conf', 'key', 'list'], code: 1, message: /^kycd: \/nowhere\/kycd\.conf cannot be read/ },
	{ args: ['--config', 'x', '-x', 'version'], code: 2, message: /^kycd: `-x` is not an option that can precede a command: .*\n$/ },
	{ args: ['version', '-x'], code: 2, message: /^kycd: -x is not an option of this command: see --help\n$/ },
	{ args: ['tenant', 'set', 'shop'], code: 2, message: /^kycd: tenant set needs at least one option to change: .*\n$/ },
	{ args: ['tenant', 'set', 'shop', '--language', 'pt-BR', '--return-url', 'https://shop.example/back'], code: 0, message: / language pt-BR +return https:\/\/shop\.example\/back / },
	{ args: ['tenant', 'list'], code: 0, message: /^shop .* language pt-BR +return https:\/\/shop\.example\/back /m },
	{ args: ['tenant', 'set', 'shop', '--return-url', 'none', '--language='], code: 0, message: / language - +return - / },
	{ args: ['tenant', 'add', 'a', '--return-url', 'none'], code: 2, message: /begins with https/ },
	{ args: ['tenant', 'add', 'a', '--language', 'english'], code: 2, message: /--language must be a language tag, such as en or pt-BR\n$/ },
	{ args: ['tenant', 'add', 'a', '--return-url', 'https://me:word@shop.example'], code: 2, message: /^kycd: --return-url must be a URL without user and password/ },
	{ args: ['tenant', 'add', 'a', '--return-url', 'https:///back'], code: 2, message: /^kycd: --return-url must be a URL with a host/ },
	{ args: ['\x1b[31mred'], code: 2, message: /^kycd: argument 1 contains a control character \(\\x1b\), which is not allowed\n$/ },
	{ args: ['tenant', 'add', 'a', 'b\u009b31m'], code: 2, message: /^kycd: argument 4 contains a control character \(\\x9b\), which is not allowed\n$/ },
	{ args: ['serve', '--help'], code: 0, message: /kycd serve/ },
	{ args: ['key', 'create', '--help'], code: 0, message: /--expires/ },
	{ args: [], code: 2, message: /^kycd: a command is missing\n/ },
	{ args: ['nonsense'], code: 2, message: /^kycd: unknown command `nonsense`: .*\n$/ },
	{ args: ['tenant'], code: 2, message: /^kycd: `tenant` needs a subcommand:\n {2}kycd tenant add/ },
	{ args: ['tenant', 'nonsense'], code: 2, message: /^kycd: unknown command `tenant nonsense`\n {2}kycd tenant add/ },
	{ args: ['tenant', 'add'], code: 2, message: /^kycd: NAME is missing\n {2}kycd tenant add NAME/ },
	{ args: ['key', 'revoke'], code: 2, message: /^kycd: ID is missing\n/ },
	{ args: ['tenant', 'add', 'a', 'b'], code: 2, message: /^kycd: unexpected argument `b`\n {2}kycd tenant add NAME/ },
	{ args: ['tenant', 'add', 'a', 'b', 'c', 'd', 'e'], code: 2, message: /^kycd: unexpected argument `e`\n/ },
	{ args: ['tenant', 'add', 'UPPER'], code: 2 },
	{ args: ['tenant', 'add', 'a', '--monthly-quota', '-1'], code: 2 },
	{ args: ['tenant', 'add', 'a', '--colour', 'blue'], code: 2 },
	{ args: ['tenant', 'add', 'a', '--group'], code: 2 },
	{ args: ['tenant', 'add', 'a', '--return-url', 'javascript:alert(1)'], code: 2 },
	{ args: ['key', 'create'], code: 2 },
	{ args: ['key', 'create', '--tenant', 'shop', '--expires', 'soon'], code: 2 },
	{ args: ['serve', '--port', '1'], code: 2 },
	{ args: ['key', 'create', '--tenant', 'nobody'], code: 1, message: /nobody|no tenant/ },
	{ args: ['key', 'revoke', 'AAAAAAAA'], code: 1 },
	{ args: ['tenant', 'set', 'nobody', '--monthly-quota', '1'], code: 1 },
	{ args: ['tenant', 'add', 'shop'], code: 1, message: /already/ },
	{ args: ['tenant', 'set', 'shop', '--disabled', 'yes'], code: 2, message: /^kycd: --disabled must be on or off\n$/ },
	{ args: ['tenant', 'rename'], code: 2, message: /^kycd: NAME is missing\n {2}kycd tenant rename NAME NEW/ },
	{ args: ['tenant', 'rename', 'shop'], code: 2, message: /^kycd: NEW is missing\n/ },
	{ args: ['tenant', 'rename', 'shop', 'NEW'], code: 2, message: /^kycd: each name must be 1 to 63 lower-case/ },
	{ args: ['tenant', 'rename', 'nobody', 'kiosk'], code: 1, message: /there is no tenant with this name/ },
	{ args: ['tenant', 'rename', 'shop', 'shop'], code: 0, message: /^shop / },
	{ args: ['tenant', 'rename', 'default', 'shop'], code: 1, message: /the tenant default cannot be renamed/ },
	{ args: ['key', 'create', '--tenant', 'shop', '--scope', 'kyc:all'], code: 2, message: /^kycd: --scope must be one of kyc:read kyc:write events:read .*users:address\n$/ },
	{ args: ['key', 'create', '--tenant', 'shop', '--allow-from', '192.0.2.0/33'], code: 2, message: /^kycd: --allow-from must be an address or a network such as / },
	{ args: ['key', 'create', '--tenant', 'shop', '--allow-from', 'none'], code: 2, message: /^kycd: --allow-from must be / },
	{ args: ['key', 'create', '--tenant', 'shop', '--allow-from='], code: 2, message: /^kycd: --allow-from must be / },
	{ args: ['key', 'create', '--tenant', 'shop', ...Array.from({ length: 11 }, (_, i) => `--allow-from=192.0.2.${i}`)], code: 2, message: /at most 10 times/ },
	{ args: ['key', 'create', '--tenant', 'shop', '--label', 'a', '--label', 'b'], code: 2, message: /^kycd: --label is given twice\n$/ },
	{ args: ['key', 'set', 'AAAAAAAA'], code: 2, message: /^kycd: key set needs at least one option to change: / },
	{ args: ['key', 'set', 'AAAAAAAA', '--rate-per-minute', '0'], code: 2, message: /2147483647, or none\n$/ },
	{ args: ['key', 'set', 'AAAAAAAA', '--expires', 'soon'], code: 2, message: /such as 90d, or none\n$/ },
	{ args: ['key', 'set', 'AAAAAAAA', '--label', 'x'], code: 1, message: /there is no key with this id/ },
	{ args: ['key', 'rotate', 'AAAAAAAA'], code: 2, message: /^kycd: --overlap must be the duration / },
	{ args: ['key', 'rotate', 'AAAAAAAA', '--overlap', '7d'], code: 1, message: /there is no key with this id/ },
	{ args: ['key', 'set', '--help'], code: 0, message: /--allow-from CIDR\|none/ },
];
test('each command exits with 0, 1 or 2, and prints the expected text', async (t) => {
	const app = await App.open(t);
	for (const { args, code, message } of codes) {
		const withoutSettings = ['version', 'routes', 'openapi', 'secret', '--help', '-h', '--version'].includes(args[0]);
		const result = await run(args, { settings: withoutSettings ? {} : app.server.settings, folder: app.folder });
		assert.equal(result.code, code, `kycd ${args.join(' ')}: ${result.stderr}`);
		if (message) assert.match(code === 0 ? result.stdout : result.stderr, message, args.join(' '));
		if (code !== 0) assert.equal(result.stdout, '', args.join(' '));
	}
	const full = openSync('/dev/full', 'w');
	const runWithFullOutput = (args, env) => spawnSync(PROGRAM, args, { stdio: ['ignore', full, 'pipe'], encoding: 'utf8', cwd: app.folder, env });
	for (const args of [['version'], ['help'], ['tenant', '--help']]) {
		const result = runWithFullOutput(args, {});
		assert.deepEqual([result.status, result.stderr], [1, 'kycd: standard output cannot be written\n'], args.join(' '));
	}
	for (const json of [[], ['--json']]) {
		const { status, stderr } = runWithFullOutput(['key', 'create', '--tenant', 'shop', ...json], app.server.settings);
		assert.equal(status, 1);
		const [, id] = /^kycd: key (\w{8}) was created, but standard output cannot be written: revoke it with `kycd key revoke \1`\n$/.exec(stderr);
		await app.server.run('key', 'revoke', id);
	}
	closeSync(full);
	for (const [quota, warning] of [['0', /^warning: with a quota of 0 the tenant shop can create no session\. .*--monthly-quota none/], ['1', /^$/], ['none', /^$/]])
		assert.match((await run(['tenant', 'set', 'shop', '--monthly-quota', quota], { settings: app.server.settings, folder: app.folder })).stderr, warning);
	for (const [tag, hint] of [['it', /^hint: there are no e-mails and pages in it: /], ['pt', /^$/]])
		assert.match((await run(['tenant', 'set', 'shop', '--language', tag], { settings: app.server.settings, folder: app.folder })).stderr, hint);
	const [first, second] = [await run(['secret', 'generate']), await run(['secret', 'generate'])];
	assert.notEqual(first.stdout, second.stdout);
});

sqliteTest('the first start creates a missing database folder, private to the owner', async (t) => {
	const folder = await temporaryFolder(t);
	const server = new Server({ folder, settings: { ...validSettings(v1Credentials), KYCD_DATABASE: 'sqlite:deep/kycd.db' } });
	t.after(() => server.kill());
	await server.start();
	assert.equal((await stat(path.join(folder, 'deep'))).mode & 0o777, 0o700);
	assert.equal((await stat(path.join(folder, 'deep/kycd.db'))).mode & 0o777, 0o600);
	await server.stop();
});

test('the log contains the configured levels only, one event per line', async (t) => {
	for (const [level, levels] of [['info', ['info', 'error']], ['warn', ['error']], ['error', ['error']]]) {
		const app = await App.open(t, { settings: { KYCD_LOG: level } });
		const email = newEmail();
		await app.verifyPerson(email);
		app.didit.nextFaults = ['error'];
		expect(await app.create(email, { headers: { 'x-request-id': 'from.the.test' } }), 500, 'server_failed');
		await app.server.stop();
		// `slow_job` depends on the load of this machine.
		const lines = app.server.log.trim().split('\n').filter((line) => !line.includes(' event=slow_job '));
		for (const line of lines) assert.match(line, /^time=\S+Z level=(debug|info|warn|error) event=[a-z_]+( [a-z_]+=("(?:[^"\\]|\\.)*"|[^ "]*))*$/, line);
		assert.deepEqual([...new Set(lines.map((line) => /level=(\w+)/.exec(line)[1]))].sort(), levels.sort(), level);
		assert.ok(lines.some((line) => line.includes('event=request request_id=from.the.test method=POST route=/kyc/create/:kyc_type status=500')), level);
	}
});

test('a hint is printed for a group that has the name of a tenant outside it', async (t) => {
	const app = await App.open(t);
	const { settings, folder } = app.server;
	const hint = async (...args) => (await run(['tenant', ...args], { settings, folder })).stderr;
	assert.match(await hint('add', 'sister', '--group=shop'), /^hint: the tenant shop is not in the group shop, .*`kycd tenant set shop --group shop`.*\n$/);
	assert.equal(await hint('add', 'brother', '--group', 'elsewhere'), '');
	assert.equal(await hint('add', 'own', '--group', 'own'), '', 'no hint: the tenant itself is in the group');
	assert.equal(await hint('set', 'shop', '--group', 'shop'), '', 'no hint: the tenant is now in the group');
	assert.equal(await hint('add', 'cousin', '--group', 'shop'), '');
	const { id } = JSON.parse(await app.server.run('key', 'create', '--tenant', 'shop', '--json'));
	assert.deepEqual(JSON.parse(await app.server.run('key', 'revoke', id, '--json')), { id, revoked: true });
});
