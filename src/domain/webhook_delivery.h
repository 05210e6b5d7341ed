/* The deliveries of events to webhook endpoints. A delivery is an effect with an endpoint; there is at most
 * one for each event and endpoint. Pure. */
#pragma once

#include <stdbool.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/effect.h"
#include "domain/event.h"
#include "domain/id.h"

/* The states as the API shows them. */
enum delivery_state { DELIVERY_PENDING, DELIVERY_DELIVERED, DELIVERY_FAILED, DELIVERY_STATE_COUNT };

const char *delivery_state_name(enum delivery_state state);
bool delivery_state_read(struct str name, enum delivery_state *out) must_use;
enum delivery_state delivery_state_of(enum effect_state state);
/* The two states of effects that are shown as one; the first is the one that most deliveries have. */
void delivery_effect_states(enum delivery_state state, enum effect_state out[2]);

/* Fills `out` with the delivery of an event that has a position, due at `due_at`. The caller sets the id. */
void delivery_init(
	const struct endpoint_id *endpoint, const struct event *event, moment due_at, struct effect *out);
/* Makes the delivery wait for a first attempt again, whatever became of it. The result of its last attempt
 * stays readable. Returns false and changes nothing if it waits for its first attempt already, or if an
 * attempt is being made. */
bool delivery_queue_again(struct effect *delivery, moment now);
/* Ends a delivery that is open, because its endpoint is disabled. */
void delivery_give_up(struct effect *delivery, moment now);
