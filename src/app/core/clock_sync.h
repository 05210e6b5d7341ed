/* Sets the wall clocks of instances that share a database by the database's clock. Moments that one instance
 * stores (when a code expires, when a bucket is full again, the month of a quota) then mean the same to all
 * other instances, even if the clocks of their machines differ. Logs jumps of both clocks. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "port/world.h"

/* Sets the clock of `world` by the store's clock if the store is shared; does nothing otherwise. Called at
 * the start and every few seconds. A measurement is ignored if its round trip took a second or longer, or if
 * the difference is too small to matter. If the store's clock has jumped since the last call
 * (domain/expiry.h), this is logged. */
enum err clock_sync_run(const struct world *world, struct arena *a) must_use;

/* The difference between the wall clock of this machine and its monotonic clock, in milliseconds. */
struct clock_monitor {
	int64_t offset;
	bool has_offset;
};

/* Logs if the wall clock of this machine has jumped since the last call, on every engine. `monitor` is zeroed
 * before the first call. Uses no store. */
void clock_monitor_run(const struct world *world, struct clock_monitor *monitor);
