// Creating a session at Didit: concurrent requests for a person create one session, and failures of Didit or kycd lose no quota and no
// session.
import assert from 'node:assert/strict';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';
import { ON_POSTGRES } from './lib/database.mjs';
import { until } from './lib/wait.mjs';

test('twenty concurrent creates for a person result in one call to Didit, one quota unit and one session URL', async (t) => {
	const app = await App.open(t, { tenant: null });
	app.key = await app.addTenant('small', '--monthly-quota', '1');
	const [email, otherEmail] = [await app.verifyPerson(newEmail()), await app.verifyPerson(newEmail())];
	app.didit.holdCreates = true;
	const calls = Array.from({ length: 20 }, () => app.create(email));
	await app.didit.waitForHeldCreates();
	// Other requests are answered while the creates wait for Didit.
	expect(await app.status(email), 404, 'kyc_not_found');
	app.didit.releaseCreates();
	const answers = await Promise.all(calls);

	for (const answer of answers) {
		expect(answer, 201, 'kyc_session_created');
		assert.deepEqual(answer.data, answers[0].data);
	}
	assert.equal(app.didit.creates.length, 1);
	const overQuota = expect(await app.create(otherEmail), 429, 'verify_quota_exceeded');
	assert.equal(overQuota.json.message, 'Monthly verify quota exceeded');
	expect(await app.create(email), 201); // the open session is returned again and uses no quota
});

test('concurrent creates for different people do not wait for each other', async (t) => {
	const app = await App.open(t);
	const people = [];
	for (let i = 0; i < 8; i++) people.push(await app.verifyPerson(newEmail()));
	app.didit.holdCreates = true;
	const calls = people.map((email) => app.create(email));
	await app.didit.waitForHeldCreates(8);
	app.didit.releaseCreates();
	const urls = (await Promise.all(calls)).map((answer) => expect(answer, 201).data.session.session_url);
	assert.equal(new Set(urls).size, 8);
	assert.equal(app.didit.tokens, 1, 'one request fetched the access token, the others waited for it');
});

test('concurrent creates share the failure of one call to Didit, and the next create calls Didit again', async (t) => {
	const app = await App.open(t, { settings: { KYCD_DIDIT_TIMEOUT: 1 } });
	const email = await app.verifyPerson(newEmail());
	app.didit.nextFaults = ['silence'];
	const answers = await Promise.all([app.create(email), app.create(email), app.create(email)]);

	for (const answer of answers) expect(answer, 500, 'server_failed');
	assert.equal(app.didit.creates.length, 1);
	expect(await app.create(email), 201);
});

const faults = [
	{ fault: 'error', name: 'Didit answers with 500', cause: 'provider_unreachable', log: 'status=500 reason=server_error' },
	{ fault: 'html', name: 'Didit answers with 500 and HTML', cause: 'provider_unreachable' },
	{ fault: 'html_made', name: 'Didit answers with 201 and HTML', cause: 'provider_unreachable', log: 'status=201 reason=html' },
	{ fault: 'empty', name: 'Didit answers with 201 and an empty body', cause: 'provider_unreachable', log: 'status=201 reason=not_json' },
	{ fault: 'cut', name: 'Didit closes the connection', cause: 'provider_unreachable' },
	{ fault: 'half', name: 'Didit sends half of the answer', cause: 'provider_unreachable', log: 'status=201 reason=connection_closed' },
	{ fault: 'silence', name: 'Didit does not answer', cause: 'provider_unreachable', log: 'reason=timeout' },
	{ fault: 'trickle', name: 'Didit sends the answer byte by byte', cause: 'provider_unreachable' },
	{ fault: 'no_url', name: 'Didit returns no session URL', cause: 'provider_refused', log: 'status=201 reason=session_url' },
	{ fault: 'foreign_url', name: 'Didit returns a session URL of another domain', cause: 'provider_refused', log: 'status=201 reason=session_url' },
	{ fault: 'script_url', name: 'Didit returns a javascript: URL', cause: 'provider_refused', log: 'status=201 reason=session_url' },
	{ fault: 'redirect', name: 'Didit answers with a redirect', cause: 'provider_refused' },
	{ fault: 'forbidden', name: 'Didit answers with 403', cause: 'provider_refused', log: 'status=403 reason=permission' },
	{ fault: 'credits', name: 'the credits at Didit are used up (403)', cause: 'provider_credits' },
	{ fault: 'credits_newest', name: 'the credits at Didit are used up (400)', cause: 'provider_credits' },
	{ fault: 'credits_alone', name: 'Didit requires a payment (402)', cause: 'provider_credits' },
	{ fault: 'suspended', name: 'the contract with Didit is suspended', cause: 'provider_credits' },
	{ fault: 'bad_field', name: 'Didit rejects the callback URL, which contains the word credit', cause: 'provider_refused', log: 'status=400 reason=invalid_fields' },
	{ fault: 'huge', name: 'Didit answers with 10 MB', cause: 'provider_unreachable' },
	{ fault: 'limit', name: 'Didit answers with 429', cause: 'provider_limit', log: 'status=429 reason=rate_limit' },
];

