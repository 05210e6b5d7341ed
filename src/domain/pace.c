#include "domain/pace.h"

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
	struct pace_rule rule;
} rules[] = {
	{ "v1", { 80, 80 } },
	{ "v2", { 80, 80 } },
	{ "v3", { 160, 80 } },
};

struct pace_rule pace_rule_of(const char *version)
{
	for (size_t i = 0; i < array_len(rules); i++)
		if (strcmp(rules[i].version, version) == 0)
			return rules[i].rule;
	return rules[0].rule;
}

/* So much of the minute's readings is left to those above in the list. */
static int64_t readings_for(const struct pace_rule *rule, enum pace_call call)
{
	if (call == PACE_READ_DUE)
		return rule->readings - rule->readings / 4;
	if (call == PACE_READ_ASKED)
		return rule->readings - rule->readings / 8;
	return rule->readings;
}

static bool reading_fits(struct pace_counts *counts, const struct pace_rule *rule, enum pace_call call,
	int64_t ticks, duration *wait)
{
	if (call == PACE_READ_ASKED &&
		!window_has_room(&counts->asked, rule->readings / 2, MINUTE, ticks, wait))
		return false;
	return window_has_room(&counts->readings, readings_for(rule, call), MINUTE, ticks, wait);
}

static bool fits(struct pace_counts *counts, const struct pace_rule *rule, enum pace_call call, int64_t ticks,
	duration *wait)
{
	if (call == PACE_CREATE)
		return true;
	if (call == PACE_FIND && !window_has_room(&counts->finds, rule->finds, MINUTE, ticks, wait))
		return false;
	return reading_fits(counts, rule, call, ticks, wait);
}

static void count(struct pace_counts *counts, enum pace_call call)
{
	if (call == PACE_CREATE)
		return;
	window_count(&counts->readings);
	if (call == PACE_FIND)
		window_count(&counts->finds);
	if (call == PACE_READ_ASKED)
		window_count(&counts->asked);
}

bool pace_count(struct pace_counts *counts, const struct pace_rule *rule, enum pace_call call, int64_t ticks,
	duration *wait)
{
	assert(rule->readings >= 8 && rule->finds >= 1);
	if (!fits(counts, rule, call, ticks, wait))
		return false;
	count(counts, call);
	return true;
}

static int64_t held_until(const struct pace *pace, enum pace_call call)
{
	return call == PACE_CREATE ? pace->create_after : pace->read_after;
}

bool pace_take(
	struct pace *pace, const struct pace_rule *rule, enum pace_call call, int64_t ticks, duration *wait)
{
	assert(!rule || (rule->readings >= 8 && rule->finds >= 1));
	if (ticks < held_until(pace, call)) {
		*wait = milliseconds(held_until(pace, call) - ticks);
		return false;
	}
	if (rule && !fits(&pace->counts, rule, call, ticks, wait))
		return false;
	if (pace->open && ticks < pace->probe_at) {
		*wait = milliseconds(pace->probe_at - ticks);
		return false;
	}
	if (pace->open)
		pace->probe_at = ticks + PACE_PROBE_EVERY.ms;
	if (rule)
		count(&pace->counts, call);
	return true;
}

duration pace_pause(const struct pace *pace, int64_t ticks)
{
	int64_t until = pace->create_after;

	if (pace->open && pace->probe_at > until)
		until = pace->probe_at;
	return milliseconds(until > ticks ? until - ticks : 0);
}

static bool close(struct pace *pace)
{
	const bool was_open = pace->open;

	pace->failures = 0;
	pace->open = false;
	return was_open;
}

bool pace_hear(struct pace *pace, enum pace_word word, int64_t ticks)
{
	if (word == PACE_NONE)
		return false;
	if (word == PACE_UP)
		return close(pace);
	if (word == PACE_ODD) {
		pace->failures = 0;
		return false;
	}
	if (pace->open || ++pace->failures < PACE_FAILURES)
		return false;
	pace->open = true;
	pace->probe_at = ticks + PACE_PROBE_EVERY.ms;
	return true;
}

static int *limited(struct pace *pace, enum pace_call call)
{
	return call == PACE_CREATE ? &pace->creates_limited : &pace->reads_limited;
}

/* Many calls may be out when the first 429 comes: those that find the door shut already are no further step.
 */
static duration back_off(struct pace *pace, enum pace_call call, int64_t ticks)
{
	int *const n = limited(pace, call);
	const bool shut = ticks < held_until(pace, call);

	if (*n < BACK_OFF_STEPS && (!shut || *n == 0))
		++*n;
	return milliseconds(BACK_OFF.ms << (*n - 1));
}

void pace_hold(struct pace *pace, enum pace_call call, int64_t ticks, duration wait)
{
	int64_t *const until = call == PACE_CREATE ? &pace->create_after : &pace->read_after;
	const duration asked = wait.ms > 0 ? wait : back_off(pace, call, ticks);
	const int64_t then = ticks + (asked.ms < HOLD_MAX.ms ? asked.ms : HOLD_MAX.ms);

	if (then > *until)
		*until = then;
}

void pace_ease(struct pace *pace, enum pace_call call)
{
	*limited(pace, call) = 0;
}
