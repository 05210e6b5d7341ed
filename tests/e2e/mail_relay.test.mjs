// Letters and the mail servers there are: slow, away, greylisting, without TLS, with a bad certificate, rude, endless.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { ON_POSTGRES, TAKEN_OVER } from './lib/database.mjs';
import { freePort } from './lib/http.mjs';
import { App, expect, newEmail } from './lib/app.mjs';
import { RawSmtpServer } from './lib/raw_smtp_server.mjs';
import { until } from './lib/wait.mjs';

/** What became of the last message, as the integrator is told. */
async function lastCode(app, email) {
	return expect(await app.status(email), 404, 'kyc_not_found').json.details.last_code;
}

const fate = (app, email, word, limit) => until(`last_code to be ${word}`, async () => (await lastCode(app, email)) === word, limit);

/** Prepared, and a code promised. */
async function asked(app, email) {
	expect(await app.prepare(email), [200, 201]);
	expect(await app.send(email), 201, 'otp_sent');
	return email;
}

/** The one line that tells an operator why messages are stuck, and what to do; nobody's name stands in it. */
async function stuckLine(app, why, ...secrets) {
	const line = await app.server.logged(new RegExp(`^.* event=mail_failed .*result=relay_down reason=${why} .*$`, 'm'));
	assert.match(line, / action="[^"]{30,}"$/);
	for (const secret of ['@', 'example', ...secrets]) assert.ok(!app.server.log.includes(`${secret}.com`) && !line.includes(secret), `${secret} in: ${line}`);
	return line;
}

/** A app whose messages go to a relay that behaves as it is told. `url` has PORT in it. */
async function badHouse(t, answers, { url = 'smtp://127.0.0.1:PORT', settings = {} } = {}) {
	const relay = await new RawSmtpServer(answers).open();
	t.after(() => relay.close());
	const app = await App.open(t, { mailServer: { closed: true }, settings: { KYCD_SMTP_URL: url.replace('PORT', relay.port), ...settings } });
	return { app, relay };
}

const stories = [];
const story = (name, act) => stories.push({ name, act });

story('a server that takes long over three recipients: newEmail else has a message meanwhile', async (t) => {
	const app = await App.open(t);
	const slow = [newEmail('slow'), newEmail('slow'), newEmail('slow')];
	for (const email of slow) {
		app.mailServer.stalled.add(email);
		await asked(app, email);
	}
	await until('three messages in their hands', () => app.mailServer.stalls >= 3);
	for (let i = 0; i < 5; i++) {
		const email = newEmail('quick');
		const began = performance.now();
		await asked(app, email);
		assert.ok((await app.mailServer.messageTo(email)).at - began < 2_000);
	}
	for (const email of slow) assert.equal(await lastCode(app, email), 'queued');
	app.mailServer.stalled.clear();
	await app.mailServer.hangUp();
	for (const email of slow) {
		await app.mailServer.messageTo(email);
		await fate(app, email, 'accepted');
	}
	assert.equal(app.mailServer.messages.length, 8);
});

story('the power goes with six messages in flight: after the start they go at once, each once', async (t) => {
	const app = await App.open(t);
	const people = Array.from({ length: 6 }, () => newEmail());
	app.mailServer.silent = true;
	for (const email of people) await asked(app, email);
	for (const email of people) await app.mailServer.attemptTo(email);
	await app.server.kill();
	app.mailServer.silent = false;
	await app.server.start();
	const began = performance.now();
	for (const email of people) {
		const message = await app.mailServer.messageTo(email, 1, TAKEN_OVER);
		assert.ok(ON_POSTGRES || message.at - began < 5_000, 'nobody waited for the end of a lease');
		assert.equal(message.id, (await app.mailServer.attemptTo(email)).id);
		await fate(app, email, 'accepted');
	}
	assert.equal(app.mailServer.messages.length, people.length);
});

const advance = (app, seconds) => app.post('/sandbox/clock/advance', { seconds }).then((answer) => expect(answer, 200));
const delivered = (app, email) => app.mailServer.messagesTo(email).length;

