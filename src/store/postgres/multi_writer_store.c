#include "store/postgres/multi_writer_store.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>

#include "base/attr.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/pool.h"
#include "store/sql/tx.h"

struct multi_writer_store {
	struct store base;
	struct multi_writer_conf conf;
	struct pool *pool;
	struct lock lock;
	/* Under the lock: */
	void (*ring)(void *arg);
	void *ring_arg;
	int64_t last_end;
	enum err last;
	bool any;
	int64_t not_before, pause; /* when the database is looked for again; pause 0: it is there */
	int64_t losses;		   /* of connections that were in use */
};

/* One call. */
struct job {
	enum tx_kind kind;
	struct arena *arena;
	tx_work *work;
	void *arg;
	bool effects;
};

static const struct store_ops lanes_ops;

static struct multi_writer_store *mine(struct store *store)
{
	assert(store->ops == &lanes_ops);
	return container_of(store, struct multi_writer_store, base);
}

static bool may_look(struct multi_writer_store *l)
{
	bool may;

	lock_acquire(&l->lock);
	may = l->pause == 0 || l->conf.micros() >= l->not_before;
	/* Who looks looks for all. */
	if (may && l->pause > 0)
		l->not_before = l->conf.micros() + l->pause;
	lock_release(&l->lock);
	return may;
}

static void note_look(struct multi_writer_store *l, bool there)
{
	bool news;

	lock_acquire(&l->lock);
	news = there == (l->pause > 0);
	if (there)
		l->pause = 0;
	else
		l->pause = l->pause == 0			? RECONNECT_DELAY_MIN
			   : 2 * l->pause < RECONNECT_DELAY_MAX ? 2 * l->pause
								: RECONNECT_DELAY_MAX;
	l->not_before = l->conf.micros() + l->pause;
	lock_release(&l->lock);
	if (news && there)
		log_event(LOG_INFO, "database_available");
	else if (news)
		log_event(LOG_ERROR, "database_unavailable",
			LOG_TEXT("effect",
				"calls answer 503 until it is back; it is looked for all the time"));
}

static void close_one(void *item)
{
	struct sql *const sql = item;

	sql->ops->close(sql);
}

static enum err open_one(void *arg, void **out)
{
	struct multi_writer_store *const l = arg;
	struct sql *sql;
	enum err e;

	if (!may_look(l))
		return ERR_BUSY;
	e = l->conf.open(l->conf.arg, &sql);
	note_look(l, e == OK);
	if (e != OK)
		return ERR_BUSY;
	*out = sql;
	return OK;
}

static enum err run_once(struct multi_writer_store *l, struct sql *sql, struct job *job)
{
	const int64_t start = l->conf.micros();
	struct sql_tx tx;
	int64_t done;
	enum err e;

	TRY(sql->ops->begin(sql, job->kind != TX_READ));
	sql_tx_init(&tx, sql, job->arena, job->kind != TX_READ);
	e = job->work(&tx.base, job->arg);
	done = l->conf.micros();
	/* Who only reads holds nobody up, nor does who has waited for the disk already. */
	if (job->kind != TX_READ && !tx.base.committed && done - start > MULTI_WRITER_SLOW)
		log_event(LOG_WARN, "slow_job", LOG_NUMBER("ms", (done - start) / 1000));
	job->effects = tx.base.has_effects;
	if (e != OK)
		return e;
	TRY(sql->ops->commit(sql));
	if (job->kind != TX_READ)
		metric_observe(METRIC_COMMIT_DURATION, l->conf.micros() - (tx.base.committed ? start : done));
	return OK;
}

static enum err acquire(struct multi_writer_store *l, struct sql **out)
{
	duration left = MULTI_WRITER_WAIT;
	void *item;

	TRY(pool_acquire(l->pool, &left, &item));
	*out = item;
	return OK;
}

/* Those who were in each other's way come back at different times. */
static void pause_before(const struct sql *sql, int tries)
{
	const int longest = tries < 6 ? 1 << tries : 1 << 6;

	(void)poll(NULL, 0, (int)((uintptr_t)sql / 64 % (unsigned)longest) + tries);
}

