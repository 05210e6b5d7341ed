#include "store/sqlite/readers.h"

#include <assert.h>
#include <stdlib.h>

#include "base/lock.h"
#include "base/pool.h"
#include "store/sql/tx.h"

struct reader_pool {
	struct sql *first; /* the others are made like it; itself the first of the loans */
	bool is_lent;	   /* the loans have it */
	struct pool *pool;
	duration wait;
};

/* From one thread at a time until the loans have the first. */
static enum err open_reader(void *arg, void **out)
{
	struct reader_pool *const r = arg;
	struct sql *sql = r->first;

	if (r->is_lent)
		TRY(r->first->ops->clone(r->first, &sql));
	r->is_lent = true;
	*out = sql;
	return OK;
}

static void close_reader(void *item)
{
	struct sql *const sql = item;

	sql->ops->close(sql);
}

static enum err fill(struct reader_pool *r, const struct pool_conf *conf)
{
	TRY(pool_open(conf, &r->pool));
	for (size_t i = 0; i < conf->max && i < READERS_AT_START; i++)
		TRY(pool_grow(r->pool));
	return OK;
}

enum err reader_pool_open(struct sql *first, size_t max, duration wait, struct reader_pool **out)
{
	struct reader_pool *const r = calloc(1, sizeof(*r));
	const struct pool_conf conf = { .open = open_reader, .close = close_reader, .arg = r, .max = max };

	if (r == NULL) {
		first->ops->close(first);
		return ERR_INTERNAL;
	}
	r->first = first;
	r->wait = wait;
	if (fill(r, &conf) != OK) {
		reader_pool_close(r);
		return ERR_STORAGE;
	}
	*out = r;
	return OK;
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

enum err reader_pool_transact(struct reader_pool *r, struct arena *arena, tx_work *work, void *arg)
{
	duration left = r->wait;
	void *sql;
	enum err e;

	/* Who only reads is in the writer's way no more (store/sqlite/group_commit). */
	thread_set_batch_priority(false);
	if (pool_acquire(r->pool, &left, &sql) != OK)
		return ERR_BUSY;
	e = read_at_once(sql, arena, work, arg);
	pool_release(r->pool, sql);
	return e;
}

size_t reader_pool_waiting(struct reader_pool *r)
{
	return pool_waiting(r->pool);
}

void reader_pool_close(struct reader_pool *r)
{
	if (r == NULL)
		return;
	if (!r->is_lent)
		r->first->ops->close(r->first);
	pool_close(r->pool);
	free(r);
}
