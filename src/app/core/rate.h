/* Rate limits that instances with a shared store enforce together. To avoid a store access per request, an
 * instance reserves a few requests in advance in the store and then counts them down in its own memory
 * (api/core/guard). */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "port/world.h"

/* One reservation takes 1/RATE_PARTS of the limit per minute (at least one request). All instances together
 * can deviate from the limit by the number of requests that they have reserved and not used; with four
 * instances that is 6 %. */
#define RATE_PARTS INT64_C(64)

struct rate_reservation {
	const char *name; /* name of what is limited, e.g. of an API key; at most 64 characters */
	int64_t limit;	  /* requests in any minute */
	int64_t reserved; /* output: number of reserved requests; 0 if the limit is reached */
	duration wait;	  /* output: if `reserved` is 0, the time until some requests are available */
};

/* Reserves some requests in the store. The caller must use them within a minute. */
enum err rate_reserve(
	const struct world *world, struct arena *a, struct rate_reservation *reservation) must_use;
