/* How often is too often. Two shapes: a bucket kept as one moment (sending codes; survives in a row), and a
 * sliding window in memory (requests per key). Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"

/* Bucket of `burst`, one more every `every` (GCRA): the state is the moment at which the bucket is full
 * again. */
struct bucket_rule {
	int64_t burst;
	duration every;
};
/* As much as `n` of that rule: so many times as large, and filled as many times as fast. */
struct bucket_rule bucket_for(const struct bucket_rule *one, int64_t n);
/* `n` that come back over a day, one after the other. */
struct bucket_rule bucket_of_a_day(int64_t n);
/* Takes one and moves `full`; or leaves it and gives how long to wait: after exactly that one passes. A
 * `full` beyond what the rule can have written (more than burst + 1 times `every` away: a clock turned back,
 * another rule) lets one pass and empties the bucket. Rules are at least 1 of each. */
bool bucket_take(const struct bucket_rule *rule, moment *full, moment now, duration *wait);

/* At most `limit` in any stretch of `length`: 16 slots, a partly expired slot still counts whole, so the
 * limit is never exceeded and a full window frees up at most a sixteenth late. Zeroed is empty. Ticks are
 * monotonic milliseconds. */
#define WINDOW_SLOTS 16
struct window {
	int64_t slot; /* number of the current slot since the beginning of ticks */
	uint32_t counts[WINDOW_SLOTS + 1];
};
/* False: `wait` is how long until exactly one passes, if nobody else takes it. */
bool window_take(struct window *w, int64_t limit, duration length, int64_t ticks, duration *wait);
/* The same in two steps, for what has to pass more than one of them: nothing is taken until it is counted. */
bool window_has_room(struct window *w, int64_t limit, duration length, int64_t ticks, duration *wait);
void window_count(struct window *w);
/* The same for `n` that there is room for; how many. */
int64_t window_take_some(
	struct window *w, int64_t n, int64_t limit, duration length, int64_t ticks, duration *wait);
/* Empties what a clock that was turned back by more than the window's length has left in the future. */
void window_discard_future(struct window *w, duration length, int64_t ticks);
