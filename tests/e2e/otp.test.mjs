// Tests that the rules for e-mail codes hold when many guesses arrive at once and when the server is killed between requests.
import assert from 'node:assert/strict';
import test from 'node:test';
import { TAKEOVER_LIMIT_MS } from './lib/database.mjs';
import { App, expect, newEmail, wrongCode } from './lib/app.mjs';
import { until } from './lib/wait.mjs';

function countByStatus(answers) {
	const counts = {};
	for (const { http, word } of answers) counts[`${http} ${word}`] = (counts[`${http} ${word}`] ?? 0) + 1;
	return counts;
}

const inParallel = (n, send) => Promise.all(Array.from({ length: n }, (_, i) => send(i)));

test('of sixty concurrent wrong guesses five are checked, and then the right code is refused too', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const code = await app.requestCode(email);

	assert.deepEqual(countByStatus(await inParallel(60, (i) => app.verify(email, wrongCode(code, i + 1)))), { '400 otp_invalid': 5, '400 otp_max_attempts': 55 });
	expect(await app.verify(email, code), 400, 'otp_max_attempts');
	assert.equal((await app.status(email)).json.details.email_verified, false);

	// A new code has its own five tries.
	expect(await app.send(email), 201);
	expect(await app.verify(email, (await app.mailServer.messageTo(email, 2)).code), 200, 'email_verified');
});

test('of thirty concurrent requests with the right code exactly one verifies the e-mail address', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const code = await app.requestCode(email);

	assert.deepEqual(countByStatus(await inParallel(30, () => app.verify(email, code))), { '200 email_verified': 1, '400 email_already_verified': 29 });
});

test('at most five wrong guesses are checked when right and wrong ones arrive at once', async (t) => {
	const app = await App.open(t);
	for (let round = 0; round < 4; round++) {
		const email = newEmail();
		const code = await app.requestCode(email);
		const counts = countByStatus(await inParallel(24, (i) => app.verify(email, i % 4 === 3 ? code : wrongCode(code, i + 1))));
		assert.ok((counts['400 otp_invalid'] ?? 0) <= 5, JSON.stringify(counts));
		assert.ok((counts['200 email_verified'] ?? 0) <= 1, JSON.stringify(counts));
		assert.ok(counts['200 email_verified'] === 1 || counts['400 otp_invalid'] === 5, JSON.stringify(counts));
		for (const status of Object.keys(counts)) assert.match(status, /otp_invalid|otp_max_attempts|email_verified|email_already_verified/);
	}
});

test('a wrong guess still counts after the server is killed', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const code = await app.requestCode(email);

	for (let i = 1; i <= 3; i++) {
		expect(await app.verify(email, wrongCode(code, i)), 400, 'otp_invalid');
		await app.server.restart();
	}
	assert.deepEqual(countByStatus(await inParallel(10, (i) => app.verify(email, wrongCode(code, i + 4)))), { '400 otp_invalid': 2, '400 otp_max_attempts': 8 });
	await app.server.restart();
	expect(await app.verify(email, code), 400, 'otp_max_attempts');
});

test('each acknowledged change survives a kill right after the answer', async (t) => {
	const app = await App.open(t);
	const email = newEmail();

	expect(await app.prepare(email), 201, 'user_prepared');
	await app.server.restart();
	expect(await app.prepare(email), 200, 'user_already_prepared');

	expect(await app.send(email), 201, 'otp_sent');
	await app.server.restart();
	// If the killed server had leased the message already, the message is sent when the lease has expired.
	const { code } = await app.mailServer.messageTo(email, 1, TAKEOVER_LIMIT_MS);

	expect(await app.verify(email, code), 200, 'email_verified');
	await app.server.restart();
	assert.equal(expect(await app.prepare(email), 200).data.email_verified, true);

	const { session } = expect(await app.create(email), 201).data;
	await app.server.restart();
	assert.deepEqual(expect(await app.create(email), 201).data.session, session);

	expect(await app.didit.sendStatusEvent(app.server.base, session.session_id, 'Approved'), 200);
	await app.server.restart();
	assert.equal((await app.status(email)).data.approved, true);
});

test('every acknowledged prepare survives when the server is killed during 200 concurrent prepares', async (t) => {
	const app = await App.open(t);
	const acknowledged = [];
	const emails = Array.from({ length: 200 }, () => newEmail());
	const calls = emails.map((email) => app.prepare(email).then((answer) => {
		if (answer.http === 201) acknowledged.push(email);
		if (acknowledged.length === 40) app.server.child.kill('SIGKILL');
	}, () => {}));

	await Promise.all(calls);
	await app.server.restart();
	assert.ok(acknowledged.length >= 40, `${acknowledged.length} were acknowledged`);
	for (const email of acknowledged) expect(await app.prepare(email), 200, 'user_already_prepared');
	assert.match(await app.server.run('db', 'check'), /^the database is intact$/m);
});

