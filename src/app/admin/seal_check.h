/* Opens every sealed value of the database, to find those that are damaged. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "port/row_name.h"
#include "port/world.h"

struct seal_check {
	const struct world *world;
	/* Called for each value that cannot be opened. `name` is the name of the row (port/row_name.h). */
	void (*on_finding)(void *arg, const char *table, const char *name, const char *column);
	void *arg;
	/* Set by seal_check_run: values that were opened, and those that could not be. */
	int64_t values, findings;
};

/* Values of people who were erased, and in rows whose MAC is wrong, are left out. Uses only store and keys of
 * `world`. */
enum err seal_check_run(struct seal_check *check) must_use;
