/* Operators: the people who use the console (spec/pages-and-console.md 3). This module says what each role
 * may do, and for which tenants. Pure.
 *
 * An operator signs in with a passkey. A one-time link, which `kycd operator add` and `kycd operator link`
 * print, lets the operator register one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/id.h"

enum operator_role { OPERATOR_VIEWER = 1, OPERATOR_REVIEWER, OPERATOR_ADMIN };

/* Number of tenants that an operator can be limited to. */
#define OPERATOR_TENANTS_MAX 16
#define OPERATOR_TENANT_IDS_SIZE (OPERATOR_TENANTS_MAX * ID_LENGTH + 1)

/* How long a one-time link works. */
#define OPERATOR_LINK_LIFE hours(24)
/* How long a challenge for a passkey works (spec/pages-and-console.md 3). */
#define PASSKEY_CHALLENGE_LIFE minutes(5)
/* Number of passkeys of one operator. */
#define PASSKEYS_MAX 10
/* A console session ends this long after the sign-in, and when it was not used for the second duration. */
#define CONSOLE_SESSION_LIFE hours(12)
#define CONSOLE_SESSION_IDLE minutes(30)
/* How long after a passkey was used an operator may decide a review, and how long a step-up can be used. */
#define CONSOLE_RECENT_LIFE minutes(5)
#define CONSOLE_STEP_UP_LIFE minutes(2)

struct operator_account {
	struct operator_id id;
	struct digest email_index; /* keyed hash of the normal form of the e-mail address */
	struct str sealed_email;
	enum operator_role role;
	/* The ids of the tenants that the operator is limited to, concatenated without separator; empty: all
	 * tenants. */
	char tenant_ids[OPERATOR_TENANT_IDS_SIZE];
	struct digest link_digest; /* of the one-time link's token; all zero: there is no link */
	moment link_expires_at;
	moment created_at;
	moment disabled_at;	/* 0: not disabled */
	moment last_sign_in_at; /* 0: never */
};

struct passkey {
	struct digest credential_digest; /* SHA-256 of the credential id */
	struct operator_id operator_id;
	struct str credential_id;
	int64_t algorithm; /* COSE algorithm */
	struct str public_key;
	int64_t sign_count;
	moment created_at;
	moment last_used_at; /* 0: never */
};

/* The database stores the number: add new values at the end. PASSKEY_ADD: the signed-in operator registers
 * another one. */
enum passkey_purpose { PASSKEY_REGISTER = 1, PASSKEY_SIGN_IN, PASSKEY_STEP_UP, PASSKEY_ADD };

/* A challenge that was given to a browser and not used yet. Using it removes the row. */
struct passkey_challenge {
	struct digest challenge_digest;
	enum passkey_purpose purpose;
	struct operator_id operator_id; /* empty for PASSKEY_SIGN_IN */
	moment created_at, expires_at;
};

struct console_session {
	struct digest token_digest;
	struct operator_id operator_id;
	moment created_at;
	moment seen_at; /* the last request, to the minute */
	moment expires_at;
	moment signed_in_at; /* the last use of a passkey */
	moment step_up_at;   /* a step-up that no action has used yet; 0: none */
};

/* When an action needs a passkey again. */
enum step_up_rule {
	STEP_UP_NEVER,
	STEP_UP_RECENT, /* unless one was used within CONSOLE_RECENT_LIFE */
	STEP_UP_EACH,	/* for each act: a step-up, which the act uses up */
};

/* clang-format off */
/* What operators can do. Columns: identifier, name in the log, least role, step-up. VIEW stands for all pages
 * that no other row names, without addresses; CREATE_KEY and CREATE_SECRET (of a webhook
 * endpoint) also for rotating one; MANAGE_PASSKEYS for the
 * operator's own. */
