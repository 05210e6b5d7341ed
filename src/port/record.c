#include "port/record.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/attr.h"
#include "domain/audit.h"
#include "domain/challenge.h"
#include "domain/claim.h"
#include "domain/effect.h"
#include "domain/heartbeat.h"
#include "domain/ip_limit.h"
#include "domain/lease.h"
#include "domain/otp.h"
#include "domain/provider_event.h"
#include "domain/provider_token.h"
#include "domain/quota.h"
#include "domain/rate.h"
#include "domain/session.h"
#include "domain/tenant.h"
#include "domain/user.h"
#include "port/keyring.h"

#define COLUMN(kind, type, member)                                                                           \
	{                                                                                                    \
#member, COLUMN_##kind, offsetof(type, member), sizeof(((type *)NULL)->member)               \
	}

/* Of a struct that stands within the row's. */
#define PART(kind, type, outer, member)                                                                      \
	{                                                                                                    \
#member, COLUMN_##kind, offsetof(type, outer.member), sizeof(((type *)NULL)->outer.member)   \
	}

/* clang-format off */
static const struct column keyring_columns[] = {
	COLUMN(ID,     struct keyring, name),
	COLUMN(BYTES,  struct keyring, wrapped),
	COLUMN(ID,     struct keyring, master_id),
	COLUMN(MOMENT, struct keyring, created),
};
static const struct column tenant_columns[] = {
	COLUMN(ID,     struct tenant, id),
	COLUMN(ID,     struct tenant, name),
	COLUMN(ID,     struct tenant, group_name),
	COLUMN(INT,    struct tenant, monthly_quota),
	COLUMN(ID,     struct tenant, display_name),
	COLUMN(ID,     struct tenant, language),
	COLUMN(ID,     struct tenant, return_url),
	COLUMN(MOMENT, struct tenant, created),
};
static const struct column api_key_columns[] = {
	COLUMN(ID,     struct api_key, id),
	COLUMN(ID,     struct api_key, tenant),
	COLUMN(DIGEST, struct api_key, digest),
	COLUMN(ID,     struct api_key, label),
	COLUMN(MOMENT, struct api_key, created),
	COLUMN(MOMENT, struct api_key, expires),
	COLUMN(MOMENT, struct api_key, revoked),
	COLUMN(INT,    struct api_key, rate_per_minute),
	COLUMN(INT,    struct api_key, rate_per_second),
};
static const struct column user_columns[] = {
	COLUMN(ID,     struct user, id),
	COLUMN(ID,     struct user, group_name),
	COLUMN(BYTES,  struct user, wrapped_key),
	COLUMN(ID,     struct user, language),
	COLUMN(MOMENT, struct user, created),
	COLUMN(MOMENT, struct user, allowed),
	COLUMN(MOMENT, struct user, send_full),
	COLUMN(MOMENT, struct user, doubted),
	COLUMN(ID,     struct user, members),
	COLUMN(MOMENT, struct user, pair_full),
	COLUMN(DIGEST, struct user, address),
};
static const struct column address_columns[] = {
	COLUMN(DIGEST, struct address, blind),
	COLUMN(ENUM,   struct address, kind),
	COLUMN(ID,     struct address, user),
	COLUMN(BYTES,  struct address, sealed),
	COLUMN(MOMENT, struct address, created),
	COLUMN(ID,     struct address, joined),
};
static const struct column enrolment_columns[] = {
	COLUMN(ID,     struct enrolment, tenant),
	COLUMN(ID,     struct enrolment, user),
	COLUMN(DIGEST, struct enrolment, blind),
	COLUMN(MOMENT, struct enrolment, prepared),
	COLUMN(MOMENT, struct enrolment, proven),
	COLUMN(ID,     struct enrolment, last_letter),
};
static const struct column otp_columns[] = {
	COLUMN(ID,     struct otp, tenant),
	COLUMN(ID,     struct otp, user),
	COLUMN(DIGEST, struct otp, digest),
	COLUMN(MOMENT, struct otp, created),
	COLUMN(MOMENT, struct otp, expires),
	COLUMN(INT,    struct otp, tries_left),
	COLUMN(FLAG,   struct otp, used),
	COLUMN(ID,     struct otp, letter),
};
static const struct column session_columns[] = {
	COLUMN(ID,     struct session, id),
	COLUMN(ID,     struct session, user),
	COLUMN(ID,     struct session, tenant),
	COLUMN(ID,     struct session, flow),
	COLUMN(ID,     struct session, provider_version),
	COLUMN(ID,     struct session, features),
	COLUMN(ID,     struct session, provider),
	COLUMN(ENUM,   struct session, status),
	COLUMN(BYTES,  struct session, url),
	COLUMN(BYTES,  struct session, decision),
	COLUMN(FLAG,   struct session, blocklisted),
	COLUMN(MOMENT, struct session, created),
	COLUMN(MOMENT, struct session, changed),
	COLUMN(MOMENT, struct session, heard),
	COLUMN(MOMENT, struct session, read),
	COLUMN(MOMENT, struct session, asked),
	COLUMN(ID,     struct session, instance),
	COLUMN(INT,    struct session, quota_month),
	COLUMN(INT,    struct session, after_declines),
	COLUMN(MOMENT, struct session, due),
};
static const struct column quota_columns[] = {
	COLUMN(ID,     struct quota, tenant),
	COLUMN(INT,    struct quota, month),
	COLUMN(INT,    struct quota, used),
};
static const struct column effect_columns[] = {
	COLUMN(ID,     struct effect, id),
	COLUMN(ENUM,   struct effect, kind),
	COLUMN(ID,     struct effect, tenant),
	COLUMN(ID,     struct effect, user),
	COLUMN(ENUM,   struct effect, state),
	COLUMN(FLAG,   struct effect, done),
	COLUMN(BYTES,  struct effect, sealed),
	COLUMN(MOMENT, struct effect, created),
	COLUMN(MOMENT, struct effect, due),
	COLUMN(MOMENT, struct effect, useful_until),
	COLUMN(MOMENT, struct effect, leased_until),
	COLUMN(ID,     struct effect, lessee),
	COLUMN(INT,    struct effect, tries),
	COLUMN(MOMENT, struct effect, finished),
};
static const struct column event_columns[] = {
	COLUMN(DIGEST, struct provider_event_entry, key),
	COLUMN(DIGEST, struct provider_event_entry, body),
	COLUMN(ID,     struct provider_event_entry, session),
	COLUMN(ID,     struct provider_event_entry, kind),
	COLUMN(ID,     struct provider_event_entry, status),
	COLUMN(MOMENT, struct provider_event_entry, sent),
	COLUMN(MOMENT, struct provider_event_entry, received),
	COLUMN(ENUM,   struct provider_event_entry, outcome),
};
static const struct column trail_columns[] = {
	COLUMN(ID,     struct audit_entry, id),
	COLUMN(MOMENT, struct audit_entry, at),
	COLUMN(ENUM,   struct audit_entry, actor_kind),
	COLUMN(ID,     struct audit_entry, actor),
	{ "act", COLUMN_ENUM, offsetof(struct audit_entry, action), sizeof(enum audit_action) },
	COLUMN(ID,     struct audit_entry, subject),
	COLUMN(ID,     struct audit_entry, tenant),
	COLUMN(ID,     struct audit_entry, request),
	COLUMN(ID,     struct audit_entry, note),
};
static const struct column visitor_columns[] = {
	COLUMN(DIGEST, struct ip_limit, key),
	COLUMN(MOMENT, struct ip_limit, send_full),
	COLUMN(MOMENT, struct ip_limit, day_full),
	COLUMN(MOMENT, struct ip_limit, until),
};
static const struct column event_body_columns[] = {
	COLUMN(DIGEST, struct provider_event_body, key),
	COLUMN(ID,     struct provider_event_body, session),
	COLUMN(MOMENT, struct provider_event_body, received),
	COLUMN(BYTES,  struct provider_event_body, sealed),
};
static const struct column watch_columns[] = {
	COLUMN(ID,     struct heartbeat, name),
	COLUMN(MOMENT, struct heartbeat, at),
};
static const struct column lease_columns[] = {
	COLUMN(ID,     struct lease, name),
	COLUMN(ID,     struct lease, lessee),
	COLUMN(MOMENT, struct lease, until),
};
static const struct column challenge_columns[] = {
	COLUMN(ID,     struct challenge, tenant),
	COLUMN(DIGEST, struct challenge, wallet),
	COLUMN(DIGEST, struct challenge, digest),
	COLUMN(MOMENT, struct challenge, created),
	COLUMN(MOMENT, struct challenge, expires),
	COLUMN(INT,    struct challenge, tries_left),
};
static const struct column claim_columns[] = {
	PART(ID,       struct claim, code, tenant),
	COLUMN(DIGEST, struct claim, email),
	COLUMN(DIGEST, struct claim, wallet),
	COLUMN(MOMENT, struct claim, made),
	PART(ID,       struct claim, code, user),
	PART(DIGEST,   struct claim, code, digest),
	PART(MOMENT,   struct claim, code, created),
	PART(MOMENT,   struct claim, code, expires),
	PART(INT,      struct claim, code, tries_left),
	PART(FLAG,     struct claim, code, used),
	PART(ID,       struct claim, code, letter),
};
static const struct column rate_columns[] = {
	COLUMN(ID,     struct rate, name),
	COLUMN(BYTES,  struct rate, windows),
};
static const struct column token_columns[] = {
	COLUMN(ID,     struct provider_token, name),
	COLUMN(BYTES,  struct provider_token, sealed),
	COLUMN(INT,    struct provider_token, serial),
	COLUMN(MOMENT, struct provider_token, renew),
	COLUMN(MOMENT, struct provider_token, expires),
	COLUMN(ID,     struct provider_token, lessee),
	COLUMN(MOMENT, struct provider_token, leased_until),
};

