// E-mail delivery through faulty mail servers: slow, unreachable, greylisting, without TLS, with an untrusted certificate, or violating SMTP.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { ON_POSTGRES, TAKEOVER_LIMIT_MS } from './lib/database.mjs';
import { freePort } from './lib/http.mjs';
import { App, expect, newEmail } from './lib/app.mjs';
import { RawSmtpServer } from './lib/raw_smtp_server.mjs';
import { until } from './lib/wait.mjs';

/** The delivery state of the last code e-mail, as the status endpoint reports it. */
async function lastCode(app, email) {
	return expect(await app.status(email), 404, 'kyc_not_found').json.details.last_code;
}

const waitForLastCode = (app, email, state, limit) => until(`last_code to be ${state}`, async () => (await lastCode(app, email)) === state, limit);

/** Enrols the person and requests a code, which is accepted with 201. */
async function requestCode(app, email) {
	expect(await app.prepare(email), [200, 201]);
	expect(await app.send(email), 201, 'otp_sent');
	return email;
}

/** Waits for the log line that names the reason of a relay failure and the action to take. Asserts that it contains no address and no secret. */
async function relayDownLine(app, reason, ...secrets) {
	const line = await app.server.waitForLog(new RegExp(`^.* event=mail_failed .*result=relay_down reason=${reason} .*$`, 'm'));
	assert.match(line, / action="[^"]{30,}"$/);
	for (const secret of ['@', 'example', ...secrets]) assert.ok(!app.server.log.includes(`${secret}.com`) && !line.includes(secret), `${secret} in: ${line}`);
	return line;
}

/** Opens an app whose relay gives the scripted `answers`. In `url`, PORT is replaced by the port of the relay. */
async function openWithScriptedRelay(t, answers, { url = 'smtp://127.0.0.1:PORT', settings = {} } = {}) {
	const relay = await new RawSmtpServer(answers).open();
	t.after(() => relay.close());
	const app = await App.open(t, { mailServer: { closed: true }, settings: { KYCD_SMTP_URL: url.replace('PORT', relay.port), ...settings } });
	return { app, relay };
}

const relayTests = [];
const relayTest = (name, run) => relayTests.push({ name, run });

relayTest('a relay that stalls on three recipients does not delay e-mails to other recipients', async (t) => {
	const app = await App.open(t);
	const slow = [newEmail('slow'), newEmail('slow'), newEmail('slow')];
	for (const email of slow) {
		app.mailServer.stalled.add(email);
		await requestCode(app, email);
	}
	await until('three stalled deliveries', () => app.mailServer.stalls >= 3);
	for (let i = 0; i < 5; i++) {
		const email = newEmail('quick');
		const startedAt = performance.now();
		await requestCode(app, email);
		assert.ok((await app.mailServer.messageTo(email)).at - startedAt < 2_000);
	}
	for (const email of slow) assert.equal(await lastCode(app, email), 'queued');
	app.mailServer.stalled.clear();
	await app.mailServer.closeConnections();
	for (const email of slow) {
		await app.mailServer.messageTo(email);
		await waitForLastCode(app, email, 'accepted');
	}
	assert.equal(app.mailServer.messages.length, 8);
});

relayTest('six e-mails in delivery when kycd is killed are sent after the restart, each once', async (t) => {
	const app = await App.open(t);
	const people = Array.from({ length: 6 }, () => newEmail());
	app.mailServer.ignoresContent = true;
	for (const email of people) await requestCode(app, email);
	for (const email of people) await app.mailServer.attemptTo(email);
	await app.server.kill();
	app.mailServer.ignoresContent = false;
	await app.server.start();
	const startedAt = performance.now();
	for (const email of people) {
		const message = await app.mailServer.messageTo(email, 1, TAKEOVER_LIMIT_MS);
		assert.ok(ON_POSTGRES || message.at - startedAt < 5_000, 'on SQLite no delivery waits for a lease to expire');
		assert.equal(message.id, (await app.mailServer.attemptTo(email)).id);
		await waitForLastCode(app, email, 'accepted');
	}
	assert.equal(app.mailServer.messages.length, people.length);
});

