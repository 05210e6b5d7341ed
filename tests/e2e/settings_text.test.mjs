// Text around a setting's value (quotes, comments, byte order marks, line ends) is removed or refused. Variables that a container
// platform adds to the environment are ignored.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { App, expect, masterKey, newEmail } from './lib/app.mjs';
import { run, temporaryFolder } from './lib/kycd.mjs';
import { v3Credentials, validSettings } from './lib/settings.mjs';

test('variables of the container platform are ignored with one line, misspellings are refused', async (t) => {
	const injected = {
		KYCD_SERVICE_HOST: '10.96.0.17',
		KYCD_SERVICE_PORT: '8080',
		KYCD_SERVICE_PORT_HTTP: '8080',
		KYCD_PORT: 'tcp://10.96.0.17:8080',
		KYCD_PORT_8080_TCP: 'tcp://10.96.0.17:8080',
		KYCD_PORT_8080_TCP_ADDR: '10.96.0.17',
		KYCD_DB_SERVICE_HOST: '10.96.0.18',
		KYCD_DB_PORT_5432_TCP_PROTO: 'tcp',
	};
	const app = await App.open(t, { settings: injected });
	expect(await app.prepare(newEmail()), 201);
	assert.equal(app.server.log.match(/event=variables_ignored variables=8 first=KYCD_\w+ reason="/g)?.length, 1, app.server.log);
	assert.ok(!app.server.log.includes('10.96.0.17'));

	const folder = await temporaryFolder(t);
	const check = await run(['config', 'check'], { settings: { ...validSettings(v3Credentials), ...injected }, folder });
	assert.equal(check.code, 0, check.stderr);
	assert.match(check.stderr, /^hint: 8 variables of the container platform are ignored, the first is KYCD_\w+\n$/);
	for (const change of [{ KYCD_PORT: '8080' }, { KYCD_SERVICE_HOST: 'kyc.example' }, { KYCD_OTP_TTTL: '600' }]) {
		const refused = await run(['config', 'check'], { settings: { ...validSettings(v3Credentials), ...injected, ...change }, folder });
		assert.equal(refused.code, 1);
		assert.match(refused.stderr, new RegExp(`^kycd: ${Object.keys(change)[0]} is not a known setting: `));
	}
});

test('quotes, byte order marks and line ends around a value in kycd.conf or in a file are not part of the value', async (t) => {
	const secret = 'h'.repeat(40);
	const conf = ['mail_from = \'no-reply@kycd.example\'', 'brand = "Acme #1"   # as in e-mails', 'didit_webhook_secret_file = "hook"', 'log = "info"'];
	const app = await App.open(t, {
		settings: { KYCD_DIDIT_WEBHOOK_SECRET: undefined, KYCD_MAIL_FROM: undefined },
		didit: { webhookSecret: secret },
		files: { hook: `\ufeff"${secret}"\r\n` },
		conf: `\ufeff# kycd.conf\r\n${conf.join('\r\n')}\r\n`,
	});
	const email = newEmail();
	const { session_id } = await app.startSession(email);
	expect(await app.didit.sendStatusEvent(app.server.base, session_id, 'Approved'), 200);
	const [message] = app.mailServer.messagesTo(email);
	assert.equal(message.from, 'no-reply@kycd.example');
	assert.match(message.mail.subject, /Acme #1/);
	assert.doesNotMatch(message.mail.subject, /"/);
});

test('all refused settings are shown at once, each once, by its first fault', async (t) => {
	const folder = await temporaryFolder(t);
	await writeFile(path.join(folder, 'hook'), `${'w'.repeat(40)}\nsecond line\n`);
	await writeFile(path.join(folder, 'wide'), Buffer.from('\ufeffkey', 'utf16le'));
	const lines = ['mail_from = a@b.example # the sender', 'brand = "Acme', 'colour = blue', 'otp_digits = 99', 'didit_webhook_secret_file = hook', 'didit_api_key_file = wide', 'Listen = x', 'secret_key_file = /nowhere/master'];
	await writeFile(path.join(folder, 'kycd.conf'), `${lines.join('\n')}\n`);
	const settings = { KYCD_DATABASE: 'sqlite:kycd.db', KYCD_DIDIT_WORKFLOW_ID: validSettings(v3Credentials).KYCD_DIDIT_WORKFLOW_ID };
	for (const args of [['config', 'check'], ['serve']]) {
		const { code, stderr } = await run(args, { settings, folder });
		assert.equal(code, 1);
		const faults = [
			/^kycd: KYCD_COLOUR \(in kycd\.conf\) is not a known setting: /m,
			/^kycd: KYCD_DIDIT_API_KEY_FILE cannot be read: wide: it is not UTF-8 text\./m,
			/^kycd: kycd\.conf: line 7 must be `name = value`/m,
			/^kycd: KYCD_SECRET_KEY_FILE cannot be read: \/nowhere\/master: No such file or directory\./m,
			/^kycd: KYCD_BRAND has a quote /m,
			/^kycd: KYCD_MAIL_FROM contains ` #`/m,
			/^kycd: KYCD_OTP_DIGITS is invalid: /m,
			/^kycd: KYCD_DIDIT_WEBHOOK_SECRET contains a line break /m,
			/^kycd: KYCD_SMTP_URL is not set: /m,
		];
		for (const fault of faults) assert.match(stderr, fault);
		assert.equal(stderr.trim().split('\n').length, faults.length, stderr);
		assert.ok(!stderr.includes('www'), 'no secret');
	}
	const doctor = await run(['doctor', '--json'], { settings, folder, limit: 60_000 });
	assert.equal(JSON.parse(doctor.stdout).checks.filter(({ check, finding }) => check === 'settings' && finding === 'error').length, 9);
});

test('a value that depends on a refused setting is not refused as well', async (t) => {
	const folder = await temporaryFolder(t);
	for (const [change, name] of [
		[{ KYCD_DIDIT_VERSION: '"v9"', KYCD_DIDIT_API_KEY: undefined }, 'KYCD_DIDIT_VERSION'],
		[{ KYCD_ALLOW_WEAK: 'yes', KYCD_OTP_TTL: '900' }, 'KYCD_ALLOW_WEAK'],
		[{ KYCD_SECRET_KEY: undefined, KYCD_SECRET_KEY_FILE: '"nowhere"' }, 'KYCD_SECRET_KEY_FILE'],
	]) {
		const { stderr } = await run(['config', 'check'], { settings: { ...validSettings(v3Credentials), ...change }, folder });
		assert.match(stderr, new RegExp(`^kycd: ${name} [^\n]+\n$`));
	}
	const secret = masterKey();
	const { stderr } = await run(['config', 'check'], { settings: { ...validSettings(v3Credentials), KYCD_SECRET_KEY: undefined, KYCD_SECRET_KEY_FILE: secret }, folder });
	assert.match(stderr, /^kycd: KYCD_SECRET_KEY_FILE cannot be read: its value may be the secret itself/);
	assert.ok(!stderr.includes(secret));
});

test('kycd.conf in another encoding or with other line ends is refused, not ignored', async (t) => {
	const folder = await temporaryFolder(t);
	for (const [bytes, fault] of [
		[Buffer.from('\ufeffbrand = Acme\n', 'utf16le'), /^kycd: kycd\.conf cannot be read: it is not UTF-8 text\./],
		[Buffer.from('brand = Acme\n', 'utf16le'), /^kycd: kycd\.conf cannot be read: it is not UTF-8 text\./],
		[Buffer.from('brand = Ac\xe4me\n', 'latin1'), /^kycd: kycd\.conf cannot be read: it is not UTF-8 text\./],
		[Buffer.from('# ours\rbrand = Acme\rlog = warn\r'), /^kycd: kycd\.conf: line 1 contains a carriage return: /],
	]) {
		await writeFile(path.join(folder, 'kycd.conf'), bytes);
		const { code, stderr } = await run(['config', 'check'], { settings: validSettings(v3Credentials), folder });
		assert.equal(code, 1);
		assert.match(stderr, fault);
		assert.equal(stderr.trim().split('\n').length, 1, stderr);
	}
});

test('a reload logs every refused setting', async (t) => {
	const app = await App.open(t, { conf: 'log = info\n' });
	await writeFile(path.join(app.folder, 'kycd.conf'), 'log = loud\notp_attempts = "5\n');
	app.server.child.kill('SIGHUP');
	await app.server.waitForLog(/event=reload_rejected setting=KYCD_OTP_ATTEMPTS reason="has a quote /);
	await app.server.waitForLog(/event=reload_rejected setting=KYCD_LOG reason="is invalid: /);
});