story('a server that is away for five minutes: no dead code comes, a live one comes once, and meanwhile nothing is promised', async (t) => {
	const app = await App.open(t, { args: ['--dev'] });
	const [live, replaced, used, late, early] = ['live', 'replaced', 'used', 'late', 'early'].map((name) => newEmail(name));
	app.mailServer.refuse.content = 451;
	await asked(app, late);
	await fate(app, late, 'deferred');
	await advance(app, 400);
	for (const email of [used, replaced, live]) {
		await asked(app, email);
		await fate(app, email, 'deferred');
	}
	expect(await app.verify(used, (await app.mailServer.attemptTo(used)).code), 200);
	const first = (await app.mailServer.attemptTo(replaced)).id;
	await app.mailServer.close();
	await asked(app, replaced);
	await app.server.logged(/result=relay_down reason=connect /);

	// 59 s are no minute, and what was tried before the server went away was deferred, not stuck.
	expect(await app.prepare(early), 201);
	await advance(app, 61);
	const refused = await until('no promise any more', async () => {
		const answer = await app.send(early);
		return answer.http === 500 && answer;
	});
	assert.equal(refused.word, 'server_error');
	assert.equal(refused.json.message, 'Server failed, try again later');
	assert.match(await app.server.logged(/^.* event=mail_down .*$/m), / action="[^"]{30,}"$/);
	assert.equal(await lastCode(app, early), null, 'nothing is queued for who was answered 500');
	for (let i = 0; i < 4; i++) {
		await advance(app, 60);
		for (let k = 0; k < 5; k++) expect(await app.send(early), 500, 'server_error');
	}
	await fate(app, late, 'dropped');
	await fate(app, used, 'dropped').catch(async () => assert.equal((await app.status(used)).json.details.email_verified, true));
	assert.equal(await lastCode(app, live), 'deferred');

	app.mailServer.refuse = {};
	await app.mailServer.open();
	await until('a promise again', async () => (await app.send(early)).http === 201, 20_000);
	await app.server.logged(/ event=mail_recovered/);
	await app.mailServer.messageTo(early);
	// Their next tries were minutes away: they go at once all the same.
	for (const email of [live, replaced]) await app.mailServer.messageTo(email);
	for (const email of [live, replaced, early]) {
		await fate(app, email, 'accepted');
		assert.equal(delivered(app, email), 1);
		expect(await app.verify(email, app.mailServer.messagesTo(email)[0].code), 200);
	}
	assert.notEqual(app.mailServer.messagesTo(replaced)[0].id, first);
	assert.equal(await lastCode(app, late), 'dropped');
	assert.equal(app.mailServer.messages.length, 3, 'and no message for a dead code');
});

const minute = [
	{ where: 'login', code: 535, promised: false },
	{ where: 'sender', code: 550, promised: false },
	{ where: 'recipient', code: 550, promised: true },
	{ where: 'recipient', code: 450, promised: true },
	{ where: 'content', code: 451, promised: true },
];
for (const { where, code, promised } of minute)
	story(`more than a minute of ${code} at the ${where}: ${promised ? 'no trouble of ours' : 'nothing is promised, until it is mended'}`, async (t) => {
		const login = { user: 'kycd', pass: 'secret-word' };
		const port = await freePort();
		const app = await App.open(t, { args: ['--dev'], mailServer: { port, login }, settings: { KYCD_SMTP_URL: `smtp://kycd:secret-word@127.0.0.1:${port}` } });
		const [first, second] = [newEmail(), newEmail()];
		app.mailServer.refuse[where] = code;
		const began = performance.now();
		await asked(app, first);
		await until('a refusal', () => app.mailServer.refusals.length > 0);
		await fate(app, first, code === 550 && promised ? 'refused' : 'deferred');
		expect(await app.prepare(second), 201);
		// The program's clock goes on by itself meanwhile: 59 s at most since the first refusal, then 64 at least.
		const passed = Math.ceil((performance.now() - began) / 1000);
		await advance(app, 59 - passed);
		expect(await app.send(second), 201, 'otp_sent');
		await advance(app, 5 + passed);
		const refusals = app.mailServer.refusals.length;
		await until('one more', () => app.mailServer.refusals.length > refusals || (code === 550 && promised));
		expect(await app.send(second), promised ? 201 : 500, promised ? 'otp_sent' : 'server_error');
		app.mailServer.refuse = {};
		await until('a promise', async () => (await app.send(second)).http === 201);
		await until('the second message', async () => app.mailServer.messagesTo(second).length > 0 || (await advance(app, 1), false));
		await fate(app, second, 'accepted');
	});

story('the wall clock is moved while messages are in hand: none goes twice', async (t) => {
	const app = await App.open(t, { args: ['--dev'] });
	const email = newEmail();
	app.mailServer.stalled.add(email);
	await asked(app, email);
	await until('it is in hand', () => app.mailServer.stalls >= 1);
	await advance(app, 300); // a lease lasts two minutes, of the system's clock
	const other = newEmail();
	await asked(app, other);
	await app.mailServer.messageTo(other);
	assert.equal(app.mailServer.stalls, 1);
	assert.equal(await lastCode(app, email), 'queued');
	await app.mailServer.hangUp();
});