const advance = (app, seconds) => app.post('/sandbox/clock/advance', { seconds }).then((answer) => expect(answer, 200));
const delivered = (app, email) => app.mailServer.messagesTo(email).length;

relayTest('a relay that is down for five minutes: requests get 500, then valid codes are sent once and invalid ones never', async (t) => {
	const app = await App.open(t, { args: ['--dev'] });
	const [valid, replaced, used, expired, unsent] = ['valid', 'replaced', 'used', 'expired', 'unsent'].map((name) => newEmail(name));
	app.mailServer.refuse.content = 451;
	await requestCode(app, expired);
	await waitForLastCode(app, expired, 'deferred');
	await advance(app, 400);
	for (const email of [used, replaced, valid]) {
		await requestCode(app, email);
		await waitForLastCode(app, email, 'deferred');
	}
	expect(await app.verify(used, (await app.mailServer.attemptTo(used)).code), 200);
	const first = (await app.mailServer.attemptTo(replaced)).id;
	await app.mailServer.close();
	await requestCode(app, replaced);
	await app.server.waitForLog(/result=relay_down reason=connect /);

	// Mail counts as down after a minute of relay failures. The deferrals before the relay went down do not count.
	expect(await app.prepare(unsent), 201);
	await advance(app, 61);
	const refused = await until('code requests to be refused', async () => {
		const answer = await app.send(unsent);
		return answer.http === 500 && answer;
	});
	assert.equal(refused.word, 'server_error');
	assert.equal(refused.json.message, 'Server failed, try again later');
	assert.match(await app.server.waitForLog(/^.* event=mail_down .*$/m), / action="[^"]{30,}"$/);
	assert.equal(await lastCode(app, unsent), null, 'no e-mail is queued for a request that got 500');
	for (let i = 0; i < 4; i++) {
		await advance(app, 60);
		for (let k = 0; k < 5; k++) expect(await app.send(unsent), 500, 'server_error');
	}
	await waitForLastCode(app, expired, 'dropped');
	await waitForLastCode(app, used, 'dropped').catch(async () => assert.equal((await app.status(used)).json.details.email_verified, true));
	assert.equal(await lastCode(app, valid), 'deferred');

	app.mailServer.refuse = {};
	await app.mailServer.open();
	await until('a code request to be accepted again', async () => (await app.send(unsent)).http === 201, 20_000);
	await app.server.waitForLog(/ event=mail_recovered/);
	await app.mailServer.messageTo(unsent);
	// The next attempts of these e-mails were due minutes later, but the e-mails are sent as soon as the relay works again.
	for (const email of [valid, replaced]) await app.mailServer.messageTo(email);
	for (const email of [valid, replaced, unsent]) {
		await waitForLastCode(app, email, 'accepted');
		assert.equal(delivered(app, email), 1);
		expect(await app.verify(email, app.mailServer.messagesTo(email)[0].code), 200);
	}
	assert.notEqual(app.mailServer.messagesTo(replaced)[0].id, first);
	assert.equal(await lastCode(app, expired), 'dropped');
	assert.equal(app.mailServer.messages.length, 3, 'no e-mail for an invalid code');
});

