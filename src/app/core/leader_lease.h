/* Leases for work that one instance does for all, such as clean-up and reconciliation. The instance that does
 * the work holds a named lease in the store and renews it. When it stops renewing, another instance can take
 * over half a minute later. If only one process uses the store, it always holds the lease, and no store
 * access is needed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "port/world.h"

/* The state of one lease in one thread. Not thread-safe. The caller sets `name` and zeroes the rest. */
struct leader_lease {
	const char *name;
	bool is_held;
	int64_t renew_at; /* ticks; from this tick on, the next call of leader_lease_acquire renews the lease
			     in the store */
};

/* Acquires the lease, or renews it when that is due. Sets `is_held` to whether this instance holds the lease.
 * Called before each step of the work; a step must take much less time than a lease lasts. After a failure
 * the caller must assume that it does not hold the lease. */
enum err leader_lease_acquire(
	const struct world *world, struct arena *a, struct leader_lease *leader, bool *is_held) must_use;
/* Releases the lease, so that the next instance need not wait until the lease expires. */
enum err leader_lease_release(
	const struct world *world, struct arena *a, struct leader_lease *leader) must_use;
