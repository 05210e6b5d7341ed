#include "api/core/answer.h"
#include "api/core/dispatch.h"
#include "base/attr.h"
#include "base/metrics.h"
#include "web/console/pages.h"
#include "web/console/request.h"
#include "web/console/routes.h"
#include "web/console/settings.h"
#include "web/console/values.h"

DECLARE_TEMPLATE(console_system);

struct fact {
	struct str name, value;
};

static const struct template_value fact_rows[] = {
	TEXT_VALUE(struct fact, name),
	TEXT_VALUE(struct fact, value),
};
static const struct template_table fact_values = TEMPLATE_TABLE(struct fact, fact_rows);

struct system_values {
	struct str version, instance, started_at, settings;
	struct template_list facts;
};

static const struct template_value system_value_rows[] = {
	TEXT_VALUE(struct system_values, version),
	TEXT_VALUE(struct system_values, instance),
	MARKUP_VALUE(struct system_values, started_at),
	TEXT_VALUE(struct system_values, settings),
	LIST_VALUE(struct system_values, facts, &fact_values),
};
const struct page_template console_system_page = { .template = &template_console_system,
	.values = TEMPLATE_TABLE(struct system_values, system_value_rows),
	.group_values = &console_frame_values,
	.style = "console" };

/* What the page shows of the metrics of this instance. A value of 0 that means "not measured" is left out. */
static const struct {
	const char *name, *unit;
	enum metric metric;
	int64_t divisor;
	bool may_be_zero;
} measurements[] = {
	{ "Open connections", "", METRIC_CONNECTIONS, 1, true },
	{ "Connections at most", "", METRIC_CONNECTIONS_MAX, 1, true },
	{ "Size of the database", " MiB", METRIC_DATABASE_SIZE, 1048576, false },
	{ "Free space of its disk", " MiB", METRIC_DISK_FREE, 1048576, false },
	{ "Age of the last backup", " hours", METRIC_BACKUP_AGE, 3600, false },
	{ "Oldest e-mail that waits", " s", METRIC_OUTBOX_OLDEST, 1, true },
	{ "Oldest webhook delivery that is overdue", " s", METRIC_WEBHOOK_OLDEST, 1, true },
	{ "Weak settings are permitted", "", METRIC_WEAK, 1, false },
};

static struct template_list fact_items(struct arena *a)
{
	struct fact *const items = arena_array(a, struct fact, array_len(measurements));
	size_t n = 0;

	for (size_t i = 0; items && i < array_len(measurements); i++) {
		const int64_t value = metric_read(measurements[i].metric, 0, 0);

		if (value > 0 || (value == 0 && measurements[i].may_be_zero))
			items[n++] = (struct fact){ str_of(measurements[i].name),
				arena_printf(a, "%lld%s", (long long)(value / measurements[i].divisor),
					measurements[i].unit) };
	}
	return (struct template_list){ items, n };
}

static struct reply handle_system(struct call *call, struct store *store)
{
	struct console_request request;
	struct reply refused;

	(void)store; /* the page shows nothing of the database */
	if (!console_admit(call, &request, &refused))
		return refused;
	const enum console_verdict verdict = console_permit(
		call->world, &request.caller, CONSOLE_VIEW_SYSTEM, NULL);
	if (verdict != CONSOLE_PERMITTED)
		return console_refused(&request, verdict, STR("/console"));
	const struct system_values values = { .version = call->api->version,
		.instance = str_of(call->world->instance.text),
		.started_at = console_time(
			call->arena, (moment){ metric_read(METRIC_START_TIME, 0, 0) * 1000 }),
		.settings = call->api->console->settings_text,
		.facts = fact_items(call->arena) };
	return console_page(&request, &console_system_page, &values, 200);
}

const struct route console_system_route = { .entry = { METHOD_GET, "/console/system" },
	HANDLE_WAITING(handle_system),
	.failure = ANSWER_UNAVAILABLE };
