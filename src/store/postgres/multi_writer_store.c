#include "store/postgres/multi_writer_store.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>

#include "base/attr.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "store/postgres/connections.h"
#include "store/sql/tx.h"

struct multi_writer_store {
	struct store base;
	struct multi_writer_conf conf;
	struct connections *connections;
	struct lock lock;
	/* The lock protects: */
	commit_callback *on_commit;
	void *on_commit_arg;
	bool has_last_write;   /* the next two are set */
	int64_t last_write_at; /* when the last write ended */
	enum err last_write;   /* its result */
};

/* One call of `transact`. */
struct transact_call {
	enum tx_kind kind;
	struct arena *arena;
	tx_work *work;
	void *arg;
	unsigned added;
};

static const struct store_ops multi_writer_ops;

static struct multi_writer_store *multi_writer_from_base(struct store *base)
{
	assert(base->ops == &multi_writer_ops);
	return container_of(base, struct multi_writer_store, base);
}

static enum err run_attempt(struct multi_writer_store *store, struct sql *sql, struct transact_call *call)
{
	const int64_t start = store->conf.micros();
	struct sql_tx tx;
	int64_t done;
	enum err e;

	TRY(sql->ops->begin(sql, call->kind != TX_READ));
	sql_tx_init(&tx, sql, call->arena, call->kind != TX_READ);
	e = call->work(&tx.base, call->arg);
	done = store->conf.micros();
	/* Logs only slow work that delays others. A read, or work after the commit, holds no locks. */
	if (call->kind != TX_READ && !tx.base.committed && done - start > MULTI_WRITER_SLOW)
		log_event(LOG_WARN, "slow_job", LOG_NUMBER("ms", (done - start) / 1000));
	call->added = tx.base.added;
	if (e != OK)
		return e;
	TRY(sql->ops->commit(sql));
	if (call->kind != TX_READ)
		metric_observe(
			METRIC_COMMIT_DURATION, store->conf.micros() - (tx.base.committed ? start : done));
	return OK;
}

/* Waits before the next attempt. The wait grows with the number of attempts and differs between connections,
 * so that transactions that conflicted do not run at the same time again. */
static void pause_before_retry(const struct sql *sql, int tries)
{
	const int longest = tries < 6 ? 1 << tries : 1 << 6;

	(void)poll(NULL, 0, (int)((uintptr_t)sql / 64 % (unsigned)longest) + tries);
}

/* Queries on another connection whether a transaction was committed. */
static enum err query_commit_state(
	struct multi_writer_store *store, struct tx_id id, enum commit_state *state)
{
	duration left = COMMIT_STATE_TIMEOUT;
	struct sql *sql;
	enum err e;

	TRY(connections_acquire(store->connections, &left, &sql));
	e = sql->ops->commit_state(sql, id, state);
	if (e == OK)
		connections_release(store->connections, sql);
	else
		connections_discard(store->connections, sql);
	return e;
}

/* Finds out whether a transaction was committed after its connection was lost. Returns OK if it was,
 * ERR_STORAGE if it was rolled back and may be run again, and ERR_BUSY if its state is unknown. */
static enum err resolve_commit(struct multi_writer_store *store, struct tx_id id)
{
	static const enum err results[] = {
		[COMMIT_DONE] = OK, [COMMIT_ROLLED_BACK] = ERR_STORAGE, [COMMIT_UNKNOWN] = ERR_BUSY
	};
	const int64_t until = store->conf.micros() + COMMIT_STATE_TIMEOUT.ms * 1000;
	enum commit_state state = COMMIT_IN_PROGRESS;

	if (id.txid == 0)
		return ERR_BUSY;
	while (store->conf.micros() < until) {
		const enum err e = query_commit_state(store, id, &state);

		if (e == OK && state != COMMIT_IN_PROGRESS)
			return results[state];
		(void)poll(NULL, 0, 50);
	}
	return ERR_BUSY;
}

enum after_attempt { ATTEMPT_FINAL, ATTEMPT_RETRY };

/* Handles a failed attempt: rolls it back and, if the connection is lost or was replaced, sets `*sql` to
 * NULL. Sets `*e` to the result that the caller gets if this was the last attempt. */
static enum after_attempt handle_failure(struct multi_writer_store *store, struct sql **sql, enum err *e)
{
	struct sql *const used = *sql;
	struct tx_id id;
	const enum tx_outcome outcome = used->ops->outcome(used, &id);

	used->ops->rollback(used);
	if (outcome == TX_FAILED)
		return ATTEMPT_FINAL;
	if (outcome == TX_BAD_CONNECTION && !connections_replace(store->connections, used))
		return ATTEMPT_FINAL;
	*e = ERR_BUSY;
	if (outcome == TX_RETRY)
		return ATTEMPT_RETRY;
	*sql = NULL;
	if (outcome == TX_BAD_CONNECTION)
		return ATTEMPT_RETRY;
	connections_discard(store->connections, used);
	if (outcome == TX_LOST)
		return ATTEMPT_RETRY;
	*e = resolve_commit(store, id);
	log_event(LOG_WARN, "commit_outcome_unknown",
		LOG_WORD("effect", *e == OK	       ? "committed"
				   : *e == ERR_STORAGE ? "rolled_back"
						       : "unknown"));
	if (*e != ERR_STORAGE)
		return ATTEMPT_FINAL;
	*e = ERR_BUSY;
	return ATTEMPT_RETRY;
}

