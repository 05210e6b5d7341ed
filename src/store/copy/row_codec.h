/* A row as every engine can give and take it, and the same bytes whichever it was: that of a row in
 * PostgreSQL's binary COPY. The number of fields (2 bytes), then each as its length (4 bytes; -1: there is no
 * value) and its bytes; a number is 8 bytes; the largest byte comes first everywhere. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "port/record.h"

/* Of one row; what is larger was not written by us. */
#define ROW_BYTES_MAX ((size_t)32 * 1024 * 1024)

/* A tuple that is being written; its memory is kept for the next. Zeroed before. */
struct row_buf {
	char *p;
	size_t n, room;
	bool failed; /* no memory, or too large */
};
void row_encode_begin(struct row_buf *b, size_t fields);
void row_encode_bytes(struct row_buf *b, struct str value);
void row_encode_number(struct row_buf *b, int64_t number);
void row_encode_null(struct row_buf *b);
void row_encode_finish(struct row_buf *b);

/* The first tuple in `bytes`; `size` is how many of them it has. False: there is no whole one. */
bool row_encoded_size(struct str bytes, size_t *size) must_use;
/* Does it fit the table? Else `bad` is the first column that it does not fit; NULL: their number is wrong. */
bool row_fits_table(const struct record *table, struct str encoded, const struct column **bad) must_use;

/* The values of a tuple that fits, one by one. */
struct row_fields {
	struct str rest;
};
struct row_fields row_decode(struct str encoded);
struct str row_decode_next(struct row_fields *f);
int64_t row_decode_number(struct str value);

/* How many rows there are, and a digest of all their bytes in their order. Zeroed before. */
struct rows_checksum {
	int64_t rows;
	unsigned char digest[DIGEST_BYTES];
};
void rows_checksum_add(struct rows_checksum *t, struct str encoded);
bool rows_checksum_equal(const struct rows_checksum *a, const struct rows_checksum *b);
