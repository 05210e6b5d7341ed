#include "store/sqlite/single_writer_store.h"

#include <assert.h>
#include <stdlib.h>

#include "base/attr.h"
#include "store/sqlite/group_commit.h"

struct single_writer_store {
	struct store base;
	struct sql *write_connection;
	struct statements *statements;
	struct wal_checkpointer *checkpointer;
	struct group_writer *writer;
	struct reader_pool *readers;
};

static const struct store_ops sql_store_ops;

static struct single_writer_store *mine(struct store *store)
{
	assert(store->ops == &sql_store_ops);
	return container_of(store, struct single_writer_store, base);
}

static enum err sql_transact(
	struct store *store, enum tx_kind kind, struct arena *arena, tx_work *work, void *arg)
{
	struct single_writer_store *const s = mine(store);

	return kind != TX_READ ? group_writer_transact(s->writer, kind, arena, work, arg)
			       : reader_pool_transact(s->readers, arena, work, arg);
}

static void sql_on_effects(struct store *store, void (*ring)(void *arg), void *arg)
{
	group_writer_on_commit(mine(store)->writer, ring, arg);
}

static enum err sql_ready(struct store *store)
{
	return group_writer_ready(mine(store)->writer);
}

/* The writer last: its close carries the log over, which readers would hinder. */
static void close_all(struct single_writer_store *s)
{
	group_writer_close(s->writer);
	wal_checkpointer_close(s->checkpointer);
	reader_pool_close(s->readers);
	s->write_connection->ops->close(s->write_connection);
	statements_close(s->statements);
	free(s);
}

static void sql_close(struct store *store)
{
	close_all(mine(store));
}

static const struct store_ops sql_store_ops = {
	.transact = sql_transact,
	.on_commit = sql_on_effects,
	.ready = sql_ready,
	.close = sql_close,
};

static enum err start(struct single_writer_store *s, const struct single_writer_conf *conf)
{
	const size_t room = conf->queue > 0 ? conf->queue : WRITER_QUEUE_MAX;
	struct sql *sql;

	TRY(reader_pool_open(conf->reader, conf->readers, READERS_WAIT, &s->readers));
	TRY(conf->reader->ops->clone(conf->reader, &sql));
	TRY(wal_checkpointer_open(sql, &s->checkpointer));
	return group_writer_open(s->write_connection, s->checkpointer, room, conf->micros, &s->writer);
}

enum err single_writer_store_open(const struct single_writer_conf *conf, struct store **out)
{
	struct single_writer_store *const s = calloc(1, sizeof(*s));
	enum err e;

	if (s == NULL) {
		conf->reader->ops->close(conf->reader);
		conf->writer->ops->close(conf->writer);
		statements_close(conf->statements);
		return ERR_INTERNAL;
	}
	s->base.ops = &sql_store_ops;
	s->write_connection = conf->writer;
	s->statements = conf->statements;
	e = start(s, conf);
	if (e != OK) {
		close_all(s);
		return e;
	}
	*out = &s->base;
	return OK;
}
