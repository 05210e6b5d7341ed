/* Hashes and keyed hashes (libsodium), comparison in constant time, and numeric codes from random bits. All
 * functions are thread-safe. crypto_start() must be called before any of them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

#define DIGEST_BYTES 32

/* 32 secret bytes. Declare as `struct secret_key k cleanup_with(secret_key_wipe)`. */
struct secret_key {
	unsigned char bytes[32];
};
void secret_key_wipe(struct secret_key *k);
/* Overwrites memory with zeros; the compiler cannot optimise the call away. */
void secure_wipe(void *p, size_t n);

/* Initialises the cryptographic libraries. Must be called once, before every other function of this folder.
 * Returns false when the system cannot provide what libsodium needs, for example randomness. */
bool crypto_start(void) must_use;

void sha256(struct str s, unsigned char out[DIGEST_BYTES]);
/* HMAC-SHA256 (RFC 2104) with a key of any length. */
void hmac_sha256(struct str key, struct str message, unsigned char out[DIGEST_BYTES]);
/* HMAC-SHA256 over several parts. Each part is preceded by its length (8 bytes, big endian), so that two
 * different lists of parts never give the same message. */
void keyed_digest(
	const struct secret_key *key, const struct str *parts, size_t n, unsigned char out[DIGEST_BYTES]);
/* State of an unkeyed digest (BLAKE2b, RFC 7693) of data that does not fit into memory and is added piece by
 * piece. Each piece is preceded by its length, as in keyed_digest(). The state is not wiped, so it must not
 * be used for secrets. */
struct long_digest {
	_Alignas(64) unsigned char state[384];
};
void long_digest_begin(struct long_digest *d);
void long_digest_add(struct long_digest *d, struct str piece);
void long_digest_end(struct long_digest *d, unsigned char out[DIGEST_BYTES]);
/* The same with a key: a MAC (keyed BLAKE2b) of MAC_BYTES bytes. */
#define MAC_BYTES 16
void long_mac_begin(struct long_digest *d, const struct secret_key *key);
void long_mac_end(struct long_digest *d, unsigned char out[MAC_BYTES]);
bool equal_constant_time(const unsigned char *a, const unsigned char *b, size_t n);

/* Writes a uniformly distributed code of `digits` (4 to 8) decimal digits, made from 64 random bits by
 * rejection sampling. Returns false and writes nothing when the bits were rejected; the caller then tries
 * again with new bits. `out` has room for digits + 1 bytes. */
bool code_from_random(uint64_t random, int digits, char *out) must_use;
