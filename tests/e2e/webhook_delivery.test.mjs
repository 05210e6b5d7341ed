// Deliveries of events to webhook endpoints.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Webhook } from 'standardwebhooks';
import { expect, newEmail } from './lib/app.mjs';
import { run } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';
import { ROUTE, WebhookReceiver, createEndpoint as create, deliveriesOf, endpointOf, openApp as open } from './lib/webhook_receiver.mjs';

test('the published library verifies the deliveries of a whole verification', async (t) => {
	const app = await open(t);
	const receiver = await WebhookReceiver.open(t);
	const { id, secret } = await create(app, receiver.url);
	const email = newEmail();
	await app.approvePerson(email);
	await until('the approval', () => receiver.requests.some(({ event }) => event.type === 'kyc.approved'));
	for (const { headers, body } of receiver.requests) new Webhook(secret).verify(body, headers);
	const types = receiver.requests.map(({ event }) => event.type);
	assert.deepEqual([types[0], types.at(-1)], ['user.prepared', 'kyc.approved']);
	const feed = expect(await app.call('GET', '/v1/events'), 200).data.events;
	assert.deepEqual(receiver.requests.map(({ event }) => event), feed);
	assert.ok(receiver.requests.every(({ body }) => !body.includes(email)));
	await until('the marks', async () => (await endpointOf(app, id)).pending === 0);
});

test('a sample is delivered at once', async (t) => {
	const app = await open(t);
	const receiver = await WebhookReceiver.open(t);
	const { id, secret } = await create(app, receiver.url);
	const { data } = expect(await app.post(`${ROUTE}/${id}/test`, {}), 200, 'webhook_endpoint_tested');
	assert.deepEqual({ ...data, duration_ms: 0 }, { delivered: true, http_status: 204, error: null, duration_ms: 0, excerpt: null });
	const [{ headers, body, event }] = receiver.requests;
	new Webhook(secret).verify(body, headers);
	assert.equal(event.type, 'kyc.approved');
	assert.equal(event.data.test, true);
	expect(await app.post(`${ROUTE}/${id}/test`, { type: 'nothing' }), 400, 'invalid_parameters');
	expect(await app.post(`${ROUTE}/we_01kb7m3p9t2hj4k5m6n7p8q9rs/test`, {}), 404, 'webhook_endpoint_not_found');
	receiver.answer = () => undefined;
	const first = app.post(`${ROUTE}/${id}/test`, {});
	await until('the second sample', () => receiver.requests.length === 2);
	expect(await app.post(`${ROUTE}/${id}/test`, {}), 409, 'webhook_test_in_progress');
	assert.equal(expect(await first, 200).data.error, 'timeout');
});

test('an erasure drops the open deliveries of the person, and user.erased is delivered', async (t) => {
	const app = await open(t);
	const receiver = await WebhookReceiver.open(t, () => 500);
	const { id } = await create(app, receiver.url);
	const email = newEmail();
	expect(await app.post('/kyc/prepare', { email, reference: 'customer-1' }), 201);
	await until('the failure', async () => (await endpointOf(app, id)).failing_since !== null);
	// The person's second event waits for the end of a pause, and so it is never attempted.
	receiver.answer = () => ({ status: 429, headers: { 'retry-after': '8' } });
	expect(await app.prepare(newEmail()), 201);
	await until('the pause', () => receiver.requests.length === 2);
	await app.verifyPerson(email);
	const erased = await run(['user', 'erase', '-', '--yes'], { settings: app.server.settings, folder: app.folder, input: `${email}\n` });
	assert.equal(erased.code, 0, erased.stderr);
	receiver.answer = () => 204;
	await until('the other deliveries', async () => (await endpointOf(app, id)).pending === 0, 30_000);
	const later = receiver.requests.slice(2).map(({ event }) => event);
	assert.deepEqual(later.map(({ type }) => type).sort(), ['user.erased', 'user.prepared']);
	const { data } = later.find(({ type }) => type === 'user.erased');
	assert.equal(data.reference, 'customer-1');
	const rows = (await deliveriesOf(app, id)).map(({ state, attempts }) => [state, attempts]);
	assert.deepEqual([rows[0], rows[1], rows[3]], [['delivered', 1], ['failed', 0], ['failed', 1]], 'user.erased, user.email_verified and user.prepared');
});
