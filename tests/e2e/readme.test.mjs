// The blocks of shell commands in README.md, docs/integrating.md and docs/sandbox.md, run as a reader pastes them.
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

/** The block of shell commands after the marker comment `mark` of that page. */
async function block(mark, name) {
	const found = new RegExp(`<!-- ${mark} -->\\s*\`\`\`sh\\n([\\s\\S]*?)\`\`\``).exec(await page(name));
	assert.ok(found, `${name} has a \`\`\`sh block after <!-- ${mark} -->`);
	return found[1];
}

/** Pasted into a shell whose default address is that of our server; gives what it said. */
async function paste(lines, folder, server, right = 0) {
	assert.ok(lines.includes('http://127.0.0.1:8080'), 'the lines name the default address');
	const script = path.join(folder, 'lines.sh');
	await writeFile(script, lines.replaceAll('http://127.0.0.1:8080', server.base).replaceAll('127.0.0.1:8080', `127.0.0.1:${server.port}`));
	const shell = spawn('bash', [script], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
	let said = '';
	let complaints = '';
	shell.stdout.on('data', (piece) => (said += piece));
	shell.stderr.on('data', (piece) => (complaints += piece));
	const [code] = await within('the lines', 60_000, once(shell, 'close')).catch((late) => {
		shell.kill('SIGKILL');
		throw late;
	});
	assert.equal(code, right, `${said}\n${complaints}`);
	return said;
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
	await until('the greeting with lines to try', () => /curl -s \S+\/kyc\/prepare/.test(server.log));
	const said = await paste(lines, folder, server);
	assert.match(said.trim().split('\n').at(-1), /"approved":true/, said);
});

test('the block in README.md ends with an error when a step fails', async (t) => {
	const lines = await block('e2e', 'README.md');
	const { folder, server } = await inDev(t);
	const said = await paste(lines.replace('/kyc/prepare', '/kyc/nothing').replace('seq 100', 'seq 3'), folder, server, 1);
	assert.match(said, /route_not_found[^]*gave up: code_came/);
	assert.match(said.trim().split('\n').at(-1), /^gave up: is_approved/);
});

test('the block in docs/sandbox.md runs a production-like server beside the standalone sandbox', async (t) => {
	const folder = await makeFolder();
	const mailServer = new MailServer();
	await mailServer.open();
	const [port, admin, didit] = [await freePort(), await freePort(), await freePort()];
	await mkdir(path.join(folder, 'build'));
	await symlink(PROGRAM, path.join(folder, 'build/kycd'));
	const given = await block('production', 'docs/sandbox.md');
	let lines = given;
	for (const [from, to] of [[8080, port], [8090, didit], [1025, mailServer.port]]) {
		assert.ok(lines.includes(`127.0.0.1:${from}`), `the lines name ${from}`);
		lines = lines.replaceAll(`127.0.0.1:${from}`, `127.0.0.1:${to}`);
	}
	lines = lines.replace('kycd sandbox', `kycd sandbox --listen 127.0.0.1:${didit}`);
	const env = { PATH: process.env.PATH, KYCD_LISTEN: `127.0.0.1:${port}`, KYCD_ADMIN_LISTEN: `127.0.0.1:${admin}` };
	await writeFile(path.join(folder, 'lines.sh'), lines);
	// `-m`: as in the terminal that it is pasted into. A session of its own, in which both programs are found.
	const shell = spawn('bash', ['-m', 'lines.sh'], { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
	const ended = once(shell, 'close');
	let said = '';
	let log = '';
	shell.stdout.on('data', (piece) => (said += piece));
	shell.stderr.on('data', (piece) => (log += piece));
	const pidOf = (words) => Number(new RegExp(`^ *(\\d+) .*${words}`, 'm').exec(execFileSync('ps', ['-o', 'pid=,args=', '-s', String(shell.pid)], { encoding: 'utf8' }))?.[1] ?? 0);
	const end = (signal) => {
		for (const words of ['kycd serve', 'kycd sandbox']) {
			const pid = pidOf(words);
			if (pid) process.kill(pid, signal);
		}
	};
	t.after(async () => {
		if (shell.exitCode === null) end('SIGKILL');
		await ended;
		await mailServer.close();
		await removeFolder(folder);
	});
	const base = `http://127.0.0.1:${port}`;
	await until('both to be ready', async () => shell.exitCode !== null || ((await call(`${base}/health/ready`)).http === 200 && (await call(`http://127.0.0.1:${didit}/`)).http === 404), 20_000);
	assert.equal(shell.exitCode, null, log);
	assert.ok(!log.includes('warning:'), log);
	const key = /^kycd_\w+$/m.exec(said)[0];
	const ask = async (where, body, http) => {
		const answer = await call(base + where, { method: 'POST', body, headers: { 'x-api-key': key } });
		assert.equal(answer.http, http, answer.text);
		return answer.json.data;
	};
	const email = 'ana@example.com';
	await ask('/kyc/prepare', { email }, 201);
	await ask('/security/email/send-otp', { email }, 201);
	await ask('/security/email/verify-otp', { email, code: (await mailServer.messageTo(email)).code }, 200);
	const { session } = await ask('/kyc/create/verify_public_kyc', { email }, 201);
	assert.equal((await call(`${session.session_url}/submit`, { method: 'POST', body: { scenario: 'approve' } })).http, 200);
	await until('the approval', async () => (await ask('/kyc/status', { email }, 200)).approved);
	process.kill(pidOf('kycd serve'), 'SIGINT');
	await within('the end of both', 15_000, ended);
	assert.equal(pidOf('kycd sandbox'), 0, 'the last line ends the sandbox');
});

test('the programs in docs/integrating.md verify a wallet of each kind', async (t) => {
	const { folder, server } = await inDev(t);
	// As `npm install` of the libraries that the page names would have it.
	await symlink(fileURLToPath(new URL('../node_modules', import.meta.url)), path.join(folder, 'node_modules'));
	for (const chain of ['evm', 'solana']) {
		const said = await paste(await block(chain, 'docs/integrating.md'), folder, server);
		const words = said.trim().split('\n\n').map((line) => JSON.parse(line.slice(line.indexOf('{'))).status);
		assert.deepEqual(words, ['challenge_created', 'user_prepared', 'kyc_session_created', 'kyc_status_retrieved'], said);
		assert.match(said, new RegExp(`"wallet_chain":"${chain}"`));
	}
});
