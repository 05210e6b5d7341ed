/* Opens and checks the database that KYCD_DATABASE names, with either engine. On failure `*why` is a sentence
 * for the operator; it lives in the arena. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "main/config/config.h"
#include "store/sqlite/instance_lock.h"

struct store;

/* True for a SQLite file, false for PostgreSQL. */
bool database_is_file(const struct config *config);
/* "KYCD_DATABASE=sqlite:FILE" → FILE. */
struct str database_path(const struct config *config);
/* If `serving`, an older schema of a SQLite file is migrated. PostgreSQL is never migrated here, because
 * other instances may be using it. */
enum err database_open(const struct config *config, bool serving, struct arena *arena, struct store **out,
	struct str *why) must_use;
/* Locks a SQLite file for this process. Waits up to `limit` if another process has the lock, and prints on
 * stderr that it waits. */
enum err database_lock(struct str path, duration limit, struct arena *arena, struct instance_lock *out,
	struct str *why) must_use;
/* Reads the schema version of the database; 0 if the database is empty. */
enum err database_version(
	const struct config *config, struct arena *arena, int64_t *version, struct str *why) must_use;
/* The schema version of this program. */
int64_t database_schema_version(void);
/* Checks the integrity of the database. ERR_STORAGE if it is damaged. */
enum err database_check(const struct config *config, struct arena *arena, struct str *why) must_use;
/* The last error of either engine, to follow "the database "; NULL if there was none or it has no
 * description. Static text. */
const char *database_error(void);
