// Generates wallet_rows.h (`node wallet_rows.mjs > wallet_rows.h`): signatures made by the wallets' own libraries, edge cases
// of both curves made with @noble/curves, and the expected verdict for each. No code of kycd takes part.
import { ed25519 } from '@noble/curves/ed25519';
import { secp256k1 } from '@noble/curves/secp256k1';
import { sha512 } from '@noble/hashes/sha2';
import { AbiCoder, computeAddress, getAddress, hashMessage, keccak256 } from 'ethers';
import { getAddress as viemAddress } from 'viem';
import { base58, compact, deviceEnvelope, deviceSign, evm, hex, highS, offchain, published, publishedEnvelope, publishedSign, seedFrom, solana, toBytes } from '../../e2e/lib/wallets.mjs';

const lines = [];
const cString = (value) => {
	const bytes = [...toBytes(value)];
	let text = '', afterHexEscape = false;
	for (const byte of bytes) {
		const c = String.fromCharCode(byte);
		if (byte === 10) (text += '\\n'), (afterHexEscape = false);
		else if (byte < 32 || byte > 126) (text += `\\x${byte.toString(16).padStart(2, '0').toUpperCase()}`), (afterHexEscape = true);
		else {
			if (afterHexEscape && /[0-9a-fA-F]/.test(c)) text += '" "';
			text += c === '"' || c === '\\' || c === '?' ? `\\${c}` : c;
			afterHexEscape = false;
		}
	}
	// split into pieces of at most 96 characters, never inside an escape sequence
	const pieces = text.match(/(?:\\x[0-9A-F]{2}(?:" ")?|\\.|[^\\]){1,96}/g) ?? [''];
	return pieces.map((piece) => `"${piece}"`).join('\n\t\t');
};
const row = (name, wallet, message, signature, verdict) =>
	lines.push(`SIGNED("${name}", "${wallet.address ?? wallet}",\n\t${cString(message)},\n\t${cString(signature)}, ${verdict})`);

const applications = [];
const applicationRow = (name, wallet, message, signature, application, verdict) =>
	applications.push(`SIGNED_APPLICATION("${name}", "${wallet.address}",\n\t${cString(message)},\n\t${cString(signature)}, "${application}", ${verdict})`);

const text = (address) => `kycd KYC verification\nWallet: ${address}\n\nSigning moves no money.\nNonce: 00112233445566778899aabbccddeeff`;
const nonAsciiText = (address) => `Vérification КУС 验证 🪪\nWallet: ${address}`;
const replaceAt = (signature, at, piece) => signature.slice(0, at) + piece + signature.slice(at + piece.length);

// characters that copying a signature from a page or a terminal may add
const blanksAround = [
	['trailing space', (s) => `${s} `], ['trailing line feed', (s) => `${s}\n`], ['trailing CRLF', (s) => `${s}\r\n`], ['leading space', (s) => ` ${s}`],
	['zero-width and no-break spaces around', (s) => `\ufeff\u200b${s}\u00a0\u2060`],
];

