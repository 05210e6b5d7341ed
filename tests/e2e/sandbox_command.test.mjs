// `kycd sandbox` runs the sandbox as a program of its own, beside a server that is not in dev mode. In dev mode the server has the
// sandbox built in. Both keep their sessions across a kill. A server outside dev mode has no route of the sandbox.
import test from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { App, UNLIMITED_RATES, masterKey, newEmail } from './lib/app.mjs';
import { StandaloneSandbox, API_KEY_HEADERS } from './lib/standalone_sandbox.mjs';
import { ON_POSTGRES } from './lib/database.mjs';
import { call, freePort } from './lib/http.mjs';
import { Server, run, temporaryFolder } from './lib/kycd.mjs';
import { MailServer } from './lib/mail_server.mjs';
import { until, within } from './lib/wait.mjs';

const WORKFLOW = '00000000-0000-4000-8000-000000000008';
const SECRET = 'a secret of thirty-two bytes or more';

const create = (sandbox, body = {}) => sandbox.call('POST', '/v3/session/', { body: { workflow_id: WORKFLOW, ...body } });

test('standalone: a person goes from prepare to approved although the sandbox is killed in between', async (t) => {
	const folder = await temporaryFolder(t);
	const port = await freePort();
	const mailServer = new MailServer();
	await mailServer.open();
	t.after(() => mailServer.close());
	const sandbox = await StandaloneSandbox.open(t, folder, ['--webhook', `http://127.0.0.1:${port}/webhooks/didit`, '--webhook-secret', SECRET]);
	const server = new Server({
		folder,
		settings: {
			...UNLIMITED_RATES,
			KYCD_DATABASE: 'sqlite:kycd.db',
			KYCD_SECRET_KEY: masterKey(),
			KYCD_API_KEYS: 'optional',
			KYCD_SMTP_URL: `smtp://127.0.0.1:${mailServer.port}`,
			KYCD_MAIL_FROM: 'kycd <no-reply@kycd.example>',
			KYCD_DIDIT_BASE_URL: sandbox.base,
			KYCD_DIDIT_AUTH_URL: sandbox.base,
			KYCD_DIDIT_API_KEY: 'sandbox',
			KYCD_DIDIT_WORKFLOW_ID: WORKFLOW,
			KYCD_DIDIT_WEBHOOK_SECRET: SECRET,
		},
	});
	server.port = port;
	await server.start();
	t.after(() => server.kill());
	const email = newEmail('standalone');
	assert.equal((await server.call('POST', '/kyc/prepare', { body: { email } })).http, 201);
	assert.equal((await server.call('POST', '/security/email/send-otp', { body: { email } })).http, 201);
	const { code } = await mailServer.messageTo(email);
	assert.equal((await server.call('POST', '/security/email/verify-otp', { body: { email, code } })).http, 200);
	const created = await server.call('POST', '/kyc/create/verify_public_kyc', { body: { email } });
	assert.equal(created.http, 201, created.text);
	const url = created.json.data.session.session_url;
	assert.ok(url.startsWith(`${sandbox.base}/`), url);
	const [, style] = /<link rel="stylesheet" href="([^"]+)"/.exec(await (await fetch(url)).text());
	assert.equal((await fetch(new URL(style, url))).status, 200, 'the sandbox alone serves the style sheet of its page');

	await sandbox.kill();
	await sandbox.start();
	// The session and its URL are still valid, and another create returns the same session.
	assert.equal((await call(url)).http, 200);
	const second = await server.call('POST', '/kyc/create/verify_public_kyc', { body: { email } });
	assert.equal(second.json.data.session.session_id, created.json.data.session.session_id);
	assert.equal((await call(`${url}/submit`, { method: 'POST', body: { scenario: 'approve' } })).http, 200);
	await until('the session to be approved', async () => (await server.call('POST', '/kyc/status', { body: { email } })).json.data?.approved === true, 10_000);
	assert.ok((await server.metric('kycd_provider_events_total', { outcome: 'applied' })) > 0, 'the approval arrived as an event');

	await sandbox.kill();
	await sandbox.start();
	const decision = await sandbox.call('GET', `/v3/session/${created.json.data.session.session_id}/decision/`);
	assert.equal(decision.json.status, 'Approved');
	await server.stop();
});

