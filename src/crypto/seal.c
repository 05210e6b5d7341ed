#include "crypto/seal.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <sodium.h>

#define VERSION 1
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES

_Static_assert(SEAL_NONCE_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "XChaCha20 takes 24 bytes");
_Static_assert(SEAL_OVERHEAD == 1 + SEAL_NONCE_BYTES + TAG_BYTES, "Poly1305 makes 16 bytes");
_Static_assert(
	sizeof(struct secret_key) == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "keys have 32 bytes");

static void hash_part(crypto_hash_sha256_state *state, struct str part)
{
	unsigned char length[8];

	for (size_t i = 0; i < sizeof(length); i++)
		length[i] = (unsigned char)((uint64_t)part.n >> (56 - 8 * i));
	crypto_hash_sha256_update(state, length, sizeof(length));
	crypto_hash_sha256_update(state, (const unsigned char *)part.p, part.n);
}

/* Computes the associated data of the cipher from the version and the place. Each part is preceded by its
 * length, so that two different places never give the same bytes. The parts are hashed, so that a row key of
 * any length needs no memory. */
static void hash_place(const struct seal_place *place, unsigned char out[DIGEST_BYTES])
{
	static const unsigned char version = VERSION;
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, &version, 1);
	hash_part(&state, str_of(place->table));
	hash_part(&state, str_of(place->column));
	hash_part(&state, place->row);
	crypto_hash_sha256_final(&state, out);
}

/* Seals `plain`. `out` has room for plain.n + SEAL_OVERHEAD bytes. */
static void seal_into(const struct secret_key *key, const struct seal_place *place,
	const unsigned char nonce[SEAL_NONCE_BYTES], struct str plain, unsigned char *out)
{
	unsigned char bound[DIGEST_BYTES];

	hash_place(place, bound);
	out[0] = VERSION;
	memcpy(out + 1, nonce, SEAL_NONCE_BYTES);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out + 1 + SEAL_NONCE_BYTES, NULL,
		(const unsigned char *)plain.p, plain.n, bound, sizeof(bound), NULL, nonce, key->bytes);
}

/* Opens a sealed value. `out` has room for sealed.n - SEAL_OVERHEAD bytes; after ERR_INPUT it contains no
 * plain text. */
static enum err unseal_into(
	const struct secret_key *key, const struct seal_place *place, struct str sealed, unsigned char *out)
{
	const unsigned char *const bytes = (const unsigned char *)sealed.p;
	unsigned char bound[DIGEST_BYTES];

	if (bytes[0] != VERSION)
		return ERR_INPUT;
	hash_place(place, bound);
	const int rc = crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL,
		bytes + 1 + SEAL_NONCE_BYTES, sealed.n - 1 - SEAL_NONCE_BYTES, bound, sizeof(bound),
		bytes + 1, key->bytes);
	return rc == 0 ? OK : ERR_INPUT;
}

enum err seal_write(struct arena *a, const struct secret_key *key, const struct seal_place *place,
	const unsigned char nonce[SEAL_NONCE_BYTES], struct str plain, struct str *sealed)
{
	unsigned char *const out = plain.n <= SIZE_MAX / 2 ? arena_bytes(a, plain.n + SEAL_OVERHEAD, 1)
							   : NULL;

	if (!out)
		return ERR_INTERNAL;
	seal_into(key, place, nonce, plain, out);
	*sealed = (struct str){ (const char *)out, plain.n + SEAL_OVERHEAD };
	return OK;
}

enum err seal_read(struct arena *a, const struct secret_key *key, const struct seal_place *place,
	struct str sealed, struct str *plain)
{
	if (sealed.n < SEAL_OVERHEAD)
		return ERR_INPUT;
	const size_t n = sealed.n - SEAL_OVERHEAD;
	unsigned char *const out = arena_bytes(a, n + 1, 1);
	if (!out)
		return ERR_INTERNAL;
	TRY(unseal_into(key, place, sealed, out));
	*plain = (struct str){ (const char *)out, n };
	return OK;
}

void key_wrap(const struct secret_key *with, const struct seal_place *place,
	const unsigned char nonce[SEAL_NONCE_BYTES], const struct secret_key *key,
	unsigned char wrapped[WRAPPED_KEY_BYTES])
{
	seal_into(with, place, nonce, (struct str){ (const char *)key->bytes, sizeof(key->bytes) }, wrapped);
}

enum err key_unwrap(const struct secret_key *with, const struct seal_place *place, struct str wrapped,
	struct secret_key *key)
{
	struct secret_key clear cleanup_with(secret_key_wipe);

	if (wrapped.n != WRAPPED_KEY_BYTES)
		return ERR_INPUT;
	TRY(unseal_into(with, place, wrapped, clear.bytes));
	*key = clear;
	return OK;
}
