// SIGHUP reloads the settings: new rates, limits, log level and webhook secrets apply from then on. The log names the changed
// settings that need a restart. An invalid file changes nothing.
import assert from 'node:assert/strict';
import net from 'node:net';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';
import { Server, makeFolder, removeFolder } from './lib/kycd.mjs';
import { until, within } from './lib/wait.mjs';

/** Removes the settings that the tests change from the environment, because it takes precedence over kycd.conf. */
const RATES_FROM_FILE = { KYCD_RATE_PER_SECOND: undefined, KYCD_RATE_PER_MINUTE: undefined };
const RATES = 'rate_per_second = 1000000\nrate_per_minute = 1000000\n';

const logLines = (app, event) => app.server.log.split('\n').filter((line) => line.includes(` event=${event}`));

/** Writes kycd.conf if `conf` is given, sends SIGHUP and returns the log line with the result of the reload. */
async function reload(app, conf) {
	if (conf !== undefined) await writeFile(path.join(app.folder, 'kycd.conf'), conf);
	const n = logLines(app, 'reload_').length;
	app.server.child.kill('SIGHUP');
	await until('the reload to finish', () => logLines(app, 'reload_').length > n);
	return logLines(app, 'reload_')[n];
}

test('a changed rate limit applies at once, but not to a key with its own limit', async (t) => {
	const app = await App.open(t, { conf: RATES, settings: RATES_FROM_FILE });
	const keyWithLimit = await app.addKey('shop', '--rate-per-minute', '1000', '--rate-per-second', '1000');
	const burst = async (key, n = 6) => {
		const answers = await Promise.all(Array.from({ length: n }, () => app.status(newEmail(), { key })));
		return answers.filter((answer) => answer.http === 429);
	};
	assert.equal((await burst()).length, 0);
	assert.match(await reload(app, 'rate_per_minute = 2\nrate_per_second = 1000\n'), /level=info event=reload_applied applied=2 rate_per_minute=2 rate_per_second=1000$/);
	const limited = await until('a request over the limit', async () => (await burst())[0]);
	assert.match(limited.text, /\b2\b/, 'the message names the current limits');
	assert.equal((await burst(keyWithLimit)).length, 0);
	assert.match(await reload(app, RATES), /applied=2 /);
	assert.equal((await burst()).length, 0);
	assert.match(await reload(app), /reload_applied applied=0$/);
});

test('the log level can be changed, and a rejected reload is logged at any level', async (t) => {
	const app = await App.open(t, { conf: 'log = warn\n' });
	let n = 0;
	const isLogged = async () => {
		const id = `request-${++n}`;
		expect(await app.status(newEmail(), { headers: { 'x-request-id': id } }), 404);
		return app.server.log.includes(`id=${id} `);
	};
	assert.equal(await isLogged(), false);
	assert.match(await reload(app, 'log = debug\n'), /reload_applied applied=1 log=debug$/);
	await until('a request to be logged', isLogged);
	assert.match(await reload(app, 'log = warn\n'), /applied=1 log=warn$/, 'the reload to a higher level is still logged');
	assert.equal(await isLogged(), false);
	await reload(app, 'log = info\n');
	assert.match(await reload(app, 'log = error\n'), /applied=1 log=error$/);
	await reload(app, 'log = loud\n');
	assert.match(logLines(app, 'reload_rejected')[0], /level=error .* setting=KYCD_LOG reason=/, 'the rejection is logged at level error');
});

test('changed limits of codes and tries apply to later requests', async (t) => {
	const app = await App.open(t, { conf: 'otp_send_burst = 1\n' });
	const email = newEmail();
	await app.requestCode(email);
	expect(await app.send(email), 429, 'otp_send_limited');
	await reload(app, 'otp_send_burst = 1\notp_attempts = 2\n');
	const other = newEmail();
	const code = await app.requestCode(other);
	const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
	for (const word of ['otp_invalid', 'otp_invalid', 'otp_max_attempts']) expect(await app.verify(other, wrong), 400, word);
	await reload(app, 'otp_send_burst = 5\n');
	const third = newEmail();
	await app.requestCode(third);
	for (let i = 0; i < 4; i++) expect(await app.send(third), 201);
	expect(await app.send(third), 429);
});

