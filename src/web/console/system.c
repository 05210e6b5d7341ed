#include "app/console/system.h"

#include "api/core/answer.h"
#include "api/core/dispatch.h"
#include "base/attr.h"
#include "web/console/pages.h"
#include "web/console/request.h"
#include "web/console/routes.h"
#include "web/console/settings.h"
#include "web/console/system_values.h"

#define PAGE STR("/console/system")

DECLARE_TEMPLATE(console_system);

static const struct template_value attention_rows[] = {
	TEXT_VALUE(struct attention_values, topic),
	TEXT_VALUE(struct attention_values, text),
	FLAG_VALUE(struct attention_values, is_error),
};
static const struct template_table attention_table = TEMPLATE_TABLE(struct attention_values, attention_rows);

static const struct template_value instance_rows[] = {
	TEXT_VALUE(struct instance_values, host),
	TEXT_VALUE(struct instance_values, id),
	TEXT_VALUE(struct instance_values, version),
	MARKUP_VALUE(struct instance_values, started_at),
	MARKUP_VALUE(struct instance_values, seen_at),
	FLAG_VALUE(struct instance_values, is_self),
	FLAG_VALUE(struct instance_values, is_lost),
	FLAG_VALUE(struct instance_values, is_replaced),
};
static const struct template_table instance_table = TEMPLATE_TABLE(struct instance_values, instance_rows);

static const struct template_value measure_rows[] = {
	TEXT_VALUE(struct measure_values, name),
	TEXT_VALUE(struct measure_values, value),
	TEXT_VALUE(struct measure_values, limit),
	FLAG_VALUE(struct measure_values, is_error),
	FLAG_VALUE(struct measure_values, is_warning),
	FLAG_VALUE(struct measure_values, is_good),
};
static const struct template_table measure_table = TEMPLATE_TABLE(struct measure_values, measure_rows);

static const struct template_value check_rows[] = {
	TEXT_VALUE(struct check_values, check),
	TEXT_VALUE(struct check_values, text),
	FLAG_VALUE(struct check_values, is_error),
	FLAG_VALUE(struct check_values, is_warning),
	FLAG_VALUE(struct check_values, is_good),
};
static const struct template_table check_table = TEMPLATE_TABLE(struct check_values, check_rows);

static const struct template_value system_value_rows[] = {
	TEXT_VALUE(struct system_values, version),
	TEXT_VALUE(struct system_values, instance),
	TEXT_VALUE(struct system_values, settings),
	TEXT_VALUE(struct system_values, verdict),
	TEXT_VALUE(struct system_values, verdict_class),
	MARKUP_VALUE(struct system_values, checked_at),
	FLAG_VALUE(struct system_values, is_running),
	FLAG_VALUE(struct system_values, has_no_checks),
	LIST_VALUE(struct system_values, attention, &attention_table),
	LIST_VALUE(struct system_values, instances, &instance_table),
	LIST_VALUE(struct system_values, measures, &measure_table),
	LIST_VALUE(struct system_values, findings, &check_table),
	FLAG_VALUE(struct system_values, backup_is_kept),
	FLAG_VALUE(struct system_values, backup_is_bad),
	MARKUP_VALUE(struct system_values, backup_at),
	TEXT_VALUE(struct system_values, backup_age),
	TEXT_VALUE(struct system_values, backup_size),
	MARKUP_VALUE(struct system_values, failed_at),
	TEXT_VALUE(struct system_values, failure),
	TEXT_VALUE(struct system_values, backup_text),
};
const struct page_template console_system_page = { .template = &template_console_system,
	.values = TEMPLATE_TABLE(struct system_values, system_value_rows),
	.group_values = &console_frame_values,
	.script = "console",
	.style = "console" };

static struct reply show(
	const struct console_request *request, struct arena *a, const struct system_view *view)
{
	const struct call *const call = request->call;
	struct system_values values = { .version = call->api->version,
		.instance = str_of(call->world->instance.text),
		.settings = call->api->console->settings_text };
	const enum err e = system_values_fill(a, view, &values);

	return e == OK ? console_page(request, &console_system_page, &values, 200)
		       : console_failed(request, e);
}

/* The page that refreshes itself starts no checks, so that a page that stays open does not repeat them. */
static struct reply handle_system(struct call *call, struct store *store)
{
	struct console_request request;
	enum console_verdict verdict;
	struct system_view *view;
	struct reply reply;
	struct arena a;

	(void)store; /* the use case opens its own transaction */
	if (!console_admit(call, &request, &reply))
		return reply;
	arena_init(&a, SYSTEM_ARENA);
	view = arena_new(&a, struct system_view);
	const enum err e = view ? console_system_read(call->world, &a, &request.caller,
					  !console_is_in_background(&request), view, &verdict)
				: ERR_INTERNAL;
	if (e != OK)
		reply = console_failed(&request, e);
	else if (verdict != CONSOLE_PERMITTED)
		reply = console_refused(&request, verdict, STR("/console"));
	else
		reply = show(&request, &a, view);
	arena_finish(&a);
	return reply;
}

static struct reply handle_check(struct call *call, struct store *store)
{
	struct console_request request;
	enum console_verdict verdict;
	struct reply refused;

	(void)store; /* the use case opens its own transaction */
	if (!console_admit(call, &request, &refused))
		return refused;
	const enum err e = console_system_check(call->world, call->arena, &request.caller, &verdict);
	return console_finish(&request, e, verdict, PAGE, "checks-started");
}

const struct route console_system_route = { .entry = { METHOD_GET, "/console/system" },
	HANDLE_WAITING(handle_system),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_system_check_route = { .entry = { METHOD_POST, "/console/system/check" },
	HANDLE_WAITING(handle_check),
	.failure = ANSWER_UNAVAILABLE };