story('greylisting: deferred, then accepted, once', async (t) => {
	const app = await App.open(t);
	const seen = new Set();
	app.mailServer.refuse.recipient = (address) => (seen.has(address) ? undefined : (seen.add(address), 450));
	const people = [newEmail(), newEmail(), newEmail()];
	for (const email of people) await asked(app, email);
	for (const email of people) await fate(app, email, 'deferred');
	for (const email of people) {
		await app.mailServer.messageTo(email);
		await fate(app, email, 'accepted');
	}
	assert.equal(app.mailServer.messages.length, people.length);
	assert.doesNotMatch(app.server.log, /result=relay_down/, 'the server works: it is no trouble of ours');
});

const login = 'kycd:Pa5sw0rd-of-the-relay@';
const bare = [
	{ name: 'no STARTTLS is offered', ehlo: '250-relay.example\r\n250 AUTH PLAIN LOGIN\r\n', why: 'starttls' },
	{ name: 'STARTTLS is refused', ehlo: '250-relay.example\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n', starttls: '454 not now\r\n', why: '454' },
	{ name: 'more comes with the answer to STARTTLS', ehlo: '250-relay.example\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n', starttls: '220 go\r\n250-relay\r\n250 AUTH PLAIN\r\n', why: 'broken' },
];
for (const { name, ehlo, starttls, why } of bare)
	story(`${name}: nothing is said in the clear`, async (t) => {
		// relay.localhost is a name like any other to the rules, and loopback to libcurl (RFC 6761).
		const { app, relay } = await badHouse(t, { EHLO: ehlo, STARTTLS: starttls }, { url: `smtp://${login}relay.localhost:PORT` });
		const email = await asked(app, newEmail());
		await stuckLine(app, why, 'Pa5sw0rd');
		await fate(app, email, 'deferred');
		await until('a second try', () => relay.connections.length >= 3);
		assert.deepEqual(relay.said.filter((line) => !/^(EHLO|HELO|STARTTLS|QUIT|RSET)/.test(line)), []);
		assert.equal(relay.messages.length, 0);
		assert.ok(!app.server.log.includes('Pa5sw0rd'));
		const shown = await app.server.run('config', 'show');
		assert.ok(!shown.includes('Pa5sw0rd') && shown.includes('SMTP_URL'), 'masked where settings are shown');
	});

const certificates = [
	{ name: 'smtps://', tls: 'start', url: 'smtps://kycd:secret-word@127.0.0.1:PORT' },
	{ name: 'STARTTLS', tls: 'offered', url: 'smtp://kycd:secret-word@relay.localhost:PORT' },
];
for (const { name, tls, url } of certificates)
	story(`${name} and a certificate that nobody trusts: not a word`, async (t) => {
		const port = await freePort();
		const app = await App.open(t, { mailServer: { port, tls, login: { user: 'kycd', pass: 'secret-word' } }, settings: { KYCD_SMTP_URL: url.replace('PORT', port) } });
		const email = await asked(app, newEmail());
		await stuckLine(app, 'certificate', 'secret-word');
		await fate(app, email, 'deferred');
		assert.deepEqual([app.mailServer.logins, app.mailServer.attempts.length], [0, 0]);
	});

// libcurl gives up replies without an end by itself; who only dawdles is left when the time is over.
const endless = [
	{ name: 'greets with one byte a second', why: 'timeout', answers: { greeting: (socket) => drip(socket, '220-relay.example, at your leisure and at mine\r\n') } },
	{ name: 'answers the recipient with one byte a second', why: 'timeout', answers: { RCPT: (socket) => drip(socket, '250-a fine name, let me see whether we have a box for it\r\n') } },
	{ name: 'never ends its reply, a megabyte long', why: 'broken', answers: { EHLO: (socket) => socket.write(`250-${'x'.repeat(1024 * 1024)}`) } },
	{ name: 'never ends its reply of many lines', why: 'broken', answers: { EHLO: (socket) => socket.write('250-relay.example is here\r\n'.repeat(40_000)) } },
];

function drip(socket, text) {
	let n = 0;
	const clock = setInterval(() => socket.write(text[n++ % text.length]), 1_000);
	socket.on('close', () => clearInterval(clock));
}

