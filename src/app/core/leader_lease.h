/* Work that one of several instances does for all: it is taken by a lease in the store, renewed, and free for
 * others half a minute after its last renewal. Where only one program serves the store, it is always ours and
 * costs nothing. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "port/world.h"

/* For one thread. */
struct leader_lease {
	const char *name;
	bool ours;
	int64_t renew_at; /* ticks */
};

/* To be asked before each step of the work, steps being much shorter than a lease. On failure it is not ours.
 */
enum err leader_lease_acquire(
	const struct world *world, struct arena *a, struct leader_lease *turn, bool *ours) must_use;
/* At the end: whoever comes next need not wait. */
enum err leader_lease_release(const struct world *world, struct arena *a, struct leader_lease *turn) must_use;
