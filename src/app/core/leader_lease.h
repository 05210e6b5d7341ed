/* Work that one instance does for all, such as clean-up and reconciliation. The instance that does it holds a
 * named lease in the store and renews it; when it stops renewing, another instance can take over half a
 * minute later. If only one process uses the store, the lease is always held and causes no store access. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "port/world.h"

/* The state of one lease in one thread. Not thread-safe; set `name`, zero the rest. */
struct leader_lease {
	const char *name;
	bool is_held;
	int64_t renew_at; /* ticks; from then on the next acquire renews the lease in the store */
};

/* Acquires the lease, or renews it when that is due, and reports whether this instance holds it. To be called
 * before each step of the work; a step must take much less time than a lease lasts. After a failure the
 * caller must assume that it does not hold the lease. */
enum err leader_lease_acquire(
	const struct world *world, struct arena *a, struct leader_lease *leader, bool *is_held) must_use;
/* Releases the lease, so that the next instance need not wait until it expires. */
enum err leader_lease_release(
	const struct world *world, struct arena *a, struct leader_lease *leader) must_use;
