/* `POST /kyc/prepare-wallet`: registers a wallet with a tenant after its owner has signed a challenge. The
 * signature is checked between two transactions, so that the computation does not block other transactions.
 * The second transaction checks the challenge again. If the signature is wrong, it counts the try; otherwise
 * it removes the challenge and registers the wallet. If the request names an e-mail, the wallet claims it
 * (app/enrolment/link); if that e-mail belongs to another wallet, nothing changes and the challenge stays
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
	struct str message, signature; /* as received */
	struct str language;	       /* may be empty */
	struct str email;	       /* an e-mail that the wallet claims; may be empty */
	struct str application;	       /* see wallet_sig_check_application; may be empty */
	struct str reference;	       /* the tenant's own id of the person; may be empty */
	bool with_next_step;	       /* true: the next_step of `prepared` is wanted */
	bool with_ids;		       /* true: the ids of `prepared` are wanted */
};

struct prepare_wallet_result {
	enum challenge_verdict verdict; /* never CHALLENGE_OPEN */
	enum wallet_sig signature;	/* for CHALLENGE_WRONG, the reason why the signature was rejected */
	bool conflict; /* for CHALLENGE_ACCEPTED: the e-mail belongs to another wallet, and nothing was
			  changed */
	struct prepare_result prepared; /* set if `verdict` is CHALLENGE_ACCEPTED and `conflict` is false */
};

enum err app_prepare_wallet(const struct world *world, struct arena *a, const struct caller *caller,
	const struct prepare_wallet_params *params, struct prepare_wallet_result *out) must_use;

/* The two halves of app_prepare_wallet(), for a caller that changes more in the second transaction. The
 * struct must not be changed in between. */
struct wallet_proof {
	const struct world *world;
	const struct caller *caller;
	const struct prepare_wallet_params *params;
	struct challenge answer;
	struct new_user new_user;
	struct prepare_wallet_result out;
};
/* Checks the signature, outside of any transaction. If out.verdict is CHALLENGE_OPEN afterwards, the caller
 * calls wallet_proof_finish(); otherwise `out` is the result. */
enum err wallet_proof_begin(const struct world *world, struct arena *a, const struct caller *caller,
	const struct prepare_wallet_params *params, struct wallet_proof *proof) must_use;
/* Uses the challenge and registers the wallet, in the caller's write transaction. May run again. */
enum err wallet_proof_finish(struct wallet_proof *proof, struct tx *tx) must_use;
