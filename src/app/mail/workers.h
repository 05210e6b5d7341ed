/* Background threads that deliver the outbox. A commit that added effects wakes one of them. One waiting
 * thread also checks the outbox once a second, for rows that became due or that a crashed instance left. */
#pragma once

#include "base/err.h"
#include "port/world.h"

/* Number of e-mails that are delivered at the same time. It is above 1 so that the slow server of one
 * recipient does not block the other e-mails. */
#define WORKERS_MAIL 8

struct workers;

enum err workers_start(const struct world *world, struct workers **out) must_use;
/* Wakes a worker. Thread-safe, does not block. */
void workers_notify(struct workers *workers);
/* Waits until deliveries in progress have ended, then stops the threads. Accepts NULL. */
void workers_stop(struct workers *workers);
