/* How long the provider has not told of a session that is still open: a person may be waiting for us there.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "port/world.h"

/* Sets the metric: the age of the last news of the open session that was unheard of for longest; 0 without an
 * open session. */
enum err session_staleness_measure(const struct world *world, struct arena *a) must_use;
