// Letters with the code: what stands in them, when they go out, when they are tried again, and when they never go.
import assert from 'node:assert/strict';
import net from 'node:net';
import test from 'node:test';
import { TAKEN_OVER } from './lib/database.mjs';
import { House, expect, somebody } from './lib/house.mjs';
import { Postbox } from './lib/postbox.mjs';
import { freePort } from './lib/http.mjs';
import { median, until } from './lib/wait.mjs';

/** What became of the last letter, as the integrator is told. */
async function lastCode(house, email) {
	return expect(await house.status(email), 404, 'kyc_not_found').json.details.last_code;
}

const fate = (house, email, word, limit) => until(`last_code to be ${word}`, async () => (await lastCode(house, email)) === word, limit);

/** No run of six digits anywhere but the code: a phone that looks for a code must find the right one. */
function onlyCode(text, code, where) {
	for (const run of text.match(/\d{6,}/g) ?? []) assert.equal(run, code, `${run} in ${where}`);
}

test('what stands in a letter', async (t) => {
	const house = await House.open(t, { tenant: null, settings: { KYCD_MAIL_REPLY_TO: 'help@kycd.example' } });
	house.key = await house.addTenant('shop', '--display-name', 'Ana & Söhne <Shop>');
	const email = somebody();
	const before = new Date();
	const code = await house.coded(email);
	const letter = await house.postbox.letterTo(email);
	const { mail, raw } = letter;
	const head = raw.slice(0, raw.indexOf('\r\n\r\n'));

	assert.match(code, /^\d{6}$/);
	assert.deepEqual([letter.from, letter.to], ['no-reply@kycd.example', [email]]);
	assert.deepEqual(mail.from.value, [{ address: 'no-reply@kycd.example', name: 'kycd' }]);
	assert.deepEqual(mail.to.value.map((to) => to.address), [email]);
	assert.deepEqual(mail.replyTo.value.map((to) => to.address), ['help@kycd.example']);
	assert.ok(mail.subject.includes('Ana & Söhne <Shop>'), mail.subject);
	const times = [before, new Date()].map((at) => at.toISOString().slice(11, 16));
	assert.ok(times.some((time) => mail.subject.includes(time)), `the time, ${times[0]}, in: ${mail.subject}`);
	assert.ok(!mail.subject.includes(code), 'the code does not show on a locked screen\'s list of subjects');
	assert.equal(mail.headers.get('auto-submitted'), 'auto-generated');
	assert.ok(Math.abs(mail.date - before) < 60_000);
	assert.match(mail.messageId, /^<[^\s@<>]+@[^\s@<>]+>$/);
	assert.equal(mail.headers.get('content-type').value, 'multipart/alternative');
	assert.equal((raw.match(/^content-type: text\/(plain|html)/gim) ?? []).length, 2);
	for (const [where, text] of [['the text', mail.text], ['the page', mail.html]]) {
		assert.ok(text.includes(code), where);
		assert.match(text, /10 minutes/, `how long it lives, in ${where}`);
		assert.match(text, /If you did not request this/, where);
		onlyCode(text.replace(/<[^>]*>/g, ' '), code, where);
	}
	assert.ok(mail.text.startsWith(code), 'the first words are the code');
	assert.match(mail.html.replace(/<(head|style)[\s\S]*?<\/\1>/g, '').replace(/<[^>]*>/g, '').trim(), new RegExp(`^${code}`));
	assert.ok(mail.html.includes('Ana &amp; Söhne &lt;Shop&gt;') && !mail.html.includes('<Shop>'), 'a name is text, not markup');
	assert.doesNotMatch(mail.html, /<(script|img|link|a)\b|https?:/i, 'nothing to load, nothing to click');
	onlyCode(raw, code, 'the whole letter');
	assert.ok(raw.split('\r\n').every((line) => line.length <= 998));
	assert.doesNotMatch(head, /^(bcc|cc):/im);
	assert.ok(!head.replace(/^to:.*$/im, '').includes(email));
});

test('no other number of six digits in any of many letters', async (t) => {
	const house = await House.open(t);
	const seen = new Set();
	for (let i = 0; i < 40; i++) {
		const email = somebody();
		const code = await house.coded(email);
		onlyCode((await house.postbox.letterTo(email)).raw, code, 'a letter');
		seen.add(code);
	}
	assert.ok(seen.size >= 38, `${seen.size} different codes of 40`);
	assert.equal(new Set(house.postbox.letters.map((letter) => letter.id)).size, 40, 'each letter has a Message-ID of its own');
});

test('a letter is handed over within 200 ms', async (t) => {
	const house = await House.open(t);
	const took = [];
	for (let i = 0; i < 25; i++) {
		const email = somebody();
		await house.prepare(email);
		const asked = performance.now();
		expect(await house.send(email), 201);
		took.push((await house.postbox.letterTo(email)).at - asked);
	}
	assert.ok(median(took) < 200, `median ${median(took).toFixed(1)} ms`);
	t.diagnostic(`median ${median(took).toFixed(1)} ms, slowest ${Math.max(...took).toFixed(1)} ms`);
});

