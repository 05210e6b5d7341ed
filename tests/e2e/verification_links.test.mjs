// Verification links over HTTP: create, read, revoke, send by e-mail, and result tokens.
import assert from 'node:assert/strict';
import { readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';
import { MovableClock } from './lib/clock.mjs';
import { queryDatabase, sqliteTest } from './lib/database.mjs';
import { makeFolder, removeFolder } from './lib/kycd.mjs';
import { evm } from './lib/wallets.mjs';

const LINKS = '/v1/verification-links';
const LINK_ID = /^vl_[0-9a-z]{26}$/;
const UNKNOWN = 'vl_01kb7m2a5v8wq3x4y5z6a7b8c9';

const create = (app, body = {}, options = {}) => app.post(LINKS, body, options);
const created = async (app, body, options) => expect(await create(app, body, options), 201, 'verification_link_created').data;
const get = (app, id, options) => app.call('GET', `${LINKS}/${id}`, options);
const stateOf = async (app, id) => expect(await get(app, id), 200, 'verification_link_retrieved').data.state;
const remove = (app, id, options) => app.call('DELETE', `${LINKS}/${id}`, options);
const redeem = (app, id, body, options) => app.post(`${LINKS}/${id}/result`, body, options);
const countLinks = (app) => Number(queryDatabase(app, 'SELECT count(*) FROM verification_links'));

test('a link is created, read and revoked', async (t) => {
	const app = await App.open(t);
	const before = Date.now();
	const link = await created(app, { email: newEmail(), reference: 'customer-4711', language: 'pt-BR', return_url: 'https://shop.example.com/done?a=1' });
	assert.deepEqual(Object.keys(link), ['id', 'url', 'expires_at']);
	assert.match(link.id, LINK_ID);
	assert.match(link.url, /^http:\/\/127\.0\.0\.1:\d+\/verify\/[A-Za-z0-9_-]{43}$/);
	const life = Date.parse(link.expires_at) - before;
	assert.ok(life >= 7 * 86_400_000 && life < 7 * 86_400_000 + 60_000, `${life} ms`);
	const { data } = expect(await get(app, link.id), 200, 'verification_link_retrieved');
	assert.deepEqual({ ...data, created_at: null }, { id: link.id, state: 'open', user_id: null, status: null, created_at: null, expires_at: link.expires_at });
	expect(await remove(app, link.id), 200, 'verification_link_deleted');
	assert.equal(await stateOf(app, link.id), 'revoked');
	expect(await remove(app, link.id), 200, 'verification_link_deleted');
	const log = await app.server.run('audit', 'list', '--json');
	assert.equal(log.split('"verification_link_created"').length - 1, 1);
	assert.equal(log.split('"verification_link_deleted"').length - 1, 1);
	assert.ok(log.includes(link.id), 'the audit log names the link by its id');
});

test('a body without fields is a link without a suggestion; wrong values are refused', async (t) => {
	const app = await App.open(t);
	await created(app, {});
	await created(app, { wallet: evm.ethers('link').address, expires_in: 60 });
	await created(app, { expires_in: 2_592_000, send: false });
	const before = countLinks(app);
	for (const body of [
		{ email: newEmail(), wallet: evm.ethers('link').address }, { send: true }, { wallet: evm.ethers('link').address, send: true },
		{ email: 'nobody' }, { wallet: '0x12' }, { expires_in: 59 }, { expires_in: 2_592_001 }, { expires_in: '60s' }, { reference: '\u200b' }, { reference: 'x'.repeat(129) },
		{ return_url: 'shop.example.com' }, { return_url: 'javascript:alert(1)' }, { return_url: 'https://user:pw@shop.example.com/' },
		{ return_url: `https://shop.example.com/${'x'.repeat(512)}` }, { send: 'yes' },
	]) expect(await create(app, body), 400, 'invalid_parameters');
	assert.equal(countLinks(app), before);
});

test('scopes: kyc:write creates and revokes, kyc:read reads', async (t) => {
	const app = await App.open(t);
	const link = await created(app);
	const key = await app.addKey('shop', '--scope', 'kyc:read');
	expect(await get(app, link.id, { key }), 200);
	expect(await create(app, {}, { key }), 403, 'insufficient_scope');
	expect(await remove(app, link.id, { key }), 403, 'insufficient_scope');
	expect(await redeem(app, link.id, { result: 'x' }, { key }), 403, 'insufficient_scope');
	expect(await get(app, link.id, { key: await app.addKey('shop', '--scope', 'events:read') }), 403, 'insufficient_scope');
	assert.equal(await stateOf(app, link.id), 'open');
});

test('a link of another tenant, and one that never existed, is 404', async (t) => {
	const app = await App.open(t);
	const link = await created(app);
	const key = await app.addTenant('bank');
	for (const [id, options] of [[link.id, { key }], [UNKNOWN, {}], ['vl_x', {}], [link.id.slice(3), {}], [link.url.split('/').pop(), {}]]) {
		expect(await get(app, id, options), 404, 'verification_link_not_found');
		expect(await remove(app, id, options), 404, 'verification_link_not_found');
		expect(await redeem(app, id, { result: 'x' }, options), 404, 'verification_link_not_found');
	}
	assert.equal(await stateOf(app, link.id), 'open');
	expect(await redeem(app, link.id, {}), 400, 'missing_params');
	for (const result of ['x', 'A'.repeat(43), link.url.split('/').pop()]) expect(await redeem(app, link.id, { result }), 404, 'result_not_found');
});

test('send: the link is mailed in its language, within the limits of the recipient', async (t) => {
	const app = await App.open(t, { settings: { KYCD_OTP_SEND_BURST: 2, KYCD_OTP_SEND_EVERY: 3600 } });
	const email = newEmail();
	const first = await created(app, { email, send: true, language: 'de-AT' });
	const mail = await app.mailServer.messageTo(email, 1);
	assert.ok(mail.mail.text.includes(first.url), mail.mail.text);
	assert.match(mail.mail.text, /Identität/);
	await created(app, { email, send: true });
	await app.mailServer.messageTo(email, 2);
	const before = countLinks(app);
	const limited = expect(await create(app, { email, send: true }), 429, 'otp_send_limited');
	assert.ok(Number(limited.headers['retry-after']) > 0);
	assert.equal(limited.json.details.cause, 'person');
	assert.equal(countLinks(app), before, 'no link is made');
	await created(app, { email }); // without `send` there is no limit
	const code = await app.requestCode(email); // codes have limits of their own
	expect(await app.verify(email, code), 200);
});

test('Idempotency-Key: a repeated call gets the same link and sends no second e-mail', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const options = { headers: { 'idempotency-key': 'link-1' } };
	const first = expect(await create(app, { email, send: true }, options), 201);
	const again = expect(await create(app, { email, send: true }, options), 201);
	assert.equal(again.text, first.text);
	await app.mailServer.messageTo(email, 1);
	assert.equal(countLinks(app), 1);
	assert.equal(app.mailServer.messagesTo(email).length, 1);
});

