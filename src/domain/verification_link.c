#include "domain/verification_link.h"

#include "base/attr.h"
#include "domain/expiry.h"

static const char *const state_names[VERIFICATION_LINK_STATES] = {
	[VERIFICATION_LINK_OPEN] = "open",
	[VERIFICATION_LINK_COMPLETED] = "completed",
	[VERIFICATION_LINK_EXPIRED] = "expired",
	[VERIFICATION_LINK_REVOKED] = "revoked",
};

enum verification_link_state verification_link_state_at(const struct verification_link *link, moment now)
{
	if (!moment_is_unset(link->revoked_at))
		return VERIFICATION_LINK_REVOKED;
	if (!moment_is_unset(link->completed_at))
		return VERIFICATION_LINK_COMPLETED;
	return expiry_is_open(link->expires_at, VERIFICATION_LINK_LIFE_MAX, now) ? VERIFICATION_LINK_OPEN
										 : VERIFICATION_LINK_EXPIRED;
}

const char *verification_link_state_name(size_t i)
{
	return i < array_len(state_names) ? state_names[i] : NULL;
}

bool verification_link_is_complete(bool has_session, enum create_verdict verdict)
{
	return has_session && (verdict == CREATE_APPROVED_ALREADY || verdict == CREATE_REFUSED);
}

static enum verification_step step_before_proof(const struct verification_link *link)
{
	static const enum verification_step steps[] = {
		[VERIFICATION_ATTEMPT_NONE] = VERIFICATION_STEP_ADDRESS,
		[VERIFICATION_ATTEMPT_CODE] = VERIFICATION_STEP_CODE,
		[VERIFICATION_ATTEMPT_SIGNATURE] = VERIFICATION_STEP_WALLET,
	};

	return moment_is_unset(link->started_at) ? VERIFICATION_STEP_WELCOME : steps[link->attempt];
}

enum verification_step verification_link_step(
	const struct verification_link *link, bool has_session, enum session_status status)
{
	if (!verification_link_is_verified(link))
		return step_before_proof(link);
	if (!has_session || (session_status_is_open(status) && status != STATUS_IN_REVIEW))
		return VERIFICATION_STEP_CHECK;
	return VERIFICATION_STEP_RESULT;
}

bool verification_link_life_is_valid(duration life)
{
	return !duration_is_shorter(life, VERIFICATION_LINK_LIFE_MIN) &&
	       !duration_is_shorter(VERIFICATION_LINK_LIFE_MAX, life);
}

bool verification_result_is_open(const struct verification_result *result, moment now)
{
	return expiry_is_open(result->expires_at, VERIFICATION_RESULT_LIFE, now);
}
