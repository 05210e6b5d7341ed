// Prints wallet_rows.h: signatures that the wallets' own libraries made, edge cases of both curves made with
// @noble/curves, and what is to be said of each. Nothing of ours takes part: `node wallet_rows.mjs > wallet_rows.h`.
import { ed25519 } from '@noble/curves/ed25519';
import { secp256k1 } from '@noble/curves/secp256k1';
import { sha512 } from '@noble/hashes/sha2';
import { computeAddress, getAddress, hashMessage, keccak256 } from 'ethers';
import { getAddress as viemAddress } from 'viem';
import { base58, bytesOf, compact, deviceEnvelope, deviceSign, evm, hex, highS, offchain, seedOf, solana } from '../../e2e/lib/wallets.mjs';

const lines = [];
const cString = (value) => {
	const bytes = [...bytesOf(value)];
	let text = '', after = false;
	for (const byte of bytes) {
		const c = String.fromCharCode(byte);
		if (byte === 10) (text += '\\n'), (after = false);
		else if (byte < 32 || byte > 126) (text += `\\x${byte.toString(16).padStart(2, '0').toUpperCase()}`), (after = true);
		else {
			if (after && /[0-9a-fA-F]/.test(c)) text += '" "';
			text += c === '"' || c === '\\' || c === '?' ? `\\${c}` : c;
			after = false;
		}
	}
	// pieces of at most 96 characters, never through an escape
	const pieces = text.match(/(?:\\x[0-9A-F]{2}(?:" ")?|\\.|[^\\]){1,96}/g) ?? [''];
	return pieces.map((piece) => `"${piece}"`).join('\n\t\t');
};
const row = (name, wallet, message, signature, verdict) =>
	lines.push(`SIGNED("${name}", "${wallet.address ?? wallet}",\n\t${cString(message)},\n\t${cString(signature)}, ${verdict})`);

const text = (address) => `kycd KYC verification\nWallet: ${address}\n\nSigning moves no money.\nNonce: 00112233445566778899aabbccddeeff`;
const foreign = (address) => `Vérification КУС 验证 🪪\nWallet: ${address}`;
const replaced = (signature, at, piece) => signature.slice(0, at) + piece + signature.slice(at + piece.length);

