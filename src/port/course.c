#include "port/course.h"

#include <assert.h>

#include "domain/session.h"

/* clang-format off */
#define PROBE(name)   { .kind = FROM_PROBE, .column = name }
#define VALUE(which)  { .kind = FROM_VALUE, .value = which }
#define NUMBER(which) { .kind = FROM_NUMBER, .number = which }

#define LOAD(of, ...) { .record = RECORD_##of, .limit = 1, .from = { __VA_ARGS__ } }
#define FIND(of, which, most, ...) \
	{ .is_question = true, .record = RECORD_##of, .query = QUERY_##which, .limit = most, .from = { __VA_ARGS__ } }

#define THEIR_USER    { "user", .step = 0 }
/* As app/party has it. Who has no proof of the person does not make the server look at what others know of it,
 * not even for an answer that nobody takes. */
#define THEIR_HEAD    { "joined", .step = 0, .otherwise = "user", .given = "proven", .given_step = 1 }

#define THE_ADDRESS   LOAD(ADDRESS,   PROBE("blind"))
#define THE_ENROLMENT LOAD(ENROLMENT, PROBE("tenant"), VALUE(0), PROBE("blind"))
#define THE_HEAD      LOAD(USER,      VALUE(1))
/* As app/standing looks. */
#define THE_NEWEST    FIND(SESSION, SESSIONS_OF_USER, 2, VALUE(1))
#define THE_APPROVED  FIND(SESSION, SESSIONS_OF_USER_BY_STATUS, 1, VALUE(1), NUMBER(STATUS_APPROVED))

const struct course courses[COURSE_COUNT] = {
	[COURSE_ENROLMENT] = { RECORD_ENROLMENT, { THEIR_USER }, 1, { THE_ADDRESS, THE_ENROLMENT }, 2, false },
	[COURSE_PERSON]    = { RECORD_ENROLMENT, { THEIR_USER, THEIR_HEAD }, 2,
	                       { THE_ADDRESS, THE_ENROLMENT, THE_HEAD, THE_NEWEST, THE_APPROVED }, 5, false },
	[COURSE_STANDING]  = { RECORD_ENROLMENT, { THEIR_USER, THEIR_HEAD }, 2,
	                       { THE_ADDRESS, THE_ENROLMENT, THE_HEAD, THE_NEWEST, THE_APPROVED }, 5, true },
};
/* clang-format on */

size_t course_step_asks(const struct course_step *step)
{
	return step->is_question ? queries[step->query].n : records[step->record].n_keys;
}

const struct column *course_step_column(const struct course_step *step, size_t i)
{
	const struct record *const r = &records[step->record];

	assert(i < course_step_asks(step));
	return step->is_question ? record_column(r, queries[step->query].filters[i].column) : &r->columns[i];
}
