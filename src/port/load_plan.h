/* Load plans: which rows a use case loads one after the other, where each load depends on the ones before. A
 * store over a network (PostgreSQL) uses the plan to load all of them in one round trip (store_prefetch in
 * port/store.h). Without the plan the use case works the same, only slower. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "port/record.h"

/* How many of a user's newest sessions are loaded at first to find the KYC status; few users have more. */
#define SESSIONS_NEWEST 4

/* A text that is known after a step, and that later steps use as a parameter. It is the value of `column` in
 * the row that `step` loads, or the empty text when there is no row. */
struct load_plan_value {
	const char *column;
	size_t step;
	const char *fallback; /* this column is used when `column` is empty; NULL: none */
	/* The value is empty when this column is 0 in the row that if_nonzero_step, a later step than `step`,
	 * loads; NULL: no such condition. */
	const char *if_nonzero;
	size_t if_nonzero_step;
};

/* Where a parameter of a step comes from: a column of the probe row, or a value of the plan. */
enum load_plan_source_kind { SOURCE_PROBE, SOURCE_VALUE };

struct load_plan_source {
	enum load_plan_source_kind kind;
	const char *column; /* SOURCE_PROBE: column of the probe */
	size_t value;	    /* SOURCE_VALUE: index into `values` of the plan */
};

#define LOAD_PLAN_VALUES 2
#define LOAD_PLAN_STEPS 4
#define LOAD_PLAN_SOURCES QUERY_FILTERS

/* One load by key, or one query with its limit. */
struct load_plan_step {
	bool is_query;
	enum record_kind record; /* the kind of the rows, for a query too */
	enum query_kind query;
	size_t limit;
	struct load_plan_source from[LOAD_PLAN_SOURCES]; /* one per key column, or one per filter */
};

/* The steps are in the order in which the use case loads, so that rows are locked in the same order too. */
struct load_plan {
	enum record_kind probe;
	struct load_plan_value values[LOAD_PLAN_VALUES];
	size_t n_values;
	struct load_plan_step steps[LOAD_PLAN_STEPS];
	size_t n;
	bool single_statement; /* readers usually load nothing else, so one SQL statement can do all of it */
};

enum load_plan_kind {
	/* For these plans the probe is an enrolment with its tenant and blind index. */
	LOAD_PLAN_ENROLMENT,  /* the address, the enrolment */
	LOAD_PLAN_USER,	      /* also the enrolled user */
	LOAD_PLAN_OTP,	      /* the address, the enrolment, the user's one-time code */
	LOAD_PLAN_PERSON,     /* the address, the enrolment, the primary user, its sessions */
	LOAD_PLAN_KYC_STATUS, /* as LOAD_PLAN_PERSON, for use cases that load nothing else */
	/* For this plan the probe is a user with its id. */
	LOAD_PLAN_PRIMARY_USER, /* the user, its sessions */
	LOAD_PLAN_COUNT
};

extern const struct load_plan load_plans[LOAD_PLAN_COUNT];

/* The number of parameters of a step, and the column that parameter `i` is compared with. */
size_t load_plan_step_parameters(const struct load_plan_step *step);
const struct column *load_plan_step_column(const struct load_plan_step *step, size_t i);
