#include "app/webhook/dispatcher.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "app/webhook/dispatch.h"
#include "base/lock.h"
#include "base/log.h"

/* Pause after a failure of the store. */
#define PAUSE_ON_FAILURE seconds(1)

struct dispatcher {
	const struct world *world;
	struct webhook_sender *sender;
	struct dispatch *dispatch; /* used by the thread only */
	atomic_bool notified, stopping;
	_Atomic int64_t stop_at; /* ticks; valid when `stopping` is set */
	struct lock lock;	 /* for `stopped` */
	struct cond stopped;
	struct thread thread;
};

static duration wait_limit(const struct dispatcher *dispatcher)
{
	int64_t left;

	if (!atomic_load(&dispatcher->stopping))
		return DISPATCH_CHECK_INTERVAL;
	left = atomic_load(&dispatcher->stop_at) - world_ticks(dispatcher->world);
	if (left > DISPATCH_CHECK_INTERVAL.ms)
		return DISPATCH_CHECK_INTERVAL;
	return milliseconds(left > 0 ? left : 0);
}

/* Returns whether the thread must go on: until it must stop, and then until no attempt is in progress or the
 * time is over. */
static bool goes_on(const struct dispatcher *dispatcher)
{
	return !atomic_load(&dispatcher->stopping) ||
	       (dispatch_in_flight(dispatcher->dispatch) > 0 &&
		       world_ticks(dispatcher->world) < atomic_load(&dispatcher->stop_at));
}

static void pause_after_failure(struct dispatcher *dispatcher)
{
	lock_acquire(&dispatcher->lock);
	if (!atomic_load(&dispatcher->stopping))
		(void)cond_wait_for(&dispatcher->stopped, &dispatcher->lock, PAUSE_ON_FAILURE);
	lock_release(&dispatcher->lock);
}

static void run_dispatcher(void *arg)
{
	struct dispatcher *const dispatcher = arg;

	while (goes_on(dispatcher)) {
		if (atomic_exchange(&dispatcher->notified, false))
			dispatch_check(dispatcher->dispatch);
		if (atomic_load(&dispatcher->stopping))
			dispatch_stop_leasing(dispatcher->dispatch);
		const enum err e = dispatch_round(dispatcher->dispatch, wait_limit(dispatcher));
		if (e == OK)
			continue;
		log_event(LOG_ERROR, "webhook_dispatch_failed", LOG_WORD("err", err_name(e)));
		pause_after_failure(dispatcher);
	}
	dispatch_close(dispatcher->dispatch);
	dispatcher->dispatch = NULL;
}

static void dispatcher_free(struct dispatcher *dispatcher)
{
	cond_finish(&dispatcher->stopped);
	lock_finish(&dispatcher->lock);
	free(dispatcher);
}

enum err dispatcher_start(const struct world *world, struct webhook_sender *sender, struct dispatcher **out)
{
	struct dispatcher *const dispatcher = calloc(1, sizeof(*dispatcher));

	if (!dispatcher)
		return ERR_INTERNAL;
	dispatcher->world = world;
	dispatcher->sender = sender;
	lock_init(&dispatcher->lock);
	cond_init(&dispatcher->stopped);
	enum err e = dispatch_open(world, sender, &dispatcher->dispatch);
	if (e == OK)
		e = thread_start(&dispatcher->thread, run_dispatcher, dispatcher);
	if (e != OK) {
		dispatch_close(dispatcher->dispatch);
		dispatcher_free(dispatcher);
		return e;
	}
	*out = dispatcher;
	return OK;
}

void dispatcher_notify(struct dispatcher *dispatcher)
{
	atomic_store(&dispatcher->notified, true);
	dispatcher->sender->ops->wake(dispatcher->sender);
}

void dispatcher_begin_stop(struct dispatcher *dispatcher, duration limit)
{
	if (!dispatcher)
		return;
	lock_acquire(&dispatcher->lock);
	atomic_store(&dispatcher->stop_at, world_ticks(dispatcher->world) + limit.ms);
	atomic_store(&dispatcher->stopping, true);
	cond_broadcast(&dispatcher->stopped);
	lock_release(&dispatcher->lock);
	dispatcher->sender->ops->wake(dispatcher->sender);
}

void dispatcher_stop(struct dispatcher *dispatcher)
{
	if (!dispatcher)
		return;
	thread_join(&dispatcher->thread);
	dispatcher_free(dispatcher);
}
