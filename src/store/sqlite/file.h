/* Operations on the file of a SQLite database that are done before the store is opened or without it: creates
 * the file so that only its owner can access it, opens connections, checks the schema version. On failure
 * `why` is set to a message for the operator. The errors are those of store/sqlite/store.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "store/sql/driver.h"
#include "store/sql/migrate.h"
#include "store/sql/schema_migrations.h"
#include "store/sqlite/driver.h"
#include "store/sqlite/snapshot.h"

/* Parameters of one operation on one file. */
struct sqlite_file {
	const char *path;    /* 0-terminated; begins with / or ./ */
	struct arena *arena; /* memory for `path` and for the message in `reason` */
	struct str *reason;
	const struct migrations *migrations; /* of this program */
	struct cancel_token
		/* Checked by long operations; sqlite_file_init sets it to a token that is never cancelled. */
		cancel;
};

/* Initializes `f`. Returns ERR_INPUT if `path` is empty, ends with / or contains a NUL byte. */
enum err sqlite_file_init(
	struct sqlite_file *f, struct str path, struct arena *arena, struct str *why) must_use;
/* Sets the error message to "PATH: WHAT" and returns `e`. */
enum err sqlite_file_fail(const struct sqlite_file *f, enum err e, const char *what) must_use;
/* Does the same as sqlite_file_fail, but if SQLite's last failure has a condition (store/sqlite/diagnosis.h),
 * uses its message instead of `what`. */
enum err sqlite_file_fail_condition(const struct sqlite_file *f, enum err e, const char *what) must_use;
/* Returns the path of the marker file (store/sqlite/creation.h), or NULL if memory runs out. */
const char *sqlite_file_marker(const struct sqlite_file *f);
/* Returns whether the marker file exists. Then the database was created at some time, although it may be
 * missing now. */
bool sqlite_file_was_created(const struct sqlite_file *f);
/* Fails because the database is missing (ERR_NOT_FOUND) or empty (ERR_INPUT). The message names the marker
 * file if it exists. */
enum err sqlite_file_fail_absent(const struct sqlite_file *f, bool missing) must_use;
/* Creates the missing folders of the path, with mode 0700. */
enum err sqlite_file_create_folders(const struct sqlite_file *f) must_use;
/* Creates the missing folders, and an empty file with mode 0600 unless the file exists. */
enum err sqlite_file_create(const struct sqlite_file *f) must_use;
/* If the process runs as root, gives the file `fd` to the owner of the database, as SQLite does with its WAL.
 * Otherwise the service, which runs as that user, could not open the file later. */
void sqlite_file_share_owner(const struct sqlite_file *f, int fd);
/* Opens a connection. Returns ERR_NOT_FOUND if there is no such file or it cannot be opened. */
enum err sqlite_file_connect(
	const struct sqlite_file *f, enum connection_mode use, struct sql **out) must_use;
/* Reads the schema version without changing anything. Fails for SCHEMA_FOREIGN,
 * SCHEMA_INCOMPLETE_COPY and SCHEMA_SET_BACK. */
enum err sqlite_file_inspect(const struct sqlite_file *f, enum schema *schema, int64_t *version) must_use;
/* Fails because the schema is foreign, an incomplete copy, older or newer than this program's. Sets the error
 * message and returns the error. For an older or newer schema the message contains both versions. */
enum err sqlite_file_fail_schema(const struct sqlite_file *f, enum schema schema, int64_t version) must_use;
/* Runs SQLite's integrity check: reads every page and compares every index with its table. */
enum err sqlite_file_check_pages(const struct sqlite_file *f, struct sql *sql) must_use;
