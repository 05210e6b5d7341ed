#include "store/sql_store.h"

#include <assert.h>
#include <stdlib.h>

#include "base/attr.h"
#include "store/sql_runner.h"

struct sql_store {
	struct store base;
	struct sql *writer;
	struct statements *statements;
	struct carrier *carrier;
	struct runner *runner;
	struct readers *readers;
};

static const struct store_ops sql_store_ops;

static struct sql_store *mine(struct store *store)
{
	assert(store->ops == &sql_store_ops);
	return container_of(store, struct sql_store, base);
}

static enum err sql_transact(
	struct store *store, enum tx_kind kind, struct arena *arena, tx_work *work, void *arg)
{
	struct sql_store *const s = mine(store);

	return kind != TX_READ ? runner_transact(s->runner, kind, arena, work, arg)
			       : readers_transact(s->readers, arena, work, arg);
}

static void sql_on_effects(struct store *store, void (*ring)(void *arg), void *arg)
{
	runner_on_effects(mine(store)->runner, ring, arg);
}

static enum err sql_ready(struct store *store)
{
	return runner_ready(mine(store)->runner);
}

/* The writer last: its close carries the log over, which readers would hinder. */
static void close_all(struct sql_store *s)
{
	runner_close(s->runner);
	carrier_close(s->carrier);
	readers_close(s->readers);
	s->writer->ops->close(s->writer);
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

static enum err start(struct sql_store *s, const struct sql_store_conf *conf)
{
	const size_t room = conf->queue > 0 ? conf->queue : RUNNER_QUEUE;
	struct sql *sql;

	TRY(readers_open(conf->reader, conf->readers, READERS_WAIT, &s->readers));
	TRY(conf->reader->ops->another(conf->reader, &sql));
	TRY(carrier_open(sql, &s->carrier));
	return runner_open(s->writer, s->carrier, room, conf->micros, &s->runner);
}

enum err sql_store_open(const struct sql_store_conf *conf, struct store **out)
{
	struct sql_store *const s = calloc(1, sizeof(*s));
	enum err e;

	if (s == NULL) {
		conf->reader->ops->close(conf->reader);
		conf->writer->ops->close(conf->writer);
		statements_close(conf->statements);
		return ERR_INTERNAL;
	}
	s->base.ops = &sql_store_ops;
	s->writer = conf->writer;
	s->statements = conf->statements;
	e = start(s, conf);
	if (e != OK) {
		close_all(s);
		return e;
	}
	*out = &s->base;
	return OK;
}
