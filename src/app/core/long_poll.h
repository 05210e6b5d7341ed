/* Long polls: calls that wait until something changes. They read the store again and again, without a
 * transaction in between. The number of waiting calls is bounded, because each one keeps a connection and its
 * thread. At a stop all of them end at once. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"

/* Time between two reads of a waiting call. A change is noticed within this time. */
#define LONG_POLL_INTERVAL milliseconds(500)
/* Upper limit of the time that a call may wait (spec/events.md 3). */
#define LONG_POLL_MAX_SECONDS 25

struct long_polls;

/* At most `max` calls wait at the same time. */
enum err long_polls_open(size_t max, struct long_polls **out) must_use;
/* No call may be waiting. Accepts NULL. */
void long_polls_close(struct long_polls *polls);
/* Changes the limit. Calls that wait already are not ended. */
void long_polls_limit(struct long_polls *polls, size_t max);
/* Ends all waiting calls; calls that begin later do not wait. Accepts NULL. */
void long_polls_stop(struct long_polls *polls);
/* Number of calls that wait now. */
size_t long_polls_waiting(struct long_polls *polls);

/* Begins to wait. Returns false if too many calls wait or the server stops: the call must answer at once. On
 * true, the caller must call long_poll_end. */
bool long_poll_begin(struct long_polls *polls) must_use;
/* Sleeps for `interval`. Returns false at once if the server stops. */
bool long_poll_sleep(struct long_polls *polls, duration interval) must_use;
void long_poll_end(struct long_polls *polls);
