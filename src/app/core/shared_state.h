/* Implements port/shared_state.h with rows of the store: the provider's budget of polls in table `rates`, the
 * provider's token, sealed, in table `tokens`. */
#pragma once

#include "base/err.h"
#include "port/shared_state.h"
#include "port/world.h"

/* Uses store, keys and random of `world`, which must exist until `out` is closed. */
enum err shared_state_open(const struct world *world, struct shared_state **out) must_use;
