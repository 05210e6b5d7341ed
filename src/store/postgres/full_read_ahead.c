#include "store/postgres/read_ahead.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/attr.h"
#include "store/postgres/batch.h"
#include "store/postgres/diagnosis.h"
#include "store/postgres/load_plan_sql.h"
#include "store/postgres/pipeline.h"
#include "store/postgres/prefetch.h"

struct full_read_ahead {
	struct read_ahead base;
	struct load_plan_sql *sql;
	struct batch *batch;
};

static struct full_read_ahead *full_from_base(struct read_ahead *ahead)
{
	return container_of(ahead, struct full_read_ahead, base);
}

/* The steps of load plans are numbered after the statements. */
static size_t step_number(enum load_plan_kind plan, size_t step)
{
	return STATEMENT_COUNT + (size_t)plan * LOAD_PLAN_STEPS + step;
}

static void joined_name(enum load_plan_kind plan, char out[STATEMENT_NAME_SIZE])
{
	(void)snprintf(out, STATEMENT_NAME_SIZE, "j%d", (int)plan);
}

static void clear(struct pg_tx *tx)
{
	prefetch_clear(tx->prefetch);
}

static enum err prepare_plan(struct pg_tx *tx, const struct load_plan_sql *sql, enum load_plan_kind plan)
{
	char name[STATEMENT_NAME_SIZE];

	for (size_t i = 0; i < load_plans[plan].n; i++)
		TRY(pg_tx_prepare_statement(tx, step_number(plan, i), &sql->steps[plan][i].asked, true));
	joined_name(plan, name);
	if (load_plans[plan].single_statement)
		postgres_prepare(tx->connection, name, sql->joined[plan].asked.text);
	return OK;
}

static enum err attach(struct pg_tx *tx)
{
	const struct load_plan_sql *const sql = full_from_base(tx->ahead)->sql;

	tx->prefetch = calloc(1, sizeof(*tx->prefetch));
	if (tx->prefetch == NULL)
		return ERR_INTERNAL;
	for (int plan = 0; plan < LOAD_PLAN_COUNT; plan++)
		TRY(prepare_plan(tx, sql, (enum load_plan_kind)plan));
	return OK;
}

static void detach(struct pg_tx *tx)
{
	clear(tx);
	free(tx->prefetch);
	tx->prefetch = NULL;
}

static enum err run_steps(struct pg_tx *tx, enum load_plan_kind plan, const void *probe)
{
	const struct load_plan_sql *const sql = full_from_base(tx->ahead)->sql;
	struct postgres_answer answer;
	struct postgres_failure failure;

	pg_tx_open_late(tx);
	for (size_t i = 0; i < load_plans[plan].n; i++) {
		const struct statement *const step = &sql->steps[plan][i].asked;
		const struct sql_call call = { .which = step_number(plan, i), .from = probe };

		pg_tx_send(tx, pg_tx_is_locking(tx, step) ? VARIANT_LOCKING : VARIANT_PLAIN, step, &call);
	}
	postgres_keep(tx->connection, load_plans[plan].n);
	TRY(pg_tx_round_trip(tx, false, &answer, &failure));
	prefetch_begin(
		tx->prefetch, sql, plan, probe, &(struct prefetch_answers){ .connection = tx->connection });
	return OK;
}

/* The whole plan as one statement: it sees one snapshot, so it needs neither BEGIN nor COMMIT. */
static enum err run_joined(struct pg_tx *tx, enum load_plan_kind plan, const void *probe)
{
	const struct full_read_ahead *const ahead = full_from_base(tx->ahead);
	char name[STATEMENT_NAME_SIZE];
	const struct batch_query query = { name, &ahead->sql->joined[plan].asked, probe };
	struct postgres_failure failure;
	struct batch_answer answer;
	enum tx_outcome outcome = TX_FAILED;
	enum err e;

	joined_name(plan, name);
	e = batch_ask(ahead->batch, &tx->connection, &query, &answer, &failure);
	if (e == ERR_STORAGE)
		e = postgres_diagnose(&failure, false, &outcome);
	if (e != OK)
		return pg_tx_fail(tx, e, outcome);
	prefetch_begin(tx->prefetch, ahead->sql, plan, probe,
		&(struct prefetch_answers){ .shared = answer.shared, .joined = answer.rows });
	tx->finished = true;
	return OK;
}

static enum err prefetch(struct pg_tx *tx, enum load_plan_kind plan, const void *probe)
{
	if (tx->finished)
		return pg_tx_begin_again(tx);
	clear(tx);
	if (load_plans[plan].single_statement && !tx->writing && !tx->open && !tx->no_autocommit)
		return run_joined(tx, plan, probe);
	return run_steps(tx, plan, probe);
}

static bool take(struct pg_tx *tx, const struct statement *what, const struct sql_call *call,
	struct postgres_answer *answer, size_t *first)
{
	return prefetch_take(tx->prefetch, what, call, answer, first);
}

static void invalidate(struct pg_tx *tx, enum record_kind of)
{
	prefetch_invalidate(tx->prefetch, of);
}

static void close_full(struct read_ahead *base)
{
	struct full_read_ahead *const ahead = full_from_base(base);

	batch_close(ahead->batch);
	load_plan_sql_close(ahead->sql);
	free(ahead);
}

static const struct read_ahead_ops full_ops = {
	.attach = attach,
	.detach = detach,
	.prefetch = prefetch,
	.take = take,
	.invalidate = invalidate,
	.clear = clear,
	.close = close_full,
};

enum err read_ahead_open(const struct statements *statements, struct read_ahead **out)
{
	struct full_read_ahead *const ahead = calloc(1, sizeof(*ahead));

	if (ahead == NULL)
		return ERR_INTERNAL;
	ahead->base.ops = &full_ops;
	if (load_plan_sql_open(statements, &ahead->sql) != OK ||
		batch_open(BATCH_TIMEOUT, &ahead->batch) != OK) {
		close_full(&ahead->base);
		return ERR_INTERNAL;
	}
	*out = &ahead->base;
	return OK;
}
