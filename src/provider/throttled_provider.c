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

/* Places for calls of one kind. */
struct hall {
	struct cond freed;
	size_t max, running;
};

struct paced_provider {
	struct provider base;
	struct provider *inner;
	struct clock *clock;
	duration limit;
	struct throttle_limits limits;
	struct shared_state *shared_state; /* NULL: readings are counted here */
	struct lock lock;
	struct throttle throttle;
	struct hall making, reading;
	size_t waiting;
};

static const struct provider_ops paced_ops;

static struct paced_provider *mine(struct provider *provider)
{
	assert(provider->ops == &paced_ops);
	return container_of(provider, struct paced_provider, base);
}

static int64_t ticks(const struct paced_provider *p)
{
	return p->clock->ops->ticks(p->clock);
}

static struct hall *hall_of(struct paced_provider *p, enum throttle_call call)
{
	return call == THROTTLE_CREATE || call == THROTTLE_FIND ? &p->making : &p->reading;
}

static bool is_shut(const struct paced_provider *p)
{
	return p->throttle.breaker_open && ticks(p) < p->throttle.probe_at;
}

/* With the lock held: is there a place, at once or within the limit? */
static bool find_place(struct paced_provider *p, struct hall *hall, enum throttle_call call, duration limit)
{
	const int64_t until = ticks(p) + limit.ms / THROTTLED_WAIT_PART;

	if (hall->running < hall->max)
		return true;
	if (call == THROTTLE_POLL_DUE || p->waiting >= THROTTLED_WAITING)
		return false;
	p->waiting++;
	while (hall->running >= hall->max && !is_shut(p)) {
		const duration left = milliseconds(until - ticks(p));

		if (left.ms <= 0 || !cond_wait_for(&hall->freed, &p->lock, left))
			break;
	}
	p->waiting--;
	return hall->running < hall->max;
}

static void make_room(struct hall *hall)
{
	hall->running--;
	cond_signal(&hall->freed);
}

/* A place is had by now, and given back where all instances together have read enough, or nobody can tell. */
static bool is_counted(struct paced_provider *p, struct hall *hall, enum throttle_call call)
{
	bool passes = true;

	if (!p->shared_state || call == THROTTLE_CREATE)
		return true;
	if (p->shared_state->ops->count_poll(p->shared_state, &p->limits, call, &passes) == OK && passes)
		return true;
	lock_acquire(&p->lock);
	make_room(hall);
	lock_release(&p->lock);
	return false;
}

static bool enter(struct paced_provider *p, enum throttle_call call, duration limit)
{
	const struct throttle_limits *const limits = p->shared_state ? NULL : &p->limits;
	struct hall *const hall = hall_of(p, call);
	duration wait;
	bool passes;

	lock_acquire(&p->lock);
	passes = !is_shut(p) && find_place(p, hall, call, limit) &&
		 throttle_take(&p->throttle, limits, call, ticks(p), &wait);
	if (passes)
		hall->running++;
	lock_release(&p->lock);
	return passes && is_counted(p, hall, call);
}

/* Only what says that the provider is down counts against it: a refusal is an answer, and half of one comes
 * from somebody. */
static enum provider_health word_of(enum err e, enum provider_cause cause)
{
	if (e == OK || e == ERR_NOT_FOUND)
		return HEALTH_UP;
	if (e != ERR_UPSTREAM)
		return HEALTH_UNKNOWN;
	if (cause == PROVIDER_INVALID_RESPONSE)
		return HEALTH_UNEXPECTED;
	return cause == PROVIDER_UNREACHABLE ? HEALTH_DOWN : HEALTH_UP;
}

static void tell(struct paced_provider *p)
{
	metric_set(METRIC_PROVIDER_OPEN, p->throttle.breaker_open);
	if (p->throttle.breaker_open)
		log_event(LOG_WARN, "provider_breaker_open", LOG_NUMBER("failures", BREAKER_FAILURES));
	else
		log_event(LOG_WARN, "provider_breaker_closed");
}

static void leave(struct paced_provider *p, enum throttle_call call, enum err e, enum provider_cause cause)
{
	const bool limited = e != OK && cause == PROVIDER_LIMIT;
	const duration hold = limited ? p->inner->ops->pause(p->inner) : seconds(0);
	struct hall *const hall = hall_of(p, call);

	lock_acquire(&p->lock);
	if (limited)
		throttle_retry_after(&p->throttle, call, ticks(p), hold);
	else if (e == OK || e == ERR_NOT_FOUND)
		throttle_reset(&p->throttle, call);
	if (throttle_record(&p->throttle, word_of(e, cause), ticks(p)))
		tell(p);
	make_room(hall);
	lock_release(&p->lock);
}

