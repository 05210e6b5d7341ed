#include "app/readers.h"

#include <stdlib.h>

#include "app/decision.h"
#include "app/reconcile.h"
#include "app/turn.h"
#include "base/lock.h"
#include "base/log.h"

/* After a failed store, and while the provider is not to be asked. */
#define PAUSE seconds(1)
#define READ_LIMIT seconds(5)
/* So often a reading that was asked for is tried while the provider is not to be asked: a minute, and the
 * budget is another one. */
#define ASKED_TRIES 60

struct readers {
	const struct world *world;
	struct asked *asked;
	struct lock lock;
	struct cond bell;
	bool stopping;
	struct thread due, somebody;
};

/* Sleeps, at most `limit`; false when it is time to end. */
static bool doze(struct readers *readers, duration limit)
{
	lock_acquire(&readers->lock);
	if (!readers->stopping && limit.ms > 0)
		(void)cond_wait_for(&readers->bell, &readers->lock, limit);
	const bool going = !readers->stopping;
	lock_release(&readers->lock);
	return going;
}

static void complain(enum err e)
{
	log_event(LOG_ERROR, "reconcile_failed", LOG_WORD("err", err_name(e)));
}

struct round {
	struct turn turn; /* one instance reads what is due for all */
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
		TRY(reconcile_alive(world, a));
	else
		return OK;
	round->begun = true;
	round->beat_at = ticks + RECONCILE_ALIVE_EVERY.ms;
	return OK;
}

/* How long to sleep afterwards. */
static enum err go_round(const struct world *world, struct arena *a, struct round *round, duration *rest)
{
	enum reconcile_verdict verdict;
	bool ours;

	*rest = PAUSE;
	TRY(turn_take(world, a, &round->turn, &ours));
	round->begun = round->begun && ours;
	if (!ours)
		return OK;
	TRY(keep_alive(world, a, round));
	arena_reset(a);
	TRY(reconcile_step(world, a, &round->reconcile, &verdict));
	if (verdict == RECONCILE_READ)
		*rest = seconds(0);
	else if (verdict == RECONCILE_DONE)
		*rest = duration_is_shorter(world->rules->reconcile_every, RECONCILE_ALIVE_EVERY)
				? world->rules->reconcile_every
				: RECONCILE_ALIVE_EVERY;
	return OK;
}

static void read_due(void *arg)
{
	struct readers *const readers = arg;
	struct round round = { .turn = { .name = "reconcile" } };
	struct arena a;
	duration rest;

	arena_init(&a, ARENA_CALL_LIMIT);
	do {
		const enum err e = go_round(readers->world, &a, &round, &rest);

		if (e != OK)
			complain(e);
		arena_reset(&a);
	} while (doze(readers, rest));
	if (round.begun && reconcile_alive(readers->world, &a) != OK)
		log_event(LOG_WARN, "reconcile_last_word_lost");
	if (turn_give(readers->world, &a, &round.turn) != OK)
		log_event(LOG_WARN, "reconcile_not_given");
	arena_finish(&a);
}

static void read_one(struct readers *readers, struct arena *a, const struct provider_ref *ref)
{
	static const struct actor the_worker = { .kind = ACTOR_WORKER };
	const struct poll_params params = { str_of(ref->text), READ_LIMIT, POLL_REQUESTED };

	for (int i = 0; i < ASKED_TRIES; i++) {
		enum provider_cause cause = PROVIDER_OK;
		const enum err e = app_read_session(readers->world, a, &the_worker, &params, &cause);

		arena_reset(a);
		if (e == ERR_STORAGE)
			complain(e);
		if (cause != PROVIDER_PAUSED || !doze(readers, PAUSE))
			return;
	}
}

static void read_asked(void *arg)
{
	struct readers *const readers = arg;
	struct provider_ref ref;
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	while (doze(readers, seconds(0)))
		if (asked_next(readers->asked, PAUSE, &ref))
			read_one(readers, &a, &ref);
	arena_finish(&a);
}

enum err readers_start(const struct world *world, struct asked *asked, struct readers **out)
{
	struct readers *const readers = calloc(1, sizeof(*readers));

	if (!readers)
		return ERR_INTERNAL;
	readers->world = world;
	readers->asked = asked;
	lock_init(&readers->lock);
	cond_init(&readers->bell);
	enum err e = thread_start(&readers->due, read_due, readers);
	if (e == OK)
		e = thread_start(&readers->somebody, read_asked, readers);
	if (e != OK) {
		readers_stop(readers);
		return e;
	}
	*out = readers;
	return OK;
}

void readers_stop(struct readers *readers)
{
	if (!readers)
		return;
	lock_acquire(&readers->lock);
	readers->stopping = true;
	cond_broadcast(&readers->bell);
	lock_release(&readers->lock);
	asked_end(readers->asked);
	thread_join(&readers->due);
	thread_join(&readers->somebody);
	cond_finish(&readers->bell);
	lock_finish(&readers->lock);
	free(readers);
}
