/* The clock and the random source of the operating system. All other folders receive them through `struct
 * world`; `make check` refuses system calls for time and randomness outside src/main. Thread-safe. */
#pragma once

#include <stdint.h>

#include "base/moment.h"
#include "port/world.h"

/* Returns the clock of this process, a static object. The sandbox can move its wall time forward
 * (interface.md 4), but never its monotonic ticks. */
struct clock *system_clock(void);
/* Moves the wall time forward, for POST /sandbox/clock/advance. */
void system_clock_advance(duration by);
/* Returns the random source of the kernel (getrandom), a static object. */
struct random *system_random(void);
/* Returns the wall time that rules, database rows, log lines and the Date header use. */
moment system_now(void);
/* Returns the monotonic time in milliseconds, for deadlines. */
int64_t system_ticks(void);
/* Returns the monotonic time in microseconds, for measurements. */
int64_t system_micros(void);
/* Blocks the calling thread for the whole duration, even if a signal handler interrupts it. */
void system_sleep(duration s);
