/* Limits how often an event is logged that may occur often, for example because anyone can cause it. At most
 * one line a minute is logged, with the number of occurrences since the last line. Thread-safe, without
 * locks. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

/* The state of the limit for one event. It is a static variable of the module that logs, and starts as all
 * zeros. */
struct log_limit {
	_Atomic int64_t next_at; /* the tick from which the next line may be logged */
	atomic_int times;	 /* occurrences since the last line */
};

/* Counts an occurrence at the time `ticks` (milliseconds of a monotonic clock). If a log line is due, returns
 * the number of occurrences since the last line, for the field `times`; otherwise returns 0. */
int log_limit_count(struct log_limit *limit, int64_t ticks);
