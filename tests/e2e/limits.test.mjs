// Limits as a client sees them: hostile connections are closed as docs/limits.md says (the effect on other clients is in throughput.test.mjs),
// trusted proxies have no limit per address, codes are limited per end-user address, and metrics report the counts.
import assert from 'node:assert/strict';
import net from 'node:net';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';
import { RawConnection, requestBytes, openConnections } from './lib/clients.mjs';
import { until } from './lib/wait.mjs';

const UNAVAILABLE = { statusCode: 503, success: false, status: 'unavailable', message: 'Service unavailable, try again later' };
const MANY_CONNECTIONS = { KYCD_MAX_CONNECTIONS: 1200, KYCD_MAX_CONNECTIONS_PER_ADDRESS: 1100 };
const LIVE_REQUEST = requestBytes('GET', '/health/live');

/** Creates a person with a session. Returns the bytes of a status request, which needs a key and a database read and gets 200. */
async function statusRequest(app) {
	const email = newEmail();
	await app.startSession(email);
	return requestBytes('POST', '/kyc/status', { key: app.key, body: { email } });
}

test('up to 1,000 concurrent connections are served without a stall', async (t) => {
	const app = await App.open(t, { settings: MANY_CONNECTIONS });
	const bytes = await statusRequest(app);
	for (const n of [1, 64, 127, 128, 129, 256, 512, 1000]) {
		const lines = await openConnections(app.server.port, n, { limit: 20_000 });
		for (let round = 0; round < 3; round++) {
			const answers = await Promise.all(lines.map((line) => line.request(bytes)));
			assert.equal(answers.filter((answer) => answer.http === 200).length, n, `of ${n} connections`);
		}
		for (const line of lines) line.reset();
		await until('the connections to close', async () => (await app.server.metric('kycd_connections')) <= 2);
	}
});

test('a connection over a limit gets 503 in the usual JSON format at once and is closed', async (t) => {
	const app = await App.open(t, { settings: { KYCD_MAX_CONNECTIONS: 20, KYCD_MAX_CONNECTIONS_PER_ADDRESS: 8, KYCD_TRUSTED_PROXIES: '127.0.0.9, 192.0.2.0/24' } });
	const assertRefused = async (from) => {
		const started = performance.now();
		const line = await RawConnection.open(app.server.port, { from });
		const answer = await line.request();
		await line.waitForClose();
		assert.ok(performance.now() - started < 2000, 'the answer comes at once');
		assert.equal(answer.http, 503);
		assert.deepEqual(JSON.parse(answer.body), UNAVAILABLE);
		assert.match(answer.text, /\r\nRetry-After: 1\r\n/);
		assert.match(answer.text, /\r\nConnection: close\r\n/);
	};
	const lines = await openConnections(app.server.port, 8, { from: '127.0.0.8' });
	await assertRefused('127.0.0.8');
	// A trusted proxy has no limit per address, only the limit of all connections.
	lines.push(...(await openConnections(app.server.port, 12, { from: '127.0.0.9' })));
	for (const line of lines) assert.equal((await line.request(LIVE_REQUEST)).http, 200);
	await assertRefused('127.0.0.9');
	await assertRefused('127.0.0.10');
	lines.pop().reset();
	await until('a connection to be accepted again', async () => {
		const line = await RawConnection.open(app.server.port, { from: '127.0.0.9' });
		lines.push(line);
		return (await line.request(LIVE_REQUEST).catch(() => ({}))).http === 200;
	});
	for (const line of lines) line.reset();
});

/** Sends many requests and never reads the answers. Returns the ms from the last accepted byte until the server closed the connection. */
async function timeSlowReader(app) {
	// One connection remains: the one that reads the metrics.
	await until('all other connections to close', async () => (await app.server.metric('kycd_connections')) === 1);
	const socket = net.connect({ host: '127.0.0.1', port: app.server.port });
	socket.on('error', () => {});
	socket.pause();
	await new Promise((resolve) => socket.once('connect', resolve));
	const many = requestBytes('GET', '/openapi.json').repeat(1000);
	while (socket.write(many));
	const lastWrite = performance.now();
	await until('the slow reader to be connected', async () => (await app.server.metric('kycd_connections')) === 2);
	await until('the slow reader to be disconnected', async () => (await app.server.metric('kycd_connections')) === 1, 25_000);
	socket.destroy();
	return performance.now() - lastWrite;
}

