#include "store/sql/tx.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/attr.h"
#include "store/sql/statements.h"

static const struct tx_ops sql_tx_ops;

static struct sql_tx *sql_tx_from_base(struct tx *tx)
{
	assert(tx->ops == &sql_tx_ops);
	return container_of(tx, struct sql_tx, base);
}

static enum err run_statement(struct tx *tx, const struct sql_call *call, size_t *rows)
{
	struct sql *const sql = sql_tx_from_base(tx)->sql;

	return sql->ops->run(sql, call, rows);
}

/* Loads a row into a local copy first, so that the caller's row stays unchanged if the read fails halfway. */
static enum err tx_load(struct tx *tx, enum record_kind kind, void *row)
{
	const size_t size = records[kind].size;
	_Alignas(max_align_t) char loaded[RECORD_SIZE_MAX];
	size_t n;

	assert(size <= sizeof(loaded));
	memcpy(loaded, row, size);
	TRY(run_statement(tx,
		&(struct sql_call){ .statement = statement_of(kind, STATEMENT_LOAD),
			.parameters = row,
			.limit = 1,
			.arena = tx->arena,
			.out = loaded },
		&n));
	if (n == 0)
		return ERR_NOT_FOUND;
	memcpy(row, loaded, size);
	return OK;
}

static enum err run_change(
	struct tx *tx, enum record_kind kind, enum statement_kind statement, const void *row, size_t *n)
{
	assert(tx->writing);
	return run_statement(
		tx, &(struct sql_call){ .statement = statement_of(kind, statement), .parameters = row }, n);
}

static enum err tx_save(struct tx *tx, enum record_kind kind, const void *row)
{
	size_t n;

	return run_change(tx, kind, STATEMENT_SAVE, row, &n);
}

static enum err tx_add(struct tx *tx, enum record_kind kind, const void *row)
{
	size_t n;

	TRY(run_change(tx, kind, STATEMENT_ADD, row, &n));
	return n == 0 ? ERR_CONFLICT : OK;
}

static enum err tx_remove(struct tx *tx, enum record_kind kind, const void *row)
{
	size_t n;

	return run_change(tx, kind, STATEMENT_REMOVE, row, &n);
}

/* Number of rows that a query reads at most to replace those whose MAC is wrong. */
#define EXTRA_ROWS_MAX 1000

/* Runs a query. If rows were left out, reads more of them until the page is full. */
static enum err run_query(struct tx *tx, enum query_kind query, struct sql_call *call, size_t *found)
{
	size_t left_out;

	if (query_steps_over(query))
		call->stepped_over = &left_out;
	for (;;) {
		left_out = 0;
		TRY(run_statement(tx, call, found));
		if (*found == call->limit || *found + left_out < call->limit + call->extra ||
			call->extra >= EXTRA_ROWS_MAX)
			return OK;
		call->extra = 2 * call->extra + left_out;
	}
}

/* Finds rows. Passes a copy of the probe as parameters: the caller may use the probe's memory for `rows`, and
 * the engine reads the parameters again for each row. */
static enum err tx_find(
	struct tx *tx, enum query_kind query, const void *probe, struct page page, void *rows, size_t *found)
{
	const size_t size = records[queries[query].of].size;
	_Alignas(max_align_t) char parameters[RECORD_SIZE_MAX];

	assert(size <= sizeof(parameters));
	memcpy(parameters, probe, size);
	return run_query(tx, query,
		&(struct sql_call){ .statement = statement_of_query(query),
			.parameters = parameters,
			.skip = page.skip,
			.limit = page.limit,
			.arena = tx->arena,
			.out = rows },
		found);
}

/* Writes the lowest possible values into the key columns of a row. */
static void set_lowest_key(const struct record *r, char *row)
{
	const int64_t lowest = INT64_MIN;

	memset(row, 0, r->size);
	for (size_t i = 0; i < r->n_keys; i++)
		if (r->columns[i].kind == COLUMN_INT)
			memcpy(row + r->columns[i].offset, &lowest, sizeof(lowest));
}

static enum err tx_walk(
	struct tx *tx, const struct walk *walk, void *rows, enum row_state *states, size_t *found)
{
	const struct record *const r = &records[walk->of];
	_Alignas(max_align_t) char after[RECORD_SIZE_MAX];

	assert(r->size <= sizeof(after));
	if (walk->after != NULL)
		memcpy(after, walk->after, r->size);
	else
		set_lowest_key(r, after);
	return run_statement(tx,
		&(struct sql_call){ .statement = statement_of(walk->of, STATEMENT_WALK),
			.parameters = after,
			.limit = walk->limit,
			.arena = tx->arena,
			.states = states,
			.out = rows },
		found);
}

static enum err tx_clock(struct tx *tx, moment *now)
{
	struct sql *const sql = sql_tx_from_base(tx)->sql;

	return sql->ops->clock(sql, now);
}

static enum err tx_size(struct tx *tx, int64_t *bytes)
{
	struct sql *const sql = sql_tx_from_base(tx)->sql;

	return sql->ops->size != NULL ? sql->ops->size(sql, bytes)
				      : sql->ops->query_number(sql, sql->dialect->size, bytes);
}

static enum err tx_prefetch(struct tx *tx, enum load_plan_kind plan, const void *probe)
{
	struct sql *const sql = sql_tx_from_base(tx)->sql;

	return sql->ops->prefetch != NULL ? sql->ops->prefetch(sql, plan, probe) : OK;
}

static enum err tx_insert_new_user(struct tx *tx, const struct new_user_rows *rows)
{
	struct sql *const sql = sql_tx_from_base(tx)->sql;
	const void *const list[NEW_USER_ROWS] = { rows->address, rows->user, rows->enrolment,
		rows->audit_entry, rows->event };

	assert(tx->writing);
	if (sql->ops->insert_new_user == NULL)
		return store_add_new_user_rows(tx, rows);
	TRY(sql->ops->insert_new_user(sql, list));
	tx->committed = true;
	return OK;
}

static const struct tx_ops sql_tx_ops = {
	.load = tx_load,
	.save = tx_save,
	.add = tx_add,
	.remove = tx_remove,
	.find = tx_find,
	.walk = tx_walk,
	.clock = tx_clock,
	.size = tx_size,
	.prefetch = tx_prefetch,
	.insert_new_user = tx_insert_new_user,
};

void sql_tx_init(struct sql_tx *tx, struct sql *sql, struct arena *arena, bool writing)
{
	*tx = (struct sql_tx){ { .ops = &sql_tx_ops, .arena = arena, .writing = writing }, sql };
}
