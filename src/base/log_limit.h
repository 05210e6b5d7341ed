/* Limits how often an event is logged that may occur often, for example because anyone can cause it: at most
 * one line a minute, with the number of occurrences since the last one. Thread-safe, without locks. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

/* A static variable of the module that logs; initially all zeros. */
struct log_limit {
	_Atomic int64_t next_at; /* when the next line may be logged, in ticks */
	atomic_int times;	 /* occurrences since the last line */
};

/* Counts an occurrence at the time `ticks` (monotonic ms). If a log line is due, returns the number of
 * occurrences since the last one, for its field `times`; otherwise 0. */
int log_limit_count(struct log_limit *limit, int64_t ticks);
