/* Results that were received before the use case made the call they belong to. Each result is returned once,
 * for exactly the call that it belongs to, and only while no row in it has changed: it is the result that the
 * database would return. A `struct prefetch` belongs to one connection and is used by one thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "store/postgres/driver.h"
#include "store/postgres/load_plan_sql.h"
#include "store/sql/driver.h"

#define PROBE_SIZE_MAX ((size_t)1024)

/* The results of a load plan: one result per step, or one for the whole plan. */
struct prefetch_results {
	const struct postgres *connection; /* keeps one result per step, numbered from 0; or NULL, and … */
	struct postgres_result joined;	   /* … this has the rows of all steps … */
	struct postgres_shared *shared;	   /* … and this owns their memory */
};

/* All zeros: empty. */
struct prefetch {
	const struct load_plan *plan;
	const struct load_plan_statement *steps;
	const struct joined_load_plan *joined_plan;
	struct prefetch_results results;
	unsigned pending; /* one bit for each step whose result has not been returned */
	_Alignas(max_align_t) char probe[PROBE_SIZE_MAX];
};

/* Takes ownership of `results->shared`. `sql` must outlive the results. */
void prefetch_begin(struct prefetch *f, const struct load_plan_sql *sql, enum load_plan_kind plan,
	const void *probe, const struct prefetch_results *results);
void prefetch_clear(struct prefetch *f);
/* Drops the results that contain rows of this record, because one was changed. */
void prefetch_invalidate(struct prefetch *f, enum record_kind of);
/* Returns the result of a call. False: there is none, and the call has to be sent. `what` is the call's
 * statement. `first` is the column of `result` that has the first of the call's columns. */
bool prefetch_take(struct prefetch *f, const struct statement *what, const struct sql_call *call,
	struct postgres_result *result, size_t *first);
