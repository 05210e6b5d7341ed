/* The queue of webhook events and the thread that sends them.
 * First attempts are sent in the order in which the events were added; an event that waits for a retry does
 * not delay others. An event added while a request is handled is held until the response has been sent.
 * Delays are measured in monotonic ticks, except for retries: they use the clock's `now`, which tests and
 * developers can move. The queue is bounded: at the limit the oldest event is dropped with a log line.
 * Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "sandbox/state/faults.h"
#include "sandbox/webhooks/event.h"

/* Retries (didit-api.md 7.2): after 5xx, 404 or no response, 1 minute after the first attempt and 4 minutes
 * after the second. */
#define EVENT_RETRY_1 minutes(1)
#define EVENT_RETRY_2 minutes(4)
/* The delay of FAULT_LATE, and how long FAULT_OUT_OF_ORDER waits for another event to overtake it. */
#define EVENT_LATE_BY seconds(5)
/* How long an event is held at most if event_queue_release is never called. Longer than a connection may take
 * to send a response. */
#define EVENT_HOLD_MAX seconds(15)

struct event_queue;

enum err event_queue_open(const struct event_queue_conf *conf, struct event_queue **out) must_use;
/* The queue must be stopped first (event_queue_stop). Accepts NULL. */
void event_queue_close(struct event_queue *event_queue);
enum err event_queue_start(struct event_queue *event_queue) must_use;
/* Waits for a delivery in progress. Events that are still queued are sent after a restart if they are stored,
 * and are lost otherwise. */
void event_queue_stop(struct event_queue *event_queue);

/* Adds a copy of the event. `held`: it is not sent before the same thread calls event_queue_release. */
void event_queue_add(
	struct event_queue *event_queue, const struct webhook_event *event, enum fault fault, bool held);
void event_queue_release(struct event_queue *event_queue);

/* Sends one event that is due. Returns false if none is, and shortens `wait` to the time until one may be.
 * The queue's thread runs this; tests without that thread call it themselves. */
bool event_queue_step(struct event_queue *event_queue, duration *wait);
/* The number of events in the queue. */
size_t event_queue_waiting(struct event_queue *event_queue);

/* Loads the stored events; to be called before event_queue_start. ERR_INPUT: the stored bytes are invalid. */
enum err event_queue_load(struct event_queue *event_queue) must_use;
/* Store the changes of the queue in a transaction of the kv store that the caller has begun. After its commit
 * the caller passes the returned number to event_queue_commit_done; if the commit failed, the next one writes
 * the changes again. */
uint64_t event_queue_put_changes(struct event_queue *event_queue) must_use;
void event_queue_commit_done(struct event_queue *event_queue, uint64_t commit, bool committed);
/* Removes all events for this URL and calls `removed` with the session of each. An event that is being sent
 * counts as removed as well: it is not sent again. The queue's lock is not held during these calls. */
void event_queue_remove_url(struct event_queue *event_queue, struct str url,
	void (*removed)(void *arg, struct str session), void *arg);
