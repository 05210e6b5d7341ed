#include "port/load_plan.h"

#include <assert.h>

/* clang-format off */
#define PROBE(name)   { .kind = SOURCE_PROBE, .column = name }
#define VALUE(index)  { .kind = SOURCE_VALUE, .value = index }

#define LOAD(kind, ...) { .record = RECORD_##kind, .limit = 1, .from = { __VA_ARGS__ } }
#define FIND(kind, query_name, max, ...) \
	{ .is_query = true, .record = RECORD_##kind, .query = QUERY_##query_name, .limit = max, .from = { __VA_ARGS__ } }

#define USER_OF_ADDRESS   { "user_id", .step = 0 }
#define USER_OF_ENROLMENT { "user_id", .step = 1 }
/* The primary user, chosen as in app/person/linked_users. The value is empty while the tenant has not
 * verified the address. The tenant may not learn anything about the person then, so the person's rows are not
 * loaded at all. */
#define PRIMARY_USER      { "primary_user_id", .step = 0, .fallback = "user_id", .if_nonzero = "verified_at", .if_nonzero_step = 1 }

#define LOAD_ADDRESS   LOAD(ADDRESS,   PROBE("blind_index"))
#define LOAD_ENROLMENT LOAD(ENROLMENT, PROBE("tenant_id"), VALUE(0), PROBE("blind_index"))
#define LOAD_USER      LOAD(USER,      VALUE(1))
#define LOAD_OTP       LOAD(OTP,       PROBE("tenant_id"), VALUE(1))
#define FIND_SESSIONS  FIND(SESSION,   SESSIONS_OF_USER, SESSIONS_NEWEST, VALUE(1))

#define LOAD_PROBED_USER             LOAD(USER,     PROBE("id"))
#define FIND_SESSIONS_OF_PROBED_USER FIND(SESSION,  SESSIONS_OF_USER, SESSIONS_NEWEST, PROBE("id"))

const struct load_plan load_plans[LOAD_PLAN_COUNT] = {
	[LOAD_PLAN_ENROLMENT]    = { RECORD_ENROLMENT, { USER_OF_ADDRESS }, 1, { LOAD_ADDRESS, LOAD_ENROLMENT }, 2, false },
	[LOAD_PLAN_USER]         = { RECORD_ENROLMENT, { USER_OF_ADDRESS, USER_OF_ENROLMENT }, 2, { LOAD_ADDRESS, LOAD_ENROLMENT, LOAD_USER }, 3, false },
	[LOAD_PLAN_OTP]          = { RECORD_ENROLMENT, { USER_OF_ADDRESS, USER_OF_ENROLMENT }, 2, { LOAD_ADDRESS, LOAD_ENROLMENT, LOAD_OTP }, 3, false },
	[LOAD_PLAN_PERSON]       = { RECORD_ENROLMENT, { USER_OF_ADDRESS, PRIMARY_USER }, 2, { LOAD_ADDRESS, LOAD_ENROLMENT, LOAD_USER, FIND_SESSIONS }, 4, false },
	[LOAD_PLAN_KYC_STATUS]   = { RECORD_ENROLMENT, { USER_OF_ADDRESS, PRIMARY_USER }, 2, { LOAD_ADDRESS, LOAD_ENROLMENT, LOAD_USER, FIND_SESSIONS }, 4, true },
	[LOAD_PLAN_PRIMARY_USER] = { RECORD_USER, { { 0 } }, 0, { LOAD_PROBED_USER, FIND_SESSIONS_OF_PROBED_USER }, 2, false },
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
