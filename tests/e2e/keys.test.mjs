// Keys, quotas and rates, changed by an operator beside the running server.
import assert from 'node:assert/strict';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';
import { until } from './lib/wait.mjs';

const UNAUTHORIZED = { code: 401, message: 'Unauthorized or API key invalid.', docs: 'https://docs.starkfi.io/' };
const products = (app, key, headers) => app.call('GET', '/config/products', { key, headers });

/** A character of the key replaced by another. */
function bent(key, at) {
	return key.slice(0, at) + (key[at] === 'A' ? 'B' : 'A') + key.slice(at + 1);
}

test('without a right key nobody gets anything', async (t) => {
	const app = await App.open(t);
	const { key } = app;

	assert.match(key, /^kycd_[0-9A-Za-z]{46}$/);
	expect(await products(app, key), 200);
	const wrongs = [
		{ says: 'none', headers: {} },
		{ says: 'empty', headers: { 'x-api-key': '' } },
		{ says: 'unknown', headers: { 'x-api-key': 'kycd_unknown' } },
		{ says: 'cut', headers: { 'x-api-key': key.slice(0, -1) } },
		{ says: 'longer', headers: { 'x-api-key': `${key}0` } },
		{ says: 'another id', headers: { 'x-api-key': bent(key, 7) } },
		{ says: 'another secret', headers: { 'x-api-key': bent(key, 20) } },
		{ says: 'another checksum', headers: { 'x-api-key': bent(key, 50) } },
		{ says: 'as a bearer', headers: { authorization: `Bearer ${key}` } },
		{ says: 'in lower case', headers: { 'x-api-key': key.toLowerCase() } },
		{ says: 'twice', headers: { 'x-api-key': [key, key] } },
	];
	for (const { says, headers } of wrongs)
		for (const [method, where] of [['GET', '/config/products'], ['POST', '/kyc/prepare'], ['GET', '/api/kyc/status?email=a@example.com'], ['POST', '/kyc/create/nothing']]) {
			const answer = await app.call(method, where, { key: null, headers, body: method === 'POST' ? {} : undefined });
			assert.equal(answer.http, 401, `${says} at ${where}`);
			assert.deepEqual(answer.json, UNAUTHORIZED);
		}
});

test('where keys are optional, a wrong one is still wrong', async (t) => {
	const app = await App.open(t, { settings: { KYCD_API_KEYS: 'optional' } });
	const email = newEmail();

	expect(await app.prepare(email, { key: null }), 201);
	expect(await app.prepare(email, { key: null }), 200);
	expect(await app.prepare(email), 201, 'user_prepared'); // the shop is another tenant than `default`
	assert.deepEqual(expect(await app.prepare(email, { key: 'kycd_wrong' }), 401).json, UNAUTHORIZED);
	assert.match(await app.server.run('tenant', 'list'), /^default /m);
});

test('a new key works at once, a revoked one not for a second longer', async (t) => {
	const app = await App.open(t);
	const key = await app.addKey('shop', '--label', 'the second');
	const spare = await app.addKey('shop');

	expect(await products(app, key), 200);
	const id = key.slice(5, 13);
	const listed = JSON.parse(await app.server.run('key', 'list', '--tenant', 'shop', '--json'));
	assert.equal(listed.length, 3);
	assert.ok(listed.some((row) => row.id === id && row.label === 'the second'));
	assert.ok(listed.every((row) => row.tenant === 'shop' && row.expires_at === null && row.revoked_at === null && row.rate_per_minute === null));
	const table = await app.server.run('key', 'list');
	assert.match(table, new RegExp(`^${id} +shop +created .* the second$`, 'm'));
	assert.ok(!JSON.stringify(listed).includes(key.slice(13, 45)), 'the secret part is never shown again');

	// Asked all the time, so that the server has it fresh in mind when it is revoked.
	let asking = true;
	const answers = [];
	const asked = (async () => {
		while (asking) {
			const at = Date.now();
			answers.push({ at, http: (await products(app, key)).http });
		}
	})();
	await app.server.run('key', 'revoke', id);
	const revoked = Date.now();
	await until('the key to be refused', () => answers.at(-1)?.http === 401, 5_000);
	asking = false;
	await asked;
	const last = answers.filter((answer) => answer.http === 200).at(-1);
	assert.ok(!last || last.at - revoked <= 1_000, `still good ${last?.at - revoked} ms after`);
	expect(await products(app, spare), 200);
	assert.equal(answers.at(-1).http, 401);
});

