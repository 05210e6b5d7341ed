// Wallets as people have them: each chain by two libraries that share no code of ours, and what hardware wallets make of a text.
import { createHash } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519';
import bs58 from 'bs58';
import { Wallet } from 'ethers';
import nacl from 'tweetnacl';
import { privateKeyToAccount } from 'viem/accounts';

export const base58 = bs58;
export const hex = (bytes) => Buffer.from(bytes).toString('hex');
export const bytesOf = (text) => (typeof text === 'string' ? new TextEncoder().encode(text) : text);

/** 32 bytes that are the same each time: from a name, or the name itself when it is 32 bytes. */
export const seedOf = (name) => (typeof name === 'string' ? new Uint8Array(createHash('sha256').update(name).digest()) : name);

/** Each makes a wallet of a seed: its address, and `sign`, which gives a message's `signed_bytes`. */
export const evm = {
	ethers: (name) => {
		const wallet = new Wallet(`0x${hex(seedOf(name))}`);
		return { chain: 'evm', address: wallet.address, sign: (message) => wallet.signMessage(message) };
	},
	viem: (name) => {
		const account = privateKeyToAccount(`0x${hex(seedOf(name))}`);
		return { chain: 'evm', address: account.address, sign: (message) => account.signMessage({ message: typeof message === 'string' ? message : { raw: message } }) };
	},
};

function solanaWallet(key, signBytes) {
	const address = base58.encode(key);
	return { chain: 'solana', address, key, signBytes, sign: async (message) => base58.encode(signBytes(bytesOf(message))) };
}

export const solana = {
	tweetnacl: (name) => {
		const pair = nacl.sign.keyPair.fromSeed(seedOf(name));
		return solanaWallet(pair.publicKey, (bytes) => nacl.sign.detached(bytes, pair.secretKey));
	},
	noble: (name) => {
		const seed = seedOf(name);
		return solanaWallet(ed25519.getPublicKey(seed), (bytes) => ed25519.sign(bytes, seed));
	},
};

/** Every library's wallet of this name, by the library's name. */
export const everyWallet = (name) => Object.entries({ ...evm, ...solana }).map(([library, make]) => ({ library, ...make(name) }));

/**
 * A text as Solana's off-chain message, version 0: preamble and text. `layout` 'whole' is the specification's, 'short' that of
 * Solana's own command and of old devices. What is not given is what a device with one key does.
 */
export function offchain(text, { signers = [], layout = 'whole', format, application = new Uint8Array(32), version = 0, length } = {}) {
	const body = bytesOf(text);
	const printable = layout === 'whole' ? /^[\x20-\x7e\n]*$/ : /^[\x20-\x7e]*$/;
	const kind = format ?? (printable.test(Buffer.from(body).toString('latin1')) ? 0 : 1);
	const said = length ?? body.length;
	const size = [said & 0xff, said >> 8];
	const head = [0xff, ...Buffer.from('solana offchain'), version];
	const middle = layout === 'short' ? [kind] : [...application, kind, signers.length, ...signers.flatMap((key) => [...key])];
	return Uint8Array.from([...head, ...middle, ...size, ...body]);
}

/** What a hardware wallet gives for a text: the signature over its off-chain message, as `signed_bytes`. */
export const deviceSign = (wallet, text, form = {}) => base58.encode(wallet.signBytes(offchain(text, { signers: [wallet.key], ...form })));

/** The same with all that was signed, as Ledger's own tools give it: one signature, the signature, the off-chain message. */
export function deviceEnvelope(wallet, text, form = {}) {
	const message = offchain(text, { signers: [wallet.key], ...form });
	return base58.encode(Uint8Array.from([form.signatures ?? 1, ...wallet.signBytes(message), ...message]));
}

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const number = (value) => value.toString(16).padStart(64, '0');

/** The other signature that anybody can make of one: high s, and the other v. */
export function highS(signature) {
	const s = ORDER - BigInt(`0x${signature.slice(66, 130)}`);
	return `${signature.slice(0, 66)}${number(s)}${signature.endsWith('1b') ? '1c' : '1b'}`;
}

/** The short form of EIP-2098: v is the top bit of s. */
export function compact(signature) {
	const s = BigInt(`0x${signature.slice(66, 130)}`) | (signature.endsWith('1c') ? 1n << 255n : 0n);
	return `${signature.slice(0, 66)}${number(s)}`;
}
