// E-mails with a code: their content, when they are sent, when they are retried, and when they are dropped.
import assert from 'node:assert/strict';
import net from 'node:net';
import test from 'node:test';
import { TAKEOVER_LIMIT_MS } from './lib/database.mjs';
import { App, expect, newEmail } from './lib/app.mjs';
import { MailServer } from './lib/mail_server.mjs';
import { freePort } from './lib/http.mjs';
import { median, until } from './lib/wait.mjs';

/** The delivery state of the last code e-mail, as the status endpoint reports it. */
async function lastCode(app, email) {
	return expect(await app.status(email), 404, 'kyc_not_found').json.details.last_code;
}

const waitForLastCode = (app, email, state, limit) => until(`last_code to be ${state}`, async () => (await lastCode(app, email)) === state, limit);

/** Asserts that the text has no other run of six or more digits than the code, so that phones that detect codes find the right one. */
function assertNoOtherNumber(text, code, where) {
	for (const run of text.match(/\d{6,}/g) ?? []) assert.equal(run, code, `${run} in ${where}`);
}

test('a code e-mail has the required headers, texts and no links', async (t) => {
	const app = await App.open(t, { tenant: null, settings: { KYCD_MAIL_REPLY_TO: 'help@kycd.example' } });
	app.key = await app.addTenant('shop', '--display-name', 'Ana & Söhne <Shop>');
	const email = newEmail();
	const before = new Date();
	const code = await app.requestCode(email);
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
	assert.ok(times.some((time) => mail.subject.includes(time)), `the time ${times[0]} is in the subject: ${mail.subject}`);
	assert.ok(!mail.subject.includes(code), 'the code is not in the subject, which a locked screen shows');
	assert.equal(mail.headers.get('auto-submitted'), 'auto-generated');
	assert.ok(Math.abs(mail.date - before) < 60_000);
	assert.match(mail.messageId, /^<[^\s@<>]+@[^\s@<>]+>$/);
	assert.equal(mail.headers.get('content-type').value, 'multipart/alternative');
	assert.equal((raw.match(/^content-type: text\/(plain|html)/gim) ?? []).length, 2);
	for (const [where, text] of [['the text part', mail.text], ['the HTML part', mail.html]]) {
		assert.ok(text.includes(code), where);
		assert.match(text, /10 minutes/, `the validity of the code is in ${where}`);
		assert.match(text, /If you did not request this/, where);
		assertNoOtherNumber(text.replace(/<[^>]*>/g, ' '), code, where);
	}
	assert.ok(mail.text.startsWith(code), 'the first words are the code');
	assert.match(mail.html.replace(/<(head|style)[\s\S]*?<\/\1>/g, '').replace(/<[^>]*>/g, '').trim(), new RegExp(`^${code}`));
	assert.ok(mail.html.includes('Ana &amp; Söhne &lt;Shop&gt;') && !mail.html.includes('<Shop>'), 'the display name is escaped');
	assert.doesNotMatch(mail.html, /<(script|img|link|a)\b|https?:/i, 'no external content and no links');
	assertNoOtherNumber(raw, code, 'the whole message');
	assert.ok(raw.split('\r\n').every((line) => line.length <= 998));
	assert.doesNotMatch(head, /^(bcc|cc):/im);
	assert.ok(!head.replace(/^to:.*$/im, '').includes(email));
});

test('many e-mails: different codes, own Message-IDs, and no other number of six digits', async (t) => {
	const app = await App.open(t);
	const seen = new Set();
	for (let i = 0; i < 40; i++) {
		const email = newEmail();
		const code = await app.requestCode(email);
		assertNoOtherNumber((await app.mailServer.messageTo(email)).raw, code, 'a message');
		seen.add(code);
	}
	assert.ok(seen.size >= 38, `${seen.size} different codes of 40`);
	assert.equal(new Set(app.mailServer.messages.map((message) => message.id)).size, 40, 'each message has a Message-ID of its own');
});

test('the median time until the mail server has the e-mail is below 200 ms', async (t) => {
	const app = await App.open(t);
	const durations = [];
	for (let i = 0; i < 25; i++) {
		const email = newEmail();
		await app.prepare(email);
		const requestedAt = performance.now();
		expect(await app.send(email), 201);
		durations.push((await app.mailServer.messageTo(email)).at - requestedAt);
	}
	assert.ok(median(durations) < 200, `median ${median(durations).toFixed(1)} ms`);
	t.diagnostic(`median ${median(durations).toFixed(1)} ms, slowest ${Math.max(...durations).toFixed(1)} ms`);
});

