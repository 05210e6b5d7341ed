/* Converts between the struct of a record and a row of SQLite. Part of the driver (store/sqlite/driver.c). */
#pragma once

#include <sqlite3.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/sql/driver.h"
#include "store/sql/row_mac.h"
#include "store/sql/statements.h"

/* Binds the parameters of the statement and returns SQLite's result code. Texts and bytes are not copied:
 * call->parameters must stay unchanged until the statement is reset. */
int sqlite_row_bind(
	sqlite3_stmt *stmt, const struct statement *statement, const struct sql_call *call) must_use;
/* Reads the current row into `row`, a struct of statement->size bytes. Byte values are copied into the arena;
 * stored->mac is valid until the next call on `stmt`. */
enum err sqlite_row_read(sqlite3_stmt *stmt, const struct statement *statement, struct arena *arena,
	void *row, struct stored_row *stored) must_use;
