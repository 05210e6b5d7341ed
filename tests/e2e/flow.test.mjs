// The complete KYC flow of an integrator, from prepare to approval, with a mail server and a simulated Didit, and the sandbox in dev mode.
import assert from 'node:assert/strict';
import test from 'node:test';
import { App, UNLIMITED_RATES, newEmail } from './lib/app.mjs';
import { Server, makeFolder, removeFolder } from './lib/kycd.mjs';
import { runSteps } from './lib/sequence.mjs';
import { until } from './lib/wait.mjs';

/** The supported versions of the Didit API. */
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

for (const [version, prefix] of [...VERSIONS.map((version) => [version, '']), ['v1', '/api']]) {
	test(`the complete flow on ${version}, with every route below ${prefix || 'the root'}`, async (t) => {
		const app = await App.open(t, { didit: { version } });
		const email = newEmail('ana');
		const openSession = (session_status, status = 'pending') => ({
			...approved, status, approved: false, session_status, session_url: '@url', ip_info: status === 'pending' ? [] : approved.ip_info,
		});

		const kept = await runSteps(app, [
			{ name: 'kyc is among the products', get: `${prefix}/config/products`, gets: 200, word: 'products_retrieved',
				data: { products: { kyc: true, crypto: false, pix: false, credit_card: false } } },
			{ name: 'an unknown person has no status', get: `${prefix}/kyc/status?email={@email}`, gets: 404, word: 'user_not_found', message: 'User not found in whitelist' },
			{ name: 'an unknown person gets no code', post: `${prefix}/security/email/send-otp`, body: { email }, gets: 404, word: 'user_not_found' },
			{ name: 'an unknown person cannot verify a code', post: `${prefix}/security/email/verify-otp`, body: { email, code: '123456' }, gets: 404, word: 'user_not_found' },
			{ name: 'an unknown person cannot create a session', post: `${prefix}/kyc/create/verify_public_kyc`, body: { email }, gets: 403, word: 'user_not_prepared',
				message: 'Complete KYC prepare and verify your email or wallet before starting a session' },
			{ name: 'prepare enrols the person', post: `${prefix}/kyc/prepare`, body: { email: ` ${email.toUpperCase()} ` }, gets: 201, word: 'user_prepared',
				message: 'User prepared for KYC, please verify your email', data: null },
			{ name: 'a second prepare reports the existing person', post: `${prefix}/kyc/prepare`, body: { email }, gets: 200, word: 'user_already_prepared',
				message: 'User already prepared for KYC', data: { email_verified: false, kyc_approved: false, kyc_status: 'pending' } },
			{ name: 'no session before the e-mail is verified', post: `${prefix}/kyc/create/verify_public_kyc`, body: { email }, gets: 403, word: 'identity_not_verified',
				message: 'You must verify your email or wallet before starting KYC' },
			{ name: 'no code can be verified before one was sent', post: `${prefix}/security/email/verify-otp`, body: { email, code: '123456' }, gets: 400, word: 'otp_expired' },
			{ name: 'a code is sent', post: `${prefix}/security/email/send-otp`, body: { email }, gets: 201, word: 'otp_sent',
				message: 'Verification code sent to your email', data: null },
			{ do: async () => ({ code: (await app.mailServer.messageTo(email)).code }) },
			{ name: 'the code verifies the e-mail', post: `${prefix}/security/email/verify-otp`, body: { email, code: '@code' }, gets: 200, word: 'email_verified',
				message: 'Email verified successfully', data: null },
			{ name: 'the same code cannot be used twice', post: `${prefix}/security/email/verify-otp`, body: { email, code: '@code' }, gets: 400, word: 'email_already_verified' },
			{ name: 'no more codes for a verified e-mail', post: `${prefix}/security/email/send-otp`, body: { email }, gets: 400, word: 'email_already_verified' },
			{ name: 'no session yet', post: `${prefix}/kyc/status`, body: { email }, gets: 404, word: 'kyc_not_found', message: 'No KYC session found for this email' },
			{ name: 'an unknown flow is rejected', post: `${prefix}/kyc/create/verify_everything`, body: { email }, gets: 404, word: 'method_not_found', message: 'Method provided not found' },
			{ name: 'a session is created', post: `${prefix}/kyc/create/verify_public_kyc`, body: { email }, gets: 201, word: 'kyc_session_created',
				message: 'KYC session created', keep: { session: 'data.session.session_id', url: 'data.session.session_url' } },
			{ name: 'a second create returns the same session', post: `${prefix}/kyc/create/verify_public_kyc`, body: { email }, gets: 201, word: 'kyc_session_created',
				data: { success: true, message: 'didit_create_kyc_session', session: { session_id: '@session', session_url: '@url' } } },
			{ name: 'the new session is not started', get: `${prefix}/kyc/status?email={@email}`, gets: 200, word: 'kyc_status_retrieved',
				message: 'KYC status retrieved', data: openSession('Not Started') },
			{ do: async (k) => assert.deepEqual((await app.didit.sendStatusEvent(app.server.base + prefix, k.session, 'In Progress')).json, { received: true }) },
			{ name: 'the session is in progress', get: `${prefix}/kyc/status?email={@email}`, gets: 200, data: openSession('In Progress') },
			{ do: async (k) => assert.equal((await app.didit.sendStatusEvent(app.server.base + prefix, k.session, 'In Review')).http, 200) },
			{ name: 'the session is in review', post: `${prefix}/kyc/status`, body: { session_id: '@session' }, gets: 200, data: openSession('In Review', 'in_review') },
			{ do: async (k) => assert.equal((await app.didit.sendStatusEvent(app.server.base + prefix, k.session, 'Approved')).http, 200) },
			{ name: 'approved, looked up by e-mail', get: `${prefix}/kyc/status?email={@email}`, gets: 200, data: approved },
			{ name: 'approved, looked up by session', post: `${prefix}/kyc/status`, body: { session_id: '@session' }, gets: 200, data: approved },
			{ name: 'no new session for an approved person', post: `${prefix}/kyc/create/verify_public_kyc`, body: { email }, gets: 200, word: 'kyc_already_approved',
				message: 'KYC already approved',
				data: { success: true, message: 'user_already_approved', session: { session_id: '@session', session_url: null } } },
			{ name: 'prepare reports the approval', post: `${prefix}/kyc/prepare`, body: { email }, gets: 200, word: 'user_already_prepared',
				data: { email_verified: true, kyc_approved: true, kyc_status: 'approved' } },
		], { email });

		assert.match(kept.url, /^https:\/\/verify\.didit\.me\/session\//);
		assert.equal(app.didit.creates.length, 1, 'one session was created at Didit');
		const { params: asked } = app.didit.creates[0];
		assert.equal(asked.callback, `${app.server.base}/return`);
		assert.ok(asked.vendor_data.length >= 16 && !asked.vendor_data.includes('@') && !asked.vendor_data.includes('ana'), 'Didit gets an opaque id and no personal data');
		assert.deepEqual(app.didit.unknownCalls, [], 'no request that Didit does not define');
		assert.equal(app.didit.tokens, version === 'v1' ? 1 : 0, 'one access token for all calls on v1; an API key on v2 and v3');
		assert.equal(asked.workflow_id, version === 'v1' ? undefined : app.didit.workflow);
	});
}

test('a space in the e-mail address of a query string is read as a plus sign', async (t) => {
	const app = await App.open(t);
	const { session_id } = await app.startSession('ana+kyc@example.com');

	for (const query of ['ana+kyc@example.com', 'ana%2Bkyc@example.com', 'ana%20kyc%40example.com'])
		assert.equal((await app.call('GET', `/kyc/status?email=${query}`)).data?.session_id, session_id, query);
});

for (const version of VERSIONS) {
	test(`a decline allows another session, a blocklist warning does not; ${version}`, async (t) => {
		const app = await App.open(t, { didit: { version } });
		const email = newEmail();
		const first = await app.startSession(email);
		const blocked = { feature: 'FACE', risk: 'POSSIBLE_FACE_IN_BLOCKLIST', additional_data: null, log_type: 'warning', short_description: 'x', long_description: 'y' };
		const other = { ...blocked, feature: 'LOCATION', risk: 'IP_ADDRESS_IN_BLOCKLIST' };

		await runSteps(app, [
			{ do: async () => assert.equal((await app.didit.sendStatusEvent(app.server.base, first.session_id, 'Declined')).http, 200) },
			{ name: 'the first session is declined', post: '/kyc/status', body: { email }, gets: 200, keep: { status: 'data.status' } },
			{ do: (k) => assert.equal(k.status, 'declined') },
			{ name: 'a new attempt creates a new session', post: '/kyc/create/verify_public_kyc', body: { email }, gets: 201, keep: { second: 'data.session.session_id' } },
			{ do: async (k) => {
				assert.notEqual(k.second, first.session_id);
				app.didit.setStatus(k.second, 'Declined', { warnings: [other, blocked] });
				assert.equal((await app.didit.post(app.server.base, app.didit.event(k.second, 'Declined'))).http, 200);
			} },
			{ name: 'the status reports the blocklist warning', post: '/kyc/status', body: { email }, gets: 200, keep: { sign: 'data.is_blocklisted' } },
			{ do: (k) => assert.equal(k.sign, true) },
			{ name: 'no third session', post: '/kyc/create/verify_public_kyc', body: { email }, gets: 403, word: 'kyc_not_approved', message: 'KYC not approved' },
		]);
	});
}

test('after the first decline five more sessions are allowed', async (t) => {
	const app = await App.open(t);
	const email = await app.verifyPerson(newEmail());
	const seen = new Set();

	for (let i = 0; i < 6; i++) {
		const { session_id } = (await app.create(email)).data.session;
		seen.add(session_id);
		await app.didit.sendStatusEvent(app.server.base, session_id, 'Declined');
	}
	assert.equal(seen.size, 6, 'the first and five more');
	assert.equal((await app.create(email)).word, 'kyc_not_approved');
	assert.equal(app.didit.creates.length, 6);
});

test('a rejected access token is replaced by a new one', async (t) => {
	const app = await App.open(t);

	await app.startSession(newEmail());
	app.didit.authorizationHeaders.clear();
	await app.startSession(newEmail());
	assert.equal(app.didit.tokens, 2);
	assert.equal(app.didit.creates.length, 2);
});

const scenarios = [
	{ scenario: 'approve', session_status: 'Approved', status: 'approved', approved: true },
	{ scenario: 'decline', session_status: 'Declined', status: 'declined', approved: false },
	{ scenario: 'review', session_status: 'In Review', status: 'in_review', approved: false },
];

for (const version of VERSIONS) {
	test(`dev mode has a built-in mail inbox and Didit sandbox; ${version}`, async (t) => {
		const folder = await makeFolder();
		const server = new Server({ folder, args: ['--dev'], settings: { ...UNLIMITED_RATES, KYCD_DIDIT_VERSION: version } });
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
			const message = await until('the e-mail in the inbox', async () => (await server.call('GET', `/sandbox/inbox?to=${email}`)).json.messages[0]);
			const code = /^\d{6}/.exec(message.text)[0];
			assert.deepEqual(Object.keys(message).sort(), ['html', 'id', 'sent_at', 'subject', 'text', 'to']);
			assert.equal((await post('/security/email/verify-otp', { email, code })).word, 'email_verified');
			const { session_id, session_url } = (await post('/kyc/create/verify_public_kyc', { email })).data.session;

			assert.ok(session_url.startsWith(`${server.base}/sandbox/didit/session/`), session_url);
			const sessionPath = session_url.slice(server.base.length);
			const page = await server.call('GET', sessionPath);
			assert.equal(page.http, 200);
			assert.match(page.headers['content-type'], /^text\/html/);
			const getStatus = async () => (await post('/kyc/status', { email })).data;
			await until('the session to be in progress', async () => (await getStatus()).session_status === 'In Progress');
			assert.equal((await post(`${sessionPath}/submit`, { scenario })).json.session_id, session_id);
			await until(`the status ${end.session_status}`, async () => (await getStatus()).session_status === end.session_status);
			const { status, approved: isApproved } = await getStatus();
			assert.deepEqual({ status, approved: isApproved }, { status: end.status, approved: end.approved });
			if (scenario !== 'review') assert.equal((await post(`${sessionPath}/submit`, { scenario })).http, 409, 'a finished session cannot be submitted again');
		}
		for (const address of ['/sandbox/inbox', '/sandbox/didit/v1/sandbox/scenarios/'])
			assert.notEqual((await server.call('GET', address)).http, 404, address);
	});
}