/* The database alone knows. ERR_BUSY: it does not say, or cannot be asked. */
static enum err ask_ending(struct multi_writer_store *l, struct tx_id number, enum commit_state *state)
{
	struct sql *sql;
	enum err e;

	TRY(acquire(l, &sql));
	e = sql->ops->commit_state(sql, number, state);
	if (e == OK)
		pool_release(l->pool, sql);
	else
		pool_discard(l->pool, sql, true);
	return e;
}

/* OK: it stands; ERR_STORAGE: it was undone, and may run again; ERR_BUSY: nobody knows. */
static enum err learn_ending(struct multi_writer_store *l, struct tx_id number)
{
	static const enum err means[] = { [COMMIT_ROLLED_BACK] = ERR_STORAGE, [COMMIT_UNKNOWN] = ERR_BUSY };
	const int64_t until = l->conf.micros() + COMMIT_STATE_TIMEOUT.ms * 1000;
	enum commit_state state = COMMIT_IN_PROGRESS;

	if (number.txid == 0)
		return ERR_BUSY;
	while (l->conf.micros() < until) {
		const enum err e = ask_ending(l, number, &state);

		if (e == OK && state != COMMIT_IN_PROGRESS)
			return means[state];
		(void)poll(NULL, 0, 50);
	}
	return ERR_BUSY;
}

/* Callers notice nothing of most, but an operator may want to know who ends them. The first, the second, the
 * fourth … */
static void note_loss(struct multi_writer_store *l)
{
	int64_t n;

	lock_acquire(&l->lock);
	n = ++l->losses;
	lock_release(&l->lock);
	if ((n & (n - 1)) == 0)
		log_event(LOG_WARN, "connection_lost", LOG_NUMBER("times", n));
}

enum next { ENDED, AGAIN };

/* What its failure means for the connection, and for the job. */
static enum next after_failure(struct multi_writer_store *l, struct sql **lent, enum err *e)
{
	struct sql *const sql = *lent;
	struct tx_id number;
	const enum tx_outcome outcome = sql->ops->outcome(sql, &number);

	sql->ops->rollback(sql);
	if (outcome == TX_FAILED)
		return ENDED;
	*e = ERR_BUSY;
	if (outcome == TX_RETRY)
		return AGAIN;
	/* The others have lost theirs too, most likely. */
	*lent = NULL;
	pool_discard(l->pool, sql, true);
	note_loss(l);
	if (outcome == TX_LOST)
		return AGAIN;
	*e = learn_ending(l, number);
	log_event(LOG_WARN, "commit_outcome_unknown",
		LOG_WORD("effect", *e == OK	       ? "stands"
				   : *e == ERR_STORAGE ? "undone"
						       : "unknown"));
	if (*e != ERR_STORAGE)
		return ENDED;
	*e = ERR_BUSY;
	return AGAIN;
}

static enum err run_job(struct multi_writer_store *l, struct job *job)
{
	const struct arena_mark before = arena_mark(job->arena);
	const int64_t until = l->conf.micros() + MULTI_WRITER_RETRY_LIMIT.ms * 1000;
	struct sql *sql = NULL;
	enum err e = ERR_BUSY;

	for (int tries = 0; tries < MULTI_WRITER_TRIES && (tries == 0 || l->conf.micros() < until); tries++) {
		if (sql == NULL)
			TRY(acquire(l, &sql));
		/* Not before: what the last run said of its failure lies there, and may be the answer. */
		arena_rewind(job->arena, before);
		e = run_once(l, sql, job);
		if (e == OK || after_failure(l, &sql, &e) == ENDED)
			break;
		pause_before(sql, tries);
	}
	if (sql != NULL)
		pool_release(l->pool, sql);
	return e;
}

