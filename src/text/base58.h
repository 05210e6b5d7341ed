/* Base58 with Bitcoin's alphabet, which is Solana's too: bytes as one big number, each leading zero byte a
 * "1". Every text has at most one meaning. The work grows with the square of the length, so each call is
 * bounded by the caller's room before it begins. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"

/* More bytes than this are neither read nor written at once. */
#define BASE58_BYTES_MAX 1536
/* Characters that n bytes can have at most: n times log 256 / log 58, rounded up. */
#define BASE58_TEXT(n) ((n)*138 / 100 + 1)

/* Into at most `room` bytes, room <= BASE58_BYTES_MAX; `n` is how many there are. False, and nothing written:
 * a character outside the alphabet, or more bytes. */
bool base58_read(struct str text, unsigned char *bytes, size_t room, size_t *n) must_use;
/* `out` has room for BASE58_TEXT(n) and a final 0; n <= BASE58_BYTES_MAX. Returns the length. */
size_t base58_write(const unsigned char *bytes, size_t n, char *out);
