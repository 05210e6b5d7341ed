#include "app/console/overview.h"

#include <assert.h>
#include <string.h>

#include "app/console/visible_tenants.h"
#include "app/mail/health.h"
#include "base/metrics.h"
#include "domain/quota.h"
#include "port/store.h"

/* Rows per query. */
#define TENANTS_PER_QUERY 64
#define QUOTAS_PER_QUERY 128
/* Memory for the rows of a query, which is freed before the page is made. */
#define ROWS_LIMIT ((size_t)8 * 1024 * 1024)

struct overview_job {
	const struct world *world;
	const struct console_caller *caller;
	struct str tenant;
	struct overview_tenant *tenants; /* room for OVERVIEW_TENANTS_MAX */
	struct overview *out;
};

/* Counts a tenant that the caller may see, and lists it if there is room. Returns its row, or NULL. */
static struct overview_tenant *list_tenant(struct overview *out, const struct tenant *tenant)
{
	struct overview_tenant *row;

	out->n_visible++;
	if (out->n_tenants == OVERVIEW_TENANTS_MAX)
		return NULL;
	row = &out->tenants[out->n_tenants++];
	*row = (struct overview_tenant){ .id = tenant->id, .quota_limit = tenant->monthly_quota };
	memcpy(row->name, tenant->name, sizeof(row->name));
	return row;
}

/* An operator of few tenants: their rows are read one tenant after the other. */
static enum err add_tenant(struct tx *tx, const struct overview_job *job, const struct tenant *tenant)
{
	const struct arena_mark before = arena_mark(tx->arena);
	struct overview_tenant *const row = list_tenant(job->out, tenant);
	struct quota quota = { .tenant_id = tenant->id, .month = moment_month(world_now(job->world)) };
	const enum err e = store_load_quota(tx, &quota);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	assert(row != NULL);
	row->quota_used = e == OK ? quota.used : 0;
	TRY(overview_sums_of_tenant(tx, job->out, row));
	arena_rewind(tx->arena, before);
	return OK;
}

static enum err add_limited(struct tx *tx, const struct overview_job *job)
{
	struct tenant *rows;
	size_t n;

	TRY(visible_tenants_list(tx, job->caller, &rows, &n));
	for (size_t i = 0; i < n; i++)
		TRY(add_tenant(tx, job, &rows[i]));
	return OK;
}

static void set_quota(struct overview *out, const struct quota *quota)
{
	for (size_t i = 0; i < out->n_tenants; i++)
		if (strcmp(out->tenants[i].id.text, quota->tenant_id.text) == 0)
			out->tenants[i].quota_used = quota->used;
}

static enum err add_quotas(struct tx *tx, const struct overview_job *job)
{
	const struct quota probe = { .month = moment_month(world_now(job->world)) };
	struct quota *const rows = arena_array(tx->arena, struct quota, QUOTAS_PER_QUERY);
	size_t seen = 0, n = QUOTAS_PER_QUERY;

	if (rows == NULL)
		return ERR_INTERNAL;
	while (n == QUOTAS_PER_QUERY) {
		TRY(store_find(tx, QUERY_QUOTAS_OF_MONTH, &probe, page_of(seen, QUOTAS_PER_QUERY), rows, &n));
		for (size_t i = 0; i < n; i++)
			set_quota(job->out, &rows[i]);
		seen += n;
	}
	return OK;
}

static enum err list_tenants(struct tx *tx, struct overview *out)
{
	struct tenant *const rows = arena_array(tx->arena, struct tenant, TENANTS_PER_QUERY);
	size_t seen = 0, n = TENANTS_PER_QUERY;

	if (rows == NULL)
		return ERR_INTERNAL;
	while (n == TENANTS_PER_QUERY) {
		TRY(store_find(tx, QUERY_TENANTS, rows, page_of(seen, TENANTS_PER_QUERY), rows, &n));
		for (size_t i = 0; i < n; i++)
			(void)list_tenant(out, &rows[i]);
		seen += n;
	}
	return OK;
}

/* An operator of all tenants: a query reads rows of many of them. */
static enum err add_all(struct tx *tx, const struct overview_job *job)
{
	TRY(list_tenants(tx, job->out));
	TRY(add_quotas(tx, job));
	return overview_sums_of_all(tx, job->out);
}

static enum err add_named_tenant(struct tx *tx, const struct overview_job *job)
{
	struct visible_tenant found;

	TRY(visible_tenant_find(job->world, tx, job->caller, CONSOLE_VIEW, job->tenant, &found));
	return found.verdict == CONSOLE_PERMITTED ? add_tenant(tx, job, &found.row) : ERR_NOT_FOUND;
}

static enum err overview_in_tx(struct tx *tx, void *arg)
{
	const struct overview_job *const job = arg;
	struct overview *const out = job->out;

	*out = (struct overview){ .today = day_of(world_now(job->world)), .tenants = job->tenants };
	if (job->tenant.n > 0)
		return add_named_tenant(tx, job);
	return operator_account_has_all_tenants(&job->caller->account) ? add_all(tx, job)
								       : add_limited(tx, job);
}

enum err app_console_overview(const struct world *world, struct arena *a, const struct console_caller *caller,
	struct str tenant, struct overview *out, enum console_verdict *verdict)
{
	struct overview_tenant *const tenants = arena_array(a, struct overview_tenant, OVERVIEW_TENANTS_MAX);
	struct overview_job job = { world, caller, tenant, tenants, out };
	struct arena rows;

	*verdict = console_permit(world, caller, CONSOLE_VIEW, NULL);
	if (*verdict != CONSOLE_PERMITTED)
		return OK;
	if (tenants == NULL)
		return ERR_INTERNAL;
	arena_init(&rows, ROWS_LIMIT);
	const enum err e = store_transact(world->store, TX_READ, &rows, overview_in_tx, &job);
	arena_finish(&rows);
	TRY(e);
	for (int period = 0; period < OVERVIEW_PERIODS; period++) {
		struct overview_counts *const sums = &out->periods[period];

		sums->has_median = decision_time_median(sums->times, &sums->median);
	}
	out->mail_is_down = mail_is_reported_down(world);
	out->provider_is_down = metric_read(METRIC_PROVIDER_OPEN, 0, 0) != 0;
	out->oldest_mail = seconds(metric_read(METRIC_OUTBOX_OLDEST, 0, 0));
	return OK;
}
