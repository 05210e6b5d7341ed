/* Compares, copies and frees rows of the memory store, using the column tables of port/record.h. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "port/query.h"

/* Compares one column of two rows. Returns a number below 0, 0 or above 0. The order is SQL's: numbers by
 * value, texts and bytes byte by byte. */
int column_compare(const struct column *c, const void *a, const void *b);
/* Returns true if the column contains the empty text or the number 0. */
bool column_is_empty(const struct column *c, const void *row);
/* Compares the key columns of two rows. */
int row_compare_key(const struct record *r, const void *a, const void *b);
/* Returns true if the row passes all filters of the query. `probe` contains the values of the filters. */
bool row_matches(const struct query *q, const void *row, const void *probe);
/* Compares two rows in the query's sort order. */
int row_compare(const struct query *q, const void *a, const void *b);

/* Allocates a copy of the row including its byte strings. Returns NULL if memory is exhausted. row_free wipes
 * and frees a copy; its argument may be NULL. */
void *row_clone(const struct record *r, const void *row) must_use;
void row_free(const struct record *r, void *row);
/* Copies the row to the caller's struct; byte strings are copied into the arena. Returns ERR_INTERNAL if the
 * arena is full; `out` is then unchanged. */
enum err row_copy_out(const struct record *r, const void *row, struct arena *arena, void *out) must_use;
