/* Numbering: gives committed events their positions, which are the order of the feed and of deliveries
 * (spec/events.md 3), enqueues their deliveries to webhook endpoints, and adds them to the daily counts
 * (app/event/counting). A reader that sees a position also sees all lower ones.
 *
 * A store with a single writer commits in the order of its transactions. There, an event gets its position in
 * the transaction that adds it. In other stores an event is stored without a position, so that transactions
 * need no common lock. A transaction of its own finds committed events without a position, and gives each the
 * next one. The lock of the counter's row makes these transactions of all instances run one after the other.
 *
 * event_number_all() is called by the thread of app/event/number_worker after commits, by the feed before it
 * answers, and before an endpoint is created or enabled. Thread-safe. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "port/store.h"
#include "port/world.h"

/* Number of events that one transaction numbers. */
#define EVENT_NUMBER_BATCH 256

/* Adds an event, with its position and its deliveries if the store has a single writer. */
enum err event_add(const struct world *world, struct tx *tx, struct event *event) must_use;
/* The parts of event_add() before and after the row is added, for a caller that adds the row itself. */
enum err event_add_begin(const struct world *world, struct tx *tx, struct event *event) must_use;
/* Returns the row to add: an event that has a position is counted in event_add_end(). */
struct event event_as_stored(const struct event *event);
enum err event_add_end(const struct world *world, struct tx *tx, const struct event *event) must_use;

/* Sets `out` to whether any event has no position. */
enum err event_has_unnumbered(struct tx *tx, bool *out) must_use;
/* Numbers at most EVENT_NUMBER_BATCH events, in one transaction. Sets `more` if there may be further ones. */
enum err event_number(const struct world *world, bool *more) must_use;
/* Numbers all events that were committed before the call. Uses no write transaction if there are none. */
enum err event_number_all(const struct world *world) must_use;
