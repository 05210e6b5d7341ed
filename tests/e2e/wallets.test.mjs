// Verification by wallet: wallets of each library and chain go from the challenge to approved, and each challenge can be answered
// once only.
import assert from 'node:assert/strict';
import test from 'node:test';
import { createSignInMessageText, parseSignInMessageText, verifySignIn } from '@solana/wallet-standard-util';
import { SiweMessage } from 'siwe';
import { parseSiweMessage, validateSiweMessage } from 'viem/siwe';
import { queryDatabase } from './lib/database.mjs';
import { App, UNLIMITED_RATES, expect, newEmail } from './lib/app.mjs';
import { Server, makeFolder, removeFolder, run } from './lib/kycd.mjs';
import { deviceEnvelope, deviceSign, evm, publishedEnvelope, publishedSign, solana } from './lib/wallets.mjs';
import { until } from './lib/wait.mjs';

const CREATE = '/kyc/create/verify_public_kyc';

/** Starts a server in dev mode, with its sandbox as the provider. */
async function inDev(t, settings = {}) {
	const folder = await makeFolder();
	const server = new Server({ folder, args: ['--dev'], settings: { ...UNLIMITED_RATES, ...settings } });
	t.after(async () => {
		await server.stop().finally(() => server.kill());
		await removeFolder(folder);
	});
	await server.start();
	return { folder, server, post: (where, body) => server.call('POST', where, { body }) };
}

/** Requests a challenge and returns its text. */
async function challenge(app, wallet, options) {
	const { data } = expect(await app.post('/security/wallet/challenge', { wallet: wallet.address }, options), 201, 'challenge_created');
	assert.deepEqual([data.wallet, data.wallet_chain], [wallet.address, wallet.chain]);
	return data.message;
}

const prepare = (app, wallet, message, signed_bytes, options) =>
	app.post('/kyc/prepare-wallet', { wallet: wallet.address, message, signed_bytes }, options);

/** Requests a challenge, signs it and registers the wallet; returns `data` of the answer. */
async function register(app, wallet, http = 201, sign = wallet.sign, options) {
	const message = await challenge(app, wallet, options);
	return expect(await prepare(app, wallet, message, await sign(message), options), http).data;
}

test('a wallet of each library goes from the challenge to approved', async (t) => {
	const dev = await inDev(t, { KYCD_BRAND: 'StarkFi' });
	const { server } = dev;
	const deviceWallets = ['noble', 'tweetnacl'].flatMap((name) => [deviceSign, deviceEnvelope].map((sign) => {
		const wallet = solana[name](`${name} with ${sign.name}`);
		return { library: `${name}, ${sign.name}`, ...wallet, sign: async (message) => sign(wallet, message) };
	}));
	const evmWallet = evm.ethers('another');

	const libraryWallets = Object.entries({ ...evm, ...solana }).map(([library, make]) => ({ library, ...make(library) }));

	for (const { library, ...wallet } of [...libraryWallets, ...deviceWallets]) {
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
		assert.equal(expect(await dev.post(CREATE, by), 201).data.session.session_id, session_id, 'another create returns the same session');
		assert.equal((await server.call('GET', session_url.slice(server.base.length))).http, 200, 'the hosted page exists');
		expect(await dev.post(`${session_url.slice(server.base.length)}/submit`, { scenario: 'approve' }), 200);
		const { data } = await until(`the session of ${library} to be approved`, async () => {
			const answer = await server.call('GET', `/kyc/status?wallet=${wallet.address}`);
			return answer.json.data?.approved && answer.json;
		});
		assert.deepEqual([data.status, data.session_id, data.session_url], ['approved', session_id, null]);
		expect(await dev.post(CREATE, by), 200, 'kyc_already_approved');
		assert.deepEqual(await register(dev, wallet, 200), { email_verified: false, wallet_verified: true, kyc_approved: true, kyc_status: 'approved' });
	}

	// The case of an EVM address does not matter: each spelling belongs to the same person.
	await register(dev, evmWallet);
	for (const address of [evmWallet.address.toLowerCase(), `0x${evmWallet.address.slice(2).toUpperCase()}`])
		expect(await dev.post('/kyc/status', { wallet: address }), 404, 'kyc_not_found');

	// A challenge is valid shortly before its 10 minutes end, and expired when they have passed.
	const [early, lateWallet] = [await challenge(dev, evmWallet), evm.viem('late')];
	await dev.post('/sandbox/clock/advance', { seconds: 595 });
	expect(await prepare(dev, evmWallet, early, await evmWallet.sign(early)), 200);
	const text = await challenge(dev, lateWallet);
	await dev.post('/sandbox/clock/advance', { seconds: 600 });
	expect(await prepare(dev, lateWallet, text, await lateWallet.sign(text)), 400, 'challenge_expired');
});