test('names cannot put anything into a letter\'s head', async (t) => {
	const house = await House.open(t);
	const evil = ['A\r\nBcc: thief@evil.example', 'A\nSubject: x', 'A\rB', 'A\0B', '\u2028', ' ', 'x'.repeat(41), '\u202eevil'];
	for (const [i, name] of evil.entries()) {
		if (name.includes('\0')) continue; // no command line can hold it
		await assert.rejects(house.server.run('tenant', 'add', `evil-${i}`, '--display-name', name), undefined, JSON.stringify(name));
	}
	const strange = ['"Bob" <thief@evil.example>,', '=?utf-8?B?QmNjOiB4QHkuZXhhbXBsZQ==?=', 'a=\\r\\nBcc: x', '漢字'.repeat(20), '{code} {brand} %s %n'];
	for (const [i, name] of strange.entries()) {
		const key = await house.addTenant(`strange-${i}`, '--display-name', name);
		const email = somebody();
		const code = await house.coded(email, { key });
		const { mail, raw, to } = await house.postbox.letterTo(email);
		assert.ok(mail.subject.includes(name), `${name} in ${mail.subject}`);
		assert.deepEqual(to, [email]);
		assert.doesNotMatch(raw.slice(0, raw.indexOf('\r\n\r\n')), /^(bcc|cc|sender):/im);
		assert.deepEqual(mail.from.value.map((from) => from.address), ['no-reply@kycd.example']);
		assert.ok(mail.text.startsWith(code));
	}
});

// What follows waits for retries: these stories go side by side.
const stories = [];
const story = (name, act) => stories.push({ name, act });

story('a server that is not now able: tried again, with the same Message-ID, and taken once', async (t) => {
	const house = await House.open(t);
	const email = somebody();
	house.postbox.refuse.content = 451;
	expect(await house.prepare(email), 201);
	expect(await house.send(email), 201);
	await house.postbox.attemptTo(email, 1);
	await fate(house, email, 'deferred');
	await house.postbox.attemptTo(email, 2);
	house.postbox.refuse = {};
	const letter = await house.postbox.letterTo(email);
	await fate(house, email, 'accepted');
	const ids = house.postbox.attempts.map((attempt) => attempt.id);
	assert.ok(ids.length >= 3);
	assert.equal(new Set(ids).size, 1, 'one Message-ID over all tries');
	assert.equal(new Set(house.postbox.attempts.map((attempt) => attempt.mail.date.getTime())).size, 1, 'one date');
	assert.equal(house.postbox.letters.length, 1);
	expect(await house.verify(email, letter.code), 200);
});

const ours = [
	{ where: 'login', code: 535, says: 'our login is refused' },
	{ where: 'sender', code: 421, says: 'the server closes at our sender' },
	{ where: 'sender', code: 550, says: 'our sender is refused' },
	{ where: 'recipient', code: 450, says: 'the recipient\'s box is busy' },
	{ where: 'content', code: 421, says: 'the server closes behind the content' },
];
for (const { where, code, says } of ours)
	story(`${says} (${code}): tried again until it goes`, async (t) => {
		const login = { user: 'kycd', pass: 'p%40ss' };
		const port = await freePort();
		const house = await House.open(t, { postbox: { port, login: { ...login, pass: 'p@ss' } }, settings: { KYCD_SMTP_URL: `smtp://${login.user}:${login.pass}@127.0.0.1:${port}` } });
		const email = somebody();
		house.postbox.refuse[where] = code;
		expect(await house.prepare(email), 201);
		expect(await house.send(email), 201);
		await fate(house, email, 'deferred');
		assert.ok(house.postbox.refusals.length >= 1);
		if (where === 'login') await house.server.logged(/result=relay_down reason=535 .*action="the mail server refuses the login: check user and password in KYCD_SMTP_URL"$/m);
		assert.ok(!house.server.log.includes('p@ss') && !house.server.log.includes('p%40ss'), 'the password is in no log');
		house.postbox.refuse = {};
		expect(await house.verify(email, (await house.postbox.letterTo(email)).code), 200);
	});

const theirs = [
	{ where: 'recipient', code: 550 },
	{ where: 'recipient', code: 553 },
	{ where: 'content', code: 554 },
];
story('a recipient or a letter that is refused for good is not tried again', async (t) => {
	const house = await House.open(t);
	const refused = [];
	for (const { where, code } of theirs) {
		const email = somebody();
		house.postbox.refuse = { [where]: code };
		expect(await house.prepare(email), 201);
		expect(await house.send(email), 201);
		await fate(house, email, 'refused');
		refused.push(email);
	}
	assert.equal(house.postbox.refusals.length, theirs.length);
	house.postbox.refuse = {};
	// A letter that is deferred now and goes out at its second try was due later than any retry of those.
	const later = somebody();
	house.postbox.refuse = { content: 451 };
	expect(await house.prepare(later), 201);
	expect(await house.send(later), 201);
	await house.postbox.attemptTo(later, 2);
	house.postbox.refuse = {};
	await house.postbox.letterTo(later);
	for (const email of refused) {
		assert.equal(await lastCode(house, email), 'refused');
		assert.deepEqual(house.postbox.lettersTo(email), []);
	}
	assert.equal(house.postbox.letters.length, 1);
	// A person whose box is back is written to again.
	expect(await house.send(refused[0]), 201);
	await house.postbox.letterTo(refused[0]);
});

