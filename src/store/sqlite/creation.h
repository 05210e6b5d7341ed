/* Creates a SQLite database. Prevents a lost database from being silently replaced by an empty one: a marker
 * file, DATABASE.created, stays beside each database that was created. Where the marker exists, a missing or
 * empty database is created only if the operator asks for it. */
#pragma once

#include "base/err.h"
#include "store/sqlite/file.h"

/* CREATE_FIRST creates a database that does not exist, unless the marker shows that it existed before.
 * CREATE_AGAIN creates it even then. */
enum creation { CREATE_NEVER, CREATE_FIRST, CREATE_AGAIN };

/* Creates a database that is missing or empty, if `creation` permits it: missing folders, the file, its
 * tables and the marker. Logs `database_created`. If the database exists, only creates the marker if that is
 * missing. CREATE_NEVER does nothing. Returns ERR_NOT_FOUND (missing) or ERR_INPUT (empty) if the marker
 * prevents the creation. */
enum err sqlite_create(const struct sqlite_file *f, enum creation creation) must_use;
