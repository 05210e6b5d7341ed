#include "domain/throttle.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/attr.h"

#define MINUTE minutes(1)
/* A provider that wants to be left alone for longer is asked again all the same. */
#define HOLD_MAX minutes(10)
/* Where it does not say for how long: doubled so often. */
#define BACK_OFF seconds(5)
#define BACK_OFF_STEPS 4

/* A fifth below what the provider allows, for its minute does not begin with ours. A find is a list and the
 * reading of what stands in it; on v3 both count against one limit, which older pages put at 300. */
static const struct {
	const char *version;
	struct throttle_limits limits;
} rules[] = {
	{ "v1", { 80, 80 } },
	{ "v2", { 80, 80 } },
	{ "v3", { 160, 80 } },
};

struct throttle_limits throttle_limits_of(const char *version)
{
	for (size_t i = 0; i < array_len(rules); i++)
		if (strcmp(rules[i].version, version) == 0)
			return rules[i].limits;
	return rules[0].limits;
}

/* So much of the minute's readings is left to those above in the list. */
static int64_t readings_for(const struct throttle_limits *limits, enum throttle_call call)
{
	if (call == THROTTLE_POLL_DUE)
		return limits->polls - limits->polls / 4;
	if (call == THROTTLE_POLL_REQUESTED)
		return limits->polls - limits->polls / 8;
	return limits->polls;
}

static bool reading_fits(struct throttle_counts *counts, const struct throttle_limits *limits,
	enum throttle_call call, int64_t ticks, duration *wait)
{
	if (call == THROTTLE_POLL_REQUESTED &&
		!window_has_room(&counts->requested, limits->polls / 2, MINUTE, ticks, wait))
		return false;
	return window_has_room(&counts->polls, readings_for(limits, call), MINUTE, ticks, wait);
}

static bool fits(struct throttle_counts *counts, const struct throttle_limits *limits,
	enum throttle_call call, int64_t ticks, duration *wait)
{
	if (call == THROTTLE_CREATE)
		return true;
	if (call == THROTTLE_FIND && !window_has_room(&counts->finds, limits->finds, MINUTE, ticks, wait))
		return false;
	return reading_fits(counts, limits, call, ticks, wait);
}

static void count(struct throttle_counts *counts, enum throttle_call call)
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
	if (!fits(counts, limits, call, ticks, wait))
		return false;
	count(counts, call);
	return true;
}

static int64_t held_until(const struct throttle *throttle, enum throttle_call call)
{
	return call == THROTTLE_CREATE ? throttle->create_after : throttle->read_after;
}

bool throttle_take(struct throttle *throttle, const struct throttle_limits *limits, enum throttle_call call,
	int64_t ticks, duration *wait)
{
	assert(!limits || (limits->polls >= 8 && limits->finds >= 1));
	if (ticks < held_until(throttle, call)) {
		*wait = milliseconds(held_until(throttle, call) - ticks);
		return false;
	}
	if (limits && !fits(&throttle->counts, limits, call, ticks, wait))
		return false;
	if (throttle->breaker_open && ticks < throttle->probe_at) {
		*wait = milliseconds(throttle->probe_at - ticks);
		return false;
	}
	if (throttle->breaker_open)
		throttle->probe_at = ticks + BREAKER_PROBE_INTERVAL.ms;
	if (limits)
		count(&throttle->counts, call);
	return true;
}

duration throttle_create_delay(const struct throttle *throttle, int64_t ticks)
{
	int64_t until = throttle->create_after;

	if (throttle->breaker_open && throttle->probe_at > until)
		until = throttle->probe_at;
	return milliseconds(until > ticks ? until - ticks : 0);
}

static bool close(struct throttle *throttle)
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
		return close(throttle);
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

static int *limited(struct throttle *throttle, enum throttle_call call)
{
	return call == THROTTLE_CREATE ? &throttle->creates_limited : &throttle->reads_limited;
}

/* Many calls may be out when the first 429 comes: those that find the door shut already are no further step.
 */
static duration back_off(struct throttle *throttle, enum throttle_call call, int64_t ticks)
{
	int *const n = limited(throttle, call);
	const bool shut = ticks < held_until(throttle, call);

	if (*n < BACK_OFF_STEPS && (!shut || *n == 0))
		++*n;
	return milliseconds(BACK_OFF.ms << (*n - 1));
}

void throttle_retry_after(struct throttle *throttle, enum throttle_call call, int64_t ticks, duration wait)
{
	int64_t *const until = call == THROTTLE_CREATE ? &throttle->create_after : &throttle->read_after;
	const duration asked = wait.ms > 0 ? wait : back_off(throttle, call, ticks);
	const int64_t then = ticks + (asked.ms < HOLD_MAX.ms ? asked.ms : HOLD_MAX.ms);

	if (then > *until)
		*until = then;
}

void throttle_reset(struct throttle *throttle, enum throttle_call call)
{
	*limited(throttle, call) = 0;
}
