#include "kit/signing_wallet.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <sodium.h>

#include "crypto/keccak.h"
#include "text/base58.h"
#include "text/encode.h"

static void read_wallet(const char *text, struct wallet *out)
{
	assert_int_equal(wallet_read(str_of(text), out), WALLET_FORM_VALID);
}

static void make_evm(struct signing_wallet *w)
{
	secp256k1_context *const context = secp256k1_context_create(SECP256K1_CONTEXT_SIGN);
	secp256k1_pubkey key;
	unsigned char point[65], digest[KECCAK_BYTES];
	size_t n = sizeof(point);
	char text[2 + 40 + 1] = "0x";

	assert_true(secp256k1_ec_pubkey_create(context, &key, w->secret));
	assert_true(secp256k1_ec_pubkey_serialize(context, point, &n, &key, SECP256K1_EC_UNCOMPRESSED));
	secp256k1_context_destroy(context);
	keccak256((struct str){ (const char *)point + 1, n - 1 }, digest);
	hex_write(digest + 12, 20, text + 2);
	read_wallet(text, &w->wallet);
}

static void make_solana(struct signing_wallet *w)
{
	unsigned char key[32], seed[32];
	char text[BASE58_TEXT(32) + 1];

	memcpy(seed, w->secret, sizeof(seed));
	assert_int_equal(crypto_sign_seed_keypair(key, w->secret, seed), 0);
	(void)base58_write(key, sizeof(key), text);
	read_wallet(text, &w->wallet);
}

struct signing_wallet signing_wallet_new(enum wallet_chain chain, unsigned char seed)
{
	struct signing_wallet w = { .secret = { 0 } };

	memset(w.secret, seed, 32);
	if (chain == WALLET_EVM)
		make_evm(&w);
	else
		make_solana(&w);
	return w;
}

static void sign_evm(const struct signing_wallet *w, struct str message, char out[WALLET_SIGNATURE_SIZE])
{
	secp256k1_context *const context = secp256k1_context_create(SECP256K1_CONTEXT_SIGN);
	secp256k1_ecdsa_recoverable_signature signature;
	unsigned char digest[KECCAK_BYTES], bytes[65];
	char prefix[64];
	struct keccak k;
	int v = 0;

	(void)snprintf(prefix, sizeof(prefix),
		"\x19"
		"Ethereum Signed Message:\n%zu",
		message.n);
	keccak_start(&k);
	keccak_add(&k, str_of(prefix));
	keccak_add(&k, message);
	keccak_finish(&k, digest);
	assert_true(secp256k1_ecdsa_sign_recoverable(context, &signature, digest, w->secret, NULL, NULL));
	assert_true(secp256k1_ecdsa_recoverable_signature_serialize_compact(context, bytes, &v, &signature));
	secp256k1_context_destroy(context);
	bytes[64] = (unsigned char)(27 + v);
	memcpy(out, "0x", 2);
	hex_write(bytes, sizeof(bytes), out + 2);
}

void signing_wallet_sign(const struct signing_wallet *w, struct str message, char out[WALLET_SIGNATURE_SIZE])
{
	unsigned char bytes[64];

	if (w->wallet.chain == WALLET_EVM) {
		sign_evm(w, message, out);
		return;
	}
	assert_int_equal(
		crypto_sign_detached(bytes, NULL, (const unsigned char *)message.p, message.n, w->secret), 0);
	(void)base58_write(bytes, sizeof(bytes), out);
}
