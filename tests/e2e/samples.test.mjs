// The calls as the API's documentation shows them to integrators, in its three languages and with its header spelling;
// only the base URL and the key are ours. And the provider's own sample of a create, against the sandbox.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import test from 'node:test';
import { promisify } from 'node:util';
import { WIDE, newEmail } from './lib/app.mjs';
import { Server, makeFolder, removeFolder } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';

const exec = promisify(execFile);

async function open(t) {
	const folder = await makeFolder();
	const server = new Server({ folder, args: ['--dev'], settings: WIDE });
	t.after(async () => {
		await server.stop().finally(() => server.kill());
		await removeFolder(folder);
	});
	await server.start();
	await server.run('tenant', 'add', 'shop', '--dev');
	return { server, key: await server.run('key', 'create', '--dev', '--tenant', 'shop') };
}

/** As a terminal would: with a key or, as the older pages have it, without. */
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

/** What `requests.post(url, headers=…, json=…)` puts on the wire, without the package. */
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

for (const { says, ask, keyless } of [
	{ says: 'curl', ask: curl },
	{ says: 'curl without a key', ask: curl, keyless: true },
	{ says: 'fetch', ask: node },
	{ says: 'python', ask: python },
])
	test(`the documented calls by ${says}`, async (t) => {
		const { server, key } = await open(t);
		const say = ask(keyless ? '' : key);
		const email = newEmail();
		const at = (where) => `${server.base}${where}`;

		assert.deepEqual(await say('POST', at('/security/email/send-otp'), { email }), envelope(404, 'user_not_found', 'User not found in whitelist'));
		assert.deepEqual(await say('POST', at('/kyc/prepare'), { email }), envelope(201, 'user_prepared', 'User prepared for KYC, please verify your email'));
		assert.deepEqual(await say('POST', at('/kyc/create/verify_public_kyc'), { email }),
			envelope(403, 'identity_not_verified', 'You must verify your email or wallet before starting KYC'));
		assert.deepEqual(await say('POST', at('/security/email/send-otp'), { email }), envelope(201, 'otp_sent', 'Verification code sent to your email'));
		const message = await until('the message', async () => (await server.call('GET', `/sandbox/inbox?to=${email}`)).json.messages[0]);
		const code = message.text.slice(0, 6);
		assert.deepEqual(await say('POST', at('/security/email/verify-otp'), { email, code: code === '123456' ? '654321' : '123456' }), envelope(400, 'otp_invalid', 'Invalid code'));
		assert.deepEqual(await say('POST', at('/security/email/verify-otp'), { email, code }), envelope(200, 'email_verified', 'Email verified successfully'));
		assert.equal((await say('GET', at(`/kyc/status?email=${email}`))).status, 'kyc_not_found');
		const created = await say('POST', at('/kyc/create/verify_public_kyc'), { email });
		const { session_id, session_url } = created.data.session;
		assert.deepEqual(created, { ...envelope(201, 'kyc_session_created', 'KYC session created'),
			data: { success: true, message: 'didit_create_kyc_session', session: { session_id, session_url } } });
		assert.deepEqual(await say('GET', at(`/kyc/status?email=${email}`)), { ...envelope(200, 'kyc_status_retrieved', 'KYC status retrieved'),
			data: { status: 'pending', approved: false, session_id, session_status: 'Not Started', session_url, ip_info: [], is_blocklisted: false } });
	});

test('the provider\'s sample of a create, against the sandbox', async (t) => {
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
	const made = await response.json();
	assert.equal(response.status, 201);
	assert.equal(made.url, `${base}/session/${made.session_token}`);
	assert.match(made.session_id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
	assert.equal((await create('EVERYTHING')).status, 400);
});