test('a display name cannot inject e-mail headers', async (t) => {
	const app = await App.open(t);
	const invalidNames = ['A\r\nBcc: thief@evil.example', 'A\nSubject: x', 'A\rB', 'A\0B', '\u2028', ' ', 'x'.repeat(41), '\u202eevil'];
	for (const [i, name] of invalidNames.entries()) {
		// A command-line argument cannot contain NUL.
		if (name.includes('\0')) continue;
		await assert.rejects(app.server.run('tenant', 'add', `evil-${i}`, '--display-name', name), undefined, JSON.stringify(name));
	}
	const unusualNames = ['"Bob" <thief@evil.example>,', '=?utf-8?B?QmNjOiB4QHkuZXhhbXBsZQ==?=', 'a=\\r\\nBcc: x', '漢字'.repeat(20), '{code} {brand} %s %n'];
	for (const [i, name] of unusualNames.entries()) {
		const key = await app.addTenant(`strange-${i}`, '--display-name', name);
		const email = newEmail();
		const code = await app.requestCode(email, { key });
		const { mail, raw, to } = await app.mailServer.messageTo(email);
		assert.ok(mail.subject.includes(name), `${name} in ${mail.subject}`);
		assert.deepEqual(to, [email]);
		assert.doesNotMatch(raw.slice(0, raw.indexOf('\r\n\r\n')), /^(bcc|cc|sender):/im);
		assert.deepEqual(mail.from.value.map((from) => from.address), ['no-reply@kycd.example']);
		assert.ok(mail.text.startsWith(code));
	}
});

// The following tests wait for retries, so they run concurrently as sub-tests of one test.
const retryTests = [];
const retryTest = (name, run) => retryTests.push({ name, run });

retryTest('a temporary refusal of the content is retried with the same Message-ID and delivered once', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	app.mailServer.refuse.content = 451;
	expect(await app.prepare(email), 201);
	expect(await app.send(email), 201);
	await app.mailServer.attemptTo(email, 1);
	await waitForLastCode(app, email, 'deferred');
	await app.mailServer.attemptTo(email, 2);
	app.mailServer.refuse = {};
	const message = await app.mailServer.messageTo(email);
	await waitForLastCode(app, email, 'accepted');
	const ids = app.mailServer.attempts.map((attempt) => attempt.id);
	assert.ok(ids.length >= 3);
	assert.equal(new Set(ids).size, 1, 'one Message-ID in all attempts');
	assert.equal(new Set(app.mailServer.attempts.map((attempt) => attempt.mail.date.getTime())).size, 1, 'one date in all attempts');
	assert.equal(app.mailServer.messages.length, 1);
	expect(await app.verify(email, message.code), 200);
});

const temporaryRefusals = [
	{ where: 'login', code: 535, name: 'the login is refused' },
	{ where: 'sender', code: 421, name: 'the server closes the connection at the sender' },
	{ where: 'sender', code: 550, name: 'the sender is refused' },
	{ where: 'recipient', code: 450, name: 'the mailbox of the recipient is busy' },
	{ where: 'content', code: 421, name: 'the server closes the connection after the content' },
];
for (const { where, code, name } of temporaryRefusals)
	retryTest(`${name} (${code}): the e-mail is retried until it is accepted`, async (t) => {
		const login = { user: 'kycd', pass: 'p%40ss' };
		const port = await freePort();
		const app = await App.open(t, { mailServer: { port, login: { ...login, pass: 'p@ss' } }, settings: { KYCD_SMTP_URL: `smtp://${login.user}:${login.pass}@127.0.0.1:${port}` } });
		const email = newEmail();
		app.mailServer.refuse[where] = code;
		expect(await app.prepare(email), 201);
		expect(await app.send(email), 201);
		await waitForLastCode(app, email, 'deferred');
		assert.ok(app.mailServer.refusals.length >= 1);
		if (where === 'login') await app.server.waitForLog(/result=relay_down reason=535 .*action="the mail server refuses the login: check user and password in KYCD_SMTP_URL"$/m);
		assert.ok(!app.server.log.includes('p@ss') && !app.server.log.includes('p%40ss'), 'the password is not in the log');
		app.mailServer.refuse = {};
		expect(await app.verify(email, (await app.mailServer.messageTo(email)).code), 200);
	});

