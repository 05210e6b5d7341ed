// The header Idempotency-Key: a POST that is repeated with the same key gets the first answer again.
import assert from 'node:assert/strict';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';
import { ON_POSTGRES } from './lib/database.mjs';
import { Server } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';

const withKey = (key, rest = {}) => ({ headers: { 'idempotency-key': key }, ...rest });
const isReplayed = (answer) => answer.headers['idempotency-replayed'] === 'true';

function assertReplay(repeated, first) {
	assert.deepEqual([repeated.http, repeated.text], [first.http, first.text]);
	assert.ok(isReplayed(repeated), 'Idempotency-Replayed is missing');
	assert.ok(!isReplayed(first), 'the first answer is no repetition');
}

test('a repeated call gets the first answer, byte for byte, and runs nothing', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const first = expect(await app.prepare(email, withKey('k1')), 201, 'user_prepared');
	assertReplay(await app.prepare(email, withKey('k1')), first);
	assertReplay(await app.post('/api/kyc/prepare', { email }, withKey('k1')), first);
	const sent = expect(await app.send(email, withKey('k1')), 201, 'otp_sent'); // another route: another call
	await app.mailServer.messageTo(email, 1);
	assertReplay(await app.send(email, withKey('k1')), sent);
	const second = expect(await app.send(email, withKey('k2')), 201);
	assert.ok(!isReplayed(second));
	const { code } = await app.mailServer.messageTo(email, 2);
	assert.equal(app.mailServer.messagesTo(email).length, 2);
	// A refusal of the endpoint is an answer as well.
	const wrong = String((Number(code) + 1) % 10 ** code.length).padStart(code.length, '0');
	const refused = expect(await app.verify(email, wrong, withKey('k1')), 400, 'otp_invalid');
	for (let i = 0; i < 8; i++) assertReplay(await app.verify(email, wrong, withKey('k1')), refused);
	expect(await app.verify(email, code), 200, 'email_verified'); // the repetitions used up no attempts
	const created = expect(await app.create(email, withKey('k1')), 201);
	assertReplay(await app.create(email, withKey('k1')), created);
	assert.equal(app.didit.creates.length, 1);
});

test('the answer is kept over a restart, and for one API key', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const first = expect(await app.prepare(email, withKey('k')), 201);
	const otherKey = await app.addKey('shop');
	assert.ok(!isReplayed(expect(await app.prepare(email, withKey('k', { key: otherKey })), 200, 'user_already_prepared')));
	await app.server.kill();
	await app.server.start();
	assertReplay(await app.prepare(email, withKey('k')), first);
});

test('the same key with another body is 422, also with other bytes for the same JSON', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	expect(await app.prepare(email, withKey('k')), 201);
	for (const body of [{ email: newEmail() }, { email, language: 'pt' }, JSON.stringify({ email }, null, 1)]) {
		const options = typeof body === 'string' ? { headers: { 'idempotency-key': 'k', 'content-type': 'application/json' } } : withKey('k');
		expect(await app.post('/kyc/prepare', body, options), 422, 'idempotency_key_reused');
	}
	assertReplay(await app.prepare(email, withKey('k')), { http: 201, text: (await app.prepare(email, withKey('k'))).text, headers: {} });
});

test('parallel calls with one key: one runs, the others are 409 until it has answered', async (t) => {
	const app = await App.open(t);
	const email = await app.verifyPerson(newEmail());
	app.didit.holdCreates = true;
	const first = app.create(email, withKey('k'));
	await app.didit.waitForHeldCreates();
	const others = await Promise.all(Array.from({ length: 8 }, () => app.create(email, withKey('k'))));
	for (const answer of others) expect(answer, 409, 'idempotency_in_progress');
	expect(await app.post('/kyc/create/verify_public_kyc', { email, language: 'es' }, withKey('k')), 422, 'idempotency_key_reused');
	app.didit.releaseCreates();
	const answer = expect(await first, 201);
	assertReplay(await app.create(email, withKey('k')), answer);
	assert.equal(app.didit.creates.length, 1);
});

