/* Encryption of personal data at rest ("sealing"): XChaCha20-Poly1305 (libsodium, IETF). Each value is bound
 * to its table, column and row, so that it cannot be moved to another place in the database. A sealed value
 * consists of a version byte (1), a nonce of 24 bytes, the cipher text and a tag of 16 bytes. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/digest.h"

#define SEAL_NONCE_BYTES 24
#define SEAL_OVERHEAD (1 + SEAL_NONCE_BYTES + 16)

/* The place that a value is sealed for. Its names are part of what was sealed: changing one makes every value
 * sealed with it unreadable. */
struct seal_place {
	const char *table, *column;
	struct str row;
};

/* Seals a value. The caller passes a new random nonce for every call. The result is allocated in the arena.
 * ERR_INTERNAL: the arena is full. */
enum err seal_write(struct arena *a, const struct secret_key *key, const struct seal_place *place,
	const unsigned char nonce[SEAL_NONCE_BYTES], struct str plain, struct str *sealed) must_use;
/* Opens a sealed value. ERR_INPUT: the value was not sealed with this key for this place. The plain text is
 * allocated in the arena, which does not wipe it, so this function must not be used for keys (see
 * key_unwrap). */
enum err seal_read(struct arena *a, const struct secret_key *key, const struct seal_place *place,
	struct str sealed, struct str *plain) must_use;

/* Seal and open a key. The unwrapped key is written into a struct that its owner wipes, not into an arena. */
#define WRAPPED_KEY_BYTES (SEAL_OVERHEAD + 32)
void key_wrap(const struct secret_key *with, const struct seal_place *place,
	const unsigned char nonce[SEAL_NONCE_BYTES], const struct secret_key *key,
	unsigned char wrapped[WRAPPED_KEY_BYTES]);
enum err key_unwrap(const struct secret_key *with, const struct seal_place *place, struct str wrapped,
	struct secret_key *key) must_use;
