/* Keccak-256 as Ethereum uses it: the sponge of FIPS 202 with a rate of 136 bytes, but with the padding of
 * the original submission (first bit 1) instead of SHA-3's (01 1). It is not SHA3-256 and gives other
 * digests. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define KECCAK_BYTES 32

struct keccak {
	uint64_t lanes[25];
	size_t n; /* bytes absorbed into the current block */
};

void keccak_start(struct keccak *k);
void keccak_add(struct keccak *k, struct str s);
/* Must be called once, after the last keccak_add(). */
void keccak_finish(struct keccak *k, unsigned char out[KECCAK_BYTES]);

void keccak256(struct str s, unsigned char out[KECCAK_BYTES]);
