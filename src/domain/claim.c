#include "domain/claim.h"

#include <string.h>

bool claim_is_by_wallet(const struct claim *c, const struct digest *wallet)
{
	return !moment_is_unset(c->made) &&
	       memcmp(c->wallet.bytes, wallet->bytes, sizeof(wallet->bytes)) == 0;
}

enum claim_verdict claim_make(struct claim *c, const struct digest *wallet, moment now)
{
	const bool held = !moment_is_unset(c->made) &&
			  moment_is_before(now, moment_add(c->made, CLAIM_HOLD_TIME));
	const bool same = claim_is_by_wallet(c, wallet);

	if (held)
		return same ? CLAIM_UNCHANGED : CLAIM_CONFLICT;
	if (!same)
		c->code = (struct otp){ .tenant = c->code.tenant, .user = c->code.user };
	c->wallet = *wallet;
	c->made = now;
	return CLAIM_MADE;
}
