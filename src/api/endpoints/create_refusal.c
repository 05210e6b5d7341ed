#include "api/endpoints/create_refusal.h"

static const struct {
	const char *cause, *explanation;
} refusals[CREATE_REFUSALS] = {
	[CREATE_REFUSAL_TRIES] = { "tries",
		"the person was declined too often; another attempt is possible from "
		"next_try_at, or earlier if the operator permits it" },
	[CREATE_REFUSAL_BLOCKLIST] = { "blocklist",
		"the person's document or face is on a blocklist; only the "
		"operator can permit another attempt" },
};

struct reply respond_create_refused(struct call *call, const struct create_result *created)
{
	struct json_body details;

	json_body_begin(&details, call);
	json_field_text(&details.w, "cause", str_of(refusals[created->refusal].cause));
	json_field_text(&details.w, "explanation", str_of(refusals[created->refusal].explanation));
	if (created->refusal == CREATE_REFUSAL_TRIES) {
		char next_try_at[MOMENT_RFC3339_SIZE];

		moment_rfc3339(created->next_try_at, next_try_at);
		json_field_text(&details.w, "next_try_at", str_of(next_try_at));
	} else {
		json_field_null(&details.w, "next_try_at");
	}
	return respond_json_details(call, ANSWER_KYC_NOT_APPROVED, &details);
}

/* clang-format off */
static const char *refusal_values(size_t i)
{
	return i < CREATE_REFUSALS ? refusals[i].cause : NULL;
}
static const struct schema_member refusal_members[] = {
	CAUSE_MEMBERS("tries", "Why the person may have no other session.", refusal_values, "the person was declined too often; another attempt is possible from next_try_at, or earlier if the operator permits it"),
	{ "next_try_at", MEMBER_TEXT, "2026-02-01T09:30:00.001Z", "When another attempt becomes possible; null if only the operator can permit it.", true, NULL, NULL },
};
const struct json_schema create_refusal_schema = SCHEMA(refusal_members);
/* clang-format on */
