/* The clock and the random source of the operating system. All other folders receive them through `struct
 * world`; `make check` refuses system calls for time and randomness outside src/main. All functions are
 * thread-safe. */
#pragma once

#include <stdint.h>

#include "base/moment.h"
#include "port/world.h"

/* The clock of this process, a static object. The sandbox can move its wall time forward (interface.md 4);
 * its monotonic ticks are never changed. */
struct clock *system_clock(void);
/* Moves the wall time forward; for the sandbox's /sandbox/clock/advance. */
void system_clock_advance(duration by);
/* Random bytes of the kernel (getrandom), a static object. */
struct random *system_random(void);
/* The wall time that rules, database rows, log lines and the Date header use. */
moment system_now(void);
/* Monotonic time in milliseconds, for deadlines. */
int64_t system_ticks(void);
/* Monotonic time in microseconds, for measurements. */
int64_t system_micros(void);
/* Blocks the calling thread for the whole duration, also if a signal handler interrupts it. */
void system_sleep(duration s);
