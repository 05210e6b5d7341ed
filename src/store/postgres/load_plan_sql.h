/* The SQL of the load plans (port/load_plan), derived from the statements they replace. All steps of a plan
 * are sent before any answer is known, so a later step's parameters come from earlier rows on the server: the
 * steps carry them in settings that end with the transaction (set_config with is_local). A subselect in each
 * step does the same and takes a third longer. A plan marked single_statement also exists as one join. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "port/load_plan.h"
#include "store/sql/statements.h"

/* One parameter of a step. */
struct load_plan_parameter {
	enum load_plan_source_kind kind;
	struct column column; /* SOURCE_PROBE: of the probe */
	size_t value;	      /* SOURCE_VALUE: of the plan */
	size_t place;	      /* column of the answer that is compared with it */
};

/* The statement of one step, sent before the rows it depends on are known. Its answer has all columns of the
 * record, in their order. */
struct load_plan_statement {
	struct statement asked; /* parameters from the probe; never paged */
	size_t which;		/* number of the statement it replaces … */
	size_t limit;
	size_t first; /* … and the first of that statement's columns in the answer */
	struct load_plan_parameter by[LOAD_PLAN_SOURCES];
};

/* A whole plan as one statement for several probes. It needs no transaction. Each parameter is an array with
 * one value per probe. The first column of the answer is the probe's number, from 1; rows are sorted by it,
 * with at least one row for each probe. A row that a step loads is repeated in each of the probe's rows; rows
 * that a step finds come one per row. Columns are NULL where there is no row. */
struct joined_load_plan {
	struct statement asked;		 /* text NULL: the plan is not marked single_statement */
	size_t columns[LOAD_PLAN_STEPS]; /* first column of each step; all columns of its record follow */
};

struct load_plan_sql {
	struct load_plan_statement steps[LOAD_PLAN_COUNT][LOAD_PLAN_STEPS];
	struct joined_load_plan joined[LOAD_PLAN_COUNT];
	struct arena texts;
};

/* ERR_INTERNAL: no memory. `statements` outlives it. */
enum err load_plan_sql_open(const struct statements *statements, struct load_plan_sql **out) must_use;
/* Accepts NULL. */
void load_plan_sql_close(struct load_plan_sql *s);
