/* The background thread that numbers events (app/event/numbering). A commit that added events without a
 * position wakes it, and it also checks once a second, for events that another instance left. It pauses
 * between two rounds, so that under load one transaction numbers the events of many commits. */
#pragma once

#include "base/err.h"
#include "port/world.h"

struct number_worker;

enum err number_worker_start(const struct world *world, struct number_worker **out) must_use;
/* Wakes the thread. Thread-safe, does not block. */
void number_worker_notify(struct number_worker *worker);
/* Waits until the current round has ended and joins the thread. Accepts NULL. */
void number_worker_stop(struct number_worker *worker);
