#include "store/postgres/tx.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "store/postgres/diagnosis.h"
#include "store/postgres/pipeline.h"
#include "store/postgres/pooler.h"

static const struct sql_ops pg_driver_ops;

#define COUNT_TABLE(name)                                                                                      \
	"SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = current_schema() AND tablename = '" name \
	"'"
static const struct dialect postgres_dialect = {
	.text = "TEXT COLLATE \"C\"",
	.bytes = "BYTEA",
	.integer = "BIGINT",
	.strict = "",
	.now = POSTGRES_NOW,
	.empty = "''",
	.join = "string_agg",
	.random = "substr(replace(gen_random_uuid()::text, '-', ''), 1, 16)",
	.count_tables = "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = current_schema()",
	.count_migrations = COUNT_TABLE("schema_migrations"),
	.count_old_migrations = COUNT_TABLE("schema_steps"),
	.count_marks = COUNT_TABLE(COPY_MARK),
	.migration_lock = "SELECT 1 FROM (SELECT pg_advisory_xact_lock(7741125)) AS held",
};

/* SQL expression of the server epoch, a number that changes whenever the server may use transaction numbers a
 * second time (see struct tx_id in store/sql/driver.h). It is a hash of two values. PostgreSQL resets its
 * statistics at every start after a crash, which changes stats_reset (PostgreSQL manual, "The Cumulative
 * Statistics System"). A standby that is promoted begins a new timeline, which is the first 8 characters of a
 * WAL file's name. */
#define SERVER_EPOCH                                                                                         \
	"hashtextextended(concat(extract(epoch FROM stats_reset), CASE WHEN NOT pg_is_in_recovery()"         \
	" THEN left(pg_walfile_name(pg_current_wal_lsn()), 8) END), 0)"

static struct pg_tx *pg_tx_from_base(struct sql *sql)
{
	assert(sql->ops == &pg_driver_ops);
	return container_of(sql, struct pg_tx, base);
}

/* Checks the result of a statement that runs outside of the pipeline. Diagnoses a failure and stores it in
 * the transaction. */
static enum err check_script(struct pg_tx *tx, enum err e, const struct postgres_failure *failure)
{
	enum tx_outcome outcome;

	if (e != ERR_STORAGE)
		return e;
	e = postgres_diagnose(failure, false, &outcome);
	return pg_tx_fail(tx, e, outcome);
}

static enum err pg_driver_script(struct sql *sql, const char *text)
{
	struct postgres_failure failure;

	return check_script(pg_tx_from_base(sql),
		postgres_script(pg_tx_from_base(sql)->connection, text, &failure), &failure);
}

static enum err pg_driver_query_number(struct sql *sql, const char *text, int64_t *number)
{
	struct postgres_failure failure;

	return check_script(pg_tx_from_base(sql),
		postgres_query_number(pg_tx_from_base(sql)->connection, text, number, &failure), &failure);
}

static enum err pg_driver_prepare(struct sql *sql, const struct statements *all, bool writing)
{
	struct pg_tx *const tx = pg_tx_from_base(sql);

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
	postgres_send_text(tx->connection, "SELECT " SERVER_EPOCH " FROM pg_catalog.pg_stat_wal");
	postgres_keep_number(tx->connection);
	TRY(pg_tx_finish_round_trip(tx));
	postgres_keep_server_epoch(tx->connection);
	return OK;
}

/* Begins a transaction. If the connection has prepared statements, BEGIN is sent later, together with the
 * first statement (pg_tx_ensure_begun). */
static enum err pg_driver_begin(struct sql *sql, bool writing)
{
	struct pg_tx *const tx = pg_tx_from_base(sql);

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
	return pg_driver_script(sql, pg_controls[writing ? CONTROL_BEGIN_WRITE : CONTROL_BEGIN_READ].text);
}

static enum err pg_driver_run(struct sql *sql, const struct sql_call *call, size_t *rows)
{
	return pg_tx_run_call(pg_tx_from_base(sql), call, rows);
}

static enum err pg_driver_prefetch(struct sql *sql, enum load_plan_kind plan, const void *probe)
{
	struct pg_tx *const tx = pg_tx_from_base(sql);

	if (tx->failed != OK || tx->ahead == NULL || tx->prefetch == NULL)
		return tx->failed;
	return tx->ahead->ops->prefetch(tx, plan, probe);
}

