// The code's rules as an attacker and a power cut meet them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { TAKEN_OVER } from './lib/database.mjs';
import { App, expect, newEmail, wrong } from './lib/app.mjs';
import { until } from './lib/wait.mjs';

function count(answers) {
	const words = {};
	for (const { http, word } of answers) words[`${http} ${word}`] = (words[`${http} ${word}`] ?? 0) + 1;
	return words;
}

const many = (n, act) => Promise.all(Array.from({ length: n }, (_, i) => act(i)));

test('sixty wrong guesses at once: five are judged, and then the right one is late', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const code = await app.coded(email);

	assert.deepEqual(count(await many(60, (i) => app.verify(email, wrong(code, i + 1)))), { '400 otp_invalid': 5, '400 otp_max_attempts': 55 });
	expect(await app.verify(email, code), 400, 'otp_max_attempts');
	assert.equal((await app.status(email)).json.details.email_verified, false);

	// A new code opens the door again.
	expect(await app.send(email), 201);
	expect(await app.verify(email, (await app.mailServer.messageTo(email, 2)).code), 200, 'email_verified');
});

test('thirty right guesses at once: one is the first', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const code = await app.coded(email);

	assert.deepEqual(count(await many(30, () => app.verify(email, code))), { '200 email_verified': 1, '400 email_already_verified': 29 });
});

test('right and wrong guesses at once never judge more than five', async (t) => {
	const app = await App.open(t);
	for (let round = 0; round < 4; round++) {
		const email = newEmail();
		const code = await app.coded(email);
		const words = count(await many(24, (i) => app.verify(email, i % 4 === 3 ? code : wrong(code, i + 1))));
		assert.ok((words['400 otp_invalid'] ?? 0) <= 5, JSON.stringify(words));
		assert.ok((words['200 email_verified'] ?? 0) <= 1, JSON.stringify(words));
		assert.ok(words['200 email_verified'] === 1 || words['400 otp_invalid'] === 5, JSON.stringify(words));
		for (const word of Object.keys(words)) assert.match(word, /otp_invalid|otp_max_attempts|email_verified|email_already_verified/);
	}
});

test('a guess is spent although the power goes', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const code = await app.coded(email);

	for (let i = 1; i <= 3; i++) {
		expect(await app.verify(email, wrong(code, i)), 400, 'otp_invalid');
		await app.server.restart();
	}
	assert.deepEqual(count(await many(10, (i) => app.verify(email, wrong(code, i + 4)))), { '400 otp_invalid': 2, '400 otp_max_attempts': 8 });
	await app.server.restart();
	expect(await app.verify(email, code), 400, 'otp_max_attempts');
});

test('what was answered is still there when the power goes at once', async (t) => {
	const app = await App.open(t);
	const email = newEmail();

	expect(await app.prepare(email), 201, 'user_prepared');
	await app.server.restart();
	expect(await app.prepare(email), 200, 'user_already_prepared');

	expect(await app.send(email), 201, 'otp_sent');
	await app.server.restart();
	// It may have been in hand already.
	const { code } = await app.mailServer.messageTo(email, 1, TAKEN_OVER);

	expect(await app.verify(email, code), 200, 'email_verified');
	await app.server.restart();
	assert.equal(expect(await app.prepare(email), 200).data.email_verified, true);

	const { session } = expect(await app.create(email), 201).data;
	await app.server.restart();
	assert.deepEqual(expect(await app.create(email), 201).data.session, session);

	expect(await app.didit.tell(app.server.base, session.session_id, 'Approved'), 200);
	await app.server.restart();
	assert.equal((await app.status(email)).data.approved, true);
});

test('many prepared while the power goes: who was told so is there', async (t) => {
	const app = await App.open(t);
	const told = [];
	const people = Array.from({ length: 200 }, () => newEmail());
	const calls = people.map((email) => app.prepare(email).then((answer) => {
		if (answer.http === 201) told.push(email);
		if (told.length === 40) app.server.child.kill('SIGKILL');
	}, () => {}));

	await Promise.all(calls);
	await app.server.restart();
	assert.ok(told.length >= 40, `${told.length} were told`);
	for (const email of told) expect(await app.prepare(email), 200, 'user_already_prepared');
	assert.match(await app.server.run('db', 'check'), /^the database is intact$/m);
});

