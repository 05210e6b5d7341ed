// SIGHUP: rates, limits, log level and webhook secrets hold from then on; what needs a restart is named; a bad file
// changes nothing.
import assert from 'node:assert/strict';
import net from 'node:net';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';
import { Server, makeFolder, removeFolder } from './lib/kycd.mjs';
import { until, within } from './lib/wait.mjs';

/** What the story changes must not stand in the environment, which wins. */
const FREE = { KYCD_RATE_PER_SECOND: undefined, KYCD_RATE_PER_MINUTE: undefined };
const RATES = 'rate_per_second = 1000000\nrate_per_minute = 1000000\n';

const told = (app, fact) => app.server.log.split('\n').filter((line) => line.includes(` event=${fact}`));

/** New lines for kycd.conf, and the signal; gives the line that says what became of it. */
async function reread(app, conf) {
	if (conf !== undefined) await writeFile(path.join(app.folder, 'kycd.conf'), conf);
	const n = told(app, 'reload_').length;
	app.server.child.kill('SIGHUP');
	await until('the settings to be read', () => told(app, 'reload_').length > n);
	return told(app, 'reload_')[n];
}

test('a changed rate holds at once; a key with its own keeps it', async (t) => {
	const app = await App.open(t, { conf: RATES, settings: FREE });
	const own = await app.addKey('shop', '--rate-per-minute', '1000', '--rate-per-second', '1000');
	const burst = async (key, n = 6) => {
		const answers = await Promise.all(Array.from({ length: n }, () => app.status(newEmail(), { key })));
		return answers.filter((answer) => answer.http === 429);
	};
	assert.equal((await burst()).length, 0);
	assert.match(await reread(app, 'rate_per_minute = 2\nrate_per_second = 1000\n'), /level=info event=reload_applied applied=2 rate_per_minute=2 rate_per_second=1000$/);
	const limited = await until('the limit', async () => (await burst())[0]);
	assert.match(limited.text, /\b2\b/, 'the text names the limits in force');
	assert.equal((await burst(own)).length, 0);
	assert.match(await reread(app, RATES), /applied=2 /);
	assert.equal((await burst()).length, 0);
	assert.match(await reread(app), /reload_applied applied=0$/);
});

test('the log level goes to debug and back, and to silence', async (t) => {
	const app = await App.open(t, { conf: 'log = warn\n' });
	let n = 0;
	const asked = async () => {
		const id = `asked-${++n}`;
		expect(await app.status(newEmail(), { headers: { 'x-request-id': id } }), 404);
		return app.server.log.includes(`id=${id} `);
	};
	assert.equal(await asked(), false);
	assert.match(await reread(app, 'log = debug\n'), /reload_applied applied=1 log=debug$/);
	await until('a line of a call', asked);
	assert.match(await reread(app, 'log = warn\n'), /applied=1 log=warn$/, 'the last that is said');
	assert.equal(await asked(), false);
	await reread(app, 'log = info\n');
	assert.match(await reread(app, 'log = error\n'), /applied=1 log=error$/);
	await reread(app, 'log = loud\n');
	assert.match(told(app, 'reload_rejected')[0], /level=error .* setting=KYCD_LOG reason=/, 'at any level');
});

test('limits of codes and tries: new numbers for what comes from now on', async (t) => {
	const app = await App.open(t, { conf: 'otp_send_burst = 1\n' });
	const email = newEmail();
	await app.coded(email);
	expect(await app.send(email), 429, 'otp_send_limited');
	await reread(app, 'otp_send_burst = 1\notp_attempts = 2\n');
	const other = newEmail();
	const code = await app.coded(other);
	const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
	for (const word of ['otp_invalid', 'otp_invalid', 'otp_max_attempts']) expect(await app.verify(other, wrong), 400, word);
	await reread(app, 'otp_send_burst = 5\n');
	const third = newEmail();
	await app.coded(third);
	for (let i = 0; i < 4; i++) expect(await app.send(third), 201);
	expect(await app.send(third), 429);
});

test('connections: a lower limit cuts nobody, a higher one lets in at once', async (t) => {
	const app = await App.open(t, { conf: '' });
	const open = [];
	t.after(() => open.forEach((socket) => socket.destroy()));
	const hold = async () => {
		const socket = net.connect({ host: '127.0.0.1', port: app.server.port });
		socket.on('error', () => {});
		open.push(socket);
		socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
		const [piece] = await new Promise((resolve) => socket.once('data', (bytes) => resolve([bytes.toString()])));
		return Number(piece.split(' ')[1]);
	};
	for (let i = 0; i < 4; i++) assert.equal(await hold(), 200);
	await reread(app, 'max_connections_per_address = 4\n');
	assert.equal(await hold(), 503);
	assert.ok(open.slice(0, 4).every((socket) => !socket.destroyed), 'nobody is cut');
	await reread(app, 'max_connections_per_address = 64\n');
	assert.equal(await hold(), 200);
	await reread(app, 'max_connections = 4\nmax_connections_per_address = 64\n');
	assert.equal(await hold(), 503);
	await reread(app, '');
	assert.equal(await hold(), 200);
});

