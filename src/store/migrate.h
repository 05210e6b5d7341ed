/* Brings a database's schema forward, step by step, never back. The database remembers in its table
 * schema_steps which steps it has seen. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "store/sql_driver.h"
#include "store/steps.h"

enum schema {
	SCHEMA_EMPTY,	/* no tables at all: version 0 */
	SCHEMA_STRANGE, /* tables, but not ours */
	SCHEMA_OLDER,
	SCHEMA_CURRENT,
	SCHEMA_NEWER, /* made by a later program: hands off */
};

/* `version`: the last step that it has seen. */
enum err migrate_look(
	struct sql *sql, const struct steps *steps, enum schema *schema, int64_t *version) must_use;
/* Takes the steps that are missing, all or none, in one transaction. ERR_CONFLICT: neither empty, older nor
 * current. */
enum err migrate(struct sql *sql, const struct steps *steps) must_use;
