#include "provider/throttled_provider.h"

#include <assert.h>
#include <stdlib.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "domain/throttle.h"
#include "port/shared_state.h"
#include "port/world.h"
#include "provider/call_result.h"

/* Limits the number of concurrent calls of one kind. */
struct slots {
	struct cond freed;
	size_t max, running;
};

struct throttled_provider {
	struct provider base;
	struct provider *inner;
	struct clock *clock;
	duration limit;
	struct throttle_limits limits;
	/* NULL: this instance counts polls and searches itself, in `throttle`. */
	struct shared_state *shared_state;
	struct lock lock;
	struct throttle throttle;
	struct slots create_slots, poll_slots;
	size_t waiting;
};

static const struct provider_ops throttled_ops;

static struct throttled_provider *throttled_from_base(struct provider *provider)
{
	assert(provider->ops == &throttled_ops);
	return container_of(provider, struct throttled_provider, base);
}

static int64_t ticks(const struct throttled_provider *p)
{
	return p->clock->ops->ticks(p->clock);
}

static struct slots *slots_for(struct throttled_provider *p, enum throttle_call call)
{
	return call == THROTTLE_CREATE || call == THROTTLE_FIND ? &p->create_slots : &p->poll_slots;
}

static bool is_breaker_blocking(const struct throttled_provider *p)
{
	return p->throttle.breaker_open && ticks(p) < p->throttle.probe_at;
}

/* The caller holds the lock, which is released while waiting. Waits for a free slot if the call may wait, and
 * returns true if a slot is free. */
static bool wait_for_slot(
	struct throttled_provider *p, struct slots *slots, enum throttle_call call, duration limit)
{
	const int64_t until = ticks(p) + limit.ms / THROTTLED_WAIT_PART;

	if (slots->running < slots->max)
		return true;
	if (call == THROTTLE_POLL_DUE || p->waiting >= THROTTLED_WAITING)
		return false;
	p->waiting++;
	while (slots->running >= slots->max && !is_breaker_blocking(p)) {
		const duration left = milliseconds(until - ticks(p));

		if (left.ms <= 0 || !cond_wait_for(&slots->freed, &p->lock, left))
			break;
	}
	p->waiting--;
	return slots->running < slots->max;
}

static void release_slot(struct slots *slots)
{
	slots->running--;
	cond_signal(&slots->freed);
}

/* Counts the call in the budget that all instances share. The caller has a slot. If the budget is used up or
 * cannot be read, releases the slot and returns false. */
static bool count_in_shared_state(struct throttled_provider *p, struct slots *slots, enum throttle_call call)
{
	bool passes = true;

	if (!p->shared_state || call == THROTTLE_CREATE)
		return true;
	if (p->shared_state->ops->count_poll(p->shared_state, &p->limits, call, &passes) == OK && passes)
		return true;
	lock_acquire(&p->lock);
	release_slot(slots);
	lock_release(&p->lock);
	return false;
}

static bool begin_call(struct throttled_provider *p, enum throttle_call call, duration limit)
{
	const struct throttle_limits *const limits = p->shared_state ? NULL : &p->limits;
	struct slots *const slots = slots_for(p, call);
	duration wait;
	bool passes;

	lock_acquire(&p->lock);
	passes = !is_breaker_blocking(p) && wait_for_slot(p, slots, call, limit) &&
		 throttle_take(&p->throttle, limits, call, ticks(p), &wait);
	if (passes)
		slots->running++;
	lock_release(&p->lock);
	return passes && count_in_shared_state(p, slots, call);
}

/* Converts the result of a call to the health that the breaker uses. Only an unreachable provider counts as
 * down: a refusal is a response too, and an invalid response shows that some server answers. */
static enum provider_health health_of(enum err e, enum provider_cause cause)
{
	if (e == OK || e == ERR_NOT_FOUND)
		return HEALTH_UP;
	if (e != ERR_UPSTREAM)
		return HEALTH_UNKNOWN;
	if (cause == PROVIDER_INVALID_RESPONSE)
		return HEALTH_UNEXPECTED;
	return cause == PROVIDER_UNREACHABLE ? HEALTH_DOWN : HEALTH_UP;
}

static void report_breaker(struct throttled_provider *p)
{
	metric_set(METRIC_PROVIDER_OPEN, p->throttle.breaker_open);
	if (p->throttle.breaker_open)
		log_event(LOG_WARN, "provider_breaker_open", LOG_NUMBER("failures", BREAKER_FAILURES));
	else
		log_event(LOG_WARN, "provider_breaker_closed");
}

static void end_call(
	struct throttled_provider *p, enum throttle_call call, enum err e, enum provider_cause cause)
{
	const bool limited = e != OK && cause == PROVIDER_LIMIT;
	const duration hold = limited ? p->inner->ops->pause(p->inner) : seconds(0);
	struct slots *const slots = slots_for(p, call);

	lock_acquire(&p->lock);
	if (limited)
		throttle_retry_after(&p->throttle, call, ticks(p), hold);
	else if (e == OK || e == ERR_NOT_FOUND)
		throttle_reset(&p->throttle, call);
	if (throttle_record(&p->throttle, health_of(e, cause), ticks(p)))
		report_breaker(p);
	release_slot(slots);
	lock_release(&p->lock);
}

static enum err reject_call(enum provider_call call, struct provider_failure *failure)
{
	*failure = (struct provider_failure){ .cause = PROVIDER_PAUSED, .call = call_result_name(call) };
	call_result_count(call, failure);
	return ERR_BUSY;
}

