/* Two rate limiters. The first is a token bucket (GCRA), whose state is a single timestamp in a database row;
 * it limits the sending of codes. The second is a sliding window, whose counters are in memory; it limits the
 * requests per key. The functions do no I/O and take no lock: the caller synchronises access. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"

/* The rule of a bucket that holds `burst` units and gains one unit per `every` (GCRA). A bucket's state is
 * the moment at which it is full again (the theoretical arrival time, "tat"). `burst` and `every` are at
 * least 1. */
struct bucket_rule {
	int64_t burst;
	duration every;
};
/* Returns the rule for `n` buckets together: `n` times as large and refilled `n` times as fast. */
struct bucket_rule bucket_for(const struct bucket_rule *one, int64_t n);
/* Returns the rule of a bucket of `n` units that is refilled evenly over one day. */
struct bucket_rule bucket_of_a_day(int64_t n);
/* Takes one unit, moves `full_at` and returns true. If the bucket is empty, changes nothing, sets `wait` to
 * the time after which a unit is available, and returns false. A `full_at` that this rule cannot have written
 * (more than burst + 1 times `every` in the future, because the clock was set back or the rule was changed)
 * lets one call pass and empties the bucket. */
bool bucket_take(const struct bucket_rule *rule, moment *full_at, moment now, duration *wait);

/* Sliding window: at most `limit` calls in any period of `length`. It has 16 slots; a slot that has only
 * partly left the period still counts completely. So the limit is never exceeded, and a full window accepts
 * the next call at most a sixteenth of `length` late. A zeroed struct is an empty window. Ticks are
 * milliseconds of a monotonic clock. */
#define WINDOW_SLOTS 16
struct window {
	int64_t slot; /* number of the current slot, counted from tick 0 */
	uint32_t counts[WINDOW_SLOTS + 1];
};
/* Counts one call and returns true. If the window is full, sets `wait` to the time until the next call is
 * possible and returns false. */
bool window_take(struct window *w, int64_t limit, duration length, int64_t ticks, duration *wait);
/* window_take() in two steps, for a call that must fit several windows: the caller first checks all windows
 * with window_has_room(), then counts the call in each with window_count(). */
bool window_has_room(struct window *w, int64_t limit, duration length, int64_t ticks, duration *wait);
void window_count(struct window *w);
/* Like window_take(), for up to `n` calls. Returns how many calls were counted, possibly fewer than `n`. */
int64_t window_take_some(
	struct window *w, int64_t n, int64_t limit, duration length, int64_t ticks, duration *wait);
/* Empties a window whose slots lie in the future because the clock was set back by more than `length`. */
void window_discard_future(struct window *w, duration length, int64_t ticks);
