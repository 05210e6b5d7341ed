/* Removes rows of verification links that are no longer needed. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "port/world.h"

/* Removes result tokens that have expired, and links VERIFICATION_LINK_RETENTION after their expiry, at most
 * 64 of each per call. */
enum err verification_link_clean(const struct world *world, struct arena *a) must_use;
