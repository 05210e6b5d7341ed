/* A claim: the owner of a wallet states that an e-mail address is also theirs, which is not verified yet. A
 * claim alone gives neither address access to the other's data. A code that is sent to the e-mail address for
 * this pair confirms the claim (interface.md 3). Pure. */
#pragma once

#include <stdbool.h>

#include "base/moment.h"
#include "domain/id.h"
#include "domain/otp.h"

/* An e-mail address has at most one claim at a time. */
struct claim {
	struct digest email_index, wallet_index; /* blind indexes in the tenant's group */
	moment claimed_at;			 /* start of CLAIM_HOLD_TIME */
	/* The last code sent for this wallet and e-mail address. Its tenant is the claim's; its user is that
	 * of the e-mail address. */
	struct otp code;
};

/* For this long after a claim, another wallet cannot claim the same e-mail address. From exactly this age on,
 * it can. */
#define CLAIM_HOLD_TIME hours(1)

enum claim_verdict {
	CLAIM_MADE,
	CLAIM_UNCHANGED, /* the wallet already has this claim and its hold time is running */
	CLAIM_CONFLICT,	 /* another wallet claims this e-mail address; nothing changed */
};

/* Claims the e-mail address of `c` for the wallet. If the address has no claim yet, the caller passes a `c`
 * that is zero except for its keys. A repeated claim keeps a valid code and does not restart a running hold
 * time, so that a wallet cannot hold an address for ever. A claim that replaces another wallet's claim starts
 * without a code. */
enum claim_verdict claim_make(struct claim *c, const struct digest *wallet, moment now);
/* Returns whether `c` is a claim of this wallet. */
bool claim_is_by_wallet(const struct claim *c, const struct digest *wallet);
