// A receiver of webhook deliveries, and the calls that tests of deliveries make.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { App, expect, newEmail } from './app.mjs';
import { TAKEOVER_LIMIT_MS } from './database.mjs';
import { until } from './wait.mjs';

export const ROUTE = '/v1/webhook-endpoints';
const SETTINGS = { KYCD_ALLOW_WEAK: 1, KYCD_WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' };

/**
 * A receiver. `answer` decides on each request: it returns a status or { status, headers }, or undefined, and then the request is not
 * answered until `release` answers all of these with a status.
 */
export class WebhookReceiver {
	static async open(t, answer = () => 204) {
		const receiver = Object.assign(new WebhookReceiver(), { requests: [], held: new Set(), answer });
		const server = createServer((request, response) => receiver.#receive(request, response));
		await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
		t.after(() => { server.closeAllConnections(); server.close(); });
		receiver.port = server.address().port;
		receiver.url = `http://127.0.0.1:${receiver.port}/hook`;
		return receiver;
	}

	#receive(request, response) {
		const parts = [];
		response.on('close', () => this.held.delete(response));
		request.on('data', (part) => parts.push(part));
		request.on('end', () => {
			const received = { headers: request.headers, body: Buffer.concat(parts).toString(), at: performance.now() };
			received.event = JSON.parse(received.body);
			this.requests.push(received);
			const reply = this.answer(received, this.requests.length);
			if (reply === undefined) {
				this.held.add(response);
				return;
			}
			const { status, headers = {} } = typeof reply === 'number' ? { status: reply } : reply;
			response.writeHead(status, headers).end();
		});
	}

	/** Answers all requests that wait for an answer. */
	release(status = 204) {
		for (const response of this.held) response.writeHead(status).end();
		this.held.clear();
	}

	get ids() {
		return this.requests.map(({ event }) => event.id);
	}

	/** The number of requests beyond the first one of each event. */
	get duplicates() {
		return this.requests.length - new Set(this.ids).size;
	}
}

/** Returns whether the published library accepts the delivery with this secret. */
export function verifies(secret, { headers, body }) {
	try {
		new Webhook(secret).verify(body, headers);
		return true;
	} catch (error) {
		if (error.name === 'WebhookVerificationError' || /No matching signature/.test(error.message)) return false;
		throw error;
	}
}

/** Creates an endpoint. `app`: an App, or another object with the functions `post` and `call`. */
export const createEndpoint = async (app, url, fields = {}) => expect(await app.post(ROUTE, { url, types: ['*'], ...fields }), 201, 'webhook_endpoint_created').data;
export const endpointOf = async (app, id) => expect(await app.call('GET', `${ROUTE}/${id}`), 200, 'webhook_endpoint_retrieved').data;
export const deliveriesOf = async (app, id, query = {}) =>
	expect(await app.call('GET', `${ROUTE}/${id}/deliveries?${new URLSearchParams(query)}`), 200, 'deliveries_retrieved').data.deliveries;

/** Opens an app that may deliver to loopback, with a key that manages endpoints. */
export async function openApp(t, settings = {}) {
	const app = await App.open(t, { settings: { ...SETTINGS, ...settings } });
	app.key = await app.addKey('shop', '--scope', 'kyc:write', '--scope', 'webhooks:write', '--scope', 'events:read', '--scope', 'users:address');
	return app;
}

/** Prepares new people, `concurrency` at the same time; each of them is one event. */
export async function preparePeople(app, n, concurrency = n) {
	let left = n;
	await Promise.all(Array.from({ length: concurrency }, async () => {
		while (left-- > 0) expect(await app.prepare(newEmail()), 201);
	}));
}

/** Returns the ids of all events, at most 100. */
const eventIds = async (app) => expect(await app.call('GET', '/v1/events?limit=100'), 200).data.events.map(({ id }) => id);

/** Waits until nothing is pending, and checks that the receiver got every event of the feed and no other one. */
export async function assertAllDelivered(app, id, receiver, limit = TAKEOVER_LIMIT_MS) {
	const expected = await eventIds(app);
	await until('the deliveries', async () => (await endpointOf(app, id)).pending === 0, limit);
	assert.deepEqual([...new Set(receiver.ids)].sort(), expected.sort());
	const rows = await deliveriesOf(app, id, { limit: 100 });
	assert.deepEqual([rows.length, new Set(rows.map(({ state }) => state))], [expected.length, new Set(['delivered'])]);
}
