#include "crypto/evm_sig.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include "crypto/digest.h"
#include "crypto/keccak.h"
#include "text/encode.h"

#define SCALAR_BYTES 32 /* length in bytes of r and of s, which are big endian */
#define COMPACT_BYTES ((size_t)2 * SCALAR_BYTES)
#define SIGNATURE_BYTES (COMPACT_BYTES + 1)
#define POINT_BYTES 65 /* bytes of a public key: the number 4, x, y */
/* Longest signature that is recognised as a contract wallet's: an EIP-6492 signature contains the call that
 * creates the wallet. */
#define CONTRACT_BYTES_MAX ((size_t)32768)

static const unsigned char zero[SCALAR_BYTES];
/* The order n of the group of secp256k1 (SEC 2, 2.4.1), and n / 2 rounded down. */
static const unsigned char group_order[SCALAR_BYTES] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
	0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xBA, 0xAE, 0xDC, 0xE6, 0xAF, 0x48, 0xA0, 0x3B, 0xBF, 0xD2,
	0x5E, 0x8C, 0xD0, 0x36, 0x41, 0x41 };
static const unsigned char half_order[SCALAR_BYTES] = { 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
	0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x5D, 0x57, 0x6E, 0x73, 0x57, 0xA4, 0x50, 0x1D, 0xDF, 0xE9,
	0x2F, 0x46, 0x68, 0x1B, 0x20, 0xA0 };

static bool is_in_range(const unsigned char number[SCALAR_BYTES])
{
	return memcmp(number, zero, SCALAR_BYTES) != 0 && memcmp(number, group_order, SCALAR_BYTES) < 0;
}

static bool is_hex(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!((text.p[i] >= '0' && text.p[i] <= '9') || (text.p[i] >= 'a' && text.p[i] <= 'f') ||
			    (text.p[i] >= 'A' && text.p[i] <= 'F')))
			return false;
	return true;
}

/* Returns whether the signature can be a contract wallet's. Such a signature is any bytes that the contract
 * accepts, e.g. the signatures of several owners, a structure with a passkey's signature, or a signature and
 * a byte that names its kind (EIP-1271); with EIP-6492 the call that creates the wallet is added. All are
 * longer than the signature of one key. */
static bool is_of_contract_wallet(struct str digits)
{
	return digits.n > 2 * SIGNATURE_BYTES && digits.n % 2 == 0;
}

/* Returns whether `v` is the last byte of a Safe owner's signature: 27 or 28, plus 4. Owners of a Safe sign
 * like this if their wallet displays the text as a message (docs.safe.global, "Signatures", "eth_sign"). */
static bool is_recovery_of_safe(unsigned char v)
{
	return v == 31 || v == 32;
}

/* Decodes the signature into r, s and the recovery id v, which becomes 0 or 1. */
static enum wallet_sig read_signature(struct str text, unsigned char bytes[SIGNATURE_BYTES])
{
	if (str_starts(text, STR("0x")) || str_starts(text, STR("0X")))
		text = str_from(text, 2);
	/* The length is checked first, so that a very long text needs no computation. */
	if (text.n > 2 * CONTRACT_BYTES_MAX)
		return WALLET_SIG_LENGTH;
	if (!is_hex(text))
		return WALLET_SIG_CODING;
	if (is_of_contract_wallet(text))
		return WALLET_SIG_CONTRACT;
	if (text.n == 2 * COMPACT_BYTES)
		return WALLET_SIG_COMPACT;
	if (!hex_read(text, bytes, SIGNATURE_BYTES))
		return WALLET_SIG_LENGTH;
	if (is_recovery_of_safe(bytes[COMPACT_BYTES]))
		return WALLET_SIG_CONTRACT;
	if (bytes[COMPACT_BYTES] >= 27)
		bytes[COMPACT_BYTES] -= 27;
	if (bytes[COMPACT_BYTES] > 1)
		return WALLET_SIG_RECOVERY;
	if (!is_in_range(bytes) || !is_in_range(bytes + SCALAR_BYTES))
		return WALLET_SIG_RANGE;
	return memcmp(bytes + SCALAR_BYTES, half_order, SCALAR_BYTES) > 0 ? WALLET_SIG_HIGH_S
									  : WALLET_SIG_VALID;
}

/* Computes the digest that EIP-191, version 0x45 ("personal_sign"), signs. */
static void personal_sign_digest(struct str message, unsigned char out[KECCAK_BYTES])
{
	char prefix[64];
	struct keccak k;

	const int n = snprintf(prefix, sizeof(prefix),
		"\x19"
		"Ethereum Signed Message:\n%zu",
		message.n);
	assert(n > 0 && (size_t)n < sizeof(prefix));
	keccak_start(&k);
	keccak_add(&k, (struct str){ prefix, (size_t)n });
	keccak_add(&k, message);
	keccak_finish(&k, out);
}

/* Computes the address of the key that made this signature. Returns false when no key can have made it. */
static bool recover_address(const unsigned char signature[SIGNATURE_BYTES],
	const unsigned char digest[KECCAK_BYTES], unsigned char address[WALLET_EVM_BYTES])
{
	/* This context is a constant of the library that is never written, so threads can share it. */
	const secp256k1_context *const context = secp256k1_context_static;
	secp256k1_ecdsa_recoverable_signature parsed;
	secp256k1_pubkey key;
	unsigned char point[POINT_BYTES], hash[KECCAK_BYTES];
	size_t n = sizeof(point);

	if (!secp256k1_ecdsa_recoverable_signature_parse_compact(
		    context, &parsed, signature, signature[COMPACT_BYTES]) ||
		!secp256k1_ecdsa_recover(context, &key, &parsed, digest))
		return false;
	const int written = secp256k1_ec_pubkey_serialize(
		context, point, &n, &key, SECP256K1_EC_UNCOMPRESSED);
	assert(written && n == sizeof(point));
	keccak256((struct str){ (const char *)point + 1, POINT_BYTES - 1 }, hash);
	memcpy(address, hash + KECCAK_BYTES - WALLET_EVM_BYTES, WALLET_EVM_BYTES);
	return true;
}

enum wallet_sig evm_sig_check(const struct wallet *w, struct str message, struct str signature)
{
	unsigned char bytes[SIGNATURE_BYTES], digest[KECCAK_BYTES], address[WALLET_EVM_BYTES];
	const enum wallet_sig form = read_signature(signature, bytes);

	if (form != WALLET_SIG_VALID)
		return form;
	personal_sign_digest(message, digest);
	if (!recover_address(bytes, digest, address))
		return WALLET_SIG_OTHER;
	return equal_constant_time(address, w->key, WALLET_EVM_BYTES) ? WALLET_SIG_VALID : WALLET_SIG_OTHER;
}
