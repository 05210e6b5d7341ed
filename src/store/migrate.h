/* Brings a database's schema forward, step by step, never back. The database remembers in its table
 * schema_steps which steps it has seen. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "store/sql_driver.h"
#include "store/steps.h"

/* Of an unfinished one. */
#define UNFINISHED_SENTENCE                                                                                  \
	"is half of a copy: run the same `kycd db copy` again, which goes on, or give another database"

enum schema {
	SCHEMA_EMPTY,	   /* no tables at all: version 0 */
	SCHEMA_STRANGE,	   /* tables, but not ours */
	SCHEMA_UNFINISHED, /* half of a copy (store/copy): nobody else's, whichever version it has */
	SCHEMA_OLDER,
	SCHEMA_CURRENT,
	SCHEMA_NEWER, /* made by a later program: hands off */
};

/* `version`: the last step that it has seen. */
enum err migrate_look(
	struct sql *sql, const struct steps *steps, enum schema *schema, int64_t *version) must_use;
/* What comes before the first step on an older schema, while nobody else can write any more; its failure is
 * handed on, and no step is taken. */
struct first {
	enum err (*act)(void *arg, int64_t version);
	void *arg;
};
/* Takes the steps that are missing, all or none, in one transaction. ERR_CONFLICT: neither empty, older nor
 * current. `first` may be NULL. */
enum err migrate(struct sql *sql, const struct steps *steps, const struct first *first) must_use;
