#include "store/postgres/tx.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "store/postgres/diagnosis.h"
#include "store/postgres/pipeline.h"

static const struct sql_ops lane_ops;

#define COUNT_TABLE(name)                                                                                      \
	"SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = current_schema() AND tablename = '" name \
	"'"
static const struct dialect postgres_dialect = {
	.text = "TEXT COLLATE \"C\"",
	.bytes = "BYTEA",
	.integer = "BIGINT",
	.strict = "",
	.now = POSTGRES_NOW,
	.count_tables = "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = current_schema()",
	.count_migrations = COUNT_TABLE("schema_migrations"),
	.count_old_migrations = COUNT_TABLE("schema_steps"),
	.count_marks = COUNT_TABLE(COPY_MARK),
	.alone = "SELECT 1 FROM (SELECT pg_advisory_xact_lock(7741125)) AS held",
};

/* Statistics begin anew with every start after a crash, as PostgreSQL's manual says of them, and the first
 * letters of the log's name with every server that takes the place of another. */
#define LIFE                                                                                                 \
	"hashtextextended(concat(extract(epoch FROM stats_reset), CASE WHEN NOT pg_is_in_recovery()"         \
	" THEN left(pg_walfile_name(pg_current_wal_lsn()), 8) END), 0)"

static struct pg_tx *mine(struct sql *sql)
{
	assert(sql->ops == &lane_ops);
	return container_of(sql, struct pg_tx, base);
}

/* Of an errand, outside of rounds. */
static enum err judge(struct pg_tx *tx, enum err e, const struct postgres_failure *failure)
{
	enum tx_outcome outcome;

	if (e != ERR_STORAGE)
		return e;
	e = postgres_diagnose(failure, false, &outcome);
	return pg_tx_fail(tx, e, outcome);
}

static enum err pg_tx_script(struct sql *sql, const char *text)
{
	struct postgres_failure failure;

	return judge(mine(sql), postgres_script(mine(sql)->connection, text, &failure), &failure);
}

static enum err pg_tx_ask(struct sql *sql, const char *text, int64_t *number)
{
	struct postgres_failure failure;

	return judge(mine(sql), postgres_ask(mine(sql)->connection, text, number, &failure), &failure);
}

static enum err pg_tx_prepare(struct sql *sql, const struct statements *all, bool writing)
{
	struct pg_tx *const tx = mine(sql);

	assert(tx->all == NULL);
	tx->all = all;
	tx->failed = OK;
	for (size_t i = 0; i < CONTROL_COUNT; i++)
		postgres_prepare(tx->connection, pg_controls[i].name, pg_controls[i].text);
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		TRY(pg_tx_prepare_statement(tx, i, &all->list[i], writing));
	if (tx->ahead != NULL)
		TRY(tx->ahead->ops->attach(tx));
	if (writing)
		postgres_prepare(tx->connection, INSERT_NEW_USER_NAME, all->insert_new_user);
	postgres_send_text(tx->connection, "SELECT " LIFE " FROM pg_catalog.pg_stat_wal");
	postgres_keep_txid(tx->connection);
	TRY(pg_tx_finish_round(tx));
	postgres_keep_server_epoch(tx->connection);
	return OK;
}

/* Nothing travels yet, unless it is an errand. */
static enum err pg_tx_begin(struct sql *sql, bool writing)
{
	struct pg_tx *const tx = mine(sql);

	tx->failed = OK;
	tx->outcome = TX_FAILED;
	tx->open = false;
	tx->writing = writing;
	tx->has_unread_results = tx->changes = tx->finished = false;
	pg_tx_clear_prefetch(tx);
	read_set_clear(&tx->read_set);
	if (tx->all != NULL)
		return OK;
	tx->open = true;
	return pg_tx_script(sql, pg_controls[writing ? CONTROL_BEGIN_WRITE : CONTROL_BEGIN_READ].text);
}

static enum err pg_tx_run(struct sql *sql, const struct sql_call *call, size_t *rows)
{
	return pg_tx_step(mine(sql), call, rows);
}

static enum err pg_tx_prefetch(struct sql *sql, enum load_plan_kind plan, const void *probe)
{
	struct pg_tx *const tx = mine(sql);

