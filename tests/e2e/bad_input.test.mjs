// What is no well-formed call gets a clear answer in the envelope and costs nothing: no try, no unit, no message.
import assert from 'node:assert/strict';
import test from 'node:test';
import { App, expect, newEmail, wrong } from './lib/app.mjs';
import { wire } from './lib/http.mjs';

const routes = ['/kyc/prepare', '/security/email/send-otp', '/security/email/verify-otp', '/kyc/create/verify_public_kyc', '/kyc/status', '/api/kyc/prepare'];

const bodies = [
	{ says: 'half an object', body: '{' },
	{ says: 'half a text', body: '{"email":"a@example.com' },
	{ says: 'no value', body: '{"email":}' },
	{ says: 'a comma too many', body: '{"email":"a@example.com",}' },
	{ says: 'something behind', body: '{"email":"a@example.com"} x' },
	{ says: 'two objects', body: '{"email":"a@example.com"}{}' },
	{ says: 'single quotes', body: "{'email':'a@example.com'}" },
	{ says: 'no JSON', body: 'email=a@example.com' },
	{ says: 'a list', body: '[{"email":"a@example.com"}]' },
	{ says: 'a text', body: '"a@example.com"' },
	{ says: 'a number', body: '7' },
	{ says: 'nothing at all', body: 'null' },
	{ says: 'a byte order mark', body: '\ufeff{"email":"a@example.com"}' },
	{ says: 'not UTF-8', body: Buffer.from('{"email":"\xff\xfe@example.com","code":"123456"}', 'latin1') },
	{ says: 'overlong UTF-8', body: Buffer.from('{"email":"a\xc0\xae@example.com","code":"123456"}', 'latin1') },
	{ says: 'a lone surrogate', body: '{"email":"\\ud800@example.com","code":"123456"}' },
	{ says: 'half a pair, the lower one', body: '{"email":"a\\udc00@example.com","code":"123456"}' },
	{ says: 'an escaped NUL', body: '{"email":"a\\u0000@example.com","code":"123456"}' },
	{ says: 'a NUL in a name', body: '{"email\\u0000":"a@example.com","email":"a@example.com","code":"123456"}' },
	{ says: 'a real NUL', body: '{"email":"a\0@example.com","code":"123456"}' },
	{ says: 'a line end in the address', body: '{"email":"a@example.com\\r\\nBcc: b@example.com","code":"123456"}' },
	{ says: 'a line feed in the address', body: '{"email":"a\\n@example.com","code":"123456"}' },
	{ says: 'two addresses', body: '{"email":"a@example.com,b@example.com","code":"123456"}' },
	{ says: 'a name and an address', body: '{"email":"A <a@example.com>","code":"123456"}' },
	{ says: 'a number for an address', body: '{"email":7,"code":"123456"}', names: 'email' },
	{ says: 'a list for an address', body: '{"email":["a@example.com"],"code":"123456"}', names: 'email' },
	{ says: 'an object for an address', body: '{"email":{"$ne":""},"code":"123456"}', names: 'email' },
	{ says: 'true for an address', body: '{"email":true,"code":"123456"}', names: 'email' },
	{ says: 'the address twice', body: '{"email":"a@example.com","email":"b@example.com","code":"123456"}', names: 'email' },
	{ says: 'a huge number', body: `{"email":${'9'.repeat(5000)},"code":"123456"}` },
	{ says: '60,000 brackets', body: '['.repeat(60_000) },
	{ says: '60,000 braces', body: '{"a":'.repeat(12_000) },
];

test('bad bodies are refused on every route that reads JSON, and cost nothing', async (t) => {
	const app = await App.open(t, { tenant: null });
	app.key = await app.addTenant('small', '--monthly-quota', '1');
	const email = newEmail();
	const code = await app.coded(email);

	for (const where of routes)
		for (const { says, body, names } of bodies) {
			const answer = await app.post(where, body);
			const heard = `${says} at ${where}: ${answer.http} ${answer.text.slice(0, 300)}`;
			assert.equal(answer.http, 400, heard);
			assert.equal(answer.word, 'invalid_parameters', heard);
			assert.deepEqual([answer.json.statusCode, answer.json.success], [400, false], heard);
			if (names) assert.ok(answer.json.message.includes(names), heard);
			assert.equal('data' in answer.json, false, heard);
		}
	for (const where of routes) {
		expect(await app.post(where, '['.repeat(100_000)), 413, 'payload_too_large');
		expect(await app.post(where, `{"email":"${'a'.repeat(64 * 1024)}"}`), 413, 'payload_too_large');
	}

	// All five tries are there, the one unit too, and no message went out.
	for (let i = 1; i <= 4; i++) expect(await app.verify(email, wrong(code, i)), 400, 'otp_invalid');
	expect(await app.verify(email, code), 200, 'email_verified');
	expect(await app.create(email), 201);
	assert.equal(app.mailServer.attempts.length, 1);
	assert.equal(app.didit.creates.length, 1);
	expect(await app.prepare('a@example.com'), 201, 'user_prepared'); // nobody was prepared by accident
});