// EVM: signatures made by the libraries
for (const [library, make] of Object.entries(evm)) {
	const wallet = make('evm'), m = text(wallet.address);
	const signature = await wallet.sign(m);
	row(`${library}: v 27 or 28`, wallet, m, signature, 'VALID');
	row(`${library}: v 0 or 1`, wallet, m, signature.slice(0, -2) + (signature.endsWith('1b') ? '00' : '01'), 'VALID');
	row(`${library}: without 0x`, wallet, m, signature.slice(2), 'VALID');
	row(`${library}: upper case`, wallet, m, `0x${signature.slice(2).toUpperCase()}`, 'VALID');
	row(`${library}: non-ASCII message`, wallet, nonAsciiText(wallet.address), await wallet.sign(nonAsciiText(wallet.address)), 'VALID');
	row(`${library}: empty message`, wallet, '', await wallet.sign(''), 'VALID');
	for (const n of [9, 10, 99, 100, 107, 108, 109, 244, 999, 1000])
		row(`${library}: message of ${n} bytes`, wallet, 'x'.repeat(n), await wallet.sign('x'.repeat(n)), 'VALID');
	if (library !== 'ethers') continue; // the remaining cases are derived from the same signature
	row(`${library}: wrong v`, wallet, m, signature.slice(0, -2) + (signature.endsWith('1b') ? '1c' : '1b'), 'OTHER');
	row(`${library}: high s`, wallet, m, highS(signature), 'HIGH_S');
	row(`${library}: EIP-2098`, wallet, m, compact(signature), 'COMPACT');
	row(`${library}: EIP-2098 without 0x`, wallet, m, compact(signature).slice(2), 'COMPACT');
	for (const v of ['02', '03', '1a', '1d', '1e', '25', '26', 'ff']) row(`${library}: v ${v}`, wallet, m, signature.slice(0, -2) + v, 'RECOVERY');
	row(`${library}: signed by another wallet`, wallet, m, await make('another').sign(m), 'OTHER');
	row(`${library}: message with CRLF`, wallet, m.replaceAll('\n', '\r\n'), signature, 'OTHER');
	row(`${library}: message with a trailing space`, wallet, `${m} `, signature, 'OTHER');
	row(`${library}: message with a trailing line feed`, wallet, `${m}\n`, signature, 'OTHER');
	row(`${library}: message with a trailing zero-width space`, wallet, `${m}\u200b`, signature, 'OTHER');
	row(`${library}: signature of the hash as text`, wallet, m, await wallet.sign(hashMessage(m)), 'OTHER');
	row(`${library}: one digit missing`, wallet, m, signature.slice(0, -1), 'LENGTH');
	row(`${library}: one byte shorter than EIP-2098`, wallet, m, compact(signature).slice(0, -2), 'LENGTH');
	row(`${library}: one extra digit`, wallet, m, `${signature}0`, 'LENGTH');
	row(`${library}: one extra byte`, wallet, m, `${signature}00`, 'CONTRACT');
	row(`${library}: base58`, wallet, m, base58.encode(Buffer.from(signature.slice(2), 'hex')), 'CODING');
	row(`${library}: base64`, wallet, m, Buffer.from(signature.slice(2), 'hex').toString('base64'), 'CODING');
	row(`${library}: space inside`, wallet, m, replaceAt(signature, 9, ' '), 'CODING');
	row(`${library}: space inside, even count`, wallet, m, `${signature.slice(0, -2)} ${signature.slice(-1)}`, 'CODING');
	for (const [name, around] of blanksAround) row(`${library}: ${name}`, wallet, m, around(signature), 'VALID');
	row(`${library}: 0X`, wallet, m, `0X${signature.slice(2)}`, 'VALID');
	row(`${library}: 0X, all in upper case`, wallet, m, signature.toUpperCase(), 'VALID');
	row(`${library}: 0X twice`, wallet, m, `0X0X${signature.slice(2)}`, 'CODING');
	// signatures of contract wallets: by several owners, with a mode byte, ABI-encoded, or for a wallet that is not deployed yet
	row(`${library}: two owners of a Safe`, wallet, m, signature + (await make('another').sign(m)).slice(2), 'CONTRACT');
	for (const v of ['1f', '20']) row(`${library}: owner of a Safe, v ${v}`, wallet, m, signature.slice(0, -2) + v, 'CONTRACT');
	row(`${library}: a signature and a mode byte, without 0x`, wallet, m, `${signature.slice(2)}01`, 'CONTRACT');
	row(`${library}: EIP-1271, owner and signature`, wallet, m, AbiCoder.defaultAbiCoder().encode(['uint256', 'bytes'], [0, signature]), 'CONTRACT');
	const eip6492 = AbiCoder.defaultAbiCoder().encode(['address', 'bytes', 'bytes'], [wallet.address, `0x${'5f'.repeat(300)}`, signature]) + '6492'.repeat(16);
	row(`${library}: EIP-6492`, wallet, m, eip6492, 'CONTRACT');
	row(`${library}: EIP-6492, a digit missing`, wallet, m, eip6492.slice(0, -1), 'LENGTH');
	row(`${library}: EIP-6492, not hex`, wallet, m, `${eip6492.slice(0, -2)}0g`, 'CODING');
	row(`${library}: 0x twice`, wallet, m, `0x${signature.slice(0, -2)}`, 'CODING');
	row(`${library}: empty`, wallet, m, '', 'LENGTH');
	row(`${library}: only 0x`, wallet, m, '0x', 'LENGTH');
	for (const [name, value] of [['zero', '0'.repeat(64)], ['the order', hex(numberBytes(secp256k1.CURVE.n))], ['all ones', 'f'.repeat(64)]]) {
		row(`${library}: r is ${name}`, wallet, m, replaceAt(signature, 2, value), 'RANGE');
		row(`${library}: s is ${name}`, wallet, m, replaceAt(signature, 66, value), 'RANGE');
	}
	row(`${library}: s is the order - 1`, wallet, m, replaceAt(signature, 66, hex(numberBytes(secp256k1.CURVE.n - 1n))), 'HIGH_S');
}

