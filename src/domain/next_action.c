#include "domain/next_action.h"

static const char *const names[NEXT_ACTION_COUNT] = {
	[NEXT_VERIFY_EMAIL] = "verify_email",
	[NEXT_VERIFY_WALLET] = "verify_wallet",
	[NEXT_START_SESSION] = "start_session",
	[NEXT_CONTINUE_SESSION] = "continue_session",
	[NEXT_WAIT] = "wait",
	[NEXT_CONTACT_SUPPORT] = "contact_support",
	[NEXT_NONE] = "none",
};

/* A pending session has no link yet. The call that creates it, or the next one, returns the link, so for the
 * person the session has still to be started. */
static const enum next_action by_verdict[] = {
	[CREATE_NEW] = NEXT_START_SESSION,
	[CREATE_RESUME] = NEXT_CONTINUE_SESSION,
	[CREATE_APPROVED_ALREADY] = NEXT_NONE,
	[CREATE_WAIT] = NEXT_START_SESSION,
	[CREATE_ABANDONED] = NEXT_START_SESSION,
	[CREATE_REFUSED] = NEXT_CONTACT_SUPPORT,
};

enum next_action next_action_of(const struct next_action_facts *facts)
{
	if (!facts->is_verified)
		return facts->kind == ADDRESS_WALLET ? NEXT_VERIFY_WALLET : NEXT_VERIFY_EMAIL;
	if (facts->create == CREATE_RESUME && facts->status == STATUS_IN_REVIEW)
		return NEXT_WAIT;
	return by_verdict[facts->create];
}

const char *next_action_name(enum next_action action)
{
	return names[action];
}

const char *next_action_name_at(size_t i)
{
	return i < NEXT_ACTION_COUNT ? names[i] : NULL;
}
