/* Limits the calls to the provider. Keeps within the provider's documented rates, obeys its `Retry-After`,
 * and has a circuit breaker for the time when the provider is down. Ticks are milliseconds of a monotonic
 * clock. Pure; the caller synchronises access. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"
#include "domain/limit.h"

/* Kinds of calls. All polls share one budget per minute. Polls that a request waits for may use all of it.
 * Polls that a request caused without waiting may use half. Scheduled polls leave a quarter of it free for
 * the other polls. */
enum throttle_call {
	THROTTLE_CREATE,
	THROTTLE_FIND,
	THROTTLE_POLL_WAITING,	 /* a request waits for the result of the poll */
	THROTTLE_POLL_REQUESTED, /* a request caused the poll but does not wait for it */
	THROTTLE_POLL_DUE,	 /* the poll is scheduled, because the session had no update for a while */
	THROTTLE_CALL_COUNT
};

struct throttle_limits {
	int64_t polls, finds; /* calls per minute; `polls` is at least 8, `finds` at least 1 */
};

/* Returns the limits for a version of the provider's API: "v1", "v2" or "v3" (didit-api.md 9). */
struct throttle_limits throttle_limits_of(const char *version);

/* struct throttle_counts and struct throttle start as all zeros: no calls were counted, and the provider is
 * assumed to be up. */
struct throttle_counts {
	struct window polls, requested, finds;
};

struct throttle {
	struct throttle_counts counts;
	int64_t create_after;		    /* no session is created before this tick */
	int64_t poll_after;		    /* no poll and no find is made before this tick */
	int creates_limited, polls_limited; /* numbers of consecutive 429 answers without `Retry-After` */
	int64_t failures;		    /* consecutive */
	bool breaker_open;		    /* only one call per BREAKER_PROBE_INTERVAL is allowed */
	int64_t probe_at;		    /* while the breaker is open: tick of the next allowed call */
};

#define BREAKER_FAILURES 10
#define BREAKER_PROBE_INTERVAL seconds(5)

/* Counts the call in the budget and returns true. If the budget is used up, counts nothing, sets `wait` to
 * the time until the call fits, and returns false. */
bool throttle_count(struct throttle_counts *counts, const struct throttle_limits *limits,
	enum throttle_call call, int64_t ticks, duration *wait);
/* Returns whether the call may be made now, and counts it. If `limits` is NULL, it is not counted, because
 * another module counts the calls of all instances. When the call may not be made, `wait` is the time until
 * the next attempt. */
bool throttle_take(struct throttle *throttle, const struct throttle_limits *limits, enum throttle_call call,
	int64_t ticks, duration *wait);
/* Returns for how long session creation is blocked by `Retry-After` or by the breaker; 0: not blocked. */
duration throttle_create_delay(const struct throttle *throttle, int64_t ticks);

enum provider_health {
	HEALTH_UP,	   /* a complete answer in the provider's format; it may be an error */
	HEALTH_UNEXPECTED, /* an answer that is not in the provider's format: the provider is not down, but
			      the call did not succeed */
	HEALTH_DOWN,	   /* no connection, time-out or 5xx */
	HEALTH_UNKNOWN,	   /* the call's result does not depend on the provider */
};

/* Records the result of a call. Returns true when the result opened or closed the breaker. */
bool throttle_record(struct throttle *throttle, enum provider_health health, int64_t ticks);
/* Records a 429 for a kind of call (creating, or finding and polling): no such call is made for `wait`. If
 * the provider sent no `Retry-After`, `wait` is 0; the delays are then 5, 10, 20 and 40 s (didit-api.md 9),
 * and start again after throttle_reset(). */
void throttle_retry_after(struct throttle *throttle, enum throttle_call call, int64_t ticks, duration wait);
/* Records that a call of that kind got no 429. The next delay without `Retry-After` is 5 s again. */
void throttle_reset(struct throttle *throttle, enum throttle_call call);
