#include "app/console/overview.h"

#include <string.h>

#include "app/console/visible_tenants.h"
#include "app/mail/health.h"
#include "base/metrics.h"
#include "domain/quota.h"
#include "port/store.h"

/* Rows per query. */
#define TENANTS_PER_QUERY 16
#define DECISIONS_PER_QUERY 512

struct overview_job {
	const struct world *world;
	const struct console_caller *caller;
	struct str tenant;
	struct overview *out;
};

int64_t overview_period_days(enum overview_period period)
{
	static const int64_t days[OVERVIEW_PERIODS] = { 1, 7, OVERVIEW_DAYS };

	return days[period];
}

/* Returns the number of days before today; negative or OVERVIEW_DAYS and more: the overview leaves the day
 * out. */
static int64_t age_of(const struct overview *out, int64_t day)
{
	return out->today - day;
}

static bool is_shown(const struct overview *out, int64_t day)
{
	return age_of(out, day) >= 0 && age_of(out, day) < OVERVIEW_DAYS;
}

static void add_counts(int64_t *sums, const int64_t *counts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sums[i] += counts[i];
}

static void add_day(struct overview *out, struct overview_tenant *tenant, const struct daily_count *row)
{
	const int64_t age = age_of(out, row->day);

	if (!is_shown(out, row->day))
		return;
	add_counts(out->days[OVERVIEW_DAYS - 1 - age], row->counts, DAY_COUNTS);
	for (int period = 0; period < OVERVIEW_PERIODS; period++)
		if (age < overview_period_days((enum overview_period)period))
			add_counts(out->periods[period].counts, row->counts, DAY_COUNTS);
	tenant->prepared += row->counts[DAY_PREPARED];
	tenant->approved += row->counts[DAY_APPROVED];
	tenant->declined += row->counts[DAY_DECLINED];
}

static enum err add_days(
	struct tx *tx, struct overview *out, const struct tenant_id *id, struct overview_tenant *tenant)
{
	const struct daily_count probe = { .tenant_id = *id };
	struct daily_count *const rows = arena_array(tx->arena, struct daily_count, OVERVIEW_DAYS);
	size_t n;

	if (rows == NULL)
		return ERR_INTERNAL;
	TRY(store_find(tx, QUERY_DAILY_COUNTS_OF_TENANT, &probe, page_of(0, OVERVIEW_DAYS), rows, &n));
	if (n > 0)
		memcpy(tenant->people, rows[0].people, sizeof(tenant->people));
	add_counts(out->people, tenant->people, PEOPLE_COUNTS);
	for (size_t i = 0; i < n; i++)
		add_day(out, tenant, &rows[i]);
	return OK;
}

static void add_decision(struct overview *out, const struct decision_count *row)
{
	const size_t number = decision_count_number(str_of(row->name));

	if (number == DECISION_COUNTS || !is_shown(out, row->day))
		return;
	for (int period = 0; period < OVERVIEW_PERIODS; period++) {
		struct overview_counts *const sums = &out->periods[period];

		if (age_of(out, row->day) >= overview_period_days((enum overview_period)period))
			continue;
		if (number < REASON_COUNT)
			sums->reasons[number] += row->number;
		else
			sums->times[number - REASON_COUNT] += row->number;
	}
}

static enum err add_decisions(struct tx *tx, struct overview *out, const struct tenant_id *id)
{
	const struct decision_count probe = { .tenant_id = *id, .day = out->today - OVERVIEW_DAYS + 1 };
	struct decision_count *const rows = arena_array(
		tx->arena, struct decision_count, DECISIONS_PER_QUERY);
	size_t seen = 0, n = DECISIONS_PER_QUERY;

	if (rows == NULL)
		return ERR_INTERNAL;
	while (n == DECISIONS_PER_QUERY) {
		TRY(store_find(tx, QUERY_DECISION_COUNTS_OF_TENANT, &probe,
			page_of(seen, DECISIONS_PER_QUERY), rows, &n));
		for (size_t i = 0; i < n; i++)
			add_decision(out, &rows[i]);
		seen += n;
	}
	return OK;
}

static enum err load_quota(
	struct tx *tx, const struct world *world, const struct tenant *tenant, struct overview_tenant *out)
{
	struct quota quota = { .tenant_id = tenant->id, .month = moment_month(world_now(world)) };
	const enum err e = store_load_quota(tx, &quota);

	out->quota_limit = tenant->monthly_quota;
	out->quota_used = e == OK ? quota.used : 0;
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum err add_tenant(struct tx *tx, const struct overview_job *job, const struct tenant *tenant)
{
	struct overview *const out = job->out;
	const struct arena_mark before = arena_mark(tx->arena);
	struct overview_tenant row = { .quota_used = 0 };

	memcpy(row.name, tenant->name, sizeof(row.name));
	TRY(add_days(tx, out, &tenant->id, &row));
	/* Most tenants of a large installation have no decision in most months. */
	if (row.approved + row.declined > 0)
		TRY(add_decisions(tx, out, &tenant->id));
	TRY(load_quota(tx, job->world, tenant, &row));
	arena_rewind(tx->arena, before);
	out->n_visible++;
	if (out->n_tenants < OVERVIEW_TENANTS_MAX)
		out->tenants[out->n_tenants++] = row;
	return OK;
}

/* Reads tenants page by page, and leaves out those that the caller may not see. */
static enum err add_tenants(struct tx *tx, const struct overview_job *job)
{
	struct tenant *const rows = arena_array(tx->arena, struct tenant, TENANTS_PER_QUERY);
	size_t seen = 0, n = TENANTS_PER_QUERY;

	if (rows == NULL)
		return ERR_INTERNAL;
	while (n == TENANTS_PER_QUERY) {
		TRY(store_find(tx, QUERY_TENANTS, rows, page_of(seen, TENANTS_PER_QUERY), rows, &n));
		for (size_t i = 0; i < n; i++)
			if (operator_account_has_tenant(&job->caller->account, &rows[i].id))
				TRY(add_tenant(tx, job, &rows[i]));
		seen += n;
	}
	return OK;
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

	*out = (struct overview){ .today = day_of(world_now(job->world)) };
	out->tenants = arena_array(tx->arena, struct overview_tenant, OVERVIEW_TENANTS_MAX);
	if (out->tenants == NULL)
		return ERR_INTERNAL;
	return job->tenant.n > 0 ? add_named_tenant(tx, job) : add_tenants(tx, job);
}

enum err app_console_overview(const struct world *world, struct arena *a, const struct console_caller *caller,
	struct str tenant, struct overview *out, enum console_verdict *verdict)
{
	struct overview_job job = { world, caller, tenant, out };

	*verdict = console_permit(world, caller, CONSOLE_VIEW, NULL);
	if (*verdict != CONSOLE_PERMITTED)
		return OK;
	TRY(store_transact(world->store, TX_READ, a, overview_in_tx, &job));
	for (int period = 0; period < OVERVIEW_PERIODS; period++) {
		struct overview_counts *const sums = &out->periods[period];

		sums->has_median = decision_time_median(sums->times, &sums->median);
	}
	out->mail_is_down = mail_is_reported_down(world);
	out->provider_is_down = metric_read(METRIC_PROVIDER_OPEN, 0, 0) != 0;
	out->oldest_mail = seconds(metric_read(METRIC_OUTBOX_OLDEST, 0, 0));
	return OK;
}
