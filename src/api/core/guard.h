/* Checks the API key of a request and its rate limits. Keys are loaded from the store and cached for a
 * second; rate limits are kept in memory per key. If several instances serve one store, they count the
 * requests per minute of a key together (app/core/rate.h) and the requests per second each on its own. Safe
 * from any thread. */
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
	GUARD_UNAUTHORIZED, /* the key is missing, unknown, expired or revoked */
	GUARD_LIMITED,	    /* a rate limit is reached */
	GUARD_UNAVAILABLE,  /* the store failed */
};

struct guard_result {
	enum guard_verdict verdict;
	/* For GUARD_PASSED: `tenant`, `actor.kind` and `actor.id` are set. The dispatcher then sets
	 * `actor.request_id` and the end user. For other verdicts: not set. */
	struct caller caller;
	int64_t per_minute, per_second; /* the key's limits; for GUARD_PASSED and GUARD_LIMITED */
	duration wait;			/* for GUARD_LIMITED: until the next request can pass */
};

enum err guard_open(const struct world *world, struct guard **out) must_use;
/* Accepts NULL. */
void guard_close(struct guard *guard);
/* May access the store. */
void guard_check(
	struct guard *guard, const struct request *request, struct arena *a, struct guard_result *out);
