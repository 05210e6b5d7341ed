/* One person as several users: the primary user, who has the wallet, and one linked user for each e-mail that
 * was confirmed to belong to the same person (domain/user.h). A user that was never linked is its own primary
 * user. Whatever address a person is looked up by, the primary user is loaded first. So transactions that
 * decide something about the same person lock the same row and run one after the other. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app/person/person.h"
#include "base/err.h"
#include "domain/user.h"
#include "port/store.h"
#include "port/world.h"

struct linked_users {
	struct user *users; /* the primary user first; in the transaction's arena */
	size_t n;	    /* at least 1 */
};

/* Loads all users of the person who has this address; `address` is a loaded row. If the address of a user was
 * erased, that user is returned alone. */
enum err linked_users_of_address(
	struct tx *tx, const struct address *address, struct linked_users *out) must_use;
/* Like linked_users_of_address(), for the person whom this user is part of. */
enum err linked_users_of_user(struct tx *tx, const struct user_id *user, struct linked_users *out) must_use;

/* Returns the user with this id; NULL if it is not one of the linked users. */
const struct user *linked_users_find(const struct linked_users *linked, const struct user_id *user);
static inline const struct user *linked_users_primary(const struct linked_users *linked)
{
	return &linked->users[0];
}
/* Returns the id of the primary user of the person who has this address. */
struct user_id primary_user_of(const struct address *address);

/* Adds a user to the list of the primary user. The caller saves the primary user. Returns false if the list
 * is full. */
bool linked_users_add(struct user *primary, const struct user_id *linked);

/* Which kinds of address the person has verified to a tenant. */
struct verified_identifiers {
	bool email, wallet;
};
enum err verified_identifiers_load(struct tx *tx, const struct enrolment *enrolment, enum address_kind kind,
	const struct linked_users *linked, struct verified_identifiers *out) must_use;

/* Finds the enrolment of the first user who is verified to this tenant. It represents the person for the
 * tenant (struct enrolment in domain/user.h). Sets `found` to false if no user is verified. */
enum err linked_users_first_verified(struct tx *tx, const struct tenant_id *tenant,
	const struct linked_users *linked, struct enrolment *out, bool *found) must_use;

/* What a person is looked up by: one address, or two addresses that must belong to the same person. */
struct identifier_pair {
	struct identifier first, second; /* second.normal.n is 0 if there is only one */
};
static inline struct identifier_pair identifier_pair_of(const struct identifier *identifier)
{
	return (struct identifier_pair){ .first = *identifier };
}

enum person_lookup_result {
	LOOKUP_NOT_ENROLLED, /* the tenant has not prepared the address */
	LOOKUP_UNVERIFIED,   /* the tenant has prepared the address, but it is not verified to the tenant */
	LOOKUP_VERIFIED,
	LOOKUP_MISMATCH, /* the tenant does not know that the two addresses belong to one person */
};

struct person_lookup {
	enum person_lookup_result result;
	/* Enrolment of the first identifier, for LOOKUP_UNVERIFIED and LOOKUP_VERIFIED. */
	struct enrolment enrolment;
	/* For LOOKUP_VERIFIED only; otherwise nothing about the person is loaded. */
	struct linked_users linked;
};

/* Looks up a person for a tenant. A tenant learns nothing about a person who has not verified an address to
 * it. `prefetch` is a hint that states which rows the caller will load next. */
enum err person_lookup(const struct world *world, struct tx *tx, const struct tenant *tenant,
	const struct identifier_pair *identifiers, enum load_plan_kind prefetch,
	struct person_lookup *out) must_use;
