/* The feed: a tenant's events in the order in which they became visible, for callers that ask for them
 * (spec/events.md 3). A caller passes the id of the last event that it has looked at. Committed events that
 * have no position yet are numbered before the answer, so that what an earlier call was answered is in the
 * feed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "domain/event.h"
#include "domain/tenant.h"
#include "port/world.h"

#define FEED_LIMIT_MAX 100
/* The `after` of a caller that wants later events only. */
#define FEED_NOW "now"
/* Room for a page of events and everything that is loaded for it. */
#define FEED_MEMORY ((size_t)4 * 1024 * 1024)

struct feed_query {
	const struct tenant *tenant;
	struct str after; /* the id of an event as it is shown, or FEED_NOW; empty: from the oldest event */
	event_type_set types;
	size_t limit; /* 1 to FEED_LIMIT_MAX */
};

struct feed_page {
	/* `after` is no event of the tenant, or one that has expired. Only `oldest` is set. */
	bool is_expired;
	char oldest[SHOWN_ID_SIZE]; /* the oldest event that is kept; empty: there is none */
	struct str events;	    /* a JSON array; in the arena */
	size_t n;		    /* number of events in it */
	/* The last event that was looked at, also one that `types` left out; empty: there is none. */
	char next_after[SHOWN_ID_SIZE];
	int64_t position; /* of that event */
	bool has_more;
};

/* Reads one page. Looks at a bounded number of events: if `types` leaves out many, a page may have fewer
 * events than `limit` although `has_more` is true. `a` needs FEED_MEMORY. */
enum err feed_read(const struct world *world, struct arena *a, const struct feed_query *query,
	struct feed_page *out) must_use;
/* Sets `out` to whether the tenant has a numbered event after a position. One query, for callers that wait.
 */
enum err feed_has_news(const struct world *world, struct arena *a, const struct tenant *tenant,
	int64_t position, bool *out) must_use;
/* Reads one event of the tenant as a JSON object, by its id as it is shown. ERR_NOT_FOUND: the tenant has no
 * such event. */
enum err feed_read_event(const struct world *world, struct arena *a, const struct tenant *tenant,
	struct str id, struct str *out) must_use;
