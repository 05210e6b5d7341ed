#include "app/core/quota.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/core/audit.h"
#include "domain/quota.h"

static enum err load_quota(struct tx *tx, struct quota *quota)
{
	const enum err e = store_load_quota(tx, quota);

	return e == ERR_NOT_FOUND ? OK : e;
}

enum err app_quota_reserve(
	const struct world *world, struct tx *tx, const struct caller *caller, int64_t *month, bool *reserved)
{
	struct tenant tenant = { .id = caller->tenant.id };
	struct quota quota = { .tenant_id = tenant.id, .month = moment_month(world_now(world)) };

	TRY(store_load_tenant(tx, &tenant));
	TRY(load_quota(tx, &quota));
	*month = quota.month;
	*reserved = quota_reserve(&quota, tenant.monthly_quota);
	if (!*reserved)
		return OK;
	TRY(store_save_quota(tx, &quota));
	const struct audit_params params = { AUDIT_QUOTA_RESERVED, tenant.id.text, tenant.id.text, "" };
	return audit_append(world, tx, &caller->actor, &params);
}

enum err app_quota_release(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct tenant_id *tenant, int64_t month)
{
	struct quota quota = { .tenant_id = *tenant, .month = month };

	TRY(load_quota(tx, &quota));
	quota_release(&quota);
	TRY(store_save_quota(tx, &quota));
	const struct audit_params params = { AUDIT_QUOTA_RETURNED, tenant->text, tenant->text, "" };
	return audit_append(world, tx, actor, &params);
}

/* Returns the start of the month after `month`, which is year and month as a number, e.g. 202601. */
static moment month_end(int64_t month)
{
	const int64_t year = month / 100, number = month % 100;
	char text[48];
	moment end = { 0 };

	(void)snprintf(text, sizeof(text), "%04" PRId64 "-%02" PRId64 "-01T00:00:00Z",
		number == 12 ? year + 1 : year, number == 12 ? 1 : number + 1);
	const bool is_valid = moment_parse(str_of(text), &end);
	assert(is_valid);
	return end;
}

enum err app_quota_state(
	const struct world *world, struct tx *tx, const struct tenant_id *tenant_id, struct quota_state *out)
{
	struct tenant tenant = { .id = *tenant_id };
	struct quota quota = { .tenant_id = *tenant_id, .month = moment_month(world_now(world)) };

	TRY(store_load_tenant(tx, &tenant));
	TRY(load_quota(tx, &quota));
	*out = (struct quota_state){ tenant.monthly_quota, quota.used, month_end(quota.month) };
	return OK;
}

/* Number of tenants that are read at a time. An array of them is on the stack, at about 900 bytes per
 * tenant. */
#define TENANTS_PER_QUERY 16

struct quota_report {
	int64_t month;
	struct quota_used *rows;
	size_t n;
};

static enum err read_quotas(struct tx *tx, void *arg)
{
	struct quota_report *const report = arg;
	struct tenant tenants[TENANTS_PER_QUERY];
	size_t found = TENANTS_PER_QUERY;

	report->n = 0;
	while (found == TENANTS_PER_QUERY && report->n + TENANTS_PER_QUERY <= QUOTAS_REPORTED) {
		TRY(store_find(tx, QUERY_TENANTS, &tenants[0], page_of(report->n, TENANTS_PER_QUERY), tenants,
			&found));
		for (size_t i = 0; i < found; i++) {
			struct quota quota = { .tenant_id = tenants[i].id, .month = report->month };
			struct quota_used *const row = &report->rows[report->n++];

			TRY(load_quota(tx, &quota));
			row->id = tenants[i].id;
			memcpy(row->tenant, tenants[i].name, sizeof(row->tenant));
			row->used = quota.used;
		}
	}
	return OK;
}

enum err app_quotas_used(const struct world *world, struct arena *a, struct quota_used *rows, size_t *n)
{
	struct quota_report report = { .month = moment_month(world_now(world)), .rows = rows };

	TRY(store_transact(world->store, TX_READ, a, read_quotas, &report));
	*n = report.n;
	return OK;
}
