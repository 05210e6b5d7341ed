#include "store/sqlite/single_writer_store.h"

#include <assert.h>
#include <stdlib.h>

#include "base/attr.h"
#include "store/sqlite/group_commit.h"
#include "store/sqlite/open_files.h"

struct single_writer_store {
	struct store base;
	struct sql *write_connection;
	struct statements *statements;
	struct wal_checkpointer *checkpointer;
	struct group_writer *writer;
	struct reader_pool *readers;
};

static const struct store_ops single_writer_ops;

static struct single_writer_store *single_writer_store_from_base(struct store *store)
{
	assert(store->ops == &single_writer_ops);
	return container_of(store, struct single_writer_store, base);
}

static enum err single_writer_transact(
	struct store *store, enum tx_kind kind, struct arena *arena, tx_work *work, void *arg)
{
	struct single_writer_store *const s = single_writer_store_from_base(store);

	/* A removed or replaced file can still be read through the open connection, but overwritten content
	 * is lost. */
	if (kind == TX_READ && open_files_last_state() == FILES_OVERWRITTEN)
		return ERR_STORAGE;
	return kind != TX_READ ? group_writer_transact(s->writer, kind, arena, work, arg)
			       : reader_pool_transact(s->readers, arena, work, arg);
}

static void single_writer_on_commit(struct store *store, commit_callback *notify, void *arg)
{
	group_writer_on_commit(single_writer_store_from_base(store)->writer, notify, arg);
}

static enum err single_writer_ready(struct store *store)
{
	return group_writer_ready(single_writer_store_from_base(store)->writer);
}

/* Closes all connections. The writing connection comes last, because closing it empties the WAL, which open
 * readers would prevent. */
static void close_all(struct single_writer_store *s)
{
	group_writer_close(s->writer);
	wal_checkpointer_close(s->checkpointer);
	reader_pool_close(s->readers);
	s->write_connection->ops->close(s->write_connection);
	statements_close(s->statements);
	free(s);
}

static void single_writer_close(struct store *store)
{
	close_all(single_writer_store_from_base(store));
}

static void single_writer_set_row_key(struct store *store, const unsigned char key[32])
{
	statements_set_row_key(single_writer_store_from_base(store)->statements, key);
}

static const struct store_ops single_writer_ops = {
	.transact = single_writer_transact,
	.on_commit = single_writer_on_commit,
	.ready = single_writer_ready,
	.set_row_key = single_writer_set_row_key,
	.close = single_writer_close,
};

static enum err open_parts(struct single_writer_store *s, const struct single_writer_conf *conf)
{
	const size_t queue_max = conf->queue > 0 ? conf->queue : WRITER_QUEUE_MAX;
	struct sql *sql;

	TRY(reader_pool_open(conf->reader, conf->readers, READERS_WAIT, &s->readers));
	TRY(conf->reader->ops->clone(conf->reader, &sql));
	TRY(wal_checkpointer_open(sql, &s->checkpointer));
	return group_writer_open(s->write_connection, s->checkpointer, queue_max, conf->micros, &s->writer);
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
	s->base = (struct store){ .ops = &single_writer_ops, .single_writer = true };
	s->write_connection = conf->writer;
	s->statements = conf->statements;
	s->statements->row_key.micros = conf->micros;
	e = open_parts(s, conf);
	if (e != OK) {
		close_all(s);
		return e;
	}
	*out = &s->base;
	return OK;
}
