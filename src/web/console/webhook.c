#include "api/core/answer.h"
#include "app/console/webhooks.h"
#include "base/attr.h"
#include "web/console/endpoint_values.h"
#include "web/console/pages.h"
#include "web/console/request.h"
#include "web/console/routes.h"
#include "web/console/values.h"

#define ROWS 50

DECLARE_TEMPLATE(console_webhook);

struct delivery_row {
	struct str event_id, type, delivery_state, state_class, attempts, http_status, error, took, excerpt,
		created_at, next_at;
};

static const struct template_value delivery_row_rows[] = {
	TEXT_VALUE(struct delivery_row, event_id),
	TEXT_VALUE(struct delivery_row, type),
	TEXT_VALUE(struct delivery_row, delivery_state),
	TEXT_VALUE(struct delivery_row, state_class),
	TEXT_VALUE(struct delivery_row, attempts),
	TEXT_VALUE(struct delivery_row, http_status),
	TEXT_VALUE(struct delivery_row, error),
	TEXT_VALUE(struct delivery_row, took),
	TEXT_VALUE(struct delivery_row, excerpt),
	MARKUP_VALUE(struct delivery_row, created_at),
	MARKUP_VALUE(struct delivery_row, next_at),
};
static const struct template_table delivery_row_values = TEMPLATE_TABLE(
	struct delivery_row, delivery_row_rows);

struct state_choice {
	struct str word;
	bool is_chosen;
};

static const struct template_value state_choice_rows[] = {
	TEXT_VALUE(struct state_choice, word),
	FLAG_VALUE(struct state_choice, is_chosen),
};
static const struct template_table state_choice_values = TEMPLATE_TABLE(
	struct state_choice, state_choice_rows);

struct webhook_values {
	struct str id, tenant, url, types, description, state, pending, last_success_at, failing_since,
		paused_until, next_url, resent;
	bool is_enabled, may_manage, has_step_up, has_more_failed;
	struct template_list rows, states;
};

static const struct template_value webhook_value_rows[] = {
	TEXT_VALUE(struct webhook_values, id),
	TEXT_VALUE(struct webhook_values, tenant),
	TEXT_VALUE(struct webhook_values, url),
	TEXT_VALUE(struct webhook_values, types),
	NAME_VALUE(struct webhook_values, description),
	TEXT_VALUE(struct webhook_values, state),
	TEXT_VALUE(struct webhook_values, pending),
	MARKUP_VALUE(struct webhook_values, last_success_at),
	MARKUP_VALUE(struct webhook_values, failing_since),
	MARKUP_VALUE(struct webhook_values, paused_until),
	TEXT_VALUE(struct webhook_values, next_url),
	TEXT_VALUE(struct webhook_values, resent),
	FLAG_VALUE(struct webhook_values, is_enabled),
	FLAG_VALUE(struct webhook_values, may_manage),
	FLAG_VALUE(struct webhook_values, has_step_up),
	FLAG_VALUE(struct webhook_values, has_more_failed),
	LIST_VALUE(struct webhook_values, rows, &delivery_row_values),
	LIST_VALUE(struct webhook_values, states, &state_choice_values),
};
const struct page_template console_webhook_page = { .template = &template_console_webhook,
	.values = TEMPLATE_TABLE(struct webhook_values, webhook_value_rows),
	.group_values = &console_frame_values,
	.script = "console",
	.style = "console" };

static struct delivery_row row_item(struct arena *a, const struct delivery_view *view)
{
	static const char *const classes[DELIVERY_STATE_COUNT] = {
		[DELIVERY_PENDING] = "wait", [DELIVERY_DELIVERED] = "good", [DELIVERY_FAILED] = "bad"
	};
	const struct effect *const row = &view->row;
	const enum delivery_state state = delivery_state_of(row->state);
	char event_id[SHOWN_ID_SIZE];

	shown_id_write(EVENT_ID_PREFIX, row->event_id.text, event_id);
	return (struct delivery_row){ arena_copy(a, str_of(event_id)),
		view->type ? str_of(view->type) : STR("no longer stored"), str_of(delivery_state_name(state)),
		str_of(classes[state]), console_number(a, row->tries),
		row->http_status > 0 ? console_number(a, row->http_status) : STR(""), str_of(row->error),
		row->tries > 0 ? console_number(a, row->duration_ms) : STR(""), view->excerpt,
		console_time(a, row->created_at), row->done ? STR("") : console_time(a, row->due_at) };
}

static struct template_list row_items(struct arena *a, const struct delivery_list *list)
{
	struct delivery_row *const items = arena_array(a, struct delivery_row, list->n + 1);

