/* The SQL of the steps of port/load_plan, made from that of the statements whose place they take. What a
 * later step asks by is not known yet when all are sent: the server carries it from one to the next, in
 * settings of its own that end with the transaction. A subselect in each step would do the same for a third
 * more of its time. A course that is whole is one join besides, which carries values as columns. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "store/statement.h"

enum err load_plan_sql_make(struct arena *a, const struct statement list[STATEMENT_COUNT],
	struct load_plan_statement steps[LOAD_PLAN_COUNT][LOAD_PLAN_STEPS],
	struct joined_load_plan joined[LOAD_PLAN_COUNT]) must_use;
