/* Finds a person by address, or by an id that a tenant knows, for operators. Searches every group separately,
 * because the blind index of an address includes the group. */
#pragma once

#include <stddef.h>

#include "app/person/linked_users.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/tenant.h"
#include "domain/user.h"
#include "port/store.h"
#include "port/world.h"

/* Maximum number of groups in which one address may be known. Beyond it, `--group` is required. */
#define PERSON_SEARCH_MAX 64

struct person_selector {
	struct identifier identifier; /* unless public_id is set */
	struct str group; /* name of the group; "@" and the tenant's name for a tenant alone in its group;
			     empty: all groups */
	struct public_user_id public_id; /* of any tenant of the groups; empty: search for the identifier */
};

struct person_match {
	struct linked_users linked;
	char group[TENANT_NAME_SIZE + 1]; /* as in person_selector.group */
};

enum person_search_verdict {
	PERSON_SEARCH_FOUND,
	PERSON_SEARCH_NOBODY,
	PERSON_SEARCH_NO_GROUP, /* there is no group of this name */
	PERSON_SEARCH_TOO_MANY, /* the address is known in more than PERSON_SEARCH_MAX groups; none of them is
				   listed */
};

struct person_search {
	enum person_search_verdict verdict;
	struct person_match list[PERSON_SEARCH_MAX];
	size_t n; /* 0 unless PERSON_SEARCH_FOUND */
};

/* Searches the selected groups for the address or the id. */
enum err person_search_run(const struct world *world, struct tx *tx, const struct person_selector *selector,
	struct person_search *out) must_use;

/* Loads all addresses of the person whose users are `linked`. */
enum err linked_users_addresses(struct tx *tx, const struct linked_users *linked,
	struct address rows[ADDRESSES_MAX], size_t *n) must_use;