test('a lower connection limit closes no open connection, a higher one accepts new connections at once', async (t) => {
	const app = await App.open(t, { conf: '' });
	const open = [];
	t.after(() => open.forEach((socket) => socket.destroy()));
	/** Opens a connection, keeps it open and returns the status code of its first answer. */
	const openConnection = async () => {
		const socket = net.connect({ host: '127.0.0.1', port: app.server.port });
		socket.on('error', () => {});
		open.push(socket);
		socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
		const [piece] = await new Promise((resolve) => socket.once('data', (bytes) => resolve([bytes.toString()])));
		return Number(piece.split(' ')[1]);
	};
	for (let i = 0; i < 4; i++) assert.equal(await openConnection(), 200);
	await reload(app, 'max_connections_per_address = 4\n');
	assert.equal(await openConnection(), 503);
	assert.ok(open.slice(0, 4).every((socket) => !socket.destroyed), 'open connections stay open');
	await reload(app, 'max_connections_per_address = 64\n');
	assert.equal(await openConnection(), 200);
	await reload(app, 'max_connections = 4\nmax_connections_per_address = 64\n');
	assert.equal(await openConnection(), 503);
	await reload(app, '');
	assert.equal(await openConnection(), 200);
});

test('webhook secrets are changed while events arrive, and no event is refused', async (t) => {
	const [oldSecret, newSecret] = ['o'.repeat(40), 'f'.repeat(40)];
	const app = await App.open(t, { settings: { KYCD_DIDIT_WEBHOOK_SECRET: undefined, KYCD_DIDIT_WEBHOOK_SECRET_FILE: 'hook' }, files: { hook: `${oldSecret}\n` } });
	const session = await app.startSession(newEmail());
	const event = () => app.didit.event(session.session_id, 'In Progress');
	const post = (secret) => app.didit.post(app.server.base, event(), { secret });
	/** Sends events without a pause until end() is called, which returns the status codes of the refused ones. `n` counts the others. */
	const stream = (secret) => {
		const events = { n: 0, refused: [], sending: true };
		events.done = (async () => {
			while (events.sending) {
				const { http } = await post(secret);
				if (http === 200) events.n++;
				else events.refused.push(http);
			}
		})();
		events.end = async () => {
			const n = events.n;
			await until('a few more events', () => events.n > n + 3 || events.refused.length > 0);
			events.sending = false;
			await events.done;
			return events.refused;
		};
		return events;
	};
	const reloadSecrets = async (text) => {
		await writeFile(path.join(app.folder, 'hook'), text);
		return reload(app);
	};
	expect(await post(oldSecret), 200);
	expect(await post(newSecret), 401);
	const oldStream = stream(oldSecret);
	assert.match(await reloadSecrets(`${oldSecret},${newSecret}\n`), /applied=1 didit_webhook_secret=changed$/);
	const newStream = stream(newSecret);
	await until('ten events signed with each secret', () => oldStream.n > 10 && newStream.n > 10);
	assert.deepEqual(await oldStream.end(), [], 'the old secret was valid until its removal');
	await reloadSecrets(`${newSecret}\n`);
	expect(await post(oldSecret), 401);
	assert.deepEqual(await newStream.end(), [], 'the new secret was valid since its reload');
	await reloadSecrets('short');
	assert.match(logLines(app, 'weak_setting')[0], /level=warn .* setting=KYCD_DIDIT_WEBHOOK_SECRET /);
	expect(await post('short'), 200);
	await reloadSecrets('none');
	expect(await post(newSecret), 404, 'route_not_found');
	await reloadSecrets(newSecret);
	expect(await post(newSecret), 200);
	for (const secret of [oldSecret, newSecret, 'short']) assert.ok(!app.server.log.includes(`=${secret}`), 'the log contains no secret');
});

