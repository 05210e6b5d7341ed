/* Counts the requests of one API key against its limits per minute and per second. Times are ticks. Not
 * thread-safe: the guard calls it while it holds its lock. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "app/core/rate.h"
#include "base/moment.h"
#include "domain/rate.h"

struct key_limits {
	int64_t per_minute, per_second;
};

struct key_rate {
	struct window minute, second;
	/* `minute` is used if this is the only instance, the fields from `reserved` on if several instances
	 * serve the store. `reserved`: requests that may still pass, reserved at the ticks `reserved_at`. */
	int64_t reserved, reserved_at;
	/* The limit per minute when the requests were reserved; after a change of the limit they are
	 * discarded. */
	int64_t reserved_for;
	/* After a reservation that found no requests left: the ticks when the next one may be made. */
	int64_t no_reserve_until;
	int64_t available_at; /* ticks when requests are expected to be available again */
	bool reserving;	      /* a thread is reserving requests */
};

enum limit_result { LIMIT_PASSED, LIMIT_REACHED, LIMIT_NOT_RESERVED };

/* Counts a request in both windows and returns LIMIT_PASSED. If one of the windows is full, counts nothing,
 * sets `wait` to the longer of the two waiting times and returns LIMIT_REACHED. */
enum limit_result key_rate_count(
	struct key_rate *rate, const struct key_limits *limits, int64_t now, duration *wait);
/* Uses one reserved request and counts it in the window of the current second, or does neither. Returns
 * LIMIT_NOT_RESERVED if no reserved request is left and the caller must reserve more. */
enum limit_result key_rate_use_reserved(
	struct key_rate *rate, const struct key_limits *limits, int64_t now, duration *wait);
/* Stores the result of a reservation that began at the ticks `now`, and ends it. */
void key_rate_set_reserved(struct key_rate *rate, const struct rate_reservation *reservation, int64_t now);
