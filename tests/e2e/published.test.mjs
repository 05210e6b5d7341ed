// Runs the code samples of the API's published pages and compares each answer with the example on the same page. The pages are
// beside the checkout, not in it. The test replaces the base URL, the key and the code, and appends one line that prints the
// answer. The same requests without the pages are in samples.test.mjs.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { assertDescribed } from './lib/description.mjs';
import { UNLIMITED_RATES, expect, newEmail, wrongCode } from './lib/app.mjs';
import { Server, makeFolder, removeFolder } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';

const exec = promisify(execFile);
const PAGES = fileURLToPath(new URL('../../../shared/reference/originals/', import.meta.url));
const skip = existsSync(PAGES) ? false : 'the published pages are missing: ../shared/reference/originals';
const BASE = 'https://api.starkfi.io';
const PERSON = 'user@example.com'; // the address in the pages

/** Removes the common indentation of a block. */
function dedent(block) {
	const indent = Math.min(...block.split('\n').filter((line) => line.trim()).map((line) => /^ */.exec(line)[0].length));
	return block.split('\n').map((line) => line.slice(indent)).join('\n');
}

/** Returns a page's samples as {name, language, text} and the JSON answers that it shows as {examples}, by their `status`. */
function readPage(fileName) {
	const text = readFileSync(path.join(PAGES, fileName), 'utf8');
	const samples = [];
	for (const [, language, name, block] of text.matchAll(/^ *```(bash|javascript|python) (\S+)[^\n]*\n([\s\S]*?)^ *```$/gm)) samples.push({ language, name, text: dedent(block) });
	// The older pages have no code fences. There, a command continues while its line ends in a backslash.
	if (samples.length === 0) for (const [command] of text.matchAll(/^curl (?:.*\\\n)*.*$/gm)) samples.push({ language: 'bash', name: 'curl', text: command });
	const examples = {};
	for (const [block] of text.matchAll(/^( *)\{\n[\s\S]*?^\1\}$/gm)) {
		let json;
		try {
			json = JSON.parse(block);
		} catch {
			continue; // this block is a request with a comment in it, which is not JSON
		}
		if (json.statusCode) examples[json.status] = json;
	}
	return { samples, examples };
}

/** Starts a server in dev mode. */
async function open(t) {
	const folder = await makeFolder();
	const server = new Server({ folder, args: ['--dev'], settings: UNLIMITED_RATES });
	t.after(async () => {
		await server.stop().finally(() => server.kill());
		await removeFolder(folder);
	});
	await server.start();
	const app = { folder, server, n: 0 };
	app.addTenant = async (name, ...options) => {
		await server.run('tenant', 'add', name, '--dev', ...options);
		return server.run('key', 'create', '--dev', '--tenant', name);
	};
	return app;
}

const languages = {
	bash: { program: 'bash', file: 'sample.sh', suffix: '' },
	javascript: { program: process.execPath, file: 'sample.mjs', suffix: '\nconsole.log(JSON.stringify(data));\n' },
	python: { program: 'python3', file: 'sample.py', suffix: '\nimport json\nprint(json.dumps(data))\n' },
};

/**
 * Runs a sample and returns the answer that it printed, which must conform to the OpenAPI description. `key` and `code` replace
 * those of the page.
 */
async function runSample({ folder, server }, { language, text }, { key, code } = {}) {
	assert.equal(text.split(BASE).length, 2, 'the sample contains the base URL once');
	assert.equal(text.includes('<api_key>'), key !== undefined, 'the test gives a key exactly if the sample has one');
	const adapted = text.replace(BASE, server.base).replace('<api_key>', key ?? '').replace('123456', code ?? '123456');
	const { program, file, suffix } = languages[language];
	await writeFile(path.join(folder, file), adapted + suffix);
	const { stdout } = await exec(program, [file], { cwd: folder, timeout: 30_000 });
	const json = JSON.parse(stdout);
	const [, where] = new RegExp(`${BASE}([^'"\\s]*)`).exec(text);
	const method = /GET/.test(text) ? 'GET' : 'POST';
	assertDescribed({ method, path: where, http: json.statusCode, type: 'application/json', text: stdout });
	return json;
}

/**
 * Asserts that both values have the same members with values of the same types. All items of a list are compared with the example's
 * first item.
 */
function assertSameShape(given, example, where = 'answer') {
	if (Array.isArray(example)) {
		assert.ok(Array.isArray(given), where);
		for (const item of given) assertSameShape(item, example[0], `${where}[]`);
	} else if (example && typeof example === 'object') {
		assert.deepEqual(Object.keys(given).sort(), Object.keys(example).sort(), where);
		for (const name of Object.keys(example)) assertSameShape(given[name], example[name], `${where}.${name}`);
	} else {
		assert.equal(typeof given, typeof example, where);
	}
}