// EVM: constructed signatures. For every s there is a key whose signature has this s.
function numberBytes(value) {
	return Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
}
const Order = secp256k1.CURVE.n;
const modulo = (a, n) => ((a % n) + n) % n;
function inverse(a, n) {
	let [r0, r1, t0, t1] = [n, modulo(a, n), 0n, 1n];
	while (r1) [r0, r1, t0, t1] = [r1, r0 % r1, t1, t0 - (r0 / r1) * t1];
	return modulo(t0, n);
}
function keyThatSigns(message, nonce, s) {
	const point = secp256k1.ProjectivePoint.BASE.multiply(nonce).toAffine();
	const key = modulo((s * nonce - BigInt(hashMessage(message))) * inverse(point.x, Order), Order);
	return { address: computeAddress(`0x${hex(numberBytes(key))}`), signature: `0x${hex(numberBytes(point.x))}${hex(numberBytes(s))}${point.y & 1n ? '1c' : '1b'}` };
}
const half = Order / 2n;
for (const [name, s, verdict] of [['1', 1n, 'VALID'], ['2', 2n, 'VALID'], ['half the order - 1', half - 1n, 'VALID'], ['half the order', half, 'VALID'],
	['half the order + 1', half + 1n, 'HIGH_S'], ['the order - 1', Order - 1n, 'HIGH_S']]) {
	const { address, signature } = keyThatSigns('made by hand', 12345n, s);
	row(`constructed: s is ${name}`, address, 'made by hand', signature, verdict);
}
{
	// For this signature sR - zG is the point at infinity, so no key can have made it.
	const nonce = 777n, point = secp256k1.ProjectivePoint.BASE.multiply(nonce).toAffine();
	const s = modulo(BigInt(hashMessage('nobody')) * inverse(nonce, Order), Order);
	const low = s > half ? Order - s : s, odd = (point.y & 1n) === 1n;
	const v = odd !== (s > half) ? '1c' : '1b';
	row('constructed: no key can have signed', evm.ethers('evm'), 'nobody', `0x${hex(numberBytes(point.x))}${hex(numberBytes(low))}${v}`, 'OTHER');
	// no point of the curve has this x
	let x = 1n;
	const isXOfPoint = (value) => {
		try {
			return Boolean(secp256k1.ProjectivePoint.fromHex(`02${hex(numberBytes(value))}`));
		} catch {
			return false;
		}
	};
	while (isXOfPoint(x)) x += 1n;
	row('constructed: r is the x of no point', evm.ethers('evm'), 'nobody', `0x${hex(numberBytes(x))}${hex(numberBytes(1n))}1b`, 'OTHER');
	row('constructed: r is the order - 1', evm.ethers('evm'), 'nobody', `0x${hex(numberBytes(Order - 1n))}${hex(numberBytes(1n))}1b`, 'OTHER');
	let small = 1n;
	while (!isXOfPoint(small)) small += 1n;
	const signature = new secp256k1.Signature(small, 5n).addRecoveryBit(0);
	const key = signature.recoverPublicKey(hashMessage('small r').slice(2));
	row('constructed: smallest r', computeAddress(`0x${key.toHex(false)}`), 'small r', `0x${hex(numberBytes(small))}${hex(numberBytes(5n))}1b`, 'VALID');
}

