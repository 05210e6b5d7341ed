/* A claim: the owner of a wallet says that an e-mail is theirs as well, and nobody has confirmed it. Nothing
 * crosses over by one. A code sent for this pair confirms it (interface.md 3). Pure. */
#pragma once

#include <stdbool.h>

#include "base/moment.h"
#include "domain/id.h"
#include "domain/otp.h"

/* One e-mail is claimed by one wallet at a time. */
struct claim {
	struct digest email_index, wallet_index; /* their blind indexes, in the tenant's group */
	moment claimed_at;			 /* when its hour began */
	/* The last one sent for the pair. Its tenant is the claim's, its user the e-mail's. */
	struct otp code;
};

/* So long another wallet's claim is a conflict: at exactly this age it stands in nobody's way. */
#define CLAIM_HOLD_TIME hours(1)

enum claim_verdict {
	CLAIM_MADE,
	CLAIM_UNCHANGED, /* it was made within its hour: nothing changed */
	CLAIM_CONFLICT,	 /* another wallet claims this e-mail: nothing changed */
};

/* Claims `c`'s e-mail for that wallet; no claim at all is the zeroed one. A claim that is repeated within its
 * hour does not begin a new hour, so that nobody can hold an e-mail for ever; a code in force stays in force.
 * In place of another wallet's it has no code. */
enum claim_verdict claim_make(struct claim *c, const struct digest *wallet, moment now);
/* Is there one of that wallet? */
bool claim_is_by_wallet(const struct claim *c, const struct digest *wallet);
