/* `POST /kyc/prepare-wallet`: registers a wallet with a tenant, by the signature of its owner under a
 * challenge. The signature is judged between two transactions, so that its mathematics hold up nobody; the
 * second one looks at the challenge once more, counts or uses it up, and registers. An e-mail that comes with
 * it is claimed (app/enrolment/link); one that is another wallet's changes nothing, and leaves the challenge
 * open. */
#pragma once

#include "app/core/caller.h"
#include "app/enrolment/link.h"
#include "app/enrolment/prepare.h"
#include "base/arena.h"
#include "base/err.h"
#include "crypto/wallet.h"
#include "crypto/wallet_verdict.h"
#include "domain/challenge.h"
#include "port/world.h"

struct prepare_wallet_params {
	const struct wallet *wallet;
	struct str message, signature; /* as they came */
	struct str language;	       /* may be empty */
	struct str email;	       /* one that it claims; may be empty */
};

struct prepare_wallet_result {
	enum challenge_verdict verdict; /* never CHALLENGE_OPEN */
	enum wallet_sig signature;	/* CHALLENGE_WRONG: what is wrong with it */
	bool conflict; /* CHALLENGE_ACCEPTED, but the e-mail is another wallet's: nothing was changed */
	struct prepare_result prepared; /* CHALLENGE_ACCEPTED, and no conflict */
};

enum err app_prepare_wallet(const struct world *world, struct arena *a, const struct caller *caller,
	const struct prepare_wallet_params *params, struct prepare_wallet_result *out) must_use;
