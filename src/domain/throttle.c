#include "domain/throttle.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/attr.h"

#define MINUTE minutes(1)
/* A longer `Retry-After` of the provider is shortened to this. */
#define HOLD_MAX minutes(10)
/* First delay after a 429 without `Retry-After`. The delay doubles with each further 429, up to the last of
 * the BACK_OFF_STEPS delays 5, 10, 20 and 40 s. */
#define BACK_OFF seconds(5)
#define BACK_OFF_STEPS 4

/* Polls and finds per minute for each version. They are 20 % below the provider's limits, because its minutes
 * and kycd's do not start together. A find is one call that lists sessions and one poll of the session found.
 * On v3 both calls count against one limit, for which older pages of the provider's documentation state
 * 300. */
static const struct {
	const char *version;
	struct throttle_limits limits;
} limits_by_version[] = {
	{ "v1", { 80, 80 } },
	{ "v2", { 80, 80 } },
	{ "v3", { 160, 80 } },
};

struct throttle_limits throttle_limits_of(const char *version)
{
	for (size_t i = 0; i < array_len(limits_by_version); i++)
		if (strcmp(limits_by_version[i].version, version) == 0)
			return limits_by_version[i].limits;
	return limits_by_version[0].limits;
}

/* Returns the number of polls per minute up to which a call of this kind is allowed. The rest of the budget
 * is reserved for the kinds that are listed before this one in enum throttle_call. */
static int64_t poll_budget(const struct throttle_limits *limits, enum throttle_call call)
{
	if (call == THROTTLE_POLL_DUE)
		return limits->polls - limits->polls / 4;
	if (call == THROTTLE_POLL_REQUESTED)
		return limits->polls - limits->polls / 8;
	return limits->polls;
}

static bool poll_fits(struct throttle_counts *counts, const struct throttle_limits *limits,
	enum throttle_call call, int64_t ticks, duration *wait)
{
	if (call == THROTTLE_POLL_REQUESTED &&
		!window_has_room(&counts->requested, limits->polls / 2, MINUTE, ticks, wait))
		return false;
	return window_has_room(&counts->polls, poll_budget(limits, call), MINUTE, ticks, wait);
}

static bool call_fits(struct throttle_counts *counts, const struct throttle_limits *limits,
	enum throttle_call call, int64_t ticks, duration *wait)
{
	if (call == THROTTLE_CREATE)
		return true;
	if (call == THROTTLE_FIND && !window_has_room(&counts->finds, limits->finds, MINUTE, ticks, wait))
		return false;
	return poll_fits(counts, limits, call, ticks, wait);
}

static void count_call(struct throttle_counts *counts, enum throttle_call call)
{
	if (call == THROTTLE_CREATE)
		return;
	window_count(&counts->polls);
	if (call == THROTTLE_FIND)
		window_count(&counts->finds);
	if (call == THROTTLE_POLL_REQUESTED)
		window_count(&counts->requested);
}

bool throttle_count(struct throttle_counts *counts, const struct throttle_limits *limits,
	enum throttle_call call, int64_t ticks, duration *wait)
{
	assert(limits->polls >= 8 && limits->finds >= 1);
	if (!call_fits(counts, limits, call, ticks, wait))
		return false;
	count_call(counts, call);
	return true;
}

static int64_t held_until(const struct throttle *throttle, enum throttle_call call)
{
	return call == THROTTLE_CREATE ? throttle->create_after : throttle->poll_after;
}

bool throttle_take(struct throttle *throttle, const struct throttle_limits *limits, enum throttle_call call,
	int64_t ticks, duration *wait)
{
	assert(!limits || (limits->polls >= 8 && limits->finds >= 1));
	if (ticks < held_until(throttle, call)) {
		*wait = milliseconds(held_until(throttle, call) - ticks);
		return false;
	}
	if (limits && !call_fits(&throttle->counts, limits, call, ticks, wait))
		return false;
	if (throttle->breaker_open && ticks < throttle->probe_at) {
		*wait = milliseconds(throttle->probe_at - ticks);
		return false;
	}
	if (throttle->breaker_open)
		throttle->probe_at = ticks + BREAKER_PROBE_INTERVAL.ms;
	if (limits)
		count_call(&throttle->counts, call);
	return true;
}

duration throttle_create_delay(const struct throttle *throttle, int64_t ticks)
{
	int64_t until = throttle->create_after;

	if (throttle->breaker_open && throttle->probe_at > until)
		until = throttle->probe_at;
	return milliseconds(until > ticks ? until - ticks : 0);
}

static bool breaker_close(struct throttle *throttle)
{
	const bool was_open = throttle->breaker_open;

	throttle->failures = 0;
	throttle->breaker_open = false;
	return was_open;
}

bool throttle_record(struct throttle *throttle, enum provider_health health, int64_t ticks)
{
	if (health == HEALTH_UNKNOWN)
		return false;
	if (health == HEALTH_UP)
		return breaker_close(throttle);
	if (health == HEALTH_UNEXPECTED) {
		throttle->failures = 0;
		return false;
	}
	if (throttle->breaker_open || ++throttle->failures < BREAKER_FAILURES)
		return false;
	throttle->breaker_open = true;
	throttle->probe_at = ticks + BREAKER_PROBE_INTERVAL.ms;
	return true;
}

static int *limited_count(struct throttle *throttle, enum throttle_call call)
{
	return call == THROTTLE_CREATE ? &throttle->creates_limited : &throttle->polls_limited;
}

/* Many calls may be in progress when the first 429 arrives. Those calls may get a 429 too, while new calls
 * are already held back; such a 429 does not increase the delay. */
static duration back_off(struct throttle *throttle, enum throttle_call call, int64_t ticks)
{
	int *const n = limited_count(throttle, call);
	const bool is_held = ticks < held_until(throttle, call);

	if (*n < BACK_OFF_STEPS && (!is_held || *n == 0))
		++*n;
	return milliseconds(BACK_OFF.ms << (*n - 1));
}

void throttle_retry_after(struct throttle *throttle, enum throttle_call call, int64_t ticks, duration wait)
{
	int64_t *const until = call == THROTTLE_CREATE ? &throttle->create_after : &throttle->poll_after;
	const duration delay = wait.ms > 0 ? wait : back_off(throttle, call, ticks);
	const int64_t end = ticks + (delay.ms < HOLD_MAX.ms ? delay.ms : HOLD_MAX.ms);

	if (end > *until)
		*until = end;
}

void throttle_reset(struct throttle *throttle, enum throttle_call call)
{
	*limited_count(throttle, call) = 0;
}