	if (tx->failed != OK || tx->ahead == NULL || tx->prefetch == NULL)
		return tx->failed;
	return tx->ahead->ops->prefetch(tx, plan, probe);
}

static enum err pg_tx_take_in(struct sql *sql, const void *const rows[NEW_USER_ROWS])
{
	return pg_tx_insert_new_user(mine(sql), rows);
}

static enum err pg_tx_now(struct sql *sql, moment *now)
{
	return pg_tx_clock(mine(sql), now);
}

static void forget_run(struct pg_tx *tx)
{
	pg_tx_clear_prefetch(tx);
	tx->open = tx->lock_all_reads = tx->check_each_write = tx->no_autocommit = false;
}

/* What changed nothing is over for us when it is sent; and a ROLLBACK takes its locks away without a flush of
 * the disk. */
static enum err pg_tx_commit(struct sql *sql)
{
	struct pg_tx *const tx = mine(sql);
	struct postgres_answer answer;
	struct postgres_failure failure;

	if (tx->all == NULL)
		return pg_tx_script(sql, pg_controls[CONTROL_COMMIT].text);
	if (tx->failed != OK)
		return tx->failed;
	if (tx->open && !tx->changes) {
		pg_tx_control(tx, tx->writing ? CONTROL_ROLLBACK : CONTROL_COMMIT);
		postgres_flush(tx->connection);
	} else if (tx->open) {
		pg_tx_control(tx, CONTROL_COMMIT);
		TRY(pg_tx_round_trip(tx, true, &answer, &failure));
		if (!answer.committed)
			return pg_tx_fail(tx, ERR_STORAGE, TX_FAILED);
	}
	forget_run(tx);
	return OK;
}

/* The round that failed is over; a statement behind a failed one would not be heard. */
static void pg_tx_rollback(struct sql *sql)
{
	struct pg_tx *const tx = mine(sql);
	struct postgres_failure failure;

	if (tx->open && tx->all == NULL) {
		(void)!postgres_script(tx->connection, pg_controls[CONTROL_ROLLBACK].text, &failure);
	} else if (tx->open && tx->outcome != TX_LOST && tx->outcome != TX_UNKNOWN) {
		postgres_flush(tx->connection);
		pg_tx_control(tx, CONTROL_ROLLBACK);
		postgres_flush(tx->connection);
	}
	tx->open = false;
	if (tx->outcome != TX_RETRY)
		forget_run(tx);
}

/* The work itself failed: perhaps because it took a row for added that was there. */
static enum tx_outcome pg_tx_fate(struct sql *sql, struct tx_id *number)
{
	if (mine(sql)->failed == OK && mine(sql)->has_unread_results)
		(void)!pg_tx_finish_round(mine(sql));
	*number = (struct tx_id){ postgres_txid(mine(sql)->connection),
		postgres_server_epoch(mine(sql)->connection) };
	return mine(sql)->outcome;
}

#define ENDING_QUESTION                                                                                      \
	"SELECT CAST(CASE pg_xact_status('%" PRId64 "'::xid8) WHEN 'aborted' THEN %d"                        \
	" WHEN 'in progress' THEN %d WHEN 'committed' THEN CASE WHEN " LIFE " = '%" PRId64 "' THEN %d"       \
	" ELSE %d END ELSE -1 END AS BIGINT) FROM pg_catalog.pg_stat_wal"
/* SQLSTATE: a number that is still to come was lost with the life that gave it. */
#define TO_COME "22023"

static enum err pg_tx_ending_of(struct sql *sql, struct tx_id number, enum commit_state *state)
{
	struct pg_tx *const tx = mine(sql);
	struct postgres_answer answer;
	struct postgres_failure failure;
	char text[512];
	enum tx_outcome outcome;
	int64_t seen;
	enum err e;

