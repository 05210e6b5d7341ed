// What integrators are given to read: the description for their programs, and the page for themselves.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import test from 'node:test';
import { promisify } from 'node:util';
import { Browser, VIEWS } from './lib/browser.mjs';
import { description, held } from './lib/description.mjs';
import { App, WIDE, expect, newEmail } from './lib/app.mjs';
import { Server, makeFolder, removeFolder, run } from './lib/kycd.mjs';

const exec = promisify(execFile);
const { createConfig, lintFromString } = createRequire(import.meta.url)('@redocly/openapi-core');

async function inDev(t, settings = {}) {
	const folder = await makeFolder();
	const server = new Server({ folder, args: ['--dev'], settings: { ...WIDE, ...settings } });
	t.after(async () => {
		await server.stop().finally(() => server.kill());
		await removeFolder(folder);
	});
	return server.start();
}

/** What a linter has to say, each finding in one line. No recommended rule is switched off; two are switched on. */
async function findings(document) {
	const config = await createConfig({ extends: ['recommended'], rules: { 'no-invalid-schema-examples': 'error', 'no-invalid-parameter-examples': 'error' } });
	const found = await lintFromString({ source: JSON.stringify(document), absoluteRef: '/openapi.json', config });
	return found.map(({ severity, ruleId, message, location }) => `${severity} ${ruleId} at ${location[0]?.pointer}: ${message}`);
}

test('the description is printed without any setting, and is the one that is served', async (t) => {
	const printed = await run(['openapi'], { settings: {} });
	assert.deepEqual([printed.code, printed.stderr], [0, '']);
	assert.equal((await run(['openapi', '--json'], { settings: { KYCD_LISTEN: 'nonsense', KYCD_DATABASE: 'nowhere:x' } })).stdout, printed.stdout);
	const document = JSON.parse(printed.stdout);
	assert.deepEqual(document.servers, [{ url: '/' }]);

	const app = await App.open(t, { settings: { KYCD_PUBLIC_URL: 'https://kyc.shop.example' } });
	for (const where of ['/openapi.json', '/api/openapi.json']) {
		const served = await app.call('GET', where, { key: null });
		assert.equal(served.http, 200);
		assert.match(served.headers['content-type'], /^application\/json/);
		assert.deepEqual(served.json, { ...document, servers: [{ url: 'https://kyc.shop.example' }] });
	}
});

test('the description is of the routes that there are, without the admin\'s and the sandbox\'s', async (t) => {
	const server = await inDev(t);
	const routes = JSON.parse((await run(['routes', '--json'])).stdout);
	const wanted = routes.filter(({ listener }) => listener === 'public').map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
	const document = (await server.call('GET', '/openapi.json')).json;
	const described = Object.entries(document.paths).flatMap(([path, operations]) => Object.keys(operations).map((verb) => `${verb.toUpperCase()} ${path}`));
	assert.deepEqual(described.sort(), wanted.sort());
	for (const path of ['/openapi.json', '/webhooks/didit', '/return', '/health/live', '/health/ready']) assert.deepEqual(Object.values(document.paths[path])[0].security, []);
	assert.deepEqual(document.paths['/kyc/prepare'].post.security, [{ api_key: [] }, {}], 'in dev mode a key is optional');
	assert.equal(document.components.securitySchemes.api_key.name, 'x-api-key');
	for (const where of ['/sandbox/inbox', '/metrics', '/version', '/docs']) assert.equal(where in document.paths, false);
	assert.deepEqual(routes.filter(({ listener }) => listener === 'dev').map(({ path }) => path), ['/docs']);
});

test('a linter finds nothing, not even a warning', async () => {
	assert.deepEqual(await findings(description()), []);
	const worse = structuredClone(description());
	worse.components.examples.otp_sent.value.statusCode = 200;
	delete worse.paths['/return'].get.summary;
	worse.paths['/kyc/prepare'].post.requestBody.content['application/json'].schema.properties.email.examples = ['x'];
	assert.deepEqual((await findings(worse)).map((line) => line.split(' ')[1]).sort(), ['no-invalid-media-type-examples', 'no-invalid-schema-examples', 'operation-summary'],
		'it would have seen it');
});

test('every object that is said is closed', () => {
	const open = [];
	const look = (at, where) => {
		if (at && typeof at === 'object') {
			if (at.type === 'object' && at.additionalProperties !== false) open.push(where);
			for (const [name, value] of Object.entries(at)) look(value, `${where}/${name}`);
		}
	};
	look(description().components, '');
	assert.deepEqual(open, ['/schemas/description'], 'but this document itself');
});

