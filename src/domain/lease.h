/* Leases: at any moment, at most one of several instances does a certain piece of background work. The owner
 * of the lease renews it while it works. If an instance crashes, its lease expires 30 seconds after the last
 * renewal. Moments are by the store's clock, which all instances share. Pure. */
#pragma once

#include <stdbool.h>

#include "base/moment.h"
#include "domain/id.h"

#define LEASE_DURATION seconds(30)
/* How often the owner renews. */
#define LEASE_RENEW_INTERVAL seconds(10)

struct lease {
	char name[ID_SIZE]; /* names the work */
	struct instance_id owner;
	moment expires_at; /* 0: no instance has the lease */
};

/* Takes or renews the lease. Returns false when another instance has it. A lease that was taken before the
 * store's clock was set back can be taken. */
bool lease_acquire(struct lease *lease, const struct instance_id *instance, moment now);
/* Frees the lease. Returns false and changes nothing when the instance does not own it. */
bool lease_release(struct lease *lease, const struct instance_id *instance);
