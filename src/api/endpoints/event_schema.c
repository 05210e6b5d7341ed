#include "api/endpoints/event_schema.h"

#include "api/endpoints/identifiers.h"
#include "base/attr.h"
#include "domain/event.h"
#include "domain/printable.h"
#include "domain/reason.h"
#include "domain/verification.h"
#include "text/input_cause.h"

/* Characters of a word that a response repeats. */
#define REPEATED_MAX 40

const char *event_type_values(size_t i)
{
	return i + EVENT_NONE + 1 < EVENT_TYPE_COUNT ? event_type_name((enum event_type)(i + EVENT_NONE + 1))
						     : NULL;
}

struct reply respond_unknown_type(struct call *call, struct str word)
{
	struct str message = STR("types has a word that is no type and no prefix of types");

	if (word.p && word.n == 0)
		message = STR("types has an empty word, or more than 16 words");
	else if (printable_is_valid(word, REPEATED_MAX))
		message = arena_printf(call->arena,
			"types has the word %.*s, which is no type and no prefix of types", STR_ARG(word));
	return respond_cause(call->arena, ANSWER_INVALID_PARAMETERS,
		message.p ? message : STR("types has an unknown word"), input_cause_name(CAUSE_VALUE),
		input_cause_explanation(CAUSE_VALUE));
}

static const char *channel_values(size_t i)
{
	static const char *const values[] = { "email", "wallet" };

	return i < array_len(values) ? values[i] : NULL;
}

static const char *message_values(size_t i)
{
	static const char *const values[] = { "code", "link", "verification_link", "unlock", "resubmission" };

	return i < array_len(values) ? values[i] : NULL;
}

static const char *event_reason_values(size_t i)
{
	static const char *const values[] = { "refused", "expired", "gone", "failing" };

	return i < array_len(values) ? values[i] : NULL;
}

#define USER_ID "usr_01kdgw4g5e6h2c9f4n8s1b7k3m"
#define SESSION_ID "7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b"
#define DATA_EXAMPLE                                                                                         \
	"{\"tenant\":\"shop\",\"user_id\":\"" USER_ID                                                        \
	"\",\"reference\":\"customer-4711\",\"status\":\"approved\",\"previous_status\":\"in_review\","      \
	"\"approved\":true,\"session_id\":\"" SESSION_ID "\",\"reasons\":[]}"

/* clang-format off */
static const struct schema_member data_members[] = {
	{ "tenant",                  MEMBER_TEXT,  "shop",  "Your tenant.", false, NULL, NULL },
	{ "user_id",                 MEMBER_TEXT,  USER_ID, "The person; not of `quota` and `webhook_endpoint` events.", false, NULL, NULL },
	{ "reference",               MEMBER_TEXT,  "customer-4711", "Your own id of the person, at the time of the event.", true, NULL, NULL },
	{ "erased",                  MEMBER_TRUE,  "true",  "The person was erased later: only `user_id` is left.", false, NULL, NULL },
	{ "channel",                 MEMBER_TEXT,  "email", "Of `user.prepared`: the kind of address.", false, channel_values, NULL },
	{ "merged_user_id",          MEMBER_TEXT,  USER_ID, "Of `user.linked`: the former id of the e-mail's person; null if the e-mail was never prepared.", true, NULL, NULL },
	{ "status",                  MEMBER_TEXT,  "approved",  "Of `kyc` events: the status of the person.", false, kyc_status_values, NULL },
	{ "previous_status",         MEMBER_TEXT,  "in_review", "Of `kyc` events: the status before.", false, kyc_status_values, NULL },
	{ "approved",                MEMBER_BOOL,  "true",      "Of `kyc` events: `status` is `approved`.", false, NULL, NULL },
	{ "reasons",                 MEMBER_WORDS, "document_expired", "Of `kyc` events: why the session was declined, is in review or ended without a result.", false, reason_name_at, NULL },
	{ "session_id",              MEMBER_TEXT,  SESSION_ID,    "Of `session` and `kyc` events.", true, NULL, NULL },
	{ "session_status",          MEMBER_TEXT,  "Approved",    "Of `session.updated`: the status in the provider's words.", false, session_status_values, NULL },
	{ "previous_session_status", MEMBER_TEXT,  "In Progress", "Of `session.updated`: the status before.", false, session_status_values, NULL },
	{ "message",                 MEMBER_TEXT,  "code",    "Of `email.failed`: what the e-mail contained.", false, message_values, NULL },
	{ "reason",                  MEMBER_TEXT,  "refused", "Of `email.failed`: the recipient's server refused it, or it could not be delivered in time. Of `webhook_endpoint.disabled`: the endpoint answered 410, or nothing but failures for 5 days.", false, event_reason_values, NULL },
	{ "used",                    MEMBER_INT,   "800",  "Of `quota.threshold_reached`: sessions created in this month.", false, NULL, NULL },
	{ "limit",                   MEMBER_INT,   "1000", "Of `quota.threshold_reached`: the monthly quota.", false, NULL, NULL },
	{ "percent",                 MEMBER_INT,   "80",   "Of `quota.threshold_reached`: 80 or 100.", false, NULL, NULL },
	{ "endpoint_id",             MEMBER_TEXT,  "we_01kdgw4g5e6h2c9f4n8s1b7k3m", "Of `webhook_endpoint.disabled`.", false, NULL, NULL },
};
static const struct json_schema all_data = SCHEMA(data_members);
static const struct json_schema data_schema = { NULL, 0, &all_data };

static const struct schema_member event_members[] = {
	{ "id",        MEMBER_TEXT,   EVENT_EXAMPLE_ID, "Deliveries of the same event have the same id.", false, NULL, NULL },
	{ "type",      MEMBER_TEXT,   "kyc.approved", "Ignore types that you do not know: later versions add some.", false, event_type_values, NULL },
	{ "timestamp", MEMBER_TEXT,   "2026-01-05T10:05:00.000Z", "When it happened.", false, NULL, NULL },
	{ "data",      MEMBER_OBJECT, DATA_EXAMPLE, NULL, false, NULL, &data_schema },
};
static const struct schema_member sequence_members[] = {
	{ "sequence",  MEMBER_INT, "1767607500000", "Grows with each event of the person. Keep the highest next to the status that you store, and ignore events with a lower one. Events about no person have none.", false, NULL, NULL },
};
static const struct json_schema only_sequence = SCHEMA(sequence_members);
/* clang-format on */
const struct json_schema event_schema = SCHEMA_WITH(event_members, &only_sequence);