static enum err turn_away(enum provider_call call, enum provider_cause *cause)
{
	*cause = PROVIDER_PAUSED;
	call_result_count(call, PROVIDER_PAUSED);
	return ERR_BUSY;
}

static const char *paced_version(struct provider *provider)
{
	struct provider *const inner = mine(provider)->inner;

	return inner->ops->version(inner);
}

static enum err paced_create(struct provider *provider, const struct session_params *params, struct arena *a,
	struct provider_session *created, enum provider_cause *cause)
{
	struct paced_provider *const p = mine(provider);

	if (!enter(p, THROTTLE_CREATE, p->limit))
		return turn_away(CALL_CREATE, cause);
	const enum err e = p->inner->ops->create(p->inner, params, a, created, cause);
	leave(p, THROTTLE_CREATE, e, *cause);
	return e;
}

static enum err paced_read(struct provider *provider, const struct poll_params *params, struct arena *a,
	struct session_snapshot *snapshot, enum provider_cause *cause)
{
	static const enum throttle_call calls[] = {
		[POLL_FOR_CALLER] = THROTTLE_POLL_WAITING,
		[POLL_REQUESTED] = THROTTLE_POLL_REQUESTED,
		[POLL_DUE] = THROTTLE_POLL_DUE,
	};
	struct paced_provider *const p = mine(provider);
	const enum throttle_call call = calls[params->priority];
	const int64_t started = ticks(p);
	struct poll_params rest = *params;

	if (!enter(p, call, params->limit))
		return turn_away(CALL_READ, cause);
	rest.limit.ms -= ticks(p) - started;
	const enum err e = p->inner->ops->read(p->inner, &rest, a, snapshot, cause);
	leave(p, call, e, *cause);
	return e;
}

static enum err paced_find(struct provider *provider, const struct session_search *search, struct arena *a,
	struct provider_session *created, enum provider_cause *cause)
{
	struct paced_provider *const p = mine(provider);

	if (!enter(p, THROTTLE_FIND, search->limit))
		return turn_away(CALL_FIND, cause);
	const enum err e = p->inner->ops->find(p->inner, search, a, created, cause);
	leave(p, THROTTLE_FIND, e, *cause);
	return e;
}

static bool paced_can_find(struct provider *provider)
{
	struct provider *const inner = mine(provider)->inner;

	return inner->ops->can_find(inner);
}

static duration paced_pause(struct provider *provider)
{
	struct paced_provider *const p = mine(provider);

	lock_acquire(&p->lock);
	const duration wait = throttle_create_delay(&p->throttle, ticks(p));
	lock_release(&p->lock);
	return duration_is_shorter(wait, seconds(1)) ? seconds(1) : wait;
}

static enum provider_event_parse_result paced_take(struct provider *provider,
	const struct provider_webhook *webhook, moment now, struct arena *a, struct provider_event *event)
{
	struct provider *const inner = mine(provider)->inner;

	return inner->ops->parse_event(inner, webhook, now, a, event);
}

static void paced_close(struct provider *provider)
{
	struct paced_provider *p;

	if (provider == NULL)
		return;
	p = mine(provider);
	p->inner->ops->close(p->inner);
	cond_finish(&p->making.freed);
	cond_finish(&p->reading.freed);
	lock_finish(&p->lock);
	free(p);
}

static const struct provider_ops paced_ops = {
	.version = paced_version,
	.create = paced_create,
	.read = paced_read,
	.find = paced_find,
	.can_find = paced_can_find,
	.pause = paced_pause,
	.parse_event = paced_take,
	.close = paced_close,
};

enum err throttled_provider_open(
	struct provider *inner, struct clock *clock, duration limit, struct provider **out)
{
	struct paced_provider *const p = calloc(1, sizeof(*p));

	if (p == NULL) {
		inner->ops->close(inner);
		return ERR_INTERNAL;
	}
	p->base.ops = &paced_ops;
	p->inner = inner;
	p->clock = clock;
	p->limit = limit;
	p->limits = throttle_limits_of(inner->ops->version(inner));
	p->making.max = THROTTLED_CREATES;
	p->reading.max = THROTTLED_POLLS;
	lock_init(&p->lock);
	cond_init(&p->making.freed);
	cond_init(&p->reading.freed);
	metric_set(METRIC_PROVIDER_OPEN, 0);
	*out = &p->base;
	return OK;
}

void throttled_provider_share(struct provider *provider, struct shared_state *shared_state)
{
	mine(provider)->shared_state = shared_state;
}