const missing = [
	{ where: '/kyc/prepare', message: 'email is required' },
	{ where: '/security/email/send-otp', message: 'email is required' },
	{ where: '/security/email/verify-otp', message: 'email and code are required' },
	{ where: '/kyc/create/verify_public_kyc', message: 'email or wallet is required' },
	{ where: '/kyc/status', message: 'email or wallet is required' },
];
test('what is missing is named as the reference names it', async (t) => {
	const app = await App.open(t);
	for (const { where, message } of missing)
		for (const body of ['{}', '{"email":null}', '{"email":""}', '{"email":"","code":""}', '{"Email":"a@example.com"}', '{"other":1}'])
			assert.equal(expect(await app.post(where, body), 400, 'missing_params').json.message, message, `${where} ${body}`);
	for (const code of ['null', '""'])
		assert.equal(expect(await app.post('/security/email/verify-otp', `{"email":"a@example.com","code":${code}}`), 400, 'missing_params').json.message, 'email and code are required');
	for (const query of ['', '?', '?email=', '?email', '?other=1'])
		assert.equal(expect(await app.call('GET', `/kyc/status${query}`), 400, 'missing_params').json.message, 'email is required', query);
});

const addresses = {
	good: ['a@example.com', 'A.B+c_d-e@EXAMPLE.com', ' b@example.com ', "o'neil!#$%&*/=?^`{|}~@example.com", 'a@sub.sub.example.museum', 'a@bücher.example', `${'l'.repeat(64)}@example.com`, '1@1and1.example'],
	bad: ['a', 'a@', '@example.com', 'a@b', 'a@example', 'a@@example.com', 'a b@example.com', 'a@exa mple.com', '"a b"@example.com', 'a@[127.0.0.1]', 'a@127.0.0.1', 'a@.example.com',
		'a@example..com', '.a@example.com', 'a.@example.com', 'a..b@example.com', 'ä@example.com', 'a@-example.com', 'a@example-.com', 'a@exam_ple.com', 'a@example.com;b@example.com',
		'a@example.com\u2028', 'a\u00ad@example.com', `${'l'.repeat(65)}@example.com`, `a@${'d'.repeat(64)}.com`, `a@${'d.'.repeat(130)}com`, 'a(comment)@example.com', 'a\\@example.com', 'a@example.com.', '<a@example.com>'],
};
test('addresses that are some, and that are none', async (t) => {
	const app = await App.open(t);
	for (const email of addresses.good) {
		expect(await app.prepare(email), 201, 'user_prepared');
		expect(await app.prepare(` ${email.toUpperCase().replace('SS', 'ss')}\t`), 200, 'user_already_prepared');
	}
	expect(await app.prepare('a@xn--bcher-kva.example'), 200, 'user_already_prepared');
	for (const email of addresses.bad) {
		const answer = await app.prepare(email);
		assert.deepEqual([answer.http, answer.word], [400, 'invalid_parameters'], `${JSON.stringify(email)}: ${answer.text}`);
	}
	expect(await app.prepare('a+tag@example.com'), 201, 'user_prepared'); // no tricks: another address
});

test('media types', async (t) => {
	const app = await App.open(t);
	const body = '{"email":"a@example.com"}';
	for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'application', 'json', '', null, 'text/json, application/json'])
		assert.equal((await app.post('/kyc/prepare', body, { headers: { 'content-type': type } })).word, 'unsupported_media_type', String(type));
	for (const type of ['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON;charset="UTF-8"', 'application/json ; x=y'])
		assert.ok((await app.post('/kyc/prepare', body, { headers: { 'content-type': type } })).http < 300, type);
	expect(await app.post('/kyc/prepare', '{"email":"b@example.com","more":{"x":[1,2,{"y":null}]},"and":1e9}'), 201); // what is not asked for is not looked at
});