test('a call that a killed server left is run again after the restart', async (t) => {
	const app = await App.open(t, { settings: { KYCD_DIDIT_TIMEOUT: 1 } });
	const email = await app.verifyPerson(newEmail());
	app.didit.holdCreates = true;
	const lost = app.create(email, withKey('k')).catch((error) => error);
	await app.didit.waitForHeldCreates();
	await app.server.kill();
	await lost;
	app.didit.releaseCreates();
	await app.server.start();
	if (ON_POSTGRES) {
		// Another instance cannot know at once that the call is over.
		expect(await app.create(email, withKey('k')), 409, 'idempotency_in_progress');
		await until('the end of the lease', async () => (await app.create(email, withKey('k'))).http !== 409, 45_000);
	}
	const answer = expect(await app.create(email, withKey('k')), 201);
	assert.ok(answer.data.session.session_id);
});

test('two instances share the kept answers and the running calls', { skip: !ON_POSTGRES }, async (t) => {
	const app = await App.open(t);
	const second = new Server({ folder: app.folder, settings: { ...app.server.givenSettings, KYCD_DATABASE: app.server.settings.KYCD_DATABASE } });
	t.after(() => second.kill());
	await second.start();
	const onSecond = (where, body, key) => second.call('POST', where, { body, headers: { 'x-api-key': app.key, 'idempotency-key': key } });
	const email = newEmail();
	const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => (i % 2 ? app.prepare(email, withKey('k')) : onSecond('/kyc/prepare', { email }, 'k'))));
	const firsts = answers.filter((answer) => answer.http === 201 && !isReplayed(answer));
	assert.equal(firsts.length, 1, 'one call ran');
	for (const answer of answers) if (answer !== firsts[0] && answer.http !== 409) assertReplay(answer, firsts[0]);
	assertReplay(await onSecond('/kyc/prepare', { email }, 'k'), firsts[0]);
	await app.verifyPerson(email);
	app.didit.holdCreates = true;
	const running = app.create(email, withKey('c'));
	await app.didit.waitForHeldCreates();
	expect(await onSecond('/kyc/create/verify_public_kyc', { email }, 'c'), 409, 'idempotency_in_progress');
	app.didit.releaseCreates();
	const created = expect(await running, 201);
	assertReplay(await onSecond('/kyc/create/verify_public_kyc', { email }, 'c'), created);
});

test('errors of kycd and refusals before the endpoint are not kept', async (t) => {
	const app = await App.open(t);
	const email = await app.verifyPerson(newEmail());
	app.didit.nextFaults = ['error'];
	expect(await app.create(email, withKey('k')), 500, 'server_failed');
	assert.ok(!isReplayed(expect(await app.create(email, withKey('k')), 201)));
	expect(await app.post('/kyc/prepare', { email: 'x' }, withKey('f')), 400, 'invalid_parameters');
	assert.ok(!isReplayed(expect(await app.post('/kyc/prepare', { email }, withKey('f')), 200)));
	expect(await app.post('/kyc/prepare', { email }, withKey('u', { key: 'wrong' })), 401);
	assert.ok(!isReplayed(expect(await app.post('/kyc/prepare', { email }, withKey('u')), 200)));
});

test('status ignores the header, and a malformed key is refused', async (t) => {
	const app = await App.open(t);
	const email = await app.verifyPerson(newEmail());
	for (let i = 0; i < 2; i++) assert.ok(!isReplayed(expect(await app.status(email, withKey('k')), 404, 'kyc_not_found')));
	expect(await app.status(newEmail(), withKey('k')), 404, 'user_not_found');
	for (const key of ['', 'x'.repeat(256), 'a\tb', 'é']) {
		const answer = expect(await app.prepare(email, withKey(key)), 400, 'invalid_parameters');
		assert.match(answer.json.message, /^Idempotency-Key /);
	}
	expect(await app.prepare(email, withKey('x'.repeat(255))), 200);
	expect(await app.prepare(email, withKey('y')), 200);
});
