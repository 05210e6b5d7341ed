/* Finding a person by address, as an operator does: in every group, for the blind index of an address
 * includes its group. */
#pragma once

#include <stddef.h>

#include "app/party.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/tenant.h"
#include "domain/user.h"
#include "port/store.h"
#include "port/world.h"

/* One address may be known in so many groups before `--group` is needed. */
#define PEOPLE_MAX 64

struct whom {
	struct identity who;
	struct str group; /* its name; "@" and the tenant's name where one is alone; empty: all groups */
};

struct person {
	struct party party;
	char group[TENANT_NAME_SIZE + 1]; /* as in struct whom */
};

enum people_verdict {
	PEOPLE_FOUND,
	PEOPLE_NOBODY,
	PEOPLE_NO_GROUP, /* there is no group of that name */
	PEOPLE_TOO_MANY, /* in more groups than PEOPLE_MAX: none is listed */
};

struct people {
	enum people_verdict verdict;
	struct person list[PEOPLE_MAX];
	size_t n; /* 0 unless found */
};

enum err people_find(
	const struct world *world, struct tx *tx, const struct whom *whom, struct people *out) must_use;

/* Every tenant, or those of one group, by name. */
typedef enum err tenant_visit(struct tx *tx, const struct tenant *tenant, void *arg);
enum err people_each_tenant(struct tx *tx, const char *group_name, tenant_visit *visit, void *arg) must_use;

/* All that lead to this person. */
enum err people_addresses(
	struct tx *tx, const struct party *party, struct address rows[ADDRESSES_MAX], size_t *n) must_use;