static enum err run_transaction(struct multi_writer_store *store, struct transact_call *call)
{
	const struct arena_mark before = arena_mark(call->arena);
	const int64_t until = store->conf.micros() + MULTI_WRITER_RETRY_LIMIT.ms * 1000;
	duration left = MULTI_WRITER_WAIT;
	struct sql *sql = NULL;
	enum err e = ERR_BUSY;

	for (int tries = 0; tries < MULTI_WRITER_TRIES && (tries == 0 || store->conf.micros() < until);
		tries++) {
		if (sql == NULL)
			TRY(connections_acquire(store->connections, &left, &sql));
		/* The arena is rewound only after connections_acquire: if that fails, the caller may still
		 * use what the last attempt put into the arena. */
		arena_rewind(call->arena, before);
		e = run_attempt(store, sql, call);
		if (e == OK || handle_failure(store, &sql, &e) == ATTEMPT_FINAL)
			break;
		pause_before_retry(sql, tries);
	}
	if (sql != NULL)
		connections_release(store->connections, sql);
	return e;
}

/* Stores the result of a write, which multi_writer_ready may return later. */
static void record_write(struct multi_writer_store *store, enum err e)
{
	if (e != OK && e != ERR_BUSY && e != ERR_STORAGE)
		return;
	lock_acquire(&store->lock);
	store->last_write_at = store->conf.micros();
	store->last_write = e;
	store->has_last_write = true;
	lock_release(&store->lock);
}

static void notify_commit(struct multi_writer_store *store, unsigned added)
{
	commit_callback *on_commit;
	void *arg;

	lock_acquire(&store->lock);
	on_commit = store->on_commit;
	arg = store->on_commit_arg;
	lock_release(&store->lock);
	if (on_commit != NULL)
		on_commit(arg, added);
}

static enum err multi_writer_transact(
	struct store *base, enum tx_kind kind, struct arena *arena, tx_work *work, void *arg)
{
	struct multi_writer_store *const store = multi_writer_from_base(base);
	struct transact_call call = { kind, arena, work, arg, 0 };
	enum err e;

	/* An earlier read may have lowered the priority of this thread (see wait_for_leader in
	 * store/postgres/batch.c). */
	if (kind != TX_READ)
		thread_set_batch_priority(false);
	e = run_transaction(store, &call);
	metric_set(METRIC_QUEUE_DEPTH, (int64_t)connections_waiting(store->connections));
	if (kind != TX_READ)
		record_write(store, e);
	if (kind != TX_READ && e == OK && call.added != 0)
		notify_commit(store, call.added);
	return e;
}

static void multi_writer_on_commit(struct store *base, commit_callback *on_commit, void *arg)
{
	struct multi_writer_store *const store = multi_writer_from_base(base);

	lock_acquire(&store->lock);
	store->on_commit = on_commit;
	store->on_commit_arg = arg;
	lock_release(&store->lock);
}

static enum err probe(struct tx *tx, void *arg)
{
	struct sql_tx *const own = container_of(tx, struct sql_tx, base);
	size_t n = 0;

	(void)arg;
	TRY(own->sql->ops->run(own->sql, &(struct sql_call){ .statement = STATEMENT_PROBE }, &n));
	return n == 1 ? OK : ERR_STORAGE;
}

static enum err multi_writer_ready(struct store *base)
{
	struct multi_writer_store *const store = multi_writer_from_base(base);
	struct arena arena;
	enum err e;
	bool fresh;

	lock_acquire(&store->lock);
	e = store->last_write;
	fresh = store->has_last_write && store->conf.micros() - store->last_write_at < MULTI_WRITER_FRESH;
	lock_release(&store->lock);
	if (fresh)
		return e;
	arena_init(&arena, 0);
	return multi_writer_transact(base, TX_WRITE, &arena, probe, NULL);
}

static void multi_writer_close(struct store *base)
{
	struct multi_writer_store *const store = multi_writer_from_base(base);

	connections_close(store->connections);
	if (store->conf.finish != NULL)
		store->conf.finish(store->conf.arg);
	statements_close(store->conf.statements);
	lock_finish(&store->lock);
	free(store);
}

static void multi_writer_set_row_key(struct store *base, const unsigned char key[32])
{
	statements_set_row_key(multi_writer_from_base(base)->conf.statements, key);
}

static const struct store_ops multi_writer_ops = {
	.transact = multi_writer_transact,
	.on_commit = multi_writer_on_commit,
	.ready = multi_writer_ready,
	.set_row_key = multi_writer_set_row_key,
	.close = multi_writer_close,
};

enum err multi_writer_store_open(const struct multi_writer_conf *conf, struct store **out)
{
	const struct connections_conf connections = { .open = conf->open,
		.arg = conf->arg,
		.max = conf->connections,
		.queue = conf->queue,
		.micros = conf->micros };
	struct multi_writer_store *const store = calloc(1, sizeof(*store));
	enum err e;

	if (store == NULL) {
		if (conf->finish != NULL)
			conf->finish(conf->arg);
		statements_close(conf->statements);
		return ERR_INTERNAL;
	}
	store->base = (struct store){ .ops = &multi_writer_ops, .shared = true };
	store->conf = *conf;
	store->conf.statements->row_key.micros = conf->micros;
	lock_init(&store->lock);
	e = connections_open(&connections, &store->connections);
	if (e != OK) {
		multi_writer_close(&store->base);
		return e;
	}
	*out = &store->base;
	return OK;
}

size_t multi_writer_store_waiting(struct store *base)
{
	return connections_waiting(multi_writer_from_base(base)->connections);
}
