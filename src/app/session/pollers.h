/* Background threads that poll sessions at the provider: one polls those that are due
 * (app/session/reconcile), one those that were requested (app/session/poll_queue). */
#pragma once

#include "app/session/poll_queue.h"
#include "base/err.h"
#include "port/world.h"

struct pollers;

enum err pollers_start(
	const struct world *world, struct poll_queue *poll_queue, struct pollers **out) must_use;
/* Waits for polls in progress, writes the last heartbeat, releases the lease and joins the threads. Accepts
 * NULL. */
void pollers_stop(struct pollers *pollers);
