#include "api/core/answer.h"
#include "app/console/webhooks.h"
#include "base/attr.h"
#include "web/console/endpoint_values.h"
#include "web/console/pages.h"
#include "web/console/request.h"
#include "web/console/routes.h"
#include "web/console/values.h"

DECLARE_TEMPLATE(console_delivery);
DECLARE_TEMPLATE(console_endpoint_test);

struct delivery_values {
	struct str endpoint_id, event_id, type, at, payload;
};

static const struct template_value delivery_value_rows[] = {
	TEXT_VALUE(struct delivery_values, endpoint_id),
	TEXT_VALUE(struct delivery_values, event_id),
	TEXT_VALUE(struct delivery_values, type),
	MARKUP_VALUE(struct delivery_values, at),
	TEXT_VALUE(struct delivery_values, payload),
};
const struct page_template console_delivery_page = { .template = &template_console_delivery,
	.values = TEMPLATE_TABLE(struct delivery_values, delivery_value_rows),
	.group_values = &console_frame_values,
	.style = "console" };

/* What every handler of this file begins with: the operator and the endpoint of the path. */
static bool admit(struct call *call, struct console_request *request, struct console_endpoint_ref *ref,
	struct reply *refused)
{
	if (!console_admit(call, request, refused))
		return false;
	if (shown_id_read(ENDPOINT_ID_PREFIX, call->params[0], ref->id.text))
		return true;
	*refused = console_notice(request, CONSOLE_NOTICE_NOT_FOUND);
	return false;
}

/* Redirects to the endpoint's page, or responds to the failure or the refusal. */
static struct reply finish(const struct console_request *request, enum err e, enum console_verdict verdict,
	const char *query, const char *done)
{
	struct call *const call = request->call;
	const struct str path = arena_printf(
		call->arena, "/console/webhooks/%.*s%s", STR_ARG(call->params[0]), query);

	return console_finish(request, e, verdict, path, done);
}

static struct reply handle_event(struct call *call, struct store *store)
{
	struct console_request request;
	struct console_endpoint_ref ref = { .state = WEBHOOK_SWITCH_NOTHING };
	struct event_line line;
	enum console_verdict verdict;
	struct reply refused;

	(void)store; /* the use cases open their own transactions */
	if (!admit(call, &request, &ref, &refused))
		return refused;
	if (!shown_id_read(EVENT_ID_PREFIX, call->params[1], ref.event_id.text))
		return console_notice(&request, CONSOLE_NOTICE_NOT_FOUND);
	const enum err e = console_delivery_read(
		call->world, call->arena, &request.caller, &ref, &line, &verdict);
	if (e != OK || verdict != CONSOLE_PERMITTED)
		return finish(&request, e, verdict, "", NULL);
	const struct delivery_values values = { .endpoint_id = call->params[0],
		.event_id = call->params[1],
		.type = str_of(event_type_name(line.event.type)),
		.at = console_time(call->arena, line.event.created_at),
		.payload = line.json };
	return console_page(&request, &console_delivery_page, &values, 200);
}

static struct reply handle_resend(struct call *call, struct store *store)
{
	struct console_request request;
	struct console_endpoint_ref ref = { .state = WEBHOOK_SWITCH_NOTHING };
	struct resend_result result;
	enum console_verdict verdict;
	struct reply refused;

	(void)store;
	if (!admit(call, &request, &ref, &refused))
		return refused;
	if (!shown_id_read(EVENT_ID_PREFIX, call->params[1], ref.event_id.text))
		return console_notice(&request, CONSOLE_NOTICE_NOT_FOUND);
	enum err e = console_endpoint_resend(
		call->world, call->arena, &request.caller, &ref, &result, &verdict);
	if (e == OK && verdict == CONSOLE_PERMITTED && result.refusal.verdict != WEBHOOK_DONE)
		e = result.refusal.verdict == WEBHOOK_IS_DISABLED ? ERR_CONFLICT : ERR_NOT_FOUND;
	return finish(&request, e, verdict, "", "event-queued");
}

struct test_values {
	struct str id, http_status, error, took, excerpt;
	bool is_delivered;
};

