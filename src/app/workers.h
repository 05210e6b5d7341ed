/* Background threads: they carry letters, and clean up. Woken by commits that noted effects; look by
 * themselves once a second for what became due. */
#pragma once

#include "base/err.h"
#include "port/world.h"

#define WORKERS_LETTERS                                                                                      \
	4 /* letters in flight: a server that takes long for one does not hold up the others */

struct workers;

enum err workers_start(const struct world *world, struct workers **out) must_use;
/* Safe from any thread, returns at once. */
void workers_ring(void *workers);
/* Lets letters in flight be handed over, then ends the threads. Accepts NULL. */
void workers_stop(struct workers *workers);