// EVM: by the libraries
for (const [library, make] of Object.entries(evm)) {
	const wallet = make('evm'), m = text(wallet.address);
	const signature = await wallet.sign(m);
	row(`${library}: v 27 or 28`, wallet, m, signature, 'VALID');
	row(`${library}: v 0 or 1`, wallet, m, signature.slice(0, -2) + (signature.endsWith('1b') ? '00' : '01'), 'VALID');
	row(`${library}: without 0x`, wallet, m, signature.slice(2), 'VALID');
	row(`${library}: capitals`, wallet, m, `0x${signature.slice(2).toUpperCase()}`, 'VALID');
	row(`${library}: beyond ASCII`, wallet, foreign(wallet.address), await wallet.sign(foreign(wallet.address)), 'VALID');
	row(`${library}: nothing signed`, wallet, '', await wallet.sign(''), 'VALID');
	for (const n of [9, 10, 99, 100, 107, 108, 109, 244, 999, 1000])
		row(`${library}: ${n} bytes`, wallet, 'x'.repeat(n), await wallet.sign('x'.repeat(n)), 'VALID');
	if (library !== 'ethers') continue; // what is derived from the same bytes
	row(`${library}: the other v`, wallet, m, signature.slice(0, -2) + (signature.endsWith('1b') ? '1c' : '1b'), 'OTHER');
	row(`${library}: high s`, wallet, m, highS(signature), 'HIGH_S');
	row(`${library}: EIP-2098`, wallet, m, compact(signature), 'COMPACT');
	row(`${library}: EIP-2098 without 0x`, wallet, m, compact(signature).slice(2), 'COMPACT');
	for (const v of ['02', '03', '1a', '1d', '1e', '25', '26', 'ff']) row(`${library}: v ${v}`, wallet, m, signature.slice(0, -2) + v, 'RECOVERY');
	row(`${library}: another's`, wallet, m, await make('another').sign(m), 'OTHER');
	row(`${library}: CRLF`, wallet, m.replaceAll('\n', '\r\n'), signature, 'OTHER');
	row(`${library}: a blank more`, wallet, `${m} `, signature, 'OTHER');
	row(`${library}: a line end more`, wallet, `${m}\n`, signature, 'OTHER');
	row(`${library}: a zero-width character more`, wallet, `${m}\u200b`, signature, 'OTHER');
	row(`${library}: the hash signed as text`, wallet, m, await wallet.sign(hashMessage(m)), 'OTHER');
	row(`${library}: a digit less`, wallet, m, signature.slice(0, -1), 'LENGTH');
	row(`${library}: a byte less than EIP-2098`, wallet, m, compact(signature).slice(0, -2), 'LENGTH');
	row(`${library}: a digit more`, wallet, m, `${signature}0`, 'LENGTH');
	row(`${library}: a byte more`, wallet, m, `${signature}00`, 'LENGTH');
	row(`${library}: base58`, wallet, m, base58.encode(Buffer.from(signature.slice(2), 'hex')), 'CODING');
	row(`${library}: base64`, wallet, m, Buffer.from(signature.slice(2), 'hex').toString('base64'), 'CODING');
	row(`${library}: a blank within`, wallet, m, replaced(signature, 9, ' '), 'CODING');
	row(`${library}: a blank behind`, wallet, m, `${signature.slice(2)} `, 'LENGTH');
	row(`${library}: 0x twice`, wallet, m, `0x${signature.slice(0, -2)}`, 'CODING');
	row(`${library}: empty`, wallet, m, '', 'LENGTH');
	row(`${library}: 0x alone`, wallet, m, '0x', 'LENGTH');
	for (const [name, value] of [['zero', '0'.repeat(64)], ['the order', hex(numberBytes(secp256k1.CURVE.n))], ['all ones', 'f'.repeat(64)]]) {
		row(`${library}: r is ${name}`, wallet, m, replaced(signature, 2, value), 'RANGE');
		row(`${library}: s is ${name}`, wallet, m, replaced(signature, 66, value), 'RANGE');
	}
	row(`${library}: s is the order less 1`, wallet, m, replaced(signature, 66, hex(numberBytes(secp256k1.CURVE.n - 1n))), 'HIGH_S');
}

// EVM: made by hand, for any s there is a key that signs so
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
for (const [name, s, verdict] of [['1', 1n, 'VALID'], ['2', 2n, 'VALID'], ['half the order less 1', half - 1n, 'VALID'], ['half the order', half, 'VALID'],
	['half the order and 1', half + 1n, 'HIGH_S'], ['the order less 1', Order - 1n, 'HIGH_S']]) {
	const { address, signature } = keyThatSigns('made by hand', 12345n, s);
	row(`by hand: s is ${name}`, address, 'made by hand', signature, verdict);
}
{
	// sR - zG is no point: no key signed this
	const nonce = 777n, point = secp256k1.ProjectivePoint.BASE.multiply(nonce).toAffine();
	const s = modulo(BigInt(hashMessage('nobody')) * inverse(nonce, Order), Order);
	const low = s > half ? Order - s : s, odd = (point.y & 1n) === 1n;
	const v = odd !== (s > half) ? '1c' : '1b';
	row('by hand: of no key', evm.ethers('evm'), 'nobody', `0x${hex(numberBytes(point.x))}${hex(numberBytes(low))}${v}`, 'OTHER');
	// no point has this x
	let x = 1n;
	const isX = (value) => {
		try {
			return Boolean(secp256k1.ProjectivePoint.fromHex(`02${hex(numberBytes(value))}`));
		} catch {
			return false;
		}
	};
	while (isX(x)) x += 1n;
	row('by hand: r is of no point', evm.ethers('evm'), 'nobody', `0x${hex(numberBytes(x))}${hex(numberBytes(1n))}1b`, 'OTHER');
	row('by hand: r is the order less 1', evm.ethers('evm'), 'nobody', `0x${hex(numberBytes(Order - 1n))}${hex(numberBytes(1n))}1b`, 'OTHER');
	let small = 1n;
	while (!isX(small)) small += 1n;
	const signature = new secp256k1.Signature(small, 5n).addRecoveryBit(0);
	const key = signature.recoverPublicKey(hashMessage('small r').slice(2));
	row('by hand: the smallest r', computeAddress(`0x${key.toHex(false)}`), 'small r', `0x${hex(numberBytes(small))}${hex(numberBytes(5n))}1b`, 'VALID');
}

