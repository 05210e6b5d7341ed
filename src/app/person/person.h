/* Personal data at rest: people are found by a keyed blind index of their address, and all that is personal
 * is sealed under a random key of their own, which is wrapped by the database's. Destroying that key erases
 * the person. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/user.h"
#include "port/store.h"
#include "port/world.h"

/* What a person is asked for by: an address in its normal form (text/email.h, crypto/wallet.h). */
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

/* Where it is found within a group. */
void blind_index_of(
	const struct world *world, const char *group_name, const struct identifier *who, struct digest *out);

/* What is known of an address within a group, and to one tenant of it. */
struct address_lookup {
	struct identifier who;
	bool is_known;		/* to somebody of the group */
	struct address address; /* its blind index always, the rest when it is known */
	bool is_enrolled;	/* with the tenant */
	struct enrolment enrolment;
};

/* The same two look-ups, whether the address is known to nobody, only to others or to this tenant. `ahead`:
 * what will be loaded with them, and after them. */
enum err address_lookup(const struct world *world, struct tx *tx, const struct tenant *tenant,
	const struct identifier *who, enum load_plan_kind prefetch, struct address_lookup *out) must_use;

/* Somebody of whom nothing is known, with a key of their own, as they will stand in the store. Made before
 * the transaction, of whose time luck and seals would take a quarter; of no use when the address turns out to
 * be known. Its bytes live in the arena. */
struct new_user {
	struct user user;
	struct address address;
};
enum err user_new(const struct world *world, struct arena *a, const char *group_name,
	const struct identifier *who, struct new_user *out) must_use;

/* Adds the newcomer (NULL: one is made), or loads the user of this address in the group. */
enum err user_find_or_create(const struct world *world, struct tx *tx, const struct tenant *tenant,
	const struct address_lookup *lookup, const struct new_user *new_user, struct user *out) must_use;

/* One sealed value of this user, bound to its table, column and row. */
struct sealed_field {
	const char *table, *column, *row;
};
enum err user_seal(const struct world *world, struct arena *a, const struct user *user,
	const struct sealed_field *place, struct str plain, struct str *sealed) must_use;
enum err user_unseal(const struct world *world, struct arena *a, const struct user *user,
	const struct sealed_field *place, struct str sealed, struct str *plain) must_use;