/** Asserts that the answer equals the page's example with this status. `data`, if there is any, only needs the same shape. */
function assertAsDocumented(given, examples, word) {
	assert.equal(given.status, word, JSON.stringify(given));
	assert.ok(examples[word], `the page has an example of ${word}`);
	if (!examples[word].data) return assert.deepEqual(given, examples[word]);
	const { data, ...rest } = given;
	const { data: expectedData, ...expectedRest } = examples[word];
	assert.deepEqual(rest, expectedRest);
	return assertSameShape(data, expectedData, 'data');
}

const post = (server, where, body, key) => server.call('POST', where, { body, headers: key ? { 'x-api-key': key } : {} });

/** Requests a new code and returns it. It always differs from the code in the pages, which the tests use as a wrong code. */
async function newCode(server, key) {
	for (let i = 0; i < 3; i++) {
		const n = (await server.call('GET', `/sandbox/inbox?to=${PERSON}`)).json.messages.length;
		expect(await post(server, '/security/email/send-otp', { email: PERSON }, key), 201, 'otp_sent');
		const { text } = await until('the message to be in the inbox', async () => {
			const { messages } = (await server.call('GET', `/sandbox/inbox?to=${PERSON}`)).json;
			return messages.length > n && messages[0];
		});
		const [code] = /\b\d{6}\b/.exec(text);
		if (code !== '123456') return code;
	}
	throw new Error('three new codes were equal to the code in the pages');
}

const advance = (server, seconds) => server.call('POST', '/sandbox/clock/advance', { body: { seconds } });

const verifyPage = skip ? { samples: [] } : readPage('starkfi-verify-email-otp.txt');
const createPage = skip ? { samples: [] } : readPage('starkfi-create-kyc-session.txt');

test('each page has the expected samples and examples', { skip }, () => {
	for (const { samples } of [verifyPage, createPage]) assert.deepEqual(samples.map(({ language }) => language), ['bash', 'javascript', 'python']);
	assert.equal(readPage('starkfi-email-verification-guide.txt').samples.length, 2);
	assert.equal(readPage('starkfi-kyc-status-guide.txt').samples.length, 1);
	assert.deepEqual(Object.keys(verifyPage.examples).sort(), ['email_already_verified', 'email_verified', 'missing_params', 'otp_expired', 'otp_invalid', 'otp_max_attempts', 'server_error', 'user_not_found']);
});

for (const sample of skip ? [{ name: 'cURL' }, { name: 'Node.js' }, { name: 'Python' }] : verifyPage.samples)
	test(`the ${sample.name} sample of verify-otp gets the documented answers`, { skip }, async (t) => {
		const app = await open(t);
		const { server } = app;
		const key = await app.addTenant('shop');
		const assertGets = async (word, code) => assertAsDocumented(await runSample(app, sample, { key, code }), verifyPage.examples, word);

		await assertGets('user_not_found');
		expect(await post(server, '/kyc/prepare', { email: PERSON }, key), 201);
		await assertGets('otp_expired');
		await newCode(server, key);
		await assertGets('otp_invalid');
		await advance(server, 600);
		await assertGets('otp_expired');
		const code = await newCode(server, key);
		const other = wrongCode(code) === '123456' ? wrongCode(code, 2) : wrongCode(code);
		for (let i = 0; i < 5; i++) expect(await post(server, '/security/email/verify-otp', { email: PERSON, code: other }, key), 400, 'otp_invalid');
		await assertGets('otp_max_attempts');
		// The sample runs with the code of the message in place of the page's code.
		await assertGets('email_verified', await newCode(server, key));
		await assertGets('email_already_verified');
	});

for (const sample of skip ? [{ name: 'cURL' }, { name: 'Node.js' }, { name: 'Python' }] : createPage.samples)
	test(`the ${sample.name} sample of create gets the documented answers`, { skip }, async (t) => {
		const app = await open(t);
		const { server } = app;
		const key = await app.addTenant('shop', '--monthly-quota', '1');
		const createSession = () => runSample(app, sample, { key });

		assertAsDocumented(await createSession(), createPage.examples, 'user_not_prepared');
		expect(await post(server, '/kyc/prepare', { email: PERSON }, key), 201);
		assertAsDocumented(await createSession(), createPage.examples, 'identity_not_verified');
		expect(await post(server, '/security/email/verify-otp', { email: PERSON, code: await newCode(server, key) }, key), 200);
		const created = await createSession();
		assertAsDocumented(created, createPage.examples, 'kyc_session_created');
		assert.equal(created.data.message, 'didit_create_kyc_session');
		assert.ok(created.data.session.session_url.startsWith(`${server.base}/sandbox/didit/session/`));
		assert.deepEqual(await createSession(), created, 'the second call returns the same session');

		// The quota of one session is used up, and a new session is needed because the first one is declined.
		await post(server, created.data.session.session_url.slice(server.base.length) + '/submit', { scenario: 'decline' });
		await until('the session to be declined', async () => (await post(server, '/kyc/status', { email: PERSON }, key)).data?.status === 'declined');
		assertAsDocumented(await createSession(), createPage.examples, 'verify_quota_exceeded');
	});

