#include "app/session/pollers.h"

#include <stdlib.h>

#include "app/core/leader_lease.h"
#include "app/session/decision.h"
#include "app/session/reconcile.h"
#include "base/lock.h"
#include "base/log.h"

/* After a failed store, and while the provider is not to be asked. */
#define PAUSE seconds(1)
#define READ_LIMIT seconds(5)
/* So often a reading that was asked for is tried while the provider is not to be asked: a minute, and the
 * budget is another one. */
#define ASKED_TRIES 60

struct pollers {
	const struct world *world;
	struct poll_queue *poll_queue;
	struct lock lock;
	struct cond bell;
	bool stopping;
	struct thread due, somebody;
};

/* Sleeps, at most `limit`; false when it is time to end. */
static bool doze(struct pollers *pollers, duration limit)
{
	lock_acquire(&pollers->lock);
	if (!pollers->stopping && limit.ms > 0)
		(void)cond_wait_for(&pollers->bell, &pollers->lock, limit);
	const bool going = !pollers->stopping;
	lock_release(&pollers->lock);
	return going;
}

static void complain(enum err e)
{
	log_event(LOG_ERROR, "reconcile_failed", LOG_WORD("err", err_name(e)));
}

struct round {
	struct leader_lease turn; /* one instance reads what is due for all */
	struct reconcile reconcile;
	bool begun;
	int64_t beat_at; /* ticks */
};

static enum err keep_alive(const struct world *world, struct arena *a, struct round *round)
{
	const int64_t ticks = world_ticks(world);

	if (!round->begun)
		TRY(reconcile_begin(world, a, &round->reconcile));
	else if (ticks >= round->beat_at)
		TRY(reconcile_heartbeat(world, a));
	else
		return OK;
	round->begun = true;
	round->beat_at = ticks + HEARTBEAT_INTERVAL.ms;
	return OK;
}

/* How long to sleep afterwards. */
static enum err go_round(const struct world *world, struct arena *a, struct round *round, duration *rest)
{
	enum reconcile_verdict verdict;
	bool ours;

	*rest = PAUSE;
	TRY(leader_lease_acquire(world, a, &round->turn, &ours));
	round->begun = round->begun && ours;
	if (!ours)
		return OK;
	TRY(keep_alive(world, a, round));
	arena_reset(a);
	TRY(reconcile_step(world, a, &round->reconcile, &verdict));
	if (verdict == RECONCILE_READ)
		*rest = seconds(0);
	else if (verdict == RECONCILE_DONE)
		*rest = duration_is_shorter(world->rules->reconcile_every, HEARTBEAT_INTERVAL)
				? world->rules->reconcile_every
				: HEARTBEAT_INTERVAL;
	return OK;
}

static void read_due(void *arg)
{
	struct pollers *const pollers = arg;
	struct round round = { .turn = { .name = "reconcile" } };
	struct arena a;
	duration rest;

	arena_init(&a, ARENA_CALL_LIMIT);
	do {
		const enum err e = go_round(pollers->world, &a, &round, &rest);

		if (e != OK)
			complain(e);
		arena_reset(&a);
	} while (doze(pollers, rest));
	if (round.begun && reconcile_heartbeat(pollers->world, &a) != OK)
		log_event(LOG_WARN, "heartbeat_write_failed");
	if (leader_lease_release(pollers->world, &a, &round.turn) != OK)
		log_event(LOG_WARN, "reconcile_lease_release_failed");
	arena_finish(&a);
}

static void read_one(struct pollers *pollers, struct arena *a, const struct provider_ref *ref)
{
	static const struct actor the_worker = { .kind = ACTOR_WORKER };
	const struct poll_params params = { str_of(ref->text), READ_LIMIT, POLL_REQUESTED };

	for (int i = 0; i < ASKED_TRIES; i++) {
		enum provider_cause cause = PROVIDER_OK;
		const enum err e = app_poll_session(pollers->world, a, &the_worker, &params, &cause);

		arena_reset(a);
		if (e == ERR_STORAGE)
			complain(e);
		if (cause != PROVIDER_PAUSED || !doze(pollers, PAUSE))
			return;
	}
}

static void read_asked(void *arg)
{
	struct pollers *const pollers = arg;
	struct provider_ref ref;
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	while (doze(pollers, seconds(0)))
		if (poll_queue_next(pollers->poll_queue, PAUSE, &ref))
			read_one(pollers, &a, &ref);
	arena_finish(&a);
}

enum err pollers_start(const struct world *world, struct poll_queue *poll_queue, struct pollers **out)
{
	struct pollers *const pollers = calloc(1, sizeof(*pollers));

	if (!pollers)
		return ERR_INTERNAL;
	pollers->world = world;
	pollers->poll_queue = poll_queue;
	lock_init(&pollers->lock);
	cond_init(&pollers->bell);
	enum err e = thread_start(&pollers->due, read_due, pollers);
	if (e == OK)
		e = thread_start(&pollers->somebody, read_asked, pollers);
	if (e != OK) {
		pollers_stop(pollers);
		return e;
	}
	*out = pollers;
	return OK;
}

void pollers_stop(struct pollers *pollers)
{
	if (!pollers)
		return;
	lock_acquire(&pollers->lock);
	pollers->stopping = true;
	cond_broadcast(&pollers->bell);
	lock_release(&pollers->lock);
	poll_queue_stop(pollers->poll_queue);
	thread_join(&pollers->due);
	thread_join(&pollers->somebody);
	cond_finish(&pollers->bell);
	lock_finish(&pollers->lock);
	free(pollers);
}
