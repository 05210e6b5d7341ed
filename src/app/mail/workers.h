/* Background threads: they carry letters. Woken by commits that noted effects; one of
 * those that rest looks by itself once a second for what became due, or was left by another instance. */
#pragma once

#include "base/err.h"
#include "port/world.h"

/* Letters in flight: a server that takes long for some does not hold up the others. */
#define WORKERS_MAIL 8

struct workers;

enum err workers_start(const struct world *world, struct workers **out) must_use;
/* Safe from any thread, returns at once. */
void workers_notify(void *workers);
/* Lets letters in flight be handed over, then ends the threads. Accepts NULL. */
void workers_stop(struct workers *workers);
