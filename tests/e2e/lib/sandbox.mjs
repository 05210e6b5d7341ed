// A server in development mode whose sandbox is used through Didit's API, and a receiver of its webhook events that verifies each
// signature as didit-api.md, section 8, describes, independently of the program's code.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import http from 'node:http';
import { UNLIMITED_RATES } from './app.mjs';
import { call } from './http.mjs';
import { Server, makeFolder, removeFolder } from './kycd.mjs';
import { until } from './wait.mjs';

export const FULL_WORKFLOW = '1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80';

const hmac = (secret, message) => createHmac('sha256', secret).update(message, 'utf8').digest('hex');

/**
 * Returns canonical JSON as an integrator's Node.js code would: JSON.parse turns whole floats into integers, JSON.stringify adds
 * no spaces.
 */
export function canonicalJson(value) {
	if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
	if (value === null || typeof value !== 'object') return JSON.stringify(value);
	return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`).join(',')}}`;
}

/** A webhook destination. `answers`: HTTP statuses of the next answers; afterwards 200. */
export class EventReceiver {
	constructor() {
		Object.assign(this, { events: [], answers: [], secret: undefined });
	}

	async open(t) {
		this.server = http.createServer((request, response) => {
			const chunks = [];
			request.on('data', (chunk) => chunks.push(chunk));
			request.on('end', () => {
				this.events.push({ raw: Buffer.concat(chunks).toString('utf8'), headers: request.headers });
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

	/** Returns whether each of the three signatures is valid, as {raw, v2, simple}. */
	signatures({ raw, headers }) {
		const body = JSON.parse(raw);
		return {
			raw: headers['x-signature'] === hmac(this.secret, raw),
			v2: headers['x-signature-v2'] === hmac(this.secret, canonicalJson(body)),
			simple: headers['x-signature-simple'] === hmac(this.secret, `${body.timestamp}:${body.session_id}:${body.status}:${body.webhook_type}`),
		};
	}

	/** Waits for n events and returns the first n. Fails unless all their signatures are valid. */
	async received(n) {
		await until(`${n} events to arrive`, () => this.events.length >= n, 20_000);
		return this.events.slice(0, n).map((event) => {
			assert.deepEqual(this.signatures(event), { raw: true, v2: true, simple: true });
			return { ...JSON.parse(event.raw), raw: event.raw, headers: event.headers };
		});
	}
}

export class Sandbox {
	static async open(t, settings = {}) {
		const sandbox = new Sandbox();
		const folder = await makeFolder();
		sandbox.server = new Server({ folder, args: ['--dev'], settings: { ...UNLIMITED_RATES, ...settings } });
		t.after(async () => {
			await sandbox.server.stop().finally(() => sandbox.server.kill());
			await removeFolder(folder);
		});
		await sandbox.server.start();
		sandbox.base = `${sandbox.server.base}/sandbox/didit`;
		return sandbox;
	}

	call(method, path, body, headers = { 'x-api-key': 'sandbox' }) {
		return call(this.base + path, { method, body, headers });
	}

	/** Creates a session and returns it. */
	async create(body = {}, version = 'v3') {
		const created = await this.call('POST', `/${version}/session/`, { workflow_id: FULL_WORKFLOW, ...body });
		assert.equal(created.http, 201, created.text);
		return created.json;
	}

	/** Submits the hosted page, as the person would. `scenario`: the chosen outcome; if it is omitted, the page's default. */
	async submit({ session_token }, scenario) {
		const submitted = await call(`${this.base}/session/${session_token}/submit`, { method: 'POST', body: scenario ? { scenario } : {} });
		assert.equal(submitted.http, 200, submitted.text);
		return submitted.json;
	}

	async decision({ session_id }, version = 'v3') {
		const answer = await this.call('GET', `/${version}/session/${session_id}/decision/`);
		assert.equal(answer.http, 200, answer.text);
		return answer.json;
	}

	/** Registers a webhook destination with this payload version, by default for all status events. Returns its EventReceiver. */
	async addDestination(t, version = 'v3', subscribed_events = ['status.updated']) {
		const receiver = await new EventReceiver().open(t);
		const created = await this.call('POST', '/v3/webhook/destinations/', { label: 'e2e', url: receiver.url, webhook_version: version, subscribed_events });
		assert.equal(created.http, 201, created.text);
		return Object.assign(receiver, { secret: created.json.secret_shared_key, uuid: created.json.uuid });
	}

	/** Moves the sandbox's clock forward. */
	async advance(seconds) {
		assert.equal((await this.server.call('POST', '/sandbox/clock/advance', { body: { seconds } })).http, 200);
	}

	/** Makes the next `times` operations fail with the fault `what`. */
	async injectFault(what, times = 1) {
		assert.equal((await this.server.call('POST', '/sandbox/faults', { body: { what, times } })).http, 200);
	}
}