/** Checks that kycd sends Didit no request during the second that its Retry-After demands. */
async function assertPaused(app, email, key) {
	const callsBefore = app.didit.creates.length;
	const paused = expect(await app.create(email, { key }), 503, 'unavailable');
	assert.equal(paused.headers['retry-after'], '1');
	assert.equal(app.didit.creates.length, callsBefore);
	await until('the pause of one second to end', async () => (await app.create(email, { key })).http === 201);
}

test('when a create call to Didit fails, kycd answers with the cause and loses no quota', { concurrency: 3 }, async (t) => {
	await Promise.all(['v1', 'v2', 'v3'].map((version) => t.test(version, async (t) => {
		const app = await App.open(t, { didit: { version }, settings: { KYCD_DIDIT_TIMEOUT: 1 } });
		const other = await app.startSession(newEmail());
		let created = 0;

		for (const { fault, name, cause, log } of faults)
			await t.test(`${name}: kycd answers 500 with ${cause}, returns the quota unit, and the next create succeeds`, async () => {
				const key = await app.addTenant(`t-${fault.replace('_', '-')}`, '--monthly-quota', '1');
				const email = await app.verifyPerson(newEmail(fault), { key });
				app.didit.nextFaults = [fault];
				const failing = app.create(email, { key });
				// Requests for other people are answered while the create waits for Didit.
				expect(await app.post('/kyc/status', { session_id: other.session_id }), 200, 'kyc_status_retrieved');
				const failed = expect(await failing, 500, 'server_failed');
				assert.equal(failed.json.message, 'Server failed on KYC');
				assert.deepEqual(failed.json.details, { cause });
				if (log) await app.server.waitForLog(new RegExp(`event=create_failed request_id=${failed.headers['x-request-id']} cause=${cause} call=create ${log} `));
				assert.equal('data' in failed.json, false);
				expect(await app.status(email, { key }), 404, 'kyc_not_found');
				if (fault === 'limit') await assertPaused(app, email, key);
				expect(await app.create(email, { key }), 201);
				created += 1;
				expect(await app.create(await app.verifyPerson(newEmail(), { key }), { key }), 429, 'verify_quota_exceeded');
			});
		assert.equal(created, faults.length);
		assert.equal(await app.server.metric('kycd_provider_calls_total', { call: 'create', outcome: 'ok' }), created + 1);
		assert.equal(await app.server.metric('kycd_provider_calls_total', { call: 'create', outcome: 'limit' }), 1);
	})));
});

test('create answers 500 with provider_unreachable when no server listens at Didit\'s address', async (t) => {
	const app = await App.open(t, { settings: { KYCD_DIDIT_TIMEOUT: 2 } });
	const email = await app.verifyPerson(newEmail());
	await app.didit.close();
	assert.deepEqual(expect(await app.create(email), 500, 'server_failed').json.details, { cause: 'provider_unreachable' });
});

test('create answers 500 with provider_refused when Didit rejects the credentials', async (t) => {
	const app = await App.open(t, { settings: { KYCD_DIDIT_CLIENT_SECRET: 'not-the-secret' } });
	const email = await app.verifyPerson(newEmail());
	assert.deepEqual(expect(await app.create(email), 500, 'server_failed').json.details, { cause: 'provider_refused' });
	assert.equal(app.didit.creates.length, 0);
	await app.server.waitForLog(/event=create_failed .* cause=provider_refused call=token status=401 reason=credentials /);
});

