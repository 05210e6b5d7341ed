/* Background threads that deliver the outbox. A commit that added effects wakes one of them. One waiting
 * thread also checks the outbox once a second, for rows that became due or were left by another instance. */
#pragma once

#include "base/err.h"
#include "port/world.h"

/* E-mails that are delivered at the same time, so that a slow recipient's server does not block the others.
 */
#define WORKERS_MAIL 8

struct workers;

enum err workers_start(const struct world *world, struct workers **out) must_use;
/* Wakes a worker. Thread-safe, does not block. */
void workers_notify(void *workers);
/* Waits until deliveries in progress have ended, then stops the threads. Accepts NULL. */
void workers_stop(struct workers *workers);
