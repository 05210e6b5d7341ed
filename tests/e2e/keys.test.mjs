// API keys, quotas and rate limits that an operator changes while the server runs.
import assert from 'node:assert/strict';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';
import { until } from './lib/wait.mjs';

const UNAUTHORIZED = { code: 401, message: 'Unauthorized or API key invalid.', docs: 'https://docs.starkfi.io/' };
const products = (app, key, headers) => app.call('GET', '/config/products', { key, headers });

/** Returns the key with the character at position `at` replaced by another one. */
function withChangedCharacter(key, at) {
	return key.slice(0, at) + (key[at] === 'A' ? 'B' : 'A') + key.slice(at + 1);
}

test('a request without a valid key gets 401 on every route', async (t) => {
	const app = await App.open(t);
	const { key } = app;

	assert.match(key, /^kycd_[0-9A-Za-z]{46}$/);
	expect(await products(app, key), 200);
	const invalid = [
		{ name: 'no key', headers: {} },
		{ name: 'an empty key', headers: { 'x-api-key': '' } },
		{ name: 'an unknown key', headers: { 'x-api-key': 'kycd_unknown' } },
		{ name: 'a truncated key', headers: { 'x-api-key': key.slice(0, -1) } },
		{ name: 'a key with a character appended', headers: { 'x-api-key': `${key}0` } },
		{ name: 'another id', headers: { 'x-api-key': withChangedCharacter(key, 7) } },
		{ name: 'another secret', headers: { 'x-api-key': withChangedCharacter(key, 20) } },
		{ name: 'another checksum', headers: { 'x-api-key': withChangedCharacter(key, 50) } },
		{ name: 'as a bearer token', headers: { authorization: `Bearer ${key}` } },
		{ name: 'in lower case', headers: { 'x-api-key': key.toLowerCase() } },
		{ name: 'two key headers', headers: { 'x-api-key': [key, key] } },
	];
	for (const { name, headers } of invalid)
		for (const [method, where] of [['GET', '/config/products'], ['POST', '/kyc/prepare'], ['GET', '/api/kyc/status?email=a@example.com'], ['POST', '/kyc/create/nothing']]) {
			const answer = await app.call(method, where, { key: null, headers, body: method === 'POST' ? {} : undefined });
			assert.equal(answer.http, 401, `${name} at ${where}`);
			assert.deepEqual(answer.json, UNAUTHORIZED);
			assert.equal(answer.headers['www-authenticate'], 'ApiKey realm="kycd", header="x-api-key"');
		}
});

test('with optional keys an invalid key still gets 401', async (t) => {
	const app = await App.open(t, { settings: { KYCD_API_KEYS: 'optional' } });
	const email = newEmail();

	expect(await app.prepare(email, { key: null }), 201);
	expect(await app.prepare(email, { key: null }), 200);
	expect(await app.prepare(email), 201, 'user_prepared'); // the shop is another tenant than `default`
	assert.deepEqual(expect(await app.prepare(email, { key: 'kycd_wrong' }), 401).json, UNAUTHORIZED);
	assert.match(await app.server.run('tenant', 'list'), /^default /m);
});

test('a new key works at once, and a revoked key is refused within one second', async (t) => {
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

	// The key is used all the time, so that it is in the server's cache when it is revoked.
	let running = true;
	const answers = [];
	const requests = (async () => {
		while (running) {
			const at = Date.now();
			answers.push({ at, http: (await products(app, key)).http });
		}
	})();
	await app.server.run('key', 'revoke', id);
	const revoked = Date.now();
	await until('the key to be refused', () => answers.at(-1)?.http === 401, 5_000);
	running = false;
	await requests;
	const last = answers.filter((answer) => answer.http === 200).at(-1);
	assert.ok(!last || last.at - revoked <= 1_000, `accepted ${last?.at - revoked} ms after it was revoked`);
	assert.equal(answers.at(-1).http, 401);
	assert.match(app.server.log, new RegExp(`event=key_refused times=1 key_id=${id} reason=revoked `));
	assert.match(app.server.log, new RegExp(`event=request .* status=401 .* key_id=${id}\\n`));

	// The minute of the last use is stored by the call that begins it.
	const lastUsed = async () => Object.fromEntries(JSON.parse(await app.server.run('key', 'list', '--json')).map((row) => [row.id, row.last_used]));
	const before = await lastUsed();
	assert.match(before[id], /^20.*:00\.000Z$/);
	assert.equal(before[spare.slice(5, 13)], null);
	const from = Date.now();
	expect(await products(app, spare), 200);
	const used = await until('the use to be stored', async () => (await lastUsed())[spare.slice(5, 13)], 10_000);
	assert.ok(Date.parse(used) % 60_000 === 0 && Date.parse(used) > from - 60_000 && Date.parse(used) <= Date.now(), used);
	assert.match(await app.server.run('key', 'list'), new RegExp(`^${id} .* last used ${before[id]} `, 'm'));
});

