// A wallet claims an e-mail address. Until the owner of the mailbox confirms the link with a code, neither user gets anything of the other.
import assert from 'node:assert/strict';
import test from 'node:test';
import { queryDatabase } from './lib/database.mjs';
import { App, expect, newEmail, wrongCode } from './lib/app.mjs';
import { run } from './lib/kycd.mjs';
import { evm, solana } from './lib/wallets.mjs';

const CREATE = '/kyc/create/verify_public_kyc';

async function prepareWallet(app, wallet, fields = {}) {
	const { message } = expect(await app.post('/security/wallet/challenge', { wallet: wallet.address }), 201).data;
	return app.post('/kyc/prepare-wallet', { wallet: wallet.address, message, signed_bytes: await wallet.sign(message), ...fields });
}

/** Requests a link code and returns the e-mail that the owner of the mailbox gets. */
async function sendLinkCode(app, wallet, email) {
	const n = app.mailServer.messagesTo(email).length;
	expect(await app.post('/security/email/send-otp', { email, wallet: wallet.address }), 201, 'otp_sent');
	return app.mailServer.messageTo(email, n + 1);
}

const showUser = async (app, address) => {
	const result = await run(['user', 'show', '-', '--json'], { settings: app.server.settings, folder: app.folder, input: `${address}\n` });
	assert.equal(result.code, 0, result.stderr);
	return JSON.parse(result.stdout).people[0];
};

test('a wallet with an unconfirmed claim on an e-mail address cannot read, use, change or block anything of the address owner', async (t) => {
	const app = await App.open(t);
	const [email, attacker] = [newEmail('victim'), evm.ethers('attacker')];
	const by = { wallet: attacker.address };
	const both = { email, ...by };
	const assertNotLinked = async (label, approved = false) => {
		assert.deepEqual(expect(await prepareWallet(app, attacker, { email }), 200).data,
			{ email_verified: false, wallet_verified: true, kyc_approved: approved, kyc_status: approved ? 'approved' : 'pending' }, label);
		expect(await app.post(CREATE, both), 400, 'params_mismatch');
		expect(await app.post('/kyc/status', both), 400, 'params_mismatch');
	};

	// Before the owner is enrolled: the claim does not enrol the owner at the tenant.
	assert.equal(expect(await prepareWallet(app, attacker, { email }), 201).data.email_verified, false);
	expect(await app.status(email), 404, 'user_not_found');
	expect(await app.create(email), 403, 'user_not_prepared');
	expect(await app.send(email), 404, 'user_not_found');
	for (let i = 0; i < 3; i++) await sendLinkCode(app, attacker, email);
	expect(await app.post('/security/email/send-otp', both), 429, 'otp_send_limited');

	// While the owner verifies: the owner's code is not delayed, replaced or used up, and does not confirm the link.
	const code = await app.requestCode(email);
	for (let i = 0; i < 7; i++) expect(await app.post('/security/email/verify-otp', { ...both, code: wrongCode(code, i + 1) }), 400);
	expect(await app.post('/security/email/verify-otp', { ...both, code }), 400, 'otp_max_attempts');
	await assertNotLinked('while the owner has a pending code');
	expect(await app.verify(email, code), 200, 'email_verified');
	await assertNotLinked('once the owner is verified');
	const session = expect(await app.create(email), 201).data.session;
	const { details } = expect(await app.post('/kyc/status', by), 404, 'kyc_not_found').json;
	assert.deepEqual([details.email_verified, details.wallet_verified], [false, true]);
	expect(await app.post('/kyc/status', { session_id: session.session_id, ...by }), 400, 'params_mismatch');

	// After the owner is verified: an approval or a decline of one user does not apply to the other.
	expect(await app.didit.sendStatusEvent(app.server.base, session.session_id, 'Approved'), 200);
	expect(await app.create(email), 200, 'kyc_already_approved');
	await assertNotLinked('once the owner is approved');
	const attackerSession = expect(await app.post(CREATE, by), 201).data.session;
	assert.notEqual(attackerSession.session_id, session.session_id);
	expect(await app.didit.sendStatusEvent(app.server.base, attackerSession.session_id, 'Declined'), 200);
	assert.equal(expect(await app.status(email), 200).data.approved, true);
	assert.equal(expect(await app.post('/kyc/status', by), 200).data.status, 'declined');
	assert.deepEqual([(await showUser(app, email)).addresses, (await showUser(app, email)).linked_users], [1, []]);

	// The approval of the wallet's user does not apply to the owner of the claimed e-mail.
	const [other, approvedWallet] = [newEmail('borrower'), solana.noble('lender')];
	expect(await prepareWallet(app, approvedWallet, { email: other }), 201);
	const walletSession = expect(await app.post(CREATE, { wallet: approvedWallet.address }), 201).data.session;
	expect(await app.didit.sendStatusEvent(app.server.base, walletSession.session_id, 'Approved'), 200);
	await app.verifyPerson(other);
	expect(await app.status(other), 404, 'kyc_not_found');
	assert.notEqual(expect(await app.create(other), 201).data.session.session_id, walletSession.session_id);
});

