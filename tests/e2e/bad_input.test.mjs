// Malformed requests get an error answer in the usual JSON format and have no effect: no attempt is counted, no quota is used, and no
// e-mail is sent.
import assert from 'node:assert/strict';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { App, expect, newEmail, wrongCode } from './lib/app.mjs';
import { sendRaw } from './lib/http.mjs';

const routes = ['/kyc/prepare', '/security/email/send-otp', '/security/email/verify-otp', '/kyc/create/verify_public_kyc', '/kyc/status', '/api/kyc/prepare'];

const bodies = [
	{ name: 'an incomplete object', body: '{', cause: 'truncated' },
	{ name: 'an incomplete string', body: '{"email":"a@example.com', cause: 'truncated' },
	{ name: 'a member without a value', body: '{"email":}', cause: 'syntax' },
	{ name: 'a trailing comma', body: '{"email":"a@example.com",}', cause: 'trailing_comma' },
	{ name: 'text after the object', body: '{"email":"a@example.com"} x', cause: 'extra_text' },
	{ name: 'two objects', body: '{"email":"a@example.com"}{}', cause: 'extra_text' },
	{ name: 'single quotes', body: "{'email':'a@example.com'}", cause: 'quotes' },
	{ name: 'a form instead of JSON', body: 'email=a@example.com', cause: 'form_encoded' },
	{ name: 'an array', body: '[{"email":"a@example.com"}]', cause: 'not_an_object' },
	{ name: 'a string', body: '"a@example.com"', cause: 'not_an_object' },
	{ name: 'a number', body: '7', cause: 'not_an_object' },
	{ name: 'null', body: 'null', cause: 'not_an_object' },
	{ name: 'a byte order mark', body: '\ufeff{"email":"a@example.com"}', cause: 'bom' },
	{ name: 'invalid UTF-8', body: Buffer.from('{"email":"\xff\xfe@example.com","code":"123456"}', 'latin1'), cause: 'encoding' },
	{ name: 'overlong UTF-8', body: Buffer.from('{"email":"a\xc0\xae@example.com","code":"123456"}', 'latin1'), cause: 'encoding' },
	{ name: 'an escaped high surrogate alone', body: '{"email":"\\ud800@example.com","code":"123456"}', cause: 'escape' },
	{ name: 'an escaped low surrogate alone', body: '{"email":"a\\udc00@example.com","code":"123456"}', cause: 'escape' },
	{ name: 'an escaped NUL', body: '{"email":"a\\u0000@example.com","code":"123456"}', cause: 'nul' },
	{ name: 'an escaped NUL in a member name', body: '{"email\\u0000":"a@example.com","email":"a@example.com","code":"123456"}', cause: 'nul' },
	{ name: 'a NUL byte', body: '{"email":"a\0@example.com","code":"123456"}', cause: 'nul' },
	{ name: 'a CR LF in the address', body: '{"email":"a@example.com\\r\\nBcc: b@example.com","code":"123456"}', cause: 'control_character' },
	{ name: 'a line feed in the address', body: '{"email":"a\\n@example.com","code":"123456"}', cause: 'control_character' },
	{ name: 'two addresses', body: '{"email":"a@example.com,b@example.com","code":"123456"}', cause: 'at_sign' },
	{ name: 'a display name and an address', body: '{"email":"A <a@example.com>","code":"123456"}', cause: 'display_name' },
	{ name: 'a number as address', body: '{"email":7,"code":"123456"}', member: 'email', cause: 'type' },
	{ name: 'an array as address', body: '{"email":["a@example.com"],"code":"123456"}', member: 'email', cause: 'type' },
	{ name: 'an object as address', body: '{"email":{"$ne":""},"code":"123456"}', member: 'email', cause: 'type' },
	{ name: 'true as address', body: '{"email":true,"code":"123456"}', member: 'email', cause: 'type' },
	{ name: 'the address twice', body: '{"email":"a@example.com","email":"b@example.com","code":"123456"}', member: 'email', cause: 'duplicate' },
	{ name: 'a huge number', body: `{"email":${'9'.repeat(5000)},"code":"123456"}` },
	{ name: '60,000 opening brackets', body: '['.repeat(60_000), cause: 'too_deep' },
	{ name: '12,000 opening braces', body: '{"a":'.repeat(12_000), cause: 'too_deep' },
];

