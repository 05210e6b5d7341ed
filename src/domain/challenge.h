/* Rules of wallet challenges. A challenge is a text that the owner of a wallet signs once. This module
 * decides on lifetime, replacement, single use and the number of wrong signatures (starkfi-kyc-api.md 6,
 * interface.md 3). Pure: the caller hashes the text, compares it in constant time and checks the signature.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"
#include "domain/id.h"

struct challenge {
	struct tenant_id tenant_id;
	struct digest wallet_index; /* blind index of the wallet in the tenant's group */
	struct digest digest;	    /* keyed hash of tenant, wallet, purpose and text */
	moment created_at, expires_at;
	int64_t tries_left;
};

/* Maximum number of wrong signatures for a challenge. After them the challenge can no longer be used. */
#define CHALLENGE_TRIES 10
/* An expired challenge is kept for this long, so that a late request is answered with "expired". */
#define CHALLENGE_RETENTION hours(1)

enum challenge_verdict {
	CHALLENGE_ACCEPTED, /* the caller deletes the row, so that the challenge cannot be used again */
	CHALLENGE_OPEN,	    /* a valid signature would be accepted */
	CHALLENGE_WRONG,    /* the signature is not the wallet's; it was counted as a try */
	CHALLENGE_EXPIRED,
	CHALLENGE_NONE, /* no such challenge: the text is another one, or the challenge was replaced or used,
			   or has no tries left */
};

/* Sets all fields except the keys of the row (tenant_id, wallet_index), and so replaces an earlier
 * challenge. */
void challenge_issue(struct challenge *c, struct digest digest, moment now, duration ttl);
/* Returns the verdict before the signature is checked: CHALLENGE_OPEN, CHALLENGE_EXPIRED (from exactly
 * expires_at on, and if the clock was set back behind its creation) or CHALLENGE_NONE. `now` is of
 * world_expiry_now(). If the wallet has no challenge, the caller passes a zeroed struct. */
enum challenge_verdict challenge_peek(const struct challenge *c, bool same_text, moment now);
/* Returns the verdict on one signature and uses up one try. Before the caller answers the request, it saves
 * the row, or deletes the row when the verdict is CHALLENGE_ACCEPTED. */
enum challenge_verdict challenge_verify(
	struct challenge *c, bool same_text, bool signature_valid, moment now);

/* The purpose of a challenge. No other purpose exists, so it is also the default for a request that names
 * none. */
#define CHALLENGE_PURPOSE "kyc"
