/* The queue of webhook events, and the thread that sends them. First attempts are made in the order in which
 * the events were added; an event that waits for a retry does not delay others. An event that a request
 * causes is held until the response has been sent. Delays are measured in monotonic ticks, except for
 * retries, which use the clock's `now`, because tests and developers can move that. The size of the queue is
 * limited: at the limit the oldest event is dropped, with a log line. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "sandbox/state/faults.h"
#include "sandbox/webhooks/event.h"

/* Delays before the first and the second retry, which follow an attempt without a response or with a 5xx or
 * 404 (didit-api.md 7.2). */
#define EVENT_RETRY_1 minutes(1)
#define EVENT_RETRY_2 minutes(4)
/* Delay of an event with FAULT_LATE. An event with FAULT_OUT_OF_ORDER waits as long for another event to
 * overtake it. */
#define EVENT_LATE_BY seconds(5)
/* How long an event is held if event_queue_release is never called: longer than a connection may take to send
 * a response. */
#define EVENT_HOLD_MAX seconds(15)

struct event_queue;

enum err event_queue_open(const struct event_queue_conf *conf, struct event_queue **out) must_use;
/* The queue must have been stopped with event_queue_stop. Accepts NULL. */
void event_queue_close(struct event_queue *event_queue);
enum err event_queue_start(struct event_queue *event_queue) must_use;
/* Stops the thread after the delivery in progress. Events that are still queued are sent after a restart if
 * they are stored, and are lost otherwise. */
void event_queue_stop(struct event_queue *event_queue);

/* Adds a copy of the event. If `held`, it is not sent before the same thread calls event_queue_release. */
void event_queue_add(
	struct event_queue *event_queue, const struct webhook_event *event, enum fault fault, bool held);
void event_queue_release(struct event_queue *event_queue);

/* Sends one event that is due. If none is due, returns false and shortens `wait` to the time until one will
 * be. The queue's thread calls this function; tests without that thread call it themselves. */
bool event_queue_step(struct event_queue *event_queue, duration *wait);
/* Returns the number of events in the queue. */
size_t event_queue_waiting(struct event_queue *event_queue);

/* Loads the stored events. Must be called before event_queue_start. Returns ERR_INPUT if the stored bytes are
 * invalid. */
enum err event_queue_load(struct event_queue *event_queue) must_use;
/* Stores the changes of the queue in a transaction of the kv store, which the caller has begun. The caller
 * passes the returned number to event_queue_commit_done after its commit. If the commit failed, the next
 * commit writes the changes again. */
uint64_t event_queue_put_changes(struct event_queue *event_queue) must_use;
void event_queue_commit_done(struct event_queue *event_queue, uint64_t commit, bool committed);
/* Removes all events for this URL and calls `removed` with the session of each, without holding the queue's
 * lock. An event that is being sent counts as removed as well: it is not sent again. */
void event_queue_remove_url(struct event_queue *event_queue, struct str url,
	void (*removed)(void *arg, struct str session), void *arg);
