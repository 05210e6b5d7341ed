/* Load plans: which rows a use case loads one after the other, where each load depends on earlier ones. A
 * store over a network (PostgreSQL) uses the plan to load all rows in one round trip (store_prefetch in
 * port/store.h). Without the plan the use case works the same, only slower. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "port/query.h"

/* How many of a user's newest sessions are loaded at first to find the KYC status. Few users have more. */
#define SESSIONS_NEWEST 4

/* A text that is known after a step, and that later steps use as a parameter. It is the value of `column` in
 * the row that `step` loads, or the empty text when there is no row. */
struct load_plan_value {
	const char *column;
	size_t step;
	const char *fallback; /* this column is used when `column` is empty; NULL: none */
	/* The value counts only if this column is not 0; otherwise the value is empty. The column is in the
	 * row that the step if_nonzero_step loads, which comes after `step`. NULL: no condition. */
	const char *if_nonzero;
	size_t if_nonzero_step;
};

/* The source of a step's parameter. */
enum load_plan_source_kind {
	SOURCE_PROBE, /* a column of the probe row */
	SOURCE_VALUE, /* a value of the plan */
};

struct load_plan_source {
	enum load_plan_source_kind kind;
	const char *column; /* for SOURCE_PROBE, the column of the probe row */
	size_t value;	    /* for SOURCE_VALUE, the index into the plan's `values` */
};

#define LOAD_PLAN_VALUES 2
#define LOAD_PLAN_STEPS 4
#define LOAD_PLAN_SOURCES QUERY_FILTERS

/* One load by key, or one query with its limit. */
struct load_plan_step {
	bool is_query;
	enum record_kind record; /* the kind of the rows that are loaded */
	enum query_kind query;
	size_t limit;
	/* One source for each key column, or for each filter of the query. */
	struct load_plan_source from[LOAD_PLAN_SOURCES];
};

/* The steps are in the order in which the use case loads the rows, so that rows are locked in the same order
 * too. */
struct load_plan {
	enum record_kind probe;
	struct load_plan_value values[LOAD_PLAN_VALUES];
	size_t n_values;
	struct load_plan_step steps[LOAD_PLAN_STEPS];
	size_t n;
	bool single_statement; /* use cases with this plan usually load nothing else, so one SQL statement can
				  do all of it */
};

enum load_plan_kind {
	/* For the plans up to LOAD_PLAN_KYC_STATUS, the probe is an enrolment with its tenant and blind
	 * index. */
	LOAD_PLAN_ENROLMENT,  /* loads the address and the enrolment */
	LOAD_PLAN_USER,	      /* loads the address, the enrolment and the enrolled user */
	LOAD_PLAN_OTP,	      /* loads the address, the enrolment and the user's one-time code */
	LOAD_PLAN_PERSON,     /* loads the address, the enrolment, the primary user and its sessions */
	LOAD_PLAN_KYC_STATUS, /* like LOAD_PLAN_PERSON, for use cases that load nothing else */
	/* For LOAD_PLAN_PRIMARY_USER, the probe is a user with its id. */
	LOAD_PLAN_PRIMARY_USER, /* loads the user and its sessions */
	LOAD_PLAN_COUNT
};

extern const struct load_plan load_plans[LOAD_PLAN_COUNT];

/* Returns the number of parameters of a step. */
size_t load_plan_step_parameters(const struct load_plan_step *step);
/* Returns the column that parameter `i` of a step is compared with. */
const struct column *load_plan_step_column(const struct load_plan_step *step, size_t i);