/* `user` is a word that SQL keeps for itself: tables stand in the plural, and SQL puts every column in quotes. */
#define RECORD(table, type, columns, n_keys, unique) \
	{ table, sizeof(type), columns, array_len(columns), n_keys, unique }
const struct record records[RECORD_COUNT] = {
	[RECORD_KEYRING]   = RECORD("keyrings",   struct keyring,   keyring_columns,   1, NULL),
	[RECORD_TENANT]    = RECORD("tenants",    struct tenant,    tenant_columns,    1, "name"),
	[RECORD_API_KEY]   = RECORD("api_keys",   struct api_key,   api_key_columns,   1, NULL),
	[RECORD_USER]      = RECORD("users",      struct user,      user_columns,      1, NULL),
	[RECORD_ADDRESS]   = RECORD("addresses",  struct address,   address_columns,   1, NULL),
	[RECORD_ENROLMENT] = RECORD("enrolments", struct enrolment, enrolment_columns, 3, NULL),
	[RECORD_OTP]       = RECORD("otps",       struct otp,       otp_columns,       2, NULL),
	[RECORD_SESSION]   = RECORD("sessions",   struct session,   session_columns,   1, "provider"),
	[RECORD_QUOTA]     = RECORD("quotas",     struct quota,     quota_columns,     2, NULL),
	[RECORD_EFFECT]    = RECORD("effects",    struct effect,    effect_columns,    1, NULL),
	[RECORD_PROVIDER_EVENT]     = RECORD("events",     struct provider_event_entry,     event_columns,     1, NULL),
	[RECORD_AUDIT_ENTRY]     = RECORD("trails",     struct audit_entry,     trail_columns,     1, NULL),
	[RECORD_IP_LIMIT]   = RECORD("visitors",   struct ip_limit,   visitor_columns,   1, NULL),
	[RECORD_PROVIDER_EVENT_BODY] = RECORD("event_bodies", struct provider_event_body, event_body_columns, 1, NULL),
	[RECORD_HEARTBEAT]     = RECORD("watches",    struct heartbeat,     watch_columns,     1, NULL),
	[RECORD_LEASE]     = RECORD("leases",     struct lease,     lease_columns,     1, NULL),
	[RECORD_CHALLENGE] = RECORD("challenges", struct challenge, challenge_columns, 2, NULL),
	[RECORD_RATE]      = RECORD("rates",      struct rate,      rate_columns,      1, NULL),
	[RECORD_TOKEN]     = RECORD("tokens",     struct provider_token, token_columns,  1, NULL),
	[RECORD_CLAIM]     = RECORD("claims",     struct claim,     claim_columns,     2, NULL),
};

