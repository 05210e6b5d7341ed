/* The tenant's monthly quota, in the transaction of the session it is for. */
#pragma once

#include <stdbool.h>

#include "app/core/caller.h"
#include "base/err.h"
#include "port/store.h"
#include "port/world.h"

/* `month` is where the unit came from. Not reserved: the month is used up. The limit is read afresh, so that
 * a quota that was just changed holds. */
enum err app_quota_reserve(const struct world *world, struct tx *tx, const struct caller *caller,
	int64_t *month, bool *reserved) must_use;
enum err app_quota_release(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct tenant_id *tenant, int64_t month) must_use;

/* What each tenant has used of the current month, by name; of more than QUOTAS_REPORTED tenants the first. */
#define QUOTAS_REPORTED 496 /* whole pages */
struct quota_used {
	char tenant[TENANT_NAME_SIZE];
	int64_t used;
};
/* `rows` has room for QUOTAS_REPORTED. */
enum err app_quotas_used(
	const struct world *world, struct arena *a, struct quota_used *rows, size_t *n) must_use;
