/* What use cases load one after the other, described once: from the first value on the rest follows. A store
 * that is a round trip away has all of it come in one (store_expect of port/store). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "port/record.h"

/* So many of a user's sessions are looked at first where a person stands is asked: few have more. */
#define SESSIONS_NEWEST 4

/* A text that is known when a step has been loaded; the empty one where there is no row. */
struct course_value {
	const char *column;
	size_t step;	       /* a load */
	const char *otherwise; /* the column that counts while the first is empty; NULL: none */
	const char *given;     /* while this number is 0 it is the empty text; NULL: none … */
	size_t given_step;     /* … of what this later step loads */
};

/* What a step asks by. */
enum from_kind { FROM_PROBE, FROM_VALUE };

struct course_from {
	enum from_kind kind;
	const char *column; /* FROM_PROBE: of the probe */
	size_t value;	    /* FROM_VALUE: of the course */
};

#define COURSE_VALUES 2
#define COURSE_STEPS 4
#define COURSE_FROM QUERY_FILTERS

/* One load, or one question with its limit. */
struct course_step {
	bool is_question;
	enum record_kind record; /* of a question too */
	enum query_kind query;
	size_t limit;
	struct course_from from[COURSE_FROM]; /* of each key column, or of each filter */
};

/* In the order in which it is loaded: what is held before something is looked for is held here, too. */
struct course {
	enum record_kind probe;
	struct course_value values[COURSE_VALUES];
	size_t n_values;
	struct course_step steps[COURSE_STEPS];
	size_t n;
	bool whole; /* who only reads asks for nothing else, most of the time */
};

enum course_kind {
	/* The probe is an enrolment, of which tenant and blind index are known. */
	COURSE_ENROLMENT, /* address, enrolment */
	COURSE_USER,	  /* … the enrolled user */
	COURSE_OTP,	  /* … or the code that they were sent */
	COURSE_PERSON,	  /* … or the head of the person, and the head's sessions */
	COURSE_STANDING,  /* the same, and that is all */
	/* A user, of whom the id is known. */
	COURSE_HEAD, /* them and their sessions */
	COURSE_COUNT
};

extern const struct course courses[COURSE_COUNT];

/* How many values it asks by, and the column that one of them is compared with. */
size_t course_step_asks(const struct course_step *step);
const struct column *course_step_column(const struct course_step *step, size_t i);