const enum record_kind new_user_record_kinds[NEW_USER_ROWS] = { RECORD_ADDRESS, RECORD_USER, RECORD_ENROLMENT, RECORD_AUDIT_ENTRY };

#define QUERY(kind, n, order, newest_first, ...) { RECORD_##kind, { __VA_ARGS__ }, n, order, newest_first }
const struct query queries[QUERY_COUNT] = {
	[QUERY_KEYRING]              = QUERY(KEYRING,   0, "name",    0, { 0 }),
	[QUERY_TENANTS]              = QUERY(TENANT,    0, "name",    0, { 0 }),
	[QUERY_TENANT_BY_NAME]       = QUERY(TENANT,    1, "id",      0, { "name", MATCH_UNIQUE }),
	[QUERY_KEYS]                 = QUERY(API_KEY,   0, "created", 0, { 0 }),
	[QUERY_KEYS_OF_TENANT]       = QUERY(API_KEY,   1, "created", 0, { "tenant", MATCH_EQUAL }),
	[QUERY_ENROLMENTS_OF_TENANT] = QUERY(ENROLMENT, 1, "user",  0, { "tenant", MATCH_EQUAL }),
	[QUERY_ENROLMENTS_OF_USER]   = QUERY(ENROLMENT, 2, "blind", 0, { "tenant", MATCH_EQUAL }, { "user", MATCH_EQUAL }),
	[QUERY_SESSIONS_OF_USER]     = QUERY(SESSION,   1, "created", 1, { "user", MATCH_EQUAL }),
	[QUERY_SESSIONS_OF_USER_BY_STATUS] =
	                               QUERY(SESSION,   2, "created", 1, { "user", MATCH_EQUAL }, { "status", MATCH_EQUAL }),
	[QUERY_SESSIONS_BY_STATUS]   = QUERY(SESSION,   2, "created", 0, { "status", MATCH_EQUAL }, { "created", MATCH_UP_TO }),
	[QUERY_SESSIONS_STALE]     = QUERY(SESSION,   2, "heard",   0, { "status", MATCH_EQUAL }, { "heard", MATCH_UP_TO }),
	[QUERY_SESSIONS_DUE]         = QUERY(SESSION,   2, "due",     0, { "status", MATCH_EQUAL }, { "due", MATCH_UP_TO }),
	[QUERY_SESSION_BY_PROVIDER]  = QUERY(SESSION,   1, "created", 1, { "provider", MATCH_UNIQUE }),
	[QUERY_SESSIONS_OF_USER_SINCE] =
	                               QUERY(SESSION,   2, "created", 1, { "user", MATCH_EQUAL }, { "created", MATCH_FROM }),
	[QUERY_BLOCKLISTED_OF_USER]  = QUERY(SESSION,   3, "created", 1,
	                                     { "user", MATCH_EQUAL }, { "blocklisted", MATCH_EQUAL }, { "created", MATCH_FROM }),
	[QUERY_QUOTAS_OF_MONTH]      = QUERY(QUOTA,     1, "tenant",  0, { "month", MATCH_EQUAL }),
	[QUERY_EFFECTS_DUE]          = QUERY(EFFECT,    3, "due",     0,
	                                     { "done", MATCH_EQUAL }, { "due", MATCH_UP_TO }, { "leased_until", MATCH_UP_TO }),
	[QUERY_EFFECTS_LEASED]       = QUERY(EFFECT,    2, "due",     0, { "done", MATCH_EQUAL }, { "leased_until", MATCH_ABOVE }),
	[QUERY_EFFECTS_OF_USER_SINCE] = QUERY(EFFECT,   3, "created", 1,
	                                     { "user", MATCH_EQUAL }, { "kind", MATCH_EQUAL }, { "created", MATCH_ABOVE }),
	[QUERY_EFFECTS_OPEN]         = QUERY(EFFECT,    1, "created", 0, { "done", MATCH_EQUAL }),
	[QUERY_EFFECTS_BEFORE]       = QUERY(EFFECT,    2, "created", 0, { "done", MATCH_EQUAL }, { "created", MATCH_BELOW }),
	[QUERY_AUDIT_OF_SUBJECT]     = QUERY(AUDIT_ENTRY,     2, "id",      0, { "subject", MATCH_EQUAL }, { "id", MATCH_FROM }),
	[QUERY_AUDIT_SINCE]          = QUERY(AUDIT_ENTRY,     1, "id",      0, { "id", MATCH_FROM }),
	[QUERY_IP_LIMITS_EXPIRED]       = QUERY(IP_LIMIT,   1, "until",   0, { "until", MATCH_UP_TO }),
	[QUERY_EVENT_BODIES_UNTIL]         = QUERY(PROVIDER_EVENT_BODY, 1, "received", 0, { "received", MATCH_UP_TO }),
	[QUERY_EVENT_BODIES_OF_SESSION]    = QUERY(PROVIDER_EVENT_BODY, 1, "received", 0, { "session", MATCH_EQUAL }),
	[QUERY_CHALLENGES_EXPIRED]     = QUERY(CHALLENGE, 1, "expires", 0, { "expires", MATCH_UP_TO }),
	[QUERY_CLAIMS_OF_WALLET]     = QUERY(CLAIM,     1, "tenant",  0, { "wallet", MATCH_EQUAL }),
};
/* clang-format on */

const struct column *record_column(const struct record *record, const char *name)
{
	for (size_t i = 0; i < record->n; i++)
		if (strcmp(record->columns[i].name, name) == 0)
			return &record->columns[i];
	assert(false && "no such column");
	return NULL;
}