test('webhook secrets are changed while events come in, and none is lost', async (t) => {
	const [old, fresh] = ['o'.repeat(40), 'f'.repeat(40)];
	const app = await App.open(t, { settings: { KYCD_DIDIT_WEBHOOK_SECRET: undefined, KYCD_DIDIT_WEBHOOK_SECRET_FILE: 'hook' }, files: { hook: `${old}\n` } });
	const session = await app.started(newEmail());
	const event = () => app.didit.event(session.session_id, 'In Progress');
	const post = (secret) => app.didit.post(app.server.base, event(), { secret });
	/** Events without a pause until told to stop; gives how many were let in, and what became of the others. */
	const stream = (secret) => {
		const it = { n: 0, others: [], on: true };
		it.done = (async () => {
			while (it.on) {
				const { http } = await post(secret);
				if (http === 200) it.n++;
				else it.others.push(http);
			}
		})();
		it.end = async () => {
			const n = it.n;
			await until('a few more events', () => it.n > n + 3 || it.others.length > 0);
			it.on = false;
			await it.done;
			return it.others;
		};
		return it;
	};
	const secrets = async (text) => {
		await writeFile(path.join(app.folder, 'hook'), text);
		return reread(app);
	};
	expect(await post(old), 200);
	expect(await post(fresh), 401);
	const first = stream(old);
	assert.match(await secrets(`${old},${fresh}\n`), /applied=1 didit_webhook_secret=changed$/);
	const second = stream(fresh);
	await until('both', () => first.n > 10 && second.n > 10);
	assert.deepEqual(await first.end(), [], 'the old one was good all the time');
	await secrets(`${fresh}\n`);
	expect(await post(old), 401);
	assert.deepEqual(await second.end(), [], 'the new one since it was told');
	await secrets('short');
	assert.match(told(app, 'weak_setting')[0], /level=warn .* setting=KYCD_DIDIT_WEBHOOK_SECRET /);
	expect(await post('short'), 200);
	await secrets('none');
	expect(await post(fresh), 404, 'route_not_found');
	await secrets(fresh);
	expect(await post(fresh), 200);
	for (const secret of [old, fresh, 'short']) assert.ok(!app.server.log.includes(`=${secret}`), 'no secret in the log');
});

/** How often each text stands in the process's memory. */
async function inMemory(pid, texts) {
	const maps = (await readFile(`/proc/${pid}/maps`, 'utf8')).split('\n').filter((line) => / rw/.test(line));
	const found = texts.map(() => 0);
	const memory = await open(`/proc/${pid}/mem`);
	for (const line of maps) {
		const [from, to] = line.split(/[- ]/, 2).map((text) => Number.parseInt(text, 16));
		const bytes = Buffer.alloc(Math.min(to - from, 64 << 20)); // more has only a sanitizer's map
		const n = await memory.read(bytes, 0, bytes.length, from).then(({ bytesRead }) => bytesRead, () => 0);
		for (const [i, text] of texts.entries()) for (let at = bytes.indexOf(text); at >= 0 && at < n; at = bytes.indexOf(text, at + 1)) found[i]++;
	}
	await memory.close();
	return found;
}

test('secrets that are not in force any more are not in memory either', async (t) => {
	const secrets = [...'abcde'].map((message) => `the-secret-${message.repeat(40)}`);
	const app = await App.open(t, { settings: { KYCD_DIDIT_WEBHOOK_SECRET: undefined, KYCD_DIDIT_WEBHOOK_SECRET_FILE: 'hook' }, files: { hook: secrets[0] } });
	for (const secret of secrets.slice(1)) {
		await writeFile(path.join(app.folder, 'hook'), secret);
		assert.match(await reread(app), /applied=1 /);
	}
	const [first, ...others] = await inMemory(app.server.child.pid, secrets);
	const last = others.pop();
	t.diagnostic(`${first}, ${others}, ${last}`);
	assert.ok(last > 0, 'the one in force is found');
	assert.deepEqual(others, [0, 0, 0]);
});

