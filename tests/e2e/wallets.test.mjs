// Wallets as people have them: each library's goes the whole way, and what is signed counts once.
import assert from 'node:assert/strict';
import test from 'node:test';
import { ask } from './lib/database.mjs';
import { App, WIDE, expect, newEmail } from './lib/app.mjs';
import { Server, makeFolder, removeFolder, run } from './lib/kycd.mjs';
import { deviceEnvelope, deviceSign, evm, solana } from './lib/wallets.mjs';
import { until } from './lib/wait.mjs';

const CREATE = '/kyc/create/verify_public_kyc';

/** A server in dev mode, its own sandbox the provider. */
async function inDev(t, settings = {}) {
	const folder = await makeFolder();
	const server = new Server({ folder, args: ['--dev'], settings: { ...WIDE, ...settings } });
	t.after(async () => {
		await server.stop().finally(() => server.kill());
		await removeFolder(folder);
	});
	await server.start();
	return { folder, server, post: (where, body) => server.call('POST', where, { body }) };
}

async function challenge(app, wallet, options) {
	const { data } = expect(await app.post('/security/wallet/challenge', { wallet: wallet.address }, options), 201, 'challenge_created');
	assert.deepEqual([data.wallet, data.wallet_chain], [wallet.address, wallet.chain]);
	return data.message;
}

const prepare = (app, wallet, message, signed_bytes, options) =>
	app.post('/kyc/prepare-wallet', { wallet: wallet.address, message, signed_bytes }, options);

/** Challenge, signature, registration. */
async function proven(app, wallet, http = 201, sign = wallet.sign, options) {
	const message = await challenge(app, wallet, options);
	return expect(await prepare(app, wallet, message, await sign(message), options), http).data;
}

test('each wallet goes from the challenge to approved', async (t) => {
	const dev = await inDev(t, { KYCD_BRAND: 'StarkFi' });
	const { server } = dev;
	const asDevices = ['noble', 'tweetnacl'].flatMap((name) => [deviceSign, deviceEnvelope].map((sign) => {
		const wallet = solana[name](`${name} by ${sign.name}`);
		return { library: `${name}, ${sign.name}`, ...wallet, sign: async (message) => sign(wallet, message) };
	}));
	const quick = evm.ethers('another');

	const libraries = Object.entries({ ...evm, ...solana }).map(([library, make]) => ({ library, ...make(library) }));

	for (const { library, ...wallet } of [...libraries, ...asDevices]) {
		const by = { wallet: wallet.address };
		const message = await challenge(dev, wallet);
		const lines = message.split('\n');
		assert.deepEqual(lines.slice(0, 2), ['StarkFi KYC verification', `Wallet: ${wallet.address}`], library);
		assert.match(message, /It does not pay, transfer or authorize anything/);
		assert.ok(lines.includes(`Domain: 127.0.0.1:${server.port}`) && lines.includes('Purpose: kyc'), message);
		const times = ['Issued at', 'Expires at'].map((label) => Date.parse(lines.find((line) => line.startsWith(label)).slice(label.length + 2)));
		assert.equal(times[1] - times[0], 600_000);

		expect(await dev.post(CREATE, by), 403, 'user_not_prepared');
		const signed = await wallet.sign(message);
		assert.deepEqual(expect(await prepare(dev, wallet, message, signed), 201, 'user_prepared').data,
			{ email_verified: false, wallet_verified: true, kyc_approved: false, kyc_status: 'pending' }, library);
		expect(await prepare(dev, wallet, message, signed), 400, 'challenge_not_found');
		assert.equal(expect(await dev.post('/kyc/status', by), 404, 'kyc_not_found').json.message, 'No KYC session found for this wallet');
		const { session_id, session_url } = expect(await dev.post(CREATE, by), 201, 'kyc_session_created').data.session;
		assert.equal(expect(await dev.post(CREATE, by), 201).data.session.session_id, session_id, 'the same session');
		assert.equal((await server.call('GET', session_url.slice(server.base.length))).http, 200, 'the hosted page');
		expect(await dev.post(`${session_url.slice(server.base.length)}/submit`, { scenario: 'approve' }), 200);
		const { data } = await until(`the approval of ${library}`, async () => {
			const answer = await server.call('GET', `/kyc/status?wallet=${wallet.address}`);
			return answer.json.data?.approved && answer.json;
		});
		assert.deepEqual([data.status, data.session_id, data.session_url], ['approved', session_id, null]);
		expect(await dev.post(CREATE, by), 200, 'kyc_already_approved');
		assert.deepEqual(await proven(dev, wallet, 200), { email_verified: false, wallet_verified: true, kyc_approved: true, kyc_status: 'approved' });
	}

	// Whatever the case, one wallet is one person.
	await proven(dev, quick);
	for (const address of [quick.address.toLowerCase(), `0x${quick.address.slice(2).toUpperCase()}`])
		expect(await dev.post('/kyc/status', { wallet: address }), 404, 'kyc_not_found');

	// The movable clock: one second before the end, and at it.
	const [early, late] = [await challenge(dev, quick), evm.viem('late')];
	await dev.post('/sandbox/clock/advance', { seconds: 595 });
	expect(await prepare(dev, quick, early, await quick.sign(early)), 200);
	const text = await challenge(dev, late);
	await dev.post('/sandbox/clock/advance', { seconds: 600 });
	expect(await prepare(dev, late, text, await late.sign(text)), 400, 'challenge_expired');
});

