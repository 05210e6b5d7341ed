#include "port/load_plan.h"

#include <assert.h>

/* clang-format off */
#define PROBE(name)   { .kind = SOURCE_PROBE, .column = name }
#define VALUE(which)  { .kind = SOURCE_VALUE, .value = which }

#define LOAD(of, ...) { .record = RECORD_##of, .limit = 1, .from = { __VA_ARGS__ } }
#define FIND(of, which, most, ...) \
	{ .is_query = true, .record = RECORD_##of, .query = QUERY_##which, .limit = most, .from = { __VA_ARGS__ } }

#define OF_ADDRESS    { "user_id", .step = 0 }
#define OF_ENROLMENT  { "user_id", .step = 1 }
/* As app/person/linked_users has it. Who has no proof of the person does not make the server look at what others know of it,
 * not even for an answer that nobody takes. */
#define OF_PERSON     { "primary_user_id", .step = 0, .fallback = "user_id", .if_nonzero = "verified_at", .if_nonzero_step = 1 }

#define ITS_ADDRESS   LOAD(ADDRESS,   PROBE("blind_index"))
#define ITSELF        LOAD(ENROLMENT, PROBE("tenant_id"), VALUE(0), PROBE("blind_index"))
#define ITS_USER      LOAD(USER,      VALUE(1))
#define ITS_OTP       LOAD(OTP,       PROBE("tenant_id"), VALUE(1))
#define ITS_SESSIONS  FIND(SESSION,   SESSIONS_OF_USER, SESSIONS_NEWEST, VALUE(1))

#define THEMSELVES     LOAD(USER,     PROBE("id"))
#define THEIR_SESSIONS FIND(SESSION,  SESSIONS_OF_USER, SESSIONS_NEWEST, PROBE("id"))

const struct load_plan load_plans[LOAD_PLAN_COUNT] = {
	[LOAD_PLAN_ENROLMENT] = { RECORD_ENROLMENT, { OF_ADDRESS },               1, { ITS_ADDRESS, ITSELF }, 2, false },
	[LOAD_PLAN_USER]      = { RECORD_ENROLMENT, { OF_ADDRESS, OF_ENROLMENT }, 2, { ITS_ADDRESS, ITSELF, ITS_USER }, 3, false },
	[LOAD_PLAN_OTP]       = { RECORD_ENROLMENT, { OF_ADDRESS, OF_ENROLMENT }, 2, { ITS_ADDRESS, ITSELF, ITS_OTP }, 3, false },
	[LOAD_PLAN_PERSON]    = { RECORD_ENROLMENT, { OF_ADDRESS, OF_PERSON }, 2, { ITS_ADDRESS, ITSELF, ITS_USER, ITS_SESSIONS }, 4, false },
	[LOAD_PLAN_KYC_STATUS]  = { RECORD_ENROLMENT, { OF_ADDRESS, OF_PERSON }, 2, { ITS_ADDRESS, ITSELF, ITS_USER, ITS_SESSIONS }, 4, true },
	[LOAD_PLAN_PRIMARY_USER]      = { RECORD_USER, { { 0 } }, 0, { THEMSELVES, THEIR_SESSIONS }, 2, false },
};
/* clang-format on */

size_t load_plan_step_parameters(const struct load_plan_step *step)
{
	return step->is_query ? queries[step->query].n : records[step->record].n_keys;
}

const struct column *load_plan_step_column(const struct load_plan_step *step, size_t i)
{
	const struct record *const r = &records[step->record];

	assert(i < load_plan_step_parameters(step));
	return step->is_query ? record_column(r, queries[step->query].filters[i].column) : &r->columns[i];
}
