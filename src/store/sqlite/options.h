/* The options of a connection to a SQLite database: durability, memory limits, and protection against
 * manipulated databases. */
#pragma once

#include <stdbool.h>

#include <sqlite3.h>

/* Sets the options of a new connection. A writing connection also switches the file to WAL mode where
 * possible. Returns a result code of SQLite. */
int sqlite_set_options(sqlite3 *db, bool writing);
