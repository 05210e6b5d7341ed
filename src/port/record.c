#include "port/record.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/attr.h"
#include "domain/audit.h"
#include "domain/branding.h"
#include "domain/challenge.h"
#include "domain/claim.h"
#include "domain/counter.h"
#include "domain/effect.h"
#include "domain/event.h"
#include "domain/heartbeat.h"
#include "domain/idempotency.h"
#include "domain/ip_limit.h"
#include "domain/lease.h"
#include "domain/operator_account.h"
#include "domain/otp.h"
#include "domain/provider_event.h"
#include "domain/provider_token.h"
#include "domain/quota.h"
#include "domain/rate.h"
#include "domain/session.h"
#include "domain/tenant.h"
#include "domain/user.h"
#include "domain/webhook_endpoint.h"
#include "port/keyring.h"
#include "port/record_console.h"
#include "port/record_link.h"
#include "port/record_review.h"

/* A column whose value is in a nested struct of the row. */
#define PART(kind, type, outer, member)                                                                      \
	{                                                                                                    \
#member, COLUMN_##kind, offsetof(type, outer.member), sizeof(((type *)NULL)->outer.member)   \
	}

/* clang-format off */
static const struct column keyring_columns[] = {
	COLUMN(ID,     struct keyring, name),
	COLUMN(BYTES,  struct keyring, wrapped_key),
	COLUMN(ID,     struct keyring, master_key_id),
	COLUMN(MOMENT, struct keyring, created_at),
};
static const struct column tenant_columns[] = {
	COLUMN(ID,     struct tenant, id),
	COLUMN(ID,     struct tenant, name),
	COLUMN(ID,     struct tenant, group_name),
	COLUMN(INT,    struct tenant, monthly_quota),
	COLUMN(ID,     struct tenant, display_name),
	COLUMN(ID,     struct tenant, language),
	COLUMN(ID,     struct tenant, return_url),
	COLUMN(ID,     struct tenant, site),
	COLUMN(MOMENT, struct tenant, created_at),
	COLUMN(MOMENT, struct tenant, disabled_at),
	COLUMN(FLAG,   struct tenant, four_eyes),
	MAC_COLUMN,
};
static const struct column api_key_columns[] = {
	COLUMN(ID,     struct api_key, id),
	COLUMN(ID,     struct api_key, tenant_id),
	COLUMN(DIGEST, struct api_key, digest),
	COLUMN(ID,     struct api_key, label),
	COLUMN(MOMENT, struct api_key, created_at),
	COLUMN(MOMENT, struct api_key, expires_at),
	COLUMN(MOMENT, struct api_key, revoked_at),
	COLUMN(INT,    struct api_key, rate_per_minute),
	COLUMN(INT,    struct api_key, rate_per_second),
	COLUMN(MOMENT, struct api_key, last_used_at),
	COLUMN(INT,    struct api_key, scopes),
	COLUMN(ID,     struct api_key, allow_from),
	MAC_COLUMN,
};
static const struct column user_columns[] = {
	COLUMN(ID,     struct user, id),
	COLUMN(ID,     struct user, group_name),
	COLUMN(BYTES,  struct user, wrapped_key),
	COLUMN(ID,     struct user, language),
	COLUMN(MOMENT, struct user, created_at),
	COLUMN(MOMENT, struct user, tries_reset_at),
	COLUMN(MOMENT, struct user, send_tat),
	COLUMN(MOMENT, struct user, orphan_suspected_at),
	COLUMN(ID,     struct user, linked_user_ids),
	COLUMN(MOMENT, struct user, link_send_tat),
	COLUMN(DIGEST, struct user, blind_index),
	COLUMN(MOMENT, struct user, verification_link_send_tat),
	MAC_COLUMN,
};
static const struct column address_columns[] = {
	COLUMN(DIGEST, struct address, blind_index),
	COLUMN(ENUM,   struct address, kind),
	COLUMN(ID,     struct address, user_id),
	COLUMN(BYTES,  struct address, sealed_address),
	COLUMN(MOMENT, struct address, created_at),
	COLUMN(ID,     struct address, primary_user_id),
	MAC_COLUMN,
};
static const struct column enrolment_columns[] = {
	COLUMN(ID,     struct enrolment, tenant_id),
	COLUMN(ID,     struct enrolment, user_id),
	COLUMN(DIGEST, struct enrolment, blind_index),
	COLUMN(MOMENT, struct enrolment, prepared_at),
	COLUMN(MOMENT, struct enrolment, verified_at),
	COLUMN(ID,     struct enrolment, last_mail_id),
	COLUMN(ID,     struct enrolment, public_user_id),
	COLUMN(BYTES,  struct enrolment, sealed_reference),
	COLUMN(ID,     struct enrolment, reference_index),
	COLUMN(ENUM,   struct enrolment, overall_status),
	COLUMN(INT,    struct enrolment, event_sequence),
	COLUMN(MOMENT, struct enrolment, updated_at),
	COLUMN(FLAG,   struct enrolment, merged),
	MAC_COLUMN,
};
static const struct column otp_columns[] = {
	COLUMN(ID,     struct otp, tenant_id),
	COLUMN(ID,     struct otp, user_id),
	COLUMN(DIGEST, struct otp, digest),
	COLUMN(MOMENT, struct otp, created_at),
	COLUMN(MOMENT, struct otp, expires_at),
	COLUMN(INT,    struct otp, tries_left),
	COLUMN(FLAG,   struct otp, used),
	COLUMN(ID,     struct otp, mail_id),
	MAC_COLUMN,
};
static const struct column session_columns[] = {
	COLUMN(ID,     struct session, id),
	COLUMN(ID,     struct session, user_id),
	COLUMN(ID,     struct session, tenant_id),
	COLUMN(ID,     struct session, flow),
	COLUMN(ID,     struct session, provider_version),
	COLUMN(ID,     struct session, features),
	COLUMN(ID,     struct session, provider_ref),
	COLUMN(ENUM,   struct session, status),
	COLUMN(BYTES,  struct session, sealed_url),
	COLUMN(BYTES,  struct session, sealed_decision),
	COLUMN(FLAG,   struct session, blocklisted),
	COLUMN(MOMENT, struct session, created_at),
	COLUMN(MOMENT, struct session, provider_event_at),
	COLUMN(MOMENT, struct session, last_update_at),
	COLUMN(MOMENT, struct session, last_poll_at),
	COLUMN(MOMENT, struct session, return_poll_at),
	COLUMN(ID,     struct session, instance_id),
	COLUMN(INT,    struct session, quota_month),
	COLUMN(INT,    struct session, after_declines),
	COLUMN(MOMENT, struct session, next_poll_at),
	MAC_COLUMN,
};
static const struct column quota_columns[] = {
	COLUMN(ID,     struct quota, tenant_id),
	COLUMN(INT,    struct quota, month),
	COLUMN(INT,    struct quota, used),
	COLUMN(INT,    struct quota, notified_limit),
	COLUMN(INT,    struct quota, notified_percent),
};
static const struct column effect_columns[] = {
	COLUMN(ID,     struct effect, id),
	COLUMN(ENUM,   struct effect, kind),
	COLUMN(ID,     struct effect, tenant_id),
	COLUMN(ID,     struct effect, user_id),
	COLUMN(ENUM,   struct effect, state),
	COLUMN(FLAG,   struct effect, done),
	COLUMN(BYTES,  struct effect, sealed_payload),
	COLUMN(MOMENT, struct effect, created_at),
	COLUMN(MOMENT, struct effect, due_at),
	COLUMN(MOMENT, struct effect, expires_at),
	COLUMN(MOMENT, struct effect, lease_expires_at),
	COLUMN(ID,     struct effect, lease_owner),
	COLUMN(INT,    struct effect, tries),
	COLUMN(MOMENT, struct effect, finished_at),
	COLUMN(ID,     struct effect, endpoint_id),
	COLUMN(ID,     struct effect, event_id),
	COLUMN(INT,    struct effect, event_position),
	COLUMN(INT,    struct effect, http_status),
	COLUMN(ID,     struct effect, error),
	COLUMN(INT,    struct effect, duration_ms),
	COLUMN(BYTES,  struct effect, sealed_excerpt),
};
static const struct column provider_event_columns[] = {
	COLUMN(DIGEST, struct provider_event_entry, event_key),
	COLUMN(DIGEST, struct provider_event_entry, body_digest),
	COLUMN(ID,     struct provider_event_entry, session_id),
	COLUMN(ID,     struct provider_event_entry, kind),
	COLUMN(ID,     struct provider_event_entry, status),
	COLUMN(MOMENT, struct provider_event_entry, sent_at),
	COLUMN(MOMENT, struct provider_event_entry, received_at),
	COLUMN(ENUM,   struct provider_event_entry, outcome),
};
static const struct column audit_entry_columns[] = {
	COLUMN(ID,     struct audit_entry, id),
	COLUMN(MOMENT, struct audit_entry, at),
	COLUMN(ENUM,   struct audit_entry, actor_kind),
	COLUMN(ID,     struct audit_entry, actor),
	COLUMN(ENUM,   struct audit_entry, action),
	COLUMN(ID,     struct audit_entry, subject),
	COLUMN(ID,     struct audit_entry, tenant_id),
	COLUMN(ID,     struct audit_entry, request_id),
	COLUMN(ID,     struct audit_entry, detail),
	MAC_COLUMN,
};
static const struct column ip_limit_columns[] = {
	COLUMN(DIGEST, struct ip_limit, ip_hash),
	COLUMN(MOMENT, struct ip_limit, send_tat),
	COLUMN(MOMENT, struct ip_limit, day_tat),
	COLUMN(MOMENT, struct ip_limit, expires_at),
};
static const struct column provider_event_body_columns[] = {
	COLUMN(DIGEST, struct provider_event_body, event_key),
	COLUMN(ID,     struct provider_event_body, session_id),
	COLUMN(MOMENT, struct provider_event_body, received_at),
	COLUMN(BYTES,  struct provider_event_body, sealed_body),
};
static const struct column heartbeat_columns[] = {
	COLUMN(ID,     struct heartbeat, name),
	COLUMN(MOMENT, struct heartbeat, at),
};
static const struct column lease_columns[] = {
	COLUMN(ID,     struct lease, name),
	COLUMN(ID,     struct lease, owner),
	COLUMN(MOMENT, struct lease, expires_at),
};
static const struct column challenge_columns[] = {
	COLUMN(ID,     struct challenge, tenant_id),
	COLUMN(DIGEST, struct challenge, wallet_index),
	COLUMN(DIGEST, struct challenge, digest),
	COLUMN(MOMENT, struct challenge, created_at),
	COLUMN(MOMENT, struct challenge, expires_at),
	COLUMN(INT,    struct challenge, tries_left),
	MAC_COLUMN,
};
static const struct column claim_columns[] = {
	PART(ID,       struct claim, code, tenant_id),
	COLUMN(DIGEST, struct claim, email_index),
	COLUMN(DIGEST, struct claim, wallet_index),
	COLUMN(MOMENT, struct claim, claimed_at),
	PART(ID,       struct claim, code, user_id),
	PART(DIGEST,   struct claim, code, digest),
	PART(MOMENT,   struct claim, code, created_at),
	PART(MOMENT,   struct claim, code, expires_at),
	PART(INT,      struct claim, code, tries_left),
	PART(FLAG,     struct claim, code, used),
	PART(ID,       struct claim, code, mail_id),
	MAC_COLUMN,
};
static const struct column rate_columns[] = {
	COLUMN(ID,     struct rate, name),
	COLUMN(BYTES,  struct rate, windows),
};
static const struct column token_columns[] = {
	COLUMN(ID,     struct provider_token, name),
	COLUMN(BYTES,  struct provider_token, sealed_token),
	COLUMN(INT,    struct provider_token, serial),
	COLUMN(MOMENT, struct provider_token, renew_at),
	COLUMN(MOMENT, struct provider_token, expires_at),
	COLUMN(ID,     struct provider_token, lease_owner),
	COLUMN(MOMENT, struct provider_token, lease_expires_at),
};

