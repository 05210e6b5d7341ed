/* Upgrades the schema of a database by running the migrations that it does not have yet. There is no
 * downgrade. The table schema_migrations lists the migrations that were run; a database older than version 12
 * calls it schema_steps. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "store/sql/driver.h"
#include "store/sql/schema_migrations.h"

/* The error message for SCHEMA_INCOMPLETE_COPY. It follows the name of the database. */
#define INCOMPLETE_COPY_MESSAGE                                                                              \
	"is an unfinished copy: run the same `kycd db copy` again to complete it, or use another database"

/* The error message for SCHEMA_SET_BACK. */
#define SET_BACK_MESSAGE                                                                                     \
	"calls itself older than its keys are: something else than kycd has changed it; restore a backup"

enum schema {
	SCHEMA_EMPTY,	/* no tables; version 0 */
	SCHEMA_FOREIGN, /* the database has tables, but not those of kycd */
	/* An unfinished copy (store/copy/copy.h) with any schema version; only kycd db copy may use it. */
	SCHEMA_INCOMPLETE_COPY,
	/* The rows have MACs, but the schema is from before MACs: somebody has set it back, so that an
	 * upgrade would write MACs for rows that they have changed. */
	SCHEMA_SET_BACK,
	SCHEMA_OLDER,
	SCHEMA_CURRENT,
	SCHEMA_NEWER, /* created by a newer kycd; this program must not use it */
};

/* Compares the schema of the database with `migrations`. Sets `version` to the number of the last migration
 * that was run. */
enum err migrate_inspect(
	struct sql *sql, const struct migrations *migrations, enum schema *schema, int64_t *version) must_use;
/* A function that `migrate` calls before the first migration of an existing database (SCHEMA_OLDER). It runs
 * inside the transaction, so that no other process can write. `version` is the version before the upgrade. If
 * `run` fails, no migration is run and `migrate` returns that error. */
struct migrate_hook {
	enum err (*run)(void *arg, int64_t version);
	void *arg;
};
/* Runs the missing migrations in one transaction, either all of them or none. Returns ERR_CONFLICT if the
 * schema is newer, foreign or an incomplete copy. `hook` may be NULL. */
enum err migrate(
	struct sql *sql, const struct migrations *migrations, const struct migrate_hook *hook) must_use;
