// In which order, and how many at the same time, deliveries are attempted.
import assert from 'node:assert/strict';
import test from 'node:test';
import { expect, newEmail } from './lib/app.mjs';
import { until } from './lib/wait.mjs';
import { WebhookReceiver, assertAllDelivered, createEndpoint, endpointOf, openApp as open, preparePeople } from './lib/webhook_receiver.mjs';

const IN_FLIGHT_MAX = 8; // of one endpoint

test('of each person one first attempt is in flight, in order; a retry holds up nothing', async (t) => {
	const app = await open(t);
	const receiver = await WebhookReceiver.open(t, () => undefined);
	const { id } = await createEndpoint(app, receiver.url);
	await app.approvePerson(newEmail());
	await until('the first attempt', () => receiver.held.size === 1);
	await preparePeople(app, 1);
	await until('the attempt of the other person', () => receiver.held.size === 2);
	const [own, other] = receiver.requests.map(({ event }) => event.data.user_id);
	assert.notEqual(own, other);
	assert.equal(receiver.requests.filter(({ event }) => event.data.user_id === own).length, 1);
	// All first attempts fail. They leave one after the other all the same, and the retries follow.
	receiver.answer = ({ event }) => (receiver.ids.filter((one) => one === event.id).length > 1 ? 204 : 500);
	receiver.release(500);
	await until('the marks', async () => (await endpointOf(app, id)).pending === 0, 40_000);
	const firstAttempts = receiver.requests.filter(({ event }, i) => receiver.ids.indexOf(event.id) === i && event.data.user_id === own);
	const feed = expect(await app.call('GET', '/v1/events'), 200).data.events.filter(({ data }) => data.user_id === own);
	assert.deepEqual(firstAttempts.map(({ event }) => event), feed);
	assert.equal(receiver.requests.length, 2 * (feed.length + 1));
});

test('eight attempts are in flight, after a failure one, and after a success eight again', async (t) => {
	const app = await open(t);
	const receiver = await WebhookReceiver.open(t, () => undefined);
	const { id } = await createEndpoint(app, receiver.url);
	const pause = () => new Promise((resolve) => setTimeout(resolve, 1_500)); // longer than one interval of the dispatcher
	await preparePeople(app, 40);
	await until('eight attempts', () => receiver.held.size === IN_FLIGHT_MAX);
	await pause();
	assert.equal(receiver.requests.length, IN_FLIGHT_MAX);
	receiver.release(500);
	await until('the next attempt', () => receiver.requests.length > IN_FLIGHT_MAX);
	await pause();
	assert.equal(receiver.requests.length, IN_FLIGHT_MAX + 1);
	receiver.release();
	await until('eight attempts', () => receiver.held.size === IN_FLIGHT_MAX);
	receiver.answer = () => 204;
	receiver.release();
	await assertAllDelivered(app, id, receiver, 30_000);
	assert.equal(receiver.duplicates, IN_FLIGHT_MAX);
});

test('first attempts leave within 2 s beside 10,000 deliveries to an endpoint that never answers, and nine more of these', { timeout: 200_000 }, async (t) => {
	const app = await open(t);
	const dead = await WebhookReceiver.open(t, () => undefined);
	const first = await createEndpoint(app, dead.url);
	await preparePeople(app, 9_900, 24);
	for (let i = 0; i < 9; i++) await createEndpoint(app, dead.url);
	await preparePeople(app, 100, 24);
	await until('the deliveries to be queued', async () => (await endpointOf(app, first.id)).pending === 10_000);
	const receiver = await WebhookReceiver.open(t);
	const { id } = await createEndpoint(app, receiver.url);
	const times = [];
	for (let i = 0; i < 20; i++) {
		const reference = `customer-${i}`;
		const began = performance.now();
		expect(await app.post('/kyc/prepare', { email: newEmail(), reference }), 201);
		const { at } = await until(`the delivery ${i}`, () => receiver.requests.find(({ event }) => event.data.reference === reference), 20_000);
		times.push(at - began);
		// The sample of attempts spans more than one time limit of the endpoints that do not answer.
		await new Promise((resolve) => setTimeout(resolve, 900));
	}
	t.diagnostic(`${Math.round(Math.max(...times))} ms at most until a first attempt; ${dead.requests.length} attempts without an answer`);
	assert.ok(Math.max(...times) <= 2_000, String(times));
	await until('the marks', async () => (await endpointOf(app, id)).pending === 0);
	dead.answer = () => 204;
	dead.release();
});
