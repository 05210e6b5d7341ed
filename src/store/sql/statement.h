/* One SQL statement and its number. store/sql/statements.c generates the statements. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "port/query.h"

enum statement_kind {
	STATEMENT_LOAD,
	STATEMENT_SAVE,
	/* Saves an existing row whose columns in queries have not changed, and changes no row otherwise. */
	STATEMENT_UPDATE,
	STATEMENT_ADD,
	STATEMENT_REMOVE,
	STATEMENT_WALK, /* reads rows in the order of their key, after a key */
	STATEMENT_KINDS
};

/* Statement numbers: each record has six statements, then each query has one, and the last statement is the
 * probe. The probe writes a row without changing it, to test that the database can be written. */
#define STATEMENT_PROBE ((size_t)RECORD_COUNT * STATEMENT_KINDS + QUERY_COUNT)
#define STATEMENT_COUNT (STATEMENT_PROBE + 1)

struct row_key;

struct statement {
	const char *text; /* NULL: a STATEMENT_UPDATE that does not exist */
	/* `locking`, `strict` and `locks_by_default` are for engines that run several writing transactions at
	 * a time (PostgreSQL). */
	/* `text` with a lock on the rows until the end of the transaction; only for statements that read. */
	const char *locking;
	/* INSERT that fails if the key exists; only for STATEMENT_SAVE and STATEMENT_ADD. */
	const char *strict;
	/* For engines that run one writing transaction at a time (SQLite): an UPDATE there rewrites the
	 * entries of every index whose columns it sets, even if the values stay the same. `update` is only
	 * for STATEMENT_SAVE: the number of the STATEMENT_UPDATE to try first, or 0. `single_writer` marks
	 * statements that other engines do not need. */
	size_t update;
	bool single_writer;
	bool locks_by_default; /* uses `locking` at the first attempt, not only after a conflict */
	enum record_kind of;
	/* The key of the MACs of rows; NULL if the record has none. */
	const struct row_key *row_key;
	const struct column *in;  /* columns that are the parameters */
	const struct column *out; /* columns that are read; NULL if the statement reads nothing */
	size_t n_in, n_out;
	size_t size; /* bytes of the record's struct */
	bool paged;  /* has two more parameters after those of `in`: limit and offset */
};

static inline size_t statement_of(enum record_kind record, enum statement_kind kind)
{
	return (size_t)record * STATEMENT_KINDS + (size_t)kind;
}
/* Returns the kind of a record's statement. Must not be called for a query or the probe. */
static inline enum statement_kind statement_kind_of(size_t which)
{
	return (enum statement_kind)(which % STATEMENT_KINDS);
}
static inline size_t statement_of_query(enum query_kind query)
{
	return (size_t)RECORD_COUNT * STATEMENT_KINDS + (size_t)query;
}
