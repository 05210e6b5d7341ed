// Letters with the code: what stands in them, when they go out, when they are tried again, and when they never go.
import assert from 'node:assert/strict';
import net from 'node:net';
import test from 'node:test';
import { TAKEN_OVER } from './lib/database.mjs';
import { App, expect, newEmail } from './lib/app.mjs';
import { MailServer } from './lib/mail_server.mjs';
import { freePort } from './lib/http.mjs';
import { median, until } from './lib/wait.mjs';

/** What became of the last message, as the integrator is told. */
async function lastCode(app, email) {
	return expect(await app.status(email), 404, 'kyc_not_found').json.details.last_code;
}

const fate = (app, email, word, limit) => until(`last_code to be ${word}`, async () => (await lastCode(app, email)) === word, limit);

/** No run of six digits anywhere but the code: a phone that looks for a code must find the right one. */
function onlyCode(text, code, where) {
	for (const run of text.match(/\d{6,}/g) ?? []) assert.equal(run, code, `${run} in ${where}`);
}

test('what stands in a message', async (t) => {
	const app = await App.open(t, { tenant: null, settings: { KYCD_MAIL_REPLY_TO: 'help@kycd.example' } });
	app.key = await app.addTenant('shop', '--display-name', 'Ana & Söhne <Shop>');
	const email = newEmail();
	const before = new Date();
	const code = await app.coded(email);
	const message = await app.mailServer.messageTo(email);
	const { mail, raw } = message;
	const head = raw.slice(0, raw.indexOf('\r\n\r\n'));

	assert.match(code, /^\d{6}$/);
	assert.deepEqual([message.from, message.to], ['no-reply@kycd.example', [email]]);
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
	onlyCode(raw, code, 'the whole message');
	assert.ok(raw.split('\r\n').every((line) => line.length <= 998));
	assert.doesNotMatch(head, /^(bcc|cc):/im);
	assert.ok(!head.replace(/^to:.*$/im, '').includes(email));
});

test('no other number of six digits in any of many messages', async (t) => {
	const app = await App.open(t);
	const seen = new Set();
	for (let i = 0; i < 40; i++) {
		const email = newEmail();
		const code = await app.coded(email);
		onlyCode((await app.mailServer.messageTo(email)).raw, code, 'a message');
		seen.add(code);
	}
	assert.ok(seen.size >= 38, `${seen.size} different codes of 40`);
	assert.equal(new Set(app.mailServer.messages.map((message) => message.id)).size, 40, 'each message has a Message-ID of its own');
});

test('a message is handed over within 200 ms', async (t) => {
	const app = await App.open(t);
	const took = [];
	for (let i = 0; i < 25; i++) {
		const email = newEmail();
		await app.prepare(email);
		const asked = performance.now();
		expect(await app.send(email), 201);
		took.push((await app.mailServer.messageTo(email)).at - asked);
	}
	assert.ok(median(took) < 200, `median ${median(took).toFixed(1)} ms`);
	t.diagnostic(`median ${median(took).toFixed(1)} ms, slowest ${Math.max(...took).toFixed(1)} ms`);
});

