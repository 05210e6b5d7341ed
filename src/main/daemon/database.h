/* The database that KYCD_DATABASE names, whichever engine has it. A failure's `why` is a sentence for the
 * operator, in the arena. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "main/config/config.h"
#include "store/sqlite/instance_lock.h"

struct store;

/* Is it a file, which this machine's programs alone can have? Else it is PostgreSQL. */
bool database_is_file(const struct config *config);
/* "KYCD_DATABASE=sqlite:FILE" → FILE. */
struct str database_path(const struct config *config);
/* `serving`: an older file is brought forward; PostgreSQL, which others may serve too, never is. */
enum err database_open(const struct config *config, bool serving, struct arena *arena, struct store **out,
	struct str *why) must_use;
/* Takes the hold on a file for this process, waiting that long for another one's; stderr is told of that. */
enum err database_lock(struct str path, duration limit, struct arena *arena, struct instance_lock *out,
	struct str *why) must_use;
/* Its schema's version; 0: it is empty. */
enum err database_version(
	const struct config *config, struct arena *arena, int64_t *version, struct str *why) must_use;
int64_t database_schema_version(void);
/* Is it whole? ERR_STORAGE: no. */
enum err database_check(const struct config *config, struct arena *arena, struct str *why) must_use;
/* What was wrong last, as it may follow "the database ". NULL: not known. */
const char *database_error(void);