static void note_end(struct multi_writer_store *l, enum err e)
{
	if (e != OK && e != ERR_BUSY && e != ERR_STORAGE)
		return;
	lock_acquire(&l->lock);
	l->last_end = l->conf.micros();
	l->last = e;
	l->any = true;
	lock_release(&l->lock);
}

static void ring_bell(struct multi_writer_store *l)
{
	void (*ring)(void *arg);
	void *arg;

	lock_acquire(&l->lock);
	ring = l->ring;
	arg = l->ring_arg;
	lock_release(&l->lock);
	if (ring != NULL)
		ring(arg);
}

static enum err lanes_transact(
	struct store *store, enum tx_kind kind, struct arena *arena, tx_work *work, void *arg)
{
	struct multi_writer_store *const l = mine(store);
	struct job job = { kind, arena, work, arg, false };
	enum err e;

	/* Who read together with others before stands aside since (store/postgres/batch). */
	if (kind != TX_READ)
		thread_set_batch_priority(false);
	e = run_job(l, &job);
	metric_set(METRIC_QUEUE_DEPTH, (int64_t)pool_waiting(l->pool));
	if (kind != TX_READ)
		note_end(l, e);
	if (kind != TX_READ && e == OK && job.effects)
		ring_bell(l);
	return e;
}

static void lanes_on_effects(struct store *store, void (*ring)(void *arg), void *arg)
{
	struct multi_writer_store *const l = mine(store);

	lock_acquire(&l->lock);
	l->ring = ring;
	l->ring_arg = arg;
	lock_release(&l->lock);
}

static enum err probe(struct tx *tx, void *arg)
{
	struct sql_tx *const own = container_of(tx, struct sql_tx, base);
	size_t n = 0;

	(void)arg;
	TRY(own->sql->ops->run(own->sql, &(struct sql_call){ .which = STATEMENT_PROBE }, &n));
	return n == 1 ? OK : ERR_STORAGE;
}

static enum err lanes_ready(struct store *store)
{
	struct multi_writer_store *const l = mine(store);
	struct arena arena;
	enum err e;
	bool fresh;

	lock_acquire(&l->lock);
	e = l->last;
	fresh = l->any && l->conf.micros() - l->last_end < MULTI_WRITER_FRESH;
	lock_release(&l->lock);
	if (fresh)
		return e;
	arena_init(&arena, 0);
	return lanes_transact(store, TX_WRITE, &arena, probe, NULL);
}

static void lanes_close(struct store *store)
{
	struct multi_writer_store *const l = mine(store);

	pool_close(l->pool);
	if (l->conf.finish != NULL)
		l->conf.finish(l->conf.arg);
	statements_close(l->conf.statements);
	lock_finish(&l->lock);
	free(l);
}

static const struct store_ops lanes_ops = {
	.transact = lanes_transact,
	.on_commit = lanes_on_effects,
	.ready = lanes_ready,
	.close = lanes_close,
};

static enum err start(struct multi_writer_store *l)
{
	const struct pool_conf conf = { .open = open_one,
		.close = close_one,
		.arg = l,
		.max = l->conf.connections > 0 ? l->conf.connections : PG_CONNECTIONS,
		.max_waiting = l->conf.queue > 0 ? l->conf.queue : MULTI_WRITER_QUEUE };

	TRY(pool_open(&conf, &l->pool));
	return pool_grow(l->pool);
}

enum err multi_writer_store_open(const struct multi_writer_conf *conf, struct store **out)
{
	struct multi_writer_store *const l = calloc(1, sizeof(*l));
	enum err e;

	if (l == NULL) {
		if (conf->finish != NULL)
			conf->finish(conf->arg);
		statements_close(conf->statements);
		return ERR_INTERNAL;
	}
	l->base = (struct store){ .ops = &lanes_ops, .shared = true };
	l->conf = *conf;
	lock_init(&l->lock);
	e = start(l);
	if (e != OK) {
		lanes_close(&l->base);
		return e;
	}
	*out = &l->base;
	return OK;
}

size_t multi_writer_store_waiting(struct store *store)
{
	return pool_waiting(mine(store)->pool);
}
