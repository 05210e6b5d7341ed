#include "api/core/dispatch.h"
#include "web/console/overview_values.h"
#include "web/console/pages.h"
#include "web/console/request.h"
#include "web/console/routes.h"
#include "web/console/settings.h"

DECLARE_TEMPLATE(console_overview);

static const struct template_value tile_rows[] = {
	TEXT_VALUE(struct tile_values, label),
	TEXT_VALUE(struct tile_values, value),
	TEXT_VALUE(struct tile_values, url),
};
static const struct template_table tile_table = TEMPLATE_TABLE(struct tile_values, tile_rows);

static const struct template_value period_rows[] = {
	TEXT_VALUE(struct period_values, label),
	TEXT_VALUE(struct period_values, today_value),
	TEXT_VALUE(struct period_values, week_value),
	TEXT_VALUE(struct period_values, month_value),
	TEXT_VALUE(struct period_values, today_url),
	TEXT_VALUE(struct period_values, week_url),
	TEXT_VALUE(struct period_values, month_url),
};
static const struct template_table period_table = TEMPLATE_TABLE(struct period_values, period_rows);

static const struct template_value bar_rows[] = {
	TEXT_VALUE(struct bar_values, label),
	TEXT_VALUE(struct bar_values, value),
	TEXT_VALUE(struct bar_values, share),
	TEXT_VALUE(struct bar_values, url),
	MARKUP_VALUE(struct bar_values, bar_markup),
};
static const struct template_table bar_table = TEMPLATE_TABLE(struct bar_values, bar_rows);

static const struct template_value day_rows[] = {
	TEXT_VALUE(struct day_values, day),
	TEXT_VALUE(struct day_values, approved),
	TEXT_VALUE(struct day_values, declined),
};
static const struct template_table day_table = TEMPLATE_TABLE(struct day_values, day_rows);

static const struct template_value health_rows[] = {
	TEXT_VALUE(struct health_values, label),
	TEXT_VALUE(struct health_values, text),
	FLAG_VALUE(struct health_values, is_bad),
};
static const struct template_table health_table = TEMPLATE_TABLE(struct health_values, health_rows);

static const struct template_value tenant_rows[] = {
	NAME_VALUE(struct tenant_values, name),
	TEXT_VALUE(struct tenant_values, url),
	LIST_VALUE(struct tenant_values, people, &tile_table),
	TEXT_VALUE(struct tenant_values, prepared),
	TEXT_VALUE(struct tenant_values, quota),
	FLAG_VALUE(struct tenant_values, quota_is_low),
};
static const struct template_table tenant_table = TEMPLATE_TABLE(struct tenant_values, tenant_rows);

static const struct template_value value_rows[] = {
	NAME_VALUE(struct overview_values, tenant),
	TEXT_VALUE(struct overview_values, today),
	TEXT_VALUE(struct overview_values, first_day),
	TEXT_VALUE(struct overview_values, api_url),
	FLAG_VALUE(struct overview_values, has_no_tenant),
	FLAG_VALUE(struct overview_values, has_nobody),
	FLAG_VALUE(struct overview_values, is_dev),
	LIST_VALUE(struct overview_values, tiles, &tile_table),
	LIST_VALUE(struct overview_values, periods, &period_table),
	LIST_VALUE(struct overview_values, funnel, &bar_table),
	LIST_VALUE(struct overview_values, reasons, &bar_table),
	LIST_VALUE(struct overview_values, days, &day_table),
	LIST_VALUE(struct overview_values, health, &health_table),
	LIST_VALUE(struct overview_values, tenants, &tenant_table),
	TEXT_VALUE(struct overview_values, median_today),
	TEXT_VALUE(struct overview_values, median_week),
	TEXT_VALUE(struct overview_values, median_month),
	MARKUP_VALUE(struct overview_values, chart_markup),
	TEXT_VALUE(struct overview_values, chart_max),
	FLAG_VALUE(struct overview_values, has_more_tenants),
	TEXT_VALUE(struct overview_values, n_tenants),
	TEXT_VALUE(struct overview_values, n_visible),
};
const struct page_template console_overview_page = { .template = &template_console_overview,
	.values = TEMPLATE_TABLE(struct overview_values, value_rows),
	.group_values = &console_frame_values,
	.script = "console",
	.style = "console" };

static struct reply handle_overview(struct call *call, struct store *store)
{
	struct console_request request;
	struct overview overview;
	struct overview_values values = { .api_url = STR("") };
	enum console_verdict verdict;
	struct reply refused;

	(void)store; /* the use case opens its own transaction */
	if (!console_admit(call, &request, &refused))
		return refused;
	const struct str tenant = console_query(&request, STR("tenant"));
	enum err e = app_console_overview(
		call->world, call->arena, &request.caller, tenant, &overview, &verdict);

	if (e == OK && verdict != CONSOLE_PERMITTED)
		return console_refused(&request, verdict, STR("/console"));
	if (e == OK)
		e = overview_values_fill(call->arena, &overview, tenant, &values);
	if (e != OK)
		return console_failed(&request, e);
	values.is_dev = call->api->console->is_dev;
	values.api_url = call->world->rules->public_url;
	return console_page(&request, &console_overview_page, &values, 200);
}

const struct route console_overview_route = {
	.entry = { METHOD_GET, "/console" }, HANDLE_WAITING(handle_overview), .failure = ANSWER_UNAVAILABLE
};
