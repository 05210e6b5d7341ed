/* `user allow`: another try after declines, or after a sign of the blocklist. Holds at once on all servers of
 * the database, for the rule reads the person's row. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "app/people.h"
#include "base/arena.h"

struct allowance {
	bool was_needed; /* else nothing stood in the way, and nothing was written */
	int64_t tries;	 /* that counted until now */
	bool blocklisted;
};

struct allowances {
	struct people people;
	struct allowance list[PEOPLE_MAX];
};

/* Of every group in which the address is known, or of one. Of nobody when `people` says so. */
enum err app_allow(
	const struct world *world, struct arena *a, const struct whom *whom, struct allowances *out) must_use;
