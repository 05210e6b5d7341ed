#include "domain/operator_account.h"

#include <assert.h>
#include <string.h>

#include "base/attr.h"
#include "domain/expiry.h"

static const char *const role_names[] = {
	[OPERATOR_VIEWER] = "viewer",
	[OPERATOR_REVIEWER] = "reviewer",
	[OPERATOR_ADMIN] = "admin",
};

static const struct {
	const char *name;
	enum operator_role least_role;
	enum step_up_rule step_up;
} actions[CONSOLE_ACTION_COUNT] = {
#define ACTION(id, name, role, step_up) [CONSOLE_##id] = { name, OPERATOR_##role, STEP_UP_##step_up },
	CONSOLE_ACTIONS(ACTION)
#undef ACTION
};

const char *operator_role_name(enum operator_role role)
{
	return role < array_len(role_names) && role_names[role] ? role_names[role] : "unknown";
}

bool operator_role_read(struct str name, enum operator_role *out)
{
	for (size_t i = OPERATOR_VIEWER; i < array_len(role_names); i++) {
		if (!str_eq(name, str_of(role_names[i])))
			continue;
		*out = (enum operator_role)i;
		return true;
	}
	return false;
}

bool operator_account_tenant_at(const struct operator_account *account, size_t i, struct tenant_id *out)
{
	if (i >= str_of(account->tenant_ids).n / ID_LENGTH)
		return false;
	memcpy(out->text, account->tenant_ids + i * ID_LENGTH, ID_LENGTH);
	out->text[ID_LENGTH] = '\0';
	return true;
}

bool operator_account_has_tenant(const struct operator_account *account, const struct tenant_id *tenant)
{
	struct tenant_id id;

	if (operator_account_has_all_tenants(account))
		return true;
	for (size_t i = 0; operator_account_tenant_at(account, i, &id); i++)
		if (str_eq(str_of(id.text), str_of(tenant->text)))
			return true;
	return false;
}

bool operator_account_add_tenant(struct operator_account *account, const struct tenant_id *tenant)
{
	const size_t n = str_of(account->tenant_ids).n;

	if (n > 0 && operator_account_has_tenant(account, tenant))
		return true;
	if (n / ID_LENGTH == OPERATOR_TENANTS_MAX)
		return false;
	memcpy(account->tenant_ids + n, tenant->text, ID_LENGTH);
	account->tenant_ids[n + ID_LENGTH] = '\0';
	return true;
}

bool operator_link_is_open(const struct operator_account *account, moment now)
{
	return !operator_account_is_disabled(account) &&
	       expiry_is_open(account->link_expires_at, OPERATOR_LINK_LIFE, now);
}

const char *operator_account_state(const struct operator_account *account, size_t n_passkeys, moment now)
{
	if (operator_account_is_disabled(account))
		return "disabled";
	if (n_passkeys > 0)
		return "active";
	return operator_link_is_open(account, now) ? "invited" : "no_passkey";
}

bool passkey_challenge_is_open(const struct passkey_challenge *challenge, moment now)
{
	return expiry_is_open(challenge->expires_at, PASSKEY_CHALLENGE_LIFE, now);
}

const char *console_action_name(enum console_action action)
{
	assert(action < CONSOLE_ACTION_COUNT);
	return actions[action].name;
}

bool operator_role_may(enum operator_role role, enum console_action action)
{
	assert(action < CONSOLE_ACTION_COUNT);
	return role >= actions[action].least_role;
}

/* A moment in the future was stored before the clock was set back, and counts as long ago. */
static bool is_within(moment then, duration life, moment now)
{
	return !moment_is_unset(then) && !moment_is_before(now, then) &&
	       moment_is_before(now, moment_add(then, life));
}

bool console_step_up_is_usable(const struct console_session *session, moment now)
{
	return is_within(session->step_up_at, CONSOLE_STEP_UP_LIFE, now);
}

static bool has_step_up(const struct console_session *session, enum step_up_rule rule, moment now)
{
	switch (rule) {
	case STEP_UP_EACH:
		return console_step_up_is_usable(session, now);
	case STEP_UP_RECENT:
		return is_within(session->signed_in_at, CONSOLE_RECENT_LIFE, now);
	case STEP_UP_NEVER:
		break;
	}
	return true;
}

/* Whether an operator who is limited to tenants may take the action although it names no tenant. */
static bool needs_no_tenant(enum console_action action)
{
	return action == CONSOLE_VIEW || action == CONSOLE_MANAGE_PASSKEYS;
}

enum console_verdict console_check(const struct operator_account *account,
	const struct console_session *session, enum console_action action, const struct tenant_id *tenant,
	moment now)
{
	if (tenant && !operator_account_has_tenant(account, tenant))
		return CONSOLE_TENANT_REFUSED;
	if (!operator_role_may(account->role, action))
		return CONSOLE_ROLE_REFUSED;
	if (!tenant && !needs_no_tenant(action) && !operator_account_has_all_tenants(account))
		return CONSOLE_ROLE_REFUSED;
	return has_step_up(session, actions[action].step_up, now) ? CONSOLE_PERMITTED
								  : CONSOLE_STEP_UP_NEEDED;
}

bool console_session_is_open(const struct console_session *session, moment now)
{
	return expiry_is_open(session->expires_at, CONSOLE_SESSION_LIFE, now) &&
	       expiry_is_open(moment_add(session->seen_at, CONSOLE_SESSION_IDLE), CONSOLE_SESSION_IDLE, now);
}
