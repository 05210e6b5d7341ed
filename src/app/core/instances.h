/* The list of instances that use the store (domain/instance.h). Each instance keeps its own row. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "domain/instance.h"
#include "port/store.h"
#include "port/world.h"

/* Writes a sign of life of this instance, world->instance, if `*due_at` (ticks) has passed, and sets it to
 * when the next one is due. The caller zeroes `*due_at` first. */
enum err instance_sign(const struct world *world, struct arena *a, int64_t *due_at) must_use;
/* Removes the row of this instance, which stops. */
enum err instance_leave(const struct world *world, struct arena *a) must_use;
/* Removes the rows of instances that ended without instance_leave(), if they are older than INSTANCE_KEPT or
 * not among the newest INSTANCES_MAX. */
enum err instance_clean(const struct world *world, struct arena *a) must_use;
/* Reads all rows, at most INSTANCES_MAX, the newest sign of life first. `now` is the store's clock. */
enum err instance_list(
	struct tx *tx, struct server_instance rows[INSTANCES_MAX], size_t *n, moment *now) must_use;
