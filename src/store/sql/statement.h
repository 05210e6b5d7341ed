/* One SQL statement as an engine runs it, and its number among all (store/sql/statements makes them). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

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
