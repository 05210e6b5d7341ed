/* Finding a person by address, as an operator does: in every group, for the blind index of an address
 * includes its group. */
#pragma once

#include <stddef.h>

#include "app/person/linked_users.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/tenant.h"
#include "domain/user.h"
#include "port/store.h"
#include "port/world.h"

/* One address may be known in so many groups before `--group` is needed. */
#define PERSON_SEARCH_MAX 64

struct person_selector {
	struct identifier identifier;
	struct str group; /* its name; "@" and the tenant's name where one is alone; empty: all groups */
};

struct person_match {
	struct linked_users linked;
	char group[TENANT_NAME_SIZE + 1]; /* as in struct whom */
};

enum person_search_verdict {
	PERSON_SEARCH_FOUND,
	PERSON_SEARCH_NOBODY,
	PERSON_SEARCH_NO_GROUP, /* there is no group of that name */
	PERSON_SEARCH_TOO_MANY, /* in more groups than PERSON_SEARCH_MAX: none is listed */
};

struct person_search {
	enum person_search_verdict verdict;
	struct person_match list[PERSON_SEARCH_MAX];
	size_t n; /* 0 unless found */
};

enum err person_search_run(const struct world *world, struct tx *tx, const struct person_selector *selector,
	struct person_search *out) must_use;

/* Every tenant, or those of one group, by name. */
typedef enum err tenant_visitor(struct tx *tx, const struct tenant *tenant, void *arg);
enum err person_search_each_tenant(
	struct tx *tx, const char *group_name, tenant_visitor *visit, void *arg) must_use;

/* All that lead to this person. */
enum err linked_users_addresses(struct tx *tx, const struct linked_users *linked,
	struct address rows[ADDRESSES_MAX], size_t *n) must_use;
