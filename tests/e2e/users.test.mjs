// People over HTTP: `user_id` and `reference`, the list of people, one person and their timeline.
import assert from 'node:assert/strict';
import { readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { queryRows } from './lib/database.mjs';
import { App, expect, newEmail } from './lib/app.mjs';
import { run } from './lib/kycd.mjs';
import { evm } from './lib/wallets.mjs';

const IDS = 'user_id,reference';
const USER_ID = /^usr_[0-9a-z]{26}$/;
const ROW = ['user_id', 'reference', 'status', 'approved', 'email_verified', 'wallet_verified', 'reasons', 'next_action', 'created_at', 'updated_at'];

/** Opens the app with a key that may read people; `addressKey` may also read addresses. */
async function openApp(t, options) {
	const app = await App.open(t, options);
	app.users = await app.addKey('shop', '--scope', 'users:read');
	app.addressKey = await app.addKey('shop', '--scope', 'users:read', '--scope', 'users:address');
	return app;
}

const get = (app, where, key = app.users) => app.call('GET', where, { key });
const list = async (app, query = {}, key = app.users) => expect(await get(app, `/v1/users?${new URLSearchParams(query)}`, key), 200, 'users_retrieved').data;
const prepare = (app, email, fields, options) => app.post('/kyc/prepare', { email, ...fields }, options);
const timeline = async (app, id, query = {}, key = app.users) => expect(await get(app, `/v1/users/${id}/timeline?${new URLSearchParams(query)}`, key), 200, 'timeline_retrieved').data;

async function prepareWallet(app, wallet, fields = {}, options = {}) {
	const { message } = expect(await app.post('/security/wallet/challenge', { wallet: wallet.address }, options), 201).data;
	return app.post('/kyc/prepare-wallet', { wallet: wallet.address, message, signed_bytes: await wallet.sign(message), ...fields }, options);
}

async function link(app, wallet, email, fields) {
	expect(await prepareWallet(app, wallet, { email, ...fields }), [200, 201]);
	const n = app.mailServer.messagesTo(email).length;
	expect(await app.post('/security/email/send-otp', { email, wallet: wallet.address }), 201);
	const { code } = await app.mailServer.messageTo(email, n + 1);
	expect(await app.post('/security/email/verify-otp', { email, wallet: wallet.address, code }), 200, 'email_verified');
}

async function decide(app, session, status, warnings = []) {
	app.didit.setStatus(session.session_id, status, { warnings });
	expect(await app.didit.sendStatusEvent(app.server.base, session.session_id, status), 200);
}

test('prepare with a reference answers user_id and reference, and both are found again', async (t) => {
	const app = await openApp(t);
	const email = newEmail();
	const first = expect(await prepare(app, email, { reference: 'customer-4711' }), 201, 'user_prepared').data;
	assert.deepEqual(Object.keys(first), ['user_id', 'reference']);
	assert.match(first.user_id, USER_ID);
	assert.equal(first.reference, 'customer-4711');
	const { details } = expect(await app.post('/kyc/status', { email, include: IDS }), 404, 'kyc_not_found').json;
	assert.deepEqual([details.user_id, details.reference], [first.user_id, 'customer-4711']);
	const second = expect(await prepare(app, email, { reference: ' customer-4712 ', include: 'next_action' }), 200).data;
	assert.deepEqual(second, { email_verified: false, kyc_approved: false, kyc_status: 'pending', user_id: first.user_id, reference: 'customer-4712', next_action: 'verify_email' });
	assert.equal(expect(await prepare(app, email, { include: 'reference' }), 200).data.reference, 'customer-4712', 'a call without one keeps it');
	assert.deepEqual((await list(app, { reference: 'customer-4711' })).users, []);
	assert.deepEqual((await list(app, { reference: 'customer-4712' })).users.map((one) => one.user_id), [first.user_id]);
	assert.equal('data' in expect(await prepare(app, newEmail()), 201).json, false);
	const none = expect(await prepare(app, newEmail(), { include: IDS }), 201).data;
	assert.match(none.user_id, USER_ID);
	assert.equal(none.reference, null);
	const wallet = evm.ethers('reference');
	const prepared = expect(await prepareWallet(app, wallet, { reference: 'wallet-1' }), 201).data;
	assert.equal(prepared.reference, 'wallet-1');
	assert.deepEqual(expect(await get(app, `/v1/users/${prepared.user_id}`), 200, 'user_retrieved').data.reference, 'wallet-1');
	const session = await app.startSession(email);
	for (const answer of [await app.post('/kyc/status', { email, include: IDS }), await app.post('/kyc/status', { session_id: session.session_id, include: IDS }),
		await app.call('GET', `/kyc/status?${new URLSearchParams({ email, include: IDS })}`)]) {
		const { data } = expect(answer, 200);
		assert.deepEqual([data.user_id, data.reference], [first.user_id, 'customer-4712']);
	}
});

test('a reference has 1 to 128 printable characters and need not be unique', async (t) => {
	const app = await openApp(t);
	const [shared, long, wide] = ['the same', 'x'.repeat(128), '🂡'.repeat(128)];
	for (const reference of ['1', long, wide, 'Zoë Ångström', 'a b', '"quoted\\"']) {
		const { data } = expect(await prepare(app, newEmail(), { reference }), 201);
		assert.equal(data.reference, reference);
		assert.deepEqual((await list(app, { reference })).users.map((one) => one.user_id), [data.user_id]);
	}
	const both = [];
	for (let i = 0; i < 2; i++) both.unshift(expect(await prepare(app, newEmail(), { reference: shared }), 201).data.user_id);
	assert.deepEqual((await list(app, { reference: shared })).users.map((one) => one.user_id), both);
	const email = newEmail();
	for (const [reference, cause] of [['', 'too_short'], ['  ', 'too_short'], ['x'.repeat(129), 'too_long'], ['🂡'.repeat(129), 'too_long'], ['a\nb', 'control_character'], ['a\u0000b', undefined],
		['a\u0085b', 'control_character'], ['a\u200bb', 'not_printable'], ['a\u202eb', 'not_printable'], ['\u2800', 'not_printable'], ['\ue000', 'not_printable'], [7, 'type'], [['a'], 'type']]) {
		for (const answer of [await prepare(app, email, { reference }), await app.post('/kyc/prepare-wallet', { wallet: evm.ethers('w').address, message: 'm', signed_bytes: 's', reference })]) {
			expect(answer, 400);
			if (cause) assert.equal(answer.json.details.cause, cause, JSON.stringify(reference));
		}
	}
	expect(await app.status(email), 404, 'user_not_found'); // nothing was registered
	expect(await prepare(app, email, { reference: null }), 201);
	for (const reference of ['', 'x'.repeat(129), 'a\u200bb']) expect(await get(app, `/v1/users?${new URLSearchParams({ reference })}`), 400, 'invalid_parameters');
});

test('the list has one row per person, newest first, in pages', async (t) => {
	const app = await openApp(t);
	assert.deepEqual(await list(app), { users: [], next_after: null, has_more: false });
	const ids = [];
	for (let i = 0; i < 5; i++) ids.unshift(expect(await prepare(app, newEmail(), { include: 'user_id' }), 201).data.user_id);
	const all = await list(app);
	assert.deepEqual(all.users.map((one) => one.user_id), ids);
	assert.deepEqual(Object.keys(all.users[0]), ROW);
	assert.deepEqual([all.next_after, all.has_more], [ids[4], false]);
	const pages = [];
	for (let after, more = true; more;) {
		const page = await list(app, after ? { after, limit: 2 } : { limit: 2 });
		pages.push(page.users.map((one) => one.user_id));
		({ next_after: after, has_more: more } = page);
	}
	assert.deepEqual(pages, [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]);
	assert.deepEqual(await list(app, { after: ids[4] }), { users: [], next_after: ids[4], has_more: false });
	for (const limit of ['1', '100']) await list(app, { limit });
	for (const query of [{ limit: '0' }, { limit: '101' }, { limit: '-1' }, { limit: 'x' }, { after: 'usr_1' }, { after: ids[0].slice(4) }, { after: '' }, { status: 'done' }, { status: '' }])
		expect(await get(app, `/v1/users?${new URLSearchParams(query)}`), 400, 'invalid_parameters');
});

test('the list, a person and the timeline follow a person from the first call to the approval', async (t) => {
	const app = await openApp(t);
	const email = newEmail();
	const { user_id } = expect(await prepare(app, email, { reference: 'r' }), 201).data;
	const row = async () => (await list(app, { reference: 'r' })).users[0];
	const shown = ({ status, approved, email_verified, wallet_verified, reasons, next_action }) => ({ status, approved, email_verified, wallet_verified, reasons, next_action });
	const begun = { status: 'pending', approved: false, email_verified: false, wallet_verified: false, reasons: [], next_action: 'verify_email' };
	assert.deepEqual(shown(await row()), begun);
	const session = await app.startSession(email);
	assert.deepEqual(shown(await row()), { ...begun, email_verified: true, next_action: 'continue_session' });
	await decide(app, session, 'Declined', [{ feature: 'KYC', risk: 'DOCUMENT_EXPIRED', additional_data: null, log_type: 'error', short_description: '', long_description: '' }]);
	assert.deepEqual(shown(await row()), { ...begun, status: 'declined', email_verified: true, reasons: ['document_expired'], next_action: 'start_session' });
	const again = expect(await app.create(email), 201).data.session;
	await decide(app, again, 'Approved');
	const approved = { ...begun, status: 'approved', approved: true, email_verified: true, next_action: 'none' };
	assert.deepEqual(shown(await row()), approved);
	for (const status of ['approved', 'declined', 'pending', 'in_review', 'expired'])
		for (const query of [{ status }, { status, reference: 'r' }]) assert.equal((await list(app, query)).users.length, status === 'approved' ? 1 : 0, status);

	const { data } = expect(await get(app, `/v1/users/${user_id}`), 200, 'user_retrieved');
	assert.deepEqual(Object.keys(data), [...ROW, 'sessions']);
	assert.deepEqual(shown(data), approved);
	assert.deepEqual(data.sessions.map(({ session_id, status, session_status, reasons }) => [session_id, status, session_status, reasons]),
		[[again.session_id, 'approved', 'Approved', []], [session.session_id, 'declined', 'Declined', ['document_expired']]]);
	for (const one of data.sessions) assert.ok(one.created_at <= one.updated_at);
	const withAddress = expect(await get(app, `/v1/users/${user_id}`, app.addressKey), 200).data;
	assert.deepEqual([withAddress.email, withAddress.wallet], [email, null]);

	const told = await timeline(app, user_id);
	assert.deepEqual(told.timeline.map((one) => one.type), ['user.prepared', 'email.code_requested', 'user.email_verified', 'session.created', 'session.updated', 'session.created', 'session.updated']);
	assert.match(told.timeline.at(-1).text, /changed to "Approved"\.$/);
	for (const one of told.timeline) assert.deepEqual(Object.keys(one), ['at', 'type', 'text']);
	assert.equal(told.has_more, false);
	const pieces = [];
	for (let after, more = true; more;) {
		const page = await timeline(app, user_id, after ? { after, limit: 3 } : { limit: 3 });
		pieces.push(...page.timeline);
		({ next_after: after, has_more: more } = page);
	}
	assert.deepEqual(pieces, told.timeline);
	for (const query of [{ limit: '0' }, { limit: '101' }, { after: 'x' }, { after: user_id }]) expect(await get(app, `/v1/users/${user_id}/timeline?${new URLSearchParams(query)}`), 400, 'invalid_parameters');
});

test('a link merges the people: the id of the e-mail leads to the wallet, and the reference is kept', async (t) => {
	const app = await openApp(t);
	const [email, other, wallet] = [newEmail(), newEmail(), evm.ethers('merge')];
	const mail = expect(await prepare(app, email, { reference: 'from-mail' }), 201).data;
	await app.verifyPerson(email);
	const owner = expect(await prepareWallet(app, wallet, { include: IDS }), 201).data;
	assert.notEqual(owner.user_id, mail.user_id);
	await link(app, wallet, email);
	for (const answer of [await prepare(app, email, { include: IDS }), await prepareWallet(app, wallet, { include: IDS })]) {
		const { data } = expect(answer, 200);
		assert.deepEqual([data.user_id, data.reference], [owner.user_id, 'from-mail']);
	}
	assert.deepEqual((await list(app)).users.map((one) => [one.user_id, one.email_verified, one.wallet_verified]), [[owner.user_id, true, true]]);
	for (const id of [mail.user_id, owner.user_id]) {
		const { data } = expect(await get(app, `/v1/users/${id}`, app.addressKey), 200);
		assert.deepEqual([data.user_id, data.email, data.wallet], [owner.user_id, email, wallet.address]);
		const types = (await timeline(app, id)).timeline.map((one) => one.type);
		assert.equal(types.filter((one) => one === 'user.linked').length, 1);
		assert.equal(types.filter((one) => one === 'user.prepared').length, 2);
	}
	// The reference of the person is replaced whichever address the call names.
	expect(await prepare(app, email, { reference: 'replaced' }), 200);
	assert.deepEqual((await list(app, { reference: 'replaced' })).users.map((one) => one.user_id), [owner.user_id]);
	assert.deepEqual((await list(app, { reference: 'from-mail' })).users, []);
	// An e-mail that was never prepared.
	await link(app, wallet, other);
	assert.deepEqual((await list(app)).users.map((one) => one.user_id), [owner.user_id]);
	assert.equal(expect(await prepare(app, other, { include: IDS }), 200).data.user_id, owner.user_id);
});

test('in a group a tenant sees nothing of a person who has not verified an address to it', async (t) => {
	const app = await App.open(t, { tenant: null });
	const shop = await app.addTenant('shop', '--group', 'partners');
	const bank = await app.addTenant('bank', '--group', 'partners');
	const shopUsers = await app.addKey('shop', '--scope', 'users:read', '--scope', 'users:address');
	const bankUsers = await app.addKey('bank', '--scope', 'users:read', '--scope', 'users:address');
	const email = newEmail();
	const wallet = evm.ethers('group');
	app.key = shop;
	const session = await app.startSession(email);
	await decide(app, session, 'Approved');
	await link(app, wallet, email);
	const own = (await list(app, {}, shopUsers)).users[0];
	assert.equal(own.status, 'approved');

	const { user_id, reference } = expect(await prepare(app, email, { reference: 'at-bank' }, { key: bank }), 201).data;
	assert.notEqual(user_id, own.user_id);
	assert.equal(reference, 'at-bank');
	const { data } = expect(await get(app, `/v1/users/${user_id}`, bankUsers), 200);
	assert.deepEqual([data.status, data.approved, data.email_verified, data.wallet_verified, data.reasons, data.next_action, data.sessions, data.email, data.wallet],
		['pending', false, false, false, [], 'verify_email', [], email, null]);
	assert.deepEqual((await list(app, { status: 'approved' }, bankUsers)).users, []);
	assert.deepEqual((await timeline(app, user_id, {}, bankUsers)).timeline.map((one) => one.type), ['user.prepared']);
	for (const where of [`/v1/users/${own.user_id}`, `/v1/users/${own.user_id}/timeline`]) expect(await get(app, where, bankUsers), 404, 'user_not_found');
	assert.equal((await list(app, { reference: 'at-bank' }, shopUsers)).users.length, 0);

	await app.verifyPerson(email, { key: bank });
	const [verified] = (await list(app, {}, bankUsers)).users;
	assert.deepEqual([verified.user_id, verified.status, verified.email_verified, verified.wallet_verified], [user_id, 'approved', true, false]);
	assert.deepEqual(expect(await get(app, `/v1/users/${user_id}`, bankUsers), 200).data.wallet, null);
	// The sessions and the link that another tenant made are not in the timeline.
	assert.deepEqual((await timeline(app, user_id, {}, bankUsers)).timeline.map((one) => one.type), ['user.prepared', 'email.code_requested', 'user.email_verified']);
});

test('reading people needs users:read, and unknown ids are not found', async (t) => {
	const app = await openApp(t);
	const { user_id } = expect(await prepare(app, newEmail(), { include: 'user_id' }), 201).data;
	const routes = ['/v1/users', `/v1/users/${user_id}`, `/v1/users/${user_id}/timeline`];
	for (const where of routes) {
		expect(await get(app, where, app.key), 403, 'insufficient_scope');
		expect(await get(app, `/api${where}`), 200);
		assert.equal((await app.server.call('GET', where)).http, 401);
	}
	const other = await app.addTenant('other');
	const otherUsers = await app.addKey('other', '--scope', 'users:read');
	expect(await prepare(app, newEmail(), {}, { key: other }), 201);
	for (const id of [user_id]) for (const tail of ['', '/timeline']) expect(await get(app, `/v1/users/${id}${tail}`, otherUsers), 404, 'user_not_found');
	for (const id of ['usr_', 'x', user_id.slice(4), `${user_id}x`, `usr_${'0'.repeat(26)}`, user_id.toUpperCase()])
		for (const tail of ['', '/timeline']) expect(await get(app, `/v1/users/${encodeURIComponent(id)}${tail}`), 404, 'user_not_found');
	assert.equal((await list(app, {}, otherUsers)).users.length, 1);
	assert.equal('email' in expect(await get(app, `/v1/users/${user_id}`), 200).data, false);
});

test('an erased person is gone, and gets another user_id later', async (t) => {
	const app = await openApp(t);
	const email = newEmail();
	const { user_id } = expect(await prepare(app, email, { reference: 'gone' }), 201).data;
	const erased = await run(['user', 'erase', '-', '--yes'], { settings: app.server.settings, folder: app.folder, input: `${email}\n` });
	assert.equal(erased.code, 0, erased.stderr);
	for (const tail of ['', '/timeline']) expect(await get(app, `/v1/users/${user_id}${tail}`), 404, 'user_not_found');
	assert.deepEqual((await list(app)).users, []);
	assert.deepEqual((await list(app, { reference: 'gone' })).users, []);
	const again = expect(await prepare(app, email, { include: IDS }), 201).data;
	assert.notEqual(again.user_id, user_id);
	assert.equal(again.reference, null);
});

async function readFiles(folder) {
	const files = {};
	for (const name of await readdir(folder, { recursive: true })) {
		const file = path.join(folder, name);
		if ((await stat(file)).isFile()) files[name] = await readFile(file, 'latin1');
	}
	return files;
}

test('a reference is in no file, log, metric or column in clear', async (t) => {
	const app = await openApp(t, { settings: { KYCD_LOG: 'debug' } });
	const reference = 'planted-reference-48151623';
	const email = newEmail();
	const { user_id } = expect(await prepare(app, email, { reference }, { headers: { 'idempotency-key': 'one' } }), 201).data;
	expect(await prepareWallet(app, evm.ethers('planted'), { reference }), 201);
	await app.verifyPerson(email);
	assert.equal((await list(app, { reference })).users.length, 2);
	expect(await prepare(app, email, { reference: `${reference}\u200b!` }), 400);
	const shown = await run(['user', 'show', '-', '--json'], { settings: app.server.settings, folder: app.folder, input: `${email}\n` });
	const [tenant] = JSON.parse(shown.stdout).people[0].tenants;
	assert.deepEqual([tenant.user_id, tenant.reference], [user_id, reference]);
	const lines = await run(['user', 'show', '-'], { settings: app.server.settings, folder: app.folder, input: `${email}\n` });
	assert.match(lines.stdout, new RegExp(`${user_id} {2}reference ${reference}$`, 'm'));
	const rows = queryRows(app, 'SELECT reference_index FROM enrolments');
	assert.ok(rows.every((row) => /^[0-9a-f]{64}$/.test(row.reference_index)));
	await app.server.stop();
	const places = { ...await readFiles(app.folder), log: app.server.log ?? '' };
	for (const text of [reference, Buffer.from(reference).toString('hex'), Buffer.from(reference).toString('base64').slice(0, -3)])
		for (const [place, content] of Object.entries(places)) assert.ok(!content.includes(text), `${text} in ${place}`);
});