// Solana: signatures made by the libraries
const L = ed25519.CURVE.n;
const littleEndian = (value) => Uint8Array.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse());
const fromLittleEndian = (bytes) => BigInt(`0x${hex(Uint8Array.from(bytes).reverse())}`);
for (const [library, make] of Object.entries(solana)) {
	const wallet = make('solana'), other = make('another'), m = text(wallet.address), line = 'one line of ASCII';
	const signature = await wallet.sign(m), bytes = base58.decode(signature);
	row(`${library}: the message itself`, wallet, m, signature, 'VALID');
	row(`${library}: non-ASCII message`, wallet, nonAsciiText(wallet.address), await wallet.sign(nonAsciiText(wallet.address)), 'VALID');
	row(`${library}: empty message`, wallet, '', await wallet.sign(''), 'VALID');
	row(`${library}: device, ASCII with line feeds`, wallet, m, deviceSign(wallet, m), 'VALID');
	row(`${library}: envelope`, wallet, m, deviceEnvelope(wallet, m), 'VALID');
	if (library !== 'tweetnacl') continue; // the remaining cases are derived from the same signature
	row(`${library}: signed by another wallet`, wallet, m, await other.sign(m), 'OTHER');
	row(`${library}: message with CRLF`, wallet, m.replaceAll('\n', '\r\n'), signature, 'OTHER');
	row(`${library}: message with a trailing space`, wallet, `${m} `, signature, 'OTHER');
	row(`${library}: message with a trailing zero-width space`, wallet, `${m}\u200b`, signature, 'OTHER');
	row(`${library}: hex`, wallet, m, hex(bytes), hex(bytes).includes('0') ? 'CODING' : 'LENGTH');
	row(`${library}: hex with 0x`, wallet, m, `0x${hex(bytes)}`, 'CODING');
	row(`${library}: base64`, wallet, m, Buffer.from(bytes).toString('base64'), 'CODING');
	for (const [name, around] of blanksAround) row(`${library}: ${name}`, wallet, m, around(signature), 'VALID');
	row(`${library}: zero-width space inside`, wallet, m, `${signature.slice(0, 9)}\u200b${signature.slice(9)}`, 'CODING');
	row(`${library}: empty`, wallet, m, '', 'LENGTH');
	row(`${library}: 63 bytes`, wallet, m, base58.encode(bytes.slice(0, 63)), 'LENGTH');
	row(`${library}: 65 bytes`, wallet, m, base58.encode(Uint8Array.from([...bytes, 1])), 'LENGTH');
	row(`${library}: leading zero byte`, wallet, m, `1${signature}`, 'LENGTH');
	row(`${library}: 32 bytes`, wallet, m, wallet.address, 'LENGTH');
	row(`${library}: the order added to S`, wallet, m, base58.encode(Uint8Array.from([...bytes.slice(0, 32), ...littleEndian(fromLittleEndian(bytes.slice(32)) + L)])), 'RANGE');
	row(`${library}: S is the order`, wallet, m, base58.encode(Uint8Array.from([...bytes.slice(0, 32), ...littleEndian(L)])), 'RANGE');
	row(`${library}: S is the order - 1`, wallet, m, base58.encode(Uint8Array.from([...bytes.slice(0, 32), ...littleEndian(L - 1n)])), 'OTHER');
	row(`${library}: S is all ones`, wallet, m, base58.encode(Uint8Array.from([...bytes.slice(0, 32), ...new Array(32).fill(255)])), 'RANGE');

	// signatures of hardware wallets
	row(`${library}: device, ASCII declared as UTF-8`, wallet, m, deviceSign(wallet, m, { format: 1 }), 'VALID');
	row(`${library}: device, UTF-8`, wallet, nonAsciiText(wallet.address), deviceSign(wallet, nonAsciiText(wallet.address)), 'VALID');
	row(`${library}: device, UTF-8 declared as ASCII`, wallet, nonAsciiText(wallet.address), deviceSign(wallet, nonAsciiText(wallet.address), { format: 0 }), 'OTHER');
	row(`${library}: device, one line`, wallet, line, deviceSign(wallet, line), 'VALID');
	row(`${library}: old device, one line`, wallet, line, deviceSign(wallet, line, { layout: 'short' }), 'VALID');
	row(`${library}: old device, line feeds`, wallet, m, deviceSign(wallet, m, { layout: 'short' }), 'VALID');
	row(`${library}: old device, line feeds declared as ASCII`, wallet, m, deviceSign(wallet, m, { layout: 'short', format: 0 }), 'OTHER');
	row(`${library}: device, version 1 in the layout of version 0`, wallet, m, deviceSign(wallet, m, { version: 1 }), 'OTHER');
	row(`${library}: device, version 2`, wallet, m, deviceSign(wallet, m, { version: 2 }), 'OTHER');
	row(`${library}: device, format 2`, wallet, m, deviceSign(wallet, m, { format: 2 }), 'VALID');
	row(`${library}: old device, format 2`, wallet, m, deviceSign(wallet, m, { layout: 'short', format: 2 }), 'OTHER');
	row(`${library}: device, another address`, wallet, m, deviceSign(wallet, m, { signers: [other.key] }), 'OTHER');
	row(`${library}: device, two addresses`, wallet, m, deviceSign(wallet, m, { signers: [wallet.key, other.key] }), 'OTHER');
	row(`${library}: device, no address`, wallet, m, deviceSign(wallet, m, { signers: [] }), 'OTHER');
	row(`${library}: device, an application`, wallet, m, deviceSign(wallet, m, { application: seedFrom('application') }), 'OTHER');
	row(`${library}: device, another text`, wallet, m, deviceSign(wallet, `${m}.`), 'OTHER');

	// envelopes: the signature together with the signed off-chain message
	row(`${library}: envelope, UTF-8`, wallet, nonAsciiText(wallet.address), deviceEnvelope(wallet, nonAsciiText(wallet.address)), 'VALID');
	row(`${library}: envelope, an application`, wallet, m, deviceEnvelope(wallet, m, { application: seedFrom('application') }), 'VALID');
	row(`${library}: envelope, format 2`, wallet, m, deviceEnvelope(wallet, m, { format: 2 }), 'VALID');
	row(`${library}: envelope of an old device`, wallet, m, deviceEnvelope(wallet, m, { layout: 'short' }), 'VALID');
	row(`${library}: envelope of an old device, one line`, wallet, line, deviceEnvelope(wallet, line, { layout: 'short' }), 'VALID');
	row(`${library}: envelope of an old device, line feeds declared as ASCII`, wallet, m, deviceEnvelope(wallet, m, { layout: 'short', format: 0 }), 'ENVELOPE');
	row(`${library}: envelope, UTF-8 declared as ASCII`, wallet, nonAsciiText(wallet.address), deviceEnvelope(wallet, nonAsciiText(wallet.address), { format: 0 }), 'ENVELOPE');
	row(`${library}: envelope, format 3`, wallet, m, deviceEnvelope(wallet, m, { format: 3 }), 'ENVELOPE');
	row(`${library}: envelope, version 1 in the layout of version 0`, wallet, m, deviceEnvelope(wallet, m, { version: 1 }), 'ENVELOPE');
	row(`${library}: envelope, version 2`, wallet, m, deviceEnvelope(wallet, m, { version: 2 }), 'ENVELOPE');
	row(`${library}: envelope, another address`, wallet, m, deviceEnvelope(wallet, m, { signers: [other.key] }), 'ENVELOPE');
	row(`${library}: envelope, two addresses`, wallet, m, deviceEnvelope(wallet, m, { signers: [wallet.key, other.key] }), 'ENVELOPE');
	row(`${library}: envelope, no address`, wallet, m, deviceEnvelope(wallet, m, { signers: [] }), 'ENVELOPE');
	row(`${library}: envelope, two signatures`, wallet, m, deviceEnvelope(wallet, m, { signatures: 2 }), 'ENVELOPE');
	row(`${library}: envelope, another text`, wallet, m, deviceEnvelope(wallet, `${m}.`), 'ENVELOPE');
	row(`${library}: envelope, a length too small`, wallet, m, deviceEnvelope(wallet, m, { length: m.length - 1 }), 'ENVELOPE');
	row(`${library}: envelope, a length too large`, wallet, m, deviceEnvelope(wallet, m, { length: m.length + 1 }), 'ENVELOPE');
	row(`${library}: envelope, signed by another wallet`, wallet, m, deviceEnvelope({ ...wallet, signBytes: other.signBytes }, m), 'OTHER');
	row(`${library}: envelope around a signature of the bare message`, wallet, m,
		base58.encode(Uint8Array.from([1, ...bytes, ...offchain(m, { signers: [wallet.key] })])), 'OTHER');
	row(`${library}: not UTF-8`, wallet, Uint8Array.from([0xc3, 0x28]), deviceEnvelope(wallet, Uint8Array.from([0xc3, 0x28]), { format: 1 }), 'ENVELOPE');

	row(`${library}: an off-chain message as the message`, wallet, offchain(m, { signers: [wallet.key] }), deviceSign(wallet, m), 'ENVELOPE');

	// the text of an off-chain message in a format for devices has at most 1232 bytes
	const largest = 'x'.repeat(1232), tooLarge = `${largest}x`;
	row(`${library}: device, largest message`, wallet, largest, deviceSign(wallet, largest), 'VALID');
	row(`${library}: device, one byte too large`, wallet, tooLarge, deviceSign(wallet, tooLarge), 'OTHER');
	row(`${library}: envelope, largest message`, wallet, largest, deviceEnvelope(wallet, largest), 'VALID');
	row(`${library}: envelope, one byte too large`, wallet, tooLarge, deviceEnvelope(wallet, tooLarge), 'ENVELOPE');
	row(`${library}: old device, largest message`, wallet, largest, deviceSign(wallet, largest, { layout: 'short' }), 'VALID');
	row(`${library}: old device, one byte too large`, wallet, tooLarge, deviceSign(wallet, tooLarge, { layout: 'short' }), 'OTHER');

	// messages by the published encoder: version 1, and version 0 with and without an application
	const application = other.address, unsorted = [wallet.address, other.address];
	const forms = [
		['version 1', {}], ['version 0, UTF-8', { version: 0 }], ['version 0, long', { version: 0, format: 2 }],
		['version 0, UTF-8, an application', { version: 0, application }], ['version 0, long, an application', { version: 0, format: 2, application }],
	];
	for (const [name, form] of forms)
		for (const [kind, message] of [['', m], [', non-ASCII', nonAsciiText(wallet.address)], [', one line', line]]) {
			const title = `published ${name}${kind}`;
			if (form.application) {
				row(`${title}, unknown`, wallet, message, publishedSign(wallet, message, form), 'OTHER');
				applicationRow(title, wallet, message, publishedSign(wallet, message, form), application, 'VALID');
				applicationRow(`${title}, another`, wallet, message, publishedSign(wallet, message, form), wallet.address, 'OTHER');
				applicationRow(`${title}, envelope`, wallet, message, publishedEnvelope(wallet, message, form), application, 'VALID');
				applicationRow(`${title}, envelope, another`, wallet, message, publishedEnvelope(wallet, message, form), wallet.address, 'ENVELOPE');
				applicationRow(`${title}, changed text`, wallet, `${message} `, publishedSign(wallet, message, form), application, 'OTHER');
			} else {
				row(title, wallet, message, publishedSign(wallet, message, form), 'VALID');
				applicationRow(`${title}, not with an application`, wallet, message, publishedSign(wallet, message, form), application, 'OTHER');
			}
			row(`${title}, envelope`, wallet, message, publishedEnvelope(wallet, message, form), 'VALID');
			row(`${title}, changed text`, wallet, `${message} `, publishedSign(wallet, message, form), 'OTHER');
			row(`${title}, envelope, changed text`, wallet, `${message} `, publishedEnvelope(wallet, message, form), 'ENVELOPE');
			row(`${title}, envelope, signed by another wallet`, wallet, message, publishedEnvelope({ ...wallet, signBytes: other.signBytes }, message, form), 'OTHER');
			row(`${title}, of another wallet`, wallet, message, publishedSign(other, message, form), 'OTHER');
			row(`${title}, envelope of another wallet`, wallet, message, publishedEnvelope(other, message, form), 'ENVELOPE');
		}
	applicationRow('the message itself, not with an application', wallet, m, signature, application, 'OTHER');
	applicationRow('device, an application', wallet, m, deviceSign(wallet, m, { application: other.key }), application, 'VALID');
	row('published version 1, two signers', wallet, m, publishedSign(wallet, m, { signers: unsorted }), 'OTHER');
	row('published version 1, two signers, envelope', wallet, m, publishedEnvelope(wallet, m, { signers: unsorted }), 'LENGTH');
	row('version 1, two signers, envelope with one signature', wallet, m,
		base58.encode(Uint8Array.from([1, ...wallet.signBytes(published(wallet, m, { signers: unsorted })), ...published(wallet, m, { signers: unsorted })])), 'ENVELOPE');
	row('published version 1, of 1400 bytes', wallet, 'é'.repeat(700), publishedSign(wallet, 'é'.repeat(700)), 'VALID');
	row('published version 1, of 1400 bytes, envelope', wallet, 'é'.repeat(700), publishedEnvelope(wallet, 'é'.repeat(700)), 'VALID');
	row('published version 0, of 1232 bytes', wallet, largest, publishedSign(wallet, largest, { version: 0 }), 'VALID');
	row('published version 0, long, of 1300 bytes', wallet, 'x'.repeat(1300), publishedSign(wallet, 'x'.repeat(1300), { version: 0, format: 2 }), 'VALID');
	row('published version 1 as the message', wallet, Uint8Array.from(published(wallet, m)), publishedSign(wallet, m), 'ENVELOPE');
	const bytesOfV1 = [...Uint8Array.from(published(wallet, m))], signBytes = (changed) => base58.encode(wallet.signBytes(Uint8Array.from(changed)));
	row('version 1 without a signer', wallet, m, signBytes([...bytesOfV1.slice(0, 17), 0, ...bytesOfV1.slice(50)]), 'OTHER');
	row('version 1 with a length', wallet, m, signBytes([...bytesOfV1.slice(0, 50), m.length & 255, m.length >> 8, ...bytesOfV1.slice(50)]), 'OTHER');

	// transactions: one transfer, as a legacy and as a versioned message
	const program = new Uint8Array(32), blockhash = seedFrom('blockhash'), table = seedFrom('table');
	const body = [1, 0, 1, 3, ...wallet.key, ...other.key, ...program, ...blockhash, 1, 2, 2, 0, 1, 12, 2, 0, 0, 0, 0, 202, 154, 59, 0, 0, 0, 0];
	const legacy = Uint8Array.from(body), zero = Uint8Array.from([0x80, ...body, 0]), withTable = Uint8Array.from([0x80, ...body, 1, ...table, 1, 0, 2, 1, 2]);
	for (const [name, message] of [['legacy', legacy], ['version 0', zero], ['version 0 with an address table', withTable]]) {
		row(`${library}: transaction, ${name}`, wallet, message, base58.encode(wallet.signBytes(message)), 'TRANSACTION');
		row(`${library}: transaction, ${name}, as an off-chain message`, wallet, message, deviceSign(wallet, message, { format: 1 }), 'TRANSACTION');
		row(`${library}: transaction, ${name}, as an envelope`, wallet, message, deviceEnvelope(wallet, message, { format: 2 }), 'TRANSACTION');
	}
}

