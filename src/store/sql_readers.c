#include "store/sql_readers.h"

#include <assert.h>
#include <stdlib.h>

#include "base/lock.h"
#include "store/sql_tx.h"

/* On the stack of who waits. */
struct waiter {
	struct waiter *next;
	struct sql *sql;    /* what is handed over, under the lock … */
	struct latch given; /* … and then this is set, without it */
};

struct readers {
	struct sql *first;
	size_t max;
	span wait;
	struct lock lock;
	/* Under the lock: */
	struct sql *idle[READERS_MAX]; /* the last one given back goes first: its memory is warm */
	size_t n_idle, n;	       /* n: open or being opened */
	struct waiter *waiting, **end;
	size_t n_waiting;
};

/* Room for one more was taken before, and is given back when it cannot be opened. */
static struct sql *open_one(struct readers *r)
{
	struct sql *sql;

	if (r->first->ops->another(r->first, &sql) == OK)
		return sql;
	lock_take(&r->lock);
	r->n--;
	lock_give(&r->lock);
	return NULL;
}

enum err readers_open(struct sql *first, size_t max, span wait, struct readers **out)
{
	struct readers *const r = calloc(1, sizeof(*r));

	assert(max > 0 && max <= READERS_MAX);
	if (r == NULL) {
		first->ops->close(first);
		return ERR_INTERNAL;
	}
	*r = (struct readers){ .first = first, .max = max, .wait = wait, .end = &r->waiting };
	lock_init(&r->lock);
	r->idle[r->n_idle++] = first;
	r->n = 1;
	while (r->n < max && r->n < READERS_AT_START) {
		r->n++;
		r->idle[r->n_idle] = open_one(r);
		if (r->idle[r->n_idle] == NULL) {
			readers_close(r);
			return ERR_STORAGE;
		}
		r->n_idle++;
	}
	*out = r;
	return OK;
}

static void enqueue(struct readers *r, struct waiter *w)
{
	*r->end = w;
	r->end = &w->next;
	r->n_waiting++;
}

static void dequeue(struct readers *r, struct waiter *w)
{
	struct waiter **at = &r->waiting;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	if (*at == NULL)
		r->end = at;
	r->n_waiting--;
}

/* Who gives it has taken the waiter from the queue, and may yet have to set the latch. */
static struct sql *wait_for_one(struct readers *r, struct waiter *w)
{
	bool given = latch_wait_for(&w->given, r->wait);

	if (given)
		return w->sql;
	lock_take(&r->lock);
	given = w->sql != NULL;
	if (!given)
		dequeue(r, w);
	lock_give(&r->lock);
	if (given)
		latch_wait(&w->given);
	return w->sql;
}

enum step { TAKEN, OPEN, WAIT };

/* Under the lock. */
static enum step next_step(struct readers *r, bool may_open, struct waiter *w)
{
	if (r->n_idle > 0) {
		w->sql = r->idle[--r->n_idle];
		return TAKEN;
	}
	if (may_open && r->n < r->max) {
		r->n++;
		return OPEN;
	}
	enqueue(r, w);
	return WAIT;
}

/* When no more can be opened, those there are must do. */
static struct sql *borrow(struct readers *r)
{
	struct waiter w = { .sql = NULL };
	bool may_open = true;

	for (;;) {
		enum step step;

		lock_take(&r->lock);
		step = next_step(r, may_open, &w);
		lock_give(&r->lock);
		if (step == WAIT)
			return wait_for_one(r, &w);
		if (step == OPEN)
			w.sql = open_one(r);
		if (w.sql != NULL)
			return w.sql;
		may_open = false;
	}
}

static void give_back(struct readers *r, struct sql *sql)
{
	struct waiter *w;

	lock_take(&r->lock);
	w = r->waiting;
	if (w != NULL) {
		dequeue(r, w);
		w->sql = sql;
	} else {
		r->idle[r->n_idle++] = sql;
	}
	lock_give(&r->lock);
	if (w != NULL)
		latch_set(&w->given);
}

static enum err read_at_once(struct sql *sql, struct arena *arena, tx_work *work, void *arg)
{
	struct sql_tx tx;
	enum err e;

	TRY(sql->ops->begin(sql, false));
	sql_tx_init(&tx, sql, arena, false);
	e = work(&tx.base, arg);
	if (e == OK)
		e = sql->ops->commit(sql);
	if (e != OK)
		sql->ops->rollback(sql);
	return e;
}

enum err readers_transact(struct readers *r, struct arena *arena, tx_work *work, void *arg)
{
	struct sql *const sql = borrow(r);
	enum err e;

	if (sql == NULL)
		return ERR_BUSY;
	e = read_at_once(sql, arena, work, arg);
	give_back(r, sql);
	return e;
}

size_t readers_waiting(struct readers *r)
{
	size_t n;

	lock_take(&r->lock);
	n = r->n_waiting;
	lock_give(&r->lock);
	return n;
}

void readers_close(struct readers *r)
{
	if (r == NULL)
		return;
	assert(r->n_idle == r->n);
	for (size_t i = 0; i < r->n; i++)
		r->idle[i]->ops->close(r->idle[i]);
	lock_finish(&r->lock);
	free(r);
}
