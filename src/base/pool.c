#include "base/pool.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/lock.h"

/* A wait is split into this many slices to measure how long it took, because code in base/ reads no clock. */
#define WAIT_SLICES 20

/* A caller that waits for an item. The struct is on the stack of that caller. */
struct waiter {
	struct waiter *next;
	bool served;
	void *item; /* if served: the item, or NULL as permission to open one */
	enum err e; /* if served: an error means that no item can be opened */
	struct latch latch;
};

struct pool {
	struct pool_conf conf;
	struct lock lock;
	/* Guarded by `lock`: */
	void **idle; /* a stack: the item released last is reused first, because its memory is still cached */
	size_t n_idle;
	size_t n; /* number of items that are open or being opened */
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

static void pool_enqueue(struct pool *p, struct waiter *w)
{
	*p->end = w;
	p->end = &w->next;
	p->n_waiting++;
}

static void pool_dequeue(struct pool *p, struct waiter *w)
{
	struct waiter **at = &p->first;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	if (*at == NULL)
		p->end = at;
	p->n_waiting--;
}

/* Asks the owner to call pool_grow, if a caller waits and fewer than `max` items are open. The caller does
 * not hold the lock. */
static void pool_request(struct pool *p)
{
	bool wanted;

	lock_acquire(&p->lock);
	wanted = p->first != NULL && p->n < p->conf.max;
	lock_release(&p->lock);
	if (wanted)
		p->conf.request(p->conf.arg);
}

/* Gives the item to the first waiter; if `item` is NULL, gives that waiter the permission to open one.
 * Without waiters the item becomes idle. The caller does not hold the lock. */
static void pool_hand_over(struct pool *p, void *item)
{
	struct waiter *w;

	lock_acquire(&p->lock);
	w = item != NULL || p->conf.request == NULL ? p->first : NULL;
	if (w != NULL) {
		pool_dequeue(p, w);
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
	else if (item == NULL && p->conf.request != NULL)
		pool_request(p);
}

/* Called after an item could not be opened. If no item is open, no waiting caller could ever be served, so
 * all of them get the same error. */
static void pool_fail_waiters(struct pool *p, enum err e)
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
	for (struct waiter *current = w; current != NULL; current = current->next) {
		current->served = true;
		current->e = e;
	}
	lock_release(&p->lock);
	for (; w != NULL; w = next) {
		next = w->next;
		latch_set(&w->latch);
	}
}

/* Opens an item, which the caller has already counted in `n`. */
static enum err pool_open_item(struct pool *p, void **item)
{
	const enum err e = p->conf.open(p->conf.arg, item);

	if (e != OK)
		pool_fail_waiters(p, e);
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
	TRY(pool_open_item(p, &item));
	pool_hand_over(p, item);
	return OK;
}

/* Waits at most `*left`. A thread that serves the waiter removes it from the queue first and sets its latch
 * later. So a waiter whose time is up may have been served already; it then waits until its latch is set. */
static bool pool_wait(struct pool *p, struct waiter *w, duration *left)
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
		pool_dequeue(p, w);
	lock_release(&p->lock);
	if (served)
		latch_wait(&w->latch);
	return served;
}

enum step { TAKEN, OPEN, WAIT, REFUSED };

/* The caller holds the lock. */
static enum step pool_next_step(struct pool *p, bool may_open, struct waiter *w)
{
	if (p->n_idle > 0) {
		w->item = p->idle[--p->n_idle];
		return TAKEN;
	}
	if (p->conf.request == NULL && may_open && p->n < p->conf.max) {
		p->n++;
		return OPEN;
	}
	/* While no item is open, none can be released, so waiting would be useless, unless one is requested.
	 */
	if ((p->conf.request == NULL && p->n == 0) ||
		(p->conf.max_waiting > 0 && p->n_waiting >= p->conf.max_waiting))
		return REFUSED;
	pool_enqueue(p, w);
	return WAIT;
}

/* If opening an item fails, pool_acquire waits for one of the open items instead of opening another. */
enum err pool_acquire(struct pool *p, duration *left, void **item)
{
	enum err e = ERR_BUSY;

	for (bool may_open = true;; may_open = false) {
		struct waiter w = { .item = NULL };
		enum step step;

		lock_acquire(&p->lock);
		step = pool_next_step(p, may_open, &w);
		lock_release(&p->lock);
		if (step == WAIT && p->conf.request != NULL)
			pool_request(p);
		if (step == REFUSED || (step == WAIT && !pool_wait(p, &w, left)))
			return e;
		if (w.e != OK)
			return w.e;
		if (w.item == NULL)
			e = pool_open_item(p, &w.item);
		if (w.item != NULL) {
			*item = w.item;
			return OK;
		}
	}
}

void pool_release(struct pool *p, void *item)
{
	assert(item != NULL);
	pool_hand_over(p, item);
}

static void *pool_take_idle(struct pool *p)
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
	while (all && (item = pool_take_idle(p)) != NULL)
		p->conf.close(item);
	pool_hand_over(p, NULL);
}

size_t pool_waiting(struct pool *p)
{
	size_t n;

	lock_acquire(&p->lock);
	n = p->n_waiting;
	lock_release(&p->lock);
	return n;
}

size_t pool_open_items(struct pool *p)
{
	size_t n;

	lock_acquire(&p->lock);
	n = p->n;
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
