#include "domain/limit.h"

#include <assert.h>
#include <stddef.h>

/* A duration longer than any that occurs. It is small enough that sums of two cannot overflow int64_t. */
#define LONGEST_MS (INT64_MAX / 4)

static int64_t multiply_capped(int64_t a, int64_t b)
{
	return a > LONGEST_MS / b ? LONGEST_MS : a * b;
}

/* Divides and rounds up, so that a bucket never refills faster than its rule allows. */
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

	/* More is missing than this rule can have taken, because the clock was set back or the rule was
	 * changed. The wait would have no bound, so one call passes and the bucket is emptied. */
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

/* Returns the number of the slot that contains the tick. Slot n covers the ticks from slot_start(n) up to
 * slot_start(n + 1). A slot is a sixteenth of `length`, even where that is not a whole number of
 * milliseconds. */
static int64_t slot_of(int64_t ticks, duration length)
{
	return ticks * WINDOW_SLOTS / length.ms;
}

static int64_t slot_start(int64_t slot, duration length)
{
	return (slot * length.ms + WINDOW_SLOTS - 1) / WINDOW_SLOTS;
}

/* The current slot and the previous ones that overlap the window. */
#define KEPT_SLOTS (WINDOW_SLOTS + 1)

static void window_advance(struct window *w, int64_t slot)
{
	/* A thread that read its ticks later may already have advanced the window. */
	if (slot <= w->slot)
		return;
	const int64_t first = slot - w->slot > KEPT_SLOTS ? slot - KEPT_SLOTS + 1 : w->slot + 1;

	for (int64_t i = first; i <= slot; i++)
		w->counts[i % KEPT_SLOTS] = 0;
	w->slot = slot;
}

/* Returns the tick at which so many counted calls have left the window that one more call is allowed. */
static int64_t window_next_free_tick(const struct window *w, int64_t total, int64_t limit, duration length)
{
	int64_t slot =
		w->slot +
		1; /* the slot after the current one, which will reuse the array element of the oldest slot */

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