test('malformed bodies are rejected on every route that reads JSON, and have no effect', async (t) => {
	const app = await App.open(t, { tenant: null });
	app.key = await app.addTenant('small', '--monthly-quota', '1');
	const email = newEmail();
	const code = await app.requestCode(email);

	for (const where of routes)
		for (const { name, body, member, cause } of bodies) {
			const answer = await app.post(where, body);
			const context = `${name} at ${where}: ${answer.http} ${answer.text.slice(0, 300)}`;
			assert.equal(answer.http, 400, context);
			assert.equal(answer.word, 'invalid_parameters', context);
			assert.deepEqual([answer.json.statusCode, answer.json.success], [400, false], context);
			if (member) assert.ok(answer.json.message.includes(member), context);
			if (cause) assert.equal(answer.json.details.cause, cause, context);
			assert.ok(answer.json.details.explanation.length > 10, context);
			assert.equal('data' in answer.json, false, context);
		}
	for (const where of routes) {
		expect(await app.post(where, '['.repeat(100_000)), 413, 'payload_too_large');
		expect(await app.post(where, `{"email":"${'a'.repeat(64 * 1024)}"}`), 413, 'payload_too_large');
	}

	// All five attempts and the one unit of the quota are still available, and no further e-mail was sent.
	for (let i = 1; i <= 4; i++) expect(await app.verify(email, wrongCode(code, i)), 400, 'otp_invalid');
	expect(await app.verify(email, code), 200, 'email_verified');
	expect(await app.create(email), 201);
	assert.equal(app.mailServer.attempts.length, 1);
	assert.equal(app.didit.creates.length, 1);
	expect(await app.prepare('a@example.com'), 201, 'user_prepared'); // no person was prepared by the malformed requests
});

const requiredParameters = [
	{ where: '/kyc/prepare', message: 'email is required' },
	{ where: '/security/email/send-otp', message: 'email is required' },
	{ where: '/security/email/verify-otp', message: 'email and code are required' },
	{ where: '/kyc/create/verify_public_kyc', message: 'email or wallet is required' },
	{ where: '/kyc/status', message: 'email or wallet is required' },
];
test('missing parameters are named in the message', async (t) => {
	const app = await App.open(t);
	for (const { where, message } of requiredParameters)
		for (const body of ['{}', '{"email":null}', '{"email":""}', '{"email":"","code":""}', '{"Email":"a@example.com"}', '{"other":1}'])
			assert.equal(expect(await app.post(where, body), 400, 'missing_params').json.message, message, `${where} ${body}`);
	for (const code of ['null', '""'])
		assert.equal(expect(await app.post('/security/email/verify-otp', `{"email":"a@example.com","code":${code}}`), 400, 'missing_params').json.message, 'email and code are required');
	for (const query of ['', '?', '?email=', '?email', '?other=1'])
		assert.equal(expect(await app.call('GET', `/kyc/status${query}`), 400, 'missing_params').json.message, 'email is required', query);
});

const addresses = {
	valid: ['a@example.com', 'c@example.com\u2028', 'A.B+c_d-e@EXAMPLE.com', ' b@example.com ', "o'neil!#$%&*/=?^`{|}~@example.com", 'a@sub.sub.example.museum', 'a@bücher.example', `${'l'.repeat(64)}@example.com`, '1@1and1.example'],
	invalid: ['a', 'a@', '@example.com', 'a@b', 'a@example', 'a@@example.com', 'a b@example.com', 'a@exa mple.com', '"a b"@example.com', 'a@[127.0.0.1]', 'a@127.0.0.1', 'a@.example.com',
		'a@example..com', '.a@example.com', 'a.@example.com', 'a..b@example.com', 'ä@example.com', 'a@-example.com', 'a@example-.com', 'a@exam_ple.com', 'a@example.com;b@example.com',
		'a\u00ad@example.com', `${'l'.repeat(65)}@example.com`, `a@${'d'.repeat(64)}.com`, `a@${'d.'.repeat(130)}com`, 'a(comment)@example.com', 'a\\@example.com', 'a@example.com.', '<a@example.com>'],
};
test('valid e-mail addresses are accepted and invalid ones rejected', async (t) => {
	const app = await App.open(t);
	for (const email of addresses.valid) {
		expect(await app.prepare(email), 201, 'user_prepared');
		expect(await app.prepare(` ${email.toUpperCase().replace('SS', 'ss')}\t`), 200, 'user_already_prepared');
	}
	expect(await app.prepare('a@xn--bcher-kva.example'), 200, 'user_already_prepared');
	for (const email of addresses.invalid) {
		const answer = await app.prepare(email);
		assert.deepEqual([answer.http, answer.word], [400, 'invalid_parameters'], `${JSON.stringify(email)}: ${answer.text}`);
	}
	expect(await app.prepare('a+tag@example.com'), 201, 'user_prepared'); // `+tag` is not removed: this is a different address
});

