/* Sessions that somebody asked for and does not wait: a bounded line of readings to be made, each session at
 * most once in 10 s. Threads at the same time. */
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
/* Returns at once. False: it was asked for within the last 10 s, or too many wait. NULL: nobody reads. */
bool poll_queue_add(struct poll_queue *poll_queue, struct str ref, int64_t ticks);
/* The next one; waits for it, at most `limit`. False: there is none. */
bool poll_queue_next(struct poll_queue *poll_queue, duration limit, struct provider_ref *out);
/* Nobody waits from now on. */
void poll_queue_stop(struct poll_queue *poll_queue);