// Solana: by the libraries
const L = ed25519.CURVE.n;
const littleEndian = (value) => Uint8Array.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse());
const ofLittle = (bytes) => BigInt(`0x${hex(Uint8Array.from(bytes).reverse())}`);
for (const [library, make] of Object.entries(solana)) {
	const wallet = make('solana'), other = make('another'), m = text(wallet.address), line = 'one line of ASCII';
	const signature = await wallet.sign(m), bytes = base58.decode(signature);
	row(`${library}: the text itself`, wallet, m, signature, 'VALID');
	row(`${library}: beyond ASCII`, wallet, foreign(wallet.address), await wallet.sign(foreign(wallet.address)), 'VALID');
	row(`${library}: nothing signed`, wallet, '', await wallet.sign(''), 'VALID');
	row(`${library}: device, lines of ASCII`, wallet, m, deviceSign(wallet, m), 'VALID');
	row(`${library}: envelope`, wallet, m, deviceEnvelope(wallet, m), 'VALID');
	if (library !== 'tweetnacl') continue; // what is derived from the same bytes
	row(`${library}: another's`, wallet, m, await other.sign(m), 'OTHER');
	row(`${library}: CRLF`, wallet, m.replaceAll('\n', '\r\n'), signature, 'OTHER');
	row(`${library}: a blank more`, wallet, `${m} `, signature, 'OTHER');
	row(`${library}: a zero-width character more`, wallet, `${m}\u200b`, signature, 'OTHER');
	row(`${library}: hex`, wallet, m, hex(bytes), hex(bytes).includes('0') ? 'CODING' : 'LENGTH');
	row(`${library}: hex with 0x`, wallet, m, `0x${hex(bytes)}`, 'CODING');
	row(`${library}: base64`, wallet, m, Buffer.from(bytes).toString('base64'), 'CODING');
	row(`${library}: a blank behind`, wallet, m, `${signature} `, 'CODING');
	row(`${library}: a zero-width character within`, wallet, m, `${signature.slice(0, 9)}\u200b${signature.slice(9)}`, 'CODING');
	row(`${library}: empty`, wallet, m, '', 'LENGTH');
	row(`${library}: 63 bytes`, wallet, m, base58.encode(bytes.slice(0, 63)), 'LENGTH');
	row(`${library}: 65 bytes`, wallet, m, base58.encode(Uint8Array.from([...bytes, 1])), 'LENGTH');
	row(`${library}: a zero byte in front`, wallet, m, `1${signature}`, 'LENGTH');
	row(`${library}: 32 bytes`, wallet, m, wallet.address, 'LENGTH');
	row(`${library}: S and the order`, wallet, m, base58.encode(Uint8Array.from([...bytes.slice(0, 32), ...littleEndian(ofLittle(bytes.slice(32)) + L)])), 'RANGE');
	row(`${library}: S is the order`, wallet, m, base58.encode(Uint8Array.from([...bytes.slice(0, 32), ...littleEndian(L)])), 'RANGE');
	row(`${library}: S is the order less 1`, wallet, m, base58.encode(Uint8Array.from([...bytes.slice(0, 32), ...littleEndian(L - 1n)])), 'OTHER');
	row(`${library}: S is all ones`, wallet, m, base58.encode(Uint8Array.from([...bytes.slice(0, 32), ...new Array(32).fill(255)])), 'RANGE');

	// as hardware wallets do
	row(`${library}: device, ASCII said to be UTF-8`, wallet, m, deviceSign(wallet, m, { format: 1 }), 'VALID');
	row(`${library}: device, UTF-8`, wallet, foreign(wallet.address), deviceSign(wallet, foreign(wallet.address)), 'VALID');
	row(`${library}: device, UTF-8 said to be ASCII`, wallet, foreign(wallet.address), deviceSign(wallet, foreign(wallet.address), { format: 0 }), 'OTHER');
	row(`${library}: device, one line`, wallet, line, deviceSign(wallet, line), 'VALID');
	row(`${library}: old device, one line`, wallet, line, deviceSign(wallet, line, { layout: 'short' }), 'VALID');
	row(`${library}: old device, lines`, wallet, m, deviceSign(wallet, m, { layout: 'short' }), 'VALID');
	row(`${library}: old device, lines said to be ASCII`, wallet, m, deviceSign(wallet, m, { layout: 'short', format: 0 }), 'OTHER');
	row(`${library}: device, version 1`, wallet, m, deviceSign(wallet, m, { version: 1 }), 'OTHER');
	row(`${library}: device, format 2`, wallet, m, deviceSign(wallet, m, { format: 2 }), 'OTHER');
	row(`${library}: device, another's address`, wallet, m, deviceSign(wallet, m, { signers: [other.key] }), 'OTHER');
	row(`${library}: device, two addresses`, wallet, m, deviceSign(wallet, m, { signers: [wallet.key, other.key] }), 'OTHER');
	row(`${library}: device, no address`, wallet, m, deviceSign(wallet, m, { signers: [] }), 'OTHER');
	row(`${library}: device, an application`, wallet, m, deviceSign(wallet, m, { application: seedOf('application') }), 'OTHER');
	row(`${library}: device, another text`, wallet, m, deviceSign(wallet, `${m}.`), 'OTHER');

	// the same with all that was signed
	row(`${library}: envelope, UTF-8`, wallet, foreign(wallet.address), deviceEnvelope(wallet, foreign(wallet.address)), 'VALID');
	row(`${library}: envelope, an application`, wallet, m, deviceEnvelope(wallet, m, { application: seedOf('application') }), 'VALID');
	row(`${library}: envelope, format 2`, wallet, m, deviceEnvelope(wallet, m, { format: 2 }), 'VALID');
	row(`${library}: envelope of an old device`, wallet, m, deviceEnvelope(wallet, m, { layout: 'short' }), 'VALID');
	row(`${library}: envelope of an old device, one line`, wallet, line, deviceEnvelope(wallet, line, { layout: 'short' }), 'VALID');
	row(`${library}: envelope of an old device, lines said to be ASCII`, wallet, m, deviceEnvelope(wallet, m, { layout: 'short', format: 0 }), 'ENVELOPE');
	row(`${library}: envelope, UTF-8 said to be ASCII`, wallet, foreign(wallet.address), deviceEnvelope(wallet, foreign(wallet.address), { format: 0 }), 'ENVELOPE');
	row(`${library}: envelope, format 3`, wallet, m, deviceEnvelope(wallet, m, { format: 3 }), 'ENVELOPE');
	row(`${library}: envelope, version 1`, wallet, m, deviceEnvelope(wallet, m, { version: 1 }), 'ENVELOPE');
	row(`${library}: envelope, another's address`, wallet, m, deviceEnvelope(wallet, m, { signers: [other.key] }), 'ENVELOPE');
	row(`${library}: envelope, two addresses`, wallet, m, deviceEnvelope(wallet, m, { signers: [wallet.key, other.key] }), 'ENVELOPE');
	row(`${library}: envelope, no address`, wallet, m, deviceEnvelope(wallet, m, { signers: [] }), 'ENVELOPE');
	row(`${library}: envelope, two signatures`, wallet, m, deviceEnvelope(wallet, m, { signatures: 2 }), 'ENVELOPE');
	row(`${library}: envelope, another text`, wallet, m, deviceEnvelope(wallet, `${m}.`), 'ENVELOPE');
	row(`${library}: envelope, a length too small`, wallet, m, deviceEnvelope(wallet, m, { length: m.length - 1 }), 'ENVELOPE');
	row(`${library}: envelope, a length too large`, wallet, m, deviceEnvelope(wallet, m, { length: m.length + 1 }), 'ENVELOPE');
	row(`${library}: envelope signed by another`, wallet, m, deviceEnvelope({ ...wallet, signBytes: other.signBytes }, m), 'OTHER');
	row(`${library}: envelope around a signature over the text itself`, wallet, m,
		base58.encode(Uint8Array.from([1, ...bytes, ...offchain(m, { signers: [wallet.key] })])), 'OTHER');
	row(`${library}: not UTF-8`, wallet, Uint8Array.from([0xc3, 0x28]), deviceEnvelope(wallet, Uint8Array.from([0xc3, 0x28]), { format: 1 }), 'ENVELOPE');

	row(`${library}: an off-chain message for the text`, wallet, offchain(m, { signers: [wallet.key] }), deviceSign(wallet, m), 'ENVELOPE');

	// 1232 bytes of preamble and text fit, one more does not
	const room = 1232 - 85;
	row(`${library}: device, as much as fits`, wallet, 'x'.repeat(room), deviceSign(wallet, 'x'.repeat(room)), 'VALID');
	row(`${library}: device, a byte too much`, wallet, 'x'.repeat(room + 1), deviceSign(wallet, 'x'.repeat(room + 1)), 'OTHER');
	row(`${library}: envelope, as much as fits`, wallet, 'x'.repeat(room), deviceEnvelope(wallet, 'x'.repeat(room)), 'VALID');
	row(`${library}: old device, as much as fits`, wallet, 'x'.repeat(1212), deviceSign(wallet, 'x'.repeat(1212), { layout: 'short' }), 'VALID');
	row(`${library}: old device, a byte too much`, wallet, 'x'.repeat(1213), deviceSign(wallet, 'x'.repeat(1213), { layout: 'short' }), 'OTHER');

	// what moves money: one transfer, in both kinds of message
	const program = new Uint8Array(32), blockhash = seedOf('blockhash'), table = seedOf('table');
	const body = [1, 0, 1, 3, ...wallet.key, ...other.key, ...program, ...blockhash, 1, 2, 2, 0, 1, 12, 2, 0, 0, 0, 0, 202, 154, 59, 0, 0, 0, 0];
	const legacy = Uint8Array.from(body), zero = Uint8Array.from([0x80, ...body, 0]), looked = Uint8Array.from([0x80, ...body, 1, ...table, 1, 0, 2, 1, 2]);
	for (const [name, message] of [['legacy', legacy], ['version 0', zero], ['version 0 with a table', looked]]) {
		row(`${library}: transaction, ${name}`, wallet, message, base58.encode(wallet.signBytes(message)), 'TRANSACTION');
		row(`${library}: transaction, ${name}, as an off-chain message`, wallet, message, deviceSign(wallet, message, { format: 1 }), 'TRANSACTION');
		row(`${library}: transaction, ${name}, as an envelope`, wallet, message, deviceEnvelope(wallet, message, { format: 2 }), 'TRANSACTION');
	}
}

