/* Queues deliveries of past events again (spec/events.md 2), also of events that were never queued for the
 * endpoint. Only events of the types that the endpoint receives count, and none of a person who was erased.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "app/webhook/endpoint.h"
#include "app/webhook/resend_filter.h"

struct resend_result {
	struct webhook_refusal refusal;
	int64_t queued; /* deliveries that now wait for an attempt, also those that waited before */
	bool has_more;	/* the call reached one of its limits */
	/* Where the next call continues; later than `since`. The calls together queue each event once. */
	moment next_since;
};

/* Queues one event. */
enum err webhook_resend_event(const struct world *world, struct arena *a, const struct webhook_client *client,
	const struct endpoint_id *id, const struct event_id *event_id, struct resend_result *out) must_use;
/* Queues the events of a period, in transactions of limited size. After a failure, some may be queued. */
enum err webhook_resend_since(const struct world *world, const struct webhook_client *client,
	const struct endpoint_id *id, const struct resend_filter *filter, struct resend_result *out) must_use;
