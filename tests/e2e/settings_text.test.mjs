// What people and platforms write into settings without meaning it: injected variables, quotes, comments, marks.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { App, expect, masterKey, newEmail } from './lib/app.mjs';
import { makeFolder, removeFolder, run } from './lib/kycd.mjs';

const safe = () => ({
	KYCD_DATABASE: 'sqlite:kycd.db',
	KYCD_PUBLIC_URL: 'https://kyc.example',
	KYCD_SECRET_KEY: masterKey(),
	KYCD_SMTP_URL: 'smtp://127.0.0.1:2525',
	KYCD_MAIL_FROM: 'no-reply@kycd.example',
	KYCD_DIDIT_API_KEY: 'key',
	KYCD_DIDIT_WORKFLOW_ID: '1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80',
	KYCD_DIDIT_WEBHOOK_SECRET: 'w'.repeat(32),
});

async function inFolder(t) {
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	return folder;
}

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

	const folder = await inFolder(t);
	const check = await run(['config', 'check'], { settings: { ...safe(), ...injected }, folder });
	assert.equal(check.code, 0, check.stderr);
	assert.match(check.stderr, /^hint: 8 variables of the container platform are ignored, the first is KYCD_\w+\n$/);
	for (const change of [{ KYCD_PORT: '8080' }, { KYCD_SERVICE_HOST: 'kyc.example' }, { KYCD_OTP_TTTL: '600' }]) {
		const refused = await run(['config', 'check'], { settings: { ...safe(), ...injected, ...change }, folder });
		assert.equal(refused.code, 1);
		assert.match(refused.stderr, new RegExp(`^kycd: ${Object.keys(change)[0]} is not a known setting: `));
	}
});
