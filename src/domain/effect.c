#include "domain/effect.h"

#include <assert.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"

/* `last`: nothing comes after it. */
static const struct {
	const char *word;
	bool last;
} states[] = {
	[EFFECT_QUEUED] = { "queued", false },
	[EFFECT_DEFERRED] = { "deferred", false },
	[EFFECT_ACCEPTED] = { "accepted", true },
	[EFFECT_REFUSED] = { "refused", true },
	[EFFECT_DROPPED] = { "dropped", true },
};

const char *effect_state_name(enum effect_state s)
{
	assert(s < array_len(states) && states[s].word != NULL);
	return states[s].word;
}

static duration at_most(duration s, duration limit)
{
	return duration_is_shorter(s, limit) ? s : limit;
}

duration effect_delay(duration first, int64_t tries, unsigned char jitter)
{
	const duration longest = hours(1);
	duration delay = at_most(first, longest);

	assert(first.ms > 0);
	for (int64_t i = 1; i < tries && duration_is_shorter(delay, longest); i++)
		delay = at_most(duration_mul(delay, 2), longest);

	/* Three quarters, and up to a half on top. */
	delay = milliseconds(delay.ms * 3 / 4 + delay.ms * jitter / ((int64_t)2 * 255));
	return at_most(delay, longest);
}

static void give_up_lease(struct effect *e)
{
	e->lease_expires_at = (moment){ 0 };
	e->lease_owner = (struct instance_id){ "" };
}

void effect_lease(struct effect *e, const struct instance_id *who, moment now, duration lease)
{
	assert(!e->done && lease.ms > 0);
	e->lease_owner = *who;
	e->lease_expires_at = moment_add(now, lease);
	e->tries++;
}

void effect_finish(struct effect *e, enum effect_state state, moment now)
{
	assert(!e->done && state < array_len(states) && states[state].last);
	e->state = state;
	e->done = true;
	e->sealed_payload = STR("");
	e->finished_at = now;
	give_up_lease(e);
}

bool effect_is_leased_by(const struct effect *e, const struct instance_id *who, int64_t tries)
{
	return !e->done && e->tries == tries && str_eq(str_of(e->lease_owner.text), str_of(who->text));
}

void effect_renew(struct effect *e, moment now, duration lease)
{
	assert(!e->done && !moment_is_unset(e->lease_expires_at));
	e->lease_expires_at = moment_add(now, lease);
}

/* A server that comes back late still finds the letter: what would come too late is tried at half of what is
 * left. */
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
	give_up_lease(e);
}

bool effect_make_due(struct effect *e, moment now)
{
	if (e->done || !moment_is_unset(e->lease_expires_at) || !moment_is_before(now, e->due_at))
		return false;
	e->due_at = now;
	return true;
}
