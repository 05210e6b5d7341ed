#include "domain/limit.h"

#include <assert.h>
#include <stddef.h>

/* Far beyond the calendar, and still far from the end of the type. */
#define LONGEST_MS (INT64_MAX / 4)

static int64_t product(int64_t a, int64_t b)
{
	return a > LONGEST_MS / b ? LONGEST_MS : a * b;
}

/* Rounded up: never faster than was said. */
static duration part(duration whole, int64_t n)
{
	return milliseconds((whole.ms + n - 1) / n);
}

struct bucket_rule bucket_for(const struct bucket_rule *one, int64_t n)
{
	return (struct bucket_rule){ product(one->burst, n), part(one->every, n) };
}

struct bucket_rule bucket_of_a_day(int64_t n)
{
	return (struct bucket_rule){ n, part(days(1), n) };
}

bool bucket_take(const struct bucket_rule *rule, moment *full, moment now, duration *wait)
{
	assert(rule->burst >= 1 && rule->every.ms >= 1 && rule->every.ms <= LONGEST_MS);
	assert(now.ms >= 0 && now.ms <= LONGEST_MS);
	const int64_t every = rule->every.ms, whole = product(rule->burst, every);
	const int64_t missing = moment_is_before(*full, now)
					? 0
					: full->ms - now.ms; /* time until the bucket is full */

	/* More than an empty bucket and one more is missing: the clock was turned back, or the rule was
	 * another one. One passes and the bucket is empty, instead of a wait without a bound. */
	if (missing > whole + every) {
		*full = moment_add(now, milliseconds(whole));
		return true;
	}
	if (missing > whole - every) {
		*wait = milliseconds(missing - (whole - every));
		return false;
	}
	*full = moment_add(now, milliseconds(missing + every));
	return true;
}

/* Slot n is the ticks from slot_start(n) up to slot_start(n + 1): sixteenths of `length`, also where that is
 * no whole number of milliseconds. */
static int64_t slot_of(int64_t ticks, duration length)
{
	return ticks * WINDOW_SLOTS / length.ms;
}

static int64_t slot_start(int64_t slot, duration length)
{
	return (slot * length.ms + WINDOW_SLOTS - 1) / WINDOW_SLOTS;
}

#define KEPT (WINDOW_SLOTS + 1) /* the current slot and those that the length reaches back to */

static void window_move(struct window *w, int64_t slot)
{
	if (slot <= w->slot) /* another thread read its ticks a little earlier */
		return;
	const int64_t first = slot - w->slot > KEPT ? slot - KEPT + 1 : w->slot + 1;

	for (int64_t i = first; i <= slot; i++)
		w->counts[i % KEPT] = 0;
	w->slot = slot;
}

/* When enough of what was counted is forgotten for one more. */
static int64_t window_frees(const struct window *w, int64_t total, int64_t limit, duration length)
{
	int64_t slot = w->slot + 1; /* the oldest is where this one will be */

	for (; slot < w->slot + KEPT; slot++) {
		total -= w->counts[slot % KEPT];
		if (total < limit)
			break;
	}
	return slot_start(slot, length);
}

static int64_t total_of(const struct window *w)
{
	int64_t total = 0;

	for (size_t i = 0; i < KEPT; i++)
		total += w->counts[i];
	return total;
}

bool window_has_room(struct window *w, int64_t limit, duration length, int64_t ticks, duration *wait)
{
	assert(limit >= 1 && limit <= INT32_MAX && length.ms >= 1 && length.ms <= LONGEST_MS / WINDOW_SLOTS);
	assert(ticks >= 0 && ticks <= LONGEST_MS / WINDOW_SLOTS);
	window_move(w, slot_of(ticks, length));
	const int64_t total = total_of(w);
	if (total < limit)
		return true;
	*wait = milliseconds(window_frees(w, total, limit, length) - ticks);
	return false;
}

int64_t window_take_some(
	struct window *w, int64_t n, int64_t limit, duration length, int64_t ticks, duration *wait)
{
	if (!window_has_room(w, limit, length, ticks, wait))
		return 0;
	const int64_t room = limit - total_of(w), taken = n < room ? n : room;
	w->counts[w->slot % KEPT] += (uint32_t)taken;
	return taken;
}

void window_discard_future(struct window *w, duration length, int64_t ticks)
{
	if (w->slot < 0 || w->slot > slot_of(ticks, length) + KEPT)
		*w = (struct window){ 0 };
}

void window_count(struct window *w)
{
	w->counts[w->slot % KEPT]++;
}

bool window_take(struct window *w, int64_t limit, duration length, int64_t ticks, duration *wait)
{
	if (!window_has_room(w, limit, length, ticks, wait))
		return false;
	window_count(w);
	return true;
}
