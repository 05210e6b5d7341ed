/* Hashes and keyed hashes (libsodium), equality in constant time, uniform codes from random bytes. */
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
/* Wipes any memory; the compiler may not leave it out. */
void secure_wipe(void *p, size_t n);

/* Once, before anything else in here. False: the system cannot do it. */
bool crypto_start(void) must_use;

void sha256(struct str s, unsigned char out[DIGEST_BYTES]);
/* HMAC-SHA256 (RFC 2104); the key is any text. */
void hmac_sha256(struct str key, struct str message, unsigned char out[DIGEST_BYTES]);
/* HMAC over several parts, each led by its length (8 bytes, big endian), so that no two lists of parts are
 * the same message. */
void keyed_digest(
	const struct secret_key *key, const struct str *parts, size_t n, unsigned char out[DIGEST_BYTES]);
/* One of what is too long to stand in memory, piece by piece (BLAKE2b, RFC 7693); each piece is led by its
 * length, as above. Nothing in it is secret. */
struct long_digest {
	_Alignas(64) unsigned char state[384];
};
void long_digest_begin(struct long_digest *d);
void long_digest_add(struct long_digest *d, struct str piece);
void long_digest_end(struct long_digest *d, unsigned char out[DIGEST_BYTES]);
bool equal_constant_time(const unsigned char *a, const unsigned char *b, size_t n);

/* A uniform code of `digits` (4 to 8) decimal digits from 64 random bits, by rejection: false when these bits
 * fall into the biased rest and new ones are needed. `out` has room for digits + 1. */
bool code_from_random(uint64_t random, int digits, char *out) must_use;
