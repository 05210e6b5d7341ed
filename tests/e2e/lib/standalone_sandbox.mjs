// Runs `kycd sandbox`, the stand-alone sandbox of Didit's API, as a child process.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { call, freePort } from './http.mjs';
import { PROGRAM } from './program.mjs';
import { until, within } from './wait.mjs';

export const API_KEY_HEADERS = { 'x-api-key': 'sandbox' };

/** A process of `kycd sandbox`. The class Server (kycd.mjs) does the same for `kycd serve`. */
export class StandaloneSandbox {
	constructor(folder, args = [], settings = {}) {
		Object.assign(this, { folder, args, settings });
	}

	static async open(t, folder, args, settings) {
		const sandbox = new StandaloneSandbox(folder, args, settings);
		sandbox.port = await freePort();
		t.after(() => sandbox.kill());
		return sandbox.start();
	}

	async start() {
		this.base = `http://127.0.0.1:${this.port}`;
		const child = spawn(PROGRAM, ['sandbox', '--listen', `127.0.0.1:${this.port}`, ...this.args], { cwd: this.folder, env: { PATH: process.env.PATH, ...this.settings }, stdio: ['ignore', 'ignore', 'pipe'] });
		this.child = child;
		this.log = '';
		child.stderr.on('data', (chunk) => (this.log += chunk));
		this.ended = once(child, 'close').then(([code, signal]) => (child.exit = { code, signal }));
		await until('the sandbox to be ready', async () => child.exit || (await call(`${this.base}/v1/sandbox/scenarios/`, { headers: API_KEY_HEADERS })).http === 200, 20_000);
		assert.equal(child.exit, undefined, this.log);
		return this;
	}

	async kill() {
		if (this.child.exit) return;
		this.child.kill('SIGKILL');
		await this.ended;
	}

	/** Sends a signal and resolves to {code, signal} when the process has ended. */
	async stop(signal) {
		this.child.kill(signal);
		return within('stop of the sandbox', 15_000, this.ended);
	}

	call(method, where, options = {}) {
		return call(this.base + where, { method, headers: API_KEY_HEADERS, ...options });
	}
}