static enum err pg_driver_insert_new_user(struct sql *sql, const void *const rows[NEW_USER_ROWS])
{
	return pg_tx_insert_new_user(pg_tx_from_base(sql), rows);
}

static enum err pg_driver_clock(struct sql *sql, moment *now)
{
	return pg_tx_clock(pg_tx_from_base(sql), now);
}

static enum err pg_driver_size(struct sql *sql, int64_t *bytes)
{
	return pg_tx_size(pg_tx_from_base(sql), bytes);
}

static void reset_retry_state(struct pg_tx *tx)
{
	pg_tx_clear_prefetch(tx);
	tx->open = tx->lock_all_reads = tx->check_each_write = tx->no_autocommit = false;
}

/* Ends the transaction. If it changed nothing, the result of its end is not waited for. A writing transaction
 * without changes is rolled back, which releases its locks without a flush to the disk. */
static enum err pg_driver_commit(struct sql *sql)
{
	struct pg_tx *const tx = pg_tx_from_base(sql);
	struct postgres_result result;
	struct postgres_failure failure;

	if (tx->all == NULL)
		return pg_driver_script(sql, pg_controls[CONTROL_COMMIT].text);
	if (tx->failed != OK)
		return tx->failed;
	if (tx->open && !tx->changes) {
		pg_tx_control(tx, tx->writing ? CONTROL_ROLLBACK : CONTROL_COMMIT);
		postgres_flush(tx->connection);
	} else if (tx->open) {
		pg_tx_control(tx, CONTROL_COMMIT);
		TRY(pg_tx_round_trip(tx, true, &result, &failure));
		if (!result.committed)
			return pg_tx_fail(tx, ERR_STORAGE, TX_FAILED);
	}
	reset_retry_state(tx);
	return OK;
}

/* Rolls back. After a failed statement the server skips everything up to the next sync. Therefore the first
 * flush sends a sync; the server then executes the ROLLBACK. */
static void pg_driver_rollback(struct sql *sql)
{
	struct pg_tx *const tx = pg_tx_from_base(sql);
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
		reset_retry_state(tx);
}

/* Returns what a failure means. If the work failed although no statement has failed so far, the cause may be
 * that a row which it added existed already. Only unread results would show that, so they are received
 * first. */
static enum tx_outcome pg_driver_outcome(struct sql *sql, struct tx_id *id)
{
	struct pg_tx *const tx = pg_tx_from_base(sql);

	if (tx->failed == OK && tx->has_unread_results)
		(void)!pg_tx_finish_round_trip(tx);
	*id = (struct tx_id){ postgres_kept_number(tx->connection), postgres_server_epoch(tx->connection) };
	return tx->outcome;
}

/* Query that returns an enum commit_state, or -1 if the server does not know the transaction number any more.
 * It returns COMMIT_DONE only if the server epoch is the same as when the number was assigned. */
#define COMMIT_STATE_QUERY                                                                                   \
	"SELECT CAST(CASE pg_xact_status('%" PRId64 "'::xid8) WHEN 'aborted' THEN %d"                        \
	" WHEN 'in progress' THEN %d WHEN 'committed' THEN CASE WHEN " SERVER_EPOCH " = '%" PRId64           \
	"' THEN %d"                                                                                          \
	" ELSE %d END ELSE -1 END AS BIGINT) FROM pg_catalog.pg_stat_wal"
/* SQLSTATE of pg_xact_status for a number that was not assigned yet. The server has then lost the transaction
 * and its number in a crash. */
#define SQLSTATE_FUTURE_TXID "22023"

static enum err pg_driver_commit_state(struct sql *sql, struct tx_id id, enum commit_state *state)
{
	struct pg_tx *const tx = pg_tx_from_base(sql);
	struct postgres_result result;
	struct postgres_failure failure;
	char text[512];
	enum tx_outcome outcome;
	int64_t found;
	enum err e;

	(void)snprintf(text, sizeof(text), COMMIT_STATE_QUERY, id.txid, COMMIT_ROLLED_BACK,
		COMMIT_IN_PROGRESS, id.server_epoch, COMMIT_DONE, COMMIT_UNKNOWN);
	tx->failed = OK;
	postgres_send_text(tx->connection, text);
	postgres_keep_number(tx->connection);
	e = postgres_round_trip(tx->connection, &result, &failure);
	if (e != OK && strcmp(failure.sqlstate, SQLSTATE_FUTURE_TXID) != 0) {
		e = postgres_diagnose(&failure, false, &outcome);
		return pg_tx_fail(tx, e, outcome);
	}
	found = failure.sqlstate[0] != '\0' ? COMMIT_ROLLED_BACK : postgres_kept_number(tx->connection);
	if (found < 0)
		return ERR_NOT_FOUND;
	*state = (enum commit_state)found;
	return OK;
}

