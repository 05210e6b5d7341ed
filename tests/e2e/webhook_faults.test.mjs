// Deliveries of events while instances are killed and receivers do not answer: every event is delivered at least once, and only
// attempts that were in flight at a kill are repeated.
import assert from 'node:assert/strict';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';
import { TAKEOVER_LIMIT_MS, postgres } from './lib/database.mjs';
import { Server } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';
import { SETTINGS, WebhookReceiver, createEndpoint, deliveriesOf, endpointOf } from './lib/webhook_receiver.mjs';

const IN_FLIGHT_MAX = 8; // of one endpoint and instance
const SKIP = process.env.TEST_POSTGRES ? false : 'needs PostgreSQL: run by tools/with_postgres.py, as `make test` does';

async function open(t, settings = {}) {
	const app = await App.open(t, { settings: { ...SETTINGS, ...settings } });
	app.key = await app.addKey('shop', '--scope', 'kyc:write', '--scope', 'webhooks:write', '--scope', 'events:read');
	return app;
}

/** Prepares new people, `concurrency` at the same time; each of them is one event. */
async function preparePeople(app, n, concurrency = n) {
	let left = n;
	await Promise.all(Array.from({ length: concurrency }, async () => {
		while (left-- > 0) expect(await app.prepare(newEmail()), 201);
	}));
}

/** Returns the ids of all events, at most 100. */
const eventIds = async (app) => expect(await app.call('GET', '/v1/events?limit=100'), 200).data.events.map(({ id }) => id);

/** Waits until nothing is pending, and checks that the receiver got every event of the feed and no other one. */
async function assertAllDelivered(app, id, receiver, limit = TAKEOVER_LIMIT_MS) {
	const expected = await eventIds(app);
	await until('the deliveries', async () => (await endpointOf(app, id)).pending === 0, limit);
	assert.deepEqual([...new Set(receiver.ids)].sort(), expected.sort());
	const rows = await deliveriesOf(app, id, { limit: 100 });
	assert.deepEqual([rows.length, new Set(rows.map(({ state }) => state))], [expected.length, new Set(['delivered'])]);
}

for (const [moment, signal] of [['while it has not read the answers', 'SIGSTOP'], ['at once', undefined]])
	test(`events that were accepted and not marked are delivered again after kill -9 ${moment}`, async (t) => {
		const app = await open(t);
		const receiver = await WebhookReceiver.open(t, () => undefined);
		const { id } = await createEndpoint(app, receiver.url);
		await preparePeople(app, 24);
		await until('the first attempts', () => receiver.held.size === IN_FLIGHT_MAX);
		const accepted = new Set(receiver.ids);
		// A stopped process cannot mark what it is answered, so that its kill comes certainly before the mark.
		if (signal) app.server.child.kill(signal);
		receiver.answer = () => 204;
		receiver.release();
		await app.server.kill();
		await app.server.start();
		await assertAllDelivered(app, id, receiver);
		t.diagnostic(`${receiver.duplicates} duplicates of ${receiver.requests.length} requests; ${accepted.size} were in flight`);
		const counts = [...accepted].map((event) => receiver.ids.filter((other) => other === event).length);
		if (signal) assert.deepEqual(counts, Array(IN_FLIGHT_MAX).fill(2));
		assert.ok(receiver.duplicates <= IN_FLIGHT_MAX);
		assert.equal(receiver.duplicates, counts.reduce((sum, count) => sum + count - 1, 0), 'only events that were in flight are repeated');
	});

test('events that were committed before a kill -9 are delivered after it', async (t) => {
	const app = await open(t);
	const receiver = await WebhookReceiver.open(t);
	const { id } = await createEndpoint(app, receiver.url);
	const rounds = 4;
	for (let round = 0; round < rounds; round++) {
		await preparePeople(app, 10);
		await app.server.restart();
	}
	await assertAllDelivered(app, id, receiver);
	assert.equal(new Set(receiver.ids).size, 10 * rounds);
	t.diagnostic(`${receiver.duplicates} duplicates of ${receiver.requests.length} requests, ${rounds} kills`);
	assert.ok(receiver.duplicates <= rounds * IN_FLIGHT_MAX);
});

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

test('an instance takes over the deliveries of a killed one within 35 s', { skip: SKIP }, async (t) => {
	const db = await postgres(t);
	const app = await open(t, { KYCD_DATABASE: db.url });
	const receiver = await WebhookReceiver.open(t, () => undefined);
	const { id } = await createEndpoint(app, receiver.url);
	const other = new Server({ folder: app.folder, settings: app.server.givenSettings });
	t.after(() => other.kill());
	await other.start();
	await preparePeople(app, 40);
	await until('attempts of both instances', () => receiver.held.size === 2 * IN_FLIGHT_MAX);
	assert.equal(receiver.duplicates, 0);
	const [, name] = [...app.server.log.matchAll(/ instance=(\S+)/g)].at(-1);
	await app.server.kill();
	const killedAt = performance.now();
	const orphans = (await db.query(`SELECT event_id FROM effects WHERE done = 0 AND endpoint_id <> '' AND lease_owner = '${name}'`)).split('\n').map((event) => `evt_${event}`);
	assert.equal(orphans.length, IN_FLIGHT_MAX);
	const before = receiver.requests.length;
	receiver.answer = () => 204;
	receiver.release();
	app.server = other;
	await assertAllDelivered(app, id, receiver, 40_000);
	const later = receiver.requests.slice(before);
	const times = orphans.map((event) => later.find((request) => request.event.id === event).at - killedAt);
	t.diagnostic(`taken over after ${Math.round(Math.min(...times))} to ${Math.round(Math.max(...times))} ms; ${receiver.duplicates} duplicates`);
	assert.ok(Math.max(...times) <= 35_000);
	assert.equal(receiver.duplicates, orphans.length, 'only the attempts of the killed instance are repeated');
	// What no instance had leased did not wait for the leases to expire.
	assert.equal(later.filter(({ at }) => at - killedAt < 5_000).length, 40 - 2 * IN_FLIGHT_MAX);
});

test('first attempts leave within 2 s beside 2,000 deliveries to an endpoint that never answers, and nine more of these', { timeout: 200_000 }, async (t) => {
	const app = await open(t);
	const dead = await WebhookReceiver.open(t, () => undefined);
	const first = await createEndpoint(app, dead.url);
	await preparePeople(app, 1_900, 24);
	for (let i = 0; i < 9; i++) await createEndpoint(app, dead.url);
	await preparePeople(app, 100, 24);
	await until('the deliveries to be queued', async () => (await endpointOf(app, first.id)).pending === 2_000);
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