// Solana: keys and signatures of small order, in every encoding of such a point
const P = ed25519.CURVE.Fp.ORDER;
const identity = littleEndian(1n);
const order8 = '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05';
const order8OtherY = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a';
const withOtherSign = (text) => Uint8Array.from([...Buffer.from(text, 'hex').subarray(0, 31), Buffer.from(text, 'hex')[31] | 0x80]);
const withSignBit = (bytes) => Uint8Array.from([...bytes.slice(0, 31), bytes[31] | 0x80]);
const small = {
	'the neutral point': identity,
	'of order 2': littleEndian(P - 1n),
	'of order 4': withSignBit(littleEndian(0n)), // without the sign bit this would be the zero address
	'of order 8': Uint8Array.from(Buffer.from(order8, 'hex')),
	'of order 8, other x': withOtherSign(order8),
	'of order 8, other y': Uint8Array.from(Buffer.from(order8OtherY, 'hex')),
	'of order 8, other both': withOtherSign(order8OtherY),
	'the neutral point with the sign bit': withSignBit(identity),
	'the neutral point above p': littleEndian(P + 1n),
	'the neutral point above p with the sign bit': withSignBit(littleEndian(P + 1n)),
	'of order 2 with the sign bit': withSignBit(littleEndian(P - 1n)),
	'of order 4 above p': littleEndian(P),
	'of order 4 above p with the sign bit': withSignBit(littleEndian(P)),
};
for (const [name, key] of Object.entries(small)) {
	// Without the check of small order, a signature with S = 0 and the neutral point as R would be valid for a key of order 1,
	// and for one message in eight for the other keys.
	row(`key ${name}`, base58.encode(key), 'any text', base58.encode(Uint8Array.from([...identity, ...new Array(32).fill(0)])), 'OTHER');
	row(`key ${name}, R the key`, base58.encode(key), 'any text', base58.encode(Uint8Array.from([...key, ...new Array(32).fill(0)])), 'OTHER');
}
{
	// the owner of a key can make a signature whose R has small order: S = h a
	const seed = seedFrom('solana'), { scalar, pointBytes } = ed25519.utils.getExtendedPublicKey(seed);
	for (const [name, r] of [['the neutral point', identity], ['the neutral point above p', littleEndian(P + 1n)], ['the neutral point with the sign bit', withSignBit(identity)]]) {
		const h = fromLittleEndian(sha512(Uint8Array.from([...r, ...pointBytes, ...toBytes('small R')]))) % L;
		row(`R ${name}`, base58.encode(pointBytes), 'small R', base58.encode(Uint8Array.from([...r, ...littleEndian((h * scalar) % L)])), 'OTHER');
	}
}

