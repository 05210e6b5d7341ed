// Making a session at Didit: one for a person however many ask, and nothing lost when Didit or we fail.
import assert from 'node:assert/strict';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';
import { until } from './lib/wait.mjs';

test('twenty creates at once: one call to Didit, one unit, one address', async (t) => {
	const app = await App.open(t, { tenant: null });
	const key = await app.addTenant('small', '--monthly-quota', '1');
	app.key = key;
	const [email, next] = [await app.proven(newEmail()), await app.proven(newEmail())];
	app.didit.hold = true;
	const calls = Array.from({ length: 20 }, () => app.create(email));
	await app.didit.holding();
	expect(await app.status(email), 404, 'kyc_not_found'); // meanwhile everybody else is served
	app.didit.release();
	const answers = await Promise.all(calls);

	for (const answer of answers) {
		expect(answer, 201, 'kyc_session_created');
		assert.deepEqual(answer.data, answers[0].data);
	}
	assert.equal(app.didit.creates.length, 1);
	const over = expect(await app.create(next), 429, 'verify_quota_exceeded');
	assert.equal(over.json.message, 'Monthly verify quota exceeded');
	expect(await app.create(email), 201); // what is open costs nothing
});

test('creates of many people at once do not wait for each other', async (t) => {
	const app = await App.open(t);
	const people = [];
	for (let i = 0; i < 8; i++) people.push(await app.proven(newEmail()));
	app.didit.hold = true;
	const calls = people.map((email) => app.create(email));
	await app.didit.holding(8);
	app.didit.release();
	const urls = (await Promise.all(calls)).map((answer) => expect(answer, 201).data.session.session_url);
	assert.equal(new Set(urls).size, 8);
	assert.equal(app.didit.tokens, 1, 'one fetched the token, the others waited for it');
});

test('three who wait for one call that fails all hear of it, and the next call tries anew', async (t) => {
	const app = await App.open(t, { settings: { KYCD_DIDIT_TIMEOUT: 1 } });
	const email = await app.proven(newEmail());
	app.didit.next = ['silence'];
	const answers = await Promise.all([app.create(email), app.create(email), app.create(email)]);

	for (const answer of answers) expect(answer, 500, 'server_failed');
	assert.equal(app.didit.creates.length, 1);
	expect(await app.create(email), 201);
});

const troubles = [
	{ trouble: 'error', says: 'Didit answers 500', cause: 'provider_unreachable' },
	{ trouble: 'html', says: 'Didit answers a page of HTML', cause: 'provider_unreachable' },
	{ trouble: 'html_made', says: 'Didit answers 201 and a page of HTML', cause: 'provider_unreachable' },
	{ trouble: 'empty', says: 'Didit answers 201 and nothing', cause: 'provider_unreachable' },
	{ trouble: 'cut', says: 'Didit cuts the line', cause: 'provider_unreachable' },
	{ trouble: 'half', says: 'Didit gives half an answer', cause: 'provider_unreachable' },
	{ trouble: 'silence', says: 'Didit says nothing', cause: 'provider_unreachable' },
	{ trouble: 'trickle', says: 'Didit answers byte by byte', cause: 'provider_unreachable' },
	{ trouble: 'no_url', says: 'Didit gives no address', cause: 'provider_refused' },
	{ trouble: 'foreign_url', says: 'Didit gives the address of newEmail else', cause: 'provider_refused' },
	{ trouble: 'script_url', says: 'Didit gives a script for an address', cause: 'provider_refused' },
	{ trouble: 'redirect', says: 'Didit sends us elsewhere', cause: 'provider_refused' },
	{ trouble: 'forbidden', says: 'Didit forbids it', cause: 'provider_refused' },
	{ trouble: 'credits', says: 'the credits at Didit are used up', cause: 'provider_credits' },
	{ trouble: 'credits_newest', says: 'the credits are used up, in the newest way', cause: 'provider_credits' },
	{ trouble: 'credits_alone', says: 'something is to be paid', cause: 'provider_credits' },
	{ trouble: 'suspended', says: 'the contract is suspended', cause: 'provider_credits' },
	{ trouble: 'bad_field', says: 'Didit does not like our callback, which speaks of credit', cause: 'provider_refused' },
	{ trouble: 'huge', says: 'Didit answers 10 MB', cause: 'provider_unreachable' },
	{ trouble: 'limit', says: 'Didit has had too many calls', cause: 'provider_limit' },
];

/** Who asked for a second of silence gets it. */
async function spared(app, email, key) {
	const asked = app.didit.creates.length;
	const paused = expect(await app.create(email, { key }), 503, 'unavailable');
	assert.equal(paused.headers['retry-after'], '1');
	assert.equal(app.didit.creates.length, asked);
	await until('the second to be over', async () => (await app.create(email, { key })).http === 201);
}