const longRefusals = [
	{ where: 'login', code: 535, accepted: false },
	{ where: 'sender', code: 550, accepted: false },
	{ where: 'recipient', code: 550, accepted: true },
	{ where: 'recipient', code: 450, accepted: true },
	{ where: 'content', code: 451, accepted: true },
];
for (const { where, code, accepted } of longRefusals)
	relayTest(`more than a minute of ${code} at the ${where}: ${accepted ? 'code requests are accepted' : 'code requests get 500 until the relay works'}`, async (t) => {
		const login = { user: 'kycd', pass: 'secret-word' };
		const port = await freePort();
		const app = await App.open(t, { args: ['--dev'], mailServer: { port, login }, settings: { KYCD_SMTP_URL: `smtp://kycd:secret-word@127.0.0.1:${port}` } });
		const [first, second] = [newEmail(), newEmail()];
		app.mailServer.refuse[where] = code;
		const startedAt = performance.now();
		await requestCode(app, first);
		await until('the first refusal', () => app.mailServer.refusals.length > 0);
		await waitForLastCode(app, first, code === 550 && accepted ? 'refused' : 'deferred');
		expect(await app.prepare(second), 201);
		// The clock also advances by itself. At most 59 s have passed since the first refusal; after the next advance at least 64
		// s have passed.
		const elapsed = Math.ceil((performance.now() - startedAt) / 1000);
		await advance(app, 59 - elapsed);
		expect(await app.send(second), 201, 'otp_sent');
		await advance(app, 5 + elapsed);
		const refusals = app.mailServer.refusals.length;
		await until('another refusal', () => app.mailServer.refusals.length > refusals || (code === 550 && accepted));
		expect(await app.send(second), accepted ? 201 : 500, accepted ? 'otp_sent' : 'server_error');
		app.mailServer.refuse = {};
		await until('a code request to be accepted', async () => (await app.send(second)).http === 201);
		await until('the e-mail to the second person', async () => app.mailServer.messagesTo(second).length > 0 || (await advance(app, 1), false));
		await waitForLastCode(app, second, 'accepted');
	});

relayTest('an advance of the clock during a delivery does not send the e-mail twice', async (t) => {
	const app = await App.open(t, { args: ['--dev'] });
	const email = newEmail();
	app.mailServer.stalled.add(email);
	await requestCode(app, email);
	await until('the stalled delivery', () => app.mailServer.stalls >= 1);
	await advance(app, 300); // a lease lasts two minutes of the system clock, not of the advanced clock
	const other = newEmail();
	await requestCode(app, other);
	await app.mailServer.messageTo(other);
	assert.equal(app.mailServer.stalls, 1);
	assert.equal(await lastCode(app, email), 'queued');
	await app.mailServer.closeConnections();
});

relayTest('a greylisted e-mail is deferred, then accepted once', async (t) => {
	const app = await App.open(t);
	const seen = new Set();
	app.mailServer.refuse.recipient = (address) => (seen.has(address) ? undefined : (seen.add(address), 450));
	const people = [newEmail(), newEmail(), newEmail()];
	for (const email of people) await requestCode(app, email);
	for (const email of people) await waitForLastCode(app, email, 'deferred');
	for (const email of people) {
		await app.mailServer.messageTo(email);
		await waitForLastCode(app, email, 'accepted');
	}
	assert.equal(app.mailServer.messages.length, people.length);
	assert.doesNotMatch(app.server.log, /result=relay_down/, 'greylisting does not count as a relay failure');
});

const credentials = 'kycd:Pa5sw0rd-of-the-relay@';
const withoutTls = [
	{ name: 'no STARTTLS is offered', ehlo: '250-relay.example\r\n250 AUTH PLAIN LOGIN\r\n', reason: 'starttls' },
	{ name: 'STARTTLS is refused', ehlo: '250-relay.example\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n', starttls: '454 not now\r\n', reason: '454' },
	{ name: 'the answer to STARTTLS is followed by injected plaintext', ehlo: '250-relay.example\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n', starttls: '220 go\r\n250-relay\r\n250 AUTH PLAIN\r\n', reason: 'broken' },
];
for (const { name, ehlo, starttls, reason } of withoutTls)
	relayTest(`${name}: no credentials and no e-mail are sent in plaintext`, async (t) => {
		// For kycd, relay.localhost is a remote host, for which it requires TLS. For libcurl the name is loopback (RFC 6761).
		const { app, relay } = await openWithScriptedRelay(t, { EHLO: ehlo, STARTTLS: starttls }, { url: `smtp://${credentials}relay.localhost:PORT` });
		const email = await requestCode(app, newEmail());
		await relayDownLine(app, reason, 'Pa5sw0rd');
		await waitForLastCode(app, email, 'deferred');
		await until('a second attempt', () => relay.connections.length >= 3);
		assert.deepEqual(relay.commands.filter((line) => !/^(EHLO|HELO|STARTTLS|QUIT|RSET)/.test(line)), []);
		assert.equal(relay.messages.length, 0);
		assert.ok(!app.server.log.includes('Pa5sw0rd'));
		const shown = await app.server.run('config', 'show');
		assert.ok(!shown.includes('Pa5sw0rd') && shown.includes('SMTP_URL'), 'the password is masked by `config show`');
	});

