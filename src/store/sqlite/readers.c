#include "store/sqlite/readers.h"

#include <assert.h>
#include <stdlib.h>

#include "base/pool.h"
#include "store/sql/tx.h"

struct reader_pool {
	struct sql *first;    /* the first connection of the pool; the others are cloned from it */
	bool pool_owns_first; /* the pool owns `first` */
	struct pool *pool;
	duration wait; /* for a free connection */
};

/* Opens a connection for the pool. The first call returns `first`; reader_pool_open makes it before other
 * threads use the pool. */
static enum err open_reader(void *arg, void **out)
{
	struct reader_pool *const readers = arg;
	struct sql *sql = readers->first;

	if (readers->pool_owns_first)
		TRY(readers->first->ops->clone(readers->first, &sql));
	readers->pool_owns_first = true;
	*out = sql;
	return OK;
}

static void close_reader(void *item)
{
	struct sql *const sql = item;

	sql->ops->close(sql);
}

static enum err open_initial_readers(struct reader_pool *readers, const struct pool_conf *conf)
{
	TRY(pool_open(conf, &readers->pool));
	for (size_t i = 0; i < conf->max && i < READERS_AT_START; i++)
		TRY(pool_grow(readers->pool));
	return OK;
}

enum err reader_pool_open(struct sql *first, size_t max, duration wait, struct reader_pool **out)
{
	struct reader_pool *const readers = calloc(1, sizeof(*readers));
	const struct pool_conf conf = {
		.open = open_reader, .close = close_reader, .arg = readers, .max = max
	};

	if (readers == NULL) {
		first->ops->close(first);
		return ERR_INTERNAL;
	}
	readers->first = first;
	readers->wait = wait;
	if (open_initial_readers(readers, &conf) != OK) {
		reader_pool_close(readers);
		return ERR_STORAGE;
	}
	*out = readers;
	return OK;
}

static enum err run_read_tx(struct sql *sql, struct arena *arena, tx_work *work, void *arg)
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

enum err reader_pool_transact(struct reader_pool *readers, struct arena *arena, tx_work *work, void *arg)
{
	duration left = readers->wait;
	void *sql;
	enum err e;

	if (pool_acquire(readers->pool, &left, &sql) != OK)
		return ERR_BUSY;
	e = run_read_tx(sql, arena, work, arg);
	pool_release(readers->pool, sql);
	return e;
}

size_t reader_pool_waiting(struct reader_pool *readers)
{
	return pool_waiting(readers->pool);
}

void reader_pool_close(struct reader_pool *readers)
{
	if (readers == NULL)
		return;
	if (!readers->pool_owns_first)
		readers->first->ops->close(readers->first);
	pool_close(readers->pool);
	free(readers);
}
