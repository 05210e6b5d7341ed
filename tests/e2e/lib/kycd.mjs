// Runs the real program as a child process, in a temporary folder and on free loopback ports.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import assert from 'node:assert/strict';
import { dropDatabases, resolveDatabase } from './database.mjs';
import { checkAnswersFrom } from './description.mjs';
import { call, freePort } from './http.mjs';
import { PROGRAM } from './program.mjs';
import { until, within } from './wait.mjs';

export { PROGRAM };
const STOP_LIMIT_MS = 15_000;

/** Returns the environment of a child process: the test's settings, and a few variables of this process, but no other settings. */
function childEnvironment(settings) {
	const env = {};
	for (const name of ['PATH', 'HOME', 'LANG', 'TMPDIR', 'ASAN_OPTIONS', 'UBSAN_OPTIONS', 'LSAN_OPTIONS'])
		if (process.env[name] !== undefined) env[name] = process.env[name];
	for (const [name, value] of Object.entries(settings)) if (value !== undefined) env[name] = String(value);
	return env;
}

/** Runs a command of the program until it exits. Resolves to {code, stdout, stderr}. `limit`: time-out in milliseconds. */
export async function run(args, { settings = {}, folder, input, limit = 20_000 } = {}) {
	const env = childEnvironment(await resolveDatabase(settings, args, folder));
	const child = spawn(PROGRAM, args, { cwd: folder, env, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
	const output = { stdout: '', stderr: '' };
	for (const name of ['stdout', 'stderr']) child[name].on('data', (chunk) => (output[name] += chunk));
	child.stdin?.end(input);
	try {
		const [code] = await within(`kycd ${args.join(' ')}`, limit, once(child, 'close'));
		return { code, ...output };
	} catch (timeout) {
		child.kill('SIGKILL');
		throw new Error(`${timeout.message}; its output: ${output.stderr}`);
	}
}

/** Creates a temporary folder and returns its path. */
export async function makeFolder() {
	return mkdtemp(path.join(tmpdir(), 'kycd-e2e-'));
}

/** A server process. `settings`: environment variables; the listening addresses are chosen here unless given. */
export class Server {
	/** `under`: a command line that the server's command line is appended to, such as `strace`. */
	constructor({ folder, settings = {}, args = [], under = [] }) {
		Object.assign(this, { folder, args, under, log: '', child: null });
		this.givenSettings = settings;
	}

	async start() {
		this.port ??= await freePort();
		this.adminPort ??= await freePort();
		this.settings = { KYCD_LISTEN: `127.0.0.1:${this.port}`, KYCD_ADMIN_LISTEN: `127.0.0.1:${this.adminPort}`, KYCD_PUBLIC_URL: `http://127.0.0.1:${this.port}`, ...this.givenSettings };
		this.settings = await resolveDatabase(this.settings, this.args, this.folder);
		checkAnswersFrom(this.port);
		this.base = `http://127.0.0.1:${this.port}`;
		this.admin = `http://127.0.0.1:${this.adminPort}`;
		const [program, ...args] = [...this.under, PROGRAM, 'serve', ...this.args];
		const child = spawn(program, args, { cwd: this.folder, env: childEnvironment(this.settings), stdio: ['ignore', 'pipe', 'pipe'] });
		this.child = child;
		this.ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
		this.ended.then((exit) => (child.exit = exit));
		for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (this.log += chunk));
		await until('the server to be ready', async () => {
			if (child.exit) return true;
			return (await call(`${this.base}/health/ready`, { limit: 5_000 })).http === 200;
		}, 20_000);
		if (child.exit) throw new Error(`kycd ended with ${JSON.stringify(child.exit)}: ${this.log}`);
		return this;
	}

	/** Fails if a sanitizer or an assert reported an error, however the program ended. */
	#assertNoSanitizerReport() {
		const report = /^.*(runtime error:|ERROR: \w+Sanitizer|Assertion .* failed).*$/m.exec(this.log);
		assert.equal(report?.[0], undefined);
	}

	get isRunning() {
		return this.child !== null && this.child.exit === undefined;
	}

	/** Stops the server with SIGTERM. Fails unless it exits with 0 within the time limit. */
	async stop() {
		if (!this.isRunning) return;
		this.child.kill('SIGTERM');
		const exit = await within('stop of the server', STOP_LIMIT_MS, this.ended).catch(async (timeout) => {
			await this.kill();
			throw timeout;
		});
		assert.deepEqual(exit, { code: 0, signal: null }, `the server must exit with 0; its log: ${this.log.slice(-3000)}`);
		this.#assertNoSanitizerReport();
	}

	/** Kills the server with SIGKILL, as a power failure would. */
	async kill() {
		if (!this.isRunning) return;
		this.child.kill('SIGKILL');
		await this.ended;
		this.#assertNoSanitizerReport();
	}

	async restart() {
		await this.kill();
		await this.start();
	}

	/** Waits for a match in the log and returns it. A log line that is written before an answer may be received after it. */
	async waitForLog(pattern) {
		return until(`the log to have ${pattern}`, () => pattern.exec(this.log)?.[0]);
	}

	/** Runs a command of the program with the server's settings, and returns its output. Fails unless the command exits with 0. */
	async run(...args) {
		const result = await run(args, { settings: this.settings, folder: this.folder });
		assert.equal(result.code, 0, `kycd ${args.join(' ')}: ${result.stderr}`);
		return result.stdout.trim();
	}

	call(method, where, options = {}) {
		return call(this.base + where, { method, ...options });
	}

	async metrics() {
		return (await call(`${this.admin}/metrics`)).text;
	}

	/** Returns the sum of a metric's values over all rows that have the given labels. */
	async metric(name, labels = {}) {
		const expected = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
		return (await this.metrics())
			.split('\n')
			.filter((line) => line.split(/[{ ]/)[0] === name && expected.every((label) => line.includes(label)))
			.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
	}
}

/** Removes a folder of makeFolder, and the databases that replace its SQLite files. */
export async function removeFolder(folder) {
	await dropDatabases(folder);
	await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Creates a folder that is removed after the test `t`. */
export async function temporaryFolder(t) {
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	return folder;
}
