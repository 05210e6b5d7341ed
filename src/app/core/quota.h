/* Reserves and releases units of a tenant's monthly quota. Runs in the transaction that stores or removes the
 * session for which the unit is used. */
#pragma once

#include <stdbool.h>

#include "app/core/caller.h"
#include "base/err.h"
#include "port/store.h"
#include "port/world.h"

/* Reserves one unit of the current month. Sets `*month` to that month; the caller stores it with the session,
 * so that the unit can be released later. `*reserved` is false if the month's quota is used up. The limit is
 * loaded from the store, so that a changed quota applies at once. */
enum err app_quota_reserve(const struct world *world, struct tx *tx, const struct caller *caller,
	int64_t *month, bool *reserved) must_use;
/* Gives one unit back to the month in which it was reserved. */
enum err app_quota_release(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct tenant_id *tenant, int64_t month) must_use;

/* The current month's quota of a tenant. */
struct quota_state {
	int64_t limit; /* NO_QUOTA: no limit */
	int64_t used;
	moment resets_at; /* the start of the next month (UTC) */
};
enum err app_quota_state(const struct world *world, struct tx *tx, const struct tenant_id *tenant_id,
	struct quota_state *out) must_use;

/* Maximum number of tenants that app_quotas_used() reports, the first ones by name. It is a multiple of the
 * 16 tenants that are read at a time. */
#define QUOTAS_REPORTED 496
/* How many units a tenant has used in the current month. */
struct quota_used {
	struct tenant_id id;
	char tenant[TENANT_NAME_SIZE];
	int64_t used;
};
/* Reads how many units each tenant has used in the current month, by tenant name. `rows` is an array of
 * QUOTAS_REPORTED elements; `n` is set to the number of tenants. */
enum err app_quotas_used(
	const struct world *world, struct arena *a, struct quota_used *rows, size_t *n) must_use;
