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

/* Where an address of this kind and normal form is found within a group. */
void person_blind(const struct world *world, const char *group_name, enum address_kind kind,
	struct str normal, struct digest *out);

/* What is known of an e-mail within a group, and to one tenant of it. */
struct acquaintance {
	bool is_known;		/* to somebody of the group */
	struct address address; /* its blind index always, the rest when it is known */
	bool is_enrolled;	/* with the tenant */
	struct enrolment enrolment;
};

/* The same two look-ups, whether the address is known to nobody, only to others or to this tenant. */
enum err person_look_up(const struct world *world, struct tx *tx, const struct tenant *tenant,
	struct str email, struct acquaintance *out) must_use;
/* The enrolment of an e-mail with a tenant. ERR_MISSING is all that a stranger learns. */
enum err person_enrolment(const struct world *world, struct tx *tx, const struct tenant *tenant,
	struct str email, struct enrolment *out) must_use;

/* Makes a person with a fresh key, or loads the one of this address in the group. */
enum err person_meet(const struct world *world, struct tx *tx, const struct tenant *tenant,
	const struct acquaintance *known, struct str email, struct user *out) must_use;

/* One sealed value of this person, bound to its table, column and row. */
struct sealed_place {
	const char *table, *column, *row;
};
enum err person_seal(const struct world *world, struct arena *a, const struct user *user,
	const struct sealed_place *place, struct str plain, struct str *sealed) must_use;
enum err person_read(const struct world *world, struct arena *a, const struct user *user,
	const struct sealed_place *place, struct str sealed, struct str *plain) must_use;
