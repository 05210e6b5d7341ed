/* Checks the API key of a request and its rate limits. Keys are loaded from the store and cached for a
 * second. The requests of each key are counted in memory. If several instances serve one store, the limit per
 * minute applies to all instances together (app/core/rate.h), and the limit per second to each instance
 * separately. Thread-safe. */
#pragma once

#include "api/core/key_rate.h"
#include "app/core/caller.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "http/message.h"
#include "port/world.h"

struct guard;

enum guard_verdict {
	GUARD_PASSED,
	GUARD_UNAUTHORIZED, /* the key is missing, unknown, expired or revoked, or its tenant is disabled */
	GUARD_ADDRESS_REFUSED, /* the key may not be used from the address of the client */
	GUARD_LIMITED,	       /* a rate limit is reached */
	GUARD_UNAVAILABLE,     /* the store failed */
	GUARD_FORGED,	       /* the row of the key or of its tenant was not written by kycd */
};

struct guard_result {
	enum guard_verdict verdict;
	/* For GUARD_PASSED, `tenant`, `scopes`, `actor.kind` and `actor.id` are set; the dispatcher sets
	 * `actor.request_id` and the end user afterwards. For GUARD_UNAUTHORIZED and
	 * GUARD_ADDRESS_REFUSED, only `actor.id` is set, if the key is genuine. */
	struct caller caller;
	struct key_limits limits; /* set for GUARD_PASSED and GUARD_LIMITED */
	duration wait;		  /* time until the next request can pass; set for GUARD_LIMITED */
};

enum err guard_open(const struct world *world, struct guard **out) must_use;
/* Accepts NULL. */
void guard_close(struct guard *guard);
/* May access the store. */
void guard_check(
	struct guard *guard, const struct request *request, struct arena *a, struct guard_result *out);
/* Writes to the store when keys were last used. Called after a response was sent. */
void guard_write_usage(struct guard *guard);