	for (size_t i = 0; items && i < list->n; i++)
		items[i] = row_item(a, &list->rows[i]);
	return (struct template_list){ items, items ? list->n : 0 };
}

static struct template_list state_items(struct arena *a, const struct delivery_filter *filter)
{
	struct state_choice *const items = arena_array(a, struct state_choice, DELIVERY_STATE_COUNT);

	for (size_t i = 0; items && i < DELIVERY_STATE_COUNT; i++)
		items[i] = (struct state_choice){ str_of(delivery_state_name((enum delivery_state)i)),
			filter->has_state && (size_t)filter->state == i };
	return (struct template_list){ items, items ? DELIVERY_STATE_COUNT : 0 };
}

static struct str next_url(struct arena *a, struct str id, const struct delivery_filter *filter,
	const struct delivery_list *list)
{
	if (!list->has_more || list->n == 0)
		return STR("");
	return arena_printf(a, "/console/webhooks/%.*s?state=%s&after=%s", STR_ARG(id),
		filter->has_state ? delivery_state_name(filter->state) : "",
		list->rows[list->n - 1].row.id.text);
}

static struct reply show_endpoint(const struct console_request *request, struct arena *a,
	const struct delivery_filter *filter, const struct console_endpoint_view *view)
{
	const struct webhook_endpoint *const row = &view->endpoint.row;
	struct webhook_values values = { .id = console_endpoint_id(a, &row->id),
		.tenant = str_of(view->endpoint.tenant_name),
		.url = view->endpoint.url,
		.types = str_of(row->types),
		.description = str_of(row->description),
		.state = str_of(console_endpoint_state(row->state)),
		.is_enabled = webhook_endpoint_is_enabled(row),
		.pending = console_number(a, view->pending),
		.last_success_at = console_time(a, row->last_success_at),
		.failing_since = console_time(a, row->failing_since),
		.paused_until = console_time(a, row->paused_until),
		.may_manage = console_may(request, CONSOLE_MANAGE_WEBHOOKS),
		.has_step_up = console_step_up_is_usable(
			&request->caller.session, world_expiry_now(request->call->world)),
		.rows = row_items(a, &view->deliveries),
		.states = state_items(a, filter) };
	int64_t resent;

	values.next_url = next_url(a, values.id, filter, &view->deliveries);
	if (str_number(console_query(request, STR("resent")), INT32_MAX, &resent))
		values.resent = console_number(a, resent);
	values.has_more_failed = console_query(request, STR("more")).n > 0;
	return console_page(request, &console_webhook_page, &values, 200);
}

static bool read_filter(const struct console_request *request, struct delivery_filter *out)
{
	const struct str state = console_query(request, STR("state"));
	const struct str after = console_query(request, STR("after"));

	*out = (struct delivery_filter){ .limit = ROWS, .has_state = state.n > 0, .has_after = after.n > 0 };
	return (!out->has_state || delivery_state_read(state, &out->state)) &&
	       (!out->has_after ||
		       (id_is_valid(after) && str_copy_to(after, out->after.text, sizeof(out->after.text))));
}

static struct reply handle_endpoint(struct call *call, struct store *store)
{
	struct console_request request;
	struct console_endpoint_view *view;
	struct console_endpoint_ref ref = { .state = WEBHOOK_SWITCH_NOTHING };
	enum console_verdict verdict;
	struct reply reply;
	struct arena a;

	(void)store; /* the use case opens its own transactions */
	if (!console_admit(call, &request, &reply))
		return reply;
	if (!shown_id_read(ENDPOINT_ID_PREFIX, call->params[0], ref.id.text))
		return console_notice(&request, CONSOLE_NOTICE_NOT_FOUND);
	if (!read_filter(&request, &ref.filter))
		return console_notice(&request, CONSOLE_NOTICE_BAD_FORM);
	arena_init(&a, CONSOLE_WEBHOOKS_ARENA);
	view = arena_new(&a, struct console_endpoint_view);
	const enum err e = view ? console_endpoint_read(
					  call->world, &a, &request.caller, &ref, view, &verdict)
				: ERR_INTERNAL;
	reply = e != OK			       ? console_failed(&request, e)
		: verdict != CONSOLE_PERMITTED ? console_refused(&request, verdict, STR("/console/webhooks"))
					       : show_endpoint(&request, &a, &ref.filter, view);
	arena_finish(&a);
	return reply;
}

const struct route console_webhook_route = { .entry = { METHOD_GET, "/console/webhooks/:endpoint" },
	HANDLE_WAITING(handle_endpoint),
	.failure = ANSWER_UNAVAILABLE };
