/* The tables of a kycd database that a copy must contain: one per record of port/record.h, and the list of
 * schema migrations. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "port/record.h"

#define COPY_TABLES ((size_t)RECORD_COUNT + 1)

/* Returns table `i`, which must be below COPY_TABLES. schema_migrations is the last table. */
const struct record *copy_table(size_t i);
/* Returns the SELECT of all rows of a table, sorted by key, for both engines. Both sort in the same order:
 * numbers by value, texts and bytes by their bytes. The result is 0-terminated and allocated in the arena;
 * its `p` is NULL if the arena is full. */
struct str copy_read_text(struct arena *arena, const struct record *table) must_use;
/* Returns the column names as `"a", "b"`, allocated like the result of copy_read_text. */
struct str copy_columns_text(struct arena *arena, const struct record *table) must_use;