test('a code is one tenant\'s, one person\'s, and the newest', async (t) => {
	const app = await App.open(t);
	const other = await app.addTenant('other');
	const [email, somebodyElse] = [newEmail(), newEmail()];
	const first = await app.coded(email);
	const codeOfOther = await app.coded(email, { key: other });
	const codeOfElse = await app.coded(somebodyElse);

	// Two codes may be equal by chance; then there is nothing to tell.
	if (codeOfOther !== first) expect(await app.verify(email, codeOfOther), 400, 'otp_invalid');
	if (codeOfElse !== first) expect(await app.verify(email, codeOfElse), 400, 'otp_invalid');
	const second = await app.coded(email);
	if (second !== first) expect(await app.verify(email, first), 400, 'otp_invalid');
	expect(await app.verify(email, second), 200, 'email_verified');
});

test('a code lives as long as it is said to', async (t) => {
	const app = await App.open(t, { settings: { KYCD_OTP_TTL: 2 } });
	const email = newEmail();
	const asked = Date.now();
	const code = await app.coded(email);

	// Whatever the tries are: five wrong ones, then locked, then expired.
	await until('the code to expire', async () => (await app.verify(email, wrong(code))).word === 'otp_expired');
	assert.ok(Date.now() - asked >= 2_000, 'not before its time');
	expect(await app.verify(email, code), 400, 'otp_expired');
});

const forms = [
	{ name: 'with spaces and hyphens', of: (code) => ` ${code.slice(0, 3)} - ${code.slice(3)}\u00a0`, word: 'email_verified' },
	{ name: 'in Arabic-Indic digits', of: (code) => [...code].map((digit) => String.fromCodePoint(0x660 + Number(digit))).join(''), word: 'email_verified' },
	{ name: 'in full-width digits', of: (code) => [...code].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join(''), word: 'email_verified' },
	{ name: 'with an invisible mark', of: (code) => `\u200b${code}\ufeff`, word: 'email_verified' },
];
for (const { name, of, word } of forms)
	test(`a code typed ${name} is the code`, async (t) => {
		const app = await App.open(t);
		const email = newEmail();
		expect(await app.verify(email, of(await app.coded(email))), 200, word);
	});

test('what cannot be a code costs no try', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const code = await app.coded(email);

	for (const typed of ['12345', '1234567', 'abcdef', '12345a', '------', '12 34 5'])
		for (let i = 0; i < 2; i++) expect(await app.verify(email, typed), 400, 'otp_invalid');
	for (const typed of [123456, true, ['123456'], { code }]) expect(await app.verify(email, typed), 400, 'invalid_parameters');
	for (const typed of ['', null, undefined]) expect(await app.verify(email, typed), 400, 'missing_params');
	expect(await app.verify(email, code), 200, 'email_verified');
});

test('three codes at once, then one a minute; the code in force stays', async (t) => {
	const app = await App.open(t);
	const partner = await app.addTenant('partner');
	const email = newEmail();
	const codes = [];
	for (let i = 0; i < 3; i++) codes.push(await app.coded(email));

	const limited = expect(await app.send(email), 429, 'otp_send_limited');
	assert.equal(limited.json.message, 'Too many codes requested, try again later');
	const wait = Number(limited.headers['retry-after']);
	assert.ok(wait >= 55 && wait <= 60, `Retry-After ${limited.headers['retry-after']}`);
	assert.equal(limited.json.statusCode, 429);
	expect(await app.prepare(email, { key: partner }), 201);
	expect(await app.send(email, { key: partner }), 201, 'otp_sent'); // not in the group: another person
	expect(await app.verify(email, codes[2]), 200, 'email_verified');
});
