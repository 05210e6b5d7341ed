/* What use cases load one after the other, described once: from the first value on the rest follows. A store
 * that is a round trip away has all of it come in one (store_prefetch of port/store). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "port/record.h"

/* So many of a user's sessions are looked at first where a person stands is asked: few have more. */
#define SESSIONS_NEWEST 4

/* A text that is known when a step has been loaded; the empty one where there is no row. */
struct load_plan_value {
	const char *column;
	size_t step;		/* a load */
	const char *fallback;	/* the column that counts while the first is empty; NULL: none */
	const char *if_nonzero; /* while this number is 0 it is the empty text; NULL: none … */
	size_t if_nonzero_step; /* … of what this later step loads */
};

/* What a step asks by. */
enum load_plan_source_kind { SOURCE_PROBE, SOURCE_VALUE };

struct load_plan_source {
	enum load_plan_source_kind kind;
	const char *column; /* SOURCE_PROBE: of the probe */
	size_t value;	    /* SOURCE_VALUE: of the course */
};

#define LOAD_PLAN_VALUES 2
#define LOAD_PLAN_STEPS 4
#define LOAD_PLAN_SOURCES QUERY_FILTERS

/* One load, or one question with its limit. */
struct load_plan_step {
	bool is_query;
	enum record_kind record; /* of a question too */
	enum query_kind query;
	size_t limit;
	struct load_plan_source from[LOAD_PLAN_SOURCES]; /* of each key column, or of each filter */
};

/* In the order in which it is loaded: what is held before something is looked for is held here, too. */
struct load_plan {
	enum record_kind probe;
	struct load_plan_value values[LOAD_PLAN_VALUES];
	size_t n_values;
	struct load_plan_step steps[LOAD_PLAN_STEPS];
	size_t n;
	bool single_statement; /* who only reads asks for nothing else, most of the time */
};

enum load_plan_kind {
	/* The probe is an enrolment, of which tenant and blind index are known. */
	LOAD_PLAN_ENROLMENT,  /* address, enrolment */
	LOAD_PLAN_USER,	      /* … the enrolled user */
	LOAD_PLAN_OTP,	      /* … or the code that they were sent */
	LOAD_PLAN_PERSON,     /* … or the head of the person, and the head's sessions */
	LOAD_PLAN_KYC_STATUS, /* the same, and that is all */
	/* A user, of whom the id is known. */
	LOAD_PLAN_PRIMARY_USER, /* them and their sessions */
	LOAD_PLAN_COUNT
};

extern const struct load_plan load_plans[LOAD_PLAN_COUNT];

/* How many values it asks by, and the column that one of them is compared with. */
size_t load_plan_step_parameters(const struct load_plan_step *step);
const struct column *load_plan_step_column(const struct load_plan_step *step, size_t i);
