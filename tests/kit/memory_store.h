/* A store in plain memory, for tests: `transact` runs the work at once on the caller's thread, one at a time;
 * a writing work runs twice, of which only the second counts. Nothing outlives it. */
#pragma once

#include "base/err.h"
#include "port/store.h"
#include "port/world.h"

enum err memory_store_open(struct store **out) must_use;
/* Its own clock, which outlives it; until then it stands at 0. */
void memory_store_set_clock(struct store *store, struct clock *clock);
