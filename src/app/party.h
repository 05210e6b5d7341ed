/* One person as several users: a wallet's, who is the head, and those of the e-mails that were joined to it,
 * the members (domain/user.h). Whoever was never joined is alone. The head is loaded first, by whatever
 * address one comes, so that all who decide something about this person hold the same row. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app/person.h"
#include "base/err.h"
#include "domain/user.h"
#include "port/store.h"
#include "port/world.h"

struct party {
	struct user *users; /* the head first; in the transaction's arena */
	size_t n;	    /* at least 1 */
};

/* Of an address that was loaded; of a user, by way of its address. */
enum err party_of_address(struct tx *tx, const struct address *address, struct party *out) must_use;
enum err party_of_user(struct tx *tx, const struct user_id *user, struct party *out) must_use;

/* NULL: none of them. */
const struct user *party_find(const struct party *party, const struct user_id *user);
static inline const struct user *party_head(const struct party *party)
{
	return &party->users[0];
}
/* The one user that this address leads to with all who are its person. */
struct user_id party_head_of(const struct address *address);

/* Makes that user a member; false: there is no room for one more. The caller saves the head. */
bool party_add(struct user *head, const struct user_id *member);

/* Which kinds of address of the person this tenant has a proof of. `enrolment` is of `kind`; unless it is
 * proven, nothing else is looked at, and `party` may be NULL. */
struct proofs {
	bool email, wallet;
};
enum err party_proofs(struct tx *tx, const struct enrolment *enrolment, enum host_scope kind,
	const struct party *party, struct proofs *out) must_use;

/* Is any address of the person proven to this tenant? */
enum err party_is_proven_to(
	struct tx *tx, const struct tenant_id *tenant, const struct party *party, bool *out) must_use;

/* By what a person is asked for: one address, or two that have to be one person's. */
struct naming {
	struct identity who, also; /* also.normal.n == 0: none */
};
static inline struct naming naming_one(const struct identity *who)
{
	return (struct naming){ .who = *who };
}

enum meeting {
	MEETING_STRANGER, /* never prepared by this tenant */
	MEETING_UNPROVEN, /* prepared, but not proven to it */
	MEETING_PROVEN,
	MEETING_MISMATCH, /* two addresses that are not one person's, as far as this tenant may know */
};

struct acquainted {
	enum meeting meeting;
	struct enrolment enrolment; /* of `who`: MEETING_UNPROVEN and _PROVEN */
	struct party party;	    /* MEETING_PROVEN: before that nothing of the person is looked at */
};

/* `ahead`: what will be loaded of the person. */
enum err party_meet(const struct world *world, struct tx *tx, const struct tenant *tenant,
	const struct naming *naming, enum load_plan_kind prefetch, struct acquainted *out) must_use;
