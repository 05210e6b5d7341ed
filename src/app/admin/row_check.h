/* Checks the MACs of all rows of the database. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "port/row_name.h"
#include "port/store.h"

struct row_check {
	struct store *store;
	/* Called for each row that is not authentic, in the order of tables and keys. `name` is the name of
	 * the row (port/row_name.h). */
	void (*on_finding)(void *arg, const char *table, const char *name, enum row_state state);
	void *arg;
	int64_t rows, findings; /* set by row_check_run */
};

/* Reads every row that has a MAC. The store must have its row key. */
enum err row_check_run(struct row_check *check) must_use;
