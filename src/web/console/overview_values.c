#include "web/console/overview_values.h"

#include <inttypes.h>

#include "base/attr.h"
#include "base/buf.h"
#include "html/chart_svg.h"
#include "web/console/page_path.h"
#include "web/console/words.h"

#define PEOPLE_PATH "/console/people"
#define REVIEWS_PATH "/console/reviews"

/* What the parts of the page have in common. */
struct writer {
	struct arena *a;
	const struct overview *data;
	struct str tenant;
};

struct str overview_number(struct arena *a, int64_t n)
{
	const struct str digits = arena_printf(a, "%" PRId64, n);
	const size_t sign = n < 0;
	struct buf out;
	struct str text;

	buf_init(&out, a);
	for (size_t i = 0; i < digits.n; i++) {
		if (i > sign && (digits.n - i) % 3 == 0)
			buf_char(&out, ',');
		buf_char(&out, digits.p[i]);
	}
	return buf_done(&out, &text) == OK ? text : STR("");
}

struct str overview_duration(struct arena *a, duration d)
{
	static const struct {
		const char *name, *smaller;
		int64_t ms, smaller_ms;
	} units[] = {
		{ "days", "h", 86400000, 3600000 },
		{ "h", "min", 3600000, 60000 },
		{ "min", "s", 60000, 1000 },
	};

	for (size_t i = 0; i < array_len(units); i++)
		if (d.ms >= units[i].ms * (i == 0 ? 2 : 1))
			return arena_printf(a, "%" PRId64 " %s %" PRId64 " %s", d.ms / units[i].ms,
				units[i].name, d.ms % units[i].ms / units[i].smaller_ms, units[i].smaller);
	return arena_printf(a, "%" PRId64 " s", d.ms / 1000);
}

static struct str day_text(struct arena *a, int64_t day)
{
	char text[MOMENT_DATE_SIZE];

	moment_date(day_start(day), text);
	return arena_printf(a, "%s", text);
}

/* Returns the path of a list with a filter by status, a first day and the chosen tenant; each may be empty.
 */
static struct str list_url(const struct writer *w, const char *path, const char *status, struct str from)
{
	struct str url = str_of(path);

	if (status != NULL)
		url = console_path_with(w->a, url, "status", str_of(status));
	if (from.n > 0)
		url = console_path_with(w->a, url, "from", from);
	return w->tenant.n > 0 ? console_path_with(w->a, url, "tenant", w->tenant) : url;
}

static struct template_list list_of(const void *items, size_t n)
{
	return (struct template_list){ items, items != NULL ? n : 0 };
}

static struct str people_text(const struct writer *w, const int64_t *people, enum overall_status status)
{
	return overview_number(w->a, people[PEOPLE_WITH(status)]);
}

/* Those in review are first: they wait for somebody. */
static struct template_list tiles(const struct writer *w)
{
	static const enum overall_status statuses[] = { OVERALL_IN_REVIEW, OVERALL_PENDING, OVERALL_APPROVED,
		OVERALL_DECLINED, OVERALL_EXPIRED };
	struct tile_values *const items = arena_array(w->a, struct tile_values, array_len(statuses));

	for (size_t i = 0; items && i < array_len(statuses); i++) {
		const bool waits = statuses[i] == OVERALL_IN_REVIEW;

		items[i] = (struct tile_values){ waits ? STR("Waiting for review")
						       : console_status_label(statuses[i]),
			people_text(w, w->data->people, statuses[i]),
			list_url(w, waits ? REVIEWS_PATH : PEOPLE_PATH,
				waits ? NULL : overall_status_name(statuses[i]), STR("")) };
	}
	return list_of(items, array_len(statuses));
}

/* Rows of what happened. The list of people can be filtered by status and day only. */
static const struct {
	enum day_count count;
	const char *label, *status;
} day_counts[] = {
	{ DAY_PREPARED, "Prepared", NULL },
	{ DAY_VERIFIED, "Address verified", NULL },
	{ DAY_STARTED, "Check started", NULL },
	{ DAY_APPROVED, "Approved", "approved" },
	{ DAY_DECLINED, "Declined", "declined" },
	{ DAY_IN_REVIEW, "Sent to review", "in_review" },
	{ DAY_EXPIRED, "Expired", "expired" },
};

static struct str period_url(const struct writer *w, enum overview_period period, const char *status)
{
	const int64_t from = w->data->today - overview_period_days(period) + 1;

	return list_url(w, PEOPLE_PATH, status, day_text(w->a, from));
}

static struct template_list periods(const struct writer *w)
{
	const struct overview_counts *const sums = w->data->periods;
	struct period_values *const items = arena_array(w->a, struct period_values, array_len(day_counts));