const envelope = (statusCode, status, message, extra = {}) => ({ statusCode, success: statusCode < 300, status, message, ...extra });
const said = (method, path, http, body, type = 'application/json; charset=utf-8') => ({ method, path, http, type, text: typeof body === 'string' ? body : JSON.stringify(body) });
const prepared = envelope(201, 'user_prepared', 'User prepared for KYC, please verify your email');
for (const { says, answer, fits, complains } of [
	{ says: 'as it is', answer: said('POST', '/kyc/prepare', 201, prepared), fits: 'user_prepared' },
	{ says: 'below /api', answer: said('POST', '/api/kyc/prepare?x', 201, prepared), fits: 'user_prepared' },
	{ says: 'of the form of the one of two 429', answer: said('POST', '/security/email/send-otp', 429, envelope(429, 'otp_send_limited', 'Too many codes requested, try again later')), fits: 'otp_send_limited' },
	{ says: 'of the form of the other', answer: said('POST', '/security/email/send-otp', 429, { code: 429, message: 'Too many requests. The limit is 1 request per minute and 1 requests per second.', docs: 'https://docs.starkfi.io/' }), fits: 'too_many_requests' },
	{ says: 'a path that is none', answer: said('GET', '/nowhere', 404, envelope(404, 'route_not_found', 'No such route')), fits: 'route_not_found' },
	{ says: 'a member too many', answer: said('POST', '/kyc/prepare', 201, { ...prepared, extra: 1 }), complains: /POST \/kyc\/prepare said 201.*additional/ },
	{ says: 'a member too few', answer: said('POST', '/kyc/prepare', 201, { ...prepared, message: undefined }), complains: /'message'/ },
	{ says: 'a word of another route', answer: said('POST', '/kyc/prepare', 201, envelope(201, 'otp_sent', 'Verification code sent to your email')), complains: /status/ },
	{ says: 'another number', answer: said('POST', '/kyc/prepare', 202, prepared), complains: /POST \/kyc\/prepare said 202, which its description does not name/ },
	{ says: 'a word that is none', answer: said('GET', '/kyc/status?email=a', 404, envelope(404, 'kyc_not_found', 'No KYC session found for this email',
		{ details: { email_verified: true, wallet_verified: false, last_code: 'lost' } })), complains: /last_code/ },
	{ says: 'a page in place of JSON', answer: said('POST', '/kyc/prepare', 201, '<p>hi</p>', 'text/html'), complains: /its type is text\/html/ },
	{ says: 'no JSON', answer: said('POST', '/kyc/prepare', 201, '{'), complains: /no JSON/ },
	{ says: 'a way on with a body', answer: said('GET', '/return', 303, 'hi', undefined), complains: /a body where none is described/ },
	{ says: 'a path that is none, and answers', answer: said('GET', '/nowhere', 200, {}), complains: /said 200/ },
])
	test(`an answer is held against the description: ${says}`, () => {
		if (complains) assert.throws(() => held(answer), complains);
		else assert.equal(held(answer).name, fits);
	});

test('the page: the whole API, for eyes, in dev mode alone', async (t) => {
	const server = await inDev(t);
	const document = (await server.call('GET', '/openapi.json')).json;
	const { http, headers } = await server.call('GET', '/docs');
	assert.equal(http, 200);
	assert.match(headers['content-security-policy'], /default-src 'none'/);
	const browser = await Browser.open(t);

	const plain = await browser.page({ scripts: false, allow: [server.base] });
	await plain.goto(`${server.base}/docs`);
	const text = await plain.textContent('main');
	for (const [path, operations] of Object.entries(document.paths))
		for (const [verb, { operationId }] of Object.entries(operations)) {
			const place = plain.locator(`#${operationId}`);
			assert.equal(await place.locator('h3').textContent(), `${verb.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`);
			assert.ok((await plain.locator(`nav a[href="#${operationId}"]`).count()) === 1);
		}
	for (const word of ['otp_max_attempts', 'kyc_session_created', 'verify_quota_exceeded', 'unsupported_media_type', 'http_version']) assert.ok(text.includes(word), word);
	assert.deepEqual(plain.strangers, [], 'nothing is loaded from elsewhere');
	await plain.locator('#verifyEmailOtp details').first().locator('summary').click();
	assert.match(await plain.locator('#verifyEmailOtp details pre').first().textContent(), /^\{\n {2}"statusCode": 200,\n {2}"success": true,\n {2}"status": "email_verified",/);

	for (const { says, ...view } of VIEWS) {
		const page = await browser.page({ ...view, allow: [server.base] });
		await page.goto(`${server.base}/docs`);
		await page.evaluate(() => document.querySelectorAll('details').forEach((one) => (one.open = true)));
		assert.equal(await browser.sticksOut(page), 0, says);
		assert.deepEqual(await browser.findings(page), [], says);
		if (process.env.KYCD_SHOTS) {
			await mkdir(process.env.KYCD_SHOTS, { recursive: true });
			await writeFile(`${process.env.KYCD_SHOTS}/docs ${says}.png`, await page.screenshot());
		}
		assert.deepEqual(page.complaints, [], says);
	}
});

test('there is no page outside dev mode', async (t) => {
	const app = await App.open(t);
	for (const method of ['GET', 'POST']) expect(await app.call(method, '/docs', { key: null }), 404, 'route_not_found');
	expect(await app.prepare(newEmail()), 201);
});

test('the page\'s lines can be pasted', async (t) => {
	const server = await inDev(t);
	const browser = await Browser.open(t);
	const page = await browser.page({ scripts: false, allow: [server.base] });
	await page.goto(`${server.base}/docs`);
	const lines = (await page.locator('pre code').allTextContents()).filter((line) => line.startsWith('curl '));
	assert.equal(lines.length, 13, 'one a route, but for the webhook, which is signed');
	const heard = [];
	for (const line of lines) {
		const { stdout } = await exec('bash', ['-c', `${line} -w '\\n%{http_code}'`]);
		heard.push(Number(stdout.trim().split('\n').at(-1)));
	}
	assert.deepEqual(heard, [201, 201, 400, 201, 400, 403, 404, 404, 200, 200, 200, 200, 200]);
});
