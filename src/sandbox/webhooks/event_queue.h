/* The queue of webhook events on their way out, and the thread that sends them. First attempts leave in the
 * order of their making; what waits for a retry holds nobody up. An event that is made while a request is
 * answered is held until its answer has left. Times are monotonic ticks, but for retries: these go by the
 * program's clock, which can be moved. Bounded: beyond the limit the oldest
 * one goes, with a log line. Safe from any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "sandbox/state/faults.h"
#include "sandbox/webhooks/event.h"

/* Retries (didit-api.md 7.2): on 5xx, 404 or no answer, 1 minute after the first attempt and 4 after the
 * second. */
#define EVENT_RETRY_1 minutes(1)
#define EVENT_RETRY_2 minutes(4)
/* How much FAULT_LATE delays, and how long FAULT_OUT_OF_ORDER waits for another event. */
#define EVENT_LATE_BY seconds(5)
/* An answer that never leaves holds its events no longer than this: more than a connection may need for
 * writing. */
#define EVENT_HOLD_MAX seconds(15)

struct event_queue;

enum err event_queue_open(const struct event_queue_conf *conf, struct event_queue **out) must_use;
/* After event_queue_stop. Accepts NULL. */
void event_queue_close(struct event_queue *event_queue);
enum err event_queue_start(struct event_queue *event_queue) must_use;
/* Waits for a delivery under way. Drops what is left and is on no shelf. */
void event_queue_stop(struct event_queue *event_queue);

/* Copies the event. `held`: until this thread says event_queue_release. */
void event_queue_add(
	struct event_queue *event_queue, const struct webhook_event *event, enum fault fault, bool held);
void event_queue_release(struct event_queue *event_queue);

/* Sends one that is due, if any; otherwise false, and how long until one may be. The thread's own step, for
 * tests that have no thread. */
bool event_queue_step(struct event_queue *event_queue, duration *wait);
size_t event_queue_waiting(struct event_queue *event_queue);

/* Takes what is on the shelf into the queue: before event_queue_start. ERR_INPUT: not of our making. */
enum err event_queue_load(struct event_queue *event_queue) must_use;
/* Puts what changed onto the shelf, between its begin and commit; then how that ended. */
void event_queue_put_changes(struct event_queue *event_queue);
void event_queue_commit_done(struct event_queue *event_queue, bool done);
/* Forgets all that waits for this URL, and says of which session each was, with nothing locked. */
void event_queue_remove_url(struct event_queue *event_queue, struct str url,
	void (*forgotten)(void *arg, struct str session), void *arg);