test('a link outlives a restart', async (t) => {
	const app = await App.open(t);
	const link = await created(app, { email: newEmail() });
	await app.server.kill();
	await app.server.start();
	assert.equal(await stateOf(app, link.id), 'open');
});

// With PostgreSQL, the time is the database server's, which the test cannot move.
sqliteTest('a link expires to the second', async (t) => {
	const folder = await makeFolder();
	t.after(() => removeFolder(folder));
	const clock = await MovableClock.open(folder);
	const app = await App.open(t, { under: clock.under });
	const link = await created(app, { expires_in: 3600 });
	await clock.set(3540);
	assert.equal(await stateOf(app, link.id), 'open');
	await clock.set(3600);
	assert.equal(await stateOf(app, link.id), 'expired');
	expect(await remove(app, link.id), 200);
	assert.equal(await stateOf(app, link.id), 'revoked');
});

test('neither token nor suggestion is on disk or in the log', async (t) => {
	const app = await App.open(t, { settings: { KYCD_LOG: 'debug' } });
	const email = 'dulcinea.link@toboso-planted.example';
	const link = await created(app, { email, reference: 'planted-reference-1', return_url: 'https://planted-return.example/done', send: true });
	await app.mailServer.messageTo(email, 1);
	await get(app, link.id);
	const places = { 'the log': app.server.log, 'the metrics': await app.server.metrics() };
	for (const name of await readdir(app.folder, { recursive: true })) {
		const file = path.join(app.folder, name);
		if ((await stat(file)).isFile()) places[name] = await readFile(file, 'latin1');
	}
	for (const [place, content] of Object.entries(places))
		for (const planted of [link.url.split('/').pop(), 'dulcinea.link', 'toboso-planted', 'planted-reference-1', 'planted-return.example'])
			assert.ok(!content.includes(planted), `${planted} is in ${place}`);
});