test('the clock of dev mode can be advanced, and codes expire by it', async (t) => {
	const folder = await makeFolder();
	const server = new Server({ folder, args: ['--dev'], settings: UNLIMITED_RATES });
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
		const messages = await until('the e-mail in the inbox', async () => {
			const { messages } = (await server.call('GET', `/sandbox/inbox?to=${email}`)).json;
			return messages.length === n && messages;
		});
		return /^\d{6}/.exec(messages[0].text)[0]; // newest first
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
	// Checks the limits of codes: three at once, then one per minute, and twenty per day.
	const frequentSender = newEmail();
	for (let n = 1; n <= 3; n++) await code(frequentSender, n);
	assert.equal((await post('/security/email/send-otp', { email: frequentSender })).word, 'otp_send_limited');
	for (let n = 4; n <= 20; n++) {
		await advance(60);
		await code(frequentSender, n);
	}
	await advance(3600);
	const dailyLimit = await post('/security/email/send-otp', { email: frequentSender });
	assert.equal(dailyLimit.word, 'otp_send_limited');
	await advance(Number(dailyLimit.headers['retry-after']));
	assert.equal((await post('/security/email/send-otp', { email: frequentSender })).word, 'otp_sent');
});

for (const version of VERSIONS) {
	test(`a document or face blocklist warning is reported and ends the attempts; an IP address warning does not; ${version}`, async (t) => {
		const folder = await makeFolder();
		const server = new Server({ folder, args: ['--dev'], settings: { ...UNLIMITED_RATES, KYCD_DIDIT_VERSION: version } });
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
			const message = await until('the e-mail in the inbox', async () => (await server.call('GET', `/sandbox/inbox?to=${email}`)).json.messages[0]);
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
	test(`events of the sandbox that are late, duplicated or out of order still lead to approval; ${version}`, async (t) => {
		const folder = await makeFolder();
		const server = new Server({ folder, args: ['--dev'], settings: { ...UNLIMITED_RATES, KYCD_DIDIT_VERSION: version } });
		t.after(async () => {
			await server.stop().finally(() => server.kill());
			await removeFolder(folder);
		});
		await server.start();
		const post = (where, body) => server.call('POST', where, { body });
		for (const fault of ['late', 'twice', 'out_of_order']) {
			const email = newEmail(fault);
			await post('/kyc/prepare', { email });
			await post('/security/email/send-otp', { email });
			const message = await until('the e-mail in the inbox', async () => (await server.call('GET', `/sandbox/inbox?to=${email}`)).json.messages[0]);
			await post('/security/email/verify-otp', { email, code: /^\d{6}/.exec(message.text)[0] });
			if (fault === 'late') {
				assert.equal((await post('/sandbox/faults', { what: 'error', times: 1 })).http, 200);
				assert.deepEqual((await post('/kyc/create/verify_public_kyc', { email })).json.details, { cause: 'provider_unreachable' });
			}
			const { session_url } = (await post('/kyc/create/verify_public_kyc', { email })).data.session;
			assert.equal((await post('/sandbox/faults', { what: fault, times: 1 })).http, 200);
			assert.equal((await post(`${session_url.slice(server.base.length)}/submit`, { scenario: 'approve' })).http, 200);
			await until(`the approval in spite of ${fault} events`, async () => (await post('/kyc/status', { email })).data.approved, 20_000);
		}
		assert.equal((await post('/sandbox/faults', { what: 'magic', times: 1 })).http, 400);
	});
}

test('outside dev mode the sandbox routes do not exist', async (t) => {
	const app = await App.open(t);

	for (const address of ['/sandbox/inbox', '/sandbox/clock/advance', '/sandbox/faults', '/sandbox/didit/auth/v2/token/', '/sandbox/didit/session/x'])
		for (const method of ['GET', 'POST'])
			assert.equal((await app.call(method, address, { body: method === 'POST' ? {} : undefined })).word, 'route_not_found', address);
});
