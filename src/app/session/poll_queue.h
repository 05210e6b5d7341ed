/* A bounded queue of sessions that are polled for callers that do not wait for the result. Each session is
 * accepted at most once in 10 s. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "domain/id.h"

#define POLL_QUEUE_MAX 1024
#define POLL_QUEUE_INTERVAL seconds(10)

struct poll_queue;

enum err poll_queue_open(struct poll_queue **out) must_use;
/* Accepts NULL. */
void poll_queue_close(struct poll_queue *poll_queue);
/* Adds a session. Does not block. Returns false if the session was added within the last 10 s or the queue is
 * full. If `poll_queue` is NULL, always returns false. */
bool poll_queue_add(struct poll_queue *poll_queue, struct str ref, int64_t ticks);
/* Takes the next session from the queue. If the queue is empty, waits at most `limit` for a session. Returns
 * false if there is none, or after poll_queue_stop. */
bool poll_queue_next(struct poll_queue *poll_queue, duration limit, struct provider_ref *out);
/* Wakes all waiting threads. From now on, poll_queue_next does not wait. */
void poll_queue_stop(struct poll_queue *poll_queue);