// Solana: keys and signatures of small order, as many ways as there are to write them
const P = ed25519.CURVE.Fp.ORDER;
const identity = littleEndian(1n);
const eight = '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05';
const other8 = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a';
const turned = (text) => Uint8Array.from([...Buffer.from(text, 'hex').subarray(0, 31), Buffer.from(text, 'hex')[31] | 0x80]);
const top = (bytes) => Uint8Array.from([...bytes.slice(0, 31), bytes[31] | 0x80]);
const small = {
	'the neutral point': identity,
	'of order 2': littleEndian(P - 1n),
	'of order 4': top(littleEndian(0n)), // without the top bit it is the zero address
	'of order 8': Uint8Array.from(Buffer.from(eight, 'hex')),
	'of order 8, other x': turned(eight),
	'of order 8, other y': Uint8Array.from(Buffer.from(other8, 'hex')),
	'of order 8, other both': turned(other8),
	'the neutral point with a sign': top(identity),
	'the neutral point above p': littleEndian(P + 1n),
	'the neutral point above p with a sign': top(littleEndian(P + 1n)),
	'of order 2 with a sign': top(littleEndian(P - 1n)),
	'of order 4 above p': littleEndian(P),
	'of order 4 above p with a sign': top(littleEndian(P)),
};
for (const [name, key] of Object.entries(small)) {
	// S = 0 and R the neutral point holds for a key of order 1, and for one message in eight for the others
	row(`key ${name}`, base58.encode(key), 'any text', base58.encode(Uint8Array.from([...identity, ...new Array(32).fill(0)])), 'OTHER');
	row(`key ${name}, R the key`, base58.encode(key), 'any text', base58.encode(Uint8Array.from([...key, ...new Array(32).fill(0)])), 'OTHER');
}
{
	// the owner of a key can make R small: S = h a
	const seed = seedOf('solana'), { scalar, pointBytes } = ed25519.utils.getExtendedPublicKey(seed);
	for (const [name, r] of [['the neutral point', identity], ['the neutral point above p', littleEndian(P + 1n)], ['the neutral point with a sign', top(identity)]]) {
		const h = ofLittle(sha512(Uint8Array.from([...r, ...pointBytes, ...bytesOf('small R')]))) % L;
		row(`R ${name}`, base58.encode(pointBytes), 'small R', base58.encode(Uint8Array.from([...r, ...littleEndian((h * scalar) % L)])), 'OTHER');
	}
}

