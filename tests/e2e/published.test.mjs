// The samples of the API's published pages, run from where the pages lie: beside a checkout, never in it. Base URL and key are
// replaced, nothing else; behind a sample stands one line that prints what it has in hand. What it gets is what its page shows.
// The calls themselves, without the pages, are in samples.test.mjs.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { held } from './lib/description.mjs';
import { WIDE, expect, newEmail, wrong } from './lib/app.mjs';
import { Server, makeFolder, removeFolder } from './lib/kycd.mjs';
import { until } from './lib/wait.mjs';

const exec = promisify(execFile);
const PAGES = fileURLToPath(new URL('../../../shared/reference/originals/', import.meta.url));
const skip = existsSync(PAGES) ? false : 'the published pages are not beside this checkout (../shared/reference/originals)';
const BASE = 'https://api.starkfi.io';
const PERSON = 'user@example.com'; // as the pages have it

/** Moves a block to the left edge. */
function outdented(block) {
	const edge = Math.min(...block.split('\n').filter((line) => line.trim()).map((line) => /^ */.exec(line)[0].length));
	return block.split('\n').map((line) => line.slice(edge)).join('\n');
}

/** {samples, shown} of a page: its calls as {says, how, text}, and the JSON answers that it shows, by their `status`. */
function read(name) {
	const text = readFileSync(path.join(PAGES, name), 'utf8');
	const samples = [];
	for (const [, language, title, block] of text.matchAll(/^ *```(bash|javascript|python) (\S+)[^\n]*\n([\s\S]*?)^ *```$/gm)) samples.push({ how: language, says: title, text: outdented(block) });
	// The older pages have lost their fences: a command goes on while its line ends in a backslash.
	if (samples.length === 0) for (const [command] of text.matchAll(/^curl (?:.*\\\n)*.*$/gm)) samples.push({ how: 'bash', says: 'curl', text: command });
	const shown = {};
	for (const [block] of text.matchAll(/^( *)\{\n[\s\S]*?^\1\}$/gm)) {
		let json;
		try {
			json = JSON.parse(block);
		} catch {
			continue; // a request with a comment in it
		}
		if (json.statusCode) shown[json.status] = json;
	}
	return { samples, shown };
}

/** A running dev server, a key, and a way to run a sample against it. */
async function open(t) {
	const folder = await makeFolder();
	const server = new Server({ folder, args: ['--dev'], settings: WIDE });
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
	bash: { program: 'bash', file: 'sample.sh', behind: '' },
	javascript: { program: process.execPath, file: 'sample.mjs', behind: '\nconsole.log(JSON.stringify(data));\n' },
	python: { program: 'python3', file: 'sample.py', behind: '\nimport json\nprint(json.dumps(data))\n' },
};

/** Runs it as it stands; gives the answer that it printed, which the description must name. `code`: in place of the page's. */
async function runSample({ folder, server }, { how, text }, { key, code } = {}) {
	assert.equal(text.split(BASE).length, 2, 'the base URL stands there once');
	assert.equal(text.includes('<api_key>'), key !== undefined, 'a key where the page has one');
	const ours = text.replace(BASE, server.base).replace('<api_key>', key ?? '').replace('123456', code ?? '123456');
	const { program, file, behind } = languages[how];
	await writeFile(path.join(folder, file), ours + behind);
	const { stdout } = await exec(program, [file], { cwd: folder, timeout: 30_000 });
	const json = JSON.parse(stdout);
	const [, where] = new RegExp(`${BASE}([^'"\\s]*)`).exec(text);
	const method = /GET/.test(text) ? 'GET' : 'POST';
	held({ method, path: where, http: json.statusCode, type: 'application/json', text: stdout });
	return json;
}

/** The same members, of the same kinds; a list's item stands for all of them. */
function sameForm(given, shown, where = 'answer') {
	if (Array.isArray(shown)) {
		assert.ok(Array.isArray(given), where);
		for (const item of given) sameForm(item, shown[0], `${where}[]`);
	} else if (shown && typeof shown === 'object') {
		assert.deepEqual(Object.keys(given).sort(), Object.keys(shown).sort(), where);
		for (const name of Object.keys(shown)) sameForm(given[name], shown[name], `${where}.${name}`);
	} else {
		assert.equal(typeof given, typeof shown, where);
	}
}

