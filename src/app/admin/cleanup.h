/* One background thread that looks after the rows themselves. Each second it measures how far the outbox and
 * the provider's sessions are behind; every few seconds it sets the clock by the store's
 * (app/core/clock_sync); and the instance that holds the `upkeep` lease removes what has expired and repairs
 * what dead instances left. */
#pragma once

#include "base/err.h"
#include "port/world.h"

struct cleanup_thread;

enum err cleanup_thread_start(const struct world *world, struct cleanup_thread **out) must_use;
/* Ends the current round, gives the lease back and joins the thread. Accepts NULL. */
void cleanup_thread_stop(struct cleanup_thread *thread);
