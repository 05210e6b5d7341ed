/* Rates that several instances keep together. Nobody asks the store for each call: an instance draws a few
 * calls ahead, and spends them by itself. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "port/world.h"

/* So many parts of a minute's limit are drawn at a time. What instances have drawn and not spent is what the
 * limit may be off by: with four of them 6 %. */
#define RATE_PARTS INT64_C(64)

struct rate_draw {
	const char *name; /* whose; at most 64 characters */
	int64_t limit;	  /* in any minute */
	int64_t drawn;	  /* out: 0 when nothing is left … */
	duration wait;	  /* … and how long until something is */
};

/* What was drawn may be spent within a minute. */
enum err rate_reserve(const struct world *world, struct arena *a, struct rate_draw *draw) must_use;