/** Returns how often each text occurs in the process's writable memory. */
async function countInMemory(pid, texts) {
	const maps = (await readFile(`/proc/${pid}/maps`, 'utf8')).split('\n').filter((line) => / rw/.test(line));
	const counts = texts.map(() => 0);
	const memory = await open(`/proc/${pid}/mem`);
	for (const line of maps) {
		const [from, to] = line.split(/[- ]/, 2).map((text) => Number.parseInt(text, 16));
		const bytes = Buffer.alloc(Math.min(to - from, 64 << 20)); // only a sanitizer maps larger areas
		const n = await memory.read(bytes, 0, bytes.length, from).then(({ bytesRead }) => bytesRead, () => 0);
		for (const [i, text] of texts.entries()) for (let at = bytes.indexOf(text); at >= 0 && at < n; at = bytes.indexOf(text, at + 1)) counts[i]++;
	}
	await memory.close();
	return counts;
}

test('replaced secrets are erased from memory', async (t) => {
	const secrets = [...'abcde'].map((letter) => `the-secret-${letter.repeat(40)}`);
	const app = await App.open(t, { settings: { KYCD_DIDIT_WEBHOOK_SECRET: undefined, KYCD_DIDIT_WEBHOOK_SECRET_FILE: 'hook' }, files: { hook: secrets[0] } });
	for (const secret of secrets.slice(1)) {
		await writeFile(path.join(app.folder, 'hook'), secret);
		assert.match(await reload(app), /applied=1 /);
	}
	const [first, ...others] = await countInMemory(app.server.child.pid, secrets);
	const last = others.pop();
	t.diagnostic(`${first}, ${others}, ${last}`);
	assert.ok(last > 0, 'the current secret is found');
	assert.deepEqual(others, [0, 0, 0]);
});

test('an invalid file changes nothing, and the log line names the setting', async (t) => {
	const app = await App.open(t, { conf: RATES, settings: RATES_FROM_FILE });
	for (const [conf, name, reason] of [
		[`rate_per_second = 1\nrate_per_minute = 1\notp_digits = 99\n`, 'KYCD_OTP_DIGITS', /is invalid/],
		['rate_per_second = 0\n', 'KYCD_RATE_PER_SECOND', /is invalid/],
		['rate_per_second = 1\ncolour = blue\n', 'KYCD_COLOUR', /is not a known setting/],
		['rate_per_second = 1\notp_ttl = 900\n', 'KYCD_OTP_TTL', /above 600/],
		['rate_per_second = 1\nnonsense\n', '-', /kycd.conf: line 2/],
		['rate_per_second = 1\nsmtp_url_file = nowhere\n', 'KYCD_SMTP_URL_FILE', /cannot be read/],
	]) {
		const line = await reload(app, conf);
		assert.match(line, new RegExp(`level=error event=reload_rejected setting=${name} reason="[^"]+"$`), conf);
		assert.match(line, reason);
		for (let i = 0; i < 3; i++) expect(await app.prepare(newEmail()), 201);
	}
	await rm(path.join(app.folder, 'kycd.conf'));
	assert.match(await reload(app), /reload_rejected .*kycd.conf cannot be read/, 'the file may not disappear after the start');
	assert.match(await reload(app, RATES), /reload_applied applied=0$/);
});