test('a challenge can be answered once, also with concurrent requests and after a kill of the server', async (t) => {
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

	// Nine wrong signatures before the kill and one after it use up the ten tries of the challenge.
	const [wallet, other] = [evm.ethers('ten'), evm.ethers('eleven')];
	const message = await challenge(app, wallet);
	const wrong = await other.sign(message);
	for (let i = 0; i < 9; i++) expect(await prepare(app, wallet, message, wrong), 400, 'invalid_signature');
	await app.server.restart();
	assert.equal(expect(await prepare(app, wallet, message, wrong), 400, 'invalid_signature').json.details.cause, 'other');
	expect(await prepare(app, wallet, message, await wallet.sign(message)), 400, 'challenge_not_found');

	// A challenge answered just before a kill cannot be answered again after it.
	const text = await challenge(app, wallet);
	const signed = await wallet.sign(text);
	expect(await prepare(app, wallet, text, signed), 201);
	await app.server.restart();
	expect(await prepare(app, wallet, text, signed), 400, 'challenge_not_found');
	expect(await app.post('/kyc/status', { wallet: wallet.address }), 404, 'kyc_not_found');
});

test('a text or a signature that does not belong to the tenant\'s challenge for this wallet is refused', async (t) => {
	const app = await App.open(t);
	const bank = { key: await app.addTenant('bank') };
	for (const wallet of [evm.ethers('bad'), solana.tweetnacl('bad')]) {
		const message = await challenge(app, wallet);
		const challengeOfBank = await challenge(app, wallet, bank);
		const signed = await wallet.sign(message);
		const rows = [
			['the challenge of another tenant', challengeOfBank, await wallet.sign(challengeOfBank)], ['CRLF', message.replaceAll('\n', '\r\n')], ['an additional space', `${message} `],
			['another purpose', message.replace('Purpose: kyc', 'Purpose: payment')], ['a zero-width space', message.replace('kyc', 'k\u200byc')],
		];
		for (const [name, text, signature] of rows) {
			const answer = await prepare(app, wallet, text, signature ?? (await wallet.sign(text)));
			assert.deepEqual([answer.http, answer.word], [400, 'challenge_not_found'], name);
		}
		assert.equal(expect(await prepare(app, wallet, message, 'a'.repeat(1 << 20)), 413, 'payload_too_large').json.message, 'Request body is larger than 64 KiB');
		assert.equal(expect(await prepare(app, wallet, message.replaceAll('\n', '\r\n'), signed), 400, 'challenge_not_found').json.details.cause, 'line_ends');
		const otherChain = wallet.chain === 'evm' ? solana.noble('other') : evm.viem('other');
		assert.equal(expect(await prepare(app, wallet, message, await otherChain.sign(message)), 400, 'invalid_signature').json.details.cause, 'coding');
		expect(await prepare(app, wallet, message, signed), 201);
		expect(await app.post('/kyc/status', { wallet: wallet.address }, bank), 404, 'user_not_found');
	}
});

