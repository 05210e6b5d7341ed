/* `user allow`: another try after declines, or after a sign of the blocklist. Holds at once on all servers of
 * the database, for the rule reads the person's row. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "app/admin/person_search.h"
#include "base/arena.h"

struct tries_reset {
	bool was_needed; /* else nothing stood in the way, and nothing was written */
	int64_t tries;	 /* that counted until now */
	bool blocklisted;
};

struct tries_resets {
	struct person_search search;
	struct tries_reset list[PERSON_SEARCH_MAX];
};

/* Of every group in which the address is known, or of one. Of nobody when `people` says so. */
enum err reset_tries_run(const struct world *world, struct arena *a, const struct person_selector *selector,
	struct tries_resets *out) must_use;
