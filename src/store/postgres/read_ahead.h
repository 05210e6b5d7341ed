/* Speed only: rows that a use case will load next are read before it asks for them, several with one round
 * trip (store_prefetch, port/load_plan), and single-statement reads of several connections are sent as one
 * statement. Results are the same with and without it: the build option `read_ahead` leaves it out, and every
 * test of the store passes. Nothing else in this folder includes its parts (load_plan_sql, prefetch, batch).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "port/load_plan.h"
#include "store/postgres/driver.h"
#include "store/sql/driver.h"
#include "store/sql/statements.h"

struct pg_tx;
struct read_ahead;

struct read_ahead_ops {
	/* On a new connection: prepares the statements. */
	enum err (*attach)(struct pg_tx *tx);
	void (*detach)(struct pg_tx *tx);
	/* Sends the plan and keeps the answers for `take`. */
	enum err (*prefetch)(struct pg_tx *tx, enum load_plan_kind plan, const void *probe);
	/* The answer to exactly this call, if it was read ahead: once, and unless a row of the record has
	 * changed since. `first`: the column of the answer with the first of the call's columns. */
	bool (*take)(struct pg_tx *tx, const struct statement *what, const struct sql_call *call,
		struct postgres_answer *answer, size_t *first);
	/* A row of this record was changed. */
	void (*invalidate)(struct pg_tx *tx, enum record_kind of);
	void (*clear)(struct pg_tx *tx);
	void (*close)(struct read_ahead *ahead);
};

/* Shared by the connections of a store. */
struct read_ahead {
	const struct read_ahead_ops *ops;
};

/* `*out` is NULL in a build without it. `statements` outlives it. ERR_INTERNAL: no memory. */
enum err read_ahead_open(const struct statements *statements, struct read_ahead **out) must_use;

/* Accepts NULL. */
static inline void read_ahead_close(struct read_ahead *ahead)
{
	if (ahead != NULL)
		ahead->ops->close(ahead);
}
