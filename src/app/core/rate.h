/* Rate limits that instances with a shared store enforce together. To avoid a store access per request, an
 * instance reserves a few requests in advance and then counts them down in its own memory (api/guard). */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "port/world.h"

/* One reservation takes 1/RATE_PARTS of the limit per minute (at least one request). The rate that all
 * instances allow together can deviate from the limit by what they have reserved and not used: with four
 * instances by 6 %. */
#define RATE_PARTS INT64_C(64)

struct rate_reservation {
	const char *name; /* of the limited key; at most 64 characters */
	int64_t limit;	  /* requests in any minute */
	int64_t reserved; /* out: reserved requests; 0 if the limit is reached */
	duration wait;	  /* out: with 0 reserved, how long until some are available */
};

/* Reserves some requests in the store. They must be used within a minute. */
enum err rate_reserve(
	const struct world *world, struct arena *a, struct rate_reservation *reservation) must_use;