test('a key that runs out is refused', async (t) => {
	const app = await App.open(t);
	const made = Date.now();
	const key = await app.addKey('shop', '--expires', '1s');
	await until('the key to run out', async () => (await products(app, key)).http === 401, 5_000);
	assert.ok(Date.now() - made >= 1_000, 'not before its time');
	assert.deepEqual((await products(app, key)).json, UNAUTHORIZED);
});

test('a changed quota holds within a second', async (t) => {
	const app = await App.open(t, { tenant: null });
	app.key = await app.addTenant('small', '--monthly-quota', '0');
	const email = await app.proven(newEmail());

	expect(await app.create(email), 429, 'verify_quota_exceeded');
	await app.server.run('tenant', 'set', 'small', '--monthly-quota', '1');
	const raised = Date.now();
	let refused = raised;
	await until('the quota', async () => {
		const asked = Date.now();
		if ((await app.create(email)).http === 201) return true;
		refused = asked;
		return false;
	}, 5_000);
	assert.ok(refused - raised <= 1_000, `refused ${refused - raised} ms after it was raised`);
	const second = await app.proven(newEmail());
	expect(await app.create(second), 429, 'verify_quota_exceeded');
	await app.server.run('tenant', 'set', 'small', '--monthly-quota', 'none');
	await until('no quota', async () => (await app.create(second)).http === 201, 3_000);
});

test('a quota is never overdrawn, however many come at once', async (t) => {
	const app = await App.open(t, { tenant: null });
	app.key = await app.addTenant('small', '--monthly-quota', '3');
	const people = [];
	for (let i = 0; i < 9; i++) people.push(await app.proven(newEmail()));
	const answers = await Promise.all(people.map((email) => app.create(email)));
	assert.equal(answers.filter((answer) => answer.http === 201).length, 3);
	assert.equal(answers.filter((answer) => answer.word === 'verify_quota_exceeded').length, 6);
	assert.equal(app.didit.creates.length, 3);
});

test('too many calls: the published body, and when to come again', async (t) => {
	const app = await App.open(t, { settings: { KYCD_RATE_PER_SECOND: undefined, KYCD_RATE_PER_MINUTE: undefined } });
	const answers = await Promise.all(Array.from({ length: 25 }, () => products(app, app.key)));
	const limited = answers.filter((answer) => answer.http === 429);

	assert.ok(answers.filter((answer) => answer.http === 200).length >= 10 && limited.length >= 1);
	for (const answer of limited) {
		assert.equal(answer.text,
			'{"code":429,"message":"Too many requests. The limit is 600 request per minute and 10 requests per second.","docs":"https://docs.starkfi.io/"}');
		assert.match(answer.headers['retry-after'], /^[1-9]\d*$/);
	}
	const other = await app.addKey('shop');
	expect(await products(app, other), 200); // per key, not per tenant
	for (let i = 0; i < 12; i++) assert.notEqual((await app.call('GET', '/health/live', { key: null })).http, 429);
	await until('the second to pass', async () => (await products(app, app.key)).http === 200, 5_000);
});

test('a key has its own limits, and names them', async (t) => {
	const app = await App.open(t, { settings: { KYCD_DOCS_URL: 'https://docs.example/kyc' } });
	const key = await app.addKey('shop', '--rate-per-minute', '4', '--rate-per-second', '3');
	const answers = [];
	for (let i = 0; i < 4; i++) answers.push(await products(app, key));
	await until('the minute\'s limit', async () => {
		const answer = await products(app, key);
		return answer.http === 429 && Number(answer.headers['retry-after']) > 1 && answers.push(answer);
	}, 5_000);
	assert.deepEqual(answers.at(-1).json, {
		code: 429, message: 'Too many requests. The limit is 4 request per minute and 3 requests per second.', docs: 'https://docs.example/kyc',
	});
	expect(await products(app, app.key), 200);
});

test('a refused call costs nothing but its place in the rate', async (t) => {
	const app = await App.open(t);
	const key = await app.addKey('shop', '--rate-per-second', '1');
	const email = newEmail();
	const code = await app.coded(email);
	const answers = await Promise.all(Array.from({ length: 8 }, () => app.verify(email, code.split('').reverse().join('') === code ? '000000' : code.split('').reverse().join(''), { key })));
	assert.ok(answers.filter((answer) => answer.http === 429).length >= 6, 'limited before a try was judged');
	expect(await app.verify(email, code), 200, 'email_verified');
});