test('standalone: created sessions survive a kill, and session numbers continue', async (t) => {
	const sandbox = await StandaloneSandbox.open(t, await temporaryFolder(t));
	const ids = [];
	for (let round = 0; round < 5; round++) {
		const created = await create(sandbox, { vendor_data: `v${round}` });
		await sandbox.kill();
		assert.equal(created.http, 201);
		ids.push(created.json.session_id);
		await sandbox.start();
	}
	const list = await sandbox.call('GET', '/v3/sessions/');
	assert.deepEqual(list.json.results.map((session) => session.session_id).sort(), [...ids].sort());
	assert.deepEqual(list.json.results.map((session) => session.session_number).sort(), [1, 2, 3, 4, 5]);
});

test('standalone: the file is private, is locked for one program, and a damaged file is refused with one message', async (t) => {
	const folder = await temporaryFolder(t);
	const sandbox = await StandaloneSandbox.open(t, folder);
	await create(sandbox);
	const file = path.join(folder, 'var/sandbox.db');
	assert.equal((await stat(file)).mode & 0o777, 0o600);
	assert.equal((await stat(path.dirname(file))).mode & 0o777, 0o700);

	const args = ['sandbox', '--listen', `127.0.0.1:${await freePort()}`];
	const second = await run(args, { folder });
	assert.equal(second.code, 1);
	assert.match(second.stderr, /^kycd: --database: \.\/var\/sandbox\.db: another kycd process uses it for its sandbox: .*\n$/);

	assert.deepEqual(await sandbox.stop('SIGTERM'), { code: 0, signal: null });
	await writeFile(file, 'no database at all');
	const damaged = await run(args, { folder });
	assert.equal(damaged.code, 1);
	assert.match(damaged.stderr, /^kycd: --database: \.\/var\/sandbox\.db: is damaged, or not a sandbox file: remove it .*\n$/);
	await truncate(file, 0);
	assert.equal((await (await sandbox.start()).call('GET', '/v3/sessions/')).json.results.length, 0);
	assert.deepEqual(await sandbox.stop('SIGINT'), { code: 0, signal: null });
});

test('standalone: the start message has a working command; clock and faults work; other routes do not exist', async (t) => {
	const sandbox = await StandaloneSandbox.open(t, await temporaryFolder(t));
	await until('the start message', () => sandbox.log.includes('Ctrl-C'));
	const command = /curl -s \S+\/v3\/session\/[^]*?}'/.exec(sandbox.log)[0].replace('\\\n', '');
	const stdout = await new Promise((resolve) => {
		const shell = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'ignore'] });
		let text = '';
		shell.stdout.on('data', (piece) => (text += piece));
		shell.on('close', () => resolve(text));
	});
	assert.equal(JSON.parse(stdout).status, 'Not Started');
	const advanced = await sandbox.call('POST', '/sandbox/clock/advance', { body: { seconds: 8 * 86400 } });
	assert.ok(Date.parse(advanced.json.now) > Date.now() + 7 * 86400_000, advanced.text);
	assert.equal((await sandbox.call('GET', `/v3/session/${JSON.parse(stdout).session_id}/decision/`)).json.status, 'Expired');
	assert.equal((await sandbox.call('POST', '/sandbox/faults', { body: { what: 'error', times: 1 } })).http, 200);
	assert.equal((await create(sandbox)).http, 500);
	assert.equal((await create(sandbox)).http, 201);
	assert.equal((await sandbox.call('GET', '/sandbox/faults')).http, 405);
	for (const where of ['/sandbox/inbox', '/health/live', '/kyc/status', '/webhooks/didit', '/sandbox/didit/v3/sessions/'])
		assert.equal((await sandbox.call('GET', where)).http, 404, where);
});

test('standalone: the block in docs/sandbox.md ends with the chosen result', async (t) => {
	const sandbox = await StandaloneSandbox.open(t, await temporaryFolder(t));
	const page = await readFile(new URL('../../docs/sandbox.md', import.meta.url), 'utf8');
	const [, lines] = /<!-- offline -->\s*```sh\n([^]*?)```/.exec(page);
	assert.ok(lines.includes('http://127.0.0.1:8090'), 'the block contains the default address');
	const shell = spawn('bash', ['-euc', lines.replaceAll('http://127.0.0.1:8090', sandbox.base)], { stdio: ['ignore', 'pipe', 'inherit'] });
	let stdout = '';
	shell.stdout.on('data', (piece) => (stdout += piece));
	const [code] = await within('the block\'s commands', 30_000, once(shell, 'close'));
	assert.equal(code, 0, stdout);
	const [submitted, list] = stdout.trim().split('\n').map((line) => JSON.parse(line));
	assert.equal(submitted.status, 'Declined');
	assert.deepEqual(list.results.map(({ session_id, status }) => ({ session_id, status })), [submitted]);
});

