/* The end user's address of a call (`X-End-User-Address`): limits go by it, and nothing of it is kept but a
 * keyed hash, for a day. */
#pragma once

#include "app/core/caller.h"
#include "base/err.h"
#include "port/store.h"
#include "port/world.h"

/* May a code be sent at the wish of whoever sits there? Counted over the group; always, when the call names
 * no address. Taken in the row, when it is. */
enum err ip_limit_take(const struct world *world, struct tx *tx, const struct caller *caller, bool *taken,
	duration *wait) must_use;
/* Removes rows that have had their day, as many as one step bears. */
enum err ip_limit_clean(const struct world *world, struct arena *a) must_use;
