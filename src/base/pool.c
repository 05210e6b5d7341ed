#include "base/pool.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/lock.h"

/* base/ has no clock: the time that is left is counted in slices of the wait. */
#define WAIT_SLICES 20

/* On the stack of the caller that waits. */
struct waiter {
	struct waiter *next;
	bool served;
	void *item; /* NULL: permission to open one … */
	enum err e; /* … unless none can be opened */
	struct latch latch;
};

struct pool {
	struct pool_conf conf;
	struct lock lock;
	/* Under the lock: */
	void **idle; /* the last one released is used first, because its memory is in the caches */
	size_t n_idle;
	size_t n; /* open or being opened */
	struct waiter *first, **end;
	size_t n_waiting;
};

enum err pool_open(const struct pool_conf *conf, struct pool **out)
{
	struct pool *p;

	if (conf->max == 0)
		return ERR_INPUT;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return ERR_INTERNAL;
	p->conf = *conf;
	p->idle = calloc(conf->max, sizeof(*p->idle));
	if (p->idle == NULL) {
		free(p);
		return ERR_INTERNAL;
	}
	p->end = &p->first;
	lock_init(&p->lock);
	*out = p;
	return OK;
}

static void enqueue(struct pool *p, struct waiter *w)
{
	*p->end = w;
	p->end = &w->next;
	p->n_waiting++;
}

static void dequeue(struct pool *p, struct waiter *w)
{
	struct waiter **at = &p->first;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	if (*at == NULL)
		p->end = at;
	p->n_waiting--;
}

/* The item, or with NULL the permission to open one, goes to the first waiter. Called without the lock. */
static void hand_over(struct pool *p, void *item)
{
	struct waiter *w;

	lock_acquire(&p->lock);
	w = p->first;
	if (w != NULL) {
		dequeue(p, w);
		w->item = item;
		w->served = true;
	} else if (item != NULL) {
		p->idle[p->n_idle++] = item;
	} else {
		p->n--;
	}
	lock_release(&p->lock);
	if (w != NULL)
		latch_set(&w->latch);
}

/* An item could not be opened. When no item is open, nobody would ever serve those that wait: they fail, too.
 */
static void fail_waiters(struct pool *p, enum err e)
{
	struct waiter *w, *next;

	lock_acquire(&p->lock);
	p->n--;
	w = p->n == 0 ? p->first : NULL;
	if (w != NULL) {
		p->first = NULL;
		p->end = &p->first;
		p->n_waiting = 0;
	}
	for (struct waiter *each = w; each != NULL; each = each->next) {
		each->served = true;
		each->e = e;
	}
	lock_release(&p->lock);
	for (; w != NULL; w = next) {
		next = w->next;
		latch_set(&w->latch);
	}
}

/* `n` counts it already. */
static enum err open_item(struct pool *p, void **item)
{
	const enum err e = p->conf.open(p->conf.arg, item);

	if (e != OK)
		fail_waiters(p, e);
	return e;
}

enum err pool_grow(struct pool *p)
{
	void *item;
	bool room;

	lock_acquire(&p->lock);
	room = p->n < p->conf.max;
	p->n += room;
	lock_release(&p->lock);
	if (!room)
		return OK;
	TRY(open_item(p, &item));
	hand_over(p, item);
	return OK;
}

/* Whoever serves the waiter has taken it from the queue, and may still have to set the latch. */
static bool wait_for_item(struct pool *p, struct waiter *w, duration *left)
{
	const duration slice = milliseconds(left->ms / WAIT_SLICES + 1);
	bool served = false;

	while (!served && left->ms > 0) {
		served = latch_wait_for(&w->latch, slice);
		left->ms -= slice.ms;
	}
	left->ms = left->ms > 0 ? left->ms : 0;
	if (served)
		return true;
	lock_acquire(&p->lock);
	served = w->served;
	if (!served)
		dequeue(p, w);
	lock_release(&p->lock);
	if (served)
		latch_wait(&w->latch);
	return served;
}

enum step { TAKEN, OPEN, WAIT, REFUSED };

/* Under the lock. */
static enum step next_step(struct pool *p, bool may_open, struct waiter *w)
{
	if (p->n_idle > 0) {
		w->item = p->idle[--p->n_idle];
		return TAKEN;
	}
	if (may_open && p->n < p->conf.max) {
		p->n++;
		return OPEN;
	}
	/* Nobody would release one. */
	if (p->n == 0 || (p->conf.max_waiting > 0 && p->n_waiting >= p->conf.max_waiting))
		return REFUSED;
	enqueue(p, w);
	return WAIT;
}

/* After a failure to open one, waits for those that are open. */
enum err pool_acquire(struct pool *p, duration *left, void **item)
{
	enum err e = ERR_BUSY;

	for (bool may_open = true;; may_open = false) {
		struct waiter w = { .item = NULL };
		enum step step;

		lock_acquire(&p->lock);
		step = next_step(p, may_open, &w);
		lock_release(&p->lock);
		if (step == REFUSED || (step == WAIT && !wait_for_item(p, &w, left)))
			return e;
		if (w.e != OK)
			return w.e;
		if (w.item == NULL)
			e = open_item(p, &w.item);
		if (w.item != NULL) {
			*item = w.item;
			return OK;
		}
	}
}

void pool_release(struct pool *p, void *item)
{
	assert(item != NULL);
	hand_over(p, item);
}

static void *take_idle(struct pool *p)
{
	void *item = NULL;

	lock_acquire(&p->lock);
	if (p->n_idle > 0) {
		item = p->idle[--p->n_idle];
		p->n--;
	}
	lock_release(&p->lock);
	return item;
}

void pool_discard(struct pool *p, void *item, bool all)
{
	p->conf.close(item);
	while (all && (item = take_idle(p)) != NULL)
		p->conf.close(item);
	hand_over(p, NULL);
}

size_t pool_waiting(struct pool *p)
{
	size_t n;

	lock_acquire(&p->lock);
	n = p->n_waiting;
	lock_release(&p->lock);
	return n;
}

void pool_close(struct pool *p)
{
	if (p == NULL)
		return;
	assert(p->n_idle == p->n);
	for (size_t i = 0; i < p->n; i++)
		p->conf.close(p->idle[i]);
	lock_finish(&p->lock);
	free(p->idle);
	free(p);
}
