// Recovery from lost provider events and lost answers, and the circuit breaker for a provider that is down.
import assert from 'node:assert/strict';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';
import { run } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';

const FREQUENT_RECONCILE = { KYCD_RECONCILE_AFTER: 1, KYCD_RECONCILE_EVERY: 1 };

for (const [name, settings] of [['an event is lost', {}], ['webhooks are switched off', { KYCD_DIDIT_WEBHOOK_SECRET: 'none' }]])
	test(`${name} and the person does not return: reconciliation finds the approval`, async (t) => {
		const app = await App.open(t, { settings: { ...FREQUENT_RECONCILE, ...settings } });
		const people = await Promise.all(Array.from({ length: 10 }, async () => {
			const email = newEmail();
			return { email, ...(await app.startSession(email)) };
		}));
		const startedAt = Date.now();
		for (const { session_id } of people) app.didit.sessions.get(session_id).status = 'Approved';
		for (const { email } of people)
			await until(`${email} to be approved`, async () => (await app.status(email)).data.approved);
		assert.ok(Date.now() - startedAt < 5000, `${Date.now() - startedAt} ms`);
		assert.ok(app.didit.reads.length <= 60, `${app.didit.reads.length} polls`);
		assert.equal((await app.status(people[0].email)).data.session_url, null);
	});

test('a status request starts a poll in the background and does not wait for it', async (t) => {
	const app = await App.open(t, { args: ['--dev'], settings: { KYCD_RECONCILE_AFTER: '1h' } });
	const advance = (seconds) => app.call('POST', '/sandbox/clock/advance', { body: { seconds } });
	const email = newEmail();
	const { session_id } = await app.startSession(email);
	const startedAt = Date.now();
	app.didit.sessions.get(session_id).status = 'Approved';
	expect(await advance(5), 200);
	assert.equal((await app.status(email)).data.approved, false);
	if (Date.now() - startedAt < 4000) assert.equal(app.didit.reads.length, 0, 'no poll before the session has had no update for 10 s');
	expect(await advance(5), 200);
	assert.equal((await app.status(email)).data.approved, false, 'the answer has the stored status');
	await until('the session to be approved', async () => (await app.status(email)).data.approved);
	assert.equal(app.didit.reads.length, 1);
});

for (const version of ['v2', 'v3'])
	test(`${version}: a session whose answer was lost is found and used instead of creating another`, async (t) => {
		const app = await App.open(t, { didit: { version }, settings: { KYCD_DIDIT_TIMEOUT: 1 } });
		for (const fault of ['lost', 'lost_half', 'lost_silence', 'lost_html'])
			await t.test(fault, async () => {
				const key = await app.addTenant(fault.replace('_', '-'), '--monthly-quota', '1');
				const [before, listed] = [app.didit.creates.length, app.didit.lists.length];
				const email = await app.verifyPerson(newEmail(fault), { key });
				app.didit.nextFaults = [fault];
				assert.deepEqual(expect(await app.create(email, { key }), 500, 'server_failed').json.details, { cause: 'provider_unreachable' });
				const { session } = expect(await app.create(email, { key }), 201).data;
				const [{ session: made }, ...more] = app.didit.creates.slice(before);
				assert.deepEqual(more, []);
				assert.deepEqual([session.session_id, session.session_url], [made.session_id, made.url]);
				assert.deepEqual(app.didit.lists.slice(listed), [made.vendor_data]);
				assert.equal(expect(await app.create(email, { key }), 201).data.session.session_id, made.session_id);
				expect(await app.create(await app.verifyPerson(newEmail(), { key }), { key }), 429, 'verify_quota_exceeded');
				assert.equal(app.didit.lists.length, listed + 1);
			});
	});

test('the circuit breaker answers 503 without calling a provider that is down, and closes at the first success', async (t) => {
	const app = await App.open(t, { settings: { KYCD_RECONCILE_AFTER: '1h' } });
	const email = await app.verifyPerson(newEmail());
	app.didit.nextFaults = Array.from({ length: 10 }, () => 'error');
	for (let i = 0; i < 10; i++) assert.deepEqual(expect(await app.create(email), 500, 'server_failed').json.details, { cause: 'provider_unreachable' });
	const callsBefore = app.didit.creates.length;
	const rejected = expect(await app.create(email), 503, 'unavailable');
	assert.ok(Number(rejected.headers['retry-after']) >= 1 && Number(rejected.headers['retry-after']) <= 5, rejected.headers['retry-after']);
	assert.equal(app.didit.creates.length, callsBefore);
	assert.equal(await app.server.metric('kycd_provider_breaker_open'), 1);
	assert.ok((await app.server.metric('kycd_provider_calls_total', { call: 'create', outcome: 'paused' })) >= 1);
	for (let i = 0; i < 3; i++) expect(await app.didit.post(app.server.base, { session_id: 'unknown-session' }, { secret: 'another' }), 401);
	await app.server.waitForLog(/ event=provider_events_bad_signature/);
	const warnings = app.server.log.split('\n').filter((line) => line.includes('event=provider_events_bad_signature'));
	assert.equal(warnings.length, 1, 'one warning for several refused events');
	assert.match(warnings[0], /level=warn .* action="compare KYCD_DIDIT_WEBHOOK_SECRET with /);
	const doctor = await run(['doctor'], { settings: app.server.settings, folder: app.folder, limit: 60_000 });
	assert.match(doctor.stdout, /warning +server +the server treats the provider as down/);
	assert.match(doctor.stdout, /warning +server +the server has refused 3 provider events since its start.*KYCD_DIDIT_WEBHOOK_SECRET/);
	await until('the breaker to let a call through', async () => (await app.create(email)).http === 201);
	assert.equal(await app.server.metric('kycd_provider_breaker_open'), 0);
});
