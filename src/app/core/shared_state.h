/* port/shared_state.h in the store's rows: the budget in `rates`, the token sealed in `tokens`. */
#pragma once

#include "base/err.h"
#include "port/shared_state.h"
#include "port/world.h"

/* The world outlives it; its store, keys and luck are used. */
enum err shared_state_open(const struct world *world, struct shared_state **out) must_use;
