#include "port/query.h"

/* clang-format off */
#define QUERY(kind, n, sort_column, newest_first, ...) { RECORD_##kind, { __VA_ARGS__ }, n, sort_column, newest_first }
const struct query queries[QUERY_COUNT] = {
	[QUERY_KEYRING]              = QUERY(KEYRING,   0, "name",    0, { 0 }),
	[QUERY_TENANTS]              = QUERY(TENANT,    0, "name",    0, { 0 }),
	[QUERY_TENANT_BY_NAME]       = QUERY(TENANT,    1, "id",      0, { "name", MATCH_UNIQUE }),
	[QUERY_KEYS]                 = QUERY(API_KEY,   0, "created_at", 0, { 0 }),
	[QUERY_KEYS_OF_TENANT]       = QUERY(API_KEY,   1, "created_at", 0, { "tenant_id", MATCH_EQUAL }),
	[QUERY_ENROLMENTS_OF_TENANT] = QUERY(ENROLMENT, 1, "user_id",  0, { "tenant_id", MATCH_EQUAL }),
	[QUERY_ENROLMENTS_OF_USER]   = QUERY(ENROLMENT, 2, "blind_index", 0, { "tenant_id", MATCH_EQUAL }, { "user_id", MATCH_EQUAL }),
	[QUERY_SESSIONS_OF_USER]     = QUERY(SESSION,   1, "created_at", 1, { "user_id", MATCH_EQUAL }),
	[QUERY_SESSIONS_OF_USER_BY_STATUS] =
	                               QUERY(SESSION,   2, "created_at", 1, { "user_id", MATCH_EQUAL }, { "status", MATCH_EQUAL }),
	[QUERY_SESSIONS_BY_STATUS]   = QUERY(SESSION,   2, "created_at", 0, { "status", MATCH_EQUAL }, { "created_at", MATCH_UP_TO }),
	[QUERY_SESSIONS_BY_STATUS_SINCE] =
	                               QUERY(SESSION,   2, "created_at", 0, { "status", MATCH_EQUAL }, { "created_at", MATCH_FROM }),
	[QUERY_SESSIONS_STALE]     = QUERY(SESSION,   2, "last_update_at",   0, { "status", MATCH_EQUAL }, { "last_update_at", MATCH_UP_TO }),
	[QUERY_SESSIONS_DUE]         = QUERY(SESSION,   2, "next_poll_at",     0, { "status", MATCH_EQUAL }, { "next_poll_at", MATCH_UP_TO }),
	[QUERY_SESSION_BY_PROVIDER]  = QUERY(SESSION,   1, "created_at", 1, { "provider_ref", MATCH_UNIQUE }),
	[QUERY_SESSIONS_OF_USER_SINCE] =
	                               QUERY(SESSION,   2, "created_at", 1, { "user_id", MATCH_EQUAL }, { "created_at", MATCH_FROM }),
	[QUERY_BLOCKLISTED_OF_USER]  = QUERY(SESSION,   3, "created_at", 1,
	                                     { "user_id", MATCH_EQUAL }, { "blocklisted", MATCH_EQUAL }, { "created_at", MATCH_FROM }),
	[QUERY_QUOTAS_OF_MONTH]      = QUERY(QUOTA,     1, "tenant_id",  0, { "month", MATCH_EQUAL }),
	[QUERY_EFFECTS_DUE]          = QUERY(EFFECT,    4, "due_at",     0,
	                                     { "endpoint_id", MATCH_EQUAL }, { "done", MATCH_EQUAL }, { "due_at", MATCH_UP_TO }, { "lease_expires_at", MATCH_UP_TO }),
	[QUERY_EFFECTS_LEASED]       = QUERY(EFFECT,    2, "created_at",     0, { "done", MATCH_EQUAL }, { "lease_expires_at", MATCH_ABOVE }),
	[QUERY_EFFECTS_OF_USER_SINCE] = QUERY(EFFECT,   3, "created_at", 1,
	                                     { "user_id", MATCH_EQUAL }, { "kind", MATCH_EQUAL }, { "created_at", MATCH_ABOVE }),
	[QUERY_EFFECTS_OPEN]         = QUERY(EFFECT,    2, "created_at", 0, { "endpoint_id", MATCH_EQUAL }, { "done", MATCH_EQUAL }),
	[QUERY_EFFECTS_BEFORE]       = QUERY(EFFECT,    2, "created_at", 0, { "done", MATCH_EQUAL }, { "created_at", MATCH_BELOW }),
	[QUERY_AUDIT_OF_SUBJECT]     = QUERY(AUDIT_ENTRY,     2, "id",      0, { "subject", MATCH_EQUAL }, { "id", MATCH_FROM }),
	[QUERY_AUDIT_SINCE]          = QUERY(AUDIT_ENTRY,     1, "id",      0, { "id", MATCH_FROM }),
	[QUERY_AUDIT_OF_SUBJECT_BEFORE] =
	                               QUERY(AUDIT_ENTRY,     2, "id",      1, { "subject", MATCH_EQUAL }, { "id", MATCH_BELOW }),
	[QUERY_AUDIT_BEFORE]         = QUERY(AUDIT_ENTRY,     1, "id",      1, { "id", MATCH_BELOW }),
	[QUERY_AUDIT_OF_OPERATORS_BEFORE] =
	                               QUERY(AUDIT_ENTRY,     2, "id",      1, { "actor_kind", MATCH_TWO }, { "id", MATCH_BELOW }),
	[QUERY_AUDIT_OF_OPERATOR_BEFORE] =
	                               QUERY(AUDIT_ENTRY,     3, "id",      1,
	                                     { "actor_kind", MATCH_TWO }, { "actor", MATCH_EQUAL }, { "id", MATCH_BELOW }),
	[QUERY_IP_LIMITS_EXPIRED]       = QUERY(IP_LIMIT,   1, "expires_at",   0, { "expires_at", MATCH_UP_TO }),
	[QUERY_EVENT_BODIES_UNTIL]         = QUERY(PROVIDER_EVENT_BODY, 1, "received_at", 0, { "received_at", MATCH_UP_TO }),
	[QUERY_EVENT_BODIES_OF_SESSION]    = QUERY(PROVIDER_EVENT_BODY, 1, "received_at", 0, { "session_id", MATCH_EQUAL }),
	[QUERY_CHALLENGES_EXPIRED]     = QUERY(CHALLENGE, 1, "expires_at", 0, { "expires_at", MATCH_UP_TO }),
	[QUERY_IDEMPOTENCY_EXPIRED]  = QUERY(IDEMPOTENCY_ENTRY, 1, "expires_at", 0, { "expires_at", MATCH_UP_TO }),
	[QUERY_CLAIMS_OF_WALLET]     = QUERY(CLAIM,     1, "tenant_id",  0, { "wallet_index", MATCH_EQUAL }),
	[QUERY_PEOPLE_OF_TENANT]     = QUERY(ENROLMENT, 2, "public_user_id", 1, { "tenant_id", MATCH_EQUAL }, { "public_user_id", MATCH_BELOW }),
	[QUERY_PEOPLE_BY_STATUS]     = QUERY(ENROLMENT, 3, "public_user_id", 1,
	                                     { "tenant_id", MATCH_EQUAL }, { "overall_status", MATCH_EQUAL }, { "public_user_id", MATCH_BELOW }),
	[QUERY_PEOPLE_BY_REFERENCE]  = QUERY(ENROLMENT, 3, "public_user_id", 1,
	                                     { "tenant_id", MATCH_EQUAL }, { "reference_index", MATCH_EQUAL_NOT_EMPTY },
	                                     { "public_user_id", MATCH_BELOW }),
	[QUERY_ENROLMENT_BY_PUBLIC_USER] =
	                               QUERY(ENROLMENT, 2, "public_user_id", 0, { "tenant_id", MATCH_EQUAL }, { "public_user_id", MATCH_EQUAL }),
	[QUERY_EVENTS_UNNUMBERED]    = QUERY(EVENT,     1, "sequence",   0, { "position", MATCH_ZERO }),
	[QUERY_EVENTS_FROM]          = QUERY(EVENT,     1, "id",         0, { "id", MATCH_FROM }),
	[QUERY_NEWEST_EVENTS]        = QUERY(EVENT,     0, "id",         1, { 0 }),
	[QUERY_EVENTS_OF_TENANT]     = QUERY(EVENT,     2, "position",   0, { "tenant_id", MATCH_EQUAL }, { "position", MATCH_ABOVE_ZERO }),
	[QUERY_NEWEST_EVENTS_OF_TENANT] =
	                               QUERY(EVENT,     2, "position",   1, { "tenant_id", MATCH_EQUAL }, { "position", MATCH_ABOVE_ZERO }),
	[QUERY_EVENTS_OF_USER]       = QUERY(EVENT,     2, "sequence",   0, { "user_id", MATCH_EQUAL_NOT_EMPTY }, { "sequence", MATCH_ABOVE }),
	[QUERY_WEBHOOK_ENDPOINTS]    = QUERY(WEBHOOK_ENDPOINT, 0, "created_at", 0, { 0 }),
	[QUERY_WEBHOOK_ENDPOINTS_OF_TENANT] =
	                               QUERY(WEBHOOK_ENDPOINT, 1, "created_at", 0, { "tenant_id", MATCH_EQUAL }),
	[QUERY_OPEN_DELIVERIES_AFTER] = QUERY(EFFECT,   2, "endpoint_id", 0, { "done", MATCH_ZERO }, { "endpoint_id", MATCH_ABOVE }),
	[QUERY_DELIVERIES_BY_STATE]  = QUERY(EFFECT,    3, "event_position", 0,
	                                     { "endpoint_id", MATCH_EQUAL_NOT_EMPTY }, { "state", MATCH_EQUAL }, { "event_position", MATCH_FROM }),
	[QUERY_NEWEST_DELIVERIES_BY_STATE] =
	                               QUERY(EFFECT,    3, "event_position", 1,
	                                     { "endpoint_id", MATCH_EQUAL_NOT_EMPTY }, { "state", MATCH_EQUAL }, { "event_position", MATCH_BELOW }),
	[QUERY_DELIVERIES_DUE]       = QUERY(EFFECT,    3, "due_at",     0,
	                                     { "endpoint_id", MATCH_EQUAL_NOT_EMPTY }, { "state", MATCH_EQUAL }, { "due_at", MATCH_UP_TO }),
	[QUERY_NEWEST_DELIVERIES]    = QUERY(EFFECT,    2, "event_position", 1,
	                                     { "endpoint_id", MATCH_EQUAL_NOT_EMPTY }, { "event_position", MATCH_BELOW }),
	[QUERY_DELIVERY_OF_EVENT]    = QUERY(EFFECT,    2, "event_position", 0,
	                                     { "endpoint_id", MATCH_EQUAL_NOT_EMPTY }, { "event_position", MATCH_EQUAL }),
	[QUERY_VERIFICATION_LINK_BY_TOKEN] =
	                               QUERY(VERIFICATION_LINK, 1, "created_at", 0, { "token_digest", MATCH_EQUAL }),
	[QUERY_VERIFICATION_LINKS_BY_ADDRESS] =
	                               QUERY(VERIFICATION_LINK, 1, "created_at", 0, { "address_index", MATCH_EQUAL }),
	[QUERY_VERIFICATION_LINKS_OF_USER] =
	                               QUERY(VERIFICATION_LINK, 1, "created_at", 0, { "user_id", MATCH_EQUAL_NOT_EMPTY }),
	[QUERY_VERIFICATION_LINKS_OF_USER_BY_COMPLETION] =
	                               QUERY(VERIFICATION_LINK, 2, "created_at", 0,
	                                     { "user_id", MATCH_EQUAL_NOT_EMPTY }, { "completed_at", MATCH_EQUAL }),
	[QUERY_VERIFICATION_LINKS_OF_SESSION] =
	                               QUERY(VERIFICATION_LINK, 1, "created_at", 1, { "session_id", MATCH_EQUAL_NOT_EMPTY }),
	[QUERY_VERIFICATION_LINKS_EXPIRED] =
	                               QUERY(VERIFICATION_LINK, 1, "expires_at", 0, { "expires_at", MATCH_UP_TO }),
	[QUERY_VERIFICATION_RESULTS_OF_LINK] =
	                               QUERY(VERIFICATION_RESULT, 1, "created_at", 0, { "link_id", MATCH_EQUAL }),
	[QUERY_VERIFICATION_RESULTS_EXPIRED] =
	                               QUERY(VERIFICATION_RESULT, 1, "expires_at", 0, { "expires_at", MATCH_UP_TO }),
	[QUERY_OPERATOR_ACCOUNTS]    = QUERY(OPERATOR_ACCOUNT, 0, "created_at", 0, { 0 }),
	[QUERY_OPERATOR_ACCOUNT_BY_EMAIL] =
	                               QUERY(OPERATOR_ACCOUNT, 1, "created_at", 0, { "email_index", MATCH_EQUAL }),
	[QUERY_OPERATOR_ACCOUNT_BY_LINK] =
	                               QUERY(OPERATOR_ACCOUNT, 1, "created_at", 0, { "link_digest", MATCH_EQUAL }),
	[QUERY_PASSKEYS_OF_OPERATOR] = QUERY(PASSKEY,   1, "created_at", 0, { "operator_id", MATCH_EQUAL }),
	[QUERY_PASSKEY_CHALLENGES_EXPIRED] =
	                               QUERY(PASSKEY_CHALLENGE, 1, "expires_at", 0, { "expires_at", MATCH_UP_TO }),
	[QUERY_CONSOLE_SESSIONS_OF_OPERATOR] =
	                               QUERY(CONSOLE_SESSION, 1, "created_at", 0, { "operator_id", MATCH_EQUAL }),
	[QUERY_CONSOLE_SESSIONS_EXPIRED] =
	                               QUERY(CONSOLE_SESSION, 1, "expires_at", 0, { "expires_at", MATCH_UP_TO }),
	[QUERY_DAILY_COUNTS_OF_TENANT] =
	                               QUERY(DAILY_COUNT, 2, "day", 1, { "tenant_id", MATCH_EQUAL }, { "day", MATCH_FROM }),
	[QUERY_DAILY_COUNTS_SINCE]   = QUERY(DAILY_COUNT, 1, "day", 0, { "day", MATCH_FROM }),
	[QUERY_DECISION_COUNTS_SINCE] =
	                               QUERY(DECISION_COUNT, 1, "day", 0, { "day", MATCH_FROM }),
	[QUERY_DAILY_COUNTS_OF_DAY]  = QUERY(DAILY_COUNT, 2, "tenant_id", 0, { "day", MATCH_EQUAL }, { "tenant_id", MATCH_ABOVE }),
	[QUERY_NEWEST_DAILY_COUNTS]  = QUERY(DAILY_COUNT, 2, "tenant_id", 0, { "closed", MATCH_ZERO }, { "tenant_id", MATCH_ABOVE }),
	[QUERY_DECISION_COUNTS_OF_DAY] =
	                               QUERY(DECISION_COUNT, 2, "tenant_id", 0, { "day", MATCH_EQUAL }, { "tenant_id", MATCH_ABOVE }),
	[QUERY_DECISION_COUNTS_OF_TENANT] =
	                               QUERY(DECISION_COUNT, 2, "day", 0, { "tenant_id", MATCH_EQUAL }, { "day", MATCH_FROM }),
	[QUERY_OPERATOR_NOTES_OF_USER] =
	                               QUERY(OPERATOR_NOTE, 2, "created_at", 1, { "tenant_id", MATCH_EQUAL }, { "user_id", MATCH_EQUAL }),
	[QUERY_INSTANCES]            = QUERY(INSTANCE,  0, "seen_at",    1, { 0 }),
	[QUERY_BRANDINGS_OF_LOGO]    = QUERY(BRANDING,  1, "tenant_id",  0, { "logo_digest", MATCH_EQUAL }),
};
/* clang-format on */

