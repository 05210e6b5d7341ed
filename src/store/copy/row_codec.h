/* Encodes and decodes table rows for copies between databases. The encoding does not depend on the engine: it
 * is the format of a row in PostgreSQL's binary COPY. An encoded row begins with the number of its fields (2
 * bytes). For each field, its length (4 bytes; -1 for NULL) and its bytes follow. Numbers have 8 bytes. All
 * integers are big-endian.
 *
 * An object must be used by only one thread at a time; different objects may be used by different threads. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "port/record.h"

/* Maximum size of an encoded row in bytes. kycd never writes a larger row, so a larger one means that the
 * database is damaged. */
#define ROW_BYTES_MAX ((size_t)32 * 1024 * 1024)

/* Buffer for encoding rows. Initialize it with zeros. row_encode_begin starts a new row in the same memory;
 * row_encode_finish frees the memory. `failed` must be checked after a row is complete. */
struct row_buf {
	char *p;
	size_t n, capacity;
	bool failed; /* out of memory, or the row is larger than ROW_BYTES_MAX */
};
void row_encode_begin(struct row_buf *b, size_t fields);
void row_encode_bytes(struct row_buf *b, struct str value);
void row_encode_number(struct row_buf *b, int64_t number);
void row_encode_null(struct row_buf *b);
void row_encode_finish(struct row_buf *b);

/* Finds the end of the first encoded row in `bytes` and sets `size` to its length. Returns false if `bytes`
 * does not contain a complete row. */
bool row_encoded_size(struct str bytes, size_t *size) must_use;
/* Returns whether all values have the types and sizes of the table's columns. If not, `bad` is the first
 * column with an invalid value, or NULL if the number of columns is wrong. */
bool row_fits_table(const struct record *table, struct str encoded, const struct column **bad) must_use;

/* State for reading the values of an encoded row one by one. The row must have passed row_fits_table. */
struct row_fields {
	struct str rest;
};
struct row_fields row_decode(struct str encoded);
struct str row_decode_next(struct row_fields *f);
int64_t row_decode_number(struct str value);

/* The number of rows of a table and a digest of the bytes of all rows, in order. Initialize it with zeros. */
struct rows_checksum {
	int64_t rows;
	unsigned char digest[DIGEST_BYTES];
};
void rows_checksum_add(struct rows_checksum *t, struct str encoded);
bool rows_checksum_equal(const struct rows_checksum *a, const struct rows_checksum *b);