test('a code is valid for one tenant and one person only, and only the newest is valid', async (t) => {
	const app = await App.open(t);
	const other = await app.addTenant('other');
	const [email, otherEmail] = [newEmail(), newEmail()];
	const first = await app.requestCode(email);
	const codeOfOtherTenant = await app.requestCode(email, { key: other });
	const codeOfOtherPerson = await app.requestCode(otherEmail);

	// Two codes may be equal by chance; then the test cannot tell them apart.
	if (codeOfOtherTenant !== first) expect(await app.verify(email, codeOfOtherTenant), 400, 'otp_invalid');
	if (codeOfOtherPerson !== first) expect(await app.verify(email, codeOfOtherPerson), 400, 'otp_invalid');
	const second = await app.requestCode(email);
	if (second !== first) expect(await app.verify(email, first), 400, 'otp_invalid');
	expect(await app.verify(email, second), 200, 'email_verified');
});

test('a code expires after KYCD_OTP_TTL', async (t) => {
	const app = await App.open(t, { settings: { KYCD_OTP_TTL: 2 } });
	const email = newEmail();
	const requestedAt = Date.now();
	const code = await app.requestCode(email);

	// Five guesses are wrong, and then the tries are used up. When the code has expired, the answer is otp_expired whatever the
	// number of tries.
	await until('the code to expire', async () => (await app.verify(email, wrongCode(code))).word === 'otp_expired');
	assert.ok(Date.now() - requestedAt >= 2_000, 'the code did not expire early');
	expect(await app.verify(email, code), 400, 'otp_expired');
});

const forms = [
	{ name: 'with spaces and hyphens', format: (code) => ` ${code.slice(0, 3)} - ${code.slice(3)}\u00a0`, word: 'email_verified' },
	{ name: 'in Arabic-Indic digits', format: (code) => [...code].map((digit) => String.fromCodePoint(0x660 + Number(digit))).join(''), word: 'email_verified' },
	{ name: 'in Devanagari, Bengali and Thai digits', format: (code) => [...code].map((digit, i) => String.fromCodePoint([0x966, 0x9e6, 0xe50][i % 3] + Number(digit))).join(''), word: 'email_verified' },
	{ name: 'in full-width digits', format: (code) => [...code].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join(''), word: 'email_verified' },
	{ name: 'with invisible characters', format: (code) => `\u200b${code}\ufeff`, word: 'email_verified' },
];
for (const { name, format, word } of forms)
	test(`a code typed ${name} is accepted`, async (t) => {
		const app = await App.open(t);
		const email = newEmail();
		expect(await app.verify(email, format(await app.requestCode(email))), 200, word);
	});

test('input that cannot be a code does not use up a try', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const code = await app.requestCode(email);

	for (const typed of ['12345', '1234567', 'abcdef', '12345a', '------', '12 34 5'])
		for (let i = 0; i < 2; i++) expect(await app.verify(email, typed), 400, 'otp_invalid');
	for (const typed of [123456, true, ['123456'], { code }]) expect(await app.verify(email, typed), 400, 'invalid_parameters');
	for (const typed of ['', null, undefined]) expect(await app.verify(email, typed), 400, 'missing_params');
	expect(await app.verify(email, code), 200, 'email_verified');
});

test('three codes may be sent at once, then one per minute; a refused request leaves the current code valid', async (t) => {
	const app = await App.open(t);
	const partner = await app.addTenant('partner');
	const email = newEmail();
	const codes = [];
	for (let i = 0; i < 3; i++) codes.push(await app.requestCode(email));

	const limited = expect(await app.send(email), 429, 'otp_send_limited');
	assert.equal(limited.json.message, 'Too many codes requested, try again later');
	const retryAfter = Number(limited.headers['retry-after']);
	assert.ok(retryAfter >= 55 && retryAfter <= 60, `Retry-After ${limited.headers['retry-after']}`);
	assert.equal(limited.json.statusCode, 429);
	expect(await app.prepare(email, { key: partner }), 201);
	expect(await app.send(email, { key: partner }), 201, 'otp_sent'); // the partner is not in the group, so this is another person
	expect(await app.verify(email, codes[2]), 200, 'email_verified');
});
