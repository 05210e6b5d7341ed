#include "crypto/webauthn_verdict.h"

#include <assert.h>

struct str webauthn_verdict_name(enum webauthn_verdict verdict)
{
	static const struct str names[] = {
		[WEBAUTHN_ACCEPTED] = STR_INIT("accepted"),
		[WEBAUTHN_MALFORMED] = STR_INIT("malformed"),
		[WEBAUTHN_WRONG_TYPE] = STR_INIT("wrong_type"),
		[WEBAUTHN_WRONG_CHALLENGE] = STR_INIT("wrong_challenge"),
		[WEBAUTHN_WRONG_ORIGIN] = STR_INIT("wrong_origin"),
		[WEBAUTHN_WRONG_RP_ID] = STR_INIT("wrong_rp_id"),
		[WEBAUTHN_USER_NOT_PRESENT] = STR_INIT("user_not_present"),
		[WEBAUTHN_USER_NOT_VERIFIED] = STR_INIT("user_not_verified"),
		[WEBAUTHN_UNKNOWN_ALGORITHM] = STR_INIT("unknown_algorithm"),
		[WEBAUTHN_WRONG_SIGNATURE] = STR_INIT("wrong_signature"),
		[WEBAUTHN_COUNTER_WENT_BACK] = STR_INIT("counter_went_back"),
	};

	static_assert(array_len(names) == WEBAUTHN_VERDICT_COUNT, "each verdict has a name");
	return names[verdict];
}