static const struct column idempotency_entry_columns[] = {
	COLUMN(DIGEST, struct idempotency_entry, entry_key),
	COLUMN(DIGEST, struct idempotency_entry, body_digest),
	COLUMN(INT,    struct idempotency_entry, status),
	COLUMN(BYTES,  struct idempotency_entry, sealed_reply),
	COLUMN(MOMENT, struct idempotency_entry, expires_at),
	COLUMN(ID,     struct idempotency_entry, instance_id),
	COLUMN(MOMENT, struct idempotency_entry, lease_expires_at),
};

static const struct column counter_columns[] = {
	COLUMN(ID,     struct counter, name),
	COLUMN(INT,    struct counter, value),
};
static const struct column event_columns[] = {
	COLUMN(ID,     struct event, id),
	COLUMN(ID,     struct event, tenant_id),
	COLUMN(ID,     struct event, user_id),
	COLUMN(ID,     struct event, public_user_id),
	COLUMN(ENUM,   struct event, type),
	COLUMN(ID,     struct event, detail),
	COLUMN(INT,    struct event, sequence),
	COLUMN(INT,    struct event, position),
	COLUMN(FLAG,   struct event, erased),
	COLUMN(BYTES,  struct event, sealed_data),
	COLUMN(MOMENT, struct event, created_at),
	COLUMN(ID,     struct event, uncounted),
	MAC_COLUMN,
};
static const struct column webhook_endpoint_columns[] = {
	COLUMN(ID,     struct webhook_endpoint, id),
	COLUMN(ID,     struct webhook_endpoint, tenant_id),
	COLUMN(BYTES,  struct webhook_endpoint, sealed_url),
	COLUMN(ID,     struct webhook_endpoint, types),
	COLUMN(ID,     struct webhook_endpoint, description),
	COLUMN(FLAG,   struct webhook_endpoint, include_address),
	COLUMN(FLAG,   struct webhook_endpoint, include_session_url),
	COLUMN(BYTES,  struct webhook_endpoint, sealed_secret),
	COLUMN(BYTES,  struct webhook_endpoint, sealed_old_secret),
	COLUMN(MOMENT, struct webhook_endpoint, old_secret_expires_at),
	COLUMN(ENUM,   struct webhook_endpoint, state),
	COLUMN(MOMENT, struct webhook_endpoint, created_at),
	COLUMN(MOMENT, struct webhook_endpoint, last_success_at),
	COLUMN(MOMENT, struct webhook_endpoint, failing_since),
	COLUMN(MOMENT, struct webhook_endpoint, paused_until),
	MAC_COLUMN,
};
static const struct column branding_columns[] = {
	COLUMN(ID,     struct branding, tenant_id),
	COLUMN(ID,     struct branding, colour),
	COLUMN(ID,     struct branding, support_url),
	COLUMN(ID,     struct branding, privacy_url),
	COLUMN(DIGEST, struct branding, logo_digest),
	COLUMN(DIGEST, struct branding, consent_digest),
	MAC_COLUMN,
};
static const struct column logo_columns[] = {
	COLUMN(DIGEST, struct logo, digest),
	COLUMN(BYTES,  struct logo, image),
};
static const struct column consent_text_columns[] = {
	COLUMN(DIGEST, struct consent_text, digest),
	COLUMN(BYTES,  struct consent_text, text),
};

