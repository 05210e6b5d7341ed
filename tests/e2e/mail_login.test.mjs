// Logging in to mail servers: which mechanism is used, and what the log says when a server refuses something.
import assert from 'node:assert/strict';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';
import { freePort } from './lib/http.mjs';
import { run } from './lib/kycd.mjs';
import { RawSmtpServer } from './lib/raw_smtp_server.mjs';

const USER = 'relay-user@shop.example';
const PASSWORD = 'relay-pass-w0rd';
const loginTests = [];
const loginTest = (name, run) => loginTests.push({ name, run });

/** Opens an app whose mail server wants a login. `options`: what follows the user in the URL. */
async function openWithLogin(t, login, { options = '', tls } = {}) {
	const port = await freePort();
	const host = tls ? 'relay.localhost' : '127.0.0.1';
	return App.open(t, {
		mailServer: { port, tls, login: { user: USER, pass: PASSWORD, ...login } },
		// With weak settings, a server in a private network may have a certificate that is not trusted.
		settings: { KYCD_SMTP_URL: `smtp://${encodeURIComponent(USER)}${options}:${PASSWORD}@${host}:${port}`, ...(tls && { KYCD_ALLOW_WEAK: 1 }) },
	});
}

function assertNoSecrets(app) {
	for (const secret of [PASSWORD, Buffer.from(PASSWORD).toString('base64'), USER, '@']) assert.ok(!app.server.log.includes(secret), secret);
}

/** The finding of `kycd doctor` about the mail server. */
async function relayFinding(app) {
	const { stdout } = await run(['doctor', '--json'], { settings: app.server.settings, folder: app.folder, limit: 60_000 });
	return JSON.parse(stdout).checks.find(({ check }) => check === 'relay');
}

const unusable = ['GSSAPI', 'NTLM', 'DIGEST-MD5', 'CRAM-MD5', 'XOAUTH2', 'SCRAM-SHA-256'];
for (const method of unusable)
	loginTest(`a server that offers ${method} before PLAIN and refuses it gets the e-mail`, async (t) => {
		const app = await openWithLogin(t, { methods: [method, 'PLAIN'], refused: [method] });
		await app.requestCode(newEmail());
		assert.deepEqual(app.mailServer.loginMethods, ['PLAIN']);
		assert.ok(!app.server.log.includes('event=mail_failed'));
		assertNoSecrets(app);
	});

for (const [refused, tls] of [['PLAIN', undefined], ['PLAIN', 'offered'], ['LOGIN', 'offered']])
	loginTest(`a server that refuses ${refused} ${tls ? 'over TLS ' : ''}gets the e-mail, and later ones at the first try`, async (t) => {
		const app = await openWithLogin(t, { methods: [...unusable, 'LOGIN', 'PLAIN'], refused: [...unusable, refused] }, { tls });
		await app.requestCode(newEmail());
		const works = refused === 'PLAIN' ? 'LOGIN' : 'PLAIN';
		assert.deepEqual(app.mailServer.loginMethods, refused === 'PLAIN' ? ['PLAIN', 'LOGIN'] : ['PLAIN']);
		await app.mailServer.closeConnections();
		await app.requestCode(newEmail());
		assert.equal(app.mailServer.loginMethods.at(-1), works);
		assert.equal(app.mailServer.loginMethods.length, refused === 'PLAIN' ? 3 : 2);
		if (!tls) assert.equal((await relayFinding(app)).finding, 'ok');
		assertNoSecrets(app);
	});

for (const method of ['LOGIN', 'CRAM-MD5', 'XOAUTH2'])
	loginTest(`a server that accepts only ${method} gets the e-mail when the URL names it`, async (t) => {
		const app = await openWithLogin(t, { methods: ['PLAIN', method], refused: ['PLAIN'] }, { options: `;AUTH=${method}` });
		await app.requestCode(newEmail());
		assert.deepEqual(app.mailServer.loginMethods, [method]);
		assertNoSecrets(app);
	});

loginTest('without a mechanism that may be used, the log names the offered ones and kycd tries none', async (t) => {
	const app = await openWithLogin(t, { methods: ['CRAM-MD5', 'XOAUTH2'] });
	const email = newEmail();
	expect(await app.prepare(email), 201);
	expect(await app.send(email), 201);
	await app.server.waitForLog(/event=mail_failed .*result=relay_down reason=login step=connection login_offer="CRAM-MD5 XOAUTH2" action="the mail server offers no login mechanism /);
	assert.deepEqual(app.mailServer.loginMethods, []);
	assert.match((await relayFinding(app)).message, /^the mail server accepts no e-mail \(login\): .*enable PLAIN there/);
	assertNoSecrets(app);
});

loginTest('a wrong password is reported as such after both mechanisms', async (t) => {
	const app = await openWithLogin(t, { methods: ['PLAIN', 'LOGIN'], pass: 'another-pass-w0rd' });
	const email = newEmail();
	expect(await app.prepare(email), 201);
	expect(await app.send(email), 201);
	await app.server.waitForLog(/event=mail_failed .*reason=535 step=login .*login_offer="PLAIN LOGIN" reply="535 [^"]+" action="the mail server refuses the login: check user and password/);
	assert.deepEqual(app.mailServer.loginMethods.slice(0, 2), ['PLAIN', 'LOGIN']);
	assert.match((await relayFinding(app)).message, /^the mail server accepts no e-mail \(535 .*\): .*check user and password/);
	assertNoSecrets(app);
});

