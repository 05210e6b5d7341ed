/* Which tenant is calling, and how often: keys are looked up in the store when they are new or a second old,
 * limits are kept in memory per key; where several instances serve one store, they count a key's minute
 * together (app/core/rate) and its second each by itself. Safe from any thread. */
#pragma once

#include "app/core/caller.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "http/message.h"
#include "port/world.h"

struct guard;

enum guard_verdict {
	GUARD_PASSED,
	GUARD_UNAUTHORIZED,
	GUARD_LIMITED,	   /* `wait`, and the limits in force */
	GUARD_UNAVAILABLE, /* the store did not tell */
};

struct guarded {
	enum guard_verdict verdict;
	struct caller caller; /* GUARD_PASSED; the actor's request id is left to the dispatcher */
	int64_t per_minute, per_second;
	duration wait;
};

enum err guard_open(const struct world *world, struct guard **out) must_use;
void guard_close(struct guard *guard);
void guard_check(struct guard *guard, const struct request *request, struct arena *a, struct guarded *out);
