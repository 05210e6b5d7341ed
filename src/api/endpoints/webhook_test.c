/* The route that sends a sample event to a webhook endpoint (spec/events.md 2). */
#include "api/core/fields.h"
#include "api/endpoints/routes.h"
#include "api/endpoints/webhook_view.h"
#include "app/webhook/test_delivery.h"
#include "base/attr.h"

struct test_body {
	struct str type;
};

static struct reply respond_result(struct call *call, const struct test_delivery_result *result)
{
	struct json_body body;

	json_body_begin(&body, call);
	write_test_delivery(&body.w, result);
	return respond_json_data(call, ANSWER_WEBHOOK_ENDPOINT_TESTED, &body);
}

static struct reply handle_test(struct call *call, struct store *store)
{
	const struct test_body *const body = call->body;
	const struct webhook_client client = webhook_client_of(call);
	struct test_delivery_result result;
	struct endpoint_id id;
	struct reply reply;

	(void)store; /* the use case opens its own transactions */
	if (!read_endpoint_id(call, &id, &reply))
		return reply;
	const enum err e = test_delivery_send(call->world, call->arena, &client, &id, body->type, &result);
	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	switch (result.verdict) {
	case TEST_DELIVERY_NO_ENDPOINT:
		return respond(call->arena, ANSWER_WEBHOOK_ENDPOINT_NOT_FOUND);
	case TEST_DELIVERY_TYPE_UNKNOWN:
		return respond_webhook_value(call, "type is no type of events", CAUSE_VALUE);
	case TEST_DELIVERY_IN_PROGRESS:
		return respond(call->arena, ANSWER_WEBHOOK_TEST_IN_PROGRESS);
	case TEST_DELIVERY_DONE:
		break;
	}
	return respond_result(call, &result);
}

/* clang-format off */
#define DOC_TYPE "kyc.approved", "The type of the sample; `kyc.approved` if left out."

static const struct field test_fields[] = {
	FIELD_DOC(struct test_body, type, FIELD_TEXT, FIELD_OPTIONAL, LIMITS_WORD, DOC_TYPE),
};
static const struct form test_form = FORM(test_fields, struct test_body, "");

static const struct schema_member test_members[] = {
	{ "delivered",   MEMBER_BOOL, "true", "The endpoint answered 2xx in time.", false, NULL, NULL },
	{ "http_status", MEMBER_INT,  "204", "Null: no response was received.", true, NULL, NULL },
	{ "error",       MEMBER_TEXT, NULL, "Why the attempt has failed, in a word; null if the status says it.", true, NULL, NULL },
	{ "duration_ms", MEMBER_INT,  "87", NULL, false, NULL, NULL },
	{ "excerpt",     MEMBER_TEXT, NULL, "The beginning of the response, at most 4096 bytes.", true, NULL, NULL },
};
static const struct json_schema test_schema = SCHEMA(test_members);
/* clang-format on */

const struct route webhook_test_route = {
	.entry = { METHOD_POST, "/v1/webhook-endpoints/:endpoint_id/test" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_WEBHOOKS_WRITE,
	HANDLE_WAITING(handle_test),
	.form = &test_form,
	.failure = ANSWER_UNAVAILABLE,
	.doc =
		&(const struct operation_doc){
			.operation = "testWebhookEndpoint",
			.group = "Webhooks",
			.summary = "Send a sample event to a webhook endpoint",
			.description =
				"Delivers a sample at once, with `\"test\": true` in `data`, and returns what the endpoint "
				"answered. The sample is not in the feed and is not tried again. Only one test of an endpoint "
				"runs at a time.",
			PARAMS(WEBHOOK_ENDPOINT_PARAM),
			RESPONSES({ .answer = ANSWER_WEBHOOK_ENDPOINT_TESTED, .data = &test_schema },
				{ .answer = ANSWER_WEBHOOK_ENDPOINT_NOT_FOUND },
				{ .answer = ANSWER_WEBHOOK_TEST_IN_PROGRESS }),
		},
};
