// Normalised reasons and the next action: `include` of status, prepare and prepare-wallet, and `kycd user show`.
import assert from 'node:assert/strict';
import test from 'node:test';
import { App, expect, newEmail } from './lib/app.mjs';
import { run } from './lib/kycd.mjs';

const INCLUDE = 'reasons,next_action';
const warning = (risk, log_type = 'error', feature = 'KYC') => ({ feature, risk, additional_data: null, log_type, short_description: '', long_description: '' });

const statusWith = (app, email, include = INCLUDE) => app.post('/kyc/status', { email, include });
const included = ({ reasons, next_action }) => ({ reasons, next_action });

async function decide(app, session, status, warnings = []) {
	app.didit.setStatus(session.session_id, status, { warnings });
	expect(await app.didit.sendStatusEvent(app.server.base, session.session_id, status), 200);
}

test('next_action leads a person from the first call to the approval', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const first = expect(await app.post('/kyc/prepare', { email, include: INCLUDE }), 201, 'user_prepared');
	assert.deepEqual(first.data, { reasons: [], next_action: 'verify_email' });
	assert.deepEqual(included(expect(await statusWith(app, email), 404, 'kyc_not_found').json.details), { reasons: [], next_action: 'verify_email' });
	await app.verifyPerson(email);
	assert.deepEqual(included(expect(await statusWith(app, email), 404, 'kyc_not_found').json.details), { reasons: [], next_action: 'start_session' });
	const { session } = expect(await app.create(email), 201).data;
	assert.deepEqual(included(expect(await statusWith(app, email), 200).data), { reasons: [], next_action: 'continue_session' });
	await decide(app, session, 'In Progress');
	await decide(app, session, 'In Review', [warning('POSSIBLE_MATCH_FOUND', 'warning', 'AML')]);
	assert.deepEqual(included(expect(await statusWith(app, email), 200).data), { reasons: ['watchlist_match'], next_action: 'wait' });
	await decide(app, session, 'Approved', [warning('POSSIBLE_MATCH_FOUND', 'warning', 'AML')]);
	assert.deepEqual(included(expect(await statusWith(app, email), 200).data), { reasons: [], next_action: 'none' });
	assert.deepEqual(included(expect(await app.post('/kyc/prepare', { email, include: INCLUDE }), 200).data), { reasons: [], next_action: 'none' });
});

for (const version of ['v1', 'v3'])
	test(`reasons of a declined session are those of its warnings, without information (${version})`, async (t) => {
		const app = await App.open(t, { didit: { version } });
		const email = newEmail();
		const session = await app.startSession(email);
		const warnings = [warning('SOMETHING_NEW'), warning('DOCUMENT_EXPIRED'), warning('MRZ_NOT_DETECTED'), warning('DOCUMENT_EXPIRED'), warning('PRIVATE_NETWORK_DETECTED', 'information', 'LOCATION')];
		await decide(app, session, 'Declined', warnings);
		const { data } = expect(await statusWith(app, email), 200);
		assert.deepEqual(included(data), { reasons: ['document_expired', 'document_unreadable', 'other'], next_action: 'start_session' });
		const shown = await run(['user', 'show', '-', '--json'], { settings: app.server.settings, folder: app.folder, input: `${email}\n` });
		assert.deepEqual(included(JSON.parse(shown.stdout).people[0]), included(data), shown.stderr);
		const lines = await run(['user', 'show', '-'], { settings: app.server.settings, folder: app.folder, input: `${email}\n` });
		assert.match(lines.stdout, /^ {2}reasons {4}document_expired, document_unreadable, other\n {2}next {7}start_session$/m);
	});

test('a person who may have no other session is sent to support', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	await decide(app, await app.startSession(email), 'Declined', [warning('ID_DOCUMENT_IN_BLOCKLIST')]);
	assert.deepEqual(included(expect(await statusWith(app, email), 200).data), { reasons: ['blocklisted'], next_action: 'contact_support' });
	expect(await app.create(email), 403, 'kyc_not_approved');
});

test('sessions that end without a result say so', async (t) => {
	const app = await App.open(t);
	for (const [status, reason] of [['Abandoned', 'abandoned'], ['Expired', 'expired']]) {
		const email = newEmail();
		const session = await app.startSession(email);
		if (status === 'Abandoned') await decide(app, session, 'In Progress');
		await decide(app, session, status);
		assert.deepEqual(included(expect(await statusWith(app, email), 200).data), { reasons: [reason], next_action: 'start_session' });
	}
});

test('include adds only what it names, in GET and POST, and the answer without it stays the same', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	const prepared = expect(await app.prepare(email), 201);
	assert.equal('data' in prepared.json, false);
	const session = await app.startSession(email);
	const plain = expect(await app.status(email), 200);
	const names = ['status', 'approved', 'session_id', 'session_status', 'session_url', 'ip_info', 'is_blocklisted'];
	assert.deepEqual(Object.keys(plain.data), names);
	assert.equal(expect(await app.post('/kyc/status', { email, include: '' }), 200).text, plain.text);
	for (const [include, added] of [['reasons', ['reasons']], ['next_action', ['next_action']], ['next_action, reasons', ['reasons', 'next_action']]]) {
		const query = new URLSearchParams({ email, include });
		for (const answer of [await statusWith(app, email, include), await app.post('/kyc/status', { session_id: session.session_id, include }), await app.call('GET', `/kyc/status?${query}`)])
			assert.deepEqual(Object.keys(expect(answer, 200).data), [...names, ...added]);
	}
});

test('an unknown word in include is refused on every route that takes it', async (t) => {
	const app = await App.open(t);
	const email = newEmail();
	for (const include of ['reason', 'reasons,', ',', 'reasons,,next_action', 'REASONS', 'reasons next_action', 'address'])
		for (const answer of [await statusWith(app, email, include), await app.post('/kyc/prepare', { email, include }), await app.call('GET', `/kyc/status?${new URLSearchParams({ email, include })}`),
			await app.post('/kyc/prepare-wallet', { wallet: '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A', message: 'm', signed_bytes: 's', include })]) {
			expect(answer, 400, 'invalid_parameters');
			assert.match(answer.json.message, /^include /);
			assert.equal(answer.json.details.cause, 'value');
		}
	expect(await app.status(email), 404, 'user_not_found'); // nothing was registered
});
