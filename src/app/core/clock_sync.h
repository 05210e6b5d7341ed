/* Sets the wall clocks of instances that share a database by the database's clock. Moments that one instance
 * stores (when a code expires, when a bucket is full again, the month of a quota) then mean the same to all
 * other instances, even if the clocks of their machines differ. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "port/world.h"

/* Sets the clock of `world` by the store's clock if the store is shared; does nothing otherwise. Called at
 * the start and every few seconds. A measurement is ignored if its round trip took a second or longer, or if
 * the difference is too small to matter. */
enum err clock_sync_run(const struct world *world, struct arena *a) must_use;
