#include "domain/claim.h"

#include <string.h>

#include "domain/expiry.h"

bool claim_is_by_wallet(const struct claim *c, const struct digest *wallet)
{
	return !moment_is_unset(c->claimed_at) &&
	       memcmp(c->wallet_index.bytes, wallet->bytes, sizeof(wallet->bytes)) == 0;
}

enum claim_verdict claim_make(struct claim *c, const struct digest *wallet, moment now)
{
	const bool is_held = !moment_is_unset(c->claimed_at) &&
			     expiry_is_open(moment_add(c->claimed_at, CLAIM_HOLD_TIME), CLAIM_HOLD_TIME, now);
	const bool same_wallet = claim_is_by_wallet(c, wallet);

	if (is_held)
		return same_wallet ? CLAIM_UNCHANGED : CLAIM_CONFLICT;
	if (!same_wallet)
		c->code = (struct otp){ .tenant_id = c->code.tenant_id, .user_id = c->code.user_id };
	c->wallet_index = *wallet;
	c->claimed_at = now;
	return CLAIM_MADE;
}
