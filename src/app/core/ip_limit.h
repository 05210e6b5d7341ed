/* Limits how many codes may be requested from one IP address of an end user (header `X-End-User-Address`).
 * The address is stored only as a keyed hash, for one day. */
#pragma once

#include "app/core/caller.h"
#include "base/err.h"
#include "port/store.h"
#include "port/world.h"

/* Decides whether a code may be sent at the request of the end user's IP address, counted over all tenants of
 * the group. If it may, counts it in the address's row and sets `*taken`; otherwise sets `*wait` to the time
 * until the next code is allowed. A call without an end user's address is never limited. */
enum err ip_limit_take(const struct world *world, struct tx *tx, const struct caller *caller, bool *taken,
	duration *wait) must_use;
/* Removes expired rows, at most 256 per call. */
enum err ip_limit_clean(const struct world *world, struct arena *a) must_use;