async function resident(app) {
	return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${app.server.child.pid}/status`, 'utf8'))[1]) / 1024;
}

for (const { name, why, answers } of endless)
	story(`a server that ${name} is left after 30 s, and gets the message when it is better`, async (t) => {
		const { app, relay } = await badHouse(t, answers);
		const email = await asked(app, newEmail());
		const [first] = await until('a conversation', () => relay.connections.length > 0 && relay.connections);
		await until('the end of it', () => first.closed !== undefined, 32_000);
		assert.ok(first.closed - first.opened < 30_000, `${first.closed - first.opened} ms`);
		assert.ok((await resident(app)) < 64 || process.env.ASAN_OPTIONS !== undefined, `${await resident(app)} MiB`);
		await stuckLine(app, why);
		await fate(app, email, 'deferred');
		relay.mend();
		await relay.message();
		await fate(app, email, 'accepted');
		assert.equal(relay.messages.length, 1);
	});

const rude = [
	{ name: 'says 421 as its greeting', answers: { greeting: '421 come later\r\n' }, word: 'deferred', why: '421' },
	{ name: 'closes before it greets', answers: { greeting: (socket) => socket.destroy() }, word: 'deferred', why: 'broken' },
	{ name: 'closes after the final dot without an answer', answers: { message: (socket) => socket.destroy() }, word: 'deferred', why: 'broken', taken: true },
	{ name: 'says 452 to DATA', answers: { DATA: '452 full\r\n' }, word: 'deferred' },
	{ name: 'says 552 to the message', answers: { message: '552 too much\r\n' }, word: 'refused', taken: true },
	{ name: 'says 554 to DATA', answers: { DATA: '554 no\r\n' }, word: 'refused' },
	{ name: 'answers in a hundred lines', answers: Object.fromEntries(['EHLO', 'MAIL', 'RCPT', 'message'].map((what) => [what, `${'250-and so on\r\n'.repeat(99)}250 done\r\n`])), word: 'accepted' },
];
for (const { name, answers, word, why, taken } of rude)
	story(`a server that ${name}: ${word}`, async (t) => {
		const { app, relay } = await badHouse(t, answers);
		const email = await asked(app, newEmail());
		await fate(app, email, word);
		if (why) await stuckLine(app, why);
		if (word !== 'deferred') {
			assert.equal(relay.messages.length, word === 'accepted' || taken ? 1 : 0);
			return;
		}
		relay.mend();
		await fate(app, email, 'accepted');
		// It may have taken the message when it hung up: then it has it twice, and can see that it is the same one.
		assert.equal(relay.messages.length >= 2, taken === true, `${relay.messages.length} messages`);
		assert.equal(new Set(relay.messages.map(({ id }) => id)).size, 1);
	});

function count(answers) {
	const words = {};
	for (const { http, word } of answers) words[`${http} ${word}`] = (words[`${http} ${word}`] ?? 0) + 1;
	return words;
}

story('sixty ask for a code for one person at once: three get one, by either tenant of a group', async (t) => {
	const app = await App.open(t, { tenant: null });
	const keys = [await app.addTenant('shop', '--group', 'market'), await app.addTenant('stall', '--group', 'market')];
	for (const [alone, mine] of [[true, [keys[0], keys[0]]], [false, keys]]) {
		const email = newEmail();
		for (const key of keys) expect(await app.prepare(email, { key }), 201);
		const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => app.send(email, { key: mine[i % 2] }).then((answer) => ({ ...answer, key: mine[i % 2] }))));
		assert.deepEqual(count(answers), { '201 otp_sent': 3, '429 otp_send_limited': 57 });
		for (const { http, headers } of answers)
			if (http === 429) assert.ok(headers['retry-after'] >= 50 && headers['retry-after'] <= 60, headers['retry-after']);
		// A message at most for each promise; a code that was replaced before its message went is never sent.
		const promised = new Set(answers.filter(({ http }) => http === 201).map(({ key }) => key));
		for (const key of promised) await fate({ status: (who) => app.status(who, { key }) }, email, 'accepted');
		const messages = app.mailServer.messagesTo(email);
		assert.ok(messages.length >= promised.size && messages.length <= 3, `${messages.length} messages`);
		assert.equal(new Set(messages.map(({ id }) => id)).size, messages.length);
		// Of all the codes one lives, for each tenant that asked.
		const words = [];
		for (const key of promised)
			for (const { code } of messages) words.push((await app.verify(email, code, { key })).word);
		assert.equal(words.filter((word) => word === 'email_verified').length, promised.size, words.join(' '));
		if (alone) assert.equal(promised.size, 1);
	}
});

test('mail servers as they are', { concurrency: true }, async (t) => {
	await Promise.all(stories.map(({ name, act }) => t.test(name, act)));
});
