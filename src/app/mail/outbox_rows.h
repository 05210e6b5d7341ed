/* The rows of the outbox as a whole: taken over at a start, hastened, cleaned away, measured. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "port/world.h"

/* At a start on a database that only one process serves: leases of dead processes are void. */
enum err outbox_take_over(const struct world *world, struct arena *a) must_use;
/* All that waits for its next try is due now. */
enum err outbox_make_due(const struct world *world, struct arena *a) must_use;
/* Removes rows that were made more than 30 days ago and are finished, at most 64 per call. */
enum err outbox_clean(const struct world *world, struct arena *a) must_use;
/* Sets the gauge of the oldest unsent letter. */
enum err outbox_measure(const struct world *world, struct arena *a) must_use;
