// Files on disk, the log and the metrics contain no personal data and no secrets in readable form.
import assert from 'node:assert/strict';
import { readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { ON_POSTGRES, queryDatabase } from './lib/database.mjs';
import { App, expect, masterKey, wrongCode } from './lib/app.mjs';
import { Server, makeFolder, removeFolder } from './lib/kycd.mjs';
import { evm, solana } from './lib/wallets.mjs';
import { until } from './lib/wait.mjs';

/** Returns the forms in which a text could be stored or logged: other case, hex, base64, URL encoding, reversed. */
function encodingsOf(text) {
	const bytes = Buffer.from(text);
	return [text, text.toUpperCase(), text.toLowerCase(), bytes.toString('hex'), bytes.toString('hex').toUpperCase(),
		bytes.toString('base64').replace(/=+$/, '').slice(0, -1), encodeURIComponent(text), [...text].reverse().join('')];
}

/** Returns the content of every file below the folder, by its path. */
async function readFiles(folder) {
	const files = {};
	for (const name of await readdir(folder, { recursive: true })) {
		const file = path.join(folder, name);
		if ((await stat(file)).isFile()) files[name] = await readFile(file, 'latin1');
	}
	return files;
}

/** Searches the places for each planted text in every encoding; returns one line for each text found. */
function findPlanted(places, planted) {
	const found = [];
	for (const [place, content] of Object.entries(places))
		for (const [description, text] of Object.entries(planted))
			for (const encoded of encodingsOf(text)) if (content.includes(encoded)) found.push(`${description} in ${place}`);
	return found;
}

test('files, logs and metrics contain no personal data and no secrets', async (t) => {
	const secrets = { master: masterKey(), client: 'client-secret-planted-here-0001', webhook: 'webhook-secret-planted-here-000000000001' };
	const app = await App.open(t, {
		settings: { KYCD_LOG: 'debug', KYCD_SECRET_KEY: secrets.master, KYCD_KEEP_EVENTS: '7d' },
		didit: { secret: secrets.client, webhookSecret: secrets.webhook },
	});
	const email = 'zelda.quixote+kyc@mail.windmill-planted.example';
	const refusedEmail = 'sancho.planted@mail.windmill-planted.example';

	// A person is verified with many errors on the way, because error paths are the most likely to log personal data.
	expect(await app.prepare(email), 201);
	const code = await app.requestCode(email);
	expect(await app.verify(email, wrongCode(code)), 400, 'otp_invalid');
	expect(await app.verify(email, code), 200);
	app.didit.nextFaults = ['html', 'foreign_url'];
	expect(await app.create(email), 500);
	expect(await app.create(email), 500);
	const { session_id, session_url } = expect(await app.create(email), 201).data.session;
	expect(await app.call('GET', `/kyc/status?email=${encodeURIComponent(email)}`), 200);
	expect(await app.call('GET', `/kyc/status?email=${email}&email=${email}`), 400);
	expect(await app.call('GET', `/kyc/${email}`), 404);
	expect(await app.post('/kyc/prepare', `{"email":"${email}"`), 400);
	expect(await app.prepare(`${email}\r\nx: y`), 400);
	expect(await app.call('GET', `/config/products`, { key: `${app.key.slice(0, -1)}${app.key.endsWith('A') ? 'B' : 'A'}` }), 401);
	expect(await app.call('GET', `/return?verificationSessionId=${session_id}`, { key: null }), 200);
	app.mailServer.refuse.recipient = 550;
	expect(await app.prepare(refusedEmail), 201);
	expect(await app.send(refusedEmail), 201);
	await until('the status to report the refused message', async () => (await app.status(refusedEmail)).json.details.last_code === 'refused');
	expect(await app.didit.sendStatusEvent(app.server.base, session_id, 'Approved'), 200);
	expect(await app.didit.post(app.server.base, `{"email":"${email}"`), 400);
	assert.equal((await app.status(email)).data.approved, true);
	await app.server.run('key', 'list');

	const wallets = [evm.ethers('planted'), solana.noble('planted')];
	const signed = [], pairs = [];
	delete app.mailServer.refuse.recipient;
	for (const [i, wallet] of wallets.entries()) {
		const by = { wallet: wallet.address };
		const claimed = [email, refusedEmail][i];
		const { message } = expect(await app.post('/security/wallet/challenge', by), 201).data;
		const signed_bytes = await wallet.sign(message);
		signed.push(signed_bytes, /Nonce: (.*)/.exec(message)[1]);
		expect(await app.post('/kyc/prepare-wallet', { ...by, message, signed_bytes: signed[0].slice(0, -1) }), 400, 'invalid_signature');
		expect(await app.post('/kyc/prepare-wallet', { ...by, message, signed_bytes, email: claimed }), 201);
		expect(await app.post('/kyc/prepare-wallet', { ...by, message, signed_bytes }), 400, 'challenge_not_found');
		const messages = app.mailServer.messagesTo(claimed).length;
		expect(await app.post('/security/email/send-otp', { ...by, email: claimed }), 201);
		const pair = (await app.mailServer.messageTo(claimed, messages + 1)).code;
		expect(await app.post('/security/email/verify-otp', { ...by, email: claimed, code: wrongCode(pair) }), 400, 'otp_invalid');
		if (i === 0) expect(await app.post('/security/email/verify-otp', { ...by, email: claimed, code: pair }), 200);
		pairs.push(pair);
		expect(await app.post('/kyc/create/verify_public_kyc', by), i === 0 ? 200 : 201);
		expect(await app.call('GET', `/kyc/status?wallet=${wallet.address}`), 200);
		expect(await app.call('GET', `/kyc/status?wallet=${wallet.address}x`), 400, 'invalid_parameters');
		expect(await app.post('/security/wallet/challenge', { wallet: `${wallet.address}x` }), 400, 'invalid_wallet');
		expect(await app.call('GET', `/kyc/${wallet.address}`), 404);
		expect(await app.post('/security/wallet/challenge', by), 201); // this challenge stays open
	}

	const link = expect(await app.post('/v1/verification-links', { email: refusedEmail, reference: 'reference-planted-4711', return_url: 'https://return-planted.example/done' }), 201).data;

	const planted = {
		'the token of a link': link.url.split('/').pop(), 'the reference of a link': 'reference-planted', 'the return URL of a link': 'return-planted',
		'the e-mail address': email, 'its local part': 'zelda.quixote', 'a part of it': 'quixote', 'its domain': 'windmill-planted', 'the refused e-mail address': refusedEmail, 'its beginning': 'sancho.planted',
		'an EVM address': wallets[0].address, 'the EVM address without 0x': wallets[0].address.slice(2), 'the end of the EVM address': wallets[0].address.slice(-12),
		'the bytes of the EVM address': Buffer.from(wallets[0].address.slice(2), 'hex').toString('latin1'),
		'a Solana address': wallets[1].address, 'the beginning of the Solana address': wallets[1].address.slice(0, 12), 'the Solana key': Buffer.from(wallets[1].key).toString('latin1'),
		'an EVM signature': signed[0], 'an EVM nonce': signed[1], 'a Solana signature': signed[2], 'a Solana nonce': signed[3], 'a challenge text': 'KYC verification',
		'a wallet\'s short form': Buffer.from(`${wallets[0].address.slice(0, 6)}…`).toString('latin1'),
		'the API key': app.key, 'the secret part of the API key': app.key.slice(13, 45), 'the client secret': secrets.client, 'the webhook secret': secrets.webhook,
		'the master key': secrets.master, 'the master key\'s bytes': Buffer.from(secrets.master, 'base64').toString('latin1'),
		'the session\'s token': session_url.split('/').pop(), 'a bearer token': [...app.didit.authorizationHeaders][0].slice('Bearer '.length),
		'the person\'s name': 'Exemplo', 'a document': 'XX0000000', 'a birthday': '1990-02-03', 'a street': 'Rua Um', 'an IP address': '203.0.113.24', 'a device': 'Galaxy S23',
	};
	const digits = new RegExp(`(?<!\\d)(${[code, ...pairs].join('|')})(?!\\d)`);
	const checkEverywhere = async (when) => {
		const places = { ...(await readFiles(app.folder)), 'the log': app.server.log };
		if (app.server.isRunning) places['the metrics'] = await app.server.metrics();
		assert.deepEqual(findPlanted(places, planted), [], when);
		for (const [place, content] of Object.entries(places)) assert.doesNotMatch(content, digits, `the code in ${place}, ${when}`);
		return places;
	};

	const running = await checkEverywhere('while the server runs');
	assert.ok(ON_POSTGRES || Object.keys(running).some((name) => name.endsWith('-wal')), 'the WAL file was searched');
	assert.ok(running['the log'].includes('request'), 'the log was searched');
	assert.deepEqual(findPlanted({ 'this test': email }, planted).length > 0, true, 'the search finds a planted text');

	// Encrypted data cannot be searched, so the content of a message that was sent or refused must be deleted.
	assert.equal(queryDatabase(app, 'SELECT count(*) FROM effects WHERE done = 1 AND length(sealed_payload) > 0'), '0');
	assert.equal(queryDatabase(app, 'SELECT count(*) FROM effects WHERE done = 1'), '4');

	// The encrypted body of an event is kept for KYCD_KEEP_EVENTS; the searches above covered it.
	assert.equal(queryDatabase(app, 'SELECT count(*) FROM provider_event_bodies WHERE length(sealed_body) > 200'), '1');

	await app.server.stop();
	const stopped = await checkEverywhere('after the stop');
	for (const [name, content] of Object.entries(stopped)) if (name.endsWith('-wal')) assert.equal(content.length, 0, 'the stop empties the WAL');
	for (const name of Object.keys(await readFiles(app.folder))) assert.equal((await stat(path.join(app.folder, name))).mode & 0o077, 0, `only the owner has access to ${name}`);
});

test('dev mode stores its master key in var/dev.secret only', async (t) => {
	const folder = await makeFolder();
	const server = new Server({ folder, args: ['--dev'] });
	t.after(() => server.kill().then(() => removeFolder(folder)));
	await server.start();
	await server.call('POST', '/kyc/prepare', { body: { email: 'dulcinea@planted.example' } });
	await server.call('POST', '/security/email/send-otp', { body: { email: 'dulcinea@planted.example' } });
	const files = await readFiles(folder);
	assert.deepEqual(findPlanted({ ...files, 'the log': server.log }, { 'the e-mail address': 'dulcinea', 'the domain': 'planted.example' }), []);
	const secret = path.join(folder, 'var/dev.secret');
	assert.equal((await stat(secret)).mode & 0o777, 0o600);
	const key = (await readFile(secret, 'utf8')).trim();
	assert.equal(Buffer.from(key, 'base64').length, 32);
	for (const [name, content] of Object.entries(files)) if (!name.endsWith('dev.secret')) assert.ok(!content.includes(key), name);
	assert.ok(!server.log.includes(key));
	await server.stop();
	await server.start();
	assert.equal((await readFile(secret, 'utf8')).trim(), key, 'the master key is generated once');
	assert.equal((await server.call('POST', '/kyc/prepare', { body: { email: 'dulcinea@planted.example' } })).http, 200);
	await server.stop();
});
