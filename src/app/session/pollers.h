/* Two background threads that poll sessions at the provider. One polls the sessions that are due
 * (app/session/reconcile), the other those whose poll was requested (app/session/poll_queue). */
#pragma once

#include "app/session/poll_queue.h"
#include "base/err.h"
#include "port/world.h"

struct pollers;

enum err pollers_start(
	const struct world *world, struct poll_queue *poll_queue, struct pollers **out) must_use;
/* Waits until polls in progress have ended, writes the last heartbeat, releases the lease and joins the
 * threads. Accepts NULL. */
void pollers_stop(struct pollers *pollers);
