/* Operations on all rows of the outbox: releasing leases when kycd starts, making rows due, removing finished
 * rows, measuring. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "port/world.h"

/* Releases all leases of the outbox. Called when kycd starts, and only if no other process uses the database.
 * In that case the leases belong to processes that have ended. */
enum err outbox_take_over(const struct world *world, struct arena *a) must_use;
/* Makes all rows due at once that wait for their next try. */
enum err outbox_make_due(const struct world *world, struct arena *a) must_use;
/* Removes finished rows that were created more than 30 days ago, at most 1,024 per call. */
enum err outbox_clean(const struct world *world, struct arena *a) must_use;
/* Sets the metric for the age in seconds of the oldest e-mail that was not sent yet. */
enum err outbox_measure(const struct world *world, struct arena *a) must_use;
