/* The measurements of this instance with their limits, which are those of packaging/alerts.yml. */
#pragma once

#include "app/console/system_view.h"
#include "base/arena.h"
#include "base/err.h"
#include "port/world.h"

/* Sets the measurements of the view. Leaves out what is not measured. */
enum err system_measures_read(const struct world *world, struct arena *a, struct system_view *view) must_use;