test('the cause of a refusal is named for addresses, compressed bodies and a session_id in the query', async (t) => {
	const app = await App.open(t);
	const causes = { 'a b@example.com': 'space', 'Ana <a@example.com>': 'display_name', 'jos\u00e9@example.com': 'non_ascii_local', 'a@localhost': 'no_dot', [`${'l'.repeat(65)}@example.com`]: 'too_long' };
	for (const [email, cause] of Object.entries(causes)) assert.equal(expect(await app.prepare(email), 400, 'invalid_parameters').json.details.cause, cause, email);
	const body = gzipSync('{"email":"a@example.com"}');
	const compressed = expect(await app.post('/kyc/prepare', body, { headers: { 'content-encoding': 'gzip', 'content-type': 'application/json' } }), 415, 'unsupported_media_type');
	assert.equal(compressed.json.details.cause, 'content_encoding');
	assert.equal(compressed.headers['accept-encoding'], 'identity');
	assert.equal(expect(await app.call('GET', '/kyc/status?session_id=x'), 400, 'missing_params').json.details.cause, 'post_only');
});

test('only application/json is accepted as media type of a body', async (t) => {
	const app = await App.open(t);
	const body = '{"email":"a@example.com"}';
	for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'application', 'json', '', null, 'text/json, application/json'])
		assert.equal((await app.post('/kyc/prepare', body, { headers: { 'content-type': type } })).word, 'unsupported_media_type', String(type));
	for (const type of ['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON;charset="UTF-8"', 'application/json ; x=y'])
		assert.ok((await app.post('/kyc/prepare', body, { headers: { 'content-type': type } })).http < 300, type);
	expect(await app.post('/kyc/prepare', '{"email":"b@example.com","more":{"x":[1,2,{"y":null}]},"and":1e9}'), 201); // unknown members are ignored
});

