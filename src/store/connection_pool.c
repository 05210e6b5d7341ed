#include "store/connection_pool.h"

#include <assert.h>
#include <stdlib.h>

#include "base/lock.h"

/* On the stack of who waits. */
struct waiter {
	struct waiter *next;
	bool served;
	struct sql *sql; /* what is handed over; NULL: a place, to open one in … */
	enum err e;	 /* … unless none can be opened */
	struct latch given;
};

struct connection_pool {
	struct connection_pool_conf conf;
	struct lock lock;
	/* Under the lock: */
	struct sql *idle[CONNECTION_POOL_MAX]; /* the last one given back goes first: its memory is warm */
	size_t n_idle, n;		       /* n: open or being opened */
	struct waiter *waiting, **end;
	size_t n_waiting;
};

enum err connection_pool_open(const struct connection_pool_conf *conf, struct connection_pool **out)
{
	struct connection_pool *const p = calloc(1, sizeof(*p));

	assert(conf->max > 0 && conf->max <= CONNECTION_POOL_MAX);
	if (p == NULL)
		return ERR_INTERNAL;
	p->conf = *conf;
	p->end = &p->waiting;
	lock_init(&p->lock);
	*out = p;
	return OK;
}

static void enqueue(struct connection_pool *p, struct waiter *w)
{
	*p->end = w;
	p->end = &w->next;
	p->n_waiting++;
}

static void dequeue(struct connection_pool *p, struct waiter *w)
{
	struct waiter **at = &p->waiting;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	if (*at == NULL)
		p->end = at;
	p->n_waiting--;
}

/* Under the lock: `sql`, or the place of one (NULL), goes to who waits for longest; who that is. */
static struct waiter *hand_over(struct connection_pool *p, struct sql *sql)
{
	struct waiter *const w = p->waiting;

	if (w != NULL) {
		dequeue(p, w);
		w->sql = sql;
		w->served = true;
	} else if (sql != NULL) {
		p->idle[p->n_idle++] = sql;
	} else {
		p->n--;
	}
	return w;
}

static void give(struct connection_pool *p, struct sql *sql)
{
	struct waiter *w;

	lock_acquire(&p->lock);
	w = hand_over(p, sql);
	lock_release(&p->lock);
	if (w != NULL)
		latch_set(&w->given);
}

/* A place is nobody's any more. Who waits although none is open any more would wait in vain. */
static void give_up(struct connection_pool *p, enum err e)
{
	struct waiter *w, *next;

	lock_acquire(&p->lock);
	p->n--;
	w = p->n == 0 ? p->waiting : NULL;
	if (w != NULL) {
		p->waiting = NULL;
		p->end = &p->waiting;
		p->n_waiting = 0;
	}
	for (struct waiter *each = w; each != NULL; each = each->next) {
		each->served = true;
		each->e = e;
	}
	lock_release(&p->lock);
	for (; w != NULL; w = next) {
		next = w->next;
		latch_set(&w->given);
	}
}

/* A place was taken before. When no more can be opened, those there are must do. */
static enum err open_one(struct connection_pool *p, struct sql **out)
{
	const enum err e = p->conf.open(p->conf.arg, out);

	if (e != OK)
		give_up(p, e);
	return e;
}

enum err connection_pool_grow(struct connection_pool *p)
{
	struct sql *sql;
	bool room;

	lock_acquire(&p->lock);
	room = p->n < p->conf.max;
	p->n += room;
	lock_release(&p->lock);
	if (!room)
		return OK;
	TRY(open_one(p, &sql));
	give(p, sql);
	return OK;
}

/* Who gives has taken the waiter from the queue, and may yet have to set the latch. */
static bool wait_for_one(struct connection_pool *p, struct waiter *w)
{
	bool served;

	if (latch_wait_for(&w->given, p->conf.wait))
		return true;
	lock_acquire(&p->lock);
	served = w->served;
	if (!served)
		dequeue(p, w);
	lock_release(&p->lock);
	if (served)
		latch_wait(&w->given);
	return served;
}

enum step { TAKEN, OPEN, WAIT, REFUSED };

/* Under the lock. */
static enum step next_step(struct connection_pool *p, bool may_open, struct waiter *w)
{
	if (p->n_idle > 0) {
		w->sql = p->idle[--p->n_idle];
		return TAKEN;
	}
	if (may_open && p->n < p->conf.max) {
		p->n++;
		return OPEN;
	}
	/* Nobody would give one back. */
	if (p->n == 0 || (p->conf.room > 0 && p->n_waiting >= p->conf.room))
		return REFUSED;
	enqueue(p, w);
	return WAIT;
}

enum err connection_pool_acquire(struct connection_pool *p, struct sql **out)
{
	enum err e = ERR_BUSY;

	for (bool may_open = true;; may_open = false) {
		struct waiter w = { .sql = NULL };
		enum step step;

		lock_acquire(&p->lock);
		step = next_step(p, may_open, &w);
		lock_release(&p->lock);
		if (step == REFUSED || (step == WAIT && !wait_for_one(p, &w)))
			return e;
		if (w.e != OK)
			return w.e;
		if (w.sql == NULL)
			e = open_one(p, &w.sql);
		if (w.sql != NULL) {
			*out = w.sql;
			return OK;
		}
	}
}

void connection_pool_release(struct connection_pool *p, struct sql *sql)
{
	give(p, sql);
}

void connection_pool_discard(struct connection_pool *p, struct sql *sql, bool all)
{
	struct sql *idle[CONNECTION_POOL_MAX];
	size_t n = 0;

	sql->ops->close(sql);
	lock_acquire(&p->lock);
	while (all && p->n_idle > 0) {
		idle[n++] = p->idle[--p->n_idle];
		p->n--;
	}
	lock_release(&p->lock);
	give(p, NULL);
	for (size_t i = 0; i < n; i++)
		idle[i]->ops->close(idle[i]);
}

size_t connection_pool_waiting(struct connection_pool *p)
{
	size_t n;

	lock_acquire(&p->lock);
	n = p->n_waiting;
	lock_release(&p->lock);
	return n;
}

void connection_pool_close(struct connection_pool *p)
{
	if (p == NULL)
		return;
	assert(p->n_idle == p->n);
	for (size_t i = 0; i < p->n; i++)
		p->idle[i]->ops->close(p->idle[i]);
	lock_finish(&p->lock);
	free(p);
}