test('names cannot put anything into a message\'s head', async (t) => {
	const app = await App.open(t);
	const evil = ['A\r\nBcc: thief@evil.example', 'A\nSubject: x', 'A\rB', 'A\0B', '\u2028', ' ', 'x'.repeat(41), '\u202eevil'];
	for (const [i, name] of evil.entries()) {
		if (name.includes('\0')) continue; // no command line can hold it
		await assert.rejects(app.server.run('tenant', 'add', `evil-${i}`, '--display-name', name), undefined, JSON.stringify(name));
	}
	const strange = ['"Bob" <thief@evil.example>,', '=?utf-8?B?QmNjOiB4QHkuZXhhbXBsZQ==?=', 'a=\\r\\nBcc: x', '漢字'.repeat(20), '{code} {brand} %s %n'];
	for (const [i, name] of strange.entries()) {
		const key = await app.addTenant(`strange-${i}`, '--display-name', name);
		const email = newEmail();
		const code = await app.coded(email, { key });
		const { mail, raw, to } = await app.mailServer.messageTo(email);
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
	const app = await App.open(t);
	const email = newEmail();
	app.mailServer.refuse.content = 451;
	expect(await app.prepare(email), 201);
	expect(await app.send(email), 201);
	await app.mailServer.attemptTo(email, 1);
	await fate(app, email, 'deferred');
	await app.mailServer.attemptTo(email, 2);
	app.mailServer.refuse = {};
	const message = await app.mailServer.messageTo(email);
	await fate(app, email, 'accepted');
	const ids = app.mailServer.attempts.map((attempt) => attempt.id);
	assert.ok(ids.length >= 3);
	assert.equal(new Set(ids).size, 1, 'one Message-ID over all tries');
	assert.equal(new Set(app.mailServer.attempts.map((attempt) => attempt.mail.date.getTime())).size, 1, 'one date');
	assert.equal(app.mailServer.messages.length, 1);
	expect(await app.verify(email, message.code), 200);
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
		const app = await App.open(t, { mailServer: { port, login: { ...login, pass: 'p@ss' } }, settings: { KYCD_SMTP_URL: `smtp://${login.user}:${login.pass}@127.0.0.1:${port}` } });
		const email = newEmail();
		app.mailServer.refuse[where] = code;
		expect(await app.prepare(email), 201);
		expect(await app.send(email), 201);
		await fate(app, email, 'deferred');
		assert.ok(app.mailServer.refusals.length >= 1);
		if (where === 'login') await app.server.logged(/result=relay_down reason=535 .*action="the mail server refuses the login: check user and password in KYCD_SMTP_URL"$/m);
		assert.ok(!app.server.log.includes('p@ss') && !app.server.log.includes('p%40ss'), 'the password is in no log');
		app.mailServer.refuse = {};
		expect(await app.verify(email, (await app.mailServer.messageTo(email)).code), 200);
	});

const theirs = [
	{ where: 'recipient', code: 550 },
	{ where: 'recipient', code: 553 },
	{ where: 'content', code: 554 },
];
story('a recipient or a message that is refused for good is not tried again', async (t) => {
	const app = await App.open(t);
	const refused = [];
	for (const { where, code } of theirs) {
		const email = newEmail();
		app.mailServer.refuse = { [where]: code };
		expect(await app.prepare(email), 201);
		expect(await app.send(email), 201);
		await fate(app, email, 'refused');
		refused.push(email);
	}
	assert.equal(app.mailServer.refusals.length, theirs.length);
	app.mailServer.refuse = {};
	// A message that is deferred now and goes out at its second try was due later than any retry of those.
	const later = newEmail();
	app.mailServer.refuse = { content: 451 };
	expect(await app.prepare(later), 201);
	expect(await app.send(later), 201);
	await app.mailServer.attemptTo(later, 2);
	app.mailServer.refuse = {};
	await app.mailServer.messageTo(later);
	for (const email of refused) {
		assert.equal(await lastCode(app, email), 'refused');
		assert.deepEqual(app.mailServer.messagesTo(email), []);
	}
	assert.equal(app.mailServer.messages.length, 1);
	// A person whose box is back is written to again.
	expect(await app.send(refused[0]), 201);
	await app.mailServer.messageTo(refused[0]);
});

story('a code that was replaced, used or has run out is never sent', async (t) => {
	const app = await App.open(t, { settings: { KYCD_OTP_TTL: 4 } });
	const [replaced, used, late] = [newEmail('replaced'), newEmail('used'), newEmail('late')];
	app.mailServer.refuse.content = 451;
	for (const email of [late, replaced, used]) {
		expect(await app.prepare(email), 201);
		expect(await app.send(email), 201);
		await app.mailServer.attemptTo(email);
	}
	// The messages were seen, though they were not taken: the code of one is used.
	expect(await app.verify(used, (await app.mailServer.attemptTo(used)).code), 200);
	await until('the late one to have run out', async () => (await app.verify(late, '000000')).word === 'otp_expired');
	await fate(app, late, 'dropped');
	const first = (await app.mailServer.attemptTo(replaced)).id;
	expect(await app.send(replaced), 201);
	// What was in hand while it was replaced is refused still.
	await until('the new message to be tried', () => app.mailServer.attempts.some(({ to, id }) => to[0] === replaced && id !== first));
	app.mailServer.refuse = {};
	const message = await app.mailServer.messageTo(replaced);
	assert.notEqual(message.id, first);
	expect(await app.verify(replaced, message.code), 200);
	await until('no message to wait', async () => !/^kycd_outbox_oldest_seconds [1-9]/m.test(await app.server.metrics()));
	// Whatever waited is gone: a message that comes now comes alone.
	const last = newEmail();
	await app.coded(last);
	assert.deepEqual(app.mailServer.messages.map(({ to }) => to[0]), [replaced, last]);
});

story('messages outlive a power cut: the mail server is away, we fall, both come back', async (t) => {
	const app = await App.open(t);
	const people = [newEmail(), newEmail(), newEmail()];
	await app.mailServer.close();
	for (const email of people) {
		expect(await app.prepare(email), 201);
		expect(await app.send(email), 201);
	}
	await app.server.restart();
	await fate(app, people[0], 'deferred');
	await app.mailServer.open();
	app.mailServer.refuse.content = 451;
	for (const email of people) await app.mailServer.attemptTo(email, 1, TAKEN_OVER);
	await app.server.restart();
	app.mailServer.refuse = {};
	for (const email of people) {
		const message = await app.mailServer.messageTo(email, 1, TAKEN_OVER + 5_000);
		await fate(app, email, 'accepted');
		assert.equal(app.mailServer.messagesTo(email).length, 1, 'once');
		assert.equal(new Set(app.mailServer.attempts.filter(({ to }) => to.includes(email)).map(({ id }) => id)).size, 1, 'one Message-ID over tries and falls');
		expect(await app.verify(email, message.code), 200);
	}
});

story('we fall while a message is being handed over: it goes again, as the same message', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	app.mailServer.silent = true;
	expect(await app.prepare(email), 201);
	expect(await app.send(email), 201);
	const first = await app.mailServer.attemptTo(email);
	await app.server.kill();
	app.mailServer.silent = false;
	await app.server.start();
	const message = await app.mailServer.messageTo(email, 1, TAKEN_OVER);
	assert.equal(message.id, first.id);
	assert.equal(message.code, first.code);
	await fate(app, email, 'accepted');
	assert.equal(app.mailServer.messages.length, 1);
});

story('a slow mail server holds up nobody', async (t) => {
	const app = await App.open(t, { mailServer: { closed: true, port: await freePort() } });
	const silent = net.createServer(() => {}); // takes the connection and says nothing
	const sockets = new Set();
	silent.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
	await new Promise((resolve) => silent.listen(app.mailServer.port, '127.0.0.1', resolve));
	t.after(() => {
		for (const socket of sockets) socket.destroy();
		silent.close();
	});
	for (let i = 0; i < 6; i++) {
		const email = newEmail();
		expect(await app.prepare(email), 201);
		const answer = expect(await app.send(email), 201);
		assert.ok(answer.ms < 2_000, `${answer.ms} ms`);
		assert.equal(await lastCode(app, email), 'queued');
	}
	for (const socket of sockets) socket.destroy();
	silent.close();
});

test('messages that do not go at once', { concurrency: 4 }, async (t) => {
	await Promise.all(stories.map(({ name, act }) => t.test(name, act)));
});