test('an answer counts once, also when many come at once and the power fails', async (t) => {
	const app = await App.open(t, { settings: { KYCD_CHALLENGE_TTL: '90s', KYCD_LANGUAGE: 'es' } });
	for (const wallet of [evm.viem('once'), solana.noble('once')]) {
		const message = await challenge(app, wallet);
		assert.match(message, /nada se paga/);
		const [issued, expires] = [...message.matchAll(/ at: (\S+)/g)].map(([, time]) => Date.parse(time));
		assert.equal(expires - issued, 90_000);
		const signed = await wallet.sign(message);
		const answers = await Promise.all(Array.from({ length: 20 }, () => prepare(app, wallet, message, signed)));
		assert.deepEqual(answers.map((answer) => answer.word).sort(), [...Array(19).fill('challenge_not_found'), 'user_prepared']);
	}

	// Nine wrong ones before the power fails, one after it: the tenth has used it up.
	const [wallet, other] = [evm.ethers('ten'), evm.ethers('eleven')];
	const message = await challenge(app, wallet);
	const wrong = await other.sign(message);
	for (let i = 0; i < 9; i++) expect(await prepare(app, wallet, message, wrong), 400, 'invalid_signature');
	await app.server.restart();
	assert.equal(expect(await prepare(app, wallet, message, wrong), 400, 'invalid_signature').json.details.cause, 'other');
	expect(await prepare(app, wallet, message, await wallet.sign(message)), 400, 'challenge_not_found');

	// Answered just before it fails: not once more afterwards.
	const text = await challenge(app, wallet);
	const signed = await wallet.sign(text);
	expect(await prepare(app, wallet, text, signed), 201);
	await app.server.restart();
	expect(await prepare(app, wallet, text, signed), 400, 'challenge_not_found');
	expect(await app.post('/kyc/status', { wallet: wallet.address }), 404, 'kyc_not_found');
});

test('what is not this wallet\'s answer to this tenant\'s challenge', async (t) => {
	const app = await App.open(t);
	const bank = { key: await app.addTenant('bank') };
	for (const wallet of [evm.ethers('bad'), solana.tweetnacl('bad')]) {
		const message = await challenge(app, wallet);
		const theirs = await challenge(app, wallet, bank);
		const signed = await wallet.sign(message);
		const rows = [
			['another tenant\'s', theirs, await wallet.sign(theirs)], ['CRLF', message.replaceAll('\n', '\r\n')], ['a blank more', `${message} `],
			['another purpose', message.replace('Purpose: kyc', 'Purpose: payment')], ['a zero-width blank', message.replace('kyc', 'k\u200byc')],
		];
		for (const [what, text, signature] of rows) {
			const answer = await prepare(app, wallet, text, signature ?? (await wallet.sign(text)));
			assert.deepEqual([answer.http, answer.word], [400, 'challenge_not_found'], what);
		}
		assert.equal(expect(await prepare(app, wallet, message, 'a'.repeat(1 << 20)), 413, 'payload_too_large').json.message, 'Request body is larger than 64 KiB');
		assert.equal(expect(await prepare(app, wallet, message.replaceAll('\n', '\r\n'), signed), 400, 'challenge_not_found').json.details.cause, 'line_ends');
		const chain = wallet.chain === 'evm' ? solana.noble('other') : evm.viem('other');
		assert.equal(expect(await prepare(app, wallet, message, await chain.sign(message)), 400, 'invalid_signature').json.details.cause, 'coding');
		expect(await prepare(app, wallet, message, signed), 201);
		expect(await app.post('/kyc/status', { wallet: wallet.address }, bank), 404, 'user_not_found');
	}
});

test('operators find and erase a person by wallet', async (t) => {
	const app = await App.open(t);
	const command = (verb, address, ...options) => run(['user', verb, '-', ...options], { settings: app.server.settings, folder: app.folder, input: `${address}\n` });
	const count = (table) => ask(app, `SELECT count(*) FROM ${table}`);
	await app.proven(newEmail());
	for (const wallet of [evm.ethers('shown'), solana.noble('shown')]) {
		await proven(app, wallet);
		expect(await app.post(CREATE, { wallet: wallet.address }), 201);
		const message = await challenge(app, wallet);
		const signed = await wallet.sign(message);
		const typed = wallet.chain === 'evm' ? wallet.address.toLowerCase() : ` ${wallet.address} `;

		const shown = await command('show', typed, '--json');
		assert.equal(shown.code, 0, shown.stderr);
		assert.ok(!shown.stdout.toLowerCase().includes(wallet.address.toLowerCase()), 'no address is printed');
		const [person] = JSON.parse(shown.stdout).people;
		assert.deepEqual([person.addresses, person.tenants[0].kind, person.tenants[0].last_code, person.status], [1, 'wallet', null, 'pending']);
		assert.deepEqual(person.audit.map((row) => [row.action, row.detail]).slice(0, 2), [['prepared', null], ['verified', 'wallet']]);
		assert.equal((await command('reset-tries', typed)).code, 0);

		assert.equal(count('challenges'), '1');
		assert.equal((await command('erase', typed, '--yes')).code, 0);
		assert.equal(count('challenges'), '0', 'a challenge that was open goes, too');
		expect(await prepare(app, wallet, message, signed), 400, 'challenge_not_found');
		expect(await app.post('/kyc/status', { wallet: wallet.address }), 404, 'user_not_found');
		assert.equal((await command('show', typed)).code, 1);
		await proven(app, wallet);
	}
});
