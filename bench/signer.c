#include "signer.h"

#include <stdio.h>
#include <string.h>

#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <sodium.h>

#include "crypto/keccak.h"
#include "http_load.h"
#include "text/base58.h"

static secp256k1_context *context;

void signer_start(void)
{
	context = secp256k1_context_create(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY);
	if (context == NULL || sodium_init() < 0)
		die("libraries");
}

static void write_hex(const unsigned char *bytes, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	*out++ = '0';
	*out++ = 'x';
	for (size_t i = 0; i < n; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}

static void address_of(const secp256k1_pubkey *key, unsigned char out[20])
{
	unsigned char point[65], digest[KECCAK_BYTES];
	size_t n = sizeof(point);

	(void)secp256k1_ec_pubkey_serialize(context, point, &n, key, SECP256K1_EC_UNCOMPRESSED);
	keccak256((struct str){ (const char *)point + 1, n - 1 }, digest);
	memcpy(out, digest + 12, 20);
}

void make_wallet(enum chain chain, uint64_t number, struct signing_wallet *out)
{
	struct signing_wallet w = { .chain = chain, .secret = { 1 } };
	unsigned char seed[32] = { 1 };
	secp256k1_pubkey key;

	memcpy(seed + 24, &number, sizeof(number));
	if (chain == EVM) {
		memcpy(w.secret, seed, sizeof(seed));
		if (!secp256k1_ec_pubkey_create(context, &key, w.secret))
			die("key");
		address_of(&key, w.key);
		write_hex(
			w.key, 20, w.address); /* kycd accepts addresses in lower case, without a checksum */
	} else {
		(void)crypto_sign_seed_keypair(w.key, w.secret, seed);
		(void)base58_write(w.key, sizeof(w.key), w.address);
	}
	*out = w;
}

static void digest_of(const char *message, size_t n, unsigned char out[KECCAK_BYTES])
{
	char prefix[64];
	struct keccak k;
	const int m = snprintf(prefix, sizeof(prefix),
		"\x19"
		"Ethereum Signed Message:\n%zu",
		n);

	keccak_start(&k);
	keccak_add(&k, (struct str){ prefix, (size_t)m });
	keccak_add(&k, (struct str){ message, n });
	keccak_finish(&k, out);
}

void sign_bytes(const struct signing_wallet *w, const char *message, size_t n, unsigned char out[65])
{
	secp256k1_ecdsa_recoverable_signature signature;
	unsigned char digest[KECCAK_BYTES];
	int v = 0;

	if (w->chain == SOLANA) {
		(void)crypto_sign_detached(out, NULL, (const unsigned char *)message, n, w->secret);
		return;
	}
	digest_of(message, n, digest);
	if (!secp256k1_ecdsa_sign_recoverable(context, &signature, digest, w->secret, NULL, NULL))
		die("sign");
	(void)secp256k1_ecdsa_recoverable_signature_serialize_compact(context, out, &v, &signature);
	out[64] = (unsigned char)(27 + v);
}

void sign_text(const struct signing_wallet *w, const char *message, size_t n, char out[SIGNED_SIZE])
{
	unsigned char bytes[65];

	sign_bytes(w, message, n, bytes);
	if (w->chain == EVM)
		write_hex(bytes, sizeof(bytes), out);
	else
		(void)base58_write(bytes, 64, out);
}

bool verify_bytes(
	const struct signing_wallet *w, const char *message, size_t n, const unsigned char signature[65])
{
	secp256k1_ecdsa_recoverable_signature parsed;
	unsigned char digest[KECCAK_BYTES], address[20];
	secp256k1_pubkey key;

	if (w->chain == SOLANA)
		return crypto_sign_verify_detached(signature, (const unsigned char *)message, n, w->key) == 0;
	digest_of(message, n, digest);
	if (!secp256k1_ecdsa_recoverable_signature_parse_compact(
		    context, &parsed, signature, signature[64] - 27) ||
		!secp256k1_ecdsa_recover(context, &key, &parsed, digest))
		return false;
	address_of(&key, address);
	return memcmp(address, w->key, sizeof(address)) == 0;
}