test('each reload names the changed settings that need a restart, without their values', async (t) => {
	const app = await App.open(t, { conf: 'brand = Before\n', settings: { KYCD_MAIL_REPLY_TO: undefined } });
	const changed = 'brand = After\nmail_reply_to = secret-person@example.com\nlisten = 127.0.0.1:1\notp_send_burst = 7\n';
	for (const applied of [/applied=1 otp_send_burst=7$/, /applied=0$/]) {
		const n = logLines(app, 'restart_needed').length;
		assert.match(await reload(app, changed), applied);
		const warnings = logLines(app, 'restart_needed').slice(n);
		// KYCD_LISTEN is set in the environment, so the value in the file has no effect.
		assert.deepEqual(warnings.map((line) => /level=warn .* setting=(\S+)/.exec(line)[1]), ['KYCD_BRAND', 'KYCD_MAIL_REPLY_TO']);
	}
	const conf = 'brand = Before\n';
	const n = logLines(app, 'restart_needed').length;
	await reload(app, conf);
	assert.equal(logLines(app, 'restart_needed').length, n, 'no warning after the value is restored');
	assert.ok(!app.server.log.includes('secret-person') && !app.server.log.includes('After'));
});

test('a changed KYCD_LISTEN is named, but not the settings whose defaults depend on it', async (t) => {
	const app = await App.open(t, { conf: '' });
	await app.server.stop();
	const { port, adminPort } = app.server;
	const conf = (listenPort) => `listen = 127.0.0.1:${listenPort}\n`;
	await writeFile(path.join(app.folder, 'kycd.conf'), conf(port));
	app.server.givenSettings = { ...app.server.givenSettings, KYCD_LISTEN: undefined, KYCD_PUBLIC_URL: undefined, KYCD_ADMIN_LISTEN: `127.0.0.1:${adminPort}` };
	await app.server.start();
	await reload(app, conf(1));
	assert.deepEqual(logLines(app, 'restart_needed').map((line) => /setting=(\S+)/.exec(line)[1]), ['KYCD_LISTEN']);
	expect(await app.prepare(newEmail()), 201);
});

test('no request fails during 25 reloads', async (t) => {
	const app = await App.open(t, { conf: RATES, settings: RATES_FROM_FILE });
	let running = true;
	let n = 0;
	const caller = async () => {
		while (running) {
			expect(await app.prepare(newEmail()), 201);
			n++;
		}
	};
	const callers = Promise.all(Array.from({ length: 8 }, caller));
	for (let i = 0; i < 25; i++) await reload(app, `${RATES}otp_send_burst = ${1 + (i % 9)}\nmax_connections = ${500 + i}\n`);
	const before = n;
	await until('a hundred more requests', () => n > before + 100, 20_000);
	running = false;
	await callers;
	assert.equal(logLines(app, 'reload_applied').length, 25);
	await app.server.stop();
});

test('after a thousand changed reloads the next one is rejected and the settings stay', async (t) => {
	const app = await App.open(t, { conf: 'otp_send_burst = 1\n' });
	const change = async (i) => {
		await writeFile(path.join(app.folder, 'kycd.conf'), `otp_send_burst = ${1 + (i % 2)}\n`);
		const [n, end] = [app.server.log.length, Date.now() + 10_000];
		app.server.child.kill('SIGHUP');
		while (Date.now() < end && !/ event=reload_\w+ .*\n/.test(app.server.log.slice(n))) await new Promise(setImmediate);
		return app.server.log.slice(n);
	};
	for (let i = 1; i <= 1000; i++) assert.match(await change(i), /event=reload_applied applied=1 /, `change ${i}`);
	assert.match(await change(1001), /event=reload_rejected setting=- reason="the rules have been reloaded too often since the start: restart kycd"/);
	const email = newEmail();
	await app.requestCode(email);
	expect(await app.send(email), 429, 'otp_send_limited');
	await app.server.stop();
});

test('SIGHUP stops a server in dev mode, because its terminal was closed', async (t) => {
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	const server = new Server({ folder, args: ['--dev'] });
	t.after(() => server.kill());
	await server.start();
	server.child.kill('SIGHUP');
	assert.deepEqual(await within('the exit of the server', 12_000, server.ended), { code: 0, signal: null });
});
