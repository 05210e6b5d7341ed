#include "store/sql_readers.h"

#include <assert.h>
#include <stdlib.h>

#include "base/lock.h"
#include "store/sql_tx.h"

struct readers {
	struct lock lock;
	struct signal returned;
	struct sql *idle[READERS_MAX]; /* the last one given back goes first: its memory is warm */
	size_t n_idle, n;
};

enum err readers_open(struct sql *const *connections, size_t n, struct readers **out)
{
	struct readers *const r = calloc(1, sizeof(*r));

	assert(n > 0 && n <= READERS_MAX);
	if (r == NULL) {
		for (size_t i = 0; i < n; i++)
			connections[i]->ops->close(connections[i]);
		return ERR_INTERNAL;
	}
	lock_init(&r->lock);
	signal_init(&r->returned);
	for (size_t i = 0; i < n; i++)
		r->idle[i] = connections[i];
	r->n = r->n_idle = n;
	*out = r;
	return OK;
}

static struct sql *borrow(struct readers *r)
{
	struct sql *sql = NULL;

	lock_take(&r->lock);
	while (r->n_idle == 0) {
		if (!signal_wait(&r->returned, &r->lock, milliseconds(READERS_WAIT_MS)))
			break;
	}
	if (r->n_idle > 0)
		sql = r->idle[--r->n_idle];
	lock_give(&r->lock);
	return sql;
}

static void give_back(struct readers *r, struct sql *sql)
{
	lock_take(&r->lock);
	r->idle[r->n_idle++] = sql;
	signal_one(&r->returned);
	lock_give(&r->lock);
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

void readers_close(struct readers *r)
{
	if (r == NULL)
		return;
	assert(r->n_idle == r->n);
	for (size_t i = 0; i < r->n; i++)
		r->idle[i]->ops->close(r->idle[i]);
	signal_finish(&r->returned);
	lock_finish(&r->lock);
	free(r);
}
