#include "crypto/digest.h"

#include <assert.h>
#include <stdint.h>

#include <secp256k1.h>
#include <sodium.h>

_Static_assert(DIGEST_BYTES == crypto_hash_sha256_BYTES, "SHA-256 has 32 bytes");
_Static_assert(DIGEST_BYTES == crypto_auth_hmacsha256_BYTES, "HMAC-SHA256 has 32 bytes");

void secret_key_wipe(struct secret_key *k)
{
	secure_wipe(k, sizeof(*k));
}

void secure_wipe(void *p, size_t n)
{
	sodium_memzero(p, n);
}

bool crypto_start(void)
{
	/* libsecp256k1 requires this self-test before its static context is used; a failure aborts the
	 * process */
	secp256k1_selftest();
	return sodium_init() >= 0;
}

static const unsigned char *bytes_of(struct str s)
{
	return (const unsigned char *)s.p;
}

void sha256(struct str s, unsigned char out[DIGEST_BYTES])
{
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, bytes_of(s), s.n);
	crypto_hash_sha256_final(&state, out);
	secure_wipe(&state, sizeof(state));
}

void hmac_sha256(struct str key, struct str message, unsigned char out[DIGEST_BYTES])
{
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(&state, bytes_of(key), key.n);
	crypto_auth_hmacsha256_update(&state, bytes_of(message), message.n);
	crypto_auth_hmacsha256_final(&state, out);
	secure_wipe(&state, sizeof(state));
}

static void write_length_prefix(size_t n, unsigned char out[8])
{
	for (size_t k = 0; k < 8; k++)
		out[k] = (unsigned char)((uint64_t)n >> (56 - 8 * k));
}

void keyed_digest(
	const struct secret_key *key, const struct str *parts, size_t n, unsigned char out[DIGEST_BYTES])
{
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(&state, key->bytes, sizeof(key->bytes));
	for (size_t i = 0; i < n; i++) {
		unsigned char length[8];

		write_length_prefix(parts[i].n, length);
		crypto_auth_hmacsha256_update(&state, length, sizeof(length));
		crypto_auth_hmacsha256_update(&state, bytes_of(parts[i]), parts[i].n);
	}
	crypto_auth_hmacsha256_final(&state, out);
	secure_wipe(&state, sizeof(state));
}

static crypto_generichash_state *blake2b_state(struct long_digest *d)
{
	static_assert(sizeof(crypto_generichash_state) <= sizeof(d->state),
		"the state of BLAKE2b fits into struct long_digest");
	return (crypto_generichash_state *)(void *)d->state;
}

void long_digest_begin(struct long_digest *d)
{
	(void)crypto_generichash_init(blake2b_state(d), NULL, 0, DIGEST_BYTES);
}

void long_digest_add(struct long_digest *d, struct str piece)
{
	unsigned char length[8];

	write_length_prefix(piece.n, length);
	(void)crypto_generichash_update(blake2b_state(d), length, sizeof(length));
	(void)crypto_generichash_update(blake2b_state(d), bytes_of(piece), piece.n);
}

void long_digest_end(struct long_digest *d, unsigned char out[DIGEST_BYTES])
{
	(void)crypto_generichash_final(blake2b_state(d), out, DIGEST_BYTES);
}

void long_mac_begin(struct long_digest *d, const struct secret_key *key)
{
	(void)crypto_generichash_init(blake2b_state(d), key->bytes, sizeof(key->bytes), MAC_BYTES);
}

void long_mac_end(struct long_digest *d, unsigned char out[MAC_BYTES])
{
	(void)crypto_generichash_final(blake2b_state(d), out, MAC_BYTES);
	secure_wipe(d, sizeof(*d));
}

bool equal_constant_time(const unsigned char *a, const unsigned char *b, size_t n)
{
	return sodium_memcmp(a, b, n) == 0;
}

bool code_from_random(uint64_t random, int digits, char *out)
{
	uint64_t codes = 1;

	assert(digits >= 4 && digits <= 8);
	for (int i = 0; i < digits; i++)
		codes *= 10;
	/* The number of values, 2^64, is not a multiple of a power of ten. The highest values, which do not
	 * fill a whole range of codes, would make small codes more likely, so they are rejected. */
	const uint64_t rest = (UINT64_MAX % codes + 1) % codes;
	if (random > UINT64_MAX - rest)
		return false;

	for (int i = digits; i-- > 0; random /= 10)
		out[i] = (char)('0' + random % 10);
	out[digits] = '\0';
	secure_wipe(&random, sizeof(random));
	return true;
}
