/* Proves an e-mail address on the pages of a verification link: sends a code and checks it. An address is
 * always verified again, also one that is verified to the tenant. A code proves only the address it was sent
 * to, and only until the first proof. */
#pragma once

#include "app/verification/visit.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "port/world.h"

struct verification_send_params {
	struct verification_visit visit;
	struct str email;    /* normal form (text/email.h); empty: the e-mail of the link */
	struct str language; /* of the page */
};

enum verification_send_verdict {
	VERIFICATION_SEND_QUEUED,
	VERIFICATION_SEND_CLOSED,   /* the link is not open, not started, or verified: the page says what
				     * follows
				     */
	VERIFICATION_SEND_NO_EMAIL, /* no e-mail was given, and the link has none */
	VERIFICATION_SEND_MAIL_DOWN,
	VERIFICATION_SEND_LIMITED, /* nothing was sent or changed; another code is allowed after `wait` */
};

struct verification_send_result {
	enum verification_send_verdict verdict;
	duration wait;
	bool limited_by_ip;
};

/* Sends a code and makes the address the link's address. Registers the address with the tenant if it is not,
 * as POST /kyc/prepare does. */
enum err verification_link_send_code(const struct world *world, struct arena *a,
	const struct verification_send_params *params, struct verification_send_result *out) must_use;

enum verification_proof_verdict {
	VERIFICATION_PROOF_ACCEPTED,
	VERIFICATION_PROOF_WRONG, /* wrong code, or wrong signature */
	VERIFICATION_PROOF_EXPIRED,
	/* Too many wrong codes or signatures, or the challenge was replaced: request a new one. */
	VERIFICATION_PROOF_LOCKED,
	VERIFICATION_PROOF_TOO_LATE, /* another proof was first; nothing was checked */
	VERIFICATION_PROOF_CLOSED,   /* the link is not open or has no code or challenge */
};

/* Checks a code. `code` is what the person typed, normalised by text/digit_input. */
enum err verification_link_verify_code(const struct world *world, struct arena *a,
	const struct verification_visit *visit, struct str code,
	enum verification_proof_verdict *out) must_use;
