/* How long events are kept (KYCD_KEEP_OUTGOING_EVENTS, spec/events.md 1). A tenant's newest event is kept
 * always, so that its cursor stays valid. An event expires when its time is over, whether or not the clean-up
 * has already removed its row. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "domain/event.h"
#include "port/store.h"
#include "port/world.h"

/* Returns whether the event is older than the time that events are kept. */
bool event_is_old(const struct world *world, const struct event *event);
/* Finds the tenant's newest event; its position is 0 if the tenant has no numbered event. */
enum err event_find_newest(struct tx *tx, const struct tenant_id *tenant, struct event *out) must_use;
/* Finds the event with the lowest position that is kept; its position is 0 if there is none. Reads one row,
 * or some dozens if there are expired events that were not removed yet. */
enum err event_find_oldest_kept(
	const struct world *world, struct tx *tx, const struct tenant_id *tenant, struct event *out) must_use;

/* Where the clean-up continues. The caller zeroes it before the first call. */
struct event_cleanup_cursor {
	struct event_id from;
};
/* Removes expired events and their deliveries, at most some thousands per call. */
enum err event_clean(const struct world *world, struct event_cleanup_cursor *cursor) must_use;
