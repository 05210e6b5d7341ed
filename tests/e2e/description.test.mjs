// The OpenAPI description: `kycd openapi`, /openapi.json.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import test from 'node:test';
import { apiDescription, assertDescribed } from './lib/description.mjs';
import { App, UNLIMITED_RATES } from './lib/app.mjs';
import { Server, makeFolder, removeFolder, run } from './lib/kycd.mjs';

const { createConfig, lintFromString } = createRequire(import.meta.url)('@redocly/openapi-core');

async function startDevServer(t, settings = {}) {
	const folder = await makeFolder();
	const server = new Server({ folder, args: ['--dev'], settings: { ...UNLIMITED_RATES, ...settings } });
	t.after(async () => {
		await server.stop().finally(() => server.kill());
		await removeFolder(folder);
	});
	return server.start();
}

/** Runs the Redocly linter; returns one line per finding. All recommended rules are on, and two more. */
async function lint(document) {
	const config = await createConfig({ extends: ['recommended'], rules: { 'no-invalid-schema-examples': 'error', 'no-invalid-parameter-examples': 'error' } });
	const found = await lintFromString({ source: JSON.stringify(document), absoluteRef: '/openapi.json', config });
	return found.map(({ severity, ruleId, message, location }) => `${severity} ${ruleId} at ${location[0]?.pointer}: ${message}`);
}

test('kycd openapi needs no settings and prints the description that the server serves', async (t) => {
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

test('the description covers every public route, but no page, admin or sandbox route', async (t) => {
	const server = await startDevServer(t);
	const routes = JSON.parse((await run(['routes', '--json'])).stdout);
	const publicRoutes = routes.filter(({ listener, path }) => listener === 'public' && !/^\/(assets|verify)\//.test(path)).map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
	const document = (await server.call('GET', '/openapi.json')).json;
	const described = Object.entries(document.paths).flatMap(([path, operations]) => Object.keys(operations).map((verb) => `${verb.toUpperCase()} ${path}`));
	assert.deepEqual(described.sort(), publicRoutes.sort());
	for (const path of ['/openapi.json', '/webhooks/didit', '/return', '/health/live', '/health/ready']) assert.deepEqual(Object.values(document.paths[path])[0].security, []);
	assert.deepEqual(document.paths['/kyc/prepare'].post.security, [{ api_key: ['kyc:write'] }, {}], 'in dev mode a key is optional');
	assert.deepEqual(document.paths['/v1/quota'].get.security[0], { api_key: ['kyc:read'] });
	assert.ok(document.paths['/kyc/prepare'].post.responses['403'] !== undefined, 'insufficient_scope is described');
	assert.equal(document.components.securitySchemes.api_key.name, 'x-api-key');
	for (const where of ['/sandbox/inbox', '/metrics', '/version', '/docs']) assert.equal(where in document.paths, false);
	const paths = (wanted) => routes.filter(({ listener }) => listener === wanted).map(({ path }) => path);
	assert.deepEqual([paths('docs'), paths('dev')], [['/docs', '/docs/:page', '/llms.txt'], ['/']]);
});

test('the linter reports no error and no warning', async () => {
	assert.deepEqual(await lint(apiDescription()), []);
	const faulty = structuredClone(apiDescription());
	faulty.components.examples.otp_sent.value.statusCode = 200;
	delete faulty.paths['/return'].get.summary;
	faulty.paths['/kyc/prepare'].post.requestBody.content['application/json'].schema.properties.email.examples = ['x'];
	assert.deepEqual((await lint(faulty)).map((line) => line.split(' ')[1]).sort(), ['no-invalid-media-type-examples', 'no-invalid-schema-examples', 'operation-summary'],
		'the linter detects faults');
});

test('every object schema forbids additional properties', () => {
	const open = [];
	const visit = (node, where) => {
		if (node && typeof node === 'object') {
			if (node.type === 'object' && node.additionalProperties !== false) open.push(where);
			for (const [name, value] of Object.entries(node)) visit(value, `${where}/${name}`);
		}
	};
	visit(apiDescription().components, '');
	assert.deepEqual(open, ['/schemas/description'], 'only the schema of the description itself is open');
});

const envelope = (statusCode, status, message, extra = {}) => ({ statusCode, success: statusCode < 300, status, message, ...extra });
const recordedAnswer = (method, path, http, body, type = 'application/json; charset=utf-8') => ({ method, path, http, type, text: typeof body === 'string' ? body : JSON.stringify(body) });
const prepared = envelope(201, 'user_prepared', 'User prepared for KYC, please verify your email');
for (const { name, answer, matches, error } of [
	{ name: 'a described answer', answer: recordedAnswer('POST', '/kyc/prepare', 201, prepared), matches: 'user_prepared' },
	{ name: 'a described answer below /api', answer: recordedAnswer('POST', '/api/kyc/prepare?x', 201, prepared), matches: 'user_prepared' },
	{ name: 'a 429 of the first described form', answer: recordedAnswer('POST', '/security/email/send-otp', 429, envelope(429, 'otp_send_limited', 'Too many codes requested, try again later')), matches: 'otp_send_limited' },
	{ name: 'a 429 of the second described form', answer: recordedAnswer('POST', '/security/email/send-otp', 429, { code: 429, message: 'Too many requests. The limit is 1 request per minute and 1 requests per second.', docs: 'https://docs.starkfi.io/' }), matches: 'too_many_requests' },
	{ name: 'a 404 of an unknown path', answer: recordedAnswer('GET', '/nowhere', 404, envelope(404, 'route_not_found', 'No such route')), matches: 'route_not_found' },
	{ name: 'an additional member', answer: recordedAnswer('POST', '/kyc/prepare', 201, { ...prepared, extra: 1 }), error: /POST \/kyc\/prepare answered 201.*additional/ },
	{ name: 'a missing member', answer: recordedAnswer('POST', '/kyc/prepare', 201, { ...prepared, message: undefined }), error: /'message'/ },
	{ name: 'a status word of another route', answer: recordedAnswer('POST', '/kyc/prepare', 201, envelope(201, 'otp_sent', 'Verification code sent to your email')), error: /status/ },
	{ name: 'an undescribed HTTP status', answer: recordedAnswer('POST', '/kyc/prepare', 202, prepared), error: /POST \/kyc\/prepare answered 202, which its description does not contain/ },
	{ name: 'an unknown enum value', answer: recordedAnswer('GET', '/kyc/status?email=a', 404, envelope(404, 'kyc_not_found', 'No KYC session found for this email',
		{ details: { email_verified: true, wallet_verified: false, last_code: 'lost' } })), error: /last_code/ },
	{ name: 'HTML instead of JSON', answer: recordedAnswer('POST', '/kyc/prepare', 201, '<p>hi</p>', 'text/html'), error: /its content type is text\/html/ },
	{ name: 'invalid JSON', answer: recordedAnswer('POST', '/kyc/prepare', 201, '{'), error: /not JSON/ },
	{ name: 'a redirect with a body', answer: recordedAnswer('GET', '/return', 303, 'hi', undefined), error: /it has a body, but none is described/ },
	{ name: 'a 200 of an unknown path', answer: recordedAnswer('GET', '/nowhere', 200, {}), error: /answered 200/ },
])
	test(`an answer is checked against the description: ${name}`, () => {
		if (error) assert.throws(() => assertDescribed(answer), error);
		else assert.equal(assertDescribed(answer).name, matches);
	});
