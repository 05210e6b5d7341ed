// The numbers of the console's overview: the daily counts agree with a full count by SQL, whatever happened to the server.
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { executeSql, queryDatabase, queryRows } from './lib/database.mjs';
import { App, expect, newEmail } from './lib/app.mjs';
import { run } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';
import { solana } from './lib/wallets.mjs';

const CALLERS = 6;
const KILLS = 3;
/** The types of src/domain/event.h that are counted, by column. */
const TYPES = { prepared: [1], verified: [2, 3], started: [5], approved: [8], declined: [9], in_review: [10], expired: [11] };
const OVERALL = ['pending', 'in_review', 'approved', 'declined', 'expired'];
const DECISIONS = ['Approved', 'Declined', 'In Review', 'Expired'];

let walletCount = 0;

/** Verifies a new wallet, creates a session and reports a decision. Fails with a network error while the server is down. */
async function doOnePerson(app, seed) {
	expect(await app.prepare(newEmail('counted')), 201);
	const wallet = solana.tweetnacl(`counted ${seed} ${++walletCount}`);
	const { message } = expect(await app.post('/security/wallet/challenge', { wallet: wallet.address }), 201).data;
	const signed_bytes = await wallet.sign(message);
	expect(await app.post('/kyc/prepare-wallet', { wallet: wallet.address, message, signed_bytes }), 201);
	const { session_id } = expect(await app.post('/kyc/create/verify_public_kyc', { wallet: wallet.address }), 201).data.session;
	expect(await app.didit.sendStatusEvent(app.server.base, session_id, DECISIONS[walletCount % DECISIONS.length]), 200);
	return wallet.address;
}

/** Callers that go on until `load.running` is false, also while the server is killed and starts again. */
function startLoad(app) {
	const load = { running: true, addresses: [], interrupted: 0 };
	const caller = async (seed) => {
		while (load.running) {
			try {
				load.addresses.push(await doOnePerson(app, seed));
			} catch {
				load.interrupted += 1;
				await pause(20); // the caller's delay between two attempts
			}
		}
	};
	load.finished = Promise.all(Array.from({ length: CALLERS }, (_, i) => caller(i)));
	return load;
}

const sumOfTypes = (types) => `sum(CASE WHEN type IN (${types.join(', ')}) THEN 1 ELSE 0 END)`;

/** What a full count of the events finds, by tenant and day. */
function countEvents(app) {
	const columns = Object.entries(TYPES).map(([name, types]) => `${sumOfTypes(types)} AS ${name}`);
	return queryRows(app, `SELECT tenant_id, created_at / 86400000 AS day, ${columns.join(', ')} FROM events GROUP BY 1, 2 ORDER BY 1, 2`);
}

function readCounts(app) {
	return queryRows(app, `SELECT tenant_id, day, ${Object.keys(TYPES).join(', ')} FROM daily_counts ORDER BY 1, 2`);
}

/** What a full count of the enrolments finds, and the newest daily counts, as numbers by status. */
function people(app) {
	const columns = OVERALL.map((name, i) => `sum(CASE WHEN overall_status = ${i + 1} AND merged = 0 THEN 1 ELSE 0 END) AS people_${name}`);
	const [counted] = queryRows(app, `SELECT ${columns.join(', ')} FROM enrolments`);
	const [kept] = queryRows(app, `SELECT ${OVERALL.map((name) => `people_${name}`).join(', ')} FROM daily_counts WHERE closed = 0`);
	return { counted, kept };
}

/** The decisions whose time was counted, from texts like "underage=3 time_33=30". */
function countDecisionTimes(app) {
	const text = process.env.E2E_DATABASE ? `convert_from(counts, 'UTF8')` : 'CAST(counts AS TEXT)';
	const texts = queryRows(app, `SELECT ${text} AS counts FROM decision_counts`).map((row) => row.counts);
	return texts.flatMap((counts) => [...counts.matchAll(/\btime_\d+=(\d+)/g)]).reduce((sum, [, n]) => sum + Number(n), 0);
}

async function assertCounted(app) {
	await until('all events to be numbered', () => queryDatabase(app, 'SELECT count(*) FROM events WHERE position = 0') === '0');
	assert.deepEqual(readCounts(app), countEvents(app));
	const { counted, kept } = people(app);
	assert.deepEqual(kept, counted);
	assert.equal(String(countDecisionTimes(app)), queryDatabase(app, 'SELECT count(*) FROM events WHERE type IN (8, 9)'));
	assert.equal(queryDatabase(app, `SELECT count(*) FROM events WHERE uncounted <> ''`), '0');
	return counted;
}

test('the daily counts agree with a full count after the server was killed under load', async (t) => {
	const app = await App.open(t);
	const load = startLoad(app);
	for (let kills = 0; kills < KILLS; kills++) {
		const before = load.addresses.length;
		await until('people to be verified', () => load.addresses.length > before + 10, 60_000);
		await app.server.kill();
		await app.server.start();
		await assertCountedWhileRunning(app);
	}
	// On a fast machine, few people have a result yet.
	await until('a person in each status', () => OVERALL.every((name) => Number(people(app).counted[`people_${name}`]) > 0), 60_000);
	load.running = false;
	await load.finished;
	assert.ok(load.interrupted > 0, 'the server was killed while callers waited');
	const counted = await assertCounted(app);
	for (const name of OVERALL) assert.ok(Number(counted[`people_${name}`]) > 0, `somebody is ${name}`);
	t.diagnostic(`${load.addresses.length} people, ${load.interrupted} interrupted`);

	// An erased person is not counted any more, what happened stays.
	const approved = load.addresses.slice(0, 3);
	const before = readCounts(app);
	for (const address of approved) {
		const { code, stderr } = await run(['user', 'erase', '-', '--yes'], { settings: app.server.settings, folder: app.folder, input: `${address}\n` });
		assert.equal(code, 0, stderr);
	}
	await assertCounted(app);
	assert.deepEqual(readCounts(app), before);
});

/** Right after a start, no event is counted twice, and those that are numbered are counted. */
async function assertCountedWhileRunning(app) {
	const [row] = queryRows(app, `SELECT (SELECT coalesce(sum(prepared), 0) FROM daily_counts) AS counted, (SELECT count(*) FROM events WHERE type = 1 AND position > 0) AS numbered`);
	assert.equal(Number(row.counted), Number(row.numbered));
}

test('events of a day are counted on that day, and the newest day has the present people', async (t) => {
	const app = await App.open(t);
	expect(await app.prepare(newEmail('yesterday')), 201);
	await assertCounted(app);
	// The row becomes that of yesterday, as if midnight had passed since.
	executeSql(app, 'UPDATE daily_counts SET day = day - 1; UPDATE events SET created_at = created_at - 86400000');
	expect(await app.prepare(newEmail('today')), 201);
	const counted = await assertCounted(app);
	assert.equal(Number(counted.people_pending), 2);
	assert.equal(queryDatabase(app, 'SELECT count(*) FROM daily_counts WHERE closed = 1'), '1');
});
