/* Implements port/shared_state.h with rows of the store. The provider's budget of polls is in table `rates`;
 * the provider's token, sealed, is in table `provider_tokens`. */
#pragma once

#include "base/err.h"
#include "port/shared_state.h"
#include "port/world.h"

/* Uses store, keys and random of `world`, which must exist until the shared state is closed. */
enum err shared_state_open(const struct world *world, struct shared_state **out) must_use;
