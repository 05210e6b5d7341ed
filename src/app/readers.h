/* Background threads that read sessions from the provider: what is due (app/reconcile), and what somebody
 * asked for without waiting (app/asked). */
#pragma once

#include "app/asked.h"
#include "base/err.h"
#include "port/world.h"

struct readers;

enum err readers_start(const struct world *world, struct asked *asked, struct readers **out) must_use;
/* Lets readings under way end, writes the last sign of life, ends the threads. Accepts NULL. */
void readers_stop(struct readers *readers);