test('methods and places that are none', async (t) => {
	const app = await App.open(t);
	const rows = [
		{ where: '/kyc/prepare', allow: ['POST'], wrong: ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'] },
		{ where: '/api/kyc/prepare', allow: ['POST'], wrong: ['GET'] },
		{ where: '/kyc/status', allow: ['GET', 'HEAD', 'POST'], wrong: ['PUT', 'DELETE', 'OPTIONS'] },
		{ where: '/kyc/create/anything', allow: ['POST'], wrong: ['GET'] },
		{ where: '/config/products', allow: ['GET', 'HEAD'], wrong: ['POST', 'PATCH'] },
		{ where: '/webhooks/didit', allow: ['POST'], wrong: ['GET'] },
		{ where: '/return', allow: ['GET', 'HEAD'], wrong: ['POST'] },
		{ where: '/health/live', allow: ['GET', 'HEAD'], wrong: ['POST'] },
	];
	for (const { where, allow, wrong: methods } of rows)
		for (const method of methods) {
			const answer = await app.call(method, where, { key: null });
			assert.equal(answer.http, 405, `${method} ${where}`);
			if (method !== 'HEAD') assert.equal(answer.word, 'method_not_allowed', `${method} ${where}`);
			assert.deepEqual(answer.headers.allow.split(/, */).sort(), allow, `${method} ${where}`);
		}
	for (const where of ['/', '/kyc', '/kyc/', '/kyc/prepare/', '//kyc/prepare', '/kyc//prepare', '/KYC/prepare', '/kyc%2Fprepare', '/kyc/create', '/kyc/create/', '/kyc/create/a/b', '/api', '/api/api/kyc/prepare',
		'/metrics', '/version', '/kyc/prepare;x', '/kyc/%2e%2e/kyc/prepare', '/kyc/../kyc/prepare', '/openapi.yaml'])
		assert.equal((await app.post(where, { email: 'a@example.com' })).word, 'route_not_found', where);

	for (const line of ['BREW /kyc/prepare HTTP/1.1', 'get /kyc/status HTTP/1.1', 'POST  /kyc/prepare HTTP/1.1', 'POST /kyc/prepare', 'GET kyc HTTP/1.1']) {
		const { answers } = await wire(app.server.port, `${line}\r\nHost: x\r\n\r\n`, { answers: 1 });
		assert.ok(answers.length === 1 && [400, 405, 505].includes(answers[0].http), `${line}: ${JSON.stringify(answers)}`);
		assert.equal(answers[0].json.statusCode, answers[0].http, line);
	}
});

test('the checks come in their order', async (t) => {
	const app = await App.open(t);
	const big = `{"email":"${'a'.repeat(70_000)}"}`;
	const rows = [
		{ says: 'size before route', where: '/nowhere', body: big, key: null, gets: [413, 'payload_too_large'] },
		{ says: 'route before key', where: '/nowhere', body: '{', key: null, gets: [404, 'route_not_found'] },
		{ says: 'key before path', where: '/kyc/create/nothing', body: '{', key: null, gets: [401, undefined] },
		{ says: 'path before media type', where: '/kyc/create/nothing', body: 'x', type: 'text/plain', gets: [404, 'method_not_found'] },
		{ says: 'media type before body', where: '/kyc/prepare', body: '{', type: 'text/plain', gets: [415, 'unsupported_media_type'] },
		{ says: 'body before person', where: '/security/email/verify-otp', body: '{"email":"nobody@example.com"}', gets: [400, 'missing_params'] },
	];
	for (const { says, where, body, type, key, gets } of rows) {
		const answer = await app.post(where, body, { ...(key === null ? { key } : {}), headers: type ? { 'content-type': type } : {} });
		assert.deepEqual([answer.http, answer.word], gets, `${says}: ${answer.text.slice(0, 200)}`);
	}
});

test('two megabytes are refused before they came', async (t) => {
	const app = await App.open(t);
	const head = `POST /kyc/prepare HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${app.key}\r\nContent-Type: application/json\r\n`;
	const body = Buffer.alloc(2_000_000, 'a');
	const chunk = Buffer.concat([Buffer.from('10000\r\n'), body.subarray(0, 65_536), Buffer.from('\r\n')]);
	const ways = {
		'all at once': [`${head}Content-Length: 2000000\r\n\r\n`, body],
		'said, not sent': [`${head}Content-Length: 2000000\r\n\r\n`],
		'said beyond all numbers': [`${head}Content-Length: 99999999999999999999999\r\n\r\n`],
		'in chunks': [`${head}Transfer-Encoding: chunked\r\n\r\n`, ...Array(30).fill(chunk), '0\r\n\r\n'],
	};
	for (const [says, pieces] of Object.entries(ways)) {
		const { answers, closed } = await wire(app.server.port, pieces);
		assert.ok(closed, says);
		assert.equal(answers.length, 1, says);
		assert.ok([400, 413].includes(answers[0].http), `${says}: ${answers[0].http}`);
		if (!says.includes('numbers')) assert.equal(answers[0].word, 'payload_too_large', says);
	}
	const exact = `{"email":"exact@example.com","pad":"${'a'.repeat(64 * 1024 - 39)}"}`;
	assert.equal(exact.length, 64 * 1024 - 1);
	expect(await app.post('/kyc/prepare', exact), 201);
	expect(await app.post('/kyc/prepare', `${exact} `), 200);
	expect(await app.post('/kyc/prepare', `${exact}  `), 413);
});

test('queries that are none', async (t) => {
	const app = await App.open(t);
	const { session_id } = await app.started('q@example.com');
	for (const query of ['email=a@example.com&email=b@example.com', 'email=%', 'email=%zz', 'email=%00a@example.com', 'email=a%0d%0a@example.com', 'email=%ff@example.com', 'email=a', 'email=q@example.com&email='])
		assert.deepEqual([(await app.call('GET', `/kyc/status?${query}`)).word], ['invalid_parameters'], query);
	assert.equal((await app.call('GET', `/kyc/status?session_id=${session_id}`)).word, 'missing_params');
	for (const id of ['x', '../x', 'a'.repeat(64), session_id.toUpperCase(), '%', '\u0001'])
		assert.ok(['kyc_not_found', 'invalid_parameters'].includes((await app.post('/kyc/status', { session_id: id })).word), id);
	assert.equal((await app.call('GET', '/kyc/status?email=q@example.com&x=1&y')).http, 200);
});
