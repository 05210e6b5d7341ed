/* Numbering: gives committed events their positions, which are the order of the feed and of deliveries
 * (spec/events.md 3). An event is stored without a position. A transaction of its own finds committed events
 * without one, gives each the next position, and enqueues its deliveries to webhook endpoints. The lock of
 * the counter's row makes numbering transactions of all instances run one after the other, so that a reader
 * that sees a position also sees all lower ones. The change itself needs no lock for this.
 *
 * Called by the thread of app/event/number_worker after commits, and by the feed before it answers.
 * Thread-safe. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "port/store.h"
#include "port/world.h"

/* Number of events that one transaction numbers. */
#define EVENT_NUMBER_BATCH 256

/* Sets `out` to whether any event has no position. */
enum err event_has_unnumbered(struct tx *tx, bool *out) must_use;
/* Numbers at most EVENT_NUMBER_BATCH events, in one transaction. Sets `more` if there may be further ones. */
enum err event_number(const struct world *world, bool *more) must_use;
/* Numbers all events that were committed before the call. Uses no write transaction if there are none. */
enum err event_number_all(const struct world *world) must_use;
