#include "app/core/long_poll.h"

#include <assert.h>
#include <stdlib.h>

#include "base/lock.h"

struct long_polls {
	struct lock lock;
	struct cond stop;
	size_t waiting, max;
	bool stopping;
};

enum err long_polls_open(size_t max, struct long_polls **out)
{
	struct long_polls *const polls = calloc(1, sizeof(*polls));

	if (polls == NULL)
		return ERR_INTERNAL;
	lock_init(&polls->lock);
	cond_init(&polls->stop);
	polls->max = max;
	*out = polls;
	return OK;
}

void long_polls_close(struct long_polls *polls)
{
	if (polls == NULL)
		return;
	assert(polls->waiting == 0);
	cond_finish(&polls->stop);
	lock_finish(&polls->lock);
	free(polls);
}

void long_polls_limit(struct long_polls *polls, size_t max)
{
	lock_acquire(&polls->lock);
	polls->max = max;
	lock_release(&polls->lock);
}

void long_polls_stop(struct long_polls *polls)
{
	if (polls == NULL)
		return;
	lock_acquire(&polls->lock);
	polls->stopping = true;
	cond_broadcast(&polls->stop);
	lock_release(&polls->lock);
}

size_t long_polls_waiting(struct long_polls *polls)
{
	lock_acquire(&polls->lock);
	const size_t waiting = polls->waiting;
	lock_release(&polls->lock);
	return waiting;
}

bool long_poll_begin(struct long_polls *polls)
{
	lock_acquire(&polls->lock);
	const bool may_wait = !polls->stopping && polls->waiting < polls->max;
	if (may_wait)
		polls->waiting++;
	lock_release(&polls->lock);
	return may_wait;
}

bool long_poll_sleep(struct long_polls *polls, duration interval)
{
	lock_acquire(&polls->lock);
	/* Without a stop, cond_wait_for returns true only after a spurious wake-up. The call then reads once
	 * more than needed. */
	if (!polls->stopping)
		(void)cond_wait_for(&polls->stop, &polls->lock, interval);
	const bool stopping = polls->stopping;
	lock_release(&polls->lock);
	return !stopping;
}

void long_poll_end(struct long_polls *polls)
{
	lock_acquire(&polls->lock);
	assert(polls->waiting > 0);
	polls->waiting--;
	lock_release(&polls->lock);
}