test('at most forty create calls to Didit run at once; further creates wait a second, get 503, and succeed later', async (t) => {
	const app = await App.open(t, { settings: { KYCD_DIDIT_TIMEOUT: 4 } });
	const people = await Promise.all(Array.from({ length: 43 }, () => app.verifyPerson(newEmail())));
	app.didit.holdCreates = true;
	const running = people.slice(0, 40).map((email) => app.create(email));
	await app.didit.waitForHeldCreates(40);
	const waiting = people.slice(40);
	const began = Date.now();
	for (const answer of await Promise.all(waiting.map((email) => app.create(email))))
		assert.ok(Number(expect(answer, 503, 'unavailable').headers['retry-after']) >= 1);
	assert.ok(Date.now() - began >= 900, 'the creates waited before they were rejected');
	app.didit.releaseCreates();
	for (const answer of await Promise.all(running)) expect(answer, 201);
	assert.equal(app.didit.creates.length, 40);
	for (const email of waiting) expect(await app.create(email), 201);
	assert.equal(await app.server.metric('kycd_provider_calls_total', { call: 'create', outcome: 'paused' }), 3);
});

test('other people can complete all steps while Didit does not answer a create', async (t) => {
	const app = await App.open(t, { settings: { KYCD_DIDIT_TIMEOUT: 20 } });
	const waiting = await app.verifyPerson(newEmail());
	app.didit.holdCreates = true;
	const call = app.create(waiting);
	await app.didit.waitForHeldCreates();
	app.didit.holdCreates = false;
	await app.approvePerson(newEmail());
	app.didit.releaseCreates();
	expect(await call, 201);
});

test('after a kill during a create call, the pending session is released at the next start; with several instances, when twice the time-out has passed', { concurrency: 3 }, async (t) => {
	await Promise.all(['v1', 'v2', 'v3'].map((version) => t.test(version, async (t) => {
		const app = await App.open(t, { tenant: null, didit: { version }, settings: { KYCD_DIDIT_TIMEOUT: ON_POSTGRES ? 1 : 20 } });
		app.key = await app.addTenant('small', '--monthly-quota', '1');
		const email = await app.verifyPerson(newEmail());
		app.didit.holdCreates = true;
		const interrupted = app.create(email).catch((error) => error);
		await app.didit.waitForHeldCreates();
		const began = Date.now();
		await app.server.kill();
		assert.ok((await interrupted) instanceof Error, 'the connection of the caller was closed');
		await app.server.start();
		app.didit.releaseCreates();

		const answer = await until('a create that is not answered with 503', async () => {
			const attempt = await app.create(email);
			if (attempt.http !== 503) return attempt;
			assert.ok(ON_POSTGRES, 'a server that is alone keeps no pending session of the killed one');
			assert.ok(attempt.headers['retry-after'], 'a 503 has Retry-After');
		});
		expect(answer, 201, 'kyc_session_created');
		if (ON_POSTGRES) assert.ok(Date.now() - began >= 1_900, 'the pending session was kept while its create call could still be running');
		const [{ session: orphan }] = app.didit.creates;
		const { session } = answer.data;
		expect(await app.create(await app.verifyPerson(newEmail())), 429, 'verify_quota_exceeded');
		// kycd finds the session in Didit's list and does not create another one.
		if (version !== 'v1') {
			assert.equal(app.didit.creates.length, 1);
			assert.deepEqual(app.didit.lists, [orphan.vendor_data]);
			assert.deepEqual([session.session_id, session.session_url], [orphan.session_id, orphan.url]);
			return;
		}
		assert.equal(app.didit.creates.length, 2);
		assert.equal(session.session_id, app.didit.creates[1].session.session_id);
		// Events of the orphaned session belong to no person and change nothing.
		assert.equal((await app.didit.sendStatusEvent(app.server.base, orphan.session_id, 'Approved', { created_at: 1 })).http, 200);
		assert.equal((await app.status(email)).data.approved, false);
	})));
});
