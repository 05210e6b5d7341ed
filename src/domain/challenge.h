/* Wallet challenges: a text that the owner of a wallet signs, once. Lifetime, replacement, single use, wrong
 * signatures (starkfi-kyc-api.md 6, interface.md 3). Pure: the caller hashed the text, compared it in
 * constant time and judged the signature. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"
#include "domain/id.h"

struct challenge {
	struct tenant_id tenant_id;
	struct digest wallet_index; /* its blind index, in the tenant's group */
	struct digest digest;	    /* keyed hash of tenant, wallet, purpose and text */
	moment created_at, expires_at;
	int64_t tries_left;
};

/* So many wrong signatures use one up. */
#define CHALLENGE_TRIES 10
/* An expired one is kept for as long, so that who comes late hears why. */
#define CHALLENGE_RETENTION hours(1)

enum challenge_verdict {
	CHALLENGE_ACCEPTED, /* used: its row goes */
	CHALLENGE_OPEN,	    /* a right signature would be accepted */
	CHALLENGE_WRONG,    /* a signature by somebody else, or none: counted */
	CHALLENGE_EXPIRED,
	CHALLENGE_NONE, /* no such one: another text, a newer one, used, used up */
};

/* Replaces whatever was there but the keys of the row. */
void challenge_issue(struct challenge *c, struct digest digest, moment now, duration life);
/* What could be said before anybody looks at the signature: open, expired (at exactly `expires`) or none. No
 * challenge at all is the zeroed one. */
enum challenge_verdict challenge_peek(const struct challenge *c, bool same_text, moment now);
/* Judges one signature and counts a wrong one; the caller saves, or removes what is accepted, before it
 * answers. */
enum challenge_verdict challenge_verify(
	struct challenge *c, bool same_text, bool right_signature, moment now);

/* What a challenge is for: "kyc" is all there is. A tenant that names none means it. */
#define CHALLENGE_PURPOSE "kyc"
