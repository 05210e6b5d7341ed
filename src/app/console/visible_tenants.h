/* The tenants whose people an operator of the console may see. */
#pragma once

#include <stddef.h>

#include "app/operator/access.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/tenant.h"
#include "port/store.h"
#include "port/world.h"

/* Tenants that a page lists, the first ones by name. */
#define VISIBLE_TENANTS_MAX 200

/* Lists the tenants that the caller may see by name, at most VISIBLE_TENANTS_MAX. The rows are in the arena
 * of the transaction. */
enum err visible_tenants_list(
	struct tx *tx, const struct console_caller *caller, struct tenant **out, size_t *n) must_use;
struct visible_tenant {
	struct tenant row; /* set if the verdict is CONSOLE_PERMITTED */
	enum console_verdict verdict;
};
/* Finds a tenant by its name and decides whether the caller may take the action there (console_permit). For a
 * tenant that does not exist, the verdict is CONSOLE_TENANT_REFUSED. */
enum err visible_tenant_find(const struct world *world, struct tx *tx, const struct console_caller *caller,
	enum console_action action, struct str name, struct visible_tenant *out) must_use;
/* Sets `out` to whether the caller may see all tenants of this tenant's group. The people of a group are
 * shared: what is done to a person there concerns all of them. */
enum err visible_tenant_has_whole_group(
	struct tx *tx, const struct console_caller *caller, const struct tenant *tenant, bool *out) must_use;
