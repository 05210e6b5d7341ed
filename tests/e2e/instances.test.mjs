// Concurrent status requests: each answer is about the requested person, whatever else is requested at the same time, and also
// while database connections are terminated.
import assert from 'node:assert/strict';
import test from 'node:test';
import { ON_POSTGRES, queryDatabase } from './lib/database.mjs';
import { App } from './lib/app.mjs';
import { setTimeout as sleep } from 'node:timers/promises';

const STATES = ['prepare', 'verifyPerson', 'startSession', 'approvePerson'];
const CLIENTS = 40;
const REQUESTS_PER_CLIENT = 25;

/** Returns the answer's text without `ip_info`, which a background poll of Didit may add after ten seconds. */
const comparableText = ({ text }) => text.replace(/"ip_info":\[[^\]]*\]/, '');

/** Creates people in each state, enrolled at one tenant or at both of the group, and an unknown address. Returns every request with its answer without concurrency. */
async function createPeople(t) {
	const app = await App.open(t, { settings: { KYCD_RATE_PER_SECOND: 1_000_000, KYCD_RATE_PER_MINUTE: 1_000_000 } });
	const keys = [await app.addTenant('bank', '--group', 'both'), await app.addTenant('club', '--group', 'both')];
	const requests = [];

	for (const [i, state] of [...STATES, ...STATES].entries()) {
		await app[state](`p${i}@example.com`, { key: keys[0] });
		if (i % 2 === 1) await app.prepare(`p${i}@example.com`, { key: keys[1] });
	}
	for (let i = 0; i <= 2 * STATES.length; i++) for (const key of keys) requests.push({ email: `p${i}@example.com`, key });
	for (const request of requests) request.expected = comparableText(await app.status(request.email, request));
	assert.ok(new Set(requests.map(({ expected }) => expected)).size > STATES.length, 'the expected answers differ from each other');
	return { app, questions: requests };
}

/** Sends all requests concurrently and checks the answers. A request that gets 503 is repeated; returns the number of repetitions. */
async function requestAll({ app, questions: requests }) {
	let busy = 0;
	const clients = Array.from({ length: CLIENTS }, async (_, i) => {
		for (let round = 0; round < REQUESTS_PER_CLIENT; round++) {
			const request = requests[(i * 7 + round * 5) % requests.length];
			let answer;
			for (;;) {
				answer = await app.status(request.email, request);
				if (answer.http !== 503) break;
				assert.ok(++busy < CLIENTS * REQUESTS_PER_CLIENT);
				await sleep(50);
			}
			assert.equal(comparableText(answer), request.expected, request.email);
		}
	});
	await Promise.all(clients);
	return busy;
}

test('forty concurrent clients each get the status of the requested person', async (t) => {
	assert.equal(await requestAll(await createPeople(t)), 0);
});

test('answers stay correct while database connections are terminated repeatedly', { skip: !ON_POSTGRES }, async (t) => {
	const setup = await createPeople(t);
	let finished = false;
	let terminated = 0;
	let busy;
	const terminating = (async () => {
		for (; !finished; await sleep(200)) {
			const n = queryDatabase(setup.app, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'kycd'");
			terminated += Number(n);
		}
	})();

	try {
		busy = await requestAll(setup);
	} finally {
		finished = true;
		await terminating;
	}
	assert.ok(terminated > 0);
	t.diagnostic(`${terminated} connections terminated, ${busy} answers of 503`);
});