static const struct template_value test_value_rows[] = {
	TEXT_VALUE(struct test_values, id),
	TEXT_VALUE(struct test_values, http_status),
	TEXT_VALUE(struct test_values, error),
	TEXT_VALUE(struct test_values, took),
	TEXT_VALUE(struct test_values, excerpt),
	FLAG_VALUE(struct test_values, is_delivered),
};
const struct page_template console_endpoint_test_page = { .template = &template_console_endpoint_test,
	.values = TEMPLATE_TABLE(struct test_values, test_value_rows),
	.group_values = &console_frame_values,
	.style = "console" };

/* The answer is stored nowhere, so this response shows it. */
static struct reply show_test(
	const struct console_request *request, const struct test_delivery_result *result)
{
	struct arena *const a = request->call->arena;
	const struct test_values values = { .id = request->call->params[0],
		.http_status = result->http_status > 0 ? console_number(a, result->http_status) : STR(""),
		.error = result->error ? str_of(result->error) : STR(""),
		.took = console_number(a, result->took.ms),
		.excerpt = result->excerpt,
		.is_delivered = result->delivered };

	return console_page(request, &console_endpoint_test_page, &values, 200);
}

static struct reply handle_test(struct call *call, struct store *store)
{
	struct console_request request;
	struct console_endpoint_ref ref = { .state = WEBHOOK_SWITCH_NOTHING };
	struct test_delivery_result result = { .verdict = TEST_DELIVERY_DONE };
	enum console_verdict verdict;
	struct reply refused;

	(void)store;
	if (!admit(call, &request, &ref, &refused))
		return refused;
	enum err e = console_endpoint_test(
		call->world, call->arena, &request.caller, &ref, &result, &verdict);
	if (e == OK && verdict == CONSOLE_PERMITTED && result.verdict != TEST_DELIVERY_DONE)
		e = result.verdict == TEST_DELIVERY_IN_PROGRESS ? ERR_CONFLICT : ERR_NOT_FOUND;
	return e == OK && verdict == CONSOLE_PERMITTED ? show_test(&request, &result)
						       : finish(&request, e, verdict, "", NULL);
}

static struct reply switch_endpoint(struct call *call, enum webhook_switch state, const char *done)
{
	struct console_request request;
	struct console_endpoint_ref ref = { .state = WEBHOOK_SWITCH_NOTHING };
	struct webhook_result result;
	enum console_verdict verdict;
	struct reply refused;

	if (!admit(call, &request, &ref, &refused))
		return refused;
	ref.state = state;
	enum err e = console_endpoint_switch(
		call->world, call->arena, &request.caller, &ref, &result, &verdict);
	if (e == OK && verdict == CONSOLE_PERMITTED && result.refusal.verdict != WEBHOOK_DONE)
		e = ERR_NOT_FOUND;
	return finish(&request, e, verdict, "", done);
}

static struct reply handle_enable(struct call *call, struct store *store)
{
	(void)store;
	return switch_endpoint(call, WEBHOOK_SWITCH_ON, "endpoint-enabled");
}

static struct reply handle_disable(struct call *call, struct store *store)
{
	(void)store;
	return switch_endpoint(call, WEBHOOK_SWITCH_OFF, "endpoint-disabled");
}

#define ENDPOINT_PATH "/console/webhooks/:endpoint"
const struct route console_delivery_route = { .entry = { METHOD_GET, ENDPOINT_PATH "/:event" },
	HANDLE_WAITING(handle_event),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_resend_route = { .entry = { METHOD_POST, ENDPOINT_PATH "/:event/resend" },
	HANDLE_WAITING(handle_resend),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_webhook_test_route = { .entry = { METHOD_POST, ENDPOINT_PATH "/test" },
	HANDLE_WAITING(handle_test),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_webhook_enable_route = { .entry = { METHOD_POST, ENDPOINT_PATH "/enable" },
	HANDLE_WAITING(handle_enable),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_webhook_disable_route = { .entry = { METHOD_POST, ENDPOINT_PATH "/disable" },
	HANDLE_WAITING(handle_disable),
	.failure = ANSWER_UNAVAILABLE };
