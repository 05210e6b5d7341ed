/* Work that one of several instances has for a while: it renews what it still works on; what a dead one had
 * is free half a minute after it was last heard of. Moments are the store's clock, which all of them share.
 * Pure. */
#pragma once

#include <stdbool.h>

#include "base/moment.h"
#include "domain/id.h"

#define LEASE_DURATION seconds(30)
/* How often a living one renews. */
#define LEASE_RENEW_INTERVAL seconds(10)

struct lease {
	char name[ID_SIZE]; /* of the work */
	struct instance_id owner;
	moment expires_at; /* 0: nobody has it */
};

/* Takes or renews it for `who`; false: somebody else has it. */
bool lease_acquire(struct lease *lease, const struct instance_id *who, moment now);
/* Nobody's from now on, if it is theirs. False: it is not. */
bool lease_release(struct lease *lease, const struct instance_id *who);