test('an expired key is refused', async (t) => {
	const app = await App.open(t);
	const createdAt = Date.now();
	const key = await app.addKey('shop', '--expires', '1s');
	await until('the key to expire', async () => (await products(app, key)).http === 401, 5_000);
	assert.ok(Date.now() - createdAt >= 1_000, 'not before it expires');
	assert.deepEqual((await products(app, key)).json, UNAUTHORIZED);
});

test('a changed quota applies within one second', async (t) => {
	const app = await App.open(t, { tenant: null });
	app.key = await app.addTenant('small', '--monthly-quota', '0');
	const email = await app.verifyPerson(newEmail());

	expect(await app.create(email), 429, 'verify_quota_exceeded');
	await app.server.run('tenant', 'set', 'small', '--monthly-quota', '1');
	const raised = Date.now();
	let refused = raised;
	await until('the raised quota to apply', async () => {
		const requestedAt = Date.now();
		if ((await app.create(email)).http === 201) return true;
		refused = requestedAt;
		return false;
	}, 5_000);
	assert.ok(refused - raised <= 1_000, `refused ${refused - raised} ms after it was raised`);
	const second = await app.verifyPerson(newEmail());
	expect(await app.create(second), 429, 'verify_quota_exceeded');
	await app.server.run('tenant', 'set', 'small', '--monthly-quota', 'none');
	await until('the quota to be removed', async () => (await app.create(second)).http === 201, 3_000);
});

test('concurrent requests never exceed the quota', async (t) => {
	const app = await App.open(t, { tenant: null });
	app.key = await app.addTenant('small', '--monthly-quota', '3');
	const people = [];
	for (let i = 0; i < 9; i++) people.push(await app.verifyPerson(newEmail()));
	const answers = await Promise.all(people.map((email) => app.create(email)));
	assert.equal(answers.filter((answer) => answer.http === 201).length, 3);
	assert.equal(answers.filter((answer) => answer.word === 'verify_quota_exceeded').length, 6);
	assert.equal(app.didit.creates.length, 3);
});

test('requests over the rate limit get 429 with the published body and Retry-After', async (t) => {
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
	expect(await products(app, other), 200); // The limit is per key, not per tenant.
	for (let i = 0; i < 12; i++) assert.notEqual((await app.call('GET', '/health/live', { key: null })).http, 429);
	await until('the rate limit to allow a request again', async () => (await products(app, app.key)).http === 200, 5_000);
});

test('a key can have its own rate limits, and the 429 body names them', async (t) => {
	const app = await App.open(t, { settings: { KYCD_DOCS_URL: 'https://docs.example/kyc' } });
	const key = await app.addKey('shop', '--rate-per-minute', '4', '--rate-per-second', '3');
	const answers = [];
	for (let i = 0; i < 4; i++) answers.push(await products(app, key));
	await until('the limit per minute to be reached', async () => {
		const answer = await products(app, key);
		return answer.http === 429 && Number(answer.headers['retry-after']) > 1 && answers.push(answer);
	}, 5_000);
	assert.deepEqual(answers.at(-1).json, {
		code: 429, message: 'Too many requests. The limit is 4 request per minute and 3 requests per second.', docs: 'https://docs.example/kyc',
	});
	expect(await products(app, app.key), 200);
});

