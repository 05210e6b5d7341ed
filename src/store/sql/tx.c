#include "store/sql/tx.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/attr.h"
#include "store/sql/statements.h"

#define LARGEST_ROW ((size_t)2048)

static const struct tx_ops sql_tx_ops;

static struct sql_tx *mine(struct tx *tx)
{
	assert(tx->ops == &sql_tx_ops);
	return container_of(tx, struct sql_tx, base);
}

static enum err run(struct tx *tx, const struct sql_call *call, size_t *rows)
{
	struct sql *const sql = mine(tx)->sql;

	return sql->ops->run(sql, call, rows);
}

/* Into a copy first, so that a row that could not be read whole leaves the caller's alone. */
static enum err sql_load(struct tx *tx, enum record_kind kind, void *row)
{
	const size_t size = records[kind].size;
	_Alignas(max_align_t) char loaded[LARGEST_ROW];
	size_t n;

	assert(size <= sizeof(loaded));
	memcpy(loaded, row, size);
	TRY(run(tx,
		&(struct sql_call){ .which = statement_of(kind, STATEMENT_LOAD),
			.from = row,
			.limit = 1,
			.arena = tx->arena,
			.to = loaded },
		&n));
	if (n == 0)
		return ERR_NOT_FOUND;
	memcpy(row, loaded, size);
	return OK;
}

static enum err change(
	struct tx *tx, enum record_kind kind, enum statement_kind how, const void *row, size_t *n)
{
	assert(tx->writing);
	return run(tx, &(struct sql_call){ .which = statement_of(kind, how), .from = row }, n);
}

static enum err sql_save(struct tx *tx, enum record_kind kind, const void *row)
{
	size_t n;

	return change(tx, kind, STATEMENT_SAVE, row, &n);
}

static enum err sql_add(struct tx *tx, enum record_kind kind, const void *row)
{
	size_t n;

	TRY(change(tx, kind, STATEMENT_ADD, row, &n));
	return n == 0 ? ERR_CONFLICT : OK;
}

static enum err sql_remove(struct tx *tx, enum record_kind kind, const void *row)
{
	size_t n;

	return change(tx, kind, STATEMENT_REMOVE, row, &n);
}

/* From a copy: `rows` may lie where the probe does, and the engine reads it again for each row. */
static enum err sql_find(
	struct tx *tx, enum query_kind query, const void *probe, struct page page, void *rows, size_t *found)
{
	const size_t size = records[queries[query].of].size;
	_Alignas(max_align_t) char from[LARGEST_ROW];

	assert(size <= sizeof(from));
	memcpy(from, probe, size);
	return run(tx,
		&(struct sql_call){ .which = statement_of_query(query),
			.from = from,
			.skip = page.skip,
			.limit = page.limit,
			.arena = tx->arena,
			.to = rows },
		found);
}

static enum err sql_clock(struct tx *tx, moment *now)
{
	struct sql *const sql = mine(tx)->sql;

	return sql->ops->clock(sql, now);
}

static enum err sql_expect(struct tx *tx, enum load_plan_kind plan, const void *probe)
{
	struct sql *const sql = mine(tx)->sql;

	return sql->ops->prefetch != NULL ? sql->ops->prefetch(sql, plan, probe) : OK;
}

static enum err sql_welcome(struct tx *tx, const struct new_user_rows *rows)
{
	struct sql *const sql = mine(tx)->sql;
	const void *const list[NEW_USER_ROWS] = { rows->address, rows->user, rows->enrolment,
		rows->audit_entry };

	assert(tx->writing);
	if (sql->ops->insert_new_user == NULL)
		return store_add_new_user_rows(tx, rows);
	TRY(sql->ops->insert_new_user(sql, list));
	tx->committed = true;
	return OK;
}

static const struct tx_ops sql_tx_ops = {
	.load = sql_load,
	.save = sql_save,
	.add = sql_add,
	.remove = sql_remove,
	.find = sql_find,
	.clock = sql_clock,
	.prefetch = sql_expect,
	.insert_new_user = sql_welcome,
};

void sql_tx_init(struct sql_tx *tx, struct sql *sql, struct arena *arena, bool writing)
{
	*tx = (struct sql_tx){ { .ops = &sql_tx_ops, .arena = arena, .writing = writing }, sql };
}