// Addresses
const addresses = [];
const address = (name, text, verdict, form = '', short = '') => addresses.push(`ADDRESS("${name}", ${cString(text)}, ${verdict}, "${form}", "${short}")`);
const shortEvm = (form) => `${form.slice(0, 6)}…${form.slice(-4)}`;
for (const name of ['evm', 'another', 'third', 'fourth']) {
	const form = getAddress(evm.ethers(name).address.toLowerCase());
	if (form !== viemAddress(form.toLowerCase())) throw new Error('the libraries disagree');
	address(`${name}: lower case`, form.toLowerCase(), 'VALID', form, shortEvm(form));
	address(`${name}: upper case`, `0x${form.slice(2).toUpperCase()}`, 'VALID', form, shortEvm(form));
	address(`${name}: upper case including the X`, form.toUpperCase(), 'VALID', form, shortEvm(form));
	if (name === 'evm') {
		address(`${name}: no-break space and direction mark around`, `\u00a0\u200e${form}\u202f\n`, 'VALID', form, shortEvm(form));
		address(`${name}: zero-width space after 0x`, `0x\u200b${form.slice(2)}`, 'CHARACTERS');
	}
	address(`${name}: checksum`, form, 'VALID', form, shortEvm(form));
	for (let i = 2; i < form.length; i++) {
		const c = form[i], otherCase = c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase();
		const wrong = form.slice(0, i) + otherCase + form.slice(i + 1);
		if (otherCase !== c && wrong !== form.toLowerCase()) address(`${name}: letter ${i} in the wrong case`, wrong, 'CHECKSUM');
	}
}
for (const name of ['solana', 'another', 'third', 'fourth']) {
	const form = solana.noble(name).address;
	address(`${name}: Solana`, form, 'VALID', form, `${form.slice(0, 4)}…${form.slice(-4)}`);
	address(`${name}: Solana, white space around`, ` \t${form}\r\n`, 'VALID', form, `${form.slice(0, 4)}…${form.slice(-4)}`);
	if (name === 'solana') {
		address(`${name}: Solana, zero-width and no-break spaces around`, `\ufeff\u200b${form}\u00a0\u200d`, 'VALID', form, `${form.slice(0, 4)}…${form.slice(-4)}`);
		address(`${name}: Solana, zero-width space inside`, `${form.slice(0, 9)}\u200b${form.slice(9)}`, 'CHARACTERS');
	}
	address(`${name}: Solana, an extra leading 1`, `1${form}`, 'LENGTH');
	address(`${name}: Solana, 42 characters`, form.slice(-42), 'LENGTH');
	address(`${name}: 31 bytes`, base58.encode(solana.noble(name).key.slice(1)), 'LENGTH');
	address(`${name}: 33 bytes`, base58.encode(Uint8Array.from([...solana.noble(name).key, 9])), 'LENGTH');
}
const ones = base58.encode(Uint8Array.from([...new Array(31).fill(0), 1]));
address('Solana: the smallest', ones, 'VALID', ones, `${ones.slice(0, 4)}…${ones.slice(-4)}`);
const full = base58.encode(new Uint8Array(32).fill(255));
address('Solana: the largest', full, 'VALID', full, `${full.slice(0, 4)}…${full.slice(-4)}`);

