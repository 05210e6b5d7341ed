/* Proves a wallet on the pages of a verification link: issues a challenge and checks its signature. The text
 * names the host of the pages, because wallets compare it with the site that requests the signature. */
#pragma once

#include "app/verification/email_proof.h"
#include "app/verification/visit.h"
#include "base/arena.h"
#include "base/err.h"
#include "crypto/wallet.h"
#include "crypto/wallet_verdict.h"
#include "port/world.h"

struct verification_challenge_params {
	struct verification_visit visit;
	const struct wallet *wallet; /* NULL: the wallet of the link */
	struct str chain_id;	     /* as the wallet names it; may be empty */
};

enum verification_challenge_verdict {
	VERIFICATION_CHALLENGE_ISSUED,
	VERIFICATION_CHALLENGE_CLOSED,	  /* as VERIFICATION_SEND_CLOSED */
	VERIFICATION_CHALLENGE_NO_WALLET, /* no wallet was given, and the link has none */
};

/* Issues a challenge, which the view then has, and makes the wallet the link's address. An EVM wallet gets a
 * Sign-In with Ethereum message, a Solana wallet a Sign-In with Solana message. A chain id that cannot be
 * used is ignored. */
enum err verification_link_challenge(const struct world *world, struct arena *a,
	const struct verification_challenge_params *params,
	enum verification_challenge_verdict *out) must_use;

struct verification_signature_params {
	struct verification_visit visit;
	struct str signature; /* as received */
	struct str language;  /* of the page */
};

struct verification_signature_result {
	enum verification_proof_verdict verdict;
	enum wallet_sig signature; /* for VERIFICATION_PROOF_WRONG, why it was rejected */
};

/* Checks the signature of the link's challenge. */
enum err verification_link_prove_wallet(const struct world *world, struct arena *a,
	const struct verification_signature_params *params,
	struct verification_signature_result *out) must_use;
