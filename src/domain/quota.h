/* The monthly quota of a tenant. One unit is reserved before the provider is called. When no session was
 * created, the unit is released for the month in which it was reserved (interface.md 3). Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "domain/id.h"

struct quota {
	struct tenant_id tenant_id;
	int64_t month; /* year and month as a number, e.g. 202601 */
	int64_t used;
	/* The last threshold that an event reported, and the limit that it referred to; 0: none. */
	int64_t notified_limit, notified_percent;
};

/* Takes one unit. Returns false and takes nothing when `limit` is reached. The limit NO_QUOTA is never
 * reached. */
bool quota_reserve(struct quota *q, int64_t limit);
/* Gives one unit back; `used` never becomes negative. */
void quota_release(struct quota *q);
/* Returns whether at least this percentage of `limit` is used. A limit is at most INT32_MAX. */
bool quota_has_reached(const struct quota *q, int64_t limit, int64_t percent);
