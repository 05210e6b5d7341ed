// `kycd sandbox`: a Didit of its own beside a real server (no dev mode), killed and started again on the way; and what it keeps
// in dev mode. Outside these two nothing of it is there.
import test from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { App, WIDE, masterKey, newEmail } from './lib/app.mjs';
import { StandaloneSandbox, KEY } from './lib/standalone_sandbox.mjs';
import { ON_POSTGRES } from './lib/database.mjs';
import { call, freePort } from './lib/http.mjs';
import { PROGRAM, Server, makeFolder, removeFolder, run } from './lib/kycd.mjs';
import { MailServer } from './lib/mail_server.mjs';
import { until, within } from './lib/wait.mjs';

const WORKFLOW = '00000000-0000-4000-8000-000000000008';
const SECRET = 'a secret of thirty-two bytes or more';

async function folderOf(t) {
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	return folder;
}

const create = (sandbox, body = {}) => sandbox.call('POST', '/v3/session/', { body: { workflow_id: WORKFLOW, ...body } });

test('alone: prepare to approved with a real server, the sandbox killed in between', async (t) => {
	const folder = await folderOf(t);
	const port = await freePort();
	const mailServer = new MailServer();
	await mailServer.open();
	t.after(() => mailServer.close());
	const sandbox = await StandaloneSandbox.open(t, folder, ['--webhook', `http://127.0.0.1:${port}/webhooks/didit`, '--webhook-secret', SECRET]);
	const server = new Server({
		folder,
		settings: {
			...WIDE,
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
	const email = newEmail('alone');
	assert.equal((await server.call('POST', '/kyc/prepare', { body: { email } })).http, 201);
	assert.equal((await server.call('POST', '/security/email/send-otp', { body: { email } })).http, 201);
	const { code } = await mailServer.messageTo(email);
	assert.equal((await server.call('POST', '/security/email/verify-otp', { body: { email, code } })).http, 200);
	const made = await server.call('POST', '/kyc/create/verify_public_kyc', { body: { email } });
	assert.equal(made.http, 201, made.text);
	const url = made.json.data.session.session_url;
	assert.ok(url.startsWith(`${sandbox.base}/`), url);

	await sandbox.kill();
	await sandbox.start();
	// The same session goes on, by the same link; another create finds it open.
	assert.equal((await call(url)).http, 200);
	const again = await server.call('POST', '/kyc/create/verify_public_kyc', { body: { email } });
	assert.equal(again.json.data.session.session_id, made.json.data.session.session_id);
	assert.equal((await call(`${url}/submit`, { method: 'POST', body: { scenario: 'approve' } })).http, 200);
	await until('the approval', async () => (await server.call('POST', '/kyc/status', { body: { email } })).json.data?.approved === true, 10_000);
	assert.ok((await server.metric('kycd_provider_events_total', { outcome: 'applied' })) > 0, 'told by its event');

	await sandbox.kill();
	await sandbox.start();
	const decision = await sandbox.call('GET', `/v3/session/${made.json.data.session.session_id}/decision/`);
	assert.equal(decision.json.status, 'Approved');
	await server.stop();
});

test('alone: what was answered survives a kill; numbers go on', async (t) => {
	const sandbox = await StandaloneSandbox.open(t, await folderOf(t));
	const ids = [];
	for (let round = 0; round < 5; round++) {
		const made = await create(sandbox, { vendor_data: `v${round}` });
		await sandbox.kill();
		assert.equal(made.http, 201);
		ids.push(made.json.session_id);
		await sandbox.start();
	}
	const list = await sandbox.call('GET', '/v3/sessions/');
	assert.deepEqual(list.json.results.map((one) => one.session_id).sort(), [...ids].sort());
	assert.deepEqual(list.json.results.map((one) => one.session_number).sort(), [1, 2, 3, 4, 5]);
});

test('alone: its file is ours only, one program has it, and a damaged one is refused in one line', async (t) => {
	const folder = await folderOf(t);
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

test('alone: says where everything is; clock and faults, and no inbox', async (t) => {
	const sandbox = await StandaloneSandbox.open(t, await folderOf(t));
	await until('the greeting', () => sandbox.log.includes('Ctrl-C'));
	const line = /curl -s \S+\/v3\/session\/[^]*?}'/.exec(sandbox.log)[0].replace('\\\n', '');
	const said = await new Promise((resolve) => {
		const shell = spawn('sh', ['-c', line], { stdio: ['ignore', 'pipe', 'ignore'] });
		let text = '';
		shell.stdout.on('data', (piece) => (text += piece));
		shell.on('close', () => resolve(text));
	});
	assert.equal(JSON.parse(said).status, 'Not Started');
	const now = await sandbox.call('POST', '/sandbox/clock/advance', { body: { seconds: 8 * 86400 } });
	assert.ok(Date.parse(now.json.now) > Date.now() + 7 * 86400_000, now.text);
	assert.equal((await sandbox.call('GET', `/v3/session/${JSON.parse(said).session_id}/decision/`)).json.status, 'Expired');
	assert.equal((await sandbox.call('POST', '/sandbox/faults', { body: { what: 'error', times: 1 } })).http, 200);
	assert.equal((await create(sandbox)).http, 500);
	assert.equal((await create(sandbox)).http, 201);
	assert.equal((await sandbox.call('GET', '/sandbox/faults')).http, 405);
	for (const where of ['/sandbox/inbox', '/health/live', '/kyc/status', '/webhooks/didit', '/sandbox/didit/v3/sessions/'])
		assert.equal((await sandbox.call('GET', where)).http, 404, where);
});

test('standalone: the block in docs/sandbox.md ends with the chosen result', async (t) => {
	const sandbox = await StandaloneSandbox.open(t, await folderOf(t));
	const page = await readFile(new URL('../../docs/sandbox.md', import.meta.url), 'utf8');
	const [, lines] = /<!-- offline -->\s*```sh\n([^]*?)```/.exec(page);
	assert.ok(lines.includes('http://127.0.0.1:8090'), 'the lines name the default address');
	const shell = spawn('bash', ['-euc', lines.replaceAll('http://127.0.0.1:8090', sandbox.base)], { stdio: ['ignore', 'pipe', 'inherit'] });
	let said = '';
	shell.stdout.on('data', (piece) => (said += piece));
	const [code] = await within('the lines', 30_000, once(shell, 'close'));
	assert.equal(code, 0, said);
	const [submitted, list] = said.trim().split('\n').map((line) => JSON.parse(line));
	assert.equal(submitted.status, 'Declined');
	assert.deepEqual(list.results.map(({ session_id, status }) => ({ session_id, status })), [submitted]);
});

test('alone: what it is told wrongly is refused', async (t) => {
	const folder = await folderOf(t);
	for (const [args, code, says, settings] of [
		[['--webhook', 'http://127.0.0.1:1/'], 2, /--webhook and --webhook-secret must be given together/],
		[['--webhook-secret', 'x'], 2, /--webhook and --webhook-secret must be given together/],
		[['--database', 'postgresql://localhost/x'], 2, /--database must be sqlite:FILE/],
		[['--database', 'sqlite:'], 2, /--database must be sqlite:FILE/],
		[['--listen', 'here'], 1, /--listen is invalid: it must be HOST:PORT/],
		[['--listen', '0.0.0.0:0'], 1, /--listen is not a loopback address.*KYCD_DEV_OPEN=1/],
		[['--listen', '192.0.2.1:0'], 1, /--listen: cannot listen on 192\.0\.2\.1:0/, { KYCD_DEV_OPEN: 1 }],
		[['--listen', '127.0.0.1:0', '--webhook', 'ftp://a/', '--webhook-secret', 'x'], 1, /--webhook is invalid/],
	]) {
		const done = await run(['sandbox', ...args], { folder, settings });
		assert.equal(done.code, code, `${args}: ${done.stderr}`);
		assert.match(done.stderr, says);
		assert.equal(done.stderr.trim().split('\n').length, 1, done.stderr);
	}
});

test('dev mode: sessions of the sandbox outlast a kill, beside the database', async (t) => {
	const folder = await folderOf(t);
	const beside = [[undefined, 'var/dev.sandbox.db'], ['sqlite:other/mine.db', ON_POSTGRES ? 'var/dev.sandbox.db' : 'other/mine.sandbox.db']];
	for (const [database, file] of beside) {
		const server = new Server({ folder, args: ['--dev'], settings: { ...WIDE, ...(database ? { KYCD_DATABASE: database } : {}) } });
		await server.start();
		t.after(() => server.kill());
		const where = '/sandbox/didit/v3/session/';
		const made = await server.call('POST', where, { headers: KEY, body: { workflow_id: WORKFLOW } });
		assert.equal(made.http, 201);
		await server.restart();
		const decision = await server.call('GET', `${where}${made.json.session_id}/decision/`, { headers: KEY });
		assert.equal(decision.json?.status, 'Not Started', decision.text);
		// The program itself is told at its one place, whatever it was told before.
		const places = await server.call('GET', '/sandbox/didit/v3/webhook/destinations/', { headers: KEY });
		assert.equal(places.json.length, 1);
		assert.ok((await readFile(path.join(folder, file))).length > 0);
		await server.stop();
	}
});

test('a server outside dev mode has nothing of the sandbox', async (t) => {
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
			const answer = await app.server.call(method, mount + where, { headers: { ...KEY, authorization: 'Bearer sandbox' }, ...(method === 'POST' ? { body: { scenario: 'approve', seconds: 1, what: 'drop' } } : {}) });
			assert.equal(answer.http, 404, `${method} ${mount}${where}: ${answer.text}`);
			assert.equal(answer.word, 'route_not_found', answer.text);
		}
	await assert.rejects(stat(path.join(app.folder, 'var/sandbox.db')));
	await assert.rejects(stat(path.join(app.folder, 'kycd.sandbox.db')));
});
