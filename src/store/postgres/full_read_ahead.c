#include "store/postgres/read_ahead.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/attr.h"
#include "store/postgres/batch.h"
#include "store/postgres/diagnosis.h"
#include "store/postgres/load_plan_sql.h"
#include "store/postgres/pipeline.h"
#include "store/postgres/prefetch.h"

/* The implementation of read_ahead.h. */
struct full_read_ahead {
	struct read_ahead base;
	struct load_plan_sql *sql;
	struct batch *batch;
};

static struct full_read_ahead *full_from_base(struct read_ahead *ahead)
{
	return container_of(ahead, struct full_read_ahead, base);
}

/* Returns the statement number of a step of a plan. These numbers follow those of the statements of
 * store/sql. */
static size_t plan_step_number(enum load_plan_kind plan, size_t step)
{
	return STATEMENT_COUNT + (size_t)plan * LOAD_PLAN_STEPS + step;
}

/* Writes the name under which the joined statement of a plan is prepared. */
static void joined_plan_name(enum load_plan_kind plan, char out[STATEMENT_NAME_SIZE])
{
	(void)snprintf(out, STATEMENT_NAME_SIZE, "j%d", (int)plan);
}

static void read_ahead_clear(struct pg_tx *tx)
{
	prefetch_clear(tx->prefetch);
}

static enum err prepare_plan(struct pg_tx *tx, const struct load_plan_sql *sql, enum load_plan_kind plan)
{
	char name[STATEMENT_NAME_SIZE];

	for (size_t i = 0; i < load_plans[plan].n; i++)
		TRY(pg_tx_prepare_statement(
			tx, plan_step_number(plan, i), &sql->steps[plan][i].statement, true));
	joined_plan_name(plan, name);
	if (load_plans[plan].single_statement)
		postgres_prepare(tx->connection, name, sql->joined[plan].statement.text);
	return OK;
}

static enum err read_ahead_attach(struct pg_tx *tx)
{
	const struct load_plan_sql *const sql = full_from_base(tx->ahead)->sql;

	tx->prefetch = calloc(1, sizeof(*tx->prefetch));
	if (tx->prefetch == NULL)
		return ERR_INTERNAL;
	for (int plan = 0; plan < LOAD_PLAN_COUNT; plan++)
		TRY(prepare_plan(tx, sql, (enum load_plan_kind)plan));
	return OK;
}

static void read_ahead_detach(struct pg_tx *tx)
{
	read_ahead_clear(tx);
	free(tx->prefetch);
	tx->prefetch = NULL;
}

/* Runs the steps of a plan as separate statements in one round trip, inside the transaction. */
static enum err run_plan_steps(struct pg_tx *tx, enum load_plan_kind plan, const void *probe)
{
	const struct load_plan_sql *const sql = full_from_base(tx->ahead)->sql;
	struct postgres_result result;
	struct postgres_failure failure;

	pg_tx_ensure_begun(tx);
	for (size_t i = 0; i < load_plans[plan].n; i++) {
		const struct statement *const step = &sql->steps[plan][i].statement;
		const struct sql_call call = { .statement = plan_step_number(plan, i), .parameters = probe };

		pg_tx_send(tx, pg_tx_is_locking(tx, step) ? VARIANT_LOCKING : VARIANT_PLAIN, step, &call);
	}
	postgres_keep_results(tx->connection, load_plans[plan].n);
	TRY(pg_tx_round_trip(tx, false, &result, &failure));
	prefetch_begin(
		tx->prefetch, sql, plan, probe, &(struct prefetch_results){ .connection = tx->connection });
	return OK;
}

/* Runs the whole plan as one statement. A single statement reads one consistent snapshot, so it needs no
 * BEGIN and COMMIT. */
static enum err run_joined_plan(struct pg_tx *tx, enum load_plan_kind plan, const void *probe)
{
	const struct full_read_ahead *const ahead = full_from_base(tx->ahead);
	char name[STATEMENT_NAME_SIZE];
	const struct batch_query query = { name, &ahead->sql->joined[plan].statement, probe };
	struct postgres_failure failure;
	struct batch_result result;
	enum tx_outcome outcome = TX_FAILED;
	enum err e;

	joined_plan_name(plan, name);
	e = batch_run(ahead->batch, &tx->connection, &query, &result, &failure);
	if (e == ERR_STORAGE)
		e = postgres_diagnose(&failure, false, &outcome);
	if (e != OK)
		return pg_tx_fail(tx, e, outcome);
	prefetch_begin(tx->prefetch, ahead->sql, plan, probe,
		&(struct prefetch_results){ .shared = result.shared, .joined = result.rows });
	tx->finished = true;
	return OK;
}

static enum err read_ahead_prefetch(struct pg_tx *tx, enum load_plan_kind plan, const void *probe)
{
	if (tx->finished)
		return pg_tx_retry_in_transaction(tx);
	read_ahead_clear(tx);
	if (load_plans[plan].single_statement && !tx->writing && !tx->open && !tx->no_autocommit)
		return run_joined_plan(tx, plan, probe);
	return run_plan_steps(tx, plan, probe);
}

static bool read_ahead_take(struct pg_tx *tx, const struct statement *what, const struct sql_call *call,
	struct postgres_result *result, size_t *first)
{
	return prefetch_take(tx->prefetch, what, call, result, first);
}

static void read_ahead_invalidate(struct pg_tx *tx, enum record_kind of)
{
	prefetch_invalidate(tx->prefetch, of);
}

static void full_close(struct read_ahead *base)
{
	struct full_read_ahead *const ahead = full_from_base(base);

	batch_close(ahead->batch);
	load_plan_sql_close(ahead->sql);
	free(ahead);
}

static const struct read_ahead_ops full_ops = {
	.attach = read_ahead_attach,
	.detach = read_ahead_detach,
	.prefetch = read_ahead_prefetch,
	.take = read_ahead_take,
	.invalidate = read_ahead_invalidate,
	.clear = read_ahead_clear,
	.close = full_close,
};

enum err read_ahead_open(const struct statements *statements, struct read_ahead **out)
{
	struct full_read_ahead *const ahead = calloc(1, sizeof(*ahead));

	if (ahead == NULL)
		return ERR_INTERNAL;
	ahead->base.ops = &full_ops;
	if (load_plan_sql_open(statements, &ahead->sql) != OK ||
		batch_open(BATCH_TIMEOUT, &ahead->batch) != OK) {
		full_close(&ahead->base);
		return ERR_INTERNAL;
	}
	*out = &ahead->base;
	return OK;
}
