/* Encodes and decodes hex, base64, base64url, base62 and percent-encoding, and escapes HTML. Decoders accept
 * only the canonical form unless stated otherwise. Results are in the given arena or in the caller's memory.
 * ERR_INTERNAL: the arena is full. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* The value of a hexadecimal digit, 0 to 15. Returns -1 if the character is no digit. */
int hex_value(char c);
/* Writes lower-case hex with a final NUL; `out` has at least 2n + 1 bytes. */
void hex_write(const unsigned char *bytes, size_t n, char *out);
/* Decodes exactly 2n digits of upper or lower case. Returns false if the text is anything else. */
bool hex_read(struct str hex, unsigned char *bytes, size_t n) must_use;

/* Encodes with the standard alphabet and padding (RFC 4648 section 4). */
enum err base64_write(struct arena *a, const unsigned char *bytes, size_t n, struct str *out) must_use;
/* Decodes exactly n bytes. Accepts the standard and the URL-safe alphabet, with or without padding; unused
 * bits after the last byte must be 0. */
bool base64_read(struct str text, unsigned char *bytes, size_t n) must_use;

/* Encodes with the URL-safe alphabet without padding (RFC 4648 section 5). A final NUL is not counted. */
enum err base64url_write(struct arena *a, const unsigned char *bytes, size_t n, struct str *out) must_use;
/* Decodes a text of any length into bytes in the arena. ERR_INPUT: the text is not exactly what
 * base64url_write would write for these bytes, e.g. it has padding. */
enum err base64url_read(struct arena *a, struct str text, struct str *bytes) must_use;

/* Writes `value` with exactly `digits` digits from 0-9A-Za-z, most significant first, without a final NUL. */
void base62_write(uint64_t value, char *out, size_t digits);

/* Percent-decodes one name or one value of a query, where "+" is a space. ERR_INPUT: a malformed escape, or
 * a result that contains a NUL or is not UTF-8. */
enum err percent_decode_query(struct arena *a, struct str s, struct str *out) must_use;
/* Percent-decodes one path segment. ERR_INPUT: as for percent_decode_query. "+" and `%2F` are kept as they
 * are, so that `%2F` never becomes a slash. */
enum err percent_decode_path(struct arena *a, struct str s, struct str *out) must_use;
/* Writes all characters except the unreserved ones (RFC 3986 section 2.3) as %XX. */
void percent_encode(struct buf *out, struct str s);
/* Writes & < > " ' as entities. The result is safe in HTML text and in quoted attributes. */
void html_escape(struct buf *out, struct str s);
