/* How fast the provider may be asked, and whether at all: its limits kept by us, its own word (`Retry-After`)
 * honoured, and a breaker for when it is down. Ticks are monotonic milliseconds. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"
#include "domain/limit.h"

/* Readings of one session share one budget: who waits may have all of it, sessions that somebody asked for at
 * most half, and what is merely due leaves room for both. */
enum pace_call {
	PACE_CREATE,
	PACE_FIND,
	PACE_READ_WAITS, /* somebody waits for the answer */
	PACE_READ_ASKED, /* somebody asked, and does not wait */
	PACE_READ_DUE,
	PACE_CALLS
};

struct pace_rule {
	int64_t readings, finds; /* a minute; readings are at least 8 */
};

/* Of the version: "v1", "v2" or "v3". (didit-api.md 9) */
struct pace_rule pace_rule_of(const char *version);

/* All zeros: nothing was asked yet, the provider is taken to be up. */
struct pace_counts {
	struct window readings, asked, finds;
};

struct pace {
	struct pace_counts counts;
	int64_t create_after, read_after;   /* ticks before which the provider wants to hear nothing */
	int creates_limited, reads_limited; /* 429 in a row that did not say for how long */
	int64_t failures;		    /* in a row */
	bool open;			    /* the breaker: hardly anything is let through */
	int64_t probe_at;		    /* while it is open: when the next call may try */
};

#define PACE_FAILURES 10
#define PACE_PROBE_EVERY seconds(5)

/* Is there room in the budget? Then it is counted. If not, `wait` says when to come again. */
bool pace_count(struct pace_counts *counts, const struct pace_rule *rule, enum pace_call call, int64_t ticks,
	duration *wait);
/* May this call be made at this moment? Then it is counted; not where the rule is NULL: it is counted by
 * somebody else. If not, `wait` says when to come again. */
bool pace_take(
	struct pace *pace, const struct pace_rule *rule, enum pace_call call, int64_t ticks, duration *wait);
/* Would a `create` pass but for other people's calls? 0: yes. */
duration pace_pause(const struct pace *pace, int64_t ticks);

enum pace_word {
	PACE_UP,   /* a whole answer of the provider, whatever it says */
	PACE_ODD,  /* something answered: it is not down, but this is no success */
	PACE_DOWN, /* no connection, time-out, 5xx */
	PACE_NONE, /* the call tells nothing about the provider */
};

/* What became of a call. True: the breaker has opened or closed by it. */
bool pace_hear(struct pace *pace, enum pace_word word, int64_t ticks);
/* The provider asks to be left alone for that long, with calls of that kind; 0: it does not say, and we go by
 * didit-api.md 9: 5 s, 10, 20, 40, until a call of that kind passes. */
void pace_hold(struct pace *pace, enum pace_call call, int64_t ticks, duration wait);
/* A call of that kind passed its limits. */
void pace_ease(struct pace *pace, enum pace_call call);
