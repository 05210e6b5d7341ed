/* The monthly quota of a tenant: a unit is reserved before the provider is called and given back, to the
 * month it came from, when no session was made (interface.md 3). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "domain/id.h"

struct quota {
	struct tenant_id tenant_id;
	int64_t month; /* 202601 */
	int64_t used;
};

/* Takes one unit; false, and nothing taken, when `limit` (or NO_QUOTA) is reached. */
bool quota_reserve(struct quota *q, int64_t limit);
/* Never below nothing. */
void quota_release(struct quota *q);