test('after the owner of the mailbox confirms the link, both users are one person', async (t) => {
	const app = await App.open(t);
	for (const wallet of [evm.viem('joins'), solana.tweetnacl('joins')]) {
		const email = newEmail('joins');
		const both = { email, wallet: wallet.address };
		const { address } = wallet;
		const prefixLength = wallet.chain === 'evm' ? 6 : 4;

		await app.startSession(email);
		expect(await prepareWallet(app, wallet, { email, language: 'pt' }), 201);
		const { session_id } = expect(await app.post(CREATE, { wallet: address }), 201).data.session;
		const firstMessage = await sendLinkCode(app, wallet, email);
		const message = await sendLinkCode(app, wallet, email);
		assert.ok(message.mail.text.includes(`Alguém pediu para vincular a carteira ${address.slice(0, prefixLength)}…${address.slice(-4)} a este endereço de e-mail.`), message.mail.text);
		expect(await app.post('/security/email/verify-otp', { ...both, code: firstMessage.code }), 400, 'otp_invalid');
		expect(await app.post('/security/email/verify-otp', { ...both, code: message.code }), 200, 'email_verified');
		expect(await app.post('/security/email/verify-otp', { ...both, code: message.code }), 400, 'email_already_verified');

		// Of two open sessions the newer one counts; after an approval the approved one.
		for (const by of [{ email }, { wallet: address }, both]) {
			assert.equal(expect(await app.post(CREATE, by), 201).data.session.session_id, session_id);
			assert.equal(expect(await app.post('/kyc/status', by), 200).data.session_id, session_id);
		}
		const [older] = (await showUser(app, email)).sessions.map((session) => session.session_id).filter((id) => id !== session_id);
		expect(await app.didit.sendStatusEvent(app.server.base, older, 'Approved'), 200);
		for (const by of [{ email }, { wallet: address }, both]) {
			assert.equal(expect(await app.post('/kyc/status', by), 200).data.session_id, older);
			expect(await app.post(CREATE, by), 200, 'kyc_already_approved');
		}
		expect(await prepareWallet(app, solana.noble('another'), { email }), 409, 'email_wallet_conflict');

		const person = await showUser(app, address);
		assert.deepEqual([person.id, person.addresses, person.sessions.length], [(await showUser(app, email)).id, 2, 2]);
		assert.equal(person.linked_users.length, 1);
		const linkEntries = person.audit.filter((row) => /link/.test(row.action)).map((row) => [row.action, row.subject, row.detail]);
		const [primary, linked] = [person.id, person.linked_users[0]];
		assert.deepEqual(linkEntries, [['link_claimed', primary, linked], ['link_claimed', linked, primary], ['linked', primary, linked], ['linked', linked, primary], ['link_refused', linked, 'linked']]);
		const erased = await run(['user', 'erase', '-', '--yes', '--json'], { settings: app.server.settings, folder: app.folder, input: `${email}\n` });
		assert.deepEqual([JSON.parse(erased.stdout).people[0].addresses, JSON.parse(erased.stdout).people[0].sessions], [2, 2]);
		expect(await app.post('/kyc/status', { wallet: address }), 404, 'user_not_found');
		expect(await app.status(email), 404, 'user_not_found');
	}
	assert.equal(queryDatabase(app, 'SELECT count(*) FROM claims'), '0');
});

test('of many wallets that claim an e-mail address at the same time exactly one succeeds', async (t) => {
	const app = await App.open(t);
	const email = newEmail('raced');
	const wallets = Array.from({ length: 12 }, (_, i) => (i % 2 ? evm.ethers : solana.noble)(`race ${i}`));
	const answers = await Promise.all(wallets.map((wallet) => prepareWallet(app, wallet, { email })));
	assert.deepEqual(answers.map((answer) => answer.word).sort(), [...Array(11).fill('email_wallet_conflict'), 'user_prepared']);
	const winner = wallets[answers.findIndex((answer) => answer.http === 201)];
	for (const wallet of wallets)
		expect(await app.post('/security/email/send-otp', { email, wallet: wallet.address }), wallet === winner ? 201 : 404);
	assert.equal(queryDatabase(app, 'SELECT count(*) FROM claims'), '1');
});
