/* A background thread that maintains the stored rows. Each second it measures the age of the oldest unsent
 * e-mail and of the oldest session update, and each minute the size of the database. Every half minute it
 * writes a sign of life of this instance (app/core/instances). Every few seconds it sets the clock by the
 * store's clock (app/core/clock_sync). If this instance holds the `cleanup` lease, the thread also removes
 * expired rows and releases pending sessions of crashed instances. When it stops, it removes this instance
 * from the list of instances. */
#pragma once

#include "base/err.h"
#include "port/world.h"

struct cleanup_thread;

enum err cleanup_thread_start(const struct world *world, struct cleanup_thread **out) must_use;
/* Waits until the current round has ended, releases the lease and joins the thread. Accepts NULL. */
void cleanup_thread_stop(struct cleanup_thread *thread);