test('the samples of the e-mail verification guide get the documented answers', { skip }, async (t) => {
	const { samples: [send, verify], examples } = readPage('starkfi-email-verification-guide.txt');
	const app = await open(t);
	const { server } = app;
	assert.deepEqual(await runSample(app, send), { statusCode: 404, success: false, status: 'user_not_found', message: 'User not found in whitelist' });
	expect(await post(server, '/kyc/prepare', { email: PERSON }), 201);
	assertAsDocumented(await runSample(app, send), examples, 'otp_sent');
	await until('the message of the first code, before the next code is requested', async () => (await server.call('GET', `/sandbox/inbox?to=${PERSON}`)).json.messages.length === 1);
	assert.equal((await runSample(app, verify)).status, 'otp_invalid');
	assertAsDocumented(await runSample(app, verify, { code: await newCode(server) }), examples, 'email_verified');
	assert.deepEqual(await runSample(app, send), { statusCode: 400, success: false, status: 'email_already_verified', message: 'Email is already verified' });
});

test('the sample of the status guide gets the documented answer', { skip }, async (t) => {
	const { samples: [sample], examples } = readPage('starkfi-kyc-status-guide.txt');
	const app = await open(t);
	const { server } = app;
	assert.equal((await runSample(app, sample)).status, 'user_not_found');
	expect(await post(server, '/kyc/prepare', { email: PERSON }), 201);
	assert.equal((await runSample(app, sample)).status, 'kyc_not_found');
	expect(await post(server, '/security/email/verify-otp', { email: PERSON, code: await newCode(server) }), 200);
	const { session_url } = (await post(server, '/kyc/create/verify_public_kyc', { email: PERSON })).data.session;
	const pending = await runSample(app, sample);
	assertAsDocumented(pending, examples, 'kyc_status_retrieved');
	assert.deepEqual([pending.data.status, pending.data.approved, pending.data.session_url], ['pending', false, session_url]);
	await post(server, `${session_url.slice(server.base.length)}/submit`, { scenario: 'approve' });
	const { data } = await until('the session to be approved', async () => {
		const answer = await runSample(app, sample);
		return answer.data?.approved && answer;
	});
	assert.deepEqual([data.status, data.session_url], ['approved', null]);
	assert.ok(data.ip_info.length > 0);
	assertSameShape(data.ip_info, examples.kyc_status_retrieved.data.ip_info, 'ip_info');
});

/** Returns the provider's TypeScript sample as JavaScript, with the base URL and the getClientToken() that it expects. */
function diditProgram(base) {
	const text = readFileSync(path.join(PAGES, 'didit-create-session-v1.txt'), 'utf8');
	const [, sample] = /^```[^\n]*\n(const createSession = [\s\S]*?)^```$/m.exec(text);
	const [head, ...rest] = sample.split(') => {');
	const untyped = [head.replace(/: string\b/g, ''), ...rest].join(') => {');
	assert.doesNotMatch(untyped, /: string\b/);
	return `const BASE_URL = ${JSON.stringify(base)};
async function getClientToken() {
	const response = await fetch(\`\${BASE_URL}/auth/v2/token/\`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/x-www-form-urlencoded', Authorization: \`Basic \${btoa('sandbox:sandbox')}\` },
		body: new URLSearchParams({ grant_type: 'client_credentials' }),
	});
	return response.json();
}
${untyped}
const [features, callback, vendor] = process.argv.slice(2);
console.log(JSON.stringify(await createSession(features, callback, vendor)));
`;
}

test('the provider\'s published createSession works with the sandbox', { skip }, async (t) => {
	const { folder, server } = await open(t);
	const base = `${server.base}/sandbox/didit`;
	const file = path.join(folder, 'create_session.mjs');
	await writeFile(file, diditProgram(base));
	const create = (...args) => exec(process.execPath, [file, ...args], { timeout: 30_000 });

	const created = JSON.parse((await create('OCR + NFC + FACE', 'https://example.com/verification/callback', 'your-vendor-data')).stdout);
	assert.match(created.session_id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
	assert.equal(created.url, `${base}/session/${created.session_token}`);
	assert.equal(created.vendor_data, 'your-vendor-data');
	assert.equal((await server.call('GET', created.url.slice(server.base.length))).http, 200, 'the session\'s page exists');
	await assert.rejects(create('EVERYTHING', 'https://example.com/verification/callback', newEmail()), (error) => error.code === 1 && /Error creating session|Network error/.test(error.stderr));
});