story('a code that was replaced, used or has run out is never sent', async (t) => {
	const house = await House.open(t, { settings: { KYCD_OTP_TTL: 4 } });
	const [replaced, used, late] = [somebody('replaced'), somebody('used'), somebody('late')];
	house.postbox.refuse.content = 451;
	for (const email of [late, replaced, used]) {
		expect(await house.prepare(email), 201);
		expect(await house.send(email), 201);
		await house.postbox.attemptTo(email);
	}
	// The letters were seen, though they were not taken: the code of one is used.
	expect(await house.verify(used, (await house.postbox.attemptTo(used)).code), 200);
	await until('the late one to have run out', async () => (await house.verify(late, '000000')).word === 'otp_expired');
	await fate(house, late, 'dropped');
	const first = (await house.postbox.attemptTo(replaced)).id;
	expect(await house.send(replaced), 201);
	// What was in hand while it was replaced is refused still.
	await until('the new letter to be tried', () => house.postbox.attempts.some(({ to, id }) => to[0] === replaced && id !== first));
	house.postbox.refuse = {};
	const letter = await house.postbox.letterTo(replaced);
	assert.notEqual(letter.id, first);
	expect(await house.verify(replaced, letter.code), 200);
	await until('no letter to wait', async () => !/^kycd_outbox_oldest_seconds [1-9]/m.test(await house.server.metrics()));
	// Whatever waited is gone: a letter that comes now comes alone.
	const last = somebody();
	await house.coded(last);
	assert.deepEqual(house.postbox.letters.map(({ to }) => to[0]), [replaced, last]);
});

story('letters outlive a power cut: the mail server is away, we fall, both come back', async (t) => {
	const house = await House.open(t);
	const people = [somebody(), somebody(), somebody()];
	await house.postbox.close();
	for (const email of people) {
		expect(await house.prepare(email), 201);
		expect(await house.send(email), 201);
	}
	await house.server.restart();
	await fate(house, people[0], 'deferred');
	await house.postbox.open();
	house.postbox.refuse.content = 451;
	for (const email of people) await house.postbox.attemptTo(email, 1, TAKEN_OVER);
	await house.server.restart();
	house.postbox.refuse = {};
	for (const email of people) {
		const letter = await house.postbox.letterTo(email, 1, TAKEN_OVER + 5_000);
		await fate(house, email, 'accepted');
		assert.equal(house.postbox.lettersTo(email).length, 1, 'once');
		assert.equal(new Set(house.postbox.attempts.filter(({ to }) => to.includes(email)).map(({ id }) => id)).size, 1, 'one Message-ID over tries and falls');
		expect(await house.verify(email, letter.code), 200);
	}
});

story('we fall while a letter is being handed over: it goes again, as the same letter', async (t) => {
	const house = await House.open(t);
	const email = somebody();
	house.postbox.silent = true;
	expect(await house.prepare(email), 201);
	expect(await house.send(email), 201);
	const first = await house.postbox.attemptTo(email);
	await house.server.kill();
	house.postbox.silent = false;
	await house.server.start();
	const letter = await house.postbox.letterTo(email, 1, TAKEN_OVER);
	assert.equal(letter.id, first.id);
	assert.equal(letter.code, first.code);
	await fate(house, email, 'accepted');
	assert.equal(house.postbox.letters.length, 1);
});

story('a slow mail server holds up nobody', async (t) => {
	const house = await House.open(t, { postbox: { closed: true, port: await freePort() } });
	const silent = net.createServer(() => {}); // takes the connection and says nothing
	const sockets = new Set();
	silent.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
	await new Promise((resolve) => silent.listen(house.postbox.port, '127.0.0.1', resolve));
	t.after(() => {
		for (const socket of sockets) socket.destroy();
		silent.close();
	});
	for (let i = 0; i < 6; i++) {
		const email = somebody();
		expect(await house.prepare(email), 201);
		const answer = expect(await house.send(email), 201);
		assert.ok(answer.ms < 2_000, `${answer.ms} ms`);
		assert.equal(await lastCode(house, email), 'queued');
	}
	for (const socket of sockets) socket.destroy();
	silent.close();
});

test('letters that do not go at once', { concurrency: 4 }, async (t) => {
	await Promise.all(stories.map(({ name, act }) => t.test(name, act)));
});