test('an unsupported method gets 405 with Allow, an unknown path 404, and an invalid request line an error', async (t) => {
	const app = await App.open(t);
	const rows = [
		{ where: '/kyc/prepare', allow: ['POST'], unsupported: ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'] },
		{ where: '/api/kyc/prepare', allow: ['POST'], unsupported: ['GET'] },
		{ where: '/kyc/status', allow: ['GET', 'HEAD', 'POST'], unsupported: ['PUT', 'DELETE', 'OPTIONS'] },
		{ where: '/kyc/create/anything', allow: ['POST'], unsupported: ['GET'] },
		{ where: '/config/products', allow: ['GET', 'HEAD'], unsupported: ['POST', 'PATCH'] },
		{ where: '/webhooks/didit', allow: ['POST'], unsupported: ['GET'] },
		{ where: '/return', allow: ['GET', 'HEAD'], unsupported: ['POST'] },
		{ where: '/health/live', allow: ['GET', 'HEAD'], unsupported: ['POST'] },
	];
	for (const { where, allow, unsupported } of rows)
		for (const method of unsupported) {
			const answer = await app.call(method, where, { key: null });
			assert.equal(answer.http, 405, `${method} ${where}`);
			if (method !== 'HEAD') assert.equal(answer.word, 'method_not_allowed', `${method} ${where}`);
			assert.deepEqual(answer.headers.allow.split(/, */).sort(), allow, `${method} ${where}`);
		}
	for (const where of ['/', '/kyc', '/kyc/', '/kyc/prepare/', '//kyc/prepare', '/kyc//prepare', '/KYC/prepare', '/kyc%2Fprepare', '/kyc/create', '/kyc/create/', '/kyc/create/a/b', '/api', '/api/api/kyc/prepare',
		'/metrics', '/version', '/kyc/prepare;x', '/kyc/%2e%2e/kyc/prepare', '/kyc/../kyc/prepare', '/openapi.yaml'])
		assert.equal((await app.post(where, { email: 'a@example.com' })).word, 'route_not_found', where);

	for (const line of ['BREW /kyc/prepare HTTP/1.1', 'get /kyc/status HTTP/1.1', 'POST  /kyc/prepare HTTP/1.1', 'POST /kyc/prepare', 'GET kyc HTTP/1.1']) {
		const { answers } = await sendRaw(app.server.port, `${line}\r\nHost: x\r\n\r\n`, { answers: 1 });
		assert.ok(answers.length === 1 && [400, 405, 505].includes(answers[0].http), `${line}: ${JSON.stringify(answers)}`);
		assert.equal(answers[0].json.statusCode, answers[0].http, line);
	}
});

test('a request with several errors is rejected by the first check in the documented order', async (t) => {
	const app = await App.open(t);
	const largeBody = `{"email":"${'a'.repeat(70_000)}"}`;
	const rows = [
		{ name: 'size before route', where: '/nowhere', body: largeBody, key: null, gets: [413, 'payload_too_large'] },
		{ name: 'route before key', where: '/nowhere', body: '{', key: null, gets: [404, 'route_not_found'] },
		{ name: 'key before path', where: '/kyc/create/nothing', body: '{', key: null, gets: [401, undefined] },
		{ name: 'path before media type', where: '/kyc/create/nothing', body: 'x', type: 'text/plain', gets: [404, 'method_not_found'] },
		{ name: 'media type before body', where: '/kyc/prepare', body: '{', type: 'text/plain', gets: [415, 'unsupported_media_type'] },
		{ name: 'body before person', where: '/security/email/verify-otp', body: '{"email":"nobody@example.com"}', gets: [400, 'missing_params'] },
	];
	for (const { name, where, body, type, key, gets } of rows) {
		const answer = await app.post(where, body, { ...(key === null ? { key } : {}), headers: type ? { 'content-type': type } : {} });
		assert.deepEqual([answer.http, answer.word], gets, `${name}: ${answer.text.slice(0, 200)}`);
	}
});

test('a body over 64 KiB is rejected before it is received completely', async (t) => {
	const app = await App.open(t);
	const head = `POST /kyc/prepare HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${app.key}\r\nContent-Type: application/json\r\n`;
	const body = Buffer.alloc(2_000_000, 'a');
	const chunk = Buffer.concat([Buffer.from('10000\r\n'), body.subarray(0, 65_536), Buffer.from('\r\n')]);
	const requests = {
		'length and body': [`${head}Content-Length: 2000000\r\n\r\n`, body],
		'length only': [`${head}Content-Length: 2000000\r\n\r\n`],
		'a length that is not representable': [`${head}Content-Length: 99999999999999999999999\r\n\r\n`],
		'in chunks': [`${head}Transfer-Encoding: chunked\r\n\r\n`, ...Array(30).fill(chunk), '0\r\n\r\n'],
	};
	for (const [name, chunks] of Object.entries(requests)) {
		const { answers, closed } = await sendRaw(app.server.port, chunks);
		assert.ok(closed, name);
		assert.equal(answers.length, 1, name);
		assert.ok([400, 413].includes(answers[0].http), `${name}: ${answers[0].http}`);
		if (!name.includes('not representable')) assert.equal(answers[0].word, 'payload_too_large', name);
	}
	const maximalBody = `{"email":"exact@example.com","pad":"${'a'.repeat(64 * 1024 - 39)}"}`;
	assert.equal(maximalBody.length, 64 * 1024 - 1);
	expect(await app.post('/kyc/prepare', maximalBody), 201);
	expect(await app.post('/kyc/prepare', `${maximalBody} `), 200);
	expect(await app.post('/kyc/prepare', `${maximalBody}  `), 413);
});

test('malformed queries and unknown session ids are rejected', async (t) => {
	const app = await App.open(t);
	const { session_id } = await app.startSession('q@example.com');
	for (const query of ['email=a@example.com&email=b@example.com', 'email=%', 'email=%zz', 'email=%00a@example.com', 'email=a%0d%0a@example.com', 'email=%ff@example.com', 'email=a', 'email=q@example.com&email='])
		assert.deepEqual([(await app.call('GET', `/kyc/status?${query}`)).word], ['invalid_parameters'], query);
	assert.equal((await app.call('GET', `/kyc/status?session_id=${session_id}`)).word, 'missing_params');
	for (const id of ['x', '../x', 'a'.repeat(64), session_id.toUpperCase(), '%', '\u0001'])
		assert.ok(['kyc_not_found', 'invalid_parameters'].includes((await app.post('/kyc/status', { session_id: id })).word), id);
	assert.equal((await app.call('GET', '/kyc/status?email=q@example.com&x=1&y')).http, 200);
});
