// Measures how much of their throughput honest clients keep during an attack: 600 idle connections, 200 requests sent a byte at a
// time, clients that never read their responses, headers of 64 KB, and repeated new connections. Throughput without and with the
// attack is measured alternately in one run, with the clients on the server's cores. Prints `name value unit` lines; exits with 1
// when a response is wrong. Environment: KYCD, the path of the program; BENCH_ROUNDS (7); BENCH_SECONDS, per measurement (3).
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { HostileClients, requestBytes, measureRate, openConnections } from '../tests/e2e/lib/clients.mjs';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7);
const MS = 1000 * Number(process.env.BENCH_SECONDS ?? 3);
const CONNECTIONS = 8;
const program = path.resolve(process.env.KYCD ?? new URL('../build/kycd', import.meta.url).pathname);
const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
const email = 'honest@example.com';

async function freePorts() {
	const { createServer } = await import('node:net');
	const ports = [];
	for (let i = 0; i < 2; i++) {
		const server = createServer();
		await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
		ports.push([server, server.address().port]);
	}
	for (const [server] of ports) await new Promise((resolve) => server.close(resolve));
	return ports.map(([, port]) => port);
}

async function ready(base) {
	for (let i = 0; i < 1000; i++) {
		if (await fetch(`${base}/health/ready`).then((answer) => answer.ok, () => false)) return;
		await pause(10);
	}
	throw new Error('kycd was not ready within 10 s');
}

async function post(base, route, body, http) {
	const answer = await fetch(base + route, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
	if (answer.status !== http) throw new Error(`${route}: ${answer.status} ${await answer.text()}`);
	return answer.json();
}

/** Creates a person with a session, so that the measured status request returns 200. */
async function createPersonWithSession(base) {
	await post(base, '/kyc/prepare', { email }, 201);
	await post(base, '/security/email/send-otp', { email }, 201);
	for (let i = 0; i < 500; i++) {
		const { messages } = await (await fetch(`${base}/sandbox/inbox?to=${encodeURIComponent(email)}`)).json();
		if (messages.length > 0) {
			await post(base, '/security/email/verify-otp', { email, code: /\b(\d{6})\b/.exec(messages[0].text)[1] }, 200);
			await post(base, '/kyc/create/verify_public_kyc', { email }, 201);
			return;
		}
		await pause(10);
	}
	throw new Error('no e-mail arrived within 5 s');
}

async function measure(port, admin) {
	const bytes = requestBytes('POST', '/kyc/status', { body: { email } });
	const lines = await openConnections(port, CONNECTIONS);
	const rates = { alone: [], attacked: [] };
	await measureRate(lines, bytes, { ms: 500 });
	for (let round = 0; round < ROUNDS; round++) {
		rates.alone.push(await measureRate(lines, bytes, { ms: MS }));
		const hostile = await HostileClients.start(port, `http://127.0.0.1:${admin}`, { path: '/openapi.json' });
		rates.attacked.push(await measureRate(lines, bytes, { ms: MS }));
		if ((await hostile.stop()).tooLarge === 0) throw new Error('no request was rejected for its large header');
	}
	for (const line of lines) line.reset();
	return rates;
}

const [port, admin] = await freePorts();
const folder = await mkdtemp(path.join(tmpdir(), 'kycd-hostile-'));
const child = spawn(program, ['serve', '--dev'], { cwd: folder, stdio: 'ignore', env: {
	PATH: process.env.PATH,
	KYCD_LISTEN: `127.0.0.1:${port}`,
	KYCD_ADMIN_LISTEN: `127.0.0.1:${admin}`,
	KYCD_RATE_PER_SECOND: '1000000',
	KYCD_RATE_PER_MINUTE: '10000000',
	KYCD_LOG: 'error',
} });
const exited = new Promise((resolve) => child.once('close', resolve));
try {
	const base = `http://127.0.0.1:${port}`;
	await ready(base);
	await createPersonWithSession(base);
	const { alone, attacked } = await measure(port, admin);
	const kept = median(attacked.map((rate, i) => rate / alone[i]));
	console.log(`hostile_rate_without ${median(alone).toFixed(0)} per_second`);
	console.log(`hostile_rate_with ${median(attacked).toFixed(0)} per_second`);
	console.log(`hostile_rate_kept ${kept.toFixed(2)} times`);
	console.log(`# hostile_rate_kept        ${kept.toFixed(2)}  goal 0.90  ${kept >= 0.9 ? 'reached' : 'MISSED'}`);
} finally {
	child.kill('SIGTERM');
	await exited;
	await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