#define CONSOLE_ACTIONS(ACTION)                                        \
	ACTION(VIEW, "view", VIEWER, NEVER)                            \
	ACTION(SHOW_ADDRESS, "show_address", REVIEWER, NEVER)          \
	ACTION(RESET_TRIES, "reset_tries", REVIEWER, NEVER)            \
	ACTION(ADD_NOTE, "add_note", REVIEWER, NEVER)                  \
	ACTION(CLAIM_REVIEW, "claim_review", REVIEWER, NEVER)          \
	ACTION(DECIDE_REVIEW, "decide_review", REVIEWER, RECENT)       \
	ACTION(EXPORT_LIST, "export_list", REVIEWER, EACH)             \
	ACTION(ERASE_PERSON, "erase_person", ADMIN, EACH)              \
	ACTION(MANAGE_WEBHOOKS, "manage_webhooks", ADMIN, NEVER)       \
	ACTION(CREATE_SECRET, "create_secret", ADMIN, EACH)            \
	ACTION(MANAGE_TENANTS, "manage_tenants", ADMIN, NEVER)         \
	ACTION(CREATE_KEY, "create_key", ADMIN, EACH)                  \
	ACTION(REVOKE_KEY, "revoke_key", ADMIN, NEVER)                 \
	ACTION(VIEW_AUDIT, "view_audit", REVIEWER, NEVER)              \
	ACTION(VIEW_OPERATORS, "view_operators", ADMIN, NEVER)         \
	ACTION(MANAGE_OPERATORS, "manage_operators", ADMIN, EACH)      \
	ACTION(VIEW_SYSTEM, "view_system", ADMIN, NEVER)               \
	ACTION(MANAGE_PASSKEYS, "manage_passkeys", VIEWER, EACH)
/* clang-format on */

enum console_action {
#define ACTION(id, name, role, step_up) CONSOLE_##id,
	CONSOLE_ACTIONS(ACTION)
#undef ACTION
		CONSOLE_ACTION_COUNT
};

enum console_verdict {
	CONSOLE_PERMITTED,
	CONSOLE_ROLE_REFUSED,	/* the role may not do it: 403 */
	CONSOLE_TENANT_REFUSED, /* another tenant's object, which the operator must not learn of: 404 */
	CONSOLE_STEP_UP_NEEDED, /* the passkey is needed again: 403 */
};

/* "viewer", "reviewer" or "admin"; "unknown" for another number. */
const char *operator_role_name(enum operator_role role);
/* Returns false if there is no such role. */
bool operator_role_read(struct str name, enum operator_role *out);

static inline bool operator_account_is_disabled(const struct operator_account *account)
{
	return !moment_is_unset(account->disabled_at);
}
/* Whether the operator may see this tenant. */
bool operator_account_has_tenant(const struct operator_account *account, const struct tenant_id *tenant);
/* Whether the operator sees all tenants, so also what belongs to no tenant. */
static inline bool operator_account_has_all_tenants(const struct operator_account *account)
{
	return account->tenant_ids[0] == '\0';
}
/* Whether the operator has a one-time link that works at `now` (world_expiry_now). */
bool operator_link_is_open(const struct operator_account *account, moment now);
/* "active" (has a passkey), "invited" (has a link that works), "no_passkey" or "disabled". */
const char *operator_account_state(const struct operator_account *account, size_t n_passkeys, moment now);
/* Whether the challenge can still be used at `now`. */
bool passkey_challenge_is_open(const struct passkey_challenge *challenge, moment now);
/* Adds a tenant. Returns false if there are OPERATOR_TENANTS_MAX already. */
bool operator_account_add_tenant(struct operator_account *account, const struct tenant_id *tenant);
/* Iterates over the tenants: sets `out` to the i-th one. Returns false after the last one. */
bool operator_account_tenant_at(const struct operator_account *account, size_t i, struct tenant_id *out);

/* A word for the log, e.g. "erase_person". */
const char *console_action_name(enum console_action action);
/* Whether the role may take the action at all, so that a page shows its button. */
bool operator_role_may(enum operator_role role, enum console_action action);
/* Decides whether the operator may take the action at `now` (world_expiry_now). `tenant`: the tenant of the
 * object; NULL: the action concerns no particular tenant or all of them, and then an operator who is limited
 * to tenants is permitted only CONSOLE_VIEW and CONSOLE_MANAGE_PASSKEYS. */
enum console_verdict console_check(const struct operator_account *account,
	const struct console_session *session, enum console_action action, const struct tenant_id *tenant,
	moment now);

/* Whether the session has a step-up that an action can use up at `now`. */
bool console_step_up_is_usable(const struct console_session *session, moment now);
/* Whether the session can still be used at `now`: it has neither expired nor been idle for too long. If the
 * clock was set back since the session began or was used, it has ended (domain/expiry.h). */
bool console_session_is_open(const struct console_session *session, moment now);
