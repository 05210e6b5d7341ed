// The requests that the API's documentation shows to integrators, in its three languages and with its spelling of the headers,
// and the provider's own sample that creates a session, against the sandbox.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import test from 'node:test';
import { promisify } from 'node:util';
import { UNLIMITED_RATES, newEmail } from './lib/app.mjs';
import { Server, makeFolder, removeFolder } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';

const exec = promisify(execFile);

async function open(t) {
	const folder = await makeFolder();
	const server = new Server({ folder, args: ['--dev'], settings: UNLIMITED_RATES });
	t.after(async () => {
		await server.stop().finally(() => server.kill());
		await removeFolder(folder);
	});
	await server.start();
	await server.run('tenant', 'add', 'shop', '--dev');
	return { server, key: await server.run('key', 'create', '--dev', '--tenant', 'shop') };
}

/**
 * Each function below returns a client: a function that sends a request and returns the JSON answer. Without `key`, curl sends no
 * key, as on older pages.
 */
const curl = (key) => async (method, url, body) => {
	const args = ['--silent', '--request', method, '--url', url];
	if (body) args.push('--header', 'Content-Type: application/json', '--data', JSON.stringify(body));
	if (key) args.push('--header', `x-api-key: ${key}`);
	return JSON.parse((await exec('curl', args)).stdout);
};

const node = (key) => async (method, url, body) => {
	const headers = { 'Content-Type': 'application/json', ...(key ? { 'x-api-key': key } : {}) };
	const response = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
	const data = await response.json();
	assert.equal(data.statusCode, response.status);
	return data;
};

/** Python program that sends the same request as `requests.post(url, headers=…, json=…)`, without needing that package. */
const PYTHON = `
import json, sys, urllib.error, urllib.request
method, url, key, body = sys.argv[1:]
headers = {"Content-Type": "application/json", "x-api-key": key, "User-Agent": "python-requests/2.31.0", "Accept-Encoding": "gzip, deflate", "Accept": "*/*"}
request = urllib.request.Request(url, data=body.encode() if body else None, headers=headers, method=method)
try:
    print(urllib.request.urlopen(request).read().decode())
except urllib.error.HTTPError as error:
    print(error.read().decode())
`;
const python = (key) => async (method, url, body) =>
	JSON.parse((await exec('python3', ['-c', PYTHON, method, url, key, body ? JSON.stringify(body) : ''])).stdout);

const envelope = (statusCode, status, message) => ({ statusCode, success: statusCode < 300, status, message });

for (const { name, client, keyless } of [
	{ name: 'curl', client: curl },
	{ name: 'curl without a key', client: curl, keyless: true },
	{ name: 'fetch', client: node },
	{ name: 'python', client: python },
])
	test(`the documented requests get the documented answers with ${name}`, async (t) => {
		const { server, key } = await open(t);
		const send = client(keyless ? '' : key);
		const email = newEmail();
		const urlOf = (where) => `${server.base}${where}`;

		assert.deepEqual(await send('POST', urlOf('/security/email/send-otp'), { email }), envelope(404, 'user_not_found', 'User not found in whitelist'));
		assert.deepEqual(await send('POST', urlOf('/kyc/prepare'), { email }), envelope(201, 'user_prepared', 'User prepared for KYC, please verify your email'));
		assert.deepEqual(await send('POST', urlOf('/kyc/create/verify_public_kyc'), { email }),
			envelope(403, 'identity_not_verified', 'You must verify your email or wallet before starting KYC'));
		assert.deepEqual(await send('POST', urlOf('/security/email/send-otp'), { email }), envelope(201, 'otp_sent', 'Verification code sent to your email'));
		const message = await until('the message to be in the inbox', async () => (await server.call('GET', `/sandbox/inbox?to=${email}`)).json.messages[0]);
		const code = message.text.slice(0, 6);
		assert.deepEqual(await send('POST', urlOf('/security/email/verify-otp'), { email, code: code === '123456' ? '654321' : '123456' }), envelope(400, 'otp_invalid', 'Invalid code'));
		assert.deepEqual(await send('POST', urlOf('/security/email/verify-otp'), { email, code }), envelope(200, 'email_verified', 'Email verified successfully'));
		assert.equal((await send('GET', urlOf(`/kyc/status?email=${email}`))).status, 'kyc_not_found');
		const created = await send('POST', urlOf('/kyc/create/verify_public_kyc'), { email });
		const { session_id, session_url } = created.data.session;
		assert.deepEqual(created, { ...envelope(201, 'kyc_session_created', 'KYC session created'),
			data: { success: true, message: 'didit_create_kyc_session', session: { session_id, session_url } } });
		assert.deepEqual(await send('GET', urlOf(`/kyc/status?email=${email}`)), { ...envelope(200, 'kyc_status_retrieved', 'KYC status retrieved'),
			data: { status: 'pending', approved: false, session_id, session_status: 'Not Started', session_url, ip_info: [], is_blocklisted: false } });
	});

test('the provider\'s sample that creates a session works with the sandbox', async (t) => {
	const { server } = await open(t);
	const base = `${server.base}/sandbox/didit`;
	const token = await (await fetch(`${base}/auth/v2/token/`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/x-www-form-urlencoded', Authorization: `Basic ${btoa('sandbox:sandbox')}` },
		body: new URLSearchParams({ grant_type: 'client_credentials' }),
	})).json();
	const create = (features) => fetch(`${base}/v1/session/`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token.access_token}` },
		body: JSON.stringify({ vendor_data: 'your-vendor-data', callback: 'https://example.com/verification/callback', features }),
	});

	const response = await create('OCR + NFC + FACE');
	const created = await response.json();
	assert.equal(response.status, 201);
	assert.equal(created.url, `${base}/session/${created.session_token}`);
	assert.match(created.session_id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
	assert.equal((await create('EVERYTHING')).status, 400);
});
