#include "app/console/visible_tenants.h"

#include <stdlib.h>
#include <string.h>

#include "app/person/tenant_group.h"

static int compare_names(const void *a, const void *b)
{
	const struct tenant *const left = a, *const right = b;

	return strcmp(left->name, right->name);
}

/* An operator who is limited to tenants has only a few of them. */
static enum err load_limited(
	struct tx *tx, const struct console_caller *caller, struct tenant *rows, size_t *n)
{
	struct tenant row;

	for (size_t i = 0; operator_account_tenant_at(&caller->account, i, &row.id); i++) {
		const enum err e = store_load_tenant(tx, &row);

		if (e != OK && e != ERR_NOT_FOUND)
			return e;
		if (e == OK)
			rows[(*n)++] = row;
	}
	qsort(rows, *n, sizeof(*rows), compare_names);
	return OK;
}

enum err visible_tenants_list(
	struct tx *tx, const struct console_caller *caller, struct tenant **out, size_t *n)
{
	const bool all = operator_account_has_all_tenants(&caller->account);
	const size_t max = all ? VISIBLE_TENANTS_MAX : OPERATOR_TENANTS_MAX;
	const struct tenant probe = { .name = "" };

	*n = 0;
	*out = arena_array(tx->arena, struct tenant, max);
	if (!*out)
		return ERR_INTERNAL;
	return all ? store_find(tx, QUERY_TENANTS, &probe, page_of(0, max), *out, n)
		   : load_limited(tx, caller, *out, n);
}

enum err visible_tenant_find(const struct world *world, struct tx *tx, const struct console_caller *caller,
	enum console_action action, struct str name, struct visible_tenant *out)
{
	struct tenant probe = { .name = "" };
	size_t n = 0;

	out->verdict = CONSOLE_TENANT_REFUSED;
	if (!str_copy_to(name, probe.name, sizeof(probe.name)))
		return OK;
	TRY(store_find(tx, QUERY_TENANT_BY_NAME, &probe, page_of(0, 1), &out->row, &n));
	if (n > 0)
		out->verdict = console_permit(world, caller, action, &out->row.id);
	return OK;
}

struct group_check {
	const struct console_caller *caller;
	bool *out;
};

static enum err check_tenant(struct tx *tx, const struct tenant *tenant, void *arg)
{
	const struct group_check *const check = arg;

	(void)tx;
	*check->out &= operator_account_has_tenant(&check->caller->account, &tenant->id);
	return OK;
}

enum err visible_tenant_has_whole_group(
	struct tx *tx, const struct console_caller *caller, const struct tenant *tenant, bool *out)
{
	struct group_check check = { caller, out };

	*out = true;
	if (operator_account_has_all_tenants(&caller->account) || tenant_has_own_group(tenant))
		return OK;
	return tenant_group_each(tx, tenant->group_name, check_tenant, &check);
}
