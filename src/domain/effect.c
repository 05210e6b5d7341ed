#include "domain/effect.h"

#include <assert.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"

static const struct {
	const char *name;
	bool final;
} states[] = {
	[EFFECT_QUEUED] = { "queued", false },
	[EFFECT_DEFERRED] = { "deferred", false },
	[EFFECT_ACCEPTED] = { "accepted", true },
	[EFFECT_REFUSED] = { "refused", true },
	[EFFECT_DROPPED] = { "dropped", true },
};

const char *effect_state_name(enum effect_state s)
{
	assert(s < array_len(states) && states[s].name != NULL);
	return states[s].name;
}

static duration shorter_of(duration a, duration b)
{
	return duration_is_shorter(a, b) ? a : b;
}

duration effect_delay(duration first, int64_t tries, unsigned char jitter)
{
	const duration longest = hours(1);
	duration delay = shorter_of(first, longest);

	assert(first.ms > 0);
	for (int64_t i = 1; i < tries && duration_is_shorter(delay, longest); i++)
		delay = shorter_of(duration_mul(delay, 2), longest);

	/* The jitter changes the delay to 75 % to 125 % of its value. */
	delay = milliseconds(delay.ms * 3 / 4 + delay.ms * jitter / ((int64_t)2 * 255));
	return shorter_of(delay, longest);
}

static void clear_lease(struct effect *e)
{
	e->lease_expires_at = (moment){ 0 };
	e->lease_owner = (struct instance_id){ "" };
}

void effect_lease(struct effect *e, const struct instance_id *instance, moment now, duration lease)
{
	assert(!e->done && lease.ms > 0);
	e->lease_owner = *instance;
	e->lease_expires_at = moment_add(now, lease);
	e->tries++;
}

void effect_finish(struct effect *e, enum effect_state state, moment now)
{
	assert(!e->done && state < array_len(states) && states[state].final);
	e->state = state;
	e->done = true;
	e->sealed_payload = STR("");
	e->finished_at = now;
	clear_lease(e);
}

bool effect_is_leased_by(const struct effect *e, const struct instance_id *instance, int64_t tries)
{
	return !e->done && e->tries == tries && str_eq(str_of(e->lease_owner.text), str_of(instance->text));
}

void effect_renew(struct effect *e, moment now, duration lease)
{
	assert(!e->done && !moment_is_unset(e->lease_expires_at));
	e->lease_expires_at = moment_add(now, lease);
}

/* If the next try would be made after the effect has expired, it is made after half of the remaining time
 * instead. So the e-mail is still sent if the mail server recovers late. */
void effect_defer(struct effect *e, moment now, duration delay)
{
	const duration half = milliseconds(moment_diff(now, e->expires_at).ms / 2);

	assert(!e->done);
	if (moment_is_before(moment_add(now, delay), e->expires_at)) {
		e->due_at = moment_add(now, delay);
	} else if (!duration_is_shorter(half, seconds(1))) {
		e->due_at = moment_add(now, half);
	} else {
		effect_finish(e, EFFECT_DROPPED, now);
		return;
	}
	e->state = EFFECT_DEFERRED;
	clear_lease(e);
}

bool effect_make_due(struct effect *e, moment now)
{
	if (e->done || !moment_is_unset(e->lease_expires_at) || !moment_is_before(now, e->due_at))
		return false;
	e->due_at = now;
	return true;
}
