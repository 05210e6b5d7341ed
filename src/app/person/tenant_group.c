#include "app/person/tenant_group.h"

#define TENANTS_PER_QUERY 32 /* number of tenants that are loaded at a time */

enum err tenant_group_each(struct tx *tx, const char *group_name, tenant_callback *on_tenant, void *arg)
{
	struct tenant *const rows = arena_array(tx->arena, struct tenant, TENANTS_PER_QUERY);
	const struct tenant probe = { .monthly_quota = 0 };
	size_t seen = 0, n = TENANTS_PER_QUERY;

	if (!rows)
		return ERR_INTERNAL;
	while (n == TENANTS_PER_QUERY) {
		TRY(store_find(tx, QUERY_TENANTS, &probe, page_of(seen, TENANTS_PER_QUERY), rows, &n));
		for (size_t i = 0; i < n; i++)
			if (!group_name || str_eq(str_of(group_name), str_of(rows[i].group_name)))
				TRY(on_tenant(tx, &rows[i], arg));
		seen += n;
	}
	return OK;
}
