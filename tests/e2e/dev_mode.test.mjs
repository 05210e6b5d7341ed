// Development mode: what it prints is true for the settings in force, and foreign web pages cannot use its routes.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Server, makeFolder, removeFolder } from './lib/kycd.mjs';

async function start(t, settings = {}) {
	const folder = await makeFolder();
	const server = new Server({ folder, args: ['--dev'], settings });
	t.after(async () => {
		await server.stop().finally(() => server.kill());
		await removeFolder(folder);
	});
	return server.start();
}

/** Sends a request with exactly these headers; returns the HTTP status. */
const status = (server, method, path, headers, body = '') => new Promise((resolve, reject) => {
	const { port } = new URL(server.base);
	http.request({ host: '127.0.0.1', port, method, path, headers: { 'content-length': body.length, ...headers } }, (answer) => {
		answer.resume().on('end', () => resolve(answer.statusCode));
	}).on('error', reject).end(body);
});

const JSON_BODY = { 'content-type': 'application/json' };

test('routes that change the sandbox need JSON, a loopback host and no foreign origin', async (t) => {
	const server = await start(t);
	const own = new URL(server.base).host;
	for (const [path, body] of [['/sandbox/clock/advance', '{"seconds":0}'], ['/sandbox/faults', '{"what":"drop","times":1}']]) {
		const post = (headers) => status(server, 'POST', path, headers, body);
		assert.equal(await post({ ...JSON_BODY, host: own }), 200);
		assert.equal(await post({ ...JSON_BODY, host: own, origin: `http://${own}` }), 200);
		assert.equal(await post({ 'content-type': 'application/json; charset=utf-8', host: 'localhost:1' }), 200);
		assert.equal(await post({ ...JSON_BODY, host: '[::1]:1' }), 200);
		assert.equal(await post({ host: own }), 415);
		for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp'])
			assert.equal(await post({ 'content-type': type, host: own }), 415, type);
		for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:80', '192.168.1.7'])
			assert.equal(await post({ ...JSON_BODY, host }), 400, host);
		for (const origin of ['https://evil.example', 'null', `http://${own}.evil.example`, 'http://127.0.0.1:1', ''])
			assert.equal(await post({ ...JSON_BODY, host: own, origin }), 400, origin);
	}
	assert.equal(await status(server, 'GET', '/sandbox/inbox', { host: 'evil.example' }), 400, 'e-mails are not readable by DNS rebinding');
	assert.equal(await status(server, 'POST', '/sandbox/didit/v3/session/', { ...JSON_BODY, 'x-api-key': 'sandbox', host: 'evil.example' }, '{}'), 400);
	assert.equal(await status(server, 'POST', '/sandbox/didit/v3/session/', { ...JSON_BODY, 'x-api-key': 'sandbox', host: own, origin: 'https://evil.example' }, '{}'), 400);
});

test('KYCD_DEV_OPEN=1 accepts any host, but no foreign origin', async (t) => {
	const server = await start(t, { KYCD_DEV_OPEN: '1' });
	const post = (headers) => status(server, 'POST', '/sandbox/clock/advance', { ...JSON_BODY, ...headers }, '{"seconds":0}');
	assert.equal(await post({ host: 'kyc.test.example' }), 200);
	assert.equal(await post({ host: 'kyc.test.example', origin: 'https://evil.example' }), 400);
});

test('the introduction names the inbox and the sandbox only if they exist', async (t) => {
	const plain = await start(t);
	await plain.waitForLog(/no identity is really verified/);
	await plain.waitForLog(/\/sandbox\/inbox/);
	const real = await start(t, { KYCD_SMTP_URL: 'smtp://127.0.0.1:2525', KYCD_MAIL_FROM: 'kyc@example.com',
		KYCD_DIDIT_API_KEY: 'k'.repeat(32), KYCD_DIDIT_WORKFLOW_ID: '1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80', KYCD_DIDIT_WEBHOOK_SECRET: 's'.repeat(32) });
	await real.waitForLog(/A real provider is configured/);
	await real.waitForLog(/Press Ctrl-C/);
	await real.waitForLog(/KYCD_SMTP_URL/);
	assert.doesNotMatch(real.log, /really verified/);
	assert.doesNotMatch(real.log, /\/sandbox\/inbox/);
});

test('GET / leads to the documentation', async (t) => {
	const server = await start(t);
	const answer = await fetch(`${server.base}/`, { redirect: 'manual' });
	assert.deepEqual([answer.status, answer.headers.get('location')], [303, '/docs']);
	assert.equal((await fetch(`${server.base}/`)).status, 200);
});

test('make run prints a line with the elapsed time for each step, and stops at the step that fails', async (t) => {
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	const script = path.join(folder, 'tools', 'run_dev.sh');
	const command = async (name, text) => {
		await writeFile(path.join(folder, name), `#!/bin/sh\n${text}\n`);
		await chmod(path.join(folder, name), 0o755);
	};
	await mkdir(path.join(folder, 'tools'));
	await mkdir(path.join(folder, 'build'));
	await copyFile(fileURLToPath(new URL('../../tools/run_dev.sh', import.meta.url)), script);
	await command('tools/setup.sh', 'exit 0');
	await command('build/kycd', 'echo "kycd $*"');
	await writeFile(path.join(folder, 'Makefile'), 'all:\n\t@true\n');
	const { stdout } = await promisify(execFile)(script);
	assert.deepEqual(stdout.trim().replace(/\d+ s/g, 'N s').split('\n'), [
		'make run, step 1 of 2: installing missing packages ...', 'make run, step 1 of 2: installing missing packages: done after N s',
		'make run, step 2 of 2: building ...', 'make run, step 2 of 2: building: done after N s', 'kycd serve --dev']);
	await command('tools/setup.sh', 'exit 3');
	await assert.rejects(promisify(execFile)(script), (error) => error.code === 3 && !error.stdout.includes('step 2'));
});