/** What it got is what its page shows: to the message where there is no `data`. */
function asShown(given, shown, word) {
	assert.equal(given.status, word, JSON.stringify(given));
	assert.ok(shown[word], `the page shows ${word}`);
	if (!shown[word].data) return assert.deepEqual(given, shown[word]);
	const { data, ...rest } = given;
	const { data: wanted, ...others } = shown[word];
	assert.deepEqual(rest, others);
	return sameForm(data, wanted, 'data');
}

const post = (server, where, body, key) => server.call('POST', where, { body, headers: key ? { 'x-api-key': key } : {} });

/** A new code for the page's person; never the one that the pages have. */
async function newCode(server, key) {
	for (let i = 0; i < 3; i++) {
		const n = (await server.call('GET', `/sandbox/inbox?to=${PERSON}`)).json.messages.length;
		expect(await post(server, '/security/email/send-otp', { email: PERSON }, key), 201, 'otp_sent');
		const { text } = await until('the message', async () => {
			const { messages } = (await server.call('GET', `/sandbox/inbox?to=${PERSON}`)).json;
			return messages.length > n && messages[0];
		});
		const [code] = /\b\d{6}\b/.exec(text);
		if (code !== '123456') return code;
	}
	throw new Error('three times the code of the pages');
}

const advance = (server, seconds) => server.call('POST', '/sandbox/clock/advance', { body: { seconds } });

const verifyPage = skip ? { samples: [] } : read('starkfi-verify-email-otp.txt');
const createPage = skip ? { samples: [] } : read('starkfi-create-kyc-session.txt');

test('the pages have a sample in each language, and one line on its own where they are older', { skip }, () => {
	for (const { samples } of [verifyPage, createPage]) assert.deepEqual(samples.map(({ how }) => how), ['bash', 'javascript', 'python']);
	assert.equal(read('starkfi-email-verification-guide.txt').samples.length, 2);
	assert.equal(read('starkfi-kyc-status-guide.txt').samples.length, 1);
	assert.deepEqual(Object.keys(verifyPage.shown).sort(), ['email_already_verified', 'email_verified', 'missing_params', 'otp_expired', 'otp_invalid', 'otp_max_attempts', 'server_error', 'user_not_found']);
});

for (const sample of skip ? [{ says: 'cURL' }, { says: 'Node.js' }, { says: 'Python' }] : verifyPage.samples)
	test(`verify email otp, by ${sample.says}`, { skip }, async (t) => {
		const app = await open(t);
		const { server } = app;
		const key = await app.addTenant('shop');
		const gets = async (word, code) => asShown(await runSample(app, sample, { key, code }), verifyPage.shown, word);

		await gets('user_not_found');
		expect(await post(server, '/kyc/prepare', { email: PERSON }, key), 201);
		await gets('otp_expired');
		await newCode(server, key);
		await gets('otp_invalid');
		await advance(server, 600);
		await gets('otp_expired');
		const code = await newCode(server, key);
		const other = wrong(code) === '123456' ? wrong(code, 2) : wrong(code);
		for (let i = 0; i < 5; i++) expect(await post(server, '/security/email/verify-otp', { email: PERSON, code: other }, key), 400, 'otp_invalid');
		await gets('otp_max_attempts');
		// The page's code is anybody's: here stands the one of the message.
		await gets('email_verified', await newCode(server, key));
		await gets('email_already_verified');
	});

