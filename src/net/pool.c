#include "net/pool.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/lock.h"

/* The waiting is measured in this many slices of its limit: there is no clock on this floor. */
#define WAIT_SLICES 20

/* Who waits: the thing is put straight into his hand, in the order of coming. */
struct waiter {
	struct cond wake;
	struct waiter *next;
	bool given;
	void *thing;
};

struct pool {
	struct lock lock;
	size_t max, lent;
	void **idle; /* room for max, the warmest last */
	size_t n_idle;
	struct waiter *first, *last;
};

enum err pool_open(size_t max, struct pool **out)
{
	struct pool *pool;

	if (max == 0)
		return ERR_INPUT;
	pool = calloc(1, sizeof(*pool));
	if (pool == NULL)
		return ERR_INTERNAL;
	pool->max = max;
	pool->idle = calloc(max, sizeof(*pool->idle));
	if (pool->idle == NULL) {
		free(pool);
		return ERR_INTERNAL;
	}
	lock_init(&pool->lock);
	*out = pool;
	return OK;
}

void pool_close(struct pool *pool, void (*close)(void *thing))
{
	if (pool == NULL)
		return;
	assert(pool->lent == 0);
	for (size_t i = 0; i < pool->n_idle; i++)
		close(pool->idle[i]);
	lock_finish(&pool->lock);
	free(pool->idle);
	free(pool);
}

static void leave_line(struct pool *pool, struct waiter *me)
{
	struct waiter *before = NULL;

	for (struct waiter *w = pool->first; w != me; w = w->next)
		before = w;
	if (before == NULL)
		pool->first = me->next;
	else
		before->next = me->next;
	if (pool->last == me)
		pool->last = before;
}

/* With the lock held. */
static bool wait_in_line(struct pool *pool, duration *left, void **thing)
{
	const duration slice = milliseconds(left->ms / WAIT_SLICES + 1);
	struct waiter me = { .next = NULL };

	cond_init(&me.wake);
	if (pool->last == NULL)
		pool->first = &me;
	else
		pool->last->next = &me;
	pool->last = &me;
	while (!me.given && left->ms > 0) {
		(void)cond_wait_for(&me.wake, &pool->lock, slice);
		left->ms -= slice.ms;
	}
	if (!me.given)
		leave_line(pool, &me);
	cond_finish(&me.wake);
	*thing = me.thing;
	return me.given;
}

enum err pool_borrow(struct pool *pool, duration *left, void **thing)
{
	void *mine = NULL;
	bool given = true;

	lock_acquire(&pool->lock);
	if (pool->lent < pool->max) {
		pool->lent++;
		if (pool->n_idle > 0)
			mine = pool->idle[--pool->n_idle];
	} else {
		given = wait_in_line(pool, left, &mine);
	}
	lock_release(&pool->lock);
	if (!given)
		return ERR_BUSY;
	if (left->ms <= 0) {
		pool_return(pool, mine);
		return ERR_BUSY;
	}
	*thing = mine;
	return OK;
}

void pool_return(struct pool *pool, void *thing)
{
	struct waiter *w;

	lock_acquire(&pool->lock);
	assert(pool->lent > 0);
	w = pool->first;
	if (w != NULL) {
		leave_line(pool, w);
		w->thing = thing;
		w->given = true;
		cond_signal(&w->wake);
	} else {
		pool->lent--;
		if (thing != NULL)
			pool->idle[pool->n_idle++] = thing;
	}
	lock_release(&pool->lock);
}