static const bool steps_over[QUERY_COUNT] = {
	[QUERY_TENANTS] = true,
	[QUERY_KEYS] = true,
	[QUERY_KEYS_OF_TENANT] = true,
	[QUERY_ENROLMENTS_OF_TENANT] = true,
	[QUERY_SESSIONS_BY_STATUS] = true,
	[QUERY_SESSIONS_BY_STATUS_SINCE] = true,
	[QUERY_SESSIONS_STALE] = true,
	[QUERY_SESSIONS_DUE] = true,
	[QUERY_AUDIT_OF_SUBJECT] = true,
	[QUERY_AUDIT_SINCE] = true,
	[QUERY_AUDIT_OF_SUBJECT_BEFORE] = true,
	[QUERY_AUDIT_BEFORE] = true,
	[QUERY_AUDIT_OF_OPERATORS_BEFORE] = true,
	[QUERY_AUDIT_OF_OPERATOR_BEFORE] = true,
	[QUERY_CHALLENGES_EXPIRED] = true,
	[QUERY_PEOPLE_OF_TENANT] = true,
	[QUERY_PEOPLE_BY_STATUS] = true,
	[QUERY_PEOPLE_BY_REFERENCE] = true,
	[QUERY_EVENTS_UNNUMBERED] = true,
	[QUERY_EVENTS_FROM] = true,
	[QUERY_NEWEST_EVENTS] = true,
	[QUERY_EVENTS_OF_TENANT] = true,
	[QUERY_NEWEST_EVENTS_OF_TENANT] = true,
	[QUERY_EVENTS_OF_USER] = true,
	[QUERY_WEBHOOK_ENDPOINTS] = true,
	[QUERY_WEBHOOK_ENDPOINTS_OF_TENANT] = true,
	[QUERY_VERIFICATION_LINKS_EXPIRED] = true,
	[QUERY_VERIFICATION_RESULTS_OF_LINK] = true,
	[QUERY_VERIFICATION_RESULTS_EXPIRED] = true,
	[QUERY_OPERATOR_ACCOUNTS] = true,
	[QUERY_PASSKEYS_OF_OPERATOR] = true,
	[QUERY_PASSKEY_CHALLENGES_EXPIRED] = true,
	[QUERY_CONSOLE_SESSIONS_OF_OPERATOR] = true,
	[QUERY_CONSOLE_SESSIONS_EXPIRED] = true,
	[QUERY_BRANDINGS_OF_LOGO] = true,
};

bool query_steps_over(enum query_kind query)
{
	return steps_over[query];
}
