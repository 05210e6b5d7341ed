/* Events about a tenant's quota: quota.threshold_reached when sessions have used 80 % and 100 % of the
 * month's quota, once per month and limit. */
#pragma once

#include "base/err.h"
#include "domain/id.h"
#include "port/store.h"
#include "port/world.h"

/* The provider made a session for the tenant, with a unit of this month. Runs in the transaction that stores
 * the session. */
enum err quota_events(
	const struct world *world, struct tx *tx, const struct tenant_id *tenant, int64_t month) must_use;
