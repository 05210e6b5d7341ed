#include "app/mail/workers.h"

#include <stdlib.h>

#include "app/mail/health.h"
#include "app/mail/outbox.h"
#include "app/mail/outbox_rows.h"
#include "base/lock.h"
#include "base/log.h"
#include "domain/lease.h"

#define CHECK_INTERVAL seconds(1)
/* Pause after a failure of the store. */
#define PAUSE_ON_FAILURE seconds(1)
#define MARK_RETRY_INTERVAL milliseconds(250)

/* The delivery that a worker is making at present, for the thread that renews leases. */
struct current_delivery {
	struct effect effect; /* effect.done is true if the worker is idle */
	int64_t renewed_at;   /* ticks */
};

struct worker {
	struct workers *workers;
	struct thread thread;
	struct current_delivery current; /* protected by the lock */
};

struct workers {
	const struct world *world;
	struct lock lock;
	/* The lock protects the members below, except for the threads themselves. */
	struct cond wakeup, stopped;
	unsigned wakeups;      /* number of workers that must check the outbox at once */
	bool has_timed_waiter; /* one of the waiting workers wakes by itself after CHECK_INTERVAL */
	bool stopping;
	unsigned unmarked; /* number of e-mails that were handed over but whose rows are not marked yet */
	struct worker list[WORKERS_MAIL];
	struct thread renewer;
};

/* Waits until the outbox may have a row to deliver. Each commit wakes one worker, and a worker that finds a
 * row wakes the next worker. One of the waiting workers also wakes after CHECK_INTERVAL. Returns false when
 * the workers must stop. */
static bool wait_for_work(struct workers *workers)
{
	bool timed_out = false;

	lock_acquire(&workers->lock);
	while (!workers->stopping && workers->wakeups == 0 && !timed_out) {
		if (workers->has_timed_waiter) {
			cond_wait(&workers->wakeup, &workers->lock);
			continue;
		}
		workers->has_timed_waiter = true;
		timed_out = !cond_wait_for(&workers->wakeup, &workers->lock, CHECK_INTERVAL);
		workers->has_timed_waiter = false;
	}
	if (workers->wakeups > 0)
		workers->wakeups--;
	const bool running = !workers->stopping;
	lock_release(&workers->lock);
	return running;
}

/* Sleeps for `limit` even if the workers are notified. Returns false, possibly earlier, if the workers must
 * stop. */
static bool workers_sleep(struct workers *workers, duration limit)
{
	lock_acquire(&workers->lock);
	if (!workers->stopping)
		(void)cond_wait_for(&workers->stopped, &workers->lock, limit);
	const bool running = !workers->stopping;
	lock_release(&workers->lock);
	return running;
}

static bool workers_are_running(struct workers *workers)
{
	lock_acquire(&workers->lock);
	const bool running = !workers->stopping;
	lock_release(&workers->lock);
	return running;
}

void workers_notify(struct workers *workers)
{
	lock_acquire(&workers->lock);
	if (workers->wakeups < WORKERS_MAIL)
		workers->wakeups++;
	cond_signal(&workers->wakeup);
	lock_release(&workers->lock);
}

/* Sets the worker's delivery. NULL means that the worker is idle. */
static void set_current_delivery(struct worker *worker, const struct effect *effect)
{
	const struct current_delivery current = { effect ? *effect : (struct effect){ .done = true },
		world_ticks(worker->workers->world) };

	lock_acquire(&worker->workers->lock);
	worker->current = current;
	lock_release(&worker->workers->lock);
}

static void count_unmarked(struct workers *workers, int by)
{
	lock_acquire(&workers->lock);
	workers->unmarked += (unsigned)by;
	lock_release(&workers->lock);
}

static bool has_unmarked(struct workers *workers)
{
	lock_acquire(&workers->lock);
	const bool any = workers->unmarked > 0;
	lock_release(&workers->lock);
	return any;
}

/* The mail server has accepted the e-mail, but the store failed to mark its row. The mark is tried again,
 * because the next worker that finds the row would send the e-mail a second time. */
static enum err retry_mark(
	struct worker *worker, struct outbox_delivery *delivery, struct arena *a, enum err e)
{
	const struct arena_mark before = arena_mark(a);

	count_unmarked(worker->workers, 1);
	while (e != OK && outbox_must_mark(delivery) && workers_sleep(worker->workers, MARK_RETRY_INTERVAL)) {
		arena_rewind(a, before);
		e = outbox_mark(delivery, a);
	}
	count_unmarked(worker->workers, -1);
	return e;
}

