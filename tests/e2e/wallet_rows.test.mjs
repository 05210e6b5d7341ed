// The signatures in the C tests are those that the wallet libraries create, and the libraries agree with each other and with
// OpenSSL.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { promisify } from 'node:util';
import { verifyMessage } from 'ethers';
import { verifyMessage as viemVerify } from 'viem';
import { base58, toBytes, compact, walletsOfEachLibrary, highS } from './lib/wallets.mjs';

const folder = new URL('../unit/crypto/', import.meta.url);

test('wallet_rows.h is the output of wallet_rows.mjs', { timeout: 60_000 }, async () => {
	const { stdout } = await promisify(execFile)(process.execPath, ['wallet_rows.mjs'], { cwd: folder, maxBuffer: 1 << 24, timeout: 50_000 });
	assert.ok(stdout === (await readFile(new URL('wallet_rows.h', folder), 'utf8')), 'run: node wallet_rows.mjs > wallet_rows.h');
});

test('the wallet libraries create equal addresses and signatures, and other libraries accept them', { timeout: 60_000 }, async () => {
	const text = 'kycd KYC verification\nWallet: …\nNonce: 1';
	const signed = [];
	for (const wallet of walletsOfEachLibrary('agreement')) signed.push({ ...wallet, signature: await wallet.sign(text) });
	for (const chain of ['evm', 'solana']) {
		const [first, second, ...more] = signed.filter((wallet) => wallet.chain === chain);
		assert.equal(more.length, 0);
		assert.notEqual(first.library, second.library);
		assert.equal(first.address, second.address);
		assert.equal(first.signature, second.signature);
	}
	const { address, signature } = signed.find((wallet) => wallet.chain === 'evm');
	assert.equal(verifyMessage(text, signature), address);
	assert.ok(await viemVerify({ address, message: text, signature }));
	assert.equal(compact(signature).length, 130);
	assert.ok(BigInt(`0x${highS(signature).slice(66, 130)}`) > BigInt(`0x${signature.slice(66, 130)}`));

	const solana = signed.find((wallet) => wallet.chain === 'solana');
	const key = createPublicKey({ key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), solana.key]), format: 'der', type: 'spki' });
	assert.ok(verify(null, toBytes(text), key, base58.decode(solana.signature)));
});
