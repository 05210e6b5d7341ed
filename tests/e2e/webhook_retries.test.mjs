// How deliveries go on after answers of endpoints that are no success, and secrets that change; with the movable clock of --dev.
import assert from 'node:assert/strict';
import test from 'node:test';
import { expect, newEmail, UNLIMITED_RATES } from './lib/app.mjs';
import { Server, makeFolder, removeFolder } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';
import { ROUTE, WebhookReceiver, createEndpoint, deliveriesOf, endpointOf, verifies } from './lib/webhook_receiver.mjs';

const MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
/** The delays after each failure, in seconds; each may differ by 20 %. */
const RETRY_DELAYS = [5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

/** Starts `kycd serve --dev`, whose clock `advance` moves. */
async function open(t) {
	const folder = await makeFolder();
	const server = new Server({ folder, args: ['--dev'], settings: UNLIMITED_RATES });
	t.after(async () => {
		await server.stop().finally(() => server.kill());
		await removeFolder(folder);
	});
	await server.start();
	const app = { server, offset: 0, call: (method, where, options) => server.call(method, where, options), post: (where, body) => server.call('POST', where, { body }) };
	app.advance = async (seconds) => {
		expect(await app.post('/sandbox/clock/advance', { seconds }), 200);
		app.offset += seconds;
	};
	/** The movable clock, in milliseconds. */
	app.now = () => Date.now() + app.offset * 1_000;
	app.prepare = async () => expect(await app.post('/kyc/prepare', { email: newEmail() }), 201);
	app.rotate = async (id, body) => expect(await app.post(`${ROUTE}/${id}/rotate-secret`, body), 200, 'webhook_endpoint_updated').data.secret;
	return app;
}

/** Prepares a person and returns the request of the delivery. */
async function deliverOne(app, receiver) {
	const n = receiver.requests.length;
	await app.prepare();
	await until('the delivery', () => receiver.requests.length > n);
	return receiver.requests[n];
}

/** Waits for the mark of an attempt: for a delivery that matches. */
const deliveryThat = (app, id, matches) => until('the mark', async () => (await deliveriesOf(app, id)).find(matches));

/** Waits longer than one interval of the dispatcher, to see that nothing is attempted. */
const intervalOfDispatcher = () => new Promise((resolve) => setTimeout(resolve, 1_500));

const signatures = ({ headers }) => headers['webhook-signature'].split(' ');

test('after a rotation both secrets sign until the overlap is over, and never more than two', async (t) => {
	const app = await open(t);
	const receiver = await WebhookReceiver.open(t);
	const { id, secret: first } = await createEndpoint(app, receiver.url);
	const verdicts = (request, ...secrets) => secrets.map((secret) => verifies(secret, request));

	assert.equal(signatures(await deliverOne(app, receiver)).length, 1);
	const second = await app.rotate(id, { overlap_seconds: HOUR });
	let request = await deliverOne(app, receiver);
	assert.equal(signatures(request).length, 2);
	assert.deepEqual(verdicts(request, first, second), [true, true]);
	await app.advance(HOUR - 20);
	assert.equal(signatures(await deliverOne(app, receiver)).length, 2, 'before the end of the overlap');
	await app.advance(20);
	request = await deliverOne(app, receiver);
	assert.equal(signatures(request).length, 1);
	assert.deepEqual(verdicts(request, first, second), [false, true]);

	const third = await app.rotate(id, {});
	const fourth = await app.rotate(id, {});
	request = await deliverOne(app, receiver);
	assert.equal(signatures(request).length, 2);
	assert.deepEqual(verdicts(request, second, third, fourth), [false, true, true]);
	await app.advance(DAY - 20);
	assert.equal(signatures(await deliverOne(app, receiver)).length, 2, 'the overlap is a day unless it is given');
	await app.advance(20);
	assert.equal(signatures(await deliverOne(app, receiver)).length, 1);
	const fifth = await app.rotate(id, { overlap_seconds: 0 });
	request = await deliverOne(app, receiver);
	assert.equal(signatures(request).length, 1);
	assert.deepEqual(verdicts(request, fourth, fifth), [false, true]);
});

test('a redirect is not followed and counts as a failure', async (t) => {
	const app = await open(t);
	const target = await WebhookReceiver.open(t);
	for (const status of [301, 302, 303, 307, 308]) {
		const receiver = await WebhookReceiver.open(t, () => ({ status, headers: { location: target.url } }));
		const { id } = await createEndpoint(app, receiver.url);
		await deliverOne(app, receiver);
		const row = await deliveryThat(app, id, ({ error }) => error);
		assert.deepEqual([row.state, row.http_status, row.error], ['pending', status, 'redirect']);
		expect(await app.call('DELETE', `${ROUTE}/${id}`), 200);
	}
	assert.equal(target.requests.length, 0);
});

test('listeners of kycd itself receive no deliveries', async (t) => {
	const app = await open(t);
	const receiver = await WebhookReceiver.open(t);
	await createEndpoint(app, receiver.url);
	const ports = [app.server.port, app.server.adminPort];
	for (const authority of ports.flatMap((port) => [`127.0.0.1:${port}`, `[::ffff:127.0.0.1]:${port}`])) {
		const refused = await app.post(ROUTE, { url: `http://${authority}/kyc/prepare`, types: ['*'] });
		expect(refused, 400, 'invalid_parameters');
		assert.equal(refused.json.details.cause, 'address_not_allowed', authority);
	}
	for (const port of ports) {
		const { id } = await createEndpoint(app, `http://localhost:${port}/kyc/prepare`);
		await deliverOne(app, receiver); // loopback itself is permitted in --dev
		const row = await deliveryThat(app, id, ({ error }) => error);
		assert.deepEqual([row.state, row.http_status, row.error], ['pending', null, 'address_refused']);
		const { data } = expect(await app.post(`${ROUTE}/${id}/test`, {}), 200);
		assert.deepEqual([data.delivered, data.http_status, data.error], [false, null, 'address_refused']);
	}
});

test('410 disables the endpoint, and the tenant’s other endpoint is told', async (t) => {
	const app = await open(t);
	const receiver = await WebhookReceiver.open(t), other = await WebhookReceiver.open(t);
	receiver.answer = () => 500;
	const { id } = await createEndpoint(app, receiver.url);
	await createEndpoint(app, other.url);
	await deliverOne(app, receiver);
	await until('the failure', async () => (await endpointOf(app, id)).failing_since !== null);
	receiver.answer = () => 410;
	await deliverOne(app, receiver);
	await until('the endpoint to be disabled', async () => (await endpointOf(app, id)).state === 'disabled');
	await until('the event', () => other.requests.some(({ event }) => event.type === 'webhook_endpoint.disabled'));
	const { event } = other.requests.find((request) => request.event.type === 'webhook_endpoint.disabled');
	const { tenant, ...data } = event.data;
	assert.deepEqual(data, { endpoint_id: id, reason: 'gone' });
	assert.ok(tenant);
	assert.ok(!('sequence' in event) && !('user_id' in event.data));
	const rows = await until('the open delivery to fail', async () => {
		const all = await deliveriesOf(app, id);
		return all.every(({ state }) => state === 'failed') && all;
	});
	assert.deepEqual(rows.map(({ http_status: status, error, next_attempt_at: next }) => [status, error, next]), [[410, null, null], [500, 'endpoint_disabled', null]]);
	await app.server.waitForLog(/event=webhook_endpoint_disabled [^\n]*host=127\.0\.0\.1/);
	const n = other.requests.length;
	await app.prepare();
	await until('the other delivery', () => other.requests.length > n);
	await app.advance(DAY);
	assert.equal((await deliveriesOf(app, id)).length, 2, 'a disabled endpoint gets no new deliveries');
	assert.equal(receiver.requests.length, 2);
	// `resend` catches up, also with what was never queued.
	expect(await app.post(`${ROUTE}/${id}/resend`, { since: new Date(0).toISOString() }), 409, 'webhook_endpoint_disabled');
	receiver.answer = () => 204;
	expect(await app.call('PATCH', `${ROUTE}/${id}`, { body: { disabled: false } }), 200);
	expect(await app.post(`${ROUTE}/${id}/resend`, { since: new Date(0).toISOString() }), 200);
	await until('all events', () => new Set(receiver.ids).size === 4);
	await until('the marks', async () => (await endpointOf(app, id)).pending === 0);
});

test('Retry-After of a 429 pauses the whole endpoint', async (t) => {
	const app = await open(t);
	const receiver = await WebhookReceiver.open(t, () => ({ status: 429, headers: { 'retry-after': '3600' } }));
	const other = await WebhookReceiver.open(t);
	const { id } = await createEndpoint(app, receiver.url);
	await createEndpoint(app, other.url);
	const began = app.now();
	await deliverOne(app, receiver);
	const row = await deliveryThat(app, id, ({ http_status: status }) => status === 429);
	const next = Date.parse(row.next_attempt_at) - began;
	assert.ok(next >= HOUR * 1_000 && next < (HOUR + 20) * 1_000, `${next}`);
	receiver.answer = () => 204;
	await app.advance(HOUR - 20);
	await deliverOne(app, other);
	await intervalOfDispatcher();
	assert.equal(receiver.requests.length, 1, 'neither a retry nor a first attempt before the end of the pause');
	await app.advance(20);
	await until('the deliveries after the pause', () => receiver.requests.length === 3);
	await until('the marks', async () => (await endpointOf(app, id)).pending === 0);
	assert.equal(receiver.duplicates, 1);
});

test('Retry-After is at most a day, may be a date, and shortens no delay', async (t) => {
	const app = await open(t);
	for (const [status, value, expected] of [
		[503, String(2 * DAY), DAY], [429, new Date(Date.now() + HOUR * 1_000).toUTCString(), HOUR], [500, '60', MINUTE], [429, '1', 5], [429, 'soon', 5], [429, '-60', 5],
	]) {
		const receiver = await WebhookReceiver.open(t, () => ({ status, headers: { 'retry-after': value } }));
		const { id } = await createEndpoint(app, receiver.url);
		const began = app.now();
		await deliverOne(app, receiver);
		const row = await deliveryThat(app, id, (delivery) => delivery.http_status === status);
		const next = (Date.parse(row.next_attempt_at) - began) / 1_000;
		assert.ok(next >= Math.floor(expected * 0.8) - 1 && next < expected + 10 && (expected === 5 || next >= expected - 2), `${value}: ${next} s`);
		expect(await app.call('DELETE', `${ROUTE}/${id}`), 200);
	}
});

test('failures are repeated after growing delays, and after the tenth attempt the delivery has failed', async (t) => {
	const app = await open(t);
	const receiver = await WebhookReceiver.open(t, () => 503);
	const { id } = await createEndpoint(app, receiver.url);
	await app.prepare();
	const delays = [];
	for (const [i, delay] of RETRY_DELAYS.entries()) {
		await until(`attempt ${i + 1}`, () => receiver.requests.length === i + 1);
		const attempted = app.now();
		// While an attempt is in flight, the row has the time of this attempt.
		const row = await deliveryThat(app, id, ({ attempts, next_attempt_at: next }) => attempts === i + 1 && Date.parse(next) > attempted);
		assert.equal(row.state, 'pending');
		const next = (Date.parse(row.next_attempt_at) - attempted) / 1_000;
		assert.ok(next >= delay * 0.8 - 1 && next <= delay * 1.2 + 5, `${next} s after attempt ${i + 1}`);
		delays.push(Math.round(next));
		if (delay > 5) {
			await app.advance(Math.floor((Date.parse(row.next_attempt_at) - app.now()) / 1_000) - 4);
			if (i < 3) await intervalOfDispatcher();
			assert.equal(receiver.requests.length, i + 1, 'not before the delay is over');
		}
		await app.advance(10);
	}
	t.diagnostic(`delays: ${delays.join(', ')} s`);
	const [row] = await until('the failed delivery', async () => deliveriesOf(app, id, { state: 'failed' }).then((rows) => rows.length > 0 && rows));
	assert.deepEqual([row.attempts, row.http_status, row.error, row.next_attempt_at], [10, 503, null, null]);
	assert.equal(receiver.requests.length, 10);
	assert.equal(new Set(receiver.ids).size, 1);
	assert.equal((await endpointOf(app, id)).state, 'enabled');
	// Nothing but failures for five days disables the endpoint.
	const since = Date.parse((await endpointOf(app, id)).failing_since);
	await app.advance(Math.floor((since + 5 * DAY * 1_000 - app.now()) / 1_000) - 20);
	await deliverOne(app, receiver);
	await until('the mark', async () => (await deliveriesOf(app, id))[0].http_status === 503);
	assert.equal((await endpointOf(app, id)).state, 'enabled');
	await app.advance(40);
	await until('the endpoint to be disabled', async () => (await endpointOf(app, id)).state === 'disabled');
	const { events } = expect(await app.call('GET', '/v1/events?types=webhook_endpoint.disabled'), 200).data;
	assert.deepEqual(events.map(({ data }) => [data.endpoint_id, data.reason]), [[id, 'failing']]);
	assert.deepEqual(new Set((await deliveriesOf(app, id)).map(({ state }) => state)), new Set(['failed']));
});

test('resend delivers one event or the events of a period again', async (t) => {
	const app = await open(t);
	const receiver = await WebhookReceiver.open(t);
	const early = await deliverOne(app, await WebhookReceiver.open(t).then(async (other) => (await createEndpoint(app, other.url), other)));
	const { id, secret } = await createEndpoint(app, receiver.url);
	const requests = [await deliverOne(app, receiver), await deliverOne(app, receiver)];
	await until('the marks', async () => (await endpointOf(app, id)).pending === 0);
	const resend = async (body) => expect(await app.post(`${ROUTE}/${id}/resend`, body), 200).data;
	const again = async (n) => {
		await until('the deliveries', async () => receiver.requests.length >= n && (await endpointOf(app, id)).pending === 0);
		return receiver.requests.splice(0).map(({ event }) => event);
	};
	receiver.requests.splice(0);

	assert.deepEqual(await resend({ event_id: requests[0].event.id }), { queued: 1, next_since: null });
	await until('the delivery', () => receiver.requests.length === 1);
	assert.ok(verifies(secret, receiver.requests[0]));
	assert.equal(receiver.requests[0].headers['webhook-id'], requests[0].event.id);
	assert.equal(receiver.requests[0].body, requests[0].body);
	assert.equal((await again(1)).length, 1);
	assert.equal((await resend({ since: requests[0].event.timestamp })).queued, 2);
	assert.deepEqual(await again(2), requests.map(({ event }) => event));
	assert.equal((await resend({ since: requests[0].event.timestamp, until: requests[1].event.timestamp })).queued, 1);
	assert.deepEqual(await again(1), [requests[0].event]);
	assert.equal((await resend({ since: early.event.timestamp, state: 'failed' })).queued, 0);
	assert.equal((await resend({ since: early.event.timestamp })).queued, 3, 'also an event from before the endpoint');
	assert.deepEqual((await again(3)).map((event) => event.id).sort(), [early, ...requests].map(({ event }) => event.id).sort());
	assert.deepEqual((await deliveriesOf(app, id)).map(({ state, attempts }) => [state, attempts]), Array(3).fill(['delivered', 1]));
});
