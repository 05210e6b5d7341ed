// The real program as a child process: in a folder of its own, on free loopback ports, stopped by its id.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import assert from 'node:assert/strict';
import { dropAll, placed } from './database.mjs';
import { heldFrom } from './description.mjs';
import { call, freePort } from './http.mjs';
import { PROGRAM } from './program.mjs';
import { until, within } from './wait.mjs';

export { PROGRAM };
const STOP_LIMIT = 15_000;

/** What a child sees of our environment: its settings come from the story alone. */
function clean(settings) {
	const env = {};
	for (const name of ['PATH', 'HOME', 'LANG', 'TMPDIR', 'ASAN_OPTIONS', 'UBSAN_OPTIONS', 'LSAN_OPTIONS'])
		if (process.env[name] !== undefined) env[name] = process.env[name];
	for (const [name, value] of Object.entries(settings)) if (value !== undefined) env[name] = String(value);
	return env;
}

/** Runs a command of the program to its end. */
export async function run(args, { settings = {}, folder, input, limit = 20_000 } = {}) {
	const env = clean(await placed(settings, args, folder));
	const child = spawn(PROGRAM, args, { cwd: folder, env, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
	const said = { stdout: '', stderr: '' };
	for (const name of ['stdout', 'stderr']) child[name].on('data', (piece) => (said[name] += piece));
	child.stdin?.end(input);
	try {
		const [code] = await within(`kycd ${args.join(' ')}`, limit, once(child, 'close'));
		return { code, ...said };
	} catch (late) {
		child.kill('SIGKILL');
		throw new Error(`${late.message}; it said: ${said.stderr}`);
	}
}

export async function makeFolder() {
	return mkdtemp(path.join(tmpdir(), 'kycd-e2e-'));
}

/** One running server. `settings` are environment names; addresses are chosen here unless given. */
export class Server {
	/** `under`: a command line that runs ours. */
	constructor({ folder, settings = {}, args = [], under = [] }) {
		Object.assign(this, { folder, args, under, log: '', child: null });
		this.given = settings;
	}

	async start() {
		this.port ??= await freePort();
		this.adminPort ??= await freePort();
		this.settings = { KYCD_LISTEN: `127.0.0.1:${this.port}`, KYCD_ADMIN_LISTEN: `127.0.0.1:${this.adminPort}`, KYCD_PUBLIC_URL: `http://127.0.0.1:${this.port}`, ...this.given };
		this.settings = await placed(this.settings, this.args, this.folder);
		heldFrom(this.port);
		this.base = `http://127.0.0.1:${this.port}`;
		this.admin = `http://127.0.0.1:${this.adminPort}`;
		const [first, ...rest] = [...this.under, PROGRAM, 'serve', ...this.args];
		const child = spawn(first, rest, { cwd: this.folder, env: clean(this.settings), stdio: ['ignore', 'pipe', 'pipe'] });
		this.child = child;
		this.ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
		this.ended.then((how) => (child.how = how));
		for (const out of [child.stdout, child.stderr]) out.on('data', (piece) => (this.log += piece));
		await until('the server to be ready', async () => {
			if (child.how) return true;
			return (await call(`${this.base}/health/ready`, { limit: 5_000 })).http === 200;
		}, 20_000);
		if (child.how) throw new Error(`kycd ended with ${JSON.stringify(child.how)}: ${this.log}`);
		return this;
	}

	/** What a sanitizer found is a failure, however the program ended. */
	#sound() {
		const found = /^.*(runtime error:|ERROR: \w+Sanitizer|Assertion .* failed).*$/m.exec(this.log);
		assert.equal(found?.[0], undefined);
	}

	get alive() {
		return this.child !== null && this.child.how === undefined;
	}

	/** As an operator stops it; nothing may be wrong with the way it ends. */
	async stop() {
		if (!this.alive) return;
		this.child.kill('SIGTERM');
		const how = await within('the stop', STOP_LIMIT, this.ended).catch(async (late) => {
			await this.kill();
			throw late;
		});
		assert.deepEqual(how, { code: 0, signal: null }, `a stop ends with 0; the log: ${this.log.slice(-3000)}`);
		this.#sound();
	}

	/** As a power cut stops it. */
	async kill() {
		if (!this.alive) return;
		this.child.kill('SIGKILL');
		await this.ended;
		this.#sound();
	}

	async restart() {
		await this.kill();
		await this.start();
	}

	/** What its log says, as soon as it does: a line that is written before an answer may reach us after it. */
	async logged(pattern) {
		return until(`the log to have ${pattern}`, () => pattern.exec(this.log)?.[0]);
	}

	/** A command of the program beside the running server, with its settings. Fails unless it is done. */
	async run(...args) {
		const done = await run(args, { settings: this.settings, folder: this.folder });
		assert.equal(done.code, 0, `kycd ${args.join(' ')}: ${done.stderr}`);
		return done.stdout.trim();
	}

	call(method, where, options = {}) {
		return call(this.base + where, { method, ...options });
	}

	async metrics() {
		return (await call(`${this.admin}/metrics`)).text;
	}

	/** The sum of a metric's rows that have all the given labels. */
	async metric(name, labels = {}) {
		const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
		return (await this.metrics())
			.split('\n')
			.filter((line) => line.split(/[{ ]/)[0] === name && wanted.every((label) => line.includes(label)))
			.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
	}
}

export async function removeFolder(folder) {
	await dropAll(folder);
	await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
