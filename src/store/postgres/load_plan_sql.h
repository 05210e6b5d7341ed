/* Generates the SQL of the load plans (port/load_plan.h) from the statements that they replace.
 *
 * All steps of a plan are sent before any result is known, so a value that a later step takes from a row of
 * an earlier step has to be passed on the server. Each step stores such values in session settings that end
 * with the transaction (set_config with is_local), and later steps read them. Repeating the earlier steps as
 * subselects would do the same and take a third longer. A plan that is marked single_statement is also
 * generated as one join. The SQL is not changed after load_plan_sql_open, so that all threads may use it. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "port/load_plan.h"
#include "store/sql/statements.h"

/* Where the value of a step's parameter comes from. */
struct load_plan_parameter {
	enum load_plan_source_kind kind;
	struct column column; /* if `kind` is SOURCE_PROBE: the column of the probe */
	size_t value;	      /* if `kind` is SOURCE_VALUE: the number of the plan's value */
	size_t place;	      /* index of the result's column that must be equal to the parameter */
};

/* The statement of one step. It returns all columns of the record, in the record's order. */
struct load_plan_statement {
	struct statement statement; /* its parameters are columns of the probe; it is never paged */
	size_t which;		    /* number of the original statement that this one replaces */
	size_t limit;		    /* maximum number of rows, as in the call that is replaced */
	/* Index of the result's column that is the first column of the original statement. */
	size_t first;
	struct load_plan_parameter by[LOAD_PLAN_SOURCES];
};

/* A whole plan as one statement that serves several probes. It needs no transaction. Each parameter is an
 * array with one value per probe. The first column of the result is the number of the probe, from 1; the rows
 * are sorted by it, and there is at least one row for each probe. A query step has a row of its own for each
 * row that it finds; the row of a load step is repeated in each of them. The columns of a step that found
 * nothing are NULL. */
struct joined_load_plan {
	struct statement statement; /* `text` is NULL if the plan is not marked single_statement */
	/* Index of the first column of each step; a step has all columns of its record. */
	size_t columns[LOAD_PLAN_STEPS];
};

struct load_plan_sql {
	struct load_plan_statement steps[LOAD_PLAN_COUNT][LOAD_PLAN_STEPS];
	struct joined_load_plan joined[LOAD_PLAN_COUNT];
	struct arena texts; /* memory of all texts */
};

/* Generates the SQL of all plans. `statements` must outlive the result. Returns ERR_INTERNAL if memory runs
 * out. */
enum err load_plan_sql_open(const struct statements *statements, struct load_plan_sql **out) must_use;
/* Accepts NULL. */
void load_plan_sql_close(struct load_plan_sql *s);
