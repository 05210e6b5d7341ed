/* The data of the console's page *Overview*: what happened today, in the last 7 and in the last 30 days
 * (UTC), and where the people of the caller's tenants stand now. Reads the daily counts, a few rows per
 * tenant. */
#pragma once

#include "app/console/overview_sums.h"
#include "app/operator/access.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "port/world.h"

/* Reads the overview of one tenant, or of all tenants that the caller may see if `tenant` is empty. Returns
 * ERR_NOT_FOUND if the caller may not see a tenant of that name, or if there is none. */
enum err app_console_overview(const struct world *world, struct arena *a, const struct console_caller *caller,
	struct str tenant, struct overview *out, enum console_verdict *verdict) must_use;
