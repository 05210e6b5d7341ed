#include "api/core/answer.h"
#include "app/console/endpoint_changes.h"
#include "app/console/tenants.h"
#include "base/attr.h"
#include "crypto/digest.h"
#include "web/console/endpoint_form.h"
#include "web/console/endpoint_values.h"
#include "web/console/pages.h"
#include "web/console/routes.h"
#include "web/console/values.h"

DECLARE_TEMPLATE(console_endpoint_secret);

#define LIST STR("/console/webhooks")
#define NEW STR("/console/webhooks/new")

struct secret_values {
	struct str id, secret, old_expires_at;
};

static const struct template_value secret_value_rows[] = {
	TEXT_VALUE(struct secret_values, id),
	TEXT_VALUE(struct secret_values, secret),
	MARKUP_VALUE(struct secret_values, old_expires_at),
};
const struct page_template console_endpoint_secret_page = { .template = &template_console_endpoint_secret,
	.values = TEMPLATE_TABLE(struct secret_values, secret_value_rows),
	.group_values = &console_frame_values,
	.style = "console" };

/* Shows the secret, once. */
static struct reply show_secret(const struct console_request *request, struct webhook_result *result)
{
	struct arena *const a = request->call->arena;
	const struct webhook_endpoint *const row = &result->endpoint.row;
	const struct secret_values values = { console_endpoint_id(a, &row->id), str_of(result->secret),
		row->sealed_old_secret.n > 0 ? console_time(a, row->old_secret_expires_at) : STR("") };
	const struct reply reply = console_page(request, &console_endpoint_secret_page, &values, 200);

	secure_wipe(result->secret, sizeof(result->secret));
	return reply;
}

/* Shows the form of a new endpoint, of which `tenant` is chosen. */
static struct reply show_new(const struct console_request *request, const struct endpoint_input *input,
	struct str tenant, struct str tenant_fault, bool needs_step_up)
{
	struct call *const call = request->call;
	const struct console_form form = { .title = STR("Add a webhook endpoint"),
		.action = NEW,
		.button = STR("Add endpoint"),
		.back_url = LIST,
		.back_text = STR("Events and webhooks"),
		.needs = CONSOLE_CREATE_SECRET,
		.needs_step_up = needs_step_up };
	struct form_input inputs[1 + ENDPOINT_INPUTS];
	struct console_tenant *tenants;
	enum console_verdict verdict;
	size_t n;
	const enum err e = console_tenant_list(
		call->world, call->arena, &request->caller, &tenants, &n, &verdict);

	if (e != OK || verdict != CONSOLE_PERMITTED)
		return e != OK ? console_failed(request, e) : console_refused(request, verdict, LIST);
	struct form_choice *const choices = arena_array(call->arena, struct form_choice, n + 1);

	if (!choices)
		return console_notice(request, CONSOLE_NOTICE_UNAVAILABLE);
	for (size_t i = 0; i < n; i++) {
		const struct str name = str_of(tenants[i].tenant.name);

		choices[i] = (struct form_choice){ STR(""), name, name, str_eq(name, tenant) };
	}
	inputs[0] = (struct form_input){ .name = "tenant",
		.label = "Tenant",
		.kind = INPUT_SELECT,
		.fault = tenant_fault,
		.choices = choices,
		.n_choices = n };
	for (size_t i = 0; i < ENDPOINT_INPUTS; i++)
		inputs[1 + i] = input->inputs[i];
	return console_form_show(request, &form, inputs, array_len(inputs));
}

/* The list of tenants has its own memory, because it is larger than what a call may use. */
static struct reply show_new_with_room(const struct console_request *request,
	const struct endpoint_input *input, struct str tenant, struct str tenant_fault, bool needs_step_up)
{
	request->call->arena->limit += CONSOLE_TENANTS_ARENA;
	return show_new(request, input, tenant, tenant_fault, needs_step_up);
}

static struct reply handle_new(struct call *call, struct store *store)
{
	struct endpoint_input input = { .types = STR("*") };
	struct console_request request;
	struct reply refused;

	(void)store; /* the use cases open their own transactions */
	if (!console_admit(call, &request, &refused))
		return refused;
	endpoint_input_init(&input);
	return show_new_with_room(
		&request, &input, console_query(&request, STR("tenant")), (struct str){ NULL, 0 }, false);
}

static struct str limit_fault(const struct webhook_refusal *refusal)
{
	return refusal->verdict == WEBHOOK_LIMIT_REACHED
		       ? STR("has 16 webhook endpoints already: remove one first")
		       : (struct str){ NULL, 0 };
}

