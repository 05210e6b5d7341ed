/* Brings a database's schema forward, step by step, never back. The database remembers in its table
 * schema_steps which steps it has seen. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "store/sql/driver.h"
#include "store/sql/schema_migrations.h"

/* Of an unfinished one. */
#define INCOMPLETE_COPY_MESSAGE                                                                              \
	"is half of a copy: run the same `kycd db copy` again, which goes on, or give another database"

enum schema {
	SCHEMA_EMPTY,		/* no tables at all: version 0 */
	SCHEMA_FOREIGN,		/* tables, but not ours */
	SCHEMA_INCOMPLETE_COPY, /* half of a copy (store/copy/copy): nobody else's, whichever version it has
				 */
	SCHEMA_OLDER,
	SCHEMA_CURRENT,
	SCHEMA_NEWER, /* made by a later program: hands off */
};

/* `version`: the last step that it has seen. */
enum err migrate_inspect(
	struct sql *sql, const struct migrations *migrations, enum schema *schema, int64_t *version) must_use;
/* What comes before the first step on an older schema, while nobody else can write any more; its failure is
 * handed on, and no step is taken. */
struct migrate_hook {
	enum err (*run)(void *arg, int64_t version);
	void *arg;
};
/* Takes the steps that are missing, all or none, in one transaction. ERR_CONFLICT: neither empty, older nor
 * current. `first` may be NULL. */
enum err migrate(
	struct sql *sql, const struct migrations *migrations, const struct migrate_hook *hook) must_use;