test('when Didit fails', { concurrency: 3 }, async (t) => {
	await Promise.all(['v1', 'v2', 'v3'].map((version) => t.test(version, async (t) => {
		const app = await App.open(t, { didit: { version }, settings: { KYCD_DIDIT_TIMEOUT: 1 } });
		const other = await app.started(newEmail());
		let made = 0;

		for (const { trouble, says, cause } of troubles)
			await t.test(`${says}: 500 with ${cause}, the unit comes back, the next try works`, async () => {
				const key = await app.addTenant(`t-${trouble.replace('_', '-')}`, '--monthly-quota', '1');
				const email = await app.proven(newEmail(trouble), { key });
				app.didit.next = [trouble];
				const failing = app.create(email, { key });
				// Others are served while Didit is in trouble.
				expect(await app.post('/kyc/status', { session_id: other.session_id }), 200, 'kyc_status_retrieved');
				const failed = expect(await failing, 500, 'server_failed');
				assert.equal(failed.json.message, 'Server failed on KYC');
				assert.deepEqual(failed.json.details, { cause });
				assert.equal('data' in failed.json, false);
				expect(await app.status(email, { key }), 404, 'kyc_not_found');
				if (trouble === 'limit') await spared(app, email, key);
				expect(await app.create(email, { key }), 201);
				made += 1;
				expect(await app.create(await app.proven(newEmail(), { key }), { key }), 429, 'verify_quota_exceeded');
			});
		assert.equal(made, troubles.length);
		assert.equal(await app.server.metric('kycd_provider_calls_total', { call: 'create', outcome: 'ok' }), made + 1);
		assert.equal(await app.server.metric('kycd_provider_calls_total', { call: 'create', outcome: 'limit' }), 1);
	})));
});

test('Didit cannot be reached at all', async (t) => {
	const app = await App.open(t, { settings: { KYCD_DIDIT_TIMEOUT: 2 } });
	const email = await app.proven(newEmail());
	await app.didit.close();
	assert.deepEqual(expect(await app.create(email), 500, 'server_failed').json.details, { cause: 'provider_unreachable' });
});

test('wrong credentials are refused, not tried for ever', async (t) => {
	const app = await App.open(t, { settings: { KYCD_DIDIT_CLIENT_SECRET: 'not-the-secret' } });
	const email = await app.proven(newEmail());
	assert.deepEqual(expect(await app.create(email), 500, 'server_failed').json.details, { cause: 'provider_refused' });
	assert.equal(app.didit.creates.length, 0);
});

test('forty are asked for at once; who finds no place in time hears 503, and the next try works', async (t) => {
	const app = await App.open(t, { settings: { KYCD_DIDIT_TIMEOUT: 4 } });
	const people = await Promise.all(Array.from({ length: 43 }, () => app.proven(newEmail())));
	app.didit.hold = true;
	const out = people.slice(0, 40).map((email) => app.create(email));
	await app.didit.holding(40);
	const rest = people.slice(40);
	const began = Date.now();
	for (const answer of await Promise.all(rest.map((email) => app.create(email))))
		assert.ok(Number(expect(answer, 503, 'unavailable').headers['retry-after']) >= 1);
	assert.ok(Date.now() - began >= 900, 'they waited for a place');
	app.didit.release();
	for (const answer of await Promise.all(out)) expect(answer, 201);
	assert.equal(app.didit.creates.length, 40);
	for (const email of rest) expect(await app.create(email), 201);
	assert.equal(await app.server.metric('kycd_provider_calls_total', { call: 'create', outcome: 'paused' }), 3);
});

test('while Didit is silent, other people go their whole way', async (t) => {
	const app = await App.open(t, { settings: { KYCD_DIDIT_TIMEOUT: 20 } });
	const waiting = await app.proven(newEmail());
	app.didit.hold = true;
	const call = app.create(waiting);
	await app.didit.holding();
	app.didit.hold = false;
	await app.approved(newEmail());
	app.didit.release();
	expect(await call, 201);
});

test('a power cut while Didit is asked: what was noted is put right after twice the time-out', { concurrency: 3 }, async (t) => {
	await Promise.all(['v1', 'v2', 'v3'].map((version) => t.test(version, async (t) => {
		const app = await App.open(t, { tenant: null, didit: { version }, settings: { KYCD_DIDIT_TIMEOUT: 1 } });
		app.key = await app.addTenant('small', '--monthly-quota', '1');
		const email = await app.proven(newEmail());
		app.didit.hold = true;
		const lost = app.create(email).catch((cut) => cut);
		await app.didit.holding();
		const noted = Date.now();
		await app.server.kill();
		assert.ok((await lost) instanceof Error, 'the caller was cut off');
		await app.server.start();
		app.didit.release();

		const answer = await until('a session', async () => {
			const again = await app.create(email);
			if (again.http === 503) assert.ok(again.headers['retry-after'], '503 says when to come again');
			else return again;
		});
		expect(answer, 201, 'kyc_session_created');
		assert.ok(Date.now() - noted >= 1_900, 'the note was left alone while newEmail could still be at it');
		const [{ made: orphan }] = app.didit.creates;
		const { session } = answer.data;
		expect(await app.create(await app.proven(newEmail())), 429, 'verify_quota_exceeded');
		if (version !== 'v1') { // the list has it, and no other is made
			assert.equal(app.didit.creates.length, 1);
			assert.deepEqual(app.didit.lists, [orphan.vendor_data]);
			assert.deepEqual([session.session_id, session.session_url], [orphan.session_id, orphan.url]);
			return;
		}
		assert.equal(app.didit.creates.length, 2);
		assert.equal(session.session_id, app.didit.creates[1].made.session_id);
		// The orphan's events find nobody and change nothing.
		assert.equal((await app.didit.tell(app.server.base, orphan.session_id, 'Approved', { created_at: 1 })).http, 200);
		assert.equal((await app.status(email)).data.approved, false);
	})));
});
