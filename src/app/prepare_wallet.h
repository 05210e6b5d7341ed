/* `POST /kyc/prepare-wallet`: registers a wallet with a tenant, by the signature of its owner under a
 * challenge. The signature is judged between two transactions, so that its mathematics hold up nobody; the
 * second one looks at the challenge once more, counts or uses it up, and registers. */
#pragma once

#include "app/caller.h"
#include "app/prepare.h"
#include "base/arena.h"
#include "base/err.h"
#include "crypto/wallet.h"
#include "crypto/wallet_verdict.h"
#include "domain/challenge.h"
#include "port/world.h"

struct wallet_order {
	const struct wallet *wallet;
	struct str message, signature; /* as they came */
	struct str language;	       /* may be empty */
};

struct wallet_prepared {
	enum challenge_verdict verdict; /* never CHALLENGE_OPEN */
	enum wallet_sig signature;	/* CHALLENGE_WRONG: what is wrong with it */
	struct prepared prepared;	/* CHALLENGE_ACCEPTED */
};

enum err app_prepare_wallet(const struct world *world, struct arena *a, const struct caller *caller,
	const struct wallet_order *order, struct wallet_prepared *out) must_use;
