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
struct identity {
	enum host_scope kind;
	struct str normal;
};

static inline struct identity identity_email(struct str normal)
{
	return (struct identity){ ADDRESS_EMAIL, normal };
}
static inline struct identity identity_wallet(struct str normal)
{
	return (struct identity){ ADDRESS_WALLET, normal };
}

/* Where it is found within a group. */
void person_blind(
	const struct world *world, const char *group_name, const struct identity *who, struct digest *out);

/* What is known of an address within a group, and to one tenant of it. */
struct acquaintance {
	struct identity who;
	bool is_known;		/* to somebody of the group */
	struct address address; /* its blind index always, the rest when it is known */
	bool is_enrolled;	/* with the tenant */
	struct enrolment enrolment;
};

/* The same two look-ups, whether the address is known to nobody, only to others or to this tenant. `ahead`:
 * what will be loaded with them, and after them. */
enum err person_look_up(const struct world *world, struct tx *tx, const struct tenant *tenant,
	const struct identity *who, enum load_plan_kind prefetch, struct acquaintance *out) must_use;

/* Somebody of whom nothing is known, with a key of their own, as they will stand in the store. Made before
 * the transaction, of whose time luck and seals would take a quarter; of no use when the address turns out to
 * be known. Its bytes live in the arena. */
struct newcomer {
	struct user user;
	struct address address;
};
enum err person_make(const struct world *world, struct arena *a, const char *group_name,
	const struct identity *who, struct newcomer *out) must_use;

/* Adds the newcomer (NULL: one is made), or loads the user of this address in the group. */
enum err person_meet(const struct world *world, struct tx *tx, const struct tenant *tenant,
	const struct acquaintance *known, const struct newcomer *newcomer, struct user *out) must_use;

/* One sealed value of this user, bound to its table, column and row. */
struct sealed_place {
	const char *table, *column, *row;
};
enum err person_seal(const struct world *world, struct arena *a, const struct user *user,
	const struct sealed_place *place, struct str plain, struct str *sealed) must_use;
enum err person_read(const struct world *world, struct arena *a, const struct user *user,
	const struct sealed_place *place, struct str sealed, struct str *plain) must_use;