const permanentRefusals = [
	{ where: 'recipient', code: 550 },
	{ where: 'recipient', code: 553 },
	{ where: 'content', code: 554 },
];
retryTest('a permanent refusal of the recipient or the content is not retried', async (t) => {
	const app = await App.open(t);
	const refused = [];
	for (const { where, code } of permanentRefusals) {
		const email = newEmail();
		app.mailServer.refuse = { [where]: code };
		expect(await app.prepare(email), 201);
		expect(await app.send(email), 201);
		await waitForLastCode(app, email, 'refused');
		refused.push(email);
	}
	assert.equal(app.mailServer.refusals.length, permanentRefusals.length);
	app.mailServer.refuse = {};
	// This e-mail is deferred now and sent at its second attempt. Any retry of the refused e-mails would be earlier.
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
	// The person whose e-mail was refused can request a new code, which is sent.
	expect(await app.send(refused[0]), 201);
	await app.mailServer.messageTo(refused[0]);
});

retryTest('a code that was replaced, used or expired is never sent', async (t) => {
	const app = await App.open(t, { settings: { KYCD_OTP_TTL: 4 } });
	const [replaced, used, late] = [newEmail('replaced'), newEmail('used'), newEmail('late')];
	app.mailServer.refuse.content = 451;
	for (const email of [late, replaced, used]) {
		expect(await app.prepare(email), 201);
		expect(await app.send(email), 201);
		await app.mailServer.attemptTo(email);
	}
	// The mail server received the e-mails although it refused them, so the test can use one of the codes.
	expect(await app.verify(used, (await app.mailServer.attemptTo(used)).code), 200);
	await until('the code of the third person to expire', async () => (await app.verify(late, '000000')).word === 'otp_expired');
	await waitForLastCode(app, late, 'dropped');
	const first = (await app.mailServer.attemptTo(replaced)).id;
	expect(await app.send(replaced), 201);
	// The server refuses until the new e-mail is attempted, so that an attempt to send the replaced code would fail too.
	await until('an attempt to send the new e-mail', () => app.mailServer.attempts.some(({ to, id }) => to[0] === replaced && id !== first));
	app.mailServer.refuse = {};
	const message = await app.mailServer.messageTo(replaced);
	assert.notEqual(message.id, first);
	expect(await app.verify(replaced, message.code), 200);
	await until('the outbox to be empty', async () => !/^kycd_outbox_oldest_seconds [1-9]/m.test(await app.server.metrics()));
	// No other e-mail is waiting: only the next one arrives.
	const last = newEmail();
	await app.requestCode(last);
	assert.deepEqual(app.mailServer.messages.map(({ to }) => to[0]), [replaced, last]);
});

retryTest('queued e-mails are delivered once after restarts of kycd while the mail server is down or refuses', async (t) => {
	const app = await App.open(t);
	const people = [newEmail(), newEmail(), newEmail()];
	await app.mailServer.close();
	for (const email of people) {
		expect(await app.prepare(email), 201);
		expect(await app.send(email), 201);
	}
	await app.server.restart();
	await waitForLastCode(app, people[0], 'deferred');
	await app.mailServer.open();
	app.mailServer.refuse.content = 451;
	for (const email of people) await app.mailServer.attemptTo(email, 1, TAKEOVER_LIMIT_MS);
	await app.server.restart();
	app.mailServer.refuse = {};
	for (const email of people) {
		const message = await app.mailServer.messageTo(email, 1, TAKEOVER_LIMIT_MS + 5_000);
		await waitForLastCode(app, email, 'accepted');
		assert.equal(app.mailServer.messagesTo(email).length, 1, 'delivered once');
		assert.equal(new Set(app.mailServer.attempts.filter(({ to }) => to.includes(email)).map(({ id }) => id)).size, 1, 'one Message-ID in all attempts, across restarts');
		expect(await app.verify(email, message.code), 200);
	}
});

retryTest('an e-mail that was being sent when kycd was killed is sent again with the same Message-ID', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	app.mailServer.ignoresContent = true;
	expect(await app.prepare(email), 201);
	expect(await app.send(email), 201);
	const first = await app.mailServer.attemptTo(email);
	await app.server.kill();
	app.mailServer.ignoresContent = false;
	await app.server.start();
	const message = await app.mailServer.messageTo(email, 1, TAKEOVER_LIMIT_MS);
	assert.equal(message.id, first.id);
	assert.equal(message.code, first.code);
	await waitForLastCode(app, email, 'accepted');
	assert.equal(app.mailServer.messages.length, 1);
});

retryTest('a mail server that does not answer does not delay requests', async (t) => {
	const app = await App.open(t, { mailServer: { closed: true, port: await freePort() } });
	const silent = net.createServer(() => {}); // accepts connections and never answers
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

test('e-mails that are not delivered at the first attempt', { concurrency: 4 }, async (t) => {
	await Promise.all(retryTests.map(({ name, run }) => t.test(name, run)));
});
