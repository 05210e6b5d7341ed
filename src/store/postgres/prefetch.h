/* Answers that came before they were asked for (store_prefetch). One is given to who asks exactly that, once,
 * and as long as nothing was changed that it tells of: so it is what would have been answered. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "store/postgres/driver.h"
#include "store/postgres/load_plan_sql.h"
#include "store/sql/driver.h"

#define PROBE_SIZE_MAX ((size_t)1024)

/* All zeros: nothing is foreseen. */
struct prefetch {
	const struct load_plan *plan;
	const struct load_plan_statement *steps;
	const struct joined_load_plan *joined; /* as which they were asked; NULL: one by one */
	struct postgres_answer whole;	       /* to that; else … */
	const struct postgres *line;	       /* … what keeps the answers to them, from 0 on */
	unsigned open;			       /* a bit for each that is there for somebody */
	_Alignas(max_align_t) char probe[PROBE_SIZE_MAX];
};

/* The answers are there while `line` keeps them, or while `whole` is; NULL: they were asked one by one. */
void prefetch_begin(struct prefetch *f, const struct postgres *line, const struct load_plan_sql *sql,
	enum load_plan_kind plan, const struct postgres_answer *whole, const void *probe);
void prefetch_clear(struct prefetch *f);
/* A row of that record was changed. */
void prefetch_invalidate(struct prefetch *f, enum record_kind of);
/* False: it has to be asked. `what`: the call's statement; `first`: where its columns begin in the answer. */
bool prefetch_take(struct prefetch *f, const struct statement *what, const struct sql_call *call,
	struct postgres_answer *answer, size_t *first);
