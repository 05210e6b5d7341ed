/* Opens and checks the database that KYCD_DATABASE names: SQLite or PostgreSQL. On failure `*why` is a
 * sentence for the operator; it lives in the arena. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "main/config/config.h"
#include "store/sqlite/instance_lock.h"

struct store;

/* Returns true for a SQLite file and false for PostgreSQL. */
bool database_is_file(const struct config *config);
/* "KYCD_DATABASE=sqlite:FILE" → FILE. */
struct str database_path(const struct config *config);
/* Whether opening the database may create it: only `serve` and `db migrate` do. */
enum database_use { DATABASE_EXISTING, DATABASE_SERVE, DATABASE_SERVE_CREATE };
/* DATABASE_SERVE creates a database that never existed, and migrates a SQLite file with an older schema.
 * DATABASE_SERVE_CREATE also creates a SQLite file that existed before. PostgreSQL is never migrated here,
 * because other instances may be using it. */
enum err database_open(const struct config *config, enum database_use use, struct arena *arena,
	struct store **out, struct str *why) must_use;
/* Locks a SQLite file for this process. If another process has the lock, waits up to `limit` and prints on
 * stderr that it is waiting. */
enum err database_lock(struct str path, duration limit, struct arena *arena, struct instance_lock *out,
	struct str *why) must_use;
/* Reads the schema version of the database. The version is 0 if the database is empty. */
enum err database_version(
	const struct config *config, struct arena *arena, int64_t *version, struct str *why) must_use;
/* Returns the schema version that this program uses. */
int64_t database_schema_version(void);
/* Checks the integrity of the database. Returns ERR_STORAGE if it is damaged. */
enum err database_check(const struct config *config, struct arena *arena, struct str *why) must_use;
/* Returns a static text about the latest error of the database, worded to follow "the database ". Returns
 * NULL if there was no error or it has no description. */
const char *database_error(void);