test('off-chain messages of the published encoder prove a wallet, and changed ones do not', async (t) => {
	const app = await App.open(t);
	const application = solana.noble('application').address, other = solana.noble('another application').address;
	const forms = [{ version: 1 }, { version: 0, format: 1 }, { version: 0, format: 2 }, { version: 0, format: 1, application }, { version: 0, format: 2, application }];
	for (const form of forms)
		for (const sign of [publishedSign, publishedEnvelope]) {
			const says = `${JSON.stringify(form)}, ${sign.name}`;
			const wallet = solana.noble(says);
			const message = await challenge(app, wallet);
			const send = (signed_bytes, more) => app.post('/kyc/prepare-wallet', { wallet: wallet.address, message, signed_bytes, ...more });
			const named = form.application && sign === publishedSign ? { application_domain: application } : {};

			for (const changed of [`${message}\n`, message.replace('Nonce: ', 'Nonce: 0'), message.replace('kyc', 'k\u200byc')])
				expect(await send(sign(wallet, changed, form), named), 400, 'invalid_signature');
			if (form.application) expect(await send(sign(wallet, message, form), { application_domain: other }), 400, 'invalid_signature');
			if (named.application_domain) expect(await send(sign(wallet, message, form)), 400, 'invalid_signature');
			assert.equal((await send(sign(wallet, message, form), { application_domain: 'abc' })).json.message, 'application_domain must be base58 of 32 bytes');
			assert.equal((await send(sign(wallet, message, form), named)).http, 201, says);
		}
});

const SITE = 'https://shop.example', DOMAIN = 'shop.example';

/** A request for a challenge in a format that wallets recognise. */
const signInChallenge = (app, wallet, more) => app.post('/security/wallet/challenge', { wallet: wallet.address, format: wallet.chain === 'evm' ? 'siwe' : 'siws', ...more });

/** Sets the tenant's site and waits until the running server uses it. */
async function setSite(app, tenant, site, domain) {
	await app.server.run('tenant', 'set', tenant, '--site', site);
	const wallet = evm.viem('site');
	await until(`the site ${site}`, async () => (await challenge(app, wallet)).includes(`Domain: ${domain}\n`));
}

test('the challenge names the tenant\'s site, until it is removed', async (t) => {
	const app = await App.open(t);
	const gateway = new URL(app.server.base).host;
	for (const [site, domain] of [[SITE, DOMAIN], ['https://Kyc.Shop.Example:8443/', 'kyc.shop.example:8443'], ['http://localhost:3000', 'localhost:3000'], ['none', gateway]]) {
		await setSite(app, 'shop', site, domain);
		for (const wallet of [evm.ethers(site), solana.noble(site)]) {
			const message = await challenge(app, wallet);
			assert.deepEqual(message.split('\n').filter((line) => line.startsWith('Domain: ')), [`Domain: ${domain}`]);
			expect(await prepare(app, wallet, message, await wallet.sign(message.replace(domain, 'evil.example'))), 400, 'invalid_signature');
			expect(await prepare(app, wallet, message, await wallet.sign(message)), 201);
		}
	}
	assert.match((await signInChallenge(app, evm.viem('no site'))).json.message, /need the site of your pages/);
	for (const site of ['http://shop.example', 'https://shop.example/app', 'https://a@shop.example', 'shop.example', 'https://*.shop.example']) {
		const { code, stderr } = await run(['tenant', 'set', 'shop', '--site', site], { settings: app.server.settings, folder: app.folder });
		assert.equal(code, 2);
		assert.match(stderr, /^kycd: --site must be .*\n$/);
	}
});