	for (size_t i = 0; items && i < array_len(day_counts); i++) {
		const enum day_count count = day_counts[i].count;
		const char *const status = day_counts[i].status;

		items[i] = (struct period_values){ str_of(day_counts[i].label),
			overview_number(w->a, sums[OVERVIEW_TODAY].counts[count]),
			overview_number(w->a, sums[OVERVIEW_WEEK].counts[count]),
			overview_number(w->a, sums[OVERVIEW_MONTH].counts[count]),
			period_url(w, OVERVIEW_TODAY, status), period_url(w, OVERVIEW_WEEK, status),
			period_url(w, OVERVIEW_MONTH, status) };
	}
	return list_of(items, array_len(day_counts));
}

static struct str median_text(const struct writer *w, enum overview_period period)
{
	const struct overview_counts *const sums = &w->data->periods[period];

	return sums->has_median ? overview_duration(w->a, sums->median) : STR("none");
}

static struct str share_text(const struct writer *w, int64_t part, int64_t whole)
{
	if (whole <= 0)
		return STR("");
	return arena_printf(w->a, "%.0f %%", (double)part * 100 / (double)whole);
}

static enum err fill_funnel(const struct writer *w, struct template_list *out)
{
	const int64_t *const counts = w->data->periods[OVERVIEW_MONTH].counts;
	const size_t n = DAY_APPROVED + 1;
	struct bar_values *const items = arena_array(w->a, struct bar_values, n);
	int64_t max = 0;

	if (items == NULL)
		return ERR_INTERNAL;
	for (size_t i = 0; i < n; i++)
		max = counts[day_counts[i].count] > max ? counts[day_counts[i].count] : max;
	for (size_t i = 0; i < n; i++) {
		const int64_t value = counts[day_counts[i].count];

		items[i] = (struct bar_values){ .label = str_of(day_counts[i].label),
			.value = overview_number(w->a, value),
			.share = share_text(w, value, counts[DAY_PREPARED]) };
		TRY(chart_bar_write(w->a, value, max, 0, &items[i].bar_markup));
	}
	*out = list_of(items, n);
	return OK;
}

/* Inserts a reason, so that the most frequent one is first. */
static void insert_reason(enum reason *sorted, size_t n, const int64_t *counts, enum reason reason)
{
	size_t at = n;

	for (; at > 0 && counts[sorted[at - 1]] < counts[reason]; at--)
		sorted[at] = sorted[at - 1];
	sorted[at] = reason;
}

static struct reasons reasons_of(enum reason reason)
{
	struct reasons set = { 0 };

	reasons_add(&set, reason);
	return set;
}

static enum err fill_reasons(const struct writer *w, struct template_list *out)
{
	const int64_t *const counts = w->data->periods[OVERVIEW_MONTH].reasons;
	struct bar_values *const items = arena_array(w->a, struct bar_values, REASON_COUNT);
	enum reason sorted[REASON_COUNT];
	size_t n = 0;

	if (items == NULL)
		return ERR_INTERNAL;
	for (enum reason r = 0; r < REASON_COUNT; r++)
		if (counts[r] > 0)
			insert_reason(sorted, n++, counts, r);
	for (size_t i = 0; i < n; i++) {
		items[i] = (struct bar_values){ .label = console_reasons_text(w->a, reasons_of(sorted[i])),
			.value = overview_number(w->a, counts[sorted[i]]),
			.url = period_url(w, OVERVIEW_MONTH, "declined") };
		TRY(chart_bar_write(w->a, counts[sorted[i]], counts[sorted[0]], 1, &items[i].bar_markup));
	}
	*out = list_of(items, n);
	return OK;
}

static enum err fill_days(const struct writer *w, struct overview_values *out)
{
	static const struct str names[] = { STR_INIT("approved"), STR_INIT("declined") };
	struct chart_column *const columns = arena_array(w->a, struct chart_column, OVERVIEW_DAYS);
	struct day_values *const items = arena_array(w->a, struct day_values, OVERVIEW_DAYS);

	if (columns == NULL || items == NULL)
		return ERR_INTERNAL;
	for (size_t i = 0; i < OVERVIEW_DAYS; i++) {
		const int64_t *const counts = w->data->days[i];
		const struct str day = day_text(w->a, w->data->today - OVERVIEW_DAYS + 1 + (int64_t)i);

		columns[i] = (struct chart_column){ day, { counts[DAY_APPROVED], counts[DAY_DECLINED] } };
		/* The newest day is the first row of the table. */
		items[OVERVIEW_DAYS - 1 - i] = (struct day_values){ day,
			overview_number(w->a, counts[DAY_APPROVED]),
			overview_number(w->a, counts[DAY_DECLINED]) };
	}
	const struct chart chart = {
		STR("Approvals and declines of each day; the table below has the numbers"), names,
		array_len(names), columns, OVERVIEW_DAYS
	};