const certificates = [
	{ name: 'smtps://', tls: 'start', url: 'smtps://kycd:secret-word@127.0.0.1:PORT' },
	{ name: 'STARTTLS', tls: 'offered', url: 'smtp://kycd:secret-word@relay.localhost:PORT' },
];
for (const { name, tls, url } of certificates)
	relayTest(`${name} with an untrusted certificate: no login and no e-mail`, async (t) => {
		const port = await freePort();
		const app = await App.open(t, { mailServer: { port, tls, login: { user: 'kycd', pass: 'secret-word' } }, settings: { KYCD_SMTP_URL: url.replace('PORT', port) } });
		const email = await requestCode(app, newEmail());
		await relayDownLine(app, 'certificate', 'secret-word');
		await waitForLastCode(app, email, 'deferred');
		assert.deepEqual([app.mailServer.logins, app.mailServer.attempts.length], [0, 0]);
	});

// libcurl itself rejects endless replies (reason "broken"); a relay that is only slow is disconnected by the timeout.
const endlessReplies = [
	{ name: 'greets with one byte a second', reason: 'timeout', answers: { greeting: (socket) => writeSlowly(socket, '220-relay.example, at your leisure and at mine\r\n') } },
	{ name: 'answers the recipient with one byte a second', reason: 'timeout', answers: { RCPT: (socket) => writeSlowly(socket, '250-a fine name, let me see whether we have a box for it\r\n') } },
	{ name: 'never ends its reply, a megabyte long', reason: 'broken', answers: { EHLO: (socket) => socket.write(`250-${'x'.repeat(1024 * 1024)}`) } },
	{ name: 'never ends its reply of many lines', reason: 'broken', answers: { EHLO: (socket) => socket.write('250-relay.example is here\r\n'.repeat(40_000)) } },
];

function writeSlowly(socket, text) {
	let n = 0;
	const timer = setInterval(() => socket.write(text[n++ % text.length]), 1_000);
	socket.on('close', () => clearInterval(timer));
}

