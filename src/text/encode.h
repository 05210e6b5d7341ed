/* Bytes as text and back: hex, base64, base32, base62, percent-coding, HTML. Decoders accept exactly the
 * canonical form unless said otherwise; results live in the given arena or the caller's bytes. ERR_INTERNAL:
 * the arena is full. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* Lower-case hex; `out` has room for 2n + 1. */
void hex_write(const unsigned char *bytes, size_t n, char *out);
/* Upper or lower case, exactly 2n digits. */
bool hex_read(struct str hex, unsigned char *bytes, size_t n) must_use;

/* Standard alphabet with padding (RFC 4648 section 4). */
enum err base64_write(struct arena *a, const unsigned char *bytes, size_t n, struct str *out) must_use;
/* Padding may be left out, both alphabets are read; other bits than zero behind the last byte are refused.
 * The length must come out as exactly n. */
bool base64_read(struct str text, unsigned char *bytes, size_t n) must_use;

/* 0-9A-Za-z, fixed width, most significant first; `out` gets `digits` characters, no final 0. */
void base62_write(uint64_t value, char *out, size_t digits);

/* Percent-decoding of one path segment, or of one query part, where "+" is a space. ERR_INPUT on a broken
 * escape, a NUL, or what is not UTF-8 afterwards. `%2F` in a path stays as it is written: it is never decoded
 * into a slash. */
enum err percent_decode_query(struct arena *a, struct str s, struct str *out) must_use;
enum err percent_decode_path(struct arena *a, struct str s, struct str *out) must_use;
/* Everything but unreserved characters (RFC 3986 section 2.3) as %XX. */
void percent_encode(struct buf *out, struct str s);
/* & < > " ' as entities: safe in text and in quoted attributes. */
void html_escape(struct buf *out, struct str s);
