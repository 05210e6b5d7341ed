/* Personal data at rest: XChaCha20-Poly1305 (libsodium, IETF), bound to table, column and row, so that a
 * value cannot be moved to another place. Sealed form: 1 byte version (1), 24 bytes nonce, cipher text, 16
 * bytes tag. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/digest.h"

#define SEAL_NONCE_BYTES 24
#define SEAL_OVERHEAD (1 + SEAL_NONCE_BYTES + 16)

struct seal_place {
	const char *table, *column;
	struct str row;
};

/* The nonce is fresh random bytes of the caller's. The result lives in the arena; ERR_INTERNAL when that is
 * full. */
enum err seal_write(struct arena *a, const struct secret_key *key, const struct seal_place *place,
	const unsigned char nonce[SEAL_NONCE_BYTES], struct str plain, struct str *sealed) must_use;
/* ERR_INPUT: not sealed with this key for this place. The clear text lives in the arena and is not wiped with
 * it: for personal data that is about to be answered, never for keys. */
enum err seal_read(struct arena *a, const struct secret_key *key, const struct seal_place *place,
	struct str sealed, struct str *plain) must_use;

/* Wrapping a key: the same, into a key that is wiped. `wrapped` has 73 bytes. */
#define WRAPPED_KEY_BYTES (SEAL_OVERHEAD + 32)
void key_wrap(const struct secret_key *with, const struct seal_place *place,
	const unsigned char nonce[SEAL_NONCE_BYTES], const struct secret_key *key,
	unsigned char wrapped[WRAPPED_KEY_BYTES]);
enum err key_unwrap(const struct secret_key *with, const struct seal_place *place, struct str wrapped,
	struct secret_key *key) must_use;