async function residentMiB(app) {
	return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${app.server.child.pid}/status`, 'utf8'))[1]) / 1024;
}

for (const { name, reason, answers } of endlessReplies)
	relayTest(`a relay that ${name} is disconnected within 30 s and gets the e-mail when it works again`, async (t) => {
		const { app, relay } = await openWithScriptedRelay(t, answers);
		const email = await requestCode(app, newEmail());
		const [first] = await until('a connection to the relay', () => relay.connections.length > 0 && relay.connections);
		await until('the connection to close', () => first.closed !== undefined, 32_000);
		assert.ok(first.closed - first.opened < 30_000, `${first.closed - first.opened} ms`);
		assert.ok((await residentMiB(app)) < 64 || process.env.ASAN_OPTIONS !== undefined, `${await residentMiB(app)} MiB`);
		await relayDownLine(app, reason);
		await waitForLastCode(app, email, 'deferred');
		relay.recover();
		await relay.message();
		await waitForLastCode(app, email, 'accepted');
		assert.equal(relay.messages.length, 1);
	});

const faultyRelays = [
	{ name: 'greets with 421', answers: { greeting: '421 come later\r\n' }, outcome: 'deferred', reason: '421' },
	{ name: 'closes the connection before the greeting', answers: { greeting: (socket) => socket.destroy() }, outcome: 'deferred', reason: 'broken' },
	{ name: 'closes the connection after the final dot without an answer', answers: { message: (socket) => socket.destroy() }, outcome: 'deferred', reason: 'broken', received: true },
	{ name: 'answers DATA with 452', answers: { DATA: '452 full\r\n' }, outcome: 'deferred' },
	{ name: 'answers the message with 552', answers: { message: '552 too much\r\n' }, outcome: 'refused', received: true },
	{ name: 'answers DATA with 554', answers: { DATA: '554 no\r\n' }, outcome: 'refused' },
	{ name: 'answers every command with a hundred lines', answers: Object.fromEntries(['EHLO', 'MAIL', 'RCPT', 'message'].map((what) => [what, `${'250-and so on\r\n'.repeat(99)}250 done\r\n`])), outcome: 'accepted' },
];
for (const { name, answers, outcome, reason, received } of faultyRelays)
	relayTest(`a relay that ${name}: ${outcome}`, async (t) => {
		const { app, relay } = await openWithScriptedRelay(t, answers);
		const email = await requestCode(app, newEmail());
		await waitForLastCode(app, email, outcome);
		if (reason) await relayDownLine(app, reason);
		if (outcome !== 'deferred') {
			assert.equal(relay.messages.length, outcome === 'accepted' || received ? 1 : 0);
			return;
		}
		relay.recover();
		await waitForLastCode(app, email, 'accepted');
		// A relay that received the message before it closed the connection gets it twice, with the same Message-ID.
		assert.equal(relay.messages.length >= 2, received === true, `${relay.messages.length} messages`);
		assert.equal(new Set(relay.messages.map(({ id }) => id)).size, 1);
	});

function countAnswers(answers) {
	const counts = {};
	for (const { http, word } of answers) counts[`${http} ${word}`] = (counts[`${http} ${word}`] ?? 0) + 1;
	return counts;
}

relayTest('of sixty concurrent code requests for one person three succeed, also across the tenants of a group', async (t) => {
	const app = await App.open(t, { tenant: null });
	const keys = [await app.addTenant('shop', '--group', 'market'), await app.addTenant('stall', '--group', 'market')];
	for (const [sameTenant, usedKeys] of [[true, [keys[0], keys[0]]], [false, keys]]) {
		const email = newEmail();
		for (const key of keys) expect(await app.prepare(email, { key }), 201);
		const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => app.send(email, { key: usedKeys[i % 2] }).then((answer) => ({ ...answer, key: usedKeys[i % 2] }))));
		assert.deepEqual(countAnswers(answers), { '201 otp_sent': 3, '429 otp_send_limited': 57 });
		for (const { http, headers } of answers)
			if (http === 429) assert.ok(headers['retry-after'] >= 50 && headers['retry-after'] <= 60, headers['retry-after']);
		// At most one e-mail per accepted request: a code that was replaced before its e-mail was sent is never sent.
		const acceptedKeys = new Set(answers.filter(({ http }) => http === 201).map(({ key }) => key));
		for (const key of acceptedKeys) await waitForLastCode({ status: (who) => app.status(who, { key }) }, email, 'accepted');
		const messages = app.mailServer.messagesTo(email);
		assert.ok(messages.length >= acceptedKeys.size && messages.length <= 3, `${messages.length} messages`);
		assert.equal(new Set(messages.map(({ id }) => id)).size, messages.length);
		// For each tenant with an accepted request exactly one of the codes is valid.
		const words = [];
		for (const key of acceptedKeys)
			for (const { code } of messages) words.push((await app.verify(email, code, { key })).word);
		assert.equal(words.filter((word) => word === 'email_verified').length, acceptedKeys.size, words.join(' '));
		if (sameTenant) assert.equal(acceptedKeys.size, 1);
	}
});

// Each test has a kycd and a mail server of its own, and most of them wait. More at a time would wait for the processor instead.
test('delivery through faulty mail servers', { concurrency: 9 }, async (t) => {
	await Promise.all(relayTests.map(({ name, run }) => t.test(name, run)));
});
