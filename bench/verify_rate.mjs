// Measures verify-otp with the right code at full speed: responses a second, and the CPU time and the bytes written by kycd for each
// response. Compares two programs when BENCH_OTHER names a second one; the two take turns. Every person
// is verified once. Prints `name value unit` lines; exits with 1 when a response is wrong. Needs wrk.
// Environment:
//	BENCH_OTHER        a second program, such as one built from an earlier commit
//	BENCH_PEOPLE       people for each measurement; more than are verified in its time (60000)
//	BENCH_CONNECTIONS  comma-separated numbers of connections (1,64)
//	BENCH_SECONDS      length of each measurement (3)
//	BENCH_ROUNDS       measurements of each program and number (3)
import http from 'node:http';
import path from 'node:path';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UNLIMITED, exec, seconds } from './wrk.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const PEOPLE = Number(process.env.BENCH_PEOPLE ?? 60_000);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const CONNECTIONS = (process.env.BENCH_CONNECTIONS ?? '1,64').split(',').map(Number);
const SETUP_CONNECTIONS = 64;
const TICKS_PER_SECOND = 100; // of /proc/PID/stat

process.env.KYCD ??= path.join(root, 'build/kycd');
const self = fileURLToPath(import.meta.url);
const programs = { kycd: process.env.KYCD, ...(process.env.BENCH_OTHER && { other: process.env.BENCH_OTHER }) };
process.env.TMPDIR = mkdtempSync(path.join(root, 'build/verify-rate.'));
const { App, expect, newEmail } = await import('../tests/e2e/lib/app.mjs');
const { until, median } = await import('../tests/e2e/lib/wait.mjs');
const agent = new http.Agent({ keepAlive: true, maxSockets: SETUP_CONNECTIONS });
const script = path.join(root, 'bench/verify.lua');

function usage(pid) {
	const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	const written = /^wchar: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'latin1'));
	return { cpu: ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1e6, written: Number(written[1]) };
}

async function atFullSpeed(items, act) {
	const remaining = [...items];
	await Promise.all(Array.from({ length: SETUP_CONNECTIONS }, async () => {
		while (remaining.length > 0) await act(remaining.pop());
	}));
}

/** Prepares people who wait for their code; resolves to the file with the body of each one's verify-otp. */
async function writeBodies(app) {
	const people = Array.from({ length: PEOPLE }, () => newEmail('bench'));
	await atFullSpeed(people, async (email) => {
		expect(await app.prepare(email, { agent }), 201);
		expect(await app.send(email, { agent }), 201);
	});
	await until('all codes to arrive', () => app.mailServer.messages.length === PEOPLE, 300_000);
	const file = path.join(process.env.TMPDIR, 'bodies');
	writeFileSync(file, app.mailServer.messages.map(({ to, code }) => `${JSON.stringify({ email: to[0], code })}\n`).join(''));
	return file;
}

async function measure(connections) {
	const closing = [];
	try {
		const app = await App.open({ after: (close) => closing.push(close) }, { settings: { ...UNLIMITED, KYCD_MAIL_RETRY: 10 } });
		const env = { PATH: process.env.PATH, BENCH_BODIES: await writeBodies(app) };
		const { pid } = app.server.child;
		const before = usage(pid);
		const { stdout } = await exec('wrk', ['-s', script, '-c', connections, '-t', 1, '-d', `${seconds}s`, '--timeout', '10s', '-H', `x-api-key: ${app.key}`, `${app.server.base}/security/email/verify-otp`].map(String), { env });
		const after = usage(pid);
		const [, responses, wrong, micros] = /^verified (\d+) (\d+) (\d+)$/m.exec(stdout).map(Number);
		if (wrong !== 0) throw new Error(`${responses} responses, ${wrong} of them wrong: too few people?`);
		return { rate: responses / (micros / 1e6), cpu: (after.cpu - before.cpu) / responses, written: (after.written - before.written) / responses };
	} finally {
		for (const close of closing.reverse()) await close();
	}
}

/** Measures in a process of its own, because the tests' library reads the name of the program when it is loaded. */
async function measureProgram(program, connections) {
	const { stdout } = await exec(process.execPath, [self], { env: { ...process.env, KYCD: program, BENCH_MEASURE: String(connections) }, timeout: 600_000 });
	return JSON.parse(stdout);
}

async function compare() {
	for (const connections of CONNECTIONS) {
		const all = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
		for (let round = 0; round < ROUNDS; round++) for (const [name, program] of Object.entries(programs)) all[name].push(await measureProgram(program, connections));
		for (const [name, measured] of Object.entries(all))
			for (const [quantity, unit] of [['rate', 'per_s'], ['cpu', 'us'], ['written', 'bytes']])
				console.log(`verify_${connections}_${name}_${quantity} ${median(measured.map((m) => m[quantity])).toFixed(0)} ${unit}`);
	}
}

try {
	if (process.env.BENCH_MEASURE) console.log(JSON.stringify(await measure(Number(process.env.BENCH_MEASURE))));
	else await compare();
} catch (error) {
	console.error(`# verify_rate: ${error.message}`);
	process.exitCode = 1;
} finally {
	agent.destroy();
	rmSync(process.env.TMPDIR, { recursive: true, force: true });
}