// Addresses
const addresses = [];
const address = (name, given, verdict, form = '', short = '') => addresses.push(`ADDRESS("${name}", ${cString(given)}, ${verdict}, "${form}", "${short}")`);
const shortEvm = (form) => `${form.slice(0, 6)}…${form.slice(-4)}`;
for (const name of ['evm', 'another', 'third', 'fourth']) {
	const form = getAddress(evm.ethers(name).address.toLowerCase());
	if (form !== viemAddress(form.toLowerCase())) throw new Error('the libraries disagree');
	address(`${name}: lower case`, form.toLowerCase(), 'VALID', form, shortEvm(form));
	address(`${name}: upper case`, `0x${form.slice(2).toUpperCase()}`, 'VALID', form, shortEvm(form));
	address(`${name}: upper case with its X`, form.toUpperCase(), 'VALID', form, shortEvm(form));
	address(`${name}: checksum`, form, 'VALID', form, shortEvm(form));
	for (let i = 2; i < form.length; i++) {
		const c = form[i], turnedCase = c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase();
		const wrong = form.slice(0, i) + turnedCase + form.slice(i + 1);
		if (turnedCase !== c && wrong !== form.toLowerCase()) address(`${name}: letter ${i} of another case`, wrong, 'CHECKSUM');
	}
}
for (const name of ['solana', 'another', 'third', 'fourth']) {
	const form = solana.noble(name).address;
	address(`${name}: Solana`, form, 'VALID', form, `${form.slice(0, 4)}…${form.slice(-4)}`);
	address(`${name}: Solana with blanks around`, ` \t${form}\r\n`, 'VALID', form, `${form.slice(0, 4)}…${form.slice(-4)}`);
	address(`${name}: Solana, a 1 more`, `1${form}`, 'LENGTH');
	address(`${name}: Solana, 42 letters`, form.slice(-42), 'LENGTH');
	address(`${name}: 31 bytes`, base58.encode(solana.noble(name).key.slice(1)), 'LENGTH');
	address(`${name}: 33 bytes`, base58.encode(Uint8Array.from([...solana.noble(name).key, 9])), 'LENGTH');
}
const ones = base58.encode(Uint8Array.from([...new Array(31).fill(0), 1]));
address('Solana: the smallest', ones, 'VALID', ones, `${ones.slice(0, 4)}…${ones.slice(-4)}`);
const full = base58.encode(new Uint8Array(32).fill(255));
address('Solana: the largest', full, 'VALID', full, `${full.slice(0, 4)}…${full.slice(-4)}`);

// Keccak-256 and base58 of bytes 7 i + 3
const pattern = (n) => Uint8Array.from({ length: n }, (_, i) => (7 * i + 3) & 255);
const hashes = [0, 1, 7, 8, 9, 31, 32, 33, 63, 64, 65, 134, 135, 136, 137, 138, 270, 271, 272, 273, 274, 406, 407, 408, 409, 543, 544, 545, 679, 680, 681, 1000, 4096]
	.map((n) => `HASH(${n}, "${keccak256(pattern(n)).slice(2)}")`);
const numbers = [...Array(41).keys(), 63, 64, 65, 100, 127, 128, 129, 255, 256, 500, 1000, 1297, 1535, 1536].map((n) => `BASE58(${n},\n\t${cString(base58.encode(pattern(n)))})`);

console.log(`/* Made by wallet_rows.mjs: ethers, viem, tweetnacl, @noble/curves, bs58. */
/* clang-format off */
#ifdef SIGNED
${lines.join('\n')}
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
