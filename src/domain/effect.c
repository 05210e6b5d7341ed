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

const char *effect_state_word(enum effect_state s)
{
	assert(s < array_len(states) && states[s].word != NULL);
	return states[s].word;
}

static span at_most(span s, span limit)
{
	return shorter(s, limit) ? s : limit;
}

span effect_delay(span first, int64_t tries, unsigned char jitter)
{
	const span longest = hours(1);
	span delay = at_most(first, longest);

	assert(first.ms > 0);
	for (int64_t i = 1; i < tries && shorter(delay, longest); i++)
		delay = at_most(times(delay, 2), longest);

	/* Three quarters, and up to a half on top. */
	delay = milliseconds(delay.ms * 3 / 4 + delay.ms * jitter / ((int64_t)2 * 255));
	return at_most(delay, longest);
}

static void give_up_lease(struct effect *e)
{
	e->leased_until = (moment){ 0 };
	e->lessee = (struct instance_id){ "" };
}

void effect_lease(struct effect *e, const struct instance_id *who, moment now, span lease)
{
	assert(!e->done && lease.ms > 0);
	e->lessee = *who;
	e->leased_until = after(now, lease);
	e->tries++;
}

void effect_finish(struct effect *e, enum effect_state state, moment now)
{
	assert(!e->done && state < array_len(states) && states[state].last);
	e->state = state;
	e->done = true;
	e->sealed = STR("");
	e->finished = now;
	give_up_lease(e);
}

bool effect_is_held(const struct effect *e, const struct instance_id *who, int64_t tries)
{
	return !e->done && e->tries == tries && str_eq(str_of(e->lessee.text), str_of(who->text));
}

void effect_renew(struct effect *e, moment now, span lease)
{
	assert(!e->done && !never(e->leased_until));
	e->leased_until = after(now, lease);
}

/* A server that comes back late still finds the letter: what would come too late is tried at half of what is
 * left. */
void effect_defer(struct effect *e, moment now, span delay)
{
	const span half = milliseconds(between(now, e->useful_until).ms / 2);

	assert(!e->done);
	if (earlier(after(now, delay), e->useful_until)) {
		e->due = after(now, delay);
	} else if (!shorter(half, seconds(1))) {
		e->due = after(now, half);
	} else {
		effect_finish(e, EFFECT_DROPPED, now);
		return;
	}
	e->state = EFFECT_DEFERRED;
	give_up_lease(e);
}

bool effect_hasten(struct effect *e, moment now)
{
	if (e->done || !never(e->leased_until) || !earlier(now, e->due))
		return false;
	e->due = now;
	return true;
}
