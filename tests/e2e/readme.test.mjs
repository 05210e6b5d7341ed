// Runs the blocks of shell commands in README.md, docs/integrating.md and docs/sandbox.md as a reader would paste them.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { call, freePort } from './lib/http.mjs';
import { PROGRAM, Server, makeFolder, removeFolder } from './lib/kycd.mjs';
import { MailServer } from './lib/mail_server.mjs';
import { until, within } from './lib/wait.mjs';

const page = (name) => readFile(new URL(`../../${name}`, import.meta.url), 'utf8');

/** Returns the block of shell commands after the marker comment `mark` of that page. */
async function block(mark, name) {
	const found = new RegExp(`<!-- ${mark} -->\\s*\`\`\`sh\\n([\\s\\S]*?)\`\`\``).exec(await page(name));
	assert.ok(found, `${name} has a \`\`\`sh block after <!-- ${mark} -->`);
	return found[1];
}

/** Runs the commands in a shell, with the address of `server` in place of the default address. Returns their standard output. */
async function paste(lines, folder, server, expectedCode = 0) {
	assert.ok(lines.includes('http://127.0.0.1:8080'), 'the block contains the default address');
	const script = path.join(folder, 'lines.sh');
	await writeFile(script, lines.replaceAll('http://127.0.0.1:8080', server.base).replaceAll('127.0.0.1:8080', `127.0.0.1:${server.port}`));
	const shell = spawn('bash', [script], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
	let stdout = '';
	let stderr = '';
	shell.stdout.on('data', (piece) => (stdout += piece));
	shell.stderr.on('data', (piece) => (stderr += piece));
	const [code] = await within('the block\'s commands', 60_000, once(shell, 'close')).catch((error) => {
		shell.kill('SIGKILL');
		throw error;
	});
	assert.equal(code, expectedCode, `${stdout}\n${stderr}`);
	return stdout;
}

async function inDev(t) {
	const folder = await makeFolder();
	const server = new Server({ folder, args: ['--dev'] });
	t.after(async () => {
		await server.stop().finally(() => server.kill());
		await removeFolder(folder);
	});
	return { folder, server: await server.start() };
}

test('the block in README.md goes from prepare to approved', async (t) => {
	const lines = await block('e2e', 'README.md');
	const { folder, server } = await inDev(t);
	await until('the start message with commands to try', () => /curl -s \S+\/kyc\/prepare/.test(server.log));
	const stdout = await paste(lines, folder, server);
	assert.match(stdout.trim().split('\n').at(-1), /"approved":true/, stdout);
});

test('the block in README.md ends with an error when a step fails', async (t) => {
	const lines = await block('e2e', 'README.md');
	const { folder, server } = await inDev(t);
	const stdout = await paste(lines.replace('/kyc/prepare', '/kyc/nothing').replace('seq 100', 'seq 3'), folder, server, 1);
	assert.match(stdout, /route_not_found[^]*gave up: code_came/);
	assert.match(stdout.trim().split('\n').at(-1), /^gave up: is_approved/);
});

test('the block in docs/sandbox.md runs a production-like server beside the standalone sandbox', async (t) => {
	const folder = await makeFolder();
	const mailServer = new MailServer();
	await mailServer.open();
	const [port, admin, didit] = [await freePort(), await freePort(), await freePort()];
	await mkdir(path.join(folder, 'build'));
	await symlink(PROGRAM, path.join(folder, 'build/kycd'));
	let lines = await block('production', 'docs/sandbox.md');
	for (const [from, to] of [[8080, port], [8090, didit], [1025, mailServer.port]]) {
		assert.ok(lines.includes(`127.0.0.1:${from}`), `the block contains the port ${from}`);
		lines = lines.replaceAll(`127.0.0.1:${from}`, `127.0.0.1:${to}`);
	}
	lines = lines.replace('kycd sandbox', `kycd sandbox --listen 127.0.0.1:${didit}`);
	const env = { PATH: process.env.PATH, KYCD_LISTEN: `127.0.0.1:${port}`, KYCD_ADMIN_LISTEN: `127.0.0.1:${admin}` };
	await writeFile(path.join(folder, 'lines.sh'), lines);
	// `-m` enables job control, as in an interactive terminal. `detached` gives the shell its own session, in which `ps` finds
	// both programs.
	const shell = spawn('bash', ['-m', 'lines.sh'], { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
	const ended = once(shell, 'close');
	let stdout = '';
	let log = '';
	shell.stdout.on('data', (piece) => (stdout += piece));
	shell.stderr.on('data', (piece) => (log += piece));
	const pidOf = (command) => Number(new RegExp(`^ *(\\d+) .*${command}`, 'm').exec(execFileSync('ps', ['-o', 'pid=,args=', '-s', String(shell.pid)], { encoding: 'utf8' }))?.[1] ?? 0);
	const killBoth = (signal) => {
		for (const command of ['kycd serve', 'kycd sandbox']) {
			const pid = pidOf(command);
			if (pid) process.kill(pid, signal);
		}
	};
	t.after(async () => {
		if (shell.exitCode === null) killBoth('SIGKILL');
		await ended;
		await mailServer.close();
		await removeFolder(folder);
	});
	const base = `http://127.0.0.1:${port}`;
	await until('the server and the sandbox to be ready', async () => shell.exitCode !== null || ((await call(`${base}/health/ready`)).http === 200 && (await call(`http://127.0.0.1:${didit}/`)).http === 404), 20_000);
	assert.equal(shell.exitCode, null, log);
	assert.ok(!log.includes('warning:'), log);
	const key = /^kycd_\w+$/m.exec(stdout)[0];
	const post = async (where, body, http) => {
		const answer = await call(base + where, { method: 'POST', body, headers: { 'x-api-key': key } });
		assert.equal(answer.http, http, answer.text);
		return answer.json.data;
	};
	const email = 'ana@example.com';
	await post('/kyc/prepare', { email }, 201);
	await post('/security/email/send-otp', { email }, 201);
	await post('/security/email/verify-otp', { email, code: (await mailServer.messageTo(email)).code }, 200);
	const { session } = await post('/kyc/create/verify_public_kyc', { email }, 201);
	assert.equal((await call(`${session.session_url}/submit`, { method: 'POST', body: { scenario: 'approve' } })).http, 200);
	await until('the session to be approved', async () => (await post('/kyc/status', { email }, 200)).approved);
	process.kill(pidOf('kycd serve'), 'SIGINT');
	await within('the exit of both programs', 15_000, ended);
	assert.equal(pidOf('kycd sandbox'), 0, 'the last command stops the sandbox');
});

test('the programs in docs/integrating.md verify a wallet of each kind', async (t) => {
	const { folder, server } = await inDev(t);
	// The link replaces `npm install` of the libraries that the page names.
	await symlink(fileURLToPath(new URL('../node_modules', import.meta.url)), path.join(folder, 'node_modules'));
	for (const chain of ['evm', 'solana']) {
		const stdout = await paste(await block(chain, 'docs/integrating.md'), folder, server);
		const statuses = stdout.trim().split('\n\n').map((line) => JSON.parse(line.slice(line.indexOf('{'))).status);
		assert.deepEqual(statuses, ['challenge_created', 'user_prepared', 'kyc_session_created', 'kyc_status_retrieved'], stdout);
		assert.match(stdout, new RegExp(`"wallet_chain":"${chain}"`));
	}
});
