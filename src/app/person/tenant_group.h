/* The tenants of a group. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "domain/tenant.h"
#include "port/store.h"

/* Called with each tenant that tenant_group_each() finds. */
typedef enum err tenant_callback(struct tx *tx, const struct tenant *tenant, void *arg);
/* Calls `on_tenant` for each tenant of a group, sorted by name; if `group_name` is NULL, for every tenant. */
enum err tenant_group_each(
	struct tx *tx, const char *group_name, tenant_callback *on_tenant, void *arg) must_use;
/* Returns whether the group has only one tenant and never gets another one, see struct tenant. */
static inline bool tenant_group_is_own(const char *group_name)
{
	return group_name[0] == '@';
}
