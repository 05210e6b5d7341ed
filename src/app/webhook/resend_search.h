/* Finds the events of a period that one call of resend queues (spec/events.md 2).
 *
 * A call ends at a moment, with which the next call begins. Events are stored in the order in which they
 * became visible, so the search also looks at events behind the last one that it finds, whose timestamps may
 * be earlier. Thus successive calls leave out no event, and find none twice. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/webhook/endpoint.h"
#include "app/webhook/resend_filter.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "port/world.h"

/* Memory of a search. */
#define RESEND_SEARCH_ARENA ((size_t)4 * 1024 * 1024)

struct resend_candidate {
	moment at;
	int64_t position;
};

struct resend_found {
	struct webhook_refusal refusal; /* if the endpoint is refused, nothing is found */
	struct resend_candidate *rows;	/* in the order of their positions; allocated in the arena */
	size_t n;
	bool has_more;	   /* a limit was reached */
	moment next_since; /* later than `filter->since`; all events of the period before it are in `rows` */
};

/* `a` is an arena with the limit RESEND_SEARCH_ARENA. */
enum err resend_search(const struct world *world, struct arena *a, const struct webhook_client *client,
	const struct endpoint_id *id, const struct resend_filter *filter, struct resend_found *out) must_use;
/* Loads the endpoint, and in a write transaction locks it. Returns OK also if it is refused: then `refusal`
 * says why. */
enum err resend_load_endpoint(struct tx *tx, const struct webhook_client *client,
	const struct endpoint_id *id, struct webhook_endpoint *out, struct webhook_refusal *refusal) must_use;
/* Whether the endpoint receives the event at all: by its type, and because its person was not erased. */
bool resend_event_matches(const struct webhook_endpoint *endpoint, const struct event *event);
/* Finds the delivery of the event to the endpoint; `exists` is false if it was never queued. */
enum err resend_find_delivery(struct tx *tx, const struct endpoint_id *endpoint, int64_t event_position,
	struct effect *out, bool *exists) must_use;
/* Whether the filter takes a delivery, or an event without one. */
bool resend_takes_delivery(const struct resend_filter *filter, const struct effect *delivery, bool exists);
