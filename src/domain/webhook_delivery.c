#include "domain/webhook_delivery.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/attr.h"

/* Retries end by their number and not by time, so a delivery never expires: the year 9999. */
#define NEVER_EXPIRES ((moment){ INT64_C(253370764800000) })

static const char *const names[DELIVERY_STATE_COUNT] = {
	[DELIVERY_PENDING] = "pending",
	[DELIVERY_DELIVERED] = "delivered",
	[DELIVERY_FAILED] = "failed",
};

const char *delivery_state_name(enum delivery_state state)
{
	assert(state < DELIVERY_STATE_COUNT);
	return names[state];
}

bool delivery_state_read(struct str name, enum delivery_state *out)
{
	for (int state = 0; state < DELIVERY_STATE_COUNT; state++) {
		if (!str_eq(name, str_of(names[state])))
			continue;
		*out = (enum delivery_state)state;
		return true;
	}
	return false;
}

enum delivery_state delivery_state_of(enum effect_state state)
{
	static const enum delivery_state states[] = {
		[EFFECT_QUEUED] = DELIVERY_PENDING,
		[EFFECT_DEFERRED] = DELIVERY_PENDING,
		[EFFECT_ACCEPTED] = DELIVERY_DELIVERED,
		[EFFECT_REFUSED] = DELIVERY_FAILED,
		[EFFECT_DROPPED] = DELIVERY_FAILED,
	};

	assert(state >= EFFECT_QUEUED && state < array_len(states));
	return states[state];
}

void delivery_effect_states(enum delivery_state state, enum effect_state out[2])
{
	static const enum effect_state states[DELIVERY_STATE_COUNT][2] = {
		[DELIVERY_PENDING] = { EFFECT_QUEUED, EFFECT_DEFERRED },
		[DELIVERY_DELIVERED] = { EFFECT_ACCEPTED, EFFECT_ACCEPTED },
		[DELIVERY_FAILED] = { EFFECT_REFUSED, EFFECT_DROPPED },
	};

	assert(state < DELIVERY_STATE_COUNT);
	out[0] = states[state][0];
	out[1] = states[state][1];
}

void delivery_init(
	const struct endpoint_id *endpoint, const struct event *event, moment due_at, struct effect *out)
{
	assert(event->position > 0);
	*out = (struct effect){ .kind = EFFECT_WEBHOOK,
		.tenant_id = event->tenant_id,
		.user_id = event->user_id,
		.state = EFFECT_QUEUED,
		.created_at = due_at,
		.due_at = due_at,
		.expires_at = NEVER_EXPIRES,
		.endpoint_id = *endpoint,
		.event_id = event->id,
		.event_position = event->position };
}

bool delivery_queue_again(struct effect *delivery, moment now)
{
	if (!delivery->done &&
		(delivery->state == EFFECT_QUEUED || !moment_is_unset(delivery->lease_expires_at)))
		return false;
	delivery->state = EFFECT_QUEUED;
	delivery->done = false;
	delivery->tries = 0;
	delivery->due_at = now;
	delivery->created_at = now;
	delivery->finished_at = (moment){ 0 };
	return true;
}

void delivery_give_up(struct effect *delivery, moment now)
{
	static const char error[] = "endpoint_disabled";

	static_assert(sizeof(error) <= sizeof(delivery->error), "the word fits");
	effect_finish(delivery, EFFECT_REFUSED, now);
	memcpy(delivery->error, error, sizeof(error));
}
