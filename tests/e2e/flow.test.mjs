// From the first call to an approval, with a real mail server and a Didit, as an integrator would go.
import assert from 'node:assert/strict';
import test from 'node:test';
import { App, WIDE, newEmail } from './lib/app.mjs';
import { Server, makeFolder, removeFolder } from './lib/kycd.mjs';
import { walk } from './lib/sequence.mjs';
import { until } from './lib/wait.mjs';

/** What is spoken with Didit. */
const VERSIONS = ['v1', 'v2', 'v3'];

const approved = {
	status: 'approved',
	approved: true,
	session_id: '@session',
	session_status: 'Approved',
	session_url: null,
	ip_info: [
		{
			ip_address: '203.0.113.24', ip_country: 'Portugal', ip_state: 'Lisbon', ip_city: 'Lisbon', platform: 'mobile',
			device_brand: 'Samsung', device_model: 'Galaxy S23', is_vpn_or_tor: false, is_data_center: false,
		},
	],
	is_blocklisted: false,
};

for (const [version, prefix] of [...VERSIONS.map((one) => [one, '']), ['v1', '/api']]) {
	test(`the whole way on ${version}, each route below ${prefix || 'the root'}`, async (t) => {
		const app = await App.open(t, { didit: { version } });
		const email = newEmail('ana');
		const open = (session_status, status = 'pending') => ({
			...approved, status, approved: false, session_status, session_url: '@url', ip_info: status === 'pending' ? [] : approved.ip_info,
		});

		const kept = await walk(app, [
			{ says: 'kyc is among the products', get: `${prefix}/config/products`, gets: 200, word: 'products_retrieved',
				data: { products: { kyc: true, crypto: false, pix: false, credit_card: false } } },
			{ says: 'a stranger has no status', get: `${prefix}/kyc/status?email={@email}`, gets: 404, word: 'user_not_found', message: 'User not found in whitelist' },
			{ says: 'a stranger gets no code', post: `${prefix}/security/email/send-otp`, body: { email }, gets: 404, word: 'user_not_found' },
			{ says: 'a stranger proves nothing', post: `${prefix}/security/email/verify-otp`, body: { email, code: '123456' }, gets: 404, word: 'user_not_found' },
			{ says: 'a stranger starts nothing', post: `${prefix}/kyc/create/verify_public_kyc`, body: { email }, gets: 403, word: 'user_not_prepared',
				message: 'Complete KYC prepare and verify your email or wallet before starting a session' },
			{ says: 'prepared', post: `${prefix}/kyc/prepare`, body: { email: ` ${email.toUpperCase()} ` }, gets: 201, word: 'user_prepared',
				message: 'User prepared for KYC, please verify your email', data: null },
			{ says: 'prepared again', post: `${prefix}/kyc/prepare`, body: { email }, gets: 200, word: 'user_already_prepared',
				message: 'User already prepared for KYC', data: { email_verified: false, kyc_approved: false, kyc_status: 'pending' } },
			{ says: 'not proven yet', post: `${prefix}/kyc/create/verify_public_kyc`, body: { email }, gets: 403, word: 'identity_not_verified',
				message: 'You must verify your email or wallet before starting KYC' },
			{ says: 'no code was sent', post: `${prefix}/security/email/verify-otp`, body: { email, code: '123456' }, gets: 400, word: 'otp_expired' },
			{ says: 'a code is sent', post: `${prefix}/security/email/send-otp`, body: { email }, gets: 201, word: 'otp_sent',
				message: 'Verification code sent to your email', data: null },
			{ do: async () => ({ code: (await app.mailServer.messageTo(email)).code }) },
			{ says: 'the code proves the address', post: `${prefix}/security/email/verify-otp`, body: { email, code: '@code' }, gets: 200, word: 'email_verified',
				message: 'Email verified successfully', data: null },
			{ says: 'once is enough', post: `${prefix}/security/email/verify-otp`, body: { email, code: '@code' }, gets: 400, word: 'email_already_verified' },
			{ says: 'no more codes', post: `${prefix}/security/email/send-otp`, body: { email }, gets: 400, word: 'email_already_verified' },
			{ says: 'no session yet', post: `${prefix}/kyc/status`, body: { email }, gets: 404, word: 'kyc_not_found', message: 'No KYC session found for this email' },
			{ says: 'no such flow', post: `${prefix}/kyc/create/verify_everything`, body: { email }, gets: 404, word: 'method_not_found', message: 'Method provided not found' },
			{ says: 'a session is made', post: `${prefix}/kyc/create/verify_public_kyc`, body: { email }, gets: 201, word: 'kyc_session_created',
				message: 'KYC session created', keep: { session: 'data.session.session_id', url: 'data.session.session_url' } },
			{ says: 'the same session again', post: `${prefix}/kyc/create/verify_public_kyc`, body: { email }, gets: 201, word: 'kyc_session_created',
				data: { success: true, message: 'didit_create_kyc_session', session: { session_id: '@session', session_url: '@url' } } },
			{ says: 'it waits for the person', get: `${prefix}/kyc/status?email={@email}`, gets: 200, word: 'kyc_status_retrieved',
				message: 'KYC status retrieved', data: open('Not Started') },
			{ do: async (k) => assert.deepEqual((await app.didit.tell(app.server.base + prefix, k.session, 'In Progress')).json, { received: true }) },
			{ says: 'the person is at it', get: `${prefix}/kyc/status?email={@email}`, gets: 200, data: open('In Progress') },
			{ do: async (k) => assert.equal((await app.didit.tell(app.server.base + prefix, k.session, 'In Review')).http, 200) },
			{ says: 'newEmail looks at it', post: `${prefix}/kyc/status`, body: { session_id: '@session' }, gets: 200, data: open('In Review', 'in_review') },
			{ do: async (k) => assert.equal((await app.didit.tell(app.server.base + prefix, k.session, 'Approved')).http, 200) },
			{ says: 'approved, by address', get: `${prefix}/kyc/status?email={@email}`, gets: 200, data: approved },
			{ says: 'approved, by session', post: `${prefix}/kyc/status`, body: { session_id: '@session' }, gets: 200, data: approved },
			{ says: 'nothing more to do', post: `${prefix}/kyc/create/verify_public_kyc`, body: { email }, gets: 200, word: 'kyc_already_approved',
				message: 'KYC already approved',
				data: { success: true, message: 'user_already_approved', session: { session_id: '@session', session_url: null } } },
			{ says: 'an integrator who prepares again is told', post: `${prefix}/kyc/prepare`, body: { email }, gets: 200, word: 'user_already_prepared',
				data: { email_verified: true, kyc_approved: true, kyc_status: 'approved' } },
		], { email });

		assert.match(kept.url, /^https:\/\/verify\.didit\.me\/session\//);
		assert.equal(app.didit.creates.length, 1, 'Didit was asked once');
		const { asked } = app.didit.creates[0];
		assert.equal(asked.callback, `${app.server.base}/return`);
		assert.ok(asked.vendor_data.length >= 16 && !asked.vendor_data.includes('@') && !asked.vendor_data.includes('ana'), 'Didit hears an opaque id');
		assert.deepEqual(app.didit.strangers, [], 'Didit was asked for nothing that it does not know');
		assert.equal(app.didit.tokens, version === 'v1' ? 1 : 0, 'one token for all calls, or a key');
		assert.equal(asked.workflow_id, version === 'v1' ? undefined : app.didit.workflow);
	});
}

test('a space in the query is the plus that a browser ate', async (t) => {
	const app = await App.open(t);
	const { session_id } = await app.started('ana+kyc@example.com');

	for (const query of ['ana+kyc@example.com', 'ana%2Bkyc@example.com', 'ana%20kyc%40example.com'])
		assert.equal((await app.call('GET', `/kyc/status?email=${query}`)).data?.session_id, session_id, query);
});

for (const version of VERSIONS) {
	test(`declined, then tried again, then blocked; ${version}`, async (t) => {
		const app = await App.open(t, { didit: { version } });
		const email = newEmail();
		const first = await app.started(email);
		const blocked = { feature: 'FACE', risk: 'POSSIBLE_FACE_IN_BLOCKLIST', additional_data: null, log_type: 'warning', short_description: 'x', long_description: 'y' };
		const other = { ...blocked, feature: 'LOCATION', risk: 'IP_ADDRESS_IN_BLOCKLIST' };

		await walk(app, [
			{ do: async () => assert.equal((await app.didit.tell(app.server.base, first.session_id, 'Declined')).http, 200) },
			{ says: 'declined', post: '/kyc/status', body: { email }, gets: 200, keep: { status: 'data.status' } },
			{ do: (k) => assert.equal(k.status, 'declined') },
			{ says: 'a new try is a new session', post: '/kyc/create/verify_public_kyc', body: { email }, gets: 201, keep: { second: 'data.session.session_id' } },
			{ do: async (k) => {
				assert.notEqual(k.second, first.session_id);
				app.didit.settle(k.second, 'Declined', { warnings: [other, blocked] });
				assert.equal((await app.didit.post(app.server.base, app.didit.event(k.second, 'Declined'))).http, 200);
			} },
			{ says: 'the sign is told', post: '/kyc/status', body: { email }, gets: 200, keep: { sign: 'data.is_blocklisted' } },
			{ do: (k) => assert.equal(k.sign, true) },
			{ says: 'and there is no third try', post: '/kyc/create/verify_public_kyc', body: { email }, gets: 403, word: 'kyc_not_approved', message: 'KYC not approved' },
		]);
	});
}

test('after the first decline there are five more tries', async (t) => {
	const app = await App.open(t);
	const email = await app.proven(newEmail());
	const seen = new Set();

	for (let i = 0; i < 6; i++) {
		const { session_id } = (await app.create(email)).data.session;
		seen.add(session_id);
		await app.didit.tell(app.server.base, session_id, 'Declined');
	}
	assert.equal(seen.size, 6, 'the first and five more');
	assert.equal((await app.create(email)).word, 'kyc_not_approved');
	assert.equal(app.didit.creates.length, 6);
});

test('a fresh token when Didit forgets the old one', async (t) => {
	const app = await App.open(t);

	await app.started(newEmail());
	app.didit.bearers.clear();
	await app.started(newEmail());
	assert.equal(app.didit.tokens, 2);
	assert.equal(app.didit.creates.length, 2);
});

const scenarios = [
	{ scenario: 'approve', session_status: 'Approved', status: 'approved', approved: true },
	{ scenario: 'decline', session_status: 'Declined', status: 'declined', approved: false },
	{ scenario: 'review', session_status: 'In Review', status: 'in_review', approved: false },
];

for (const version of VERSIONS) {
	test(`dev mode plays mail server and Didit by itself; ${version}`, async (t) => {
		const folder = await makeFolder();
		const server = new Server({ folder, args: ['--dev'], settings: { ...WIDE, KYCD_DIDIT_VERSION: version } });
		t.after(async () => {
			await server.stop().finally(() => server.kill());
			await removeFolder(folder);
		});
		await server.start();

		for (const { scenario, ...end } of scenarios) {
			const email = newEmail(scenario);
			const post = (where, body) => server.call('POST', where, { body });
			assert.equal((await post('/kyc/prepare', { email })).word, 'user_prepared');
			assert.equal((await post('/security/email/send-otp', { email })).word, 'otp_sent');
			const message = await until('the message', async () => (await server.call('GET', `/sandbox/inbox?to=${email}`)).json.messages[0]);
			const code = /^\d{6}/.exec(message.text)[0];
			assert.deepEqual(Object.keys(message).sort(), ['html', 'id', 'sent_at', 'subject', 'text', 'to']);
			assert.equal((await post('/security/email/verify-otp', { email, code })).word, 'email_verified');
			const { session_id, session_url } = (await post('/kyc/create/verify_public_kyc', { email })).data.session;

			assert.ok(session_url.startsWith(`${server.base}/sandbox/didit/session/`), session_url);
			const there = session_url.slice(server.base.length);
			const page = await server.call('GET', there);
			assert.equal(page.http, 200);
			assert.match(page.headers['content-type'], /^text\/html/);
			const look = async () => (await post('/kyc/status', { email })).data;
			await until('the visit to be heard of', async () => (await look()).session_status === 'In Progress');
			assert.equal((await post(`${there}/submit`, { scenario })).json.session_id, session_id);
			await until('the event', async () => (await look()).session_status === end.session_status);
			const { status, approved: yes } = await look();
			assert.deepEqual({ status, approved: yes }, { status: end.status, approved: end.approved });
			if (scenario !== 'review') assert.equal((await post(`${there}/submit`, { scenario })).http, 409, 'a finished session is finished');
		}
		for (const address of ['/sandbox/inbox', '/sandbox/didit/v1/sandbox/scenarios/'])
			assert.notEqual((await server.call('GET', address)).http, 404, address);
	});
}

test('dev mode\'s clock moves forward, and a code grows old', async (t) => {
	const folder = await makeFolder();
	const server = new Server({ folder, args: ['--dev'], settings: WIDE });
	t.after(async () => {
		await server.stop().finally(() => server.kill());
		await removeFolder(folder);
	});
	await server.start();
	const post = (where, body) => server.call('POST', where, { body });
	const advance = async (seconds) => Date.parse((await post('/sandbox/clock/advance', { seconds })).json.now);
	const code = async (email, n) => {
		await post('/kyc/prepare', { email });
		assert.equal((await post('/security/email/send-otp', { email })).word, 'otp_sent');
		const messages = await until('the message', async () => {
			const { messages } = (await server.call('GET', `/sandbox/inbox?to=${email}`)).json;
			return messages.length === n && messages;
		});
		return /^\d{6}/.exec(messages[0].text)[0]; // the newest first
	};
	const [young, old] = [newEmail(), newEmail()];

	const codes = { young: await code(young, 1), old: await code(old, 1) };
	const start = await advance(0);
	assert.ok((await advance(570)) - start >= 570_000);
	assert.equal((await post('/security/email/verify-otp', { email: young, code: codes.young })).word, 'email_verified');
	await advance(30);
	assert.equal((await post('/security/email/verify-otp', { email: old, code: codes.old })).word, 'otp_expired');
	for (const [method, where, allow] of [['POST', 'inbox', 'GET, HEAD'], ['GET', 'clock/advance', 'POST'], ['PUT', 'faults', 'POST']]) {
		const answer = await server.call(method, `/sandbox/${where}`);
		assert.deepEqual([answer.http, answer.word, answer.headers.allow], [405, 'method_not_allowed', allow], where);
	}
	for (const seconds of [-1, 'x', 1.5, null, 1e12]) assert.equal((await post('/sandbox/clock/advance', { seconds })).http, 400, String(seconds));
	// Three at once, then one a minute, twenty a day.
	const busy = newEmail();
	for (let n = 1; n <= 3; n++) await code(busy, n);
	assert.equal((await post('/security/email/send-otp', { email: busy })).word, 'otp_send_limited');
	for (let n = 4; n <= 20; n++) {
		await advance(60);
		await code(busy, n);
	}
	await advance(3600);
	const day = await post('/security/email/send-otp', { email: busy });
	assert.equal(day.word, 'otp_send_limited');
	await advance(Number(day.headers['retry-after']));
	assert.equal((await post('/security/email/send-otp', { email: busy })).word, 'otp_sent');
});

for (const version of VERSIONS) {
	test(`a blocklist sign of document or face is told and ends it; one of an address is not; ${version}`, async (t) => {
		const folder = await makeFolder();
		const server = new Server({ folder, args: ['--dev'], settings: { ...WIDE, KYCD_DIDIT_VERSION: version } });
		t.after(async () => {
			await server.stop().finally(() => server.kill());
			await removeFolder(folder);
		});
		await server.start();
		const post = (where, body) => server.call('POST', where, { body });
		for (const [scenario, is_blocklisted] of [['decline_document_blocklist', true], ['decline_face_blocklist', true], ['decline_ip_blocklist', false], ['decline', false]]) {
			const email = newEmail();
			await post('/kyc/prepare', { email });
			await post('/security/email/send-otp', { email });
			const message = await until('the message', async () => (await server.call('GET', `/sandbox/inbox?to=${email}`)).json.messages[0]);
			await post('/security/email/verify-otp', { email, code: /^\d{6}/.exec(message.text)[0] });
			const { session_url } = (await post('/kyc/create/verify_public_kyc', { email })).data.session;
			await post(`${session_url.slice(server.base.length)}/submit`, { scenario });
			const data = await until('the decision', async () => {
				const status = (await post('/kyc/status', { email })).data;
				return status.session_status === 'Declined' && status;
			});
			assert.equal(data.is_blocklisted, is_blocklisted, scenario);
			assert.equal((await post('/kyc/create/verify_public_kyc', { email })).word, is_blocklisted ? 'kyc_not_approved' : 'kyc_session_created', scenario);
		}
	});
}

for (const version of VERSIONS) {
	test(`dev mode's troubles: events late, twice and out of order still end approved; ${version}`, async (t) => {
		const folder = await makeFolder();
		const server = new Server({ folder, args: ['--dev'], settings: { ...WIDE, KYCD_DIDIT_VERSION: version } });
		t.after(async () => {
			await server.stop().finally(() => server.kill());
			await removeFolder(folder);
		});
		await server.start();
		const post = (where, body) => server.call('POST', where, { body });
		for (const what of ['late', 'twice', 'out_of_order']) {
			const email = newEmail(what);
			await post('/kyc/prepare', { email });
			await post('/security/email/send-otp', { email });
			const message = await until('the message', async () => (await server.call('GET', `/sandbox/inbox?to=${email}`)).json.messages[0]);
			await post('/security/email/verify-otp', { email, code: /^\d{6}/.exec(message.text)[0] });
			if (what === 'late') {
				assert.equal((await post('/sandbox/faults', { what: 'error', times: 1 })).http, 200);
				assert.deepEqual((await post('/kyc/create/verify_public_kyc', { email })).json.details, { cause: 'provider_unreachable' });
			}
			const { session_url } = (await post('/kyc/create/verify_public_kyc', { email })).data.session;
			assert.equal((await post('/sandbox/faults', { what, times: 1 })).http, 200);
			assert.equal((await post(`${session_url.slice(server.base.length)}/submit`, { scenario: 'approve' })).http, 200);
			await until(`the approval in spite of ${what}`, async () => (await post('/kyc/status', { email })).data.approved, 20_000);
		}
		assert.equal((await post('/sandbox/faults', { what: 'magic', times: 1 })).http, 400);
	});
}

test('outside dev mode there is no sandbox', async (t) => {
	const app = await App.open(t);

	for (const address of ['/sandbox/inbox', '/sandbox/clock/advance', '/sandbox/faults', '/sandbox/didit/auth/v2/token/', '/sandbox/didit/session/x'])
		for (const method of ['GET', 'POST'])
			assert.equal((await app.call(method, address, { body: method === 'POST' ? {} : undefined })).word, 'route_not_found', address);
});
