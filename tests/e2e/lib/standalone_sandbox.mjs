// `kycd sandbox` as a child process: a Didit of its own, in a folder of its own, killed by its id.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { call, freePort } from './http.mjs';
import { PROGRAM } from './program.mjs';
import { until, within } from './wait.mjs';

export const KEY = { 'x-api-key': 'sandbox' };

/** The program's `sandbox` command, as the Server is its `serve`. */
export class StandaloneSandbox {
	constructor(folder, args = [], settings = {}) {
		Object.assign(this, { folder, args, settings });
	}

	static async open(t, folder, args, settings) {
		const it = new StandaloneSandbox(folder, args, settings);
		it.port = await freePort();
		t.after(() => it.kill());
		return it.start();
	}

	async start() {
		this.base = `http://127.0.0.1:${this.port}`;
		const child = spawn(PROGRAM, ['sandbox', '--listen', `127.0.0.1:${this.port}`, ...this.args], { cwd: this.folder, env: { PATH: process.env.PATH, ...this.settings }, stdio: ['ignore', 'ignore', 'pipe'] });
		this.child = child;
		this.log = '';
		child.stderr.on('data', (piece) => (this.log += piece));
		this.ended = once(child, 'close').then(([code, signal]) => (child.how = { code, signal }));
		await until('the sandbox to be ready', async () => child.how || (await call(`${this.base}/v1/sandbox/scenarios/`, { headers: KEY })).http === 200, 20_000);
		assert.equal(child.how, undefined, this.log);
		return this;
	}

	async kill() {
		if (this.child.how) return;
		this.child.kill('SIGKILL');
		await this.ended;
	}

	async stop(signal) {
		this.child.kill(signal);
		return within('the stop', 15_000, this.ended);
	}

	call(method, where, options = {}) {
		return call(this.base + where, { method, headers: KEY, ...options });
	}
}
