/* An optional speed-up of the PostgreSQL store; results are the same with and without it. It does two things:
 * it reads the rows that a use case is about to load in one round trip, before the use case loads them
 * (store_prefetch, port/load_plan.h), and it sends such reads of several connections together as one
 * statement.
 *
 * This header is its whole interface: outside of its own files (full_read_ahead, load_plan_sql, prefetch,
 * batch) nothing includes their headers. The build option -Dread_ahead=false leaves it out. */
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
	/* Called once for each new connection. Allocates the connection's state and prepares the
	 * statements. */
	enum err (*attach)(struct pg_tx *tx);
	/* Frees the state of a connection. Called before the connection is closed. */
	void (*detach)(struct pg_tx *tx);
	/* Reads all rows of a plan and keeps them for `take`. `probe` is a row of the plan's probe record;
	 * the columns from which the plan starts must be set. */
	enum err (*prefetch)(struct pg_tx *tx, enum load_plan_kind plan, const void *probe);
	/* Returns true and the result of `call` if it was read ahead, was not returned before, and no row of
	 * its record has been changed since. Otherwise returns false, and the call must be sent. `first` is
	 * the index of the column of `result` that is the first of the call's columns. */
	bool (*take)(struct pg_tx *tx, const struct statement *what, const struct sql_call *call,
		struct postgres_result *result, size_t *first);
	/* Discards the results that contain rows of this record, because one of these rows was changed. */
	void (*invalidate)(struct pg_tx *tx, enum record_kind of);
	/* Discards all results that were read ahead on a connection. */
	void (*clear)(struct pg_tx *tx);
	void (*close)(struct read_ahead *ahead);
};

/* Each store has one struct read_ahead, which its connections share. Safe from any thread. */
struct read_ahead {
	const struct read_ahead_ops *ops;
};

/* Creates the read-ahead of a store. `statements` must outlive it. Sets `*out` to NULL in a build without
 * read-ahead. Returns ERR_INTERNAL if memory runs out. */
enum err read_ahead_open(const struct statements *statements, struct read_ahead **out) must_use;

/* Accepts NULL. */
static inline void read_ahead_close(struct read_ahead *ahead)
{
	if (ahead != NULL)
		ahead->ops->close(ahead);
}
