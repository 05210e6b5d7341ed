/* Users and their addresses at rest. A user is found by the blind index (a keyed hash) of its address.
 * Personal data is sealed under a random key of the user, which is stored wrapped by a key of the database;
 * destroying the user's key erases the personal data. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/user.h"
#include "port/store.h"
#include "port/world.h"

/* What a person is looked up by: an address in its normal form (text/email.h, crypto/wallet.h). */
struct identifier {
	enum address_kind kind;
	struct str normal;
};

static inline struct identifier identifier_email(struct str normal)
{
	return (struct identifier){ ADDRESS_EMAIL, normal };
}
static inline struct identifier identifier_wallet(struct str normal)
{
	return (struct identifier){ ADDRESS_WALLET, normal };
}

/* Computes the blind index of an address within a group of tenants. */
void blind_index_of(const struct world *world, const char *group_name, const struct identifier *identifier,
	struct digest *out);

/* The result of looking up an address for a tenant: what the tenant's group knows of it, and what the tenant
 * has stored. */
struct address_lookup {
	struct identifier identifier;
	bool is_known;		/* the group has a user with this address */
	struct address address; /* if the address is not known, only its blind index is set */
	bool is_enrolled;	/* this tenant has prepared the address */
	struct enrolment enrolment;
};

/* Loads the address and the enrolment. Does the same two loads whether the address is unknown, known only to
 * other tenants, or known to this tenant, so that response times do not differ. `prefetch` is a hint that
 * states which rows the caller will load next. */
enum err address_lookup(const struct world *world, struct tx *tx, const struct tenant *tenant,
	const struct identifier *identifier, enum load_plan_kind prefetch,
	struct address_lookup *out) must_use;

/* A new user with a key and an address, ready to be stored. It is created before the transaction, because
 * random numbers and sealing would take a quarter of the transaction's time. It is discarded if the address
 * turns out to be known. Its bytes are in the arena. */
struct new_user {
	struct user user;
	struct address address;
};
enum err user_new(const struct world *world, struct arena *a, const char *group_name,
	const struct identifier *identifier, struct new_user *out) must_use;

/* Loads the user of this address in the group, or adds `new_user` if the address is unknown. If `new_user` is
 * NULL, creates the user to add. */
enum err user_find_or_create(const struct world *world, struct tx *tx, const struct tenant *tenant,
	const struct address_lookup *lookup, const struct new_user *new_user, struct user *out) must_use;

/* Names one sealed value of a user by the table, column and row that the value is bound to. */
struct sealed_field {
	const char *table, *column, *row;
};
enum err user_seal(const struct world *world, struct arena *a, const struct user *user,
	const struct sealed_field *place, struct str plain, struct str *sealed) must_use;
enum err user_unseal(const struct world *world, struct arena *a, const struct user *user,
	const struct sealed_field *place, struct str sealed, struct str *plain) must_use;