static const char *throttled_version(struct provider *provider)
{
	struct provider *const inner = throttled_from_base(provider)->inner;

	return inner->ops->version(inner);
}

static enum err throttled_create(struct provider *provider, const struct session_params *params,
	struct arena *a, struct provider_session *created, struct provider_failure *failure)
{
	struct throttled_provider *const p = throttled_from_base(provider);

	if (!begin_call(p, THROTTLE_CREATE, p->limit))
		return reject_call(CALL_CREATE, failure);
	const enum err e = p->inner->ops->create(p->inner, params, a, created, failure);
	end_call(p, THROTTLE_CREATE, e, failure->cause);
	return e;
}

static enum err throttled_poll(struct provider *provider, const struct poll_params *params, struct arena *a,
	struct session_snapshot *snapshot, struct provider_failure *failure)
{
	static const enum throttle_call calls[] = {
		[POLL_FOR_CALLER] = THROTTLE_POLL_WAITING,
		[POLL_REQUESTED] = THROTTLE_POLL_REQUESTED,
		[POLL_DUE] = THROTTLE_POLL_DUE,
	};
	struct throttled_provider *const p = throttled_from_base(provider);
	const enum throttle_call call = calls[params->priority];
	const int64_t started = ticks(p);
	struct poll_params rest = *params;

	if (!begin_call(p, call, params->limit))
		return reject_call(CALL_READ, failure);
	rest.limit.ms -= ticks(p) - started;
	const enum err e = p->inner->ops->poll(p->inner, &rest, a, snapshot, failure);
	end_call(p, call, e, failure->cause);
	return e;
}

static enum err throttled_find(struct provider *provider, const struct session_search *search,
	struct arena *a, struct provider_session *created, struct provider_failure *failure)
{
	struct throttled_provider *const p = throttled_from_base(provider);

	if (!begin_call(p, THROTTLE_FIND, search->limit))
		return reject_call(CALL_FIND, failure);
	const enum err e = p->inner->ops->find(p->inner, search, a, created, failure);
	end_call(p, THROTTLE_FIND, e, failure->cause);
	return e;
}

/* Uses the budget of the polls that a request waits for: decisions are rare, and an operator waits for each.
 */
static enum err throttled_decide(
	struct provider *provider, const struct verdict_params *params, struct provider_failure *failure)
{
	struct throttled_provider *const p = throttled_from_base(provider);
	const int64_t started = ticks(p);
	struct verdict_params rest = *params;

	if (!begin_call(p, THROTTLE_POLL_WAITING, params->limit))
		return reject_call(CALL_DECIDE, failure);
	rest.limit.ms -= ticks(p) - started;
	const enum err e = p->inner->ops->decide(p->inner, &rest, failure);
	end_call(p, THROTTLE_POLL_WAITING, e, failure->cause);
	return e;
}

static bool throttled_can_find(struct provider *provider)
{
	struct provider *const inner = throttled_from_base(provider)->inner;

	return inner->ops->can_find(inner);
}

static duration throttled_pause(struct provider *provider)
{
	struct throttled_provider *const p = throttled_from_base(provider);

	lock_acquire(&p->lock);
	const duration wait = throttle_create_delay(&p->throttle, ticks(p));
	lock_release(&p->lock);
	return duration_is_shorter(wait, seconds(1)) ? seconds(1) : wait;
}

static enum provider_event_parse_result throttled_parse_event(struct provider *provider,
	const struct provider_webhook *webhook, moment now, struct arena *a, struct provider_event *event)
{
	struct provider *const inner = throttled_from_base(provider)->inner;

	return inner->ops->parse_event(inner, webhook, now, a, event);
}

static void throttled_close(struct provider *provider)
{
	struct throttled_provider *p;

	if (provider == NULL)
		return;
	p = throttled_from_base(provider);
	p->inner->ops->close(p->inner);
	cond_finish(&p->create_slots.freed);
	cond_finish(&p->poll_slots.freed);
	lock_finish(&p->lock);
	free(p);
}

static const struct provider_ops throttled_ops = {
	.version = throttled_version,
	.create = throttled_create,
	.poll = throttled_poll,
	.find = throttled_find,
	.can_find = throttled_can_find,
	.decide = throttled_decide,
	.pause = throttled_pause,
	.parse_event = throttled_parse_event,
	.close = throttled_close,
};

enum err throttled_provider_open(
	struct provider *inner, struct clock *clock, duration limit, struct provider **out)
{
	struct throttled_provider *const p = calloc(1, sizeof(*p));

	if (p == NULL) {
		inner->ops->close(inner);
		return ERR_INTERNAL;
	}
	p->base.ops = &throttled_ops;
	p->inner = inner;
	p->clock = clock;
	p->limit = limit;
	p->limits = throttle_limits_of(inner->ops->version(inner));
	p->create_slots.max = THROTTLED_CREATES;
	p->poll_slots.max = THROTTLED_POLLS;
	lock_init(&p->lock);
	cond_init(&p->create_slots.freed);
	cond_init(&p->poll_slots.freed);
	metric_set(METRIC_PROVIDER_OPEN, 0);
	*out = &p->base;
	return OK;
}

void throttled_provider_share(struct provider *provider, struct shared_state *shared_state)
{
	throttled_from_base(provider)->shared_state = shared_state;
}
