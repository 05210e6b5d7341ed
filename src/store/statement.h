/* One SQL statement as an engine runs it, and its number among all (store/statements makes them). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "port/load_plan.h"
#include "port/record.h"

enum statement_kind { STATEMENT_LOAD, STATEMENT_SAVE, STATEMENT_ADD, STATEMENT_REMOVE, STATEMENT_KINDS };

/* Numbers: four for each record, then one for each query, then the probe, which changes a row to what it is.
 */
#define STATEMENT_PROBE ((size_t)RECORD_COUNT * STATEMENT_KINDS + QUERY_COUNT)
#define STATEMENT_COUNT (STATEMENT_PROBE + 1)

struct statement {
	const char *text;
	/* For engines that run several writing transactions beside each other: */
	const char *locking; /* reads; its rows stay as they are until the end of the transaction; NULL:
				changes */
	const char
		*strict; /* saves and adds, where a key that is there is an error of the engine; else NULL */
	bool locks_by_default; /* `held` also where nothing has shown yet that it is needed */
	enum record_kind of;
	const struct column *in;  /* parameters, from a row */
	const struct column *out; /* columns of a row read; NULL: it reads nothing */
	size_t n_in, n_out;
	size_t size; /* of the row's struct */
	bool paged;  /* two more parameters: limit and skip */
};

/* What a step of a course asks by. */
struct load_plan_parameter {
	enum load_plan_source_kind kind;
	struct column column; /* SOURCE_PROBE: of the probe */
	size_t value;	      /* SOURCE_VALUE: of the course */
	size_t place;	      /* where what is compared with it stands in the answer */
};

/* How PostgreSQL is asked for a step of a course before the rows are known that it hangs on. The answer has
 * all columns of the record, in their order. */
struct load_plan_statement {
	struct statement asked; /* parameters from the probe; never paged */
	size_t which;		/* whose place it takes … */
	size_t limit;
	size_t first; /* … and where its columns begin in the answer */
	struct load_plan_parameter by[LOAD_PLAN_SOURCES];
};

/* How it is asked for a course that is whole, for several probes at once, as one statement that needs no
 * transaction around it: each parameter is an array, with a value of each probe. The answer's first column is
 * the probe's number, from 1 on, and its rows come in that order, at least one for each. What a step loads
 * stands in each of a probe's rows, what it finds in one each; NULL where there is none. */
struct joined_load_plan {
	struct statement asked;		 /* text NULL: the course is not whole */
	size_t columns[LOAD_PLAN_STEPS]; /* where those of a step begin, all of its record */
};

static inline size_t statement_of(enum record_kind record, enum statement_kind kind)
{
	return (size_t)record * STATEMENT_KINDS + (size_t)kind;
}
/* Only for a record's four. */
static inline enum statement_kind statement_kind_of(size_t which)
{
	return (enum statement_kind)(which % STATEMENT_KINDS);
}
static inline size_t statement_of_query(enum query_kind query)
{
	return (size_t)RECORD_COUNT * STATEMENT_KINDS + (size_t)query;
}
