/* Links between a wallet and an e-mail. `prepare-wallet` claims an e-mail for a wallet; a claim alone changes
 * nothing for either address. A code that was sent for this claim confirms it: from then on both addresses
 * belong to one person (app/person/linked_users). An e-mail can be linked to only one wallet, a wallet to
 * several e-mails. */
#pragma once

#include "app/core/caller.h"
#include "app/person/linked_users.h"
#include "base/err.h"
#include "domain/claim.h"
#include "port/store.h"
#include "port/world.h"

enum link_state {
	LINK_NONE,
	LINK_CLAIMED,	/* the e-mail is claimed by this wallet, which is verified to this tenant */
	LINK_CONFIRMED, /* the addresses are linked, and both are verified to this tenant */
};

struct link {
	enum link_state state;
	struct address_lookup wallet, email;
	/* The claim on the e-mail, by any wallet. If there is none, only the keys of the struct are set. */
	struct claim claim;
	bool is_new; /* link_check created the claim, so link_claim must save it */
};

/* Loads what this tenant may know about the link of a wallet and an e-mail, both in their normal forms. What
 * only other tenants of the group know does not affect `state`. */
enum err link_load(const struct world *world, struct tx *tx, const struct tenant *tenant, struct str wallet,
	struct str email, struct link *out) must_use;

enum link_verdict {
	LINK_CLAIM_ACCEPTED, /* the claim is new, or it existed already */
	LINK_ALREADY_CONFIRMED,
	LINK_CONFLICT, /* the e-mail is linked to or claimed by another wallet; nothing was changed */
};

/* Decides about a claim of the wallet on the e-mail, without saving the claim. A conflict is written to the
 * audit log. */
enum err link_check(const struct world *world, struct tx *tx, const struct caller *caller, struct link *link,
	enum link_verdict *out) must_use;
/* Saves a claim for which link_check returned LINK_CLAIM_ACCEPTED. `wallet` is the wallet's user. If the
 * e-mail is unknown in the group, adds a user for it, but does not enrol the e-mail. */
enum err link_claim(const struct world *world, struct tx *tx, const struct caller *caller, struct link *link,
	const struct user_id *wallet) must_use;

/* Confirms the link after the right code for it was entered: both addresses belong to one person, and the
 * e-mail is verified to this tenant. If another tenant of the group has linked the e-mail to another wallet
 * meanwhile, or the wallet has as many e-mails as allowed, `*linked` is false and the claim is removed. */
enum err link_confirm(const struct world *world, struct tx *tx, const struct caller *caller,
	struct link *link, bool *linked) must_use;
