/* The real clock and the real randomness. Only here is the system asked. */
#pragma once

#include <stdint.h>

#include "base/moment.h"
#include "port/world.h"

/* One for the process. Its wall hand can be moved forward in --dev (interface.md 4); its ticks never move. */
struct clock *system_clock(void);
void system_clock_advance(duration by);
struct random *system_random(void);
/* The wall clock as rules and rows see it; also for log lines and the Date header. */
moment system_now(void);
/* Monotonic, for deadlines. */
int64_t system_ticks(void);
int64_t system_micros(void);
/* Sleeps. */
void system_sleep(duration s);
