/* The UPDATE that a save of an existing row tries first on SQLite. It sets only columns that no query uses,
 * on the condition that the others have not changed. An UPDATE of all columns would rewrite the entries of
 * every index, even those that stay the same. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "store/sql/statement.h"

/* Builds the UPDATE of a record in `list`, which has all statements, and enters its number in the record's
 * STATEMENT_SAVE. Does nothing for records without an index, and for those of which most saves change a
 * column of an index. Returns ERR_INTERNAL if the arena is full. */
enum err update_statement_build(struct arena *a, enum record_kind of, struct statement *list) must_use;
