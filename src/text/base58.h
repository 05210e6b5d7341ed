/* Base58 with the alphabet of Bitcoin and Solana: the bytes are written as one big number in base 58, each
 * leading zero byte as "1". The encoding is unambiguous. The time grows with the square of the length, so the
 * length is limited before any work is done. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"

/* Maximum number of bytes that can be decoded or encoded. */
#define BASE58_BYTES_MAX 1536
/* Maximum length of the text for n bytes: n * log 256 / log 58, rounded up. */
#define BASE58_TEXT(n) ((n)*138 / 100 + 1)

/* Decodes into `bytes`, which has `room` bytes (at most BASE58_BYTES_MAX), and sets `n` to the number of
 * bytes. Returns false and writes nothing if a character is not in the alphabet or the result is longer than
 * `room`. */
bool base58_read(struct str text, unsigned char *bytes, size_t room, size_t *n) must_use;
/* Encodes `n` bytes (at most BASE58_BYTES_MAX). `out` has at least BASE58_TEXT(n) + 1 bytes, with the final
 * NUL. Returns the length of the text. */
size_t base58_write(const unsigned char *bytes, size_t n, char *out);