test('standalone: invalid options are refused with one message', async (t) => {
	const folder = await temporaryFolder(t);
	for (const [args, code, message, settings] of [
		[['--webhook', 'http://127.0.0.1:1/'], 2, /--webhook and --webhook-secret must be given together/],
		[['--webhook-secret', 'x'], 2, /--webhook and --webhook-secret must be given together/],
		[['--database', 'postgresql://localhost/x'], 2, /--database must be sqlite:FILE/],
		[['--database', 'sqlite:'], 2, /--database must be sqlite:FILE/],
		[['--database', 'sqlite:s.db?mode=rwc'], 2, /--database must be sqlite:FILE, with a path without \?/],
		[['--listen', 'here'], 1, /--listen is invalid: it must be HOST:PORT/],
		[['--listen', '0.0.0.0:0'], 1, /--listen is not a loopback address.*KYCD_DEV_OPEN=1/],
		[['--listen', '192.0.2.1:0'], 1, /--listen: cannot listen on 192\.0\.2\.1:0/, { KYCD_DEV_OPEN: 1 }],
		[['--listen', '127.0.0.1:0', '--webhook', 'ftp://a/', '--webhook-secret', 'x'], 1, /--webhook is invalid/],
	]) {
		const result = await run(['sandbox', ...args], { folder, settings });
		assert.equal(result.code, code, `${args}: ${result.stderr}`);
		assert.match(result.stderr, message);
		assert.equal(result.stderr.trim().split('\n').length, 1, result.stderr);
	}
});

test('dev mode: the sandbox keeps its sessions in a file beside the database, across a kill', async (t) => {
	const folder = await temporaryFolder(t);
	const rows = [[undefined, 'var/dev.sandbox.db'], ['sqlite:other/mine.db', ON_POSTGRES ? 'var/dev.sandbox.db' : 'other/mine.sandbox.db']];
	for (const [database, file] of rows) {
		const server = new Server({ folder, args: ['--dev'], settings: { ...UNLIMITED_RATES, ...(database ? { KYCD_DATABASE: database } : {}) } });
		await server.start();
		t.after(() => server.kill());
		const where = '/sandbox/didit/v3/session/';
		const created = await server.call('POST', where, { headers: API_KEY_HEADERS, body: { workflow_id: WORKFLOW } });
		assert.equal(created.http, 201);
		await server.restart();
		const decision = await server.call('GET', `${where}${created.json.session_id}/decision/`, { headers: API_KEY_HEADERS });
		assert.equal(decision.json?.status, 'Not Started', decision.text);
		// The server registers itself as a webhook destination at each start, but only once.
		const destinations = await server.call('GET', '/sandbox/didit/v3/webhook/destinations/', { headers: API_KEY_HEADERS });
		assert.equal(destinations.json.length, 1);
		assert.ok((await readFile(path.join(folder, file))).length > 0);
		await server.stop();
	}
});

test('a server outside dev mode has no route and no file of the sandbox', async (t) => {
	const app = await App.open(t);
	const token = 'abcdefghijkl';
	const rows = [
		['POST', '/auth/v2/token/'], ['POST', '/v1/session/'], ['POST', '/v2/session/'], ['POST', '/v3/session/'], ['GET', '/v3/sessions/'],
		['GET', '/v1/sandbox/scenarios/'], ['GET', '/v3/webhook/destinations/'], ['POST', '/v3/webhook/destinations/'],
		['GET', `/session/${token}`], ['POST', `/session/${token}/submit`], ['GET', `/pt/session/${token}`],
		['GET', '/inbox'], ['POST', '/clock/advance'], ['POST', '/faults'],
	];
	for (const mount of ['', '/sandbox', '/sandbox/didit', '/api/sandbox', '/api/sandbox/didit', '/api'])
		for (const [method, where] of rows) {
			const answer = await app.server.call(method, mount + where, { headers: { ...API_KEY_HEADERS, authorization: 'Bearer sandbox' }, ...(method === 'POST' ? { body: { scenario: 'approve', seconds: 1, what: 'drop' } } : {}) });
			assert.equal(answer.http, 404, `${method} ${mount}${where}: ${answer.text}`);
			assert.equal(answer.word, 'route_not_found', answer.text);
		}
	await assert.rejects(stat(path.join(app.folder, 'var/sandbox.db')));
	await assert.rejects(stat(path.join(app.folder, 'kycd.sandbox.db')));
});
