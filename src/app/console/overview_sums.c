#include "app/console/overview_sums.h"

#include <stdlib.h>
#include <string.h>

/* A row of decision counts usually has a text of less than 1 KB, and at most 6 KB. */
#define ROWS_PER_QUERY 512
/* Rows of decision counts of one tenant: all that are shown. */
#define DECISIONS_PER_QUERY (OVERVIEW_DAYS + 2)

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

static int64_t first_day(const struct overview *out)
{
	return out->today - OVERVIEW_DAYS + 1;
}

static void add_counts(int64_t *sums, const int64_t *counts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sums[i] += counts[i];
}

/* `tenant` is NULL for a tenant that is not listed. */
static void add_day(struct overview *out, struct overview_tenant *tenant, const struct daily_count *row)
{
	const int64_t age = age_of(out, row->day);

	if (!is_shown(out, row->day))
		return;
	add_counts(out->days[OVERVIEW_DAYS - 1 - age], row->counts, DAY_COUNTS);
	for (int period = 0; period < OVERVIEW_PERIODS; period++)
		if (age < overview_period_days((enum overview_period)period))
			add_counts(out->periods[period].counts, row->counts, DAY_COUNTS);
	if (tenant == NULL)
		return;
	tenant->prepared += row->counts[DAY_PREPARED];
	tenant->approved += row->counts[DAY_APPROVED];
	tenant->declined += row->counts[DAY_DECLINED];
}

static void add_people(struct overview *out, struct overview_tenant *tenant, const struct daily_count *newest)
{
	add_counts(out->people, newest->people, PEOPLE_COUNTS);
	if (tenant != NULL)
		memcpy(tenant->people, newest->people, sizeof(tenant->people));
}

static void add_decisions(struct overview *out, const struct decision_count *row)
{
	int64_t numbers[DECISION_COUNTS] = { 0 };

	if (!is_shown(out, row->day))
		return;
	decision_counts_add(row->counts, numbers);
	for (int period = 0; period < OVERVIEW_PERIODS; period++) {
		struct overview_counts *const sums = &out->periods[period];

		if (age_of(out, row->day) >= overview_period_days((enum overview_period)period))
			continue;
		add_counts(sums->reasons, numbers, REASON_COUNT);
		add_counts(sums->times, numbers + REASON_COUNT, DECISION_TIMES);
	}
}

static enum err sum_days_of_tenant(struct tx *tx, struct overview *out, struct overview_tenant *tenant)
{
	/* From the first day of all: the newest row may be older than the days that are shown. */
	const struct daily_count probe = { .tenant_id = tenant->id };
	struct daily_count *const rows = arena_array(tx->arena, struct daily_count, OVERVIEW_DAYS);
	size_t n;

	if (rows == NULL)
		return ERR_INTERNAL;
	TRY(store_find(tx, QUERY_DAILY_COUNTS_OF_TENANT, &probe, page_of(0, OVERVIEW_DAYS), rows, &n));
	if (n > 0)
		add_people(out, tenant, &rows[0]);
	for (size_t i = 0; i < n; i++)
		add_day(out, tenant, &rows[i]);
	return OK;
}

enum err overview_sums_of_tenant(struct tx *tx, struct overview *out, struct overview_tenant *tenant)
{
	const struct decision_count probe = { .tenant_id = tenant->id, .day = first_day(out) };
	struct decision_count *const rows = arena_array(
		tx->arena, struct decision_count, DECISIONS_PER_QUERY);
	size_t n;

	if (rows == NULL)
		return ERR_INTERNAL;
	TRY(sum_days_of_tenant(tx, out, tenant));
	/* Those of days to come, which a clock that was set back leaves, may be cut off. */
	TRY(store_find(
		tx, QUERY_DECISION_COUNTS_OF_TENANT, &probe, page_of(0, DECISIONS_PER_QUERY), rows, &n));
	for (size_t i = 0; i < n; i++)
		add_decisions(out, &rows[i]);
	return OK;
}

struct tenant_ref {
	struct overview_tenant *tenant;
};

/* The listed tenants by id. */
struct tenant_index {
	struct tenant_ref refs[OVERVIEW_TENANTS_MAX];
	size_t n;
};

static int compare_ids(const void *a, const void *b)
{
	const struct tenant_ref *const left = a, *const right = b;

	return strcmp(left->tenant->id.text, right->tenant->id.text);
}

static struct overview_tenant *find_tenant(const struct tenant_index *index, const struct tenant_id *id)
{
	struct overview_tenant key = { .id = *id };
	const struct tenant_ref key_ref = { &key };
	const struct tenant_ref *const found = bsearch(
		&key_ref, index->refs, index->n, sizeof(index->refs[0]), compare_ids);