for (const sample of skip ? [{ says: 'cURL' }, { says: 'Node.js' }, { says: 'Python' }] : createPage.samples)
	test(`create a session, by ${sample.says}`, { skip }, async (t) => {
		const app = await open(t);
		const { server } = app;
		const key = await app.addTenant('shop', '--monthly-quota', '1');
		const get = () => runSample(app, sample, { key });

		asShown(await get(), createPage.shown, 'user_not_prepared');
		expect(await post(server, '/kyc/prepare', { email: PERSON }, key), 201);
		asShown(await get(), createPage.shown, 'identity_not_verified');
		expect(await post(server, '/security/email/verify-otp', { email: PERSON, code: await newCode(server, key) }, key), 200);
		const made = await get();
		asShown(made, createPage.shown, 'kyc_session_created');
		assert.equal(made.data.message, 'didit_create_kyc_session');
		assert.ok(made.data.session.session_url.startsWith(`${server.base}/sandbox/didit/session/`));
		assert.deepEqual(await get(), made, 'and the same one again');

		// The quota is spent, and the session is over: the next one would be one too many.
		await post(server, made.data.session.session_url.slice(server.base.length) + '/submit', { scenario: 'decline' });
		await until('the decline', async () => (await post(server, '/kyc/status', { email: PERSON }, key)).data?.status === 'declined');
		asShown(await get(), createPage.shown, 'verify_quota_exceeded');
	});

test('the guide of the e-mail\'s verification', { skip }, async (t) => {
	const { samples: [send, verify], shown } = read('starkfi-email-verification-guide.txt');
	const app = await open(t);
	const { server } = app;
	assert.deepEqual(await runSample(app, send), { statusCode: 404, success: false, status: 'user_not_found', message: 'User not found in whitelist' });
	expect(await post(server, '/kyc/prepare', { email: PERSON }), 201);
	asShown(await runSample(app, send), shown, 'otp_sent');
	await until('its message, before that of the next code', async () => (await server.call('GET', `/sandbox/inbox?to=${PERSON}`)).json.messages.length === 1);
	assert.equal((await runSample(app, verify)).status, 'otp_invalid');
	asShown(await runSample(app, verify, { code: await newCode(server) }), shown, 'email_verified');
	assert.deepEqual(await runSample(app, send), { statusCode: 400, success: false, status: 'email_already_verified', message: 'Email is already verified' });
});

test('the guide of the status', { skip }, async (t) => {
	const { samples: [ask], shown } = read('starkfi-kyc-status-guide.txt');
	const app = await open(t);
	const { server } = app;
	assert.equal((await runSample(app, ask)).status, 'user_not_found');
	expect(await post(server, '/kyc/prepare', { email: PERSON }), 201);
	assert.equal((await runSample(app, ask)).status, 'kyc_not_found');
	expect(await post(server, '/security/email/verify-otp', { email: PERSON, code: await newCode(server) }), 200);
	const { session_url } = (await post(server, '/kyc/create/verify_public_kyc', { email: PERSON })).data.session;
	const pending = await runSample(app, ask);
	asShown(pending, shown, 'kyc_status_retrieved');
	assert.deepEqual([pending.data.status, pending.data.approved, pending.data.session_url], ['pending', false, session_url]);
	await post(server, `${session_url.slice(server.base.length)}/submit`, { scenario: 'approve' });
	const { data } = await until('the approval', async () => {
		const answer = await runSample(app, ask);
		return answer.data?.approved && answer;
	});
	assert.deepEqual([data.status, data.session_url], ['approved', null]);
	assert.ok(data.ip_info.length > 0);
	sameForm(data.ip_info, shown.kyc_status_retrieved.data.ip_info, 'ip_info');
});

/** The provider's sample is TypeScript, and wants its base URL and its token from what stands around it. */
function didit(base) {
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

test('the provider\'s createSession, against the sandbox', { skip }, async (t) => {
	const { folder, server } = await open(t);
	const base = `${server.base}/sandbox/didit`;
	const file = path.join(folder, 'create_session.mjs');
	await writeFile(file, didit(base));
	const create = (...args) => exec(process.execPath, [file, ...args], { timeout: 30_000 });

	const made = JSON.parse((await create('OCR + NFC + FACE', 'https://example.com/verification/callback', 'your-vendor-data')).stdout);
	assert.match(made.session_id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
	assert.equal(made.url, `${base}/session/${made.session_token}`);
	assert.equal(made.vendor_data, 'your-vendor-data');
	assert.equal((await server.call('GET', made.url.slice(server.base.length))).http, 200, 'the person finds the page');
	await assert.rejects(create('EVERYTHING', 'https://example.com/verification/callback', newEmail()), (failed) => failed.code === 1 && /Error creating session|Network error/.test(failed.stderr));
});
