/* Delivers events to webhook endpoints (spec/events.md 2), in rounds: renews leases, marks the rows of
 * attempts that have ended, leases rows and starts their requests, and waits until requests end.
 *
 * A delivery is made at least once: if the process ends between an answer and the mark of the row, another
 * one takes the row when its lease expires. Not thread-safe; app/webhook/dispatcher runs it on a thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"
#include "port/webhook_sender.h"
#include "port/world.h"

struct dispatch;

/* How often the endpoints are checked without a notification: for retries that are due, and for what another
 * instance has left. */
#define DISPATCH_CHECK_INTERVAL seconds(1)

/* The sender is used only by this module until the dispatch is closed. */
enum err dispatch_open(
	const struct world *world, struct webhook_sender *sender, struct dispatch **out) must_use;
/* Runs one round. Waits at most `limit`, and less if there is something to do. After a failure of the store
 * the caller pauses; ended attempts whose rows are not marked are marked by a later round, and until then
 * nothing is leased. */
enum err dispatch_round(struct dispatch *dispatch, duration limit) must_use;
/* The next round checks all endpoints. */
void dispatch_check(struct dispatch *dispatch);
/* From now on, rounds lease nothing. */
void dispatch_stop_leasing(struct dispatch *dispatch);
/* Number of attempts whose rows are leased and not marked. */
size_t dispatch_in_flight(const struct dispatch *dispatch);
/* Ends all requests, and frees the leases of their rows. Accepts NULL. Does not close the sender. */
void dispatch_close(struct dispatch *dispatch);