	return found != NULL ? found->tenant : NULL;
}

static void index_tenants(const struct overview *out, struct tenant_index *index)
{
	index->n = out->n_tenants;
	for (size_t i = 0; i < index->n; i++)
		index->refs[i].tenant = &out->tenants[i];
	qsort(index->refs, index->n, sizeof(index->refs[0]), compare_ids);
}

typedef void add_daily_count(
	struct overview *out, struct overview_tenant *tenant, const struct daily_count *row);

/* Adds the rows that a query of daily counts finds for the tenants after the probe's. */
static enum err sum_daily_counts(struct tx *tx, struct overview *out, const struct tenant_index *index,
	enum query_kind query, struct daily_count probe, add_daily_count *add)
{
	const struct arena_mark before = arena_mark(tx->arena);
	struct daily_count *const rows = arena_array(tx->arena, struct daily_count, ROWS_PER_QUERY);
	size_t n = ROWS_PER_QUERY;

	if (rows == NULL)
		return ERR_INTERNAL;
	while (n == ROWS_PER_QUERY) {
		TRY(store_find(tx, query, &probe, page_of(0, ROWS_PER_QUERY), rows, &n));
		for (size_t i = 0; i < n; i++)
			add(out, find_tenant(index, &rows[i].tenant_id), &rows[i]);
		if (n > 0)
			probe = rows[n - 1];
	}
	arena_rewind(tx->arena, before);
	return OK;
}

/* Each query returns rows of several days. If it did not return all rows of the last day, the others are read
 * by day. So no query skips rows, however many tenants there are. */
static enum err sum_days_of_all(struct tx *tx, struct overview *out, const struct tenant_index *index)
{
	struct daily_count *const rows = arena_array(tx->arena, struct daily_count, ROWS_PER_QUERY);
	struct daily_count probe = { .day = first_day(out) };
	size_t n = ROWS_PER_QUERY;

	if (rows == NULL)
		return ERR_INTERNAL;
	while (n == ROWS_PER_QUERY) {
		TRY(store_find(tx, QUERY_DAILY_COUNTS_SINCE, &probe, page_of(0, ROWS_PER_QUERY), rows, &n));
		for (size_t i = 0; i < n; i++)
			add_day(out, find_tenant(index, &rows[i].tenant_id), &rows[i]);
		if (n == ROWS_PER_QUERY)
			TRY(sum_daily_counts(
				tx, out, index, QUERY_DAILY_COUNTS_OF_DAY, rows[n - 1], add_day));
		probe.day = n > 0 ? rows[n - 1].day + 1 : probe.day;
	}
	return OK;
}

/* Adds the rows of one page of a query, and moves the probe to the last of them. */
static enum err add_decisions_page(
	struct tx *tx, struct overview *out, enum query_kind query, struct decision_count *probe, size_t *n)
{
	const struct arena_mark before = arena_mark(tx->arena);
	struct decision_count *const rows = arena_array(tx->arena, struct decision_count, ROWS_PER_QUERY);

	if (rows == NULL)
		return ERR_INTERNAL;
	TRY(store_find(tx, query, probe, page_of(0, ROWS_PER_QUERY), rows, n));
	for (size_t i = 0; i < *n; i++)
		add_decisions(out, &rows[i]);
	if (*n > 0)
		*probe = (struct decision_count){ .tenant_id = rows[*n - 1].tenant_id,
			.day = rows[*n - 1].day };
	arena_rewind(tx->arena, before);
	return OK;
}

/* Like sum_days_of_all(). */
static enum err sum_decisions_of_all(struct tx *tx, struct overview *out)
{
	struct decision_count probe = { .day = first_day(out) };
	size_t n = ROWS_PER_QUERY;

	while (n == ROWS_PER_QUERY) {
		TRY(add_decisions_page(tx, out, QUERY_DECISION_COUNTS_SINCE, &probe, &n));
		for (size_t left = n; left == ROWS_PER_QUERY;)
			TRY(add_decisions_page(tx, out, QUERY_DECISION_COUNTS_OF_DAY, &probe, &left));
		probe.day++;
	}
	return OK;
}

enum err overview_sums_of_all(struct tx *tx, struct overview *out)
{
	const struct daily_count newest = { .closed = false };
	struct tenant_index index;

	index_tenants(out, &index);
	TRY(sum_daily_counts(tx, out, &index, QUERY_NEWEST_DAILY_COUNTS, newest, add_people));
	TRY(sum_days_of_all(tx, out, &index));
	return sum_decisions_of_all(tx, out);
}
