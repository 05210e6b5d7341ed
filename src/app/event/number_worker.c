#include "app/event/number_worker.h"

#include <stdlib.h>

#include "app/event/numbering.h"
#include "base/lock.h"
#include "base/log.h"

#define CHECK_INTERVAL seconds(1)
/* Shortest time between two rounds. */
#define ROUND_PAUSE milliseconds(25)

struct number_worker {
	const struct world *world;
	struct lock lock;
	/* The lock protects the members below, except for the thread itself. */
	struct cond wakeup, stopped;
	bool notified, stopping;
	struct thread thread;
};

/* Sleeps for ROUND_PAUSE, and then until a commit has added events, but at most for CHECK_INTERVAL. Returns
 * false when the thread must end. */
static bool wait_for_events(struct number_worker *worker)
{
	bool timed_out = false;

	lock_acquire(&worker->lock);
	if (!worker->stopping)
		(void)cond_wait_for(&worker->stopped, &worker->lock, ROUND_PAUSE);
	while (!worker->stopping && !worker->notified && !timed_out)
		timed_out = !cond_wait_for(&worker->wakeup, &worker->lock, CHECK_INTERVAL);
	worker->notified = false;
	const bool running = !worker->stopping;
	lock_release(&worker->lock);
	return running;
}

static void run_number_worker(void *arg)
{
	struct number_worker *const worker = arg;

	do {
		const enum err e = event_number_all(worker->world);

		if (e != OK)
			log_event(LOG_ERROR, "event_numbering_failed", LOG_WORD("err", err_name(e)));
	} while (wait_for_events(worker));
}

enum err number_worker_start(const struct world *world, struct number_worker **out)
{
	struct number_worker *const worker = calloc(1, sizeof(*worker));
	enum err e;

	if (!worker)
		return ERR_INTERNAL;
	worker->world = world;
	lock_init(&worker->lock);
	cond_init(&worker->wakeup);
	cond_init(&worker->stopped);
	e = thread_start(&worker->thread, run_number_worker, worker);
	if (e != OK) {
		number_worker_stop(worker);
		return e;
	}
	*out = worker;
	return OK;
}

void number_worker_notify(struct number_worker *worker)
{
	lock_acquire(&worker->lock);
	worker->notified = true;
	cond_signal(&worker->wakeup);
	lock_release(&worker->lock);
}

void number_worker_stop(struct number_worker *worker)
{
	if (!worker)
		return;
	lock_acquire(&worker->lock);
	worker->stopping = true;
	cond_broadcast(&worker->wakeup);
	cond_broadcast(&worker->stopped);
	lock_release(&worker->lock);
	thread_join(&worker->thread);
	cond_finish(&worker->stopped);
	cond_finish(&worker->wakeup);
	lock_finish(&worker->lock);
	free(worker);
}
