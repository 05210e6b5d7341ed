/* The entries of the audit log. An entry records which actor did what to which subject, and when. Entries
 * contain no personal data in clear text. Wrong guesses of codes and signatures are only counted; they have
 * no entry. */
#pragma once

#include "base/moment.h"
#include "domain/id.h"

/* clang-format off */
/* Columns: identifier, name in output. The database stores the position in this list, so add new actions at
 * the end and never remove one. */
#define AUDIT_ACTIONS(ACTION)                                  \
	ACTION(PREPARED, "prepared")                  \
	ACTION(CODE_SENT, "code_sent")                \
	ACTION(VERIFIED, "verified")                      \
	ACTION(SESSION_CREATED, "session_created")    \
	ACTION(SESSION_FAILED, "session_failed")      \
	ACTION(SESSION_RELEASED, "session_released")  \
	ACTION(PROVIDER_EVENT, "provider_event")            \
	ACTION(DECISION, "decision")                  \
	ACTION(TENANT_ADDED, "tenant_added")          \
	ACTION(TENANT_CHANGED, "tenant_changed")      \
	ACTION(KEY_CREATED, "key_created")            \
	ACTION(KEY_REVOKED, "key_revoked")            \
	ACTION(QUOTA_RESERVED, "quota_reserved")      \
	ACTION(QUOTA_RETURNED, "quota_returned")      \
	ACTION(TRIES_RESET, "tries_reset")          \
	ACTION(USER_ERASED, "user_erased")            \
	ACTION(LINK_CLAIMED, "link_claimed")                    \
	ACTION(LINKED, "linked")                      \
	ACTION(LINK_REFUSED, "link_refused")          \
	ACTION(TENANT_RENAMED, "tenant_renamed")      \
	ACTION(KEY_CHANGED, "key_changed")            \
	ACTION(KEY_ROTATED, "key_rotated")            \
	ACTION(WEBHOOK_ENDPOINT_CREATED, "webhook_endpoint_created") \
	ACTION(WEBHOOK_ENDPOINT_CHANGED, "webhook_endpoint_changed") \
	ACTION(WEBHOOK_ENDPOINT_DELETED, "webhook_endpoint_deleted") \
	ACTION(WEBHOOK_SECRET_ROTATED, "webhook_secret_rotated") \
	ACTION(EVENTS_RESENT, "events_resent") \
	ACTION(VERIFICATION_LINK_CREATED, "verification_link_created") \
	ACTION(VERIFICATION_LINK_DELETED, "verification_link_deleted") \
	ACTION(WEBHOOK_ENDPOINT_TESTED, "webhook_endpoint_tested") \
	ACTION(WEBHOOK_ENDPOINT_DISABLED, "webhook_endpoint_disabled") \
	ACTION(OPERATOR_ADDED, "operator_added") \
	ACTION(OPERATOR_LINK_CREATED, "operator_link_created") \
	ACTION(OPERATOR_DISABLED, "operator_disabled") \
	ACTION(PASSKEY_REGISTERED, "passkey_registered") \
	ACTION(OPERATOR_SIGNED_IN, "operator_signed_in") \
	ACTION(OPERATOR_SIGN_IN_REFUSED, "operator_sign_in_refused") \
	ACTION(OPERATOR_SIGNED_OUT, "operator_signed_out") \
	ACTION(OPERATOR_STEPPED_UP, "operator_stepped_up") \
	ACTION(PERSON_VIEWED, "person_viewed") \
	ACTION(ADDRESS_SHOWN, "address_shown") \
	ACTION(LIST_EXPORTED, "list_exported") \
	ACTION(REVIEW_CLAIMED, "review_claimed") \
	ACTION(REVIEW_DECIDED, "review_decided") \
	ACTION(REVIEW_CONFIRMED, "review_confirmed") \
	ACTION(REVIEW_REJECTED, "review_rejected") \
	ACTION(NOTE_ADDED, "note_added") \
	ACTION(PASSKEY_REMOVED, "passkey_removed") \
	ACTION(REVIEW_WITHDRAWN, "review_withdrawn") \
	ACTION(CHECKS_STARTED, "checks_started")

enum audit_action {
#define ACTION(id, name) AUDIT_##id,
	AUDIT_ACTIONS(ACTION)
#undef ACTION
	AUDIT_COUNT
};
/* clang-format on */

enum actor_kind { ACTOR_KEY = 1, ACTOR_OPERATOR, ACTOR_WORKER, ACTOR_PROVIDER, ACTOR_LINK };

/* The actor that caused an audit entry, and the request in which it acted. */
struct actor {
	enum actor_kind kind;
	/* for ACTOR_KEY, the id of the API key, or empty for a call without a key (development mode or
	 * KYCD_API_KEYS=optional); for ACTOR_OPERATOR, the id of the operator in the console as it is shown
	 * (op_…), or empty for a command; for ACTOR_LINK, who acts on the pages of a verification link, its
	 * id as the API shows it; empty for all other kinds */
	char id[33];
	char request_id[65]; /* empty outside of a request */
};

struct audit_entry {
	struct audit_entry_id id;
	moment at;
	enum actor_kind actor_kind;
	char actor[33];
	enum audit_action action;
	char subject[65]; /* id of a user, session, tenant, key, webhook endpoint (we_…) or verification link
			     (vl_…) */
	char tenant_id[ID_SIZE];
	char request_id[65];
	char detail[65]; /* a fixed word or a number, for example the new status */
};

/* Both functions return "unknown" for a number that is not in the list, because a newer version of kycd may
 * have written it. */
const char *audit_action_name(enum audit_action a);
const char *actor_kind_name(enum actor_kind k);
