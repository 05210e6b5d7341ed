/* Operations on all rows of the outbox: voiding leases at a start, making rows due, clean-up, measuring. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "port/world.h"

/* Voids all leases of the outbox. To be called at the start, and only if no other process uses the database:
 * the leases are then those of processes that have ended. */
enum err outbox_take_over(const struct world *world, struct arena *a) must_use;
/* Makes all rows that wait for their next try due now. */
enum err outbox_make_due(const struct world *world, struct arena *a) must_use;
/* Removes finished rows that were created more than 30 days ago, at most 64 per call. */
enum err outbox_clean(const struct world *world, struct arena *a) must_use;
/* Sets the metric of the age of the oldest e-mail that was not sent yet, in seconds. */
enum err outbox_measure(const struct world *world, struct arena *a) must_use;