test('a rate-limited request does not use up an attempt at the code', async (t) => {
	const app = await App.open(t);
	const key = await app.addKey('shop', '--rate-per-second', '1');
	const email = newEmail();
	const code = await app.requestCode(email);
	const answers = await Promise.all(Array.from({ length: 8 }, () => app.verify(email, code.split('').reverse().join('') === code ? '000000' : code.split('').reverse().join(''), { key })));
	assert.ok(answers.filter((answer) => answer.http === 429).length >= 6, 'the rate limit is applied before the code is checked');
	expect(await app.verify(email, code), 200, 'email_verified');
});

const keyId = (key) => key.slice(5, 13);
const rows = async (app, ...args) => JSON.parse(await app.server.run(...args, '--json'));
const auditRows = async (app) => (await app.server.run('audit', 'list', '--json')).split('\n').map((line) => JSON.parse(line));

test('a disabled tenant is refused within one second, until it is enabled', async (t) => {
	const app = await App.open(t, { settings: { KYCD_API_KEYS: 'optional' } });
	const { key } = app;

	expect(await products(app, key), 200);
	assert.match(await app.server.run('tenant', 'set', 'shop', '--disabled', 'on'), / disabled$/);
	const disabled = Date.now();
	let last = disabled;
	await until('the key to be refused', async () => {
		const at = Date.now();
		const { http } = await products(app, key);
		if (http === 200) last = at;
		return http === 401;
	}, 5_000);
	assert.ok(last - disabled <= 1_000, `accepted ${last - disabled} ms after the tenant was disabled`);
	assert.deepEqual((await products(app, key)).json, UNAUTHORIZED);
	assert.match(app.server.log, new RegExp(`event=key_refused times=1 key_id=${keyId(key)} reason=tenant_disabled `));
	expect(await products(app, null, {}), 200); // `default` is another tenant
	assert.match((await rows(app, 'tenant', 'list')).find((row) => row.name === 'shop').disabled_at, /^20.*Z$/);

	await app.server.run('tenant', 'set', 'shop', '--disabled', 'off');
	await app.server.run('tenant', 'set', 'default', '--disabled', 'on');
	await until('the key to work', async () => (await products(app, key)).http === 200, 5_000);
	await until('a call without a key to be refused', async () => (await app.call('GET', '/config/products', { key: null })).http === 401, 5_000);
	assert.deepEqual((await auditRows(app)).filter((row) => row.action === 'tenant_changed').map((row) => row.detail), ['disabled', 'enabled', 'disabled']);
});

test('a renamed tenant keeps its keys', async (t) => {
	const app = await App.open(t);

	assert.equal((await rows(app, 'tenant', 'rename', 'shop', 'kiosk')).name, 'kiosk');
	expect(await products(app, app.key), 200);
	await until('the new name', async () => (await app.call('GET', '/v1/me')).json.data.tenant === 'kiosk', 5_000);
	assert.equal((await rows(app, 'key', 'list', '--tenant', 'kiosk')).length, 1);
	const renamed = (await auditRows(app)).filter((row) => row.action === 'tenant_renamed');
	assert.deepEqual(renamed.map((row) => row.detail), ['shop']);
});