static void pg_driver_close(struct sql *sql)
{
	struct pg_tx *const tx = pg_tx_from_base(sql);

	if (tx->ahead != NULL && tx->prefetch != NULL)
		tx->ahead->ops->detach(tx);
	read_set_finish(&tx->read_set);
	if (tx->connection != NULL && tx->all != NULL && tx->outcome == TX_BAD_CONNECTION)
		postgres_end_server_process(tx->connection);
	if (tx->connection != NULL)
		postgres_disconnect(tx->connection);
	free(tx);
}

static enum err pg_driver_clone(struct sql *sql, struct sql **out)
{
	const struct pg_tx *const original = pg_tx_from_base(sql);
	struct arena arena;
	struct str why;
	struct sql *clone;
	enum err e;

	arena_init(&arena, 0);
	e = pg_tx_open(original->url, PG_TX, &arena, &clone, &why);
	arena_finish(&arena);
	TRY(e);
	pg_tx_from_base(clone)->ahead = original->ahead;
	e = pg_driver_prepare(clone, original->all, true);
	if (e != OK) {
		pg_driver_close(clone);
		return e;
	}
	*out = clone;
	return OK;
}

static const struct sql_ops pg_driver_ops = {
	.script = pg_driver_script,
	.query_number = pg_driver_query_number,
	.prepare = pg_driver_prepare,
	.clone = pg_driver_clone,
	.begin = pg_driver_begin,
	.commit = pg_driver_commit,
	.rollback = pg_driver_rollback,
	.run = pg_driver_run,
	.clock = pg_driver_clock,
	.size = pg_driver_size,
	.prefetch = pg_driver_prefetch,
	.insert_new_user = pg_driver_insert_new_user,
	.outcome = pg_driver_outcome,
	.commit_state = pg_driver_commit_state,
	.close = pg_driver_close,
};

/* Settings of a new connection. synchronous_commit: COMMIT returns only when the transaction is on the disk,
 * even if the server's default is off. default_transaction_isolation: a single statement without BEGIN also
 * reads one snapshot. plan_cache_mode, enable_* and jit: every query has an index, and its plan must not
 * depend on how large the tables were when it was planned. Timeouts: no statement waits forever, and a
 * transaction whose client does not respond loses its locks. */
static const char *const session_settings[] = {
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

/* Applies the settings of a new connection. This is its first statement, so a pooler may block it or close
 * the connection instead. */
static enum err set_up_session(struct pg_tx *tx, enum pg_tx_kind kind, struct arena *arena, struct str *why)
{
	struct postgres_failure failure;

	if (postgres_script(tx->connection, session_settings[kind], &failure) == OK) {
		if (kind == PG_TX)
			return OK;
		TRY(pooler_check(tx->connection, tx->url, arena, why));
		postgres_set_script_limit(tx->connection, POSTGRES_NO_LIMIT);
		return OK;
	}
	if (failure.timed_out)
		*why = STR(
			"the server does not respond; if PgBouncer is in between, it has no free connection: "
			"raise its pool size");
	else
		*why = postgres_last_message(tx->connection, arena);
	return failure.lost ? ERR_BUSY : ERR_STORAGE;
}

enum err pg_tx_open(
	const char *url, enum pg_tx_kind kind, struct arena *arena, struct sql **out, struct str *why)
{
	struct pg_tx *const tx = calloc(1, sizeof(*tx));
	enum err e;

	*why = STR("out of memory");
	if (tx == NULL)
		return ERR_INTERNAL;
	tx->base = (struct sql){ .ops = &pg_driver_ops, .dialect = &postgres_dialect };
	tx->url = url;
	e = postgres_connect(url, arena, &tx->connection, why);
	if (e == OK)
		e = set_up_session(tx, kind, arena, why);
	if (e != OK) {
		pg_driver_close(&tx->base);
		return e;
	}
	*out = &tx->base;
	return OK;
}

void pg_tx_set_read_ahead(struct sql *sql, struct read_ahead *ahead)
{
	pg_tx_from_base(sql)->ahead = ahead;
}