/* Table names are plural, because SQL reserves words such as `user`. Statements quote all names. */
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
	[RECORD_SESSION]   = RECORD("sessions",   struct session,   session_columns,   1, "provider_ref"),
	[RECORD_QUOTA]     = RECORD("quotas",     struct quota,     quota_columns,     2, NULL),
	[RECORD_EFFECT]    = RECORD("effects",    struct effect,    effect_columns,    1, NULL),
	[RECORD_PROVIDER_EVENT]     = RECORD("provider_events",     struct provider_event_entry,     provider_event_columns,     1, NULL),
	[RECORD_AUDIT_ENTRY]     = RECORD("audit_entries",     struct audit_entry,     audit_entry_columns,     1, NULL),
	[RECORD_IP_LIMIT]   = RECORD("ip_limits",   struct ip_limit,   ip_limit_columns,   1, NULL),
	[RECORD_PROVIDER_EVENT_BODY] = RECORD("provider_event_bodies", struct provider_event_body, provider_event_body_columns, 1, NULL),
	[RECORD_HEARTBEAT]     = RECORD("heartbeats",    struct heartbeat,     heartbeat_columns,     1, NULL),
	[RECORD_LEASE]     = RECORD("leases",     struct lease,     lease_columns,     1, NULL),
	[RECORD_CHALLENGE] = RECORD("challenges", struct challenge, challenge_columns, 2, NULL),
	[RECORD_RATE]      = RECORD("rates",      struct rate,      rate_columns,      1, NULL),
	[RECORD_TOKEN]     = RECORD("provider_tokens",     struct provider_token, token_columns,  1, NULL),
	[RECORD_CLAIM]     = RECORD("claims",     struct claim,     claim_columns,     2, NULL),
	[RECORD_IDEMPOTENCY_ENTRY] = RECORD("idempotency_entries", struct idempotency_entry, idempotency_entry_columns, 1, NULL),
	[RECORD_COUNTER]   = RECORD("counters",   struct counter,   counter_columns,   1, NULL),
	[RECORD_EVENT]     = RECORD("events",     struct event,     event_columns,     1, NULL),
	[RECORD_WEBHOOK_ENDPOINT] = RECORD("webhook_endpoints", struct webhook_endpoint, webhook_endpoint_columns, 1, NULL),
	[RECORD_BRANDING]  = RECORD("brandings",  struct branding,  branding_columns,  1, NULL),
	[RECORD_LOGO]      = RECORD("logos",      struct logo,      logo_columns,      1, NULL),
	[RECORD_CONSENT_TEXT] = RECORD("consent_texts", struct consent_text, consent_text_columns, 1, NULL),
	[RECORD_VERIFICATION_LINK] = RECORD("verification_links", struct verification_link, verification_link_columns, 1, NULL),
	[RECORD_VERIFICATION_RESULT] = RECORD("verification_results", struct verification_result, verification_result_columns, 1, NULL),
	[RECORD_OPERATOR_ACCOUNT] = RECORD("operator_accounts", struct operator_account, operator_account_columns, 1, NULL),
	[RECORD_PASSKEY]   = RECORD("passkeys",  struct passkey,    passkey_columns,   1, NULL),
	[RECORD_PASSKEY_CHALLENGE] = RECORD("passkey_challenges", struct passkey_challenge, passkey_challenge_columns, 1, NULL),
	[RECORD_CONSOLE_SESSION] = RECORD("console_sessions", struct console_session, console_session_columns, 1, NULL),
	[RECORD_DAILY_COUNT] = RECORD("daily_counts", struct daily_count, daily_count_columns, 2, NULL),
	[RECORD_DECISION_COUNT] = RECORD("decision_counts", struct decision_count, decision_count_columns, 2, NULL),
	[RECORD_REVIEW]    = RECORD("reviews",   struct review,     review_columns,    1, NULL),
	[RECORD_OPERATOR_NOTE] = RECORD("operator_notes", struct operator_note, operator_note_columns, 1, NULL),
	[RECORD_INSTANCE]  = RECORD("instances", struct server_instance,   instance_columns,  1, NULL),
};

const enum record_kind new_user_record_kinds[NEW_USER_ROWS] = { RECORD_ADDRESS, RECORD_USER, RECORD_ENROLMENT, RECORD_AUDIT_ENTRY, RECORD_EVENT };
/* clang-format on */

const struct column *record_column(const struct record *record, const char *name)
{
	for (size_t i = 0; i < record->n; i++)
		if (strcmp(record->columns[i].name, name) == 0)
			return &record->columns[i];
	assert(false && "no such column");
	return NULL;
}