test('a key is changed while the server runs', async (t) => {
	const app = await App.open(t);
	const key = await app.addKey('shop', '--label', 'old', '--expires', '1d', '--rate-per-second', '50');
	const me = async () => expect(await app.call('GET', '/v1/me', { key }), 200, 'key_retrieved').json.data;
	const { expires_at: expires, ...rest } = await me();

	assert.match(expires, /^20/);
	assert.deepEqual({ ...rest, rate_per_minute: 0 }, { tenant: 'shop', key_id: keyId(key), scopes: ['kyc:read', 'kyc:write'], rate_per_minute: 0, rate_per_second: 50 });
	const set = await rows(app, 'key', 'set', keyId(key), '--label=new', '--expires', 'none', '--rate-per-second', 'none', '--rate-per-minute', '70000', '--scope', 'events:read', '--scope=webhooks:write');
	assert.deepEqual([set.label, set.expires_at, set.rate_per_second, set.rate_per_minute, set.scopes, set.allow_from], ['new', null, null, 70000, ['events:read', 'webhooks:read', 'webhooks:write'], []]);
	await until('the scopes to apply', async () => (await products(app, key)).word === 'insufficient_scope', 5_000);
	assert.deepEqual((await me()).scopes, ['events:read', 'webhooks:read', 'webhooks:write']);
	await app.server.run('key', 'set', keyId(key), '--scope', 'kyc:read', '--allow-from', '198.51.100.0/24', '--allow-from', '2001:db8::/32');
	await until('the networks to apply', async () => (await products(app, key)).word === 'address_not_allowed', 5_000);
	assert.deepEqual((await rows(app, 'key', 'list')).find((row) => row.id === keyId(key)).allow_from, ['198.51.100.0/24', '2001:db8::/32']);
	assert.match(await app.server.run('key', 'list'), / scopes kyc:read {2}from 198\.51\.100\.0\/24,2001:db8::\/32 {2}new$/m);
	await app.server.run('key', 'set', keyId(key), '--allow-from', '127.0.0.0/8', '--allow-from', '::1');
	await until('the own address to be allowed', async () => (await products(app, key)).http === 200, 5_000);
	await app.server.run('key', 'set', keyId(key), '--allow-from', 'none');
	assert.equal((await auditRows(app)).filter((row) => row.action === 'key_changed' && row.subject === keyId(key)).length, 4);
});

test('a rotated key works beside its successor for the overlap', async (t) => {
	const app = await App.open(t);
	const key = await app.addKey('shop', '--label', 'back-end', '--scope', 'kyc:read', '--allow-from', '127.0.0.0/8', '--allow-from', '::1');
	const before = Date.now();
	const { id, key: next } = await rows(app, 'key', 'rotate', keyId(key), '--overlap', '2s');

	assert.equal(id, keyId(next));
	expect(await products(app, next), 200);
	await until('the old key to expire', async () => (await products(app, key)).http === 401, 6_000);
	assert.ok(Date.now() - before >= 2_000, 'not before the overlap is over');
	expect(await products(app, next), 200);
	const listed = await rows(app, 'key', 'list');
	const of = (wanted) => listed.find((row) => row.id === wanted);
	for (const name of ['label', 'tenant', 'scopes', 'allow_from', 'rate_per_minute', 'rate_per_second']) assert.deepEqual(of(id)[name], of(keyId(key))[name], name);
	assert.equal(of(id).expires_at, null);
	const audit = await auditRows(app);
	assert.deepEqual(audit.filter((row) => row.action === 'key_rotated').map((row) => [row.subject, row.detail]), [[keyId(key), id]]);
	await assert.rejects(app.server.run('key', 'rotate', keyId(key), '--overlap', '7d'), /the key has expired: create a new one with `kycd key create`/);
	await app.server.run('key', 'revoke', id);
	await assert.rejects(app.server.run('key', 'rotate', id, '--overlap', '7d'), /the key is revoked: create a new one/);
	await assert.rejects(app.server.run('key', 'set', id, '--label', 'x'), /the key is revoked: create a new one/);
});

test('each route refuses a key without its scope', async (t) => {
	const app = await App.open(t);
	const key = await app.addKey('shop', '--scope', 'events:read');
	const routes = [
		['POST', '/kyc/prepare'], ['POST', '/security/email/send-otp'], ['POST', '/security/email/verify-otp'], ['POST', '/security/wallet/challenge'],
		['POST', '/kyc/prepare-wallet'], ['POST', '/kyc/create/verify_public_kyc'], ['GET', '/kyc/status'], ['POST', '/kyc/status'],
		['GET', '/config/products'], ['GET', '/v1/quota'],
	];
	for (const [method, where] of routes) expect(await app.call(method, where, { key }), 403, 'insufficient_scope');
});