static enum err deliver_found(struct worker *worker, struct outbox_delivery *delivery, struct arena *a)
{
	workers_notify(worker->workers);
	set_current_delivery(worker, &delivery->effect);
	enum err e = outbox_deliver(delivery, a);
	if (e != OK)
		e = retry_mark(worker, delivery, a, e);
	set_current_delivery(worker, NULL);
	return e;
}

/* Delivers one e-mail if one is due. If none is due, probes the mail server in case it is down. */
static enum err worker_run_once(struct worker *worker, struct arena *a, bool *worked)
{
	const struct world *const world = worker->workers->world;
	struct outbox_delivery delivery;

	/* Does not lease rows while any row is unmarked. After an outage longer than a lease, the worker
	 * would find those unmarked rows and send their e-mails again. */
	*worked = false;
	if (has_unmarked(worker->workers))
		return OK;
	TRY(outbox_lease(world, a, &delivery));
	*worked = delivery.found;
	if (delivery.found)
		TRY(deliver_found(worker, &delivery, a));
	arena_reset(a);
	if (!*worked)
		mail_health_probe(world, a);
	if (!mail_take_recovered(world))
		return OK;
	const enum err e = outbox_make_due(world, a);
	if (e != OK)
		mail_set_recovered(world);
	return e;
}

static void run_worker(void *arg)
{
	struct worker *const worker = arg;
	struct arena a;
	bool worked = true;

	arena_init(&a, ARENA_CALL_LIMIT);
	while (worked ? workers_are_running(worker->workers) : wait_for_work(worker->workers)) {
		const enum err e = worker_run_once(worker, &a, &worked);

		arena_reset(&a);
		if (e == OK)
			continue;
		worked = false;
		log_event(LOG_ERROR, "outbox_failed", LOG_WORD("err", err_name(e)));
		(void)workers_sleep(worker->workers, PAUSE_ON_FAILURE);
	}
	arena_finish(&a);
}

/* Renews the leases of deliveries that take a long time. */
static enum err renew_due_leases(struct workers *workers, struct arena *a)
{
	const int64_t ticks = world_ticks(workers->world);
	struct effect held[WORKERS_MAIL];
	size_t n = 0;

	lock_acquire(&workers->lock);
	for (size_t i = 0; i < WORKERS_MAIL; i++) {
		struct current_delivery *const current = &workers->list[i].current;

		if (current->effect.done || ticks - current->renewed_at < LEASE_RENEW_INTERVAL.ms)
			continue;
		current->renewed_at = ticks;
		held[n++] = current->effect;
	}
	lock_release(&workers->lock);
	return outbox_renew(workers->world, a, held, n);
}

/* The function of the thread that renews leases until the workers stop. */
static void run_renewer(void *arg)
{
	struct workers *const workers = arg;
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	do {
		const enum err e = renew_due_leases(workers, &a);

		if (e != OK)
			log_event(LOG_ERROR, "outbox_failed", LOG_WORD("err", err_name(e)));
		arena_reset(&a);
	} while (workers_sleep(workers, CHECK_INTERVAL));
	arena_finish(&a);
}

enum err workers_start(const struct world *world, struct workers **out)
{
	struct workers *const workers = calloc(1, sizeof(*workers));
	enum err e = OK;

	if (!workers)
		return ERR_INTERNAL;
	outbox_label();
	workers->world = world;
	lock_init(&workers->lock);
	cond_init(&workers->wakeup);
	cond_init(&workers->stopped);
	for (size_t i = 0; i < WORKERS_MAIL; i++)
		workers->list[i] = (struct worker){ .workers = workers, .current.effect.done = true };
	for (size_t i = 0; i < WORKERS_MAIL && e == OK; i++)
		e = thread_start(&workers->list[i].thread, run_worker, &workers->list[i]);
	if (e == OK)
		e = thread_start(&workers->renewer, run_renewer, workers);
	if (e != OK) {
		workers_stop(workers);
		return e;
	}
	*out = workers;
	return OK;
}

void workers_stop(struct workers *workers)
{
	if (!workers)
		return;
	lock_acquire(&workers->lock);
	workers->stopping = true;
	cond_broadcast(&workers->wakeup);
	cond_broadcast(&workers->stopped);
	lock_release(&workers->lock);
	for (size_t i = 0; i < WORKERS_MAIL; i++)
		thread_join(&workers->list[i].thread);
	thread_join(&workers->renewer);
	cond_finish(&workers->stopped);
	cond_finish(&workers->wakeup);
	lock_finish(&workers->lock);
	free(workers);
}