static struct reply handle_create(struct call *call, struct store *store)
{
	struct webhook_result result = { .refusal = { .verdict = WEBHOOK_DONE } };
	struct endpoint_input input;
	struct console_request request;
	enum console_verdict verdict = CONSOLE_PERMITTED;
	struct str tenant;
	struct reply refused;

	(void)store;
	if (!console_admit(call, &request, &refused) ||
		!endpoint_input_read(&request, &input, &tenant, &refused))
		return refused;
	if (!form_has_fault(input.inputs, ENDPOINT_INPUTS)) {
		const struct console_endpoint_input values = { .tenant = tenant,
			.change = endpoint_input_change(&input) };
		const enum err e = console_endpoint_create(
			call->world, call->arena, &request.caller, &values, &result, &verdict);

		if (e != OK)
			return console_failed(&request, e);
		if (verdict != CONSOLE_PERMITTED && verdict != CONSOLE_STEP_UP_NEEDED)
			return console_refused(&request, verdict, LIST);
		if (verdict == CONSOLE_PERMITTED && result.refusal.verdict == WEBHOOK_DONE)
			return show_secret(&request, &result);
		(void)endpoint_input_mark(call->arena, &result.refusal, &input);
	}
	return show_new_with_room(
		&request, &input, tenant, limit_fault(&result.refusal), verdict == CONSOLE_STEP_UP_NEEDED);
}

static struct reply show_change(const struct console_request *request, const struct endpoint_input *input)
{
	struct call *const call = request->call;
	const struct str page = arena_printf(call->arena, "/console/webhooks/%.*s", STR_ARG(call->params[0]));
	const struct console_form form = { .title = STR("Change the webhook endpoint"),
		.text = STR(
			"Only events from now on are sent to a new URL or of a new type. Deliveries that wait go to the new URL."),
		.action = arena_printf(call->arena, "%.*s/change", STR_ARG(page)),
		.button = STR("Change endpoint"),
		.back_url = page,
		.back_text = STR("Webhook endpoint"),
		.needs = CONSOLE_MANAGE_WEBHOOKS };

	return console_form_show(request, &form, input->inputs, ENDPOINT_INPUTS);
}

/* Loads the endpoint of the path for an admin. */
static bool load(const struct console_request *request, struct endpoint_id *id,
	struct console_endpoint_view *view, struct reply *refused)
{
	struct call *const call = request->call;
	const struct endpoint_permit permit = { id, CONSOLE_MANAGE_WEBHOOKS };
	enum console_verdict verdict;
	const enum err e = shown_id_read(ENDPOINT_ID_PREFIX, call->params[0], id->text)
				   ? console_endpoint_permit(call->world, call->arena, &request->caller,
					     &permit, view, &verdict)
				   : ERR_NOT_FOUND;

	if (e == OK && verdict == CONSOLE_PERMITTED)
		return true;
	*refused = e != OK ? console_failed(request, e) : console_refused(request, verdict, LIST);
	return false;
}

static struct reply handle_change_page(struct call *call, struct store *store)
{
	struct console_endpoint_view view;
	struct console_request request;
	struct endpoint_id id;
	struct reply refused;

	(void)store;
	if (!console_admit(call, &request, &refused) || !load(&request, &id, &view, &refused))
		return refused;
	struct endpoint_input input = { .url = view.endpoint.url,
		.types = str_of(view.endpoint.row.types),
		.description = str_of(view.endpoint.row.description) };

	endpoint_input_init(&input);
	return show_change(&request, &input);
}

static struct str endpoint_page(const struct call *call)
{
	return arena_printf(call->arena, "/console/webhooks/%.*s", STR_ARG(call->params[0]));
}

static struct reply handle_change(struct call *call, struct store *store)
{
	struct webhook_result result = { .refusal = { .verdict = WEBHOOK_DONE } };
	struct console_endpoint_view view;
	struct endpoint_input input;
	struct console_request request;
	struct endpoint_id id;
	enum console_verdict verdict = CONSOLE_PERMITTED;
	struct str tenant;
	struct reply refused;

	(void)store;
	if (!console_admit(call, &request, &refused) || !load(&request, &id, &view, &refused) ||
		!endpoint_input_read(&request, &input, &tenant, &refused))
		return refused;
	if (form_has_fault(input.inputs, ENDPOINT_INPUTS))
		return show_change(&request, &input);
	struct console_endpoint_input values = { .id = id, .change = endpoint_input_change(&input) };
	struct webhook_change *const change = &values.change;