	(void)snprintf(text, sizeof(text), ENDING_QUESTION, number.txid, COMMIT_ROLLED_BACK,
		COMMIT_IN_PROGRESS, number.server_epoch, COMMIT_DONE, COMMIT_UNKNOWN);
	tx->failed = OK;
	postgres_send_text(tx->connection, text);
	postgres_keep_txid(tx->connection);
	e = postgres_round(tx->connection, &answer, &failure);
	if (e != OK && strcmp(failure.sqlstate, TO_COME) != 0) {
		e = postgres_diagnose(&failure, false, &outcome);
		return pg_tx_fail(tx, e, outcome);
	}
	seen = failure.sqlstate[0] != '\0' ? COMMIT_ROLLED_BACK : postgres_txid(tx->connection);
	if (seen < 0)
		return ERR_NOT_FOUND;
	*state = (enum commit_state)seen;
	return OK;
}

static void pg_tx_close(struct sql *sql)
{
	struct pg_tx *const tx = mine(sql);

	if (tx->ahead != NULL && tx->prefetch != NULL)
		tx->ahead->ops->detach(tx);
	read_set_finish(&tx->read_set);
	if (tx->connection != NULL)
		postgres_disconnect(tx->connection);
	free(tx);
}

static enum err pg_tx_another(struct sql *sql, struct sql **out)
{
	const struct pg_tx *const like = mine(sql);
	struct arena arena;
	struct str why;
	struct sql *made;
	enum err e;

	arena_init(&arena, 0);
	e = pg_tx_open(like->url, PG_TX, &arena, &made, &why);
	arena_finish(&arena);
	TRY(e);
	mine(made)->ahead = like->ahead;
	e = pg_tx_prepare(made, like->all, true);
	if (e != OK) {
		pg_tx_close(made);
		return e;
	}
	*out = made;
	return OK;
}

static const struct sql_ops lane_ops = {
	.script = pg_tx_script,
	.query_number = pg_tx_ask,
	.prepare = pg_tx_prepare,
	.clone = pg_tx_another,
	.begin = pg_tx_begin,
	.commit = pg_tx_commit,
	.rollback = pg_tx_rollback,
	.run = pg_tx_run,
	.clock = pg_tx_now,
	.prefetch = pg_tx_prefetch,
	.insert_new_user = pg_tx_take_in,
	.outcome = pg_tx_fate,
	.commit_state = pg_tx_ending_of,
	.close = pg_tx_close,
};

/* A commit is on the disk when it is answered, whatever the server's own settings are. Who reads without a
 * BEGIN sees one moment all the same. Every question has its index: what a plan costs must not hang on when
 * it was made. Nothing waits for ever; a lane that hangs gives its locks back. */
static const char *const setups[] = {
	[PG_TX] = "SELECT set_config('synchronous_commit', 'on', false)"
		  " WHERE current_setting('synchronous_commit') = 'off';"
		  " SET default_transaction_isolation = 'repeatable read';"
		  " SET plan_cache_mode = force_generic_plan; SET jit = off;"
		  " SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_memoize = off;"
		  " SET statement_timeout = '8s'; SET lock_timeout = '5s';"
		  " SET idle_in_transaction_session_timeout = '20s'",
	[PG_TX_NO_TIMEOUT] = "SELECT set_config('synchronous_commit', 'on', false)"
			     " WHERE current_setting('synchronous_commit') = 'off';"
			     " SET statement_timeout = 0; SET lock_timeout = '30s'; SET jit = off",
};

enum err pg_tx_open(
	const char *url, enum pg_tx_kind kind, struct arena *arena, struct sql **out, struct str *why)
{
	struct pg_tx *const tx = calloc(1, sizeof(*tx));
	enum err e;

	*why = STR("no memory");
	if (tx == NULL)
		return ERR_INTERNAL;
	tx->base = (struct sql){ &lane_ops, &postgres_dialect };
	tx->url = url;
	e = postgres_connect(url, arena, &tx->connection, why);
	if (e == OK) {
		*why = STR("it refuses what a connection has to set");
		e = pg_tx_script(&tx->base, setups[kind]);
	}
	if (e != OK) {
		pg_tx_close(&tx->base);
		return e;
	}
	*out = &tx->base;
	return OK;
}

void pg_tx_set_read_ahead(struct sql *sql, struct read_ahead *ahead)
{
	mine(sql)->ahead = ahead;
}
