/* The values of the template of the overview, from the data of app/console/overview. */
#pragma once

#include "app/console/overview.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "html/template.h"

struct tile_values {
	struct str label, value, url;
};
struct period_values {
	struct str label, today_value, week_value, month_value, today_url, week_url, month_url;
};
/* A row of a table with a bar: of the funnel (without url) or of a reason (without share). */
struct bar_values {
	struct str label, value, share, url, bar_markup;
};
struct day_values {
	struct str day, approved, declined;
};
struct health_values {
	struct str label, text;
	bool is_bad;
};
struct tenant_values {
	struct str name, url, prepared, quota;
	struct template_list people; /* struct tile_values by status */
	bool quota_is_low;
};

struct overview_values {
	struct str tenant; /* the tenant that was chosen; empty: all */
	struct str today, first_day, api_url;
	bool has_no_tenant, has_nobody, is_dev;
	struct template_list tiles, periods, funnel, reasons, days, health, tenants;
	struct str median_today, median_week, median_month;
	struct str chart_markup, chart_max;
	bool has_more_tenants;
	struct str n_tenants, n_visible;
};

/* Fills the values, which are in the arena. `out->api_url` and `out->is_dev` are left to the caller. */
enum err overview_values_fill(struct arena *a, const struct overview *overview, struct str tenant,
	struct overview_values *out) must_use;

/* Writes a number with commas: 1,234,567. */
struct str overview_number(struct arena *a, int64_t n);
/* Writes a time in its two largest units: "2 h 5 min". */
struct str overview_duration(struct arena *a, duration d);
