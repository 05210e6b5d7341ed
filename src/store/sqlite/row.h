/* A row of ours into the parameters of a SQLite statement, and a row of its answer back; the second half of
 * store/sqlite/driver. */
#pragma once

#include <sqlite3.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/sql/driver.h"
#include "store/sql/statements.h"

/* SQLite's code. Nothing is copied: `call` stays as it is until the statement is reset. */
int sqlite_row_bind(sqlite3_stmt *stmt, const struct statement *what, const struct sql_call *call) must_use;
/* Into a struct of what->size; bytes go into the arena. ERR_STORAGE when a value does not fit its column. */
enum err sqlite_row_read(
	sqlite3_stmt *stmt, const struct statement *what, struct arena *arena, void *row) must_use;
