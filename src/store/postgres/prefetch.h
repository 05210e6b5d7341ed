/* Results that were received before the use case made the calls that need them. Each result is returned only
 * once, for exactly the call that it belongs to, and only while none of its rows has changed. So it is the
 * result that the database would return. A `struct prefetch` belongs to one connection and is used by one
 * thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "store/postgres/driver.h"
#include "store/postgres/load_plan_sql.h"
#include "store/sql/driver.h"

#define PROBE_SIZE_MAX ((size_t)1024)

/* The results of a load plan. There is one result per step, or one for the whole plan. */
struct prefetch_results {
	/* Has the result of each step, numbered from 0. NULL if the whole plan was sent as one statement. */
	const struct postgres *connection;
	struct postgres_result joined;	/* used if `connection` is NULL: the rows of all steps */
	struct postgres_shared *shared; /* used if `connection` is NULL: owns the memory of `joined` */
};

/* All zeros: empty. */
struct prefetch {
	const struct load_plan *plan;
	const struct load_plan_statement *steps;
	const struct joined_load_plan *joined_plan;
	struct prefetch_results results;
	unsigned pending; /* one bit per step, set if its result exists and was not returned yet */
	_Alignas(max_align_t) char probe[PROBE_SIZE_MAX];
};

/* Stores the results of a plan. Takes ownership of `results->shared`. `sql` and `results->connection` must
 * stay valid until prefetch_clear. */
void prefetch_begin(struct prefetch *f, const struct load_plan_sql *sql, enum load_plan_kind plan,
	const void *probe, const struct prefetch_results *results);
void prefetch_clear(struct prefetch *f);
/* Discards the results that contain rows of this record, because one of these rows was changed. */
void prefetch_invalidate(struct prefetch *f, enum record_kind of);
/* Returns true and the stored result of a call, or false if there is none, so that the call must be sent.
 * `what` is the call's statement. `first` is the index of the column of `result` that is the first of the
 * call's columns. */
bool prefetch_take(struct prefetch *f, const struct statement *what, const struct sql_call *call,
	struct postgres_result *result, size_t *first);
