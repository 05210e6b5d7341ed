#include "app/admin/cleanup.h"

#include <stdlib.h>

#include "app/core/clock_sync.h"
#include "app/core/idempotency.h"
#include "app/core/instances.h"
#include "app/core/ip_limit.h"
#include "app/core/leader_lease.h"
#include "app/enrolment/challenge.h"
#include "app/event/retention.h"
#include "app/mail/outbox_rows.h"
#include "app/operator/session.h"
#include "app/session/pending_session.h"
#include "app/session/provider_event.h"
#include "app/session/staleness.h"
#include "app/verification/cleanup.h"
#include "app/webhook/backlog.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/metrics.h"

#define ROUND_EVERY seconds(1)
#define CLOCK_SYNC_EVERY_ROUNDS 5
#define SIZE_EVERY_ROUNDS 60
#define INSTANCES_EVERY_ROUNDS 60

struct cleanup_thread {
	const struct world *world;
	struct lock lock;
	struct cond stopped;
	bool stopping; /* protected by the lock */
	struct thread thread;
	/* Used by the thread only. */
	struct leader_lease lease;
	struct clock_monitor clock_monitor;
	struct event_cleanup_cursor events;
	int64_t sign_due_at; /* ticks */
};

/* Sleeps until the next round. Returns false when the thread must end. */
static bool wait_for_cleanup_round(struct cleanup_thread *thread)
{
	lock_acquire(&thread->lock);
	if (!thread->stopping)
		(void)cond_wait_for(&thread->stopped, &thread->lock, ROUND_EVERY);
	const bool running = !thread->stopping;
	lock_release(&thread->lock);
	return running;
}

/* Does the work that one instance does for all instances: removes and repairs rows that they share. */
static enum err clean_shared_rows(struct cleanup_thread *thread, struct arena *a, unsigned long round)
{
	const struct world *const world = thread->world;
	bool is_leader;

	TRY(leader_lease_acquire(world, a, &thread->lease, &is_leader));
	if (!is_leader)
		return OK;
	TRY(pending_session_repair_all(world, a));
	TRY(ip_limit_clean(world, a));
	TRY(idempotency_clean(world, a));
	TRY(challenge_clean(world, a));
	TRY(verification_link_clean(world, a));
	TRY(console_clean(world, a));
	TRY(provider_event_clean(world));
	TRY(event_clean(world, &thread->events));
	TRY(backlog_clean(world, a));
	if (round % INSTANCES_EVERY_ROUNDS == 0)
		TRY(instance_clean(world, a));
	return outbox_clean(world, a);
}

static enum err read_size(struct tx *tx, void *arg)
{
	return store_size(tx, arg);
}

/* A failure is no reason to skip the work of the round. */
static void measure_size(const struct world *world, struct arena *a)
{
	int64_t bytes = 0;

	if (store_transact(world->store, TX_READ, a, read_size, &bytes) == OK)
		metric_set(METRIC_DATABASE_SIZE, bytes);
}

/* A failure is no reason to skip the work of the round. The next sign is due half a minute later. */
static void give_sign_of_life(struct cleanup_thread *thread, struct arena *a)
{
	const enum err e = instance_sign(thread->world, a, &thread->sign_due_at);

	if (e != OK)
		log_event(LOG_WARN, "instance_sign_failed", LOG_WORD("err", err_name(e)),
			LOG_TEXT("effect", "after 90 s the console lists this instance as missing"));
}

static enum err run_cleanup_round(struct cleanup_thread *thread, struct arena *a, unsigned long round)
{
	clock_monitor_run(thread->world, &thread->clock_monitor);
	give_sign_of_life(thread, a);
	if (round % CLOCK_SYNC_EVERY_ROUNDS == 0)
		TRY(clock_sync_run(thread->world, a));
	if (round % SIZE_EVERY_ROUNDS == 0)
		measure_size(thread->world, a);
	TRY(outbox_measure(thread->world, a));
	TRY(session_staleness_measure(thread->world, a));
	return clean_shared_rows(thread, a, round);
}

static void run_cleanup(void *arg)
{
	struct cleanup_thread *const thread = arg;
	unsigned long round = 0;
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	do {
		const enum err e = run_cleanup_round(thread, &a, round++);

		if (e != OK)
			log_event(LOG_ERROR, "cleanup_failed", LOG_WORD("err", err_name(e)));
		arena_reset(&a);
	} while (wait_for_cleanup_round(thread));
	if (leader_lease_release(thread->world, &a, &thread->lease) != OK)
		log_event(LOG_WARN, "cleanup_lease_release_failed");
	if (instance_leave(thread->world, &a) != OK)
		log_event(LOG_WARN, "instance_leave_failed",
			LOG_TEXT("effect", "the list of instances shows this one for a day"));
	arena_finish(&a);
}

enum err cleanup_thread_start(const struct world *world, struct cleanup_thread **out)
{
	struct cleanup_thread *const thread = calloc(1, sizeof(*thread));
	enum err e;

	if (!thread)
		return ERR_INTERNAL;
	thread->world = world;
	thread->lease.name = "cleanup";
	lock_init(&thread->lock);
	cond_init(&thread->stopped);
	e = thread_start(&thread->thread, run_cleanup, thread);
	if (e != OK) {
		cleanup_thread_stop(thread);
		return e;
	}
	*out = thread;
	return OK;
}

void cleanup_thread_stop(struct cleanup_thread *thread)
{
	if (!thread)
		return;
	lock_acquire(&thread->lock);
	thread->stopping = true;
	cond_broadcast(&thread->stopped);
	lock_release(&thread->lock);
	thread_join(&thread->thread);
	cond_finish(&thread->stopped);
	lock_finish(&thread->lock);
	free(thread);
}
