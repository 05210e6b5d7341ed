#include "app/session/pollers.h"

#include <stdlib.h>

#include "app/core/leader_lease.h"
#include "app/session/decision.h"
#include "app/session/reconcile.h"
#include "base/lock.h"
#include "base/log.h"

#define PAUSE seconds(1) /* after a failure, and while the provider must not be called */
#define POLL_TIME_MAX seconds(5)
/* Maximum number of tries of a queued poll while the provider must not be called. One try per PAUSE makes
 * this a minute, after which the provider's budget per minute is available again. */
#define QUEUED_POLL_TRIES 60

struct pollers {
	const struct world *world;
	struct poll_queue *poll_queue;
	struct lock lock;
	struct cond stop_requested;
	bool stopping;
	struct thread due_thread, queue_thread;
};

/* Sleeps for `limit`, or until a stop is requested. Returns false when the thread must end. */
static bool pollers_sleep(struct pollers *pollers, duration limit)
{
	lock_acquire(&pollers->lock);
	if (!pollers->stopping && limit.ms > 0)
		(void)cond_wait_for(&pollers->stop_requested, &pollers->lock, limit);
	const bool running = !pollers->stopping;
	lock_release(&pollers->lock);
	return running;
}

static void log_poller_failure(enum err e)
{
	log_event(LOG_ERROR, "reconcile_failed", LOG_WORD("err", err_name(e)));
}

struct due_poller {
	struct leader_lease lease; /* held by the instance that polls due sessions for all instances */
	struct reconcile reconcile;
	bool has_begun;
	int64_t next_heartbeat_at; /* ticks */
};

static enum err write_due_heartbeat(const struct world *world, struct arena *a, struct due_poller *poller)
{
	const int64_t ticks = world_ticks(world);

	if (!poller->has_begun)
		TRY(reconcile_begin(world, a, &poller->reconcile));
	else if (ticks >= poller->next_heartbeat_at)
		TRY(reconcile_heartbeat(world, a));
	else
		return OK;
	poller->has_begun = true;
	poller->next_heartbeat_at = ticks + HEARTBEAT_INTERVAL.ms;
	return OK;
}

/* Polls the next due session if this instance holds the lease. Sets `*pause` to how long the caller must
 * sleep afterwards. */
static enum err poll_next_due(
	const struct world *world, struct arena *a, struct due_poller *poller, duration *pause)
{
	enum reconcile_verdict verdict;
	bool is_leader;

	*pause = PAUSE;
	TRY(leader_lease_acquire(world, a, &poller->lease, &is_leader));
	poller->has_begun = poller->has_begun && is_leader;
	if (!is_leader)
		return OK;
	TRY(write_due_heartbeat(world, a, poller));
	arena_reset(a);
	TRY(reconcile_step(world, a, &poller->reconcile, &verdict));
	if (verdict == RECONCILE_READ)
		*pause = seconds(0);
	else if (verdict == RECONCILE_DONE)
		*pause = duration_is_shorter(world->rules->reconcile_every, HEARTBEAT_INTERVAL)
				 ? world->rules->reconcile_every
				 : HEARTBEAT_INTERVAL;
	return OK;
}

static void run_due_poller(void *arg)
{
	struct pollers *const pollers = arg;
	struct due_poller poller = { .lease = { .name = "reconcile" } };
	struct arena a;
	duration pause;

	arena_init(&a, ARENA_CALL_LIMIT);
	do {
		const enum err e = poll_next_due(pollers->world, &a, &poller, &pause);

		if (e != OK)
			log_poller_failure(e);
		arena_reset(&a);
	} while (pollers_sleep(pollers, pause));
	if (poller.has_begun && reconcile_heartbeat(pollers->world, &a) != OK)
		log_event(LOG_WARN, "heartbeat_write_failed");
	if (leader_lease_release(pollers->world, &a, &poller.lease) != OK)
		log_event(LOG_WARN, "reconcile_lease_release_failed");
	arena_finish(&a);
}

static void poll_queued(struct pollers *pollers, struct arena *a, const struct provider_ref *ref)
{
	static const struct actor worker_actor = { .kind = ACTOR_WORKER };
	const struct poll_params params = { str_of(ref->text), POLL_TIME_MAX, POLL_REQUESTED };

	for (int i = 0; i < QUEUED_POLL_TRIES; i++) {
		enum provider_cause cause = PROVIDER_OK;
		const enum err e = app_poll_session(pollers->world, a, &worker_actor, &params, &cause);

		arena_reset(a);
		if (e == ERR_STORAGE)
			log_poller_failure(e);
		if (cause != PROVIDER_PAUSED || !pollers_sleep(pollers, PAUSE))
			return;
	}
}

static void run_queue_poller(void *arg)
{
	struct pollers *const pollers = arg;
	struct provider_ref ref;
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	while (pollers_sleep(pollers, seconds(0)))
		if (poll_queue_next(pollers->poll_queue, PAUSE, &ref))
			poll_queued(pollers, &a, &ref);
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
	cond_init(&pollers->stop_requested);
	enum err e = thread_start(&pollers->due_thread, run_due_poller, pollers);
	if (e == OK)
		e = thread_start(&pollers->queue_thread, run_queue_poller, pollers);
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
	cond_broadcast(&pollers->stop_requested);
	lock_release(&pollers->lock);
	poll_queue_stop(pollers->poll_queue);
	thread_join(&pollers->due_thread);
	thread_join(&pollers->queue_thread);
	cond_finish(&pollers->stop_requested);
	lock_finish(&pollers->lock);
	free(pollers);
}
