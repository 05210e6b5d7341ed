// A server in dev mode whose sandbox is spoken to as Didit's API, and a destination for its events that checks each
// signature as didit-api.md 8 says, with nothing of the program's.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import http from 'node:http';
import { WIDE } from './app.mjs';
import { call } from './http.mjs';
import { Server, makeFolder, removeFolder } from './kycd.mjs';
import { until } from './wait.mjs';

export const FULL = '1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80';

const hmac = (secret, message) => createHmac('sha256', secret).update(message, 'utf8').digest('hex');

/** As a Node integrator would write it: JSON.parse makes whole floats integers, JSON.stringify leaves out the blanks. */
export function canonical(value) {
	if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
	if (value === null || typeof value !== 'object') return JSON.stringify(value);
	return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

/** Where events go. `answers`: statuses of the next answers, then 200. */
export class Hook {
	constructor() {
		Object.assign(this, { events: [], answers: [], secret: undefined });
	}

	async open(t) {
		this.server = http.createServer((request, response) => {
			const pieces = [];
			request.on('data', (piece) => pieces.push(piece));
			request.on('end', () => {
				this.events.push({ raw: Buffer.concat(pieces).toString('utf8'), headers: request.headers });
				response.writeHead(this.answers.shift() ?? 200).end();
			});
		});
		await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
		t.after(() => new Promise((resolve) => {
			this.server.closeAllConnections();
			this.server.close(resolve);
		}));
		this.url = `http://127.0.0.1:${this.server.address().port}/hook`;
		return this;
	}

	/** All three signatures: {raw, v2, simple}, each right or not. */
	signatures({ raw, headers }) {
		const body = JSON.parse(raw);
		return {
			raw: headers['x-signature'] === hmac(this.secret, raw),
			v2: headers['x-signature-v2'] === hmac(this.secret, canonical(body)),
			simple: headers['x-signature-simple'] === hmac(this.secret, `${body.timestamp}:${body.session_id}:${body.status}:${body.webhook_type}`),
		};
	}

	/** The first n events, whose signatures are all right. */
	async received(n) {
		await until(`${n} events`, () => this.events.length >= n, 20_000);
		return this.events.slice(0, n).map((event) => {
			assert.deepEqual(this.signatures(event), { raw: true, v2: true, simple: true });
			return { ...JSON.parse(event.raw), raw: event.raw, headers: event.headers };
		});
	}
}

export class Sandbox {
	static async open(t, settings = {}) {
		const box = new Sandbox();
		const folder = await makeFolder();
		box.server = new Server({ folder, args: ['--dev'], settings: { ...WIDE, ...settings } });
		t.after(async () => {
			await box.server.stop().finally(() => box.server.kill());
			await removeFolder(folder);
		});
		await box.server.start();
		box.base = `${box.server.base}/sandbox/didit`;
		return box;
	}

	call(method, path, body, headers = { 'x-api-key': 'sandbox' }) {
		return call(this.base + path, { method, body, headers });
	}

	/** A session, 201. */
	async create(body = {}, version = 'v3') {
		const made = await this.call('POST', `/${version}/session/`, { workflow_id: FULL, ...body });
		assert.equal(made.http, 201, made.text);
		return made.json;
	}

	/** The person goes through the page. */
	async submit({ session_token }, scenario) {
		const done = await call(`${this.base}/session/${session_token}/submit`, { method: 'POST', body: scenario ? { scenario } : {} });
		assert.equal(done.http, 200, done.text);
		return done.json;
	}

	async decision({ session_id }, version = 'v3') {
		const read = await this.call('GET', `/${version}/session/${session_id}/decision/`);
		assert.equal(read.http, 200, read.text);
		return read.json;
	}

	/** A destination of this version, for all status events unless it is told otherwise. */
	async hook(t, version = 'v3', subscribed_events = ['status.updated']) {
		const hook = await new Hook().open(t);
		const made = await this.call('POST', '/v3/webhook/destinations/', { label: 'e2e', url: hook.url, webhook_version: version, subscribed_events });
		assert.equal(made.http, 201, made.text);
		return Object.assign(hook, { secret: made.json.secret_shared_key, uuid: made.json.uuid });
	}

	async advance(seconds) {
		assert.equal((await this.server.call('POST', '/sandbox/clock/advance', { body: { seconds } })).http, 200);
	}

	async trouble(what, times = 1) {
		assert.equal((await this.server.call('POST', '/sandbox/faults', { body: { what, times } })).http, 200);
	}
}
