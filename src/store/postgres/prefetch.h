/* Answers that were received before they were asked for. Each is given once, to exactly the call that it
 * belongs to, and only while no row that it contains has changed: it is what the database would have
 * answered. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "store/postgres/driver.h"
#include "store/postgres/load_plan_sql.h"
#include "store/sql/driver.h"

#define PROBE_SIZE_MAX ((size_t)1024)

/* Where the answers are. */
struct prefetch_answers {
	const struct postgres *connection; /* keeps the answers to the steps, numbered from 0 … */
	struct postgres_shared *shared;	   /* … or `joined` has them all, and this owns its memory */
	struct postgres_answer joined;
};

/* All zeros: empty. */
struct prefetch {
	const struct load_plan *plan;
	const struct load_plan_statement *steps;
	const struct joined_load_plan *joined_plan;
	struct prefetch_answers answers;
	unsigned open; /* one bit for each step whose answer was not given yet */
	_Alignas(max_align_t) char probe[PROBE_SIZE_MAX];
};

/* Takes over `answers->shared`. `sql` outlives it. */
void prefetch_begin(struct prefetch *f, const struct load_plan_sql *sql, enum load_plan_kind plan,
	const void *probe, const struct prefetch_answers *answers);
void prefetch_clear(struct prefetch *f);
/* A row of this record was changed. */
void prefetch_invalidate(struct prefetch *f, enum record_kind of);
/* False: the call has to be sent. `what` is the call's statement; `first`: the column of the answer with the
 * first of the call's columns. */
bool prefetch_take(struct prefetch *f, const struct statement *what, const struct sql_call *call,
	struct postgres_answer *answer, size_t *first);
