/* Creates a SQLite database, and prevents that a database which was lost is silently replaced by an empty
 * one: a marker file, DATABASE.created, stays beside each database that was created. Where it exists, a
 * database that is missing or empty is created only if the operator asks for it. */
#pragma once

#include "base/err.h"
#include "store/sqlite/file.h"

/* CREATE_FIRST: create a database that does not exist, unless the marker says that it existed before.
 * CREATE_AGAIN: create it in any case. */
enum creation { CREATE_NEVER, CREATE_FIRST, CREATE_AGAIN };

/* Creates a database that is missing or empty, if `creation` permits it: missing folders, the file, its
 * tables and the marker; logs `database_created`. Beside an existing database it leaves a marker if there is
 * none. CREATE_NEVER does nothing. ERR_NOT_FOUND or ERR_INPUT: the database is missing or empty, but the
 * marker exists. */
enum err sqlite_create(const struct sqlite_file *f, enum creation creation) must_use;