// Keccak-256 and base58 of the bytes (7 i + 3) mod 256
const pattern = (n) => Uint8Array.from({ length: n }, (_, i) => (7 * i + 3) & 255);
const hashes = [0, 1, 7, 8, 9, 31, 32, 33, 63, 64, 65, 134, 135, 136, 137, 138, 270, 271, 272, 273, 274, 406, 407, 408, 409, 543, 544, 545, 679, 680, 681, 1000, 4096]
	.map((n) => `HASH(${n}, "${keccak256(pattern(n)).slice(2)}")`);
const numbers = [...Array(41).keys(), 63, 64, 65, 100, 127, 128, 129, 255, 256, 500, 1000, 1297, 1535, 1536].map((n) => `BASE58(${n},\n\t${cString(base58.encode(pattern(n)))})`);

console.log(`/* Generated by wallet_rows.mjs with ethers, viem, tweetnacl, @noble/curves, bs58 and
 * @solana/offchain-messages. Do not edit. */
/* clang-format off */
#ifdef SIGNED
${lines.join('\n')}
#endif
#ifdef SIGNED_APPLICATION
${applications.join('\n')}
#endif
#ifdef ADDRESS
${addresses.join('\n')}
#endif
#ifdef HASH
${hashes.join('\n')}
#endif
#ifdef BASE58
${numbers.join('\n')}
#endif
/* clang-format on */`);
