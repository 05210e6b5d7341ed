/* Background threads that read sessions from the provider: what is due (app/session/reconcile), and what
 * somebody asked for without waiting (app/session/poll_queue). */
#pragma once

#include "app/session/poll_queue.h"
#include "base/err.h"
#include "port/world.h"

struct pollers;

enum err pollers_start(
	const struct world *world, struct poll_queue *poll_queue, struct pollers **out) must_use;
/* Lets readings under way end, writes the last sign of life, ends the threads. Accepts NULL. */
void pollers_stop(struct pollers *pollers);
