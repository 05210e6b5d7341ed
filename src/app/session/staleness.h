/* Measures how long open sessions have had no update from the provider. A person may be waiting for the
 * result of such a session. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "port/world.h"

/* Sets the metric to the time in seconds since the oldest of the last updates of all open sessions; 0 if no
 * session is open. */
enum err session_staleness_measure(const struct world *world, struct arena *a) must_use;