	out->days = list_of(items, OVERVIEW_DAYS);
	out->first_day = columns[0].label;
	out->today = columns[OVERVIEW_DAYS - 1].label;
	out->chart_max = overview_number(w->a, chart_max(&chart));
	return chart_columns_write(w->a, &chart, &out->chart_markup);
}

static struct template_list health(const struct writer *w)
{
	struct health_values *const items = arena_array(w->a, struct health_values, 2);
	const struct overview *const data = w->data;

	if (items == NULL)
		return list_of(NULL, 0);
	items[0] = (struct health_values){ STR("Identity provider"),
		data->provider_is_down ? STR("It does not answer, so this server calls it only once in 5 s.")
				       : STR("No failures in a row at this server."),
		data->provider_is_down };
	items[1] = (struct health_values){ STR("E-mail"), STR("No e-mail is waiting to be sent."),
		data->mail_is_down };
	const struct str age = overview_duration(w->a, data->oldest_mail);

	if (data->oldest_mail.ms > 0)
		items[1].text = arena_printf(w->a, "The oldest unsent e-mail waits for %.*s.", STR_ARG(age));
	return list_of(items, 2);
}

/* The people of a tenant, each number with its list. */
static struct template_list people_of(const struct writer *w, const struct overview_tenant *tenant)
{
	const struct writer of_tenant = { w->a, w->data, str_of(tenant->name) };
	struct tile_values *const items = arena_array(w->a, struct tile_values, PEOPLE_COUNTS);

	for (size_t i = 0; items && i < PEOPLE_COUNTS; i++) {
		const enum overall_status status = (enum overall_status)(i + OVERALL_PENDING);

		items[i] = (struct tile_values){ console_status_label(status),
			people_text(w, tenant->people, status),
			list_url(&of_tenant, PEOPLE_PATH, overall_status_name(status), STR("")) };
	}
	return list_of(items, PEOPLE_COUNTS);
}

static struct tenant_values tenant_row(const struct writer *w, const struct overview_tenant *tenant)
{
	const bool has_limit = tenant->quota_limit != NO_QUOTA;
	const struct str used = overview_number(w->a, tenant->quota_used),
			 limit = overview_number(w->a, tenant->quota_limit);

	return (struct tenant_values){
		.name = str_of(tenant->name),
		.url = console_path_with(w->a, STR("/console"), "tenant", str_of(tenant->name)),
		.people = people_of(w, tenant),
		.prepared = overview_number(w->a, tenant->prepared),
		.quota = has_limit ? arena_printf(w->a, "%.*s of %.*s", STR_ARG(used), STR_ARG(limit)) : used,
		/* 90 percent; a limit is at most INT32_MAX. */
		.quota_is_low = has_limit && tenant->quota_used * 10 >= tenant->quota_limit * 9,
	};
}

static struct template_list tenants(const struct writer *w)
{
	struct tenant_values *const items = arena_array(w->a, struct tenant_values, OVERVIEW_TENANTS_MAX);

	for (size_t i = 0; items && i < w->data->n_tenants; i++)
		items[i] = tenant_row(w, &w->data->tenants[i]);
	return list_of(items, w->data->n_tenants);
}

static bool has_nobody(const struct overview *data)
{
	for (size_t i = 0; i < PEOPLE_COUNTS; i++)
		if (data->people[i] > 0)
			return false;
	return true;
}

enum err overview_values_fill(
	struct arena *a, const struct overview *overview, struct str tenant, struct overview_values *out)
{
	const struct writer w = { a, overview, tenant };

	out->tenant = tenant;
	out->has_no_tenant = overview->n_visible == 0;
	out->has_nobody = has_nobody(overview);
	out->tiles = tiles(&w);
	out->periods = periods(&w);
	out->health = health(&w);
	out->tenants = tenants(&w);
	out->median_today = median_text(&w, OVERVIEW_TODAY);
	out->median_week = median_text(&w, OVERVIEW_WEEK);
	out->median_month = median_text(&w, OVERVIEW_MONTH);
	out->has_more_tenants = overview->n_visible > overview->n_tenants;
	out->n_tenants = overview_number(a, (int64_t)overview->n_tenants);
	out->n_visible = overview_number(a, (int64_t)overview->n_visible);
	TRY(fill_funnel(&w, &out->funnel));
	TRY(fill_reasons(&w, &out->reasons));
	return fill_days(&w, out);
}