test('a bad file changes nothing, and its line names the setting', async (t) => {
	const app = await App.open(t, { conf: RATES, settings: FREE });
	for (const [conf, name, why] of [
		[`rate_per_second = 1\nrate_per_minute = 1\notp_digits = 99\n`, 'KYCD_OTP_DIGITS', /is invalid/],
		['rate_per_second = 0\n', 'KYCD_RATE_PER_SECOND', /is invalid/],
		['rate_per_second = 1\ncolour = blue\n', 'KYCD_COLOUR', /is not a known setting/],
		['rate_per_second = 1\notp_ttl = 900\n', 'KYCD_OTP_TTL', /above 600/],
		['rate_per_second = 1\nnonsense\n', '-', /kycd.conf: line 2/],
		['rate_per_second = 1\nsmtp_url_file = nowhere\n', 'KYCD_SMTP_URL_FILE', /cannot be read/],
	]) {
		const line = await reread(app, conf);
		assert.match(line, new RegExp(`level=error event=reload_rejected setting=${name} reason="[^"]+"$`), conf);
		assert.match(line, why);
		for (let i = 0; i < 3; i++) expect(await app.prepare(newEmail()), 201);
	}
	await rm(path.join(app.folder, 'kycd.conf'));
	assert.match(await reread(app), /reload_rejected .*kycd.conf cannot be read/, 'a file that was there is not done without');
	assert.match(await reread(app, RATES), /reload_applied applied=0$/);
});

test('what needs a restart is named, without its value, until then', async (t) => {
	const app = await App.open(t, { conf: 'brand = Before\n', settings: { KYCD_MAIL_REPLY_TO: undefined } });
	const changed = 'brand = After\nmail_reply_to = secret-person@example.com\nlisten = 127.0.0.1:1\notp_send_burst = 7\n';
	for (const applied of [/applied=1 otp_send_burst=7$/, /applied=0$/]) {
		const n = told(app, 'restart_needed').length;
		assert.match(await reread(app, changed), applied);
		const named = told(app, 'restart_needed').slice(n);
		// KYCD_LISTEN stands in the environment, which wins and does not change.
		assert.deepEqual(named.map((line) => /level=warn .* setting=(\S+)/.exec(line)[1]), ['KYCD_BRAND', 'KYCD_MAIL_REPLY_TO']);
	}
	const conf = 'brand = Before\n';
	const n = told(app, 'restart_needed').length;
	await reread(app, conf);
	assert.equal(told(app, 'restart_needed').length, n, 'back as it was');
	assert.ok(!app.server.log.includes('secret-person') && !app.server.log.includes('After'));
});

test('a changed address to listen on is named, and what follows from it is not', async (t) => {
	const app = await App.open(t, { conf: '' });
	await app.server.stop();
	const { port, adminPort } = app.server;
	const conf = (at) => `listen = 127.0.0.1:${at}\n`;
	await writeFile(path.join(app.folder, 'kycd.conf'), conf(port));
	app.server.given = { ...app.server.given, KYCD_LISTEN: undefined, KYCD_PUBLIC_URL: undefined, KYCD_ADMIN_LISTEN: `127.0.0.1:${adminPort}` };
	await app.server.start();
	await reread(app, conf(1));
	assert.deepEqual(told(app, 'restart_needed').map((line) => /setting=(\S+)/.exec(line)[1]), ['KYCD_LISTEN']);
	expect(await app.prepare(newEmail()), 201);
});

test('no call is lost while settings are read again and again', async (t) => {
	const app = await App.open(t, { conf: RATES, settings: FREE });
	let on = true;
	let n = 0;
	const caller = async () => {
		while (on) {
			expect(await app.prepare(newEmail()), 201);
			n++;
		}
	};
	const callers = Promise.all(Array.from({ length: 8 }, caller));
	for (let i = 0; i < 25; i++) await reread(app, `${RATES}otp_send_burst = ${1 + (i % 9)}\nmax_connections = ${500 + i}\n`);
	const seen = n;
	await until('a hundred calls', () => n > seen + 100, 20_000);
	on = false;
	await callers;
	assert.equal(told(app, 'reload_applied').length, 25);
	await app.server.stop();
});

test('after a thousand changes a restart is asked for, and what was in force stays', async (t) => {
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
	await app.coded(email);
	expect(await app.send(email), 429, 'otp_send_limited');
	await app.server.stop();
});

test('a hang-up ends dev mode, whose terminal is gone', async (t) => {
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	const server = new Server({ folder, args: ['--dev'] });
	t.after(() => server.kill());
	await server.start();
	server.child.kill('SIGHUP');
	assert.deepEqual(await within('the end', 12_000, server.ended), { code: 0, signal: null });
});
