/* How fast the provider may be asked, and whether at all: its limits kept by us, its own word (`Retry-After`)
 * honoured, and a breaker for when it is down. Ticks are monotonic milliseconds. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"
#include "domain/limit.h"

/* Readings of one session share one budget: who waits may have all of it, sessions that somebody asked for at
 * most half, and what is merely due leaves room for both. */
enum throttle_call {
	THROTTLE_CREATE,
	THROTTLE_FIND,
	THROTTLE_POLL_WAITING,	 /* somebody waits for the answer */
	THROTTLE_POLL_REQUESTED, /* somebody asked, and does not wait */
	THROTTLE_POLL_DUE,
	THROTTLE_CALL_COUNT
};

struct throttle_limits {
	int64_t polls, finds; /* a minute; readings are at least 8 */
};

/* Of the version: "v1", "v2" or "v3". (didit-api.md 9) */
struct throttle_limits throttle_limits_of(const char *version);

/* All zeros: nothing was asked yet, the provider is taken to be up. */
struct throttle_counts {
	struct window polls, requested, finds;
};

struct throttle {
	struct throttle_counts counts;
	int64_t create_after, read_after;   /* ticks before which the provider wants to hear nothing */
	int creates_limited, reads_limited; /* 429 in a row that did not say for how long */
	int64_t failures;		    /* in a row */
	bool breaker_open;		    /* the breaker: hardly anything is let through */
	int64_t probe_at;		    /* while it is open: when the next call may try */
};

#define BREAKER_FAILURES 10
#define BREAKER_PROBE_INTERVAL seconds(5)

/* Is there room in the budget? Then it is counted. If not, `wait` says when to come again. */
bool throttle_count(struct throttle_counts *counts, const struct throttle_limits *limits,
	enum throttle_call call, int64_t ticks, duration *wait);
/* May this call be made at this moment? Then it is counted; not where the rule is NULL: it is counted by
 * somebody else. If not, `wait` says when to come again. */
bool throttle_take(struct throttle *throttle, const struct throttle_limits *limits, enum throttle_call call,
	int64_t ticks, duration *wait);
/* Would a `create` pass but for other people's calls? 0: yes. */
duration throttle_create_delay(const struct throttle *throttle, int64_t ticks);

enum provider_health {
	HEALTH_UP,	   /* a whole answer of the provider, whatever it says */
	HEALTH_UNEXPECTED, /* something answered: it is not down, but this is no success */
	HEALTH_DOWN,	   /* no connection, time-out, 5xx */
	HEALTH_UNKNOWN,	   /* the call tells nothing about the provider */
};

/* What became of a call. True: the breaker has opened or closed by it. */
bool throttle_record(struct throttle *throttle, enum provider_health health, int64_t ticks);
/* The provider asks to be left alone for that long, with calls of that kind; 0: it does not say, and we go by
 * didit-api.md 9: 5 s, 10, 20, 40, until a call of that kind passes. */
void throttle_retry_after(struct throttle *throttle, enum throttle_call call, int64_t ticks, duration wait);
/* A call of that kind passed its limits. */
void throttle_reset(struct throttle *throttle, enum throttle_call call);