	/* A URL that is given counts as a new one. */
	if (str_eq(change->url, view.endpoint.url))
		change->url = (struct str){ NULL, 0 };
	if (str_eq(change->types, str_of(view.endpoint.row.types)))
		change->types = (struct str){ NULL, 0 };
	const enum err e = console_endpoint_change(
		call->world, call->arena, &request.caller, &values, &result, &verdict);

	if (e == OK && endpoint_input_mark(call->arena, &result.refusal, &input))
		return show_change(&request, &input);
	return console_finish(&request, e, verdict, endpoint_page(call), "endpoint-changed");
}

static struct reply handle_remove(struct call *call, struct store *store)
{
	struct console_request request;
	struct endpoint_id id;
	enum console_verdict verdict;
	struct reply refused;

	(void)store;
	if (!console_admit(call, &request, &refused))
		return refused;
	if (!shown_id_read(ENDPOINT_ID_PREFIX, call->params[0], id.text))
		return console_notice(&request, CONSOLE_NOTICE_NOT_FOUND);
	const enum err e = console_endpoint_remove(call->world, call->arena, &request.caller, &id, &verdict);
	return console_finish(&request, e, verdict, LIST, "endpoint-removed");
}

static struct reply handle_rotate(struct call *call, struct store *store)
{
	struct webhook_result result = { .refusal = { .verdict = WEBHOOK_DONE } };
	struct console_request request;
	struct endpoint_id id;
	enum console_verdict verdict;
	struct reply refused;

	(void)store;
	if (!console_admit(call, &request, &refused))
		return refused;
	if (!shown_id_read(ENDPOINT_ID_PREFIX, call->params[0], id.text))
		return console_notice(&request, CONSOLE_NOTICE_NOT_FOUND);
	const enum err e = console_endpoint_rotate(
		call->world, call->arena, &request.caller, &id, &result, &verdict);
	if (e != OK || result.refusal.verdict != WEBHOOK_DONE)
		return console_failed(&request, e != OK ? e : ERR_NOT_FOUND);
	return verdict == CONSOLE_PERMITTED ? show_secret(&request, &result)
					    : console_refused(&request, verdict, endpoint_page(call));
}

static struct reply handle_resend_failed(struct call *call, struct store *store)
{
	struct console_resend_result result;
	struct console_request request;
	struct endpoint_id id;
	enum console_verdict verdict;
	struct reply refused;

	(void)store;
	if (!console_admit(call, &request, &refused))
		return refused;
	if (!shown_id_read(ENDPOINT_ID_PREFIX, call->params[0], id.text))
		return console_notice(&request, CONSOLE_NOTICE_NOT_FOUND);
	enum err e = console_endpoint_resend_failed(
		call->world, call->arena, &request.caller, &id, &result, &verdict);

	if (e == OK && result.refusal.verdict != WEBHOOK_DONE)
		e = result.refusal.verdict == WEBHOOK_IS_DISABLED ? ERR_CONFLICT : ERR_NOT_FOUND;
	const struct str page = arena_printf(call->arena, "%.*s?resent=%lld%s", STR_ARG(endpoint_page(call)),
		(long long)result.queued, result.has_more ? "&more=1" : "");
	return console_finish(&request, e, verdict, page, NULL);
}

#define ENDPOINT_ROUTE(name, method, path, handler)                                                          \
	const struct route name = { .entry = { method, "/console/webhooks/" path },                          \
		HANDLE_WAITING(handler),                                                                     \
		.failure = ANSWER_UNAVAILABLE }
ENDPOINT_ROUTE(console_endpoint_new_route, METHOD_GET, "new", handle_new);
ENDPOINT_ROUTE(console_endpoint_create_route, METHOD_POST, "new", handle_create);
ENDPOINT_ROUTE(console_endpoint_change_page_route, METHOD_GET, ":endpoint/change", handle_change_page);
ENDPOINT_ROUTE(console_endpoint_change_route, METHOD_POST, ":endpoint/change", handle_change);
ENDPOINT_ROUTE(console_endpoint_remove_route, METHOD_POST, ":endpoint/remove", handle_remove);
ENDPOINT_ROUTE(console_endpoint_rotate_route, METHOD_POST, ":endpoint/rotate", handle_rotate);
ENDPOINT_ROUTE(
	console_endpoint_resend_failed_route, METHOD_POST, ":endpoint/resend-failed", handle_resend_failed);
