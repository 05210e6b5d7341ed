/* One person as several users: a wallet's, who is the head, and those of the e-mails that were joined to it,
 * the members (domain/user.h). Whoever was never joined is alone. The head is loaded first, by whatever
 * address one comes, so that all who decide something about this person hold the same row. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app/person/person.h"
#include "base/err.h"
#include "domain/user.h"
#include "port/store.h"
#include "port/world.h"

struct linked_users {
	struct user *users; /* the head first; in the transaction's arena */
	size_t n;	    /* at least 1 */
};

/* Of an address that was loaded; of a user, by way of its address. */
enum err linked_users_of_address(
	struct tx *tx, const struct address *address, struct linked_users *out) must_use;
enum err linked_users_of_user(struct tx *tx, const struct user_id *user, struct linked_users *out) must_use;

/* NULL: none of them. */
const struct user *linked_users_find(const struct linked_users *linked, const struct user_id *user);
static inline const struct user *linked_users_primary(const struct linked_users *linked)
{
	return &linked->users[0];
}
/* The one user that this address leads to with all who are its person. */
struct user_id primary_user_of(const struct address *address);

/* Makes that user a member; false: there is no room for one more. The caller saves the head. */
bool linked_users_add(struct user *head, const struct user_id *member);

/* Which kinds of address of the person this tenant has a proof of. `enrolment` is of `kind`; unless it is
 * proven, nothing else is looked at, and `party` may be NULL. */
struct verified_identifiers {
	bool email, wallet;
};
enum err verified_identifiers_load(struct tx *tx, const struct enrolment *enrolment, enum address_kind kind,
	const struct linked_users *linked, struct verified_identifiers *out) must_use;

/* Is any address of the person proven to this tenant? */
enum err linked_users_are_verified_by(
	struct tx *tx, const struct tenant_id *tenant, const struct linked_users *linked, bool *out) must_use;

/* By what a person is asked for: one address, or two that have to be one person's. */
struct identifier_pair {
	struct identifier first, second; /* also.normal.n == 0: none */
};
static inline struct identifier_pair identifier_pair_of(const struct identifier *who)
{
	return (struct identifier_pair){ .first = *who };
}

enum person_lookup_result {
	LOOKUP_NOT_ENROLLED, /* never prepared by this tenant */
	LOOKUP_UNVERIFIED,   /* prepared, but not proven to it */
	LOOKUP_VERIFIED,
	LOOKUP_MISMATCH, /* two addresses that are not one person's, as far as this tenant may know */
};

struct person_lookup {
	enum person_lookup_result result;
	struct enrolment enrolment; /* of `who`: LOOKUP_UNVERIFIED and _PROVEN */
	struct linked_users linked; /* LOOKUP_VERIFIED: before that nothing of the person is looked at */
};

/* `ahead`: what will be loaded of the person. */
enum err person_lookup(const struct world *world, struct tx *tx, const struct tenant *tenant,
	const struct identifier_pair *identifiers, enum load_plan_kind prefetch,
	struct person_lookup *out) must_use;
