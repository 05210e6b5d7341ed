/* Measures for how long open sessions had no update from the provider: a person may be waiting for the
 * result. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "port/world.h"

/* Sets the metric to the time in seconds since the last update of the open session whose last update is the
 * oldest; 0 if no session is open. */
enum err session_staleness_measure(const struct world *world, struct arena *a) must_use;
