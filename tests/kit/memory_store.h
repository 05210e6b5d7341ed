/* A store in memory, for tests. `transact` runs the work on the caller's thread, one transaction at a time.
 * Work that writes is run twice: the first run is rolled back, so that tests detect work that cannot be
 * repeated. All rows are lost when the store is closed. */
#pragma once

#include "base/err.h"
#include "port/store.h"
#include "port/world.h"

enum err memory_store_open(struct store **out) must_use;
/* Sets the clock that store_clock reads. The clock must outlive the store. If no clock is set, the time is
 * always 0. */
void memory_store_set_clock(struct store *store, struct clock *clock);
