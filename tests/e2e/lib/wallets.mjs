// Test wallets for each chain, each made by two libraries that are independent of the program, and the signatures of hardware wallets.
import { createHash } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519';
import { getOffchainMessageEncoder, getOffchainMessageEnvelopeEncoder } from '@solana/offchain-messages';
import bs58 from 'bs58';
import { Wallet } from 'ethers';
import nacl from 'tweetnacl';
import { privateKeyToAccount } from 'viem/accounts';

// The published encoder calls toSorted() for the signers of version 1. Node.js 18 does not have this function.
Array.prototype.toSorted ??= function toSorted(compare) {
	return [...this].sort(compare);
};

export const base58 = bs58;
export const hex = (bytes) => Buffer.from(bytes).toString('hex');
export const toBytes = (text) => (typeof text === 'string' ? new TextEncoder().encode(text) : text);

/** Returns a seed of 32 bytes: the hash of a name, or the argument itself if it is bytes. */
export const seedFrom = (name) => (typeof name === 'string' ? new Uint8Array(createHash('sha256').update(name).digest()) : name);

/**
 * EVM wallets by library. Each function returns a wallet with its address, and `sign`, which returns the `signed_bytes` of a
 * message.
 */
export const evm = {
	ethers: (name) => {
		const wallet = new Wallet(`0x${hex(seedFrom(name))}`);
		return { chain: 'evm', address: wallet.address, sign: (message) => wallet.signMessage(message) };
	},
	viem: (name) => {
		const account = privateKeyToAccount(`0x${hex(seedFrom(name))}`);
		return { chain: 'evm', address: account.address, sign: (message) => account.signMessage({ message: typeof message === 'string' ? message : { raw: message } }) };
	},
};

function solanaWallet(key, signBytes) {
	const address = base58.encode(key);
	return { chain: 'solana', address, key, signBytes, sign: async (message) => base58.encode(signBytes(toBytes(message))) };
}

/** Solana wallets by library; `signBytes` signs bytes and returns bytes. */
export const solana = {
	tweetnacl: (name) => {
		const pair = nacl.sign.keyPair.fromSeed(seedFrom(name));
		return solanaWallet(pair.publicKey, (bytes) => nacl.sign.detached(bytes, pair.secretKey));
	},
	noble: (name) => {
		const seed = seedFrom(name);
		return solanaWallet(ed25519.getPublicKey(seed), (bytes) => ed25519.sign(bytes, seed));
	},
};

/** Returns the wallets that all libraries make from the same seed. */
export const walletsOfEachLibrary = (name) => Object.entries({ ...evm, ...solana }).map(([library, make]) => ({ library, ...make(name) }));

/**
 * Returns a text as a Solana off-chain message, version 0 by default: preamble and text. `layout`: 'whole' follows the specification;
 * 'short' is the layout of Solana's own command-line tool and of old devices. The defaults are those of a device with one key.
 */
export function offchain(text, { signers = [], layout = 'whole', format, application = new Uint8Array(32), version = 0, length } = {}) {
	const body = toBytes(text);
	const printable = layout === 'whole' ? /^[\x20-\x7e\n]*$/ : /^[\x20-\x7e]*$/;
	const kind = format ?? (printable.test(Buffer.from(body).toString('latin1')) ? 0 : 1);
	const declaredLength = length ?? body.length;
	const size = [declaredLength & 0xff, declaredLength >> 8];
	const head = [0xff, ...Buffer.from('solana offchain'), version];
	const middle = layout === 'short' ? [kind] : [...application, kind, signers.length, ...signers.flatMap((key) => [...key])];
	return Uint8Array.from([...head, ...middle, ...size, ...body]);
}

/** Returns a hardware wallet's signature of the off-chain message of a text, in the format of `signed_bytes`. */
export const deviceSign = (wallet, text, form = {}) => base58.encode(wallet.signBytes(offchain(text, { signers: [wallet.key], ...form })));

/** Returns the format of Ledger's tools: the number of signatures (1), the signature, and the off-chain message that was signed. */
export function deviceEnvelope(wallet, text, form = {}) {
	const message = offchain(text, { signers: [wallet.key], ...form });
	return base58.encode(Uint8Array.from([form.signatures ?? 1, ...wallet.signBytes(message), ...message]));
}

/**
 * Returns a text as an off-chain message, made by the published encoder. `version`: 1, or 0 with `format` (1 UTF-8, 2 long UTF-8)
 * and `application` (base58). `signers`: base58 addresses.
 */
export function published(wallet, text, { version = 1, format = 1, application = '1'.repeat(32), signers = [wallet.address] } = {}) {
	const requiredSignatories = signers.map((address) => ({ address }));
	const form = version === 1 ? { content: text } : { applicationDomain: application, content: { format, text } };
	return getOffchainMessageEncoder().encode({ version, requiredSignatories, ...form });
}

/** Returns a wallet's signature of a message that published() made, in the format of `signed_bytes`. */
export const publishedSign = (wallet, text, form) => base58.encode(wallet.signBytes(Uint8Array.from(published(wallet, text, form))));

/** Returns an envelope as the published encoder writes it: the signatures and the message that was signed. */
export function publishedEnvelope(wallet, text, form) {
	const content = Uint8Array.from(published(wallet, text, form));
	const signature = wallet.signBytes(content);
	const signatures = Object.fromEntries((form?.signers ?? [wallet.address]).map((address) => [address, signature]));
	return base58.encode(Uint8Array.from(getOffchainMessageEnvelopeEncoder().encode({ content, signatures })));
}

const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const hex256 = (value) => value.toString(16).padStart(64, '0');

/** Returns the second valid form of an ECDSA signature, which anyone can compute without the key: with a high s and the other v. */
export function highS(signature) {
	const s = CURVE_ORDER - BigInt(`0x${signature.slice(66, 130)}`);
	return `${signature.slice(0, 66)}${hex256(s)}${signature.endsWith('1b') ? '1c' : '1b'}`;
}

/** Returns the compact form of a signature (EIP-2098), in which the highest bit of s stands for v. */
export function compact(signature) {
	const s = BigInt(`0x${signature.slice(66, 130)}`) | (signature.endsWith('1c') ? 1n << 255n : 0n);
	return `${signature.slice(0, 66)}${hex256(s)}`;
}