test('the libraries of wallets recognise a SIWE challenge, and it is bound to the tenant\'s site', async (t) => {
	const app = await App.open(t, { settings: { KYCD_BRAND: 'Société "Kyc"' } });
	await setSite(app, 'shop', SITE, DOMAIN);
	for (const [library, make] of Object.entries(evm))
		for (const [i, more] of [{}, { chain_id: 137 }, { chain_id: '0x2105', uri: `${SITE}:443/kyc?next=%2F#top` }].entries()) {
			const wallet = make(`siwe ${library} ${i}`);
			const { message } = expect(await signInChallenge(app, wallet, more), 201, 'challenge_created').data;
			const parsed = new SiweMessage(message);
			assert.equal(parsed.prepareMessage(), message, 'the library writes the same text');
			assert.deepEqual([parsed.domain, parsed.address, parsed.uri, parsed.version, parsed.chainId],
				[DOMAIN, wallet.address, more.uri ?? SITE, '1', [1, 137, 8453][i]]);
			assert.match(parsed.statement, /^Your signature shows shop that .* Requested by: shop\. Purpose: kyc\.$/);
			assert.equal(Date.parse(parsed.expirationTime) - Date.parse(parsed.issuedAt), 600_000);

			const signature = await wallet.sign(message);
			assert.equal((await parsed.verify({ signature, domain: DOMAIN, nonce: parsed.nonce })).success, true);
			const foreign = await parsed.verify({ signature, domain: 'evil.example' }, { suppressExceptions: true });
			assert.equal(foreign.success, false);
			const fields = parseSiweMessage(message);
			assert.ok(validateSiweMessage({ message: fields, domain: DOMAIN, address: wallet.address, nonce: parsed.nonce }));
			assert.ok(!validateSiweMessage({ message: fields, domain: 'evil.example' }));

			const relayed = message.replace(DOMAIN, 'evil.example');
			expect(await prepare(app, wallet, message, await wallet.sign(relayed)), 400, 'invalid_signature');
			expect(await prepare(app, wallet, relayed, await wallet.sign(relayed)), 400, 'challenge_not_found');
			expect(await prepare(app, wallet, message, signature), 201, 'user_prepared');
			expect(await prepare(app, wallet, message, signature), 400, 'challenge_not_found');
		}
	const wallet = evm.ethers('refused');
	for (const more of [{ uri: 'https://evil.example/' }, { uri: 'http://shop.example/' }, { uri: `${SITE}.evil.example/` }, { uri: `${SITE}@evil.example/` }, { uri: `${SITE}/a b` },
		{ uri: 1 }, { chain_id: 0 }, { chain_id: -1 }, { chain_id: 1.5 }, { chain_id: 'mainnet' }, { format: 'siws' }, { format: 'SIWE' }, { format: 'starkfi', chain_id: 1 }])
		expect(await signInChallenge(app, wallet, more), 400, 'invalid_parameters');
	expect(await signInChallenge(app, wallet, { format: 'starkfi' }), 201);
});

test('the library of wallets recognises a SIWS challenge, and it is bound to the tenant\'s site', async (t) => {
	const app = await App.open(t);
	await setSite(app, 'shop', SITE, DOMAIN);
	for (const [library, make] of Object.entries(solana))
		for (const [i, more] of [{}, { chain_id: 'mainnet' }, { chain_id: 'solana:devnet', uri: `${SITE}/kyc` }].entries()) {
			const wallet = make(`siws ${library} ${i}`);
			const { message } = expect(await signInChallenge(app, wallet, more), 201, 'challenge_created').data;
			const input = parseSignInMessageText(message);
			assert.equal(createSignInMessageText(input), message, 'the library writes the same text');
			assert.deepEqual([input.domain, input.address, input.uri, input.version, input.chainId], [DOMAIN, wallet.address, more.uri ?? SITE, '1', more.chain_id]);
			const signedMessage = new TextEncoder().encode(message), signature = wallet.signBytes(signedMessage);
			const output = { account: { publicKey: wallet.key }, signedMessage, signature };
			assert.ok(verifySignIn(input, output));
			assert.ok(!verifySignIn({ ...input, domain: 'evil.example' }, output));

			expect(await prepare(app, wallet, message, await wallet.sign(message.replace(DOMAIN, 'evil.example'))), 400, 'invalid_signature');
			const sign = [wallet.sign, publishedSign, deviceSign][i];
			expect(await prepare(app, wallet, message, i === 0 ? await sign(message) : sign(wallet, message)), 201, 'user_prepared');
		}
	for (const more of [{ uri: 'https://evil.example/' }, { chain_id: 1 }, { chain_id: 'ethereum' }, { format: 'siwe' }])
		expect(await signInChallenge(app, solana.noble('refused'), more), 400, 'invalid_parameters');
});

