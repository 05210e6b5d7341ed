/* Rows as the column tables of port/record see them: compared, copied whole, and let go. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "port/record.h"

/* Below, equal or above 0, as SQL orders them: numbers by value, texts and bytes byte by byte. */
int column_compare(const struct column *c, const void *a, const void *b);
/* The empty text, or the number 0. */
bool column_is_empty(const struct column *c, const void *row);
/* By the key columns. */
int row_compare_key(const struct record *r, const void *a, const void *b);
/* Do all filters of `q` hold? */
bool row_matches(const struct query *q, const void *row, const void *probe);
/* By the query's order. */
int row_compare(const struct query *q, const void *a, const void *b);

/* A copy of its own, bytes included; NULL: no memory. row_free wipes and frees it; accepts NULL. */
void *row_clone(const struct record *r, const void *row) must_use;
void row_free(const struct record *r, void *row);
/* Into the caller's struct; bytes go into the arena. ERR_INTERNAL when it is full, `out` is untouched then.
 */
enum err row_copy_out(const struct record *r, const void *row, struct arena *arena, void *out) must_use;
