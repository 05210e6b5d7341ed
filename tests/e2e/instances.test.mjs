// Many ask for statuses at the same time: each hears of the person that was asked for, whoever else is asked for in the same moment, and
// whatever becomes of the connections to the database meanwhile.
import assert from 'node:assert/strict';
import test from 'node:test';
import { ON_POSTGRES, ask } from './lib/database.mjs';
import { App } from './lib/app.mjs';
import { setTimeout as sleep } from 'node:timers/promises';

const WAYS = ['prepare', 'proven', 'started', 'approved'];
const ASKERS = 40;
const TURNS = 25;

/** But for what an open session's status asks Didit for, after ten seconds. */
const told = ({ text }) => text.replace(/"ip_info":\[[^\]]*\]/, '');

/** Persons of each kind, known to one tenant or to both of a group, and one that nobody knows; and what each is told alone. */
async function gather(t) {
	const app = await App.open(t, { settings: { KYCD_RATE_PER_SECOND: 1_000_000, KYCD_RATE_PER_MINUTE: 1_000_000 } });
	const keys = [await app.addTenant('bank', '--group', 'both'), await app.addTenant('club', '--group', 'both')];
	const questions = [];

	for (const [i, way] of [...WAYS, ...WAYS].entries()) {
		await app[way](`p${i}@example.com`, { key: keys[0] });
		if (i % 2 === 1) await app.prepare(`p${i}@example.com`, { key: keys[1] });
	}
	for (let i = 0; i <= 2 * WAYS.length; i++) for (const key of keys) questions.push({ email: `p${i}@example.com`, key });
	for (const one of questions) one.alone = told(await app.status(one.email, one));
	assert.ok(new Set(questions.map(({ alone }) => alone)).size > WAYS.length, 'they are told apart');
	return { app, questions };
}

/** Who hears 503 asks again. How often that was. */
async function askAll({ app, questions }) {
	let busy = 0;
	const askers = Array.from({ length: ASKERS }, async (_, i) => {
		for (let turn = 0; turn < TURNS; turn++) {
			const one = questions[(i * 7 + turn * 5) % questions.length];
			let answer;
			for (;;) {
				answer = await app.status(one.email, one);
				if (answer.http !== 503) break;
				assert.ok(++busy < ASKERS * TURNS);
				await sleep(50);
			}
			assert.equal(told(answer), one.alone, one.email);
		}
	});
	await Promise.all(askers);
	return busy;
}

test('forty ask for statuses at once: each hears of its own', async (t) => {
	assert.equal(await askAll(await gather(t)), 0);
});

test('also when the connections to the database end, again and again', { skip: !ON_POSTGRES }, async (t) => {
	const scene = await gather(t);
	let over = false;
	let ended = 0;
	let busy;
	const ending = (async () => {
		for (; !over; await sleep(200)) {
			const n = ask(scene.app, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'kycd'");
			ended += Number(n);
		}
	})();

	try {
		busy = await askAll(scene);
	} finally {
		over = true;
		await ending;
	}
	assert.ok(ended > 0);
	t.diagnostic(`${ended} connections ended, ${busy} answers of 503`);
});
