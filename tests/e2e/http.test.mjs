// HTTP behaviour: health checks, headers, pipelining, malformed requests, connection limits and timeouts.
import assert from 'node:assert/strict';
import net from 'node:net';
import test from 'node:test';
import { checkAnswer } from './lib/description.mjs';
import { App, expect, newEmail } from './lib/app.mjs';
import { call, parseResponses, sendRaw } from './lib/http.mjs';
import { until } from './lib/wait.mjs';

const rawGet = (where, ...lines) => [`GET ${where} HTTP/1.1`, 'Host: x', ...lines, '', ''].join('\r\n');

test('health checks are on both listeners, metrics and version on the admin listener only', async (t) => {
	const app = await App.open(t);
	const { base, admin } = app.server;
	for (const side of [base, admin])
		for (const where of ['/health/live', '/health/ready']) {
			assert.equal((await call(side + where)).http, 200, side + where);
			const head = await call(side + where, { method: 'HEAD' });
			assert.deepEqual([head.http, head.text], [200, '']);
		}
	assert.match((await call(`${admin}/version`)).text, /\d+\.\d+/);
	const metrics = await call(`${admin}/metrics`);
	assert.match(metrics.headers['content-type'], /^text\/plain/);
	await app.prepare(newEmail());
	assert.equal(await app.server.metric('kycd_requests_total', { route: '/kyc/prepare', status: '201' }), 1);
	assert.ok((await app.server.metric('kycd_commit_duration_seconds_count')) >= 1);
	for (const where of ['/metrics', '/version']) assert.equal((await call(base + where)).http, 404, 'not on the public listener');
	assert.equal((await call(`${admin}/kyc/status?email=a@example.com`)).http, 404);
	for (const line of metrics.text.trim().split('\n')) assert.match(line, /^(# (HELP|TYPE) kycd_\w+ .+|kycd_\w+(\{[^{}]*\})? \S+)$/);
});

test('every answer has the security headers and a request id', async (t) => {
	const app = await App.open(t);
	const seen = new Set();
	const answers = [
		await app.prepare(newEmail()), await app.call('GET', '/config/products', { key: null }), await app.call('GET', '/nowhere'), await app.call('PUT', '/kyc/prepare'),
		await app.post('/kyc/prepare', 'x'), await app.call('GET', '/return', { key: null }), await app.call('GET', '/health/live'), await app.didit.post(app.server.base, {}, { signature: null }),
		await app.post('/kyc/prepare', 'x'.repeat(70_000)), await call(`${app.server.admin}/metrics`),
	];
	for (const { headers, http } of answers) {
		assert.equal(headers['cache-control'], 'no-store', String(http));
		assert.equal(headers['x-content-type-options'], 'nosniff', String(http));
		assert.match(headers['x-request-id'], /^[\w.-]{8,64}$/, String(http));
		assert.ok(headers.date && !Number.isNaN(Date.parse(headers.date)));
		assert.equal(headers.server?.includes('kycd/') ?? false, false, 'no version on the public listener');
		seen.add(headers['x-request-id']);
	}
	assert.equal(seen.size, answers.length, 'every answer has its own request id');
	for (const id of ['abc', 'A.b_c-9', 'x'.repeat(64)]) assert.equal((await app.call('GET', '/health/live', { headers: { 'x-request-id': id } })).headers['x-request-id'], id);
	for (const id of ['', 'x'.repeat(65), 'a b', 'a"b', 'é', 'a,b']) assert.notEqual((await app.call('GET', '/health/live', { headers: { 'x-request-id': id } })).headers['x-request-id'], id);
	expect(await app.prepare(newEmail(), { headers: { 'x-request-id': 'the-callers-own' } }), 201);
	await app.server.waitForLog(/id="?the-callers-own/);
});

test('HEAD has the status and headers of GET and no body', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	await app.startSession(email);
	for (const where of ['/config/products', `/kyc/status?email=${email}`, '/kyc/status', '/return', '/health/live']) {
		const [full, head] = [await app.call('GET', where), await app.call('HEAD', where)];
		assert.deepEqual([head.http, head.text, head.headers['content-type']], [full.http, '', full.headers['content-type']], where);
		assert.equal(head.headers['content-length'], full.headers['content-length'], where);
	}
});

test('pipelined requests on one connection are answered in order', async (t) => {
	const app = await App.open(t);
	const ids = Array.from({ length: 50 }, (_, i) => `call-${i}`);
	const stream = ids.map((id, i) => (i % 3 === 2
		? `POST /kyc/prepare HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${id}\r\nX-Api-Key: ${app.key}\r\nContent-Type: application/json\r\nContent-Length: 27\r\n\r\n{"email":"p${String(i).padStart(2, '0')}@example.com"}`
		: rawGet(i % 3 ? '/nowhere' : '/health/live', `X-Request-Id: ${id}`))).join('');
	const cases = { 'all at once': [stream], 'cut in the middle': [stream.slice(0, 1234), stream.slice(1234)], 'byte by byte at the start': [...stream.slice(0, 200), stream.slice(200)] };
	for (const [name, pieces] of Object.entries(cases)) {
		const { answers } = await sendRaw(app.server.port, pieces, { answers: ids.length });
		assert.deepEqual(answers.map(({ headers }) => headers['x-request-id']), ids, name);
		assert.ok(answers.every(({ http }, i) => (i % 3 === 2 ? http === 201 || http === 200 : http === (i % 3 ? 404 : 200))), name);
	}
	const closing = await sendRaw(app.server.port, rawGet('/health/live') + rawGet('/health/live', 'Connection: close') + rawGet('/health/live'));
	assert.deepEqual([closing.answers.length, closing.closed], [2, true]);
	const old = await sendRaw(app.server.port, 'GET /health/live HTTP/1.0\r\n\r\n');
	assert.deepEqual([old.answers.length, old.answers[0].http, old.closed], [1, 200, true]);
});

test('Expect: 100-continue is answered before the body is sent', async (t) => {
	const app = await App.open(t);
	const body = '{"email":"expect@example.com"}';
	const head = `POST /kyc/prepare HTTP/1.1\r\nHost: x\r\nX-Api-Key: ${app.key}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`;
	const socket = net.connect({ host: '127.0.0.1', port: app.server.port });
	let got = '';
	socket.on('data', (piece) => (got += piece));
	socket.write(head);
	await until('the 100 answer', () => got.startsWith('HTTP/1.1 100 '));
	socket.write(body);
	await until('the 201 answer', () => got.includes('HTTP/1.1 201 '));
	socket.destroy();
	const large = await sendRaw(app.server.port, head.replace(/Content-Length: \d+/, 'Content-Length: 70000'));
	assert.deepEqual([large.answers.length, large.answers[0].http], [1, 413], 'a body that is too large gets 413 without 100');
});

const ambiguousRequests = [
	{ name: 'Content-Length and Transfer-Encoding', lines: ['Content-Length: 5', 'Transfer-Encoding: chunked'], http: 400 },
	{ name: 'two different lengths', lines: ['Content-Length: 5', 'Content-Length: 6'], http: 400 },
	{ name: 'the same length twice', lines: ['Content-Length: 5', 'Content-Length: 5'], http: 400 },
	{ name: 'lengths in a list', lines: ['Content-Length: 5, 5'], http: 400 },
	{ name: 'a negative length', lines: ['Content-Length: -1'], http: 400 },
	{ name: 'a length with a plus', lines: ['Content-Length: +5'], http: 400 },
	{ name: 'a space before the colon', lines: ['X-Test : 1'], http: 400 },
	{ name: 'a header without a name', lines: [': 1'], http: 400 },
	{ name: 'a folded line', lines: ['X-Test: 1', ' 2'], http: 400 },
	{ name: 'a bare line feed', lines: ['X-Test: 1\nX-Other: 2'], http: 400 },
	{ name: 'a bare carriage return', lines: ['X-Test: 1\rX-Other: 2'], http: 400 },
	{ name: 'a NUL', lines: ['X-Test: a\0b'], http: 400 },
	{ name: 'an unsupported transfer coding', lines: ['Transfer-Encoding: gzip'], http: 501 },
	{ name: 'two transfer codings', lines: ['Transfer-Encoding: gzip, chunked'], http: 501 },
	{ name: 'a header of 17 KiB', lines: [`X-Test: ${'a'.repeat(17 * 1024)}`], http: 431 },
	{ name: 'a thousand headers', lines: Array.from({ length: 1000 }, (_, i) => `X-${i}: ${'b'.repeat(20)}`), http: 431 },
];
test('an ambiguous or oversized request is refused and the connection closed', async (t) => {
	const app = await App.open(t);
	for (const { name, lines, http } of ambiguousRequests) {
		const { answers, closed } = await sendRaw(app.server.port, rawGet('/health/live', ...lines) + rawGet('/health/live'));
		assert.equal(answers.length, 1, name);
		assert.deepEqual([answers[0].http, answers[0].json?.statusCode, closed], [http, http, true], name);
		await app.server.waitForLog(new RegExp(`event=refused request_id=${answers[0].headers['x-request-id']} status=${http}\\b`));
	}
	for (const [version, http] of [['HTTP/2.0', 505], ['HTTP/1.2', 505], ['HTTP/0.9', 505]]) {
		const { answers, closed } = await sendRaw(app.server.port, `GET /health/live ${version}\r\nHost: x\r\n\r\n`);
		assert.ok(closed);
		assert.ok([http, 400].includes(answers[0].http), version);
	}
});

test('%2F in a path is not a path separator', async (t) => {
	const app = await App.open(t);
	assert.equal((await app.post('/kyc/create%2Fverify_public_kyc', {})).word, 'route_not_found');
	assert.equal((await app.post('/kyc/create/verify%2Fpublic', {})).word, 'method_not_found');
});

test('a connection over the limit gets 503 in the usual JSON format, and a new one is accepted after another one has closed', async (t) => {
	const app = await App.open(t, { settings: { KYCD_MAX_CONNECTIONS_PER_ADDRESS: 8 } });
	const sockets = [];
	t.after(() => sockets.forEach((socket) => socket.destroy()));
	await until('the connections of the setup to close', async () => (await app.server.metric('kycd_connections')) <= 1);
	for (let i = 0; i < 8; i++) {
		const socket = net.connect({ host: '127.0.0.1', port: app.server.port });
		socket.on('error', () => {});
		sockets.push(socket);
		socket.write(rawGet('/health/live'));
		await new Promise((resolve) => socket.once('data', resolve));
	}
	const { answers, closed } = await sendRaw(app.server.port, rawGet('/health/live'));
	assert.deepEqual([answers[0].http, answers[0].word, closed], [503, 'unavailable', true]);
	assert.ok(Number(answers[0].headers['retry-after']) >= 1);
	sockets.pop().destroy();
	await until('a connection to be accepted again', async () => (await app.call('GET', '/health/live')).http === 200);
});

test('a request that arrives slowly gets 408 after ten seconds in total', async (t) => {
	const app = await App.open(t);
	const started = performance.now();
	const socket = net.connect({ host: '127.0.0.1', port: app.server.port });
	let got = '';
	socket.on('data', (piece) => (got += piece));
	socket.on('error', () => {});
	const ended = new Promise((resolve) => socket.on('close', resolve));
	socket.write('POST /kyc/prepare HTTP/1.1\r\nHost: x\r\nX-Trickle: ');
	const slowWriter = setInterval(() => socket.write('a'), 300);
	await ended;
	clearInterval(slowWriter);
	const elapsed = performance.now() - started;
	assert.match(got, /^HTTP\/1\.1 408 /);
	assert.match(got, /"status":"request_timeout"/);
	const [{ http, headers, body }] = parseResponses(got);
	checkAnswer(app.server.port, { method: 'POST', path: '/kyc/prepare', http, type: headers['content-type'], text: body });
	assert.ok(elapsed > 9_000 && elapsed < 13_000, `${elapsed} ms`);
});
