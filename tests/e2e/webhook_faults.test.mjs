// Deliveries of events while instances are killed and receivers do not answer: every event is delivered at least once, and only
// attempts that were in flight at a kill are repeated.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import test from 'node:test';
import { postgres, sqliteTest } from './lib/database.mjs';
import { Server } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';
import { WebhookReceiver, assertAllDelivered, createEndpoint, openApp as open, preparePeople } from './lib/webhook_receiver.mjs';

const IN_FLIGHT_MAX = 8; // of one endpoint and instance
const SKIP = process.env.TEST_POSTGRES ? false : 'needs PostgreSQL: run by tools/with_postgres.py, as `make test` does';

/** Stops the process; its threads stop some time after the signal was sent. */
async function stopAllThreads(child) {
	child.kill('SIGSTOP');
	const tasks = `/proc/${child.pid}/task`;
	const isStopped = async (task) => /\) T /.test(await readFile(`${tasks}/${task}/stat`, 'utf8'));
	await until('all threads to stop', async () => (await Promise.all((await readdir(tasks)).map(isStopped))).every(Boolean));
}

// A takeover takes half a minute on PostgreSQL, so that only one of the two runs there.
for (const [moment, isStopped, declare] of [['while it has not read the answers', true, test], ['at once', false, sqliteTest]])
	declare(`events that were accepted and not marked are delivered again after kill -9 ${moment}`, async (t) => {
		const app = await open(t);
		const receiver = await WebhookReceiver.open(t, () => undefined);
		const { id } = await createEndpoint(app, receiver.url);
		await preparePeople(app, 24);
		await until('the first attempts', () => receiver.held.size === IN_FLIGHT_MAX);
		const accepted = new Set(receiver.ids);
		// A stopped process cannot mark what it is answered, so that its kill comes certainly before the mark.
		if (isStopped) await stopAllThreads(app.server.child);
		receiver.answer = () => 204;
		receiver.release();
		await app.server.kill();
		await app.server.start();
		await assertAllDelivered(app, id, receiver);
		t.diagnostic(`${receiver.duplicates} duplicates of ${receiver.requests.length} requests; ${accepted.size} were in flight`);
		const counts = [...accepted].map((event) => receiver.ids.filter((other) => other === event).length);
		if (isStopped) assert.deepEqual(counts, Array(IN_FLIGHT_MAX).fill(2));
		assert.ok(receiver.duplicates <= IN_FLIGHT_MAX);
		assert.equal(receiver.duplicates, counts.reduce((sum, count) => sum + count - 1, 0), 'only events that were in flight are repeated');
	});

test('events that were committed before a kill -9 are delivered after it', async (t) => {
	const app = await open(t);
	const receiver = await WebhookReceiver.open(t);
	const { id } = await createEndpoint(app, receiver.url);
	const rounds = 4;
	let undelivered = 0;
	for (let round = 0; round < rounds; round++) {
		receiver.answer = round % 2 === 0 ? () => 204 : () => undefined;
		await preparePeople(app, 10);
		await app.server.kill();
		undelivered += 10 * (round + 1) - new Set(receiver.ids).size;
		receiver.answer = () => 204;
		await app.server.start();
	}
	await assertAllDelivered(app, id, receiver);
	assert.equal(new Set(receiver.ids).size, 10 * rounds);
	t.diagnostic(`${undelivered} events were not sent before the ${rounds} kills; ${receiver.duplicates} duplicates of ${receiver.requests.length} requests`);
	assert.ok(undelivered > 0);
	assert.ok(receiver.duplicates <= rounds * IN_FLIGHT_MAX);
});

test('a stop gives back deliveries that are not answered, so that they are delivered right after the next start', async (t) => {
	const app = await open(t);
	const receiver = await WebhookReceiver.open(t, () => undefined);
	const { id } = await createEndpoint(app, receiver.url);
	await preparePeople(app, 12);
	await until('the first attempts', () => receiver.held.size === IN_FLIGHT_MAX);
	await app.server.stop();
	receiver.answer = () => 204;
	await app.server.start();
	await assertAllDelivered(app, id, receiver, 10_000); // less than the duration of a lease
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
