/* The wall clock of several instances is the store's: what one writes down (a code's end, a bucket's, a
 * month) the others read, whatever the clocks of their machines say. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "port/world.h"

/* Sets the world's clock by the store's, where others share the store: at the start, and every few seconds.
 * An answer that took long tells nothing, and a difference that nobody would notice changes nothing. */
enum err clock_sync_run(const struct world *world, struct arena *a) must_use;
