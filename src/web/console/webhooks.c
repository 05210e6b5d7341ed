#include "app/console/webhooks.h"

#include "api/core/answer.h"
#include "base/attr.h"
#include "web/console/endpoint_values.h"
#include "web/console/pages.h"
#include "web/console/request.h"
#include "web/console/routes.h"
#include "web/console/values.h"

DECLARE_TEMPLATE(console_webhooks);

struct endpoint_row {
	struct str id, tenant, url, types, state, failing_since, last_success_at;
	bool is_enabled;
};

static const struct template_value endpoint_row_rows[] = {
	TEXT_VALUE(struct endpoint_row, id),
	TEXT_VALUE(struct endpoint_row, tenant),
	TEXT_VALUE(struct endpoint_row, url),
	TEXT_VALUE(struct endpoint_row, types),
	TEXT_VALUE(struct endpoint_row, state),
	MARKUP_VALUE(struct endpoint_row, failing_since),
	MARKUP_VALUE(struct endpoint_row, last_success_at),
	FLAG_VALUE(struct endpoint_row, is_enabled),
};
static const struct template_table endpoint_row_values = TEMPLATE_TABLE(
	struct endpoint_row, endpoint_row_rows);

struct webhooks_values {
	struct template_list rows;
	bool may_add;
};

static const struct template_value webhooks_value_rows[] = {
	FLAG_VALUE(struct webhooks_values, may_add),
	LIST_VALUE(struct webhooks_values, rows, &endpoint_row_values),
};
const struct page_template console_webhooks_page = { .template = &template_console_webhooks,
	.values = TEMPLATE_TABLE(struct webhooks_values, webhooks_value_rows),
	.group_values = &console_frame_values,
	.script = "console",
	.style = "console" };

struct str console_endpoint_id(struct arena *a, const struct endpoint_id *id)
{
	char shown[SHOWN_ID_SIZE];

	shown_id_write(ENDPOINT_ID_PREFIX, id->text, shown);
	return arena_copy(a, str_of(shown));
}

const char *console_endpoint_state(enum webhook_endpoint_state state)
{
	static const char *const words[] = {
		[WEBHOOK_ENABLED] = "enabled",
		[WEBHOOK_DISABLED] = "disabled",
		[WEBHOOK_GONE] = "disabled: the endpoint answered 410",
		[WEBHOOK_FAILING] = "disabled: it failed for days",
		[WEBHOOK_DELETED] = "deleted",
	};

	return state < array_len(words) && words[state] ? words[state] : "unknown";
}

static struct template_list row_items(struct arena *a, const struct console_endpoint *rows, size_t n)
{
	struct endpoint_row *const items = arena_array(a, struct endpoint_row, n + 1);

	for (size_t i = 0; items && i < n; i++)
		items[i] = (struct endpoint_row){ console_endpoint_id(a, &rows[i].row.id),
			str_of(rows[i].tenant_name), rows[i].url, str_of(rows[i].row.types),
			str_of(console_endpoint_state(rows[i].row.state)),
			console_time(a, rows[i].row.failing_since),
			console_time(a, rows[i].row.last_success_at),
			webhook_endpoint_is_enabled(&rows[i].row) };
	return (struct template_list){ items, items ? n : 0 };
}

static struct reply handle_list(struct call *call, struct store *store)
{
	struct console_request request;
	struct console_endpoint *rows;
	enum console_verdict verdict;
	size_t n;
	struct reply reply;
	struct arena a;

	(void)store; /* the use case opens its own transaction */
	if (!console_admit(call, &request, &reply))
		return reply;
	arena_init(&a, CONSOLE_WEBHOOKS_ARENA);
	const enum err e = console_endpoint_list(call->world, &a, &request.caller, &rows, &n, &verdict);
	if (e != OK) {
		reply = console_failed(&request, e);
	} else if (verdict != CONSOLE_PERMITTED) {
		reply = console_refused(&request, verdict, STR("/console"));
	} else {
		const struct webhooks_values values = { .rows = row_items(&a, rows, n),
			.may_add = console_may(&request, CONSOLE_CREATE_SECRET) };

		reply = console_page(&request, &console_webhooks_page, &values, 200);
	}
	arena_finish(&a);
	return reply;
}

const struct route console_webhooks_route = { .entry = { METHOD_GET, "/console/webhooks" },
	HANDLE_WAITING(handle_list),
	.failure = ANSWER_UNAVAILABLE };
