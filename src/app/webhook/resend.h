/* Queues deliveries of past events again (spec/events.md 2), also of events that were never queued for the
 * endpoint. Only events of the types that the endpoint receives count, and none of a person who was erased.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "app/webhook/endpoint.h"
#include "domain/webhook_delivery.h"

/* Events that one call queues, and events that it looks at. */
#define RESEND_MAX 10000
#define RESEND_LOOK_MAX 50000

struct resend_filter {
	moment since; /* the event's timestamp, inclusive */
	bool has_until;
	moment until; /* exclusive */
	int64_t max;  /* deliveries to be queued; 0: RESEND_MAX */
	bool has_state;
	enum delivery_state state; /* only deliveries in this state */
};

struct resend_result {
	struct webhook_refusal refusal;
	int64_t queued;	   /* deliveries that now wait for an attempt, also those that waited before */
	bool has_more;	   /* the call reached one of its limits */
	moment next_since; /* where the next call continues */
};

/* Queues one event. */
enum err webhook_resend_event(const struct world *world, struct arena *a, const struct webhook_client *client,
	const struct endpoint_id *id, const struct event_id *event_id, struct resend_result *out) must_use;
/* Queues the events of a period, in transactions of limited size. After a failure, some may be queued. */
enum err webhook_resend_since(const struct world *world, struct arena *a, const struct webhook_client *client,
	const struct endpoint_id *id, const struct resend_filter *filter, struct resend_result *out) must_use;
