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
#include "sandbox/event.h"
#include "sandbox/faults.h"

/* Retries (didit-api.md 7.2): on 5xx, 404 or no answer, 1 minute after the first attempt and 4 after the
 * second. */
#define EVENT_RETRY_1 minutes(1)
#define EVENT_RETRY_2 minutes(4)
/* How much FAULT_LATE delays, and how long FAULT_OUT_OF_ORDER waits for another event. */
#define EVENT_LATE_BY seconds(5)
/* An answer that never leaves holds its events no longer than this: more than a connection may need for
 * writing. */
#define EVENT_HOLD_MAX seconds(15)

struct events;

enum err events_open(const struct events_conf *conf, struct events **out) must_use;
/* After events_stop. Accepts NULL. */
void events_close(struct events *events);
enum err events_start(struct events *events) must_use;
/* Waits for a delivery under way. Drops what is left and is on no shelf. */
void events_stop(struct events *events);

/* Copies the event. `held`: until this thread says events_release. */
void events_add(struct events *events, const struct event *event, enum fault fault, bool held);
void events_release(struct events *events);

/* Sends one that is due, if any; otherwise false, and how long until one may be. The thread's own step, for
 * tests that have no thread. */
bool events_step(struct events *events, duration *wait);
size_t events_waiting(struct events *events);

/* Takes what is on the shelf into the queue: before events_start. ERR_INPUT: not of our making. */
enum err events_load(struct events *events) must_use;
/* Puts what changed onto the shelf, between its begin and commit; then how that ended. */
void events_write(struct events *events);
void events_written(struct events *events, bool done);
/* Forgets all that waits for this URL, and says of which session each was, with nothing locked. */
void events_forget(
	struct events *events, struct str url, void (*forgotten)(void *arg, struct str session), void *arg);