test('login mechanisms', { concurrency: 4 }, async (t) => {
	await Promise.all(loginTests.map(({ name, run: body }) => t.test(name, body)));
});

for (const settings of [{ url: 'smtp://user:pa;ss@127.0.0.1:25' }, { url: 'smtp://user;AUTH=GSSAPI:pass@127.0.0.1:25' }])
	test(`${settings.url} is refused at the start`, async (t) => {
		const app = await App.open(t);
		const checked = await run(['config', 'check'], { settings: { ...app.server.settings, KYCD_SMTP_URL: settings.url }, folder: app.folder });
		assert.notEqual(checked.code, 0);
		assert.match(checked.stderr, /KYCD_SMTP_URL is invalid: .*write ; as %3B/);
	});

/** Replies that repeat the line with the address, as many servers do; `line` is the client's. */
const refusals = [
	{ step: 'recipient', event: 'mail_failed', result: 'refused', status: '5.1.1', answers: (address) => ({ RCPT: `550-5.1.1 <${address}>: Recipient address rejected:\r\n550 5.1.1 no user ${address.split('@')[0]} here, client [203.0.113.7]\r\n` }),
		reply: '550 5.1.1 <[removed]>: Recipient address rejected: no user [removed] here, client [[removed]]' },
	{ step: 'content', event: 'mail_deferred', result: 'deferred', status: '4.7.1', answers: (address) => ({ message: `451 4.7.1 ${address.toUpperCase()} greylisted\r\n` }),
		reply: '451 4.7.1 [removed] greylisted' },
	{ step: 'sender', event: 'mail_failed', result: 'relay_down', status: '5.7.60', answers: () => ({ MAIL: (socket, line) => socket.write(`554 5.7.60 ${line} SMTP; client has no permission\r\n`) }),
		reply: '554 5.7.60 MAIL FROM:<[removed]> SMTP; client has no permission' },
	{ step: 'content', event: 'mail_failed', result: 'refused', answers: () => ({ DATA: '554 "spam" \\ no status\r\n' }), reply: '554 \\"spam\\" \\\\ no status' },
];
for (const { step, event, result, status, answers, reply } of refusals)
	test(`the log of a refused ${step} (${result}) has the reply without addresses and the id of the request`, async (t) => {
		const email = newEmail('eva.braga');
		const relay = await new RawSmtpServer(answers(email)).open();
		t.after(() => relay.close());
		const app = await App.open(t, { mailServer: { closed: true }, settings: { KYCD_SMTP_URL: `smtp://127.0.0.1:${relay.port}` } });
		expect(await app.prepare(email), 201);
		const requestId = expect(await app.send(email), 201).headers['x-request-id'];
		assert.ok(requestId?.length > 8);
		await app.server.waitForLog(new RegExp(`event=${event} `));
		const line = app.server.log.split('\n').find((text) => text.includes(`event=${event} `));
		assert.ok(line.includes(` request_id=${requestId} tries=1 result=${result} reason=${reply.slice(0, 3)} step=${step}${status ? ` enhanced_status=${status}` : ''} reply="${reply}"`), line);
		assert.ok(app.server.log.includes(`event=request request_id=${requestId} `), 'the same id as in the line of the request');
		for (const part of ['@', 'eva.braga', 'EVA.BRAGA', 'example', '203.0.113.7']) assert.ok(!line.toLowerCase().includes(part.toLowerCase()), `${part} in ${line}`);
	});

test('mail_down has the reply of the mail server as well', async (t) => {
	const relay = await new RawSmtpServer({ MAIL: '550 5.7.1 no-reply@kycd.example may not send\r\n' }).open();
	t.after(() => relay.close());
	const app = await App.open(t, { args: ['--dev'], mailServer: { closed: true }, settings: { KYCD_SMTP_URL: `smtp://127.0.0.1:${relay.port}` } });
	const email = newEmail();
	expect(await app.prepare(email), 201);
	expect(await app.send(email), 201);
	await app.server.waitForLog(/event=mail_failed /);
	expect(await app.post('/sandbox/clock/advance', { seconds: 61 }), 200);
	await app.server.waitForLog(/event=mail_down reason=550 step=sender enhanced_status=5.7.1 reply="550 5.7.1 \[removed\] may not send" effect="send-otp answers 500 .*" action="the mail server refuses the sender: /);
});
