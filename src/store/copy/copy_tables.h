/* What a database of ours consists of, for who copies one whole: every record, and the steps that its schema
 * has seen. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "port/record.h"

#define COPY_TABLES ((size_t)RECORD_COUNT + 1)

/* `i` below COPY_TABLES; schema_steps is the last. */
const struct record *copy_table(size_t i);
/* SQL for both engines, 0-terminated, in the arena; p is NULL when that is full. All rows by key, which is
 * the same order everywhere: numbers by value, texts and bytes byte by byte. */
struct str copy_read_text(struct arena *arena, const struct record *table) must_use;
/* `"a", "b"`. */
struct str copy_columns_text(struct arena *arena, const struct record *table) must_use;
