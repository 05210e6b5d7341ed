#include "domain/limit.h"

#include <assert.h>
#include <stddef.h>

/* Longer than any duration that occurs, and small enough that sums cannot overflow int64_t. */
#define LONGEST_MS (INT64_MAX / 4)

static int64_t multiply_capped(int64_t a, int64_t b)
{
	return a > LONGEST_MS / b ? LONGEST_MS : a * b;
}

/* Rounds up, so that a bucket never refills faster than its rule. */
static duration divide_rounding_up(duration whole, int64_t n)
{
	return milliseconds((whole.ms + n - 1) / n);
}

struct bucket_rule bucket_for(const struct bucket_rule *one, int64_t n)
{
	return (struct bucket_rule){ multiply_capped(one->burst, n), divide_rounding_up(one->every, n) };
}

struct bucket_rule bucket_of_a_day(int64_t n)
{
	return (struct bucket_rule){ n, divide_rounding_up(days(1), n) };
}

bool bucket_take(const struct bucket_rule *rule, moment *full_at, moment now, duration *wait)
{
	assert(rule->burst >= 1 && rule->every.ms >= 1 && rule->every.ms <= LONGEST_MS);
	assert(now.ms >= 0 && now.ms <= LONGEST_MS);
	const int64_t every = rule->every.ms, whole = multiply_capped(rule->burst, every);
	const int64_t missing = moment_is_before(*full_at, now)
					? 0
					: full_at->ms - now.ms; /* ms until the bucket is full */

	/* More is missing than this rule can have taken: the clock was set back, or the rule was changed. Let
	 * one pass and empty the bucket, because the wait would have no bound. */
	if (missing > whole + every) {
		*full_at = moment_add(now, milliseconds(whole));
		return true;
	}
	if (missing > whole - every) {
		*wait = milliseconds(missing - (whole - every));
		return false;
	}
	*full_at = moment_add(now, milliseconds(missing + every));
	return true;
}

/* Slot n covers the ticks from slot_start(n) up to slot_start(n + 1). Slots are sixteenths of `length`, even
 * where that is not a whole number of milliseconds. */
static int64_t slot_of(int64_t ticks, duration length)
{
	return ticks * WINDOW_SLOTS / length.ms;
}

static int64_t slot_start(int64_t slot, duration length)
{
	return (slot * length.ms + WINDOW_SLOTS - 1) / WINDOW_SLOTS;
}

#define KEPT_SLOTS (WINDOW_SLOTS + 1) /* the current slot and the previous ones that overlap the window */

static void window_advance(struct window *w, int64_t slot)
{
	if (slot <= w->slot) /* the caller read its ticks before a thread that was counted first */
		return;
	const int64_t first = slot - w->slot > KEPT_SLOTS ? slot - KEPT_SLOTS + 1 : w->slot + 1;

	for (int64_t i = first; i <= slot; i++)
		w->counts[i % KEPT_SLOTS] = 0;
	w->slot = slot;
}

/* The tick at which enough counted calls have left the window for one more. */
static int64_t window_next_free_tick(const struct window *w, int64_t total, int64_t limit, duration length)
{
	int64_t slot = w->slot + 1; /* the next slot will reuse the place of the oldest */

	for (; slot < w->slot + KEPT_SLOTS; slot++) {
		total -= w->counts[slot % KEPT_SLOTS];
		if (total < limit)
			break;
	}
	return slot_start(slot, length);
}

static int64_t window_total(const struct window *w)
{
	int64_t total = 0;

	for (size_t i = 0; i < KEPT_SLOTS; i++)
		total += w->counts[i];
	return total;
}

bool window_has_room(struct window *w, int64_t limit, duration length, int64_t ticks, duration *wait)
{
	assert(limit >= 1 && limit <= INT32_MAX && length.ms >= 1 && length.ms <= LONGEST_MS / WINDOW_SLOTS);
	assert(ticks >= 0 && ticks <= LONGEST_MS / WINDOW_SLOTS);
	window_advance(w, slot_of(ticks, length));
	const int64_t total = window_total(w);
	if (total < limit)
		return true;
	*wait = milliseconds(window_next_free_tick(w, total, limit, length) - ticks);
	return false;
}

int64_t window_take_some(
	struct window *w, int64_t n, int64_t limit, duration length, int64_t ticks, duration *wait)
{
	if (!window_has_room(w, limit, length, ticks, wait))
		return 0;
	const int64_t available = limit - window_total(w), taken = n < available ? n : available;
	w->counts[w->slot % KEPT_SLOTS] += (uint32_t)taken;
	return taken;
}

void window_discard_future(struct window *w, duration length, int64_t ticks)
{
	if (w->slot < 0 || w->slot > slot_of(ticks, length) + KEPT_SLOTS)
		*w = (struct window){ 0 };
}

void window_count(struct window *w)
{
	w->counts[w->slot % KEPT_SLOTS]++;
}

bool window_take(struct window *w, int64_t limit, duration length, int64_t ticks, duration *wait)
{
	if (!window_has_room(w, limit, length, ticks, wait))
		return false;
	window_count(w);
	return true;
}