test('slow senders and slow readers are disconnected after ten seconds, an oversized header at once', async (t) => {
	const app = await App.open(t);
	const large = await (await RawConnection.open(app.server.port)).request(requestBytes('GET', '/health/live', { headers: { 'x-long': 'a'.repeat(64 * 1024) } }));
	assert.equal(large.http, 431);
	assert.equal(JSON.parse(large.body).status, 'header_too_large');

	const slow = await timeSlowReader(app);
	assert.ok(slow > 9_000 && slow < 16_000, `the slow reader was disconnected after ${slow} ms`);

	const lines = await openConnections(app.server.port, 20, { limit: 20_000 });
	const started = performance.now();
	const answers = lines.map((line) => line.request('POST /kyc/status HTTP/1.1\r\n').then((answer) => ({ ...answer, ms: performance.now() - started })));
	const slowWriter = setInterval(() => lines.forEach((line) => line.socket.writable && line.socket.write('a')), 1000);
	try {
		for (const answer of await Promise.all(answers)) {
			assert.equal(answer.http, 408);
			assert.equal(JSON.parse(answer.body).status, 'request_timeout');
			assert.ok(answer.ms > 9_900 && answer.ms < 14_000, `the slow request was ended after ${answer.ms} ms`);
		}
	} finally {
		clearInterval(slowWriter);
	}
	for (const line of lines) line.reset();
});

test('of sixty concurrent code requests exactly the limit per person or per end-user address succeeds', async (t) => {
	const app = await App.open(t);
	const person = newEmail();
	expect(await app.prepare(person), 201);
	const personAnswers = await Promise.all(Array.from({ length: 60 }, () => app.send(person)));
	assert.deepEqual([personAnswers.filter(({ http }) => http === 201).length, personAnswers.filter(({ word }) => word === 'otp_send_limited').length], [3, 57]);

	const people = Array.from({ length: 60 }, () => newEmail());
	await Promise.all(people.map(async (email) => expect(await app.prepare(email), 201)));
	const from = (address) => ({ headers: { 'x-end-user-address': address } });
	const answers = await Promise.all(people.map((email, i) => app.send(email, from(`2001:db8:1:2::${i}`))));
	const limited = answers.filter(({ http }) => http === 429);
	assert.deepEqual([answers.filter(({ http }) => http === 201).length, limited.length], [30, 30]);
	for (const answer of limited) {
		expect(answer, 429, 'otp_send_limited');
		assert.ok(Number(answer.headers['retry-after']) >= 1 && Number(answer.headers['retry-after']) <= 6, answer.headers['retry-after']);
	}
	// Another /64 network, another group and a malformed address are not limited.
	const limitedPeople = people.filter((email, i) => answers[i].http === 429);
	expect(await app.send(limitedPeople[0], from('2001:db8:1:3::1')), 201);
	expect(await app.send(limitedPeople[1], from('not an address')), 201);
	const other = await app.addTenant('other');
	expect(await app.prepare(limitedPeople[2], { key: other }), 201);
	expect(await app.send(limitedPeople[2], { key: other, ...from('2001:db8:1:2::1') }), 201);
	assert.equal(await app.server.metric('kycd_end_user_address_malformed_total'), 1);

	// No address is stored, as text or as bytes, in the log or in the database files.
	for (const trace of [Buffer.from('2001:db8:1'), Buffer.from('20010db800010002', 'hex'), Buffer.from('not an address')]) {
		assert.ok(!app.server.log.includes(trace.toString('latin1')));
		for (const name of await readdir(app.folder)) if (name.startsWith('kycd.db')) assert.ok(!(await readFile(path.join(app.folder, name))).includes(trace), name);
	}
});

test('metrics report the used quota and the age of the stalest session', async (t) => {
	const app = await App.open(t);
	assert.equal(await app.server.metric('kycd_quota_used', { tenant: 'shop' }), 0);
	await app.startSession(newEmail());
	await app.addTenant('later');
	const text = await app.server.metrics();
	assert.match(text, /^kycd_quota_used\{tenant="later"\} 0\nkycd_quota_used\{tenant="shop"\} 1$/m);
	await until('the session to be stale for one second', async () => (await app.server.metric('kycd_session_stale_oldest_seconds')) >= 1);
});
