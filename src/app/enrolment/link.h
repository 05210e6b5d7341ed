/* Links of a wallet with an e-mail. `prepare-wallet` claims one, and nothing crosses over by that: each of
 * the two sees and is seen as before. A code that was sent for this pair confirms it; from then on both are
 * one person (app/person/linked_users). An e-mail is joined to one wallet only, a wallet to several e-mails.
 */
#pragma once

#include "app/core/caller.h"
#include "app/person/linked_users.h"
#include "base/err.h"
#include "domain/claim.h"
#include "port/store.h"
#include "port/world.h"

enum link_state {
	LINK_NONE,
	LINK_CLAIMED,	/* by this wallet, which is proven to this tenant */
	LINK_CONFIRMED, /* one person, and both are proven to this tenant */
};

struct link {
	enum link_state state;
	struct address_lookup wallet, email;
	struct claim claim; /* on the e-mail, of whatever wallet; without one its keys alone */
	bool is_new;	    /* link_check has made it */
};

/* Both in their normal forms. What other tenants of the group know is not told. */
enum err link_load(const struct world *world, struct tx *tx, const struct tenant *tenant, struct str wallet,
	struct str email, struct link *out) must_use;

enum link_verdict {
	LINK_CLAIM_ACCEPTED, /* it is claimed now, or was already */
	LINK_ALREADY_CONFIRMED,
	LINK_CONFLICT, /* the e-mail belongs to another wallet, or another one claims it: nothing was changed
			*/
};

/* What a claim would come to; a conflict is noted in the trail. */
enum err link_check(const struct world *world, struct tx *tx, const struct caller *caller, struct link *link,
	enum link_verdict *out) must_use;
/* Keeps a claim that was judged LINK_CLAIM_ACCEPTED, for a wallet whose user that is. Makes a user for an
 * e-mail that nobody knows; it is not enrolled by it. */
enum err link_claim(const struct world *world, struct tx *tx, const struct caller *caller, struct link *link,
	const struct user_id *wallet) must_use;

/* The code for this pair was right: both are one person, and the e-mail is proven to this tenant. False in
 * `joined`: meanwhile the e-mail was joined to another wallet by another tenant of the group, or the wallet
 * has as many e-mails as it can have; the claim is gone. */
enum err link_confirm(const struct world *world, struct tx *tx, const struct caller *caller,
	struct link *link, bool *joined) must_use;
