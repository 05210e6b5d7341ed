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
#define TUPLE_MAX ((size_t)32 * 1024 * 1024)

/* A tuple that is being written; its memory is kept for the next. Zeroed before. */
struct tuple_buf {
	char *p;
	size_t n, room;
	bool failed; /* no memory, or too large */
};
void tuple_begin(struct tuple_buf *b, size_t fields);
void tuple_add(struct tuple_buf *b, struct str value);
void tuple_add_number(struct tuple_buf *b, int64_t number);
void tuple_add_nothing(struct tuple_buf *b);
void tuple_finish(struct tuple_buf *b);

/* The first tuple in `bytes`; `size` is how many of them it has. False: there is no whole one. */
bool tuple_measure(struct str bytes, size_t *size) must_use;
/* Does it fit the table? Else `bad` is the first column that it does not fit; NULL: their number is wrong. */
bool tuple_fits(const struct record *table, struct str tuple, const struct column **bad) must_use;

/* The values of a tuple that fits, one by one. */
struct tuple_fields {
	struct str rest;
};
struct tuple_fields tuple_read(struct str tuple);
struct str tuple_next(struct tuple_fields *f);
int64_t tuple_number(struct str value);

/* How many rows there are, and a digest of all their bytes in their order. Zeroed before. */
struct rows_tally {
	int64_t rows;
	unsigned char digest[DIGEST_BYTES];
};
void rows_tally_add(struct rows_tally *t, struct str tuple);
bool rows_tally_same(const struct rows_tally *a, const struct rows_tally *b);