test('characters that pasting adds around addresses and signatures are ignored, and the answer names contract wallets', async (t) => {
	const app = await App.open(t);
	for (const wallet of [evm.ethers('pasted'), solana.noble('pasted')]) {
		const pasted = { ...wallet, address: `\u200b\u00a0${wallet.address}\u202f\ufeff` };
		const { data } = expect(await app.post('/security/wallet/challenge', { wallet: pasted.address }), 201, 'challenge_created');
		assert.equal(data.wallet, wallet.address);
		const signed = (await wallet.sign(data.message)).replace(/^0x/, '0X');
		if (wallet.chain === 'evm') {
			const contract = `0x${signed.slice(2).repeat(2)}`;
			assert.equal(expect(await prepare(app, wallet, data.message, contract), 400, 'invalid_signature').json.details.cause, 'contract_wallet_unsupported');
		}
		const email = newEmail();
		const claim = { wallet: pasted.address, message: data.message, signed_bytes: `${signed} \n`, email: `\u200e${email}\u200b` };
		expect(await app.post('/kyc/prepare-wallet', claim), 201, 'user_prepared');
		expect(await app.post('/security/email/send-otp', { email: `\u2060${email}\u00a0`, wallet: wallet.address }), 201);
		expect(await app.call('GET', `/kyc/status?wallet=${encodeURIComponent(pasted.address)}`), 404, 'kyc_not_found');
	}
});

test('the operator can show and erase a person by wallet', async (t) => {
	const app = await App.open(t);
	const command = (verb, address, ...options) => run(['user', verb, '-', ...options], { settings: app.server.settings, folder: app.folder, input: `${address}\n` });
	const count = (table) => queryDatabase(app, `SELECT count(*) FROM ${table}`);
	await app.verifyPerson(newEmail());
	for (const wallet of [evm.ethers('shown'), solana.noble('shown')]) {
		await register(app, wallet);
		expect(await app.post(CREATE, { wallet: wallet.address }), 201);
		const message = await challenge(app, wallet);
		const signed = await wallet.sign(message);
		const typed = wallet.chain === 'evm' ? wallet.address.toLowerCase() : ` \u200b${wallet.address}\u00a0`;

		const shown = await command('show', typed, '--json');
		assert.equal(shown.code, 0, shown.stderr);
		assert.ok(!shown.stdout.toLowerCase().includes(wallet.address.toLowerCase()), 'the output does not contain the address');
		const [person] = JSON.parse(shown.stdout).people;
		assert.deepEqual([person.addresses, person.tenants[0].kind, person.tenants[0].last_code, person.status], [1, 'wallet', null, 'pending']);
		assert.deepEqual(person.audit.map((row) => [row.action, row.detail]).slice(0, 2), [['prepared', null], ['verified', 'wallet']]);
		assert.equal((await command('reset-tries', typed)).code, 0);

		assert.equal(count('challenges'), '1');
		assert.equal((await command('erase', typed, '--yes')).code, 0);
		assert.equal(count('challenges'), '0', 'the open challenge is erased too');
		expect(await prepare(app, wallet, message, signed), 400, 'challenge_not_found');
		expect(await app.post('/kyc/status', { wallet: wallet.address }), 404, 'user_not_found');
		assert.equal((await command('show', typed)).code, 1);
		await register(app, wallet);
	}
});
