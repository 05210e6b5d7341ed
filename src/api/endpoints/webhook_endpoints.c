/* The routes that manage webhook endpoints (spec/events.md 2). */
#include <string.h>

#include "api/core/fields.h"
#include "api/endpoints/routes.h"
#include "api/endpoints/webhook_view.h"
#include "app/webhook/endpoint.h"
#include "base/attr.h"

struct create_body {
	struct str url, types, description, include;
};

struct update_body {
	struct str url, types, description;
	struct form_integer disabled;
};

struct rotate_body {
	struct form_integer overlap_seconds;
};

/* Reads the words of `include`. Returns false if there is an unknown one. */
static bool read_include_words(struct str words, struct webhook_change *change)
{
	struct str word;
	bool more = words.n > 0;

	while (more) {
		more = str_cut(&words, ',', &word);
		if (str_eq(word, STR("address")))
			change->include_address = true;
		else if (str_eq(word, STR("session_url")))
			change->include_session_url = true;
		else
			return false;
	}
	return true;
}

/* Responds with the endpoint. The secret is added if there is one, and wiped. */
static struct reply respond_endpoint(struct call *call, enum answer answer, struct webhook_result *result)
{
	struct json_body body;

	json_body_begin(&body, call);
	write_webhook_endpoint(&body.w, &result->endpoint);
	if (result->secret[0] != '\0')
		json_field_text(&body.w, "secret", str_of(result->secret));
	secure_wipe(result->secret, sizeof(result->secret));
	return respond_json_data(call, answer, &body);
}

static struct reply handle_create(struct call *call, struct store *store)
{
	const struct create_body *const body = call->body;
	const struct webhook_client client = webhook_client_of(call);
	struct webhook_change change = {
		.url = body->url, .types = body->types, .description = body->description
	};
	struct webhook_result result = { .secret = "" };
	struct reply reply;

	(void)store; /* the use case opens its own transactions */
	if (!read_include_words(body->include, &change))
		return respond_webhook_value(
			call, "include has an unknown word; it takes address and session_url", CAUSE_VALUE);
	const enum err e = webhook_endpoint_create(call->world, call->arena, &client, &change, &result);
	return is_endpoint_call_done(call, e, &result.refusal, &reply)
		       ? respond_endpoint(call, ANSWER_WEBHOOK_ENDPOINT_CREATED, &result)
		       : reply;
}

/* clang-format off */
#define LIMITS_TYPES 1, EVENT_TYPE_WORDS_MAX
#define DOC_TYPES "kyc.*,user.erased", "The event types to deliver: names, prefixes that end in `.*`, or `*` for all."
#define LIMITS_DESCRIPTION 0, WEBHOOK_DESCRIPTION_SIZE - 1
#define DOC_DESCRIPTION "back-end of the shop", "A text of your own, at most 512 bytes."
#define DOC_URL "https://shop.example.com/kyc-events", "Where events are delivered: an `https` URL without user and fragment. A literal IP address must be globally reachable."

static const struct field create_fields[] = {
	FIELD_DOC(struct create_body, url,         FIELD_EXACT, FIELD_REQUIRED, LIMITS_ANY, DOC_URL),
	FIELD_DOC(struct create_body, types,       FIELD_WORDS, FIELD_REQUIRED, LIMITS_TYPES, DOC_TYPES),
	FIELD_DOC(struct create_body, description, FIELD_TEXT,  FIELD_OPTIONAL, LIMITS_DESCRIPTION, DOC_DESCRIPTION),
	{ "include", FIELD_WORDS, FIELD_OPTIONAL, offsetof(struct create_body, include), 0, 2, "session_url",
	  "What events get in addition: `address` (the API key needs the scope `users:address`), `session_url` (scope `kyc:write`)." },
};
static const struct form create_form = FORM(create_fields, struct create_body, "url and types are required");
/* clang-format on */

const struct route webhook_endpoint_create_route = {
	.entry = { METHOD_POST, "/v1/webhook-endpoints" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_WEBHOOKS_WRITE,
	HANDLE_WAITING(handle_create),
	.form = &create_form,
	.failure = ANSWER_UNAVAILABLE,
	.doc =
		&(const struct operation_doc){
			.operation = "createWebhookEndpoint",
			.group = "Webhooks",
			.summary = "Create a webhook endpoint",
			.description =
				"Events of the given types are delivered to the URL from now on. Keep the `secret`: it verifies "
				"the signatures, and is shown only here. A tenant can have 16 endpoints. The `details.cause` of "
				"a 400 says what is wrong with the URL.",
			RESPONSES({ .answer = ANSWER_WEBHOOK_ENDPOINT_CREATED,
					  .data = &webhook_endpoint_created_schema },
				{ .answer = ANSWER_LIMIT_REACHED }),
		},
};

static struct reply handle_list(struct call *call, struct store *store)
{
	const struct webhook_client client = webhook_client_of(call);
	struct webhook_endpoint_view *const views = arena_array(
		call->arena, struct webhook_endpoint_view, WEBHOOK_ENDPOINTS_MAX);
	struct json_body body;
	size_t n;

	(void)store; /* the use case opens its own transaction */
	const enum err e = views ? webhook_endpoint_list(call->world, call->arena, &client, views, &n)
				 : ERR_INTERNAL;
	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	json_body_begin(&body, call);
	json_key(&body.w, "webhook_endpoints");
	json_begin_array(&body.w);
	for (size_t i = 0; i < n; i++) {
		json_begin_object(&body.w);
		write_webhook_endpoint(&body.w, &views[i]);
		json_end_object(&body.w);
	}
	json_end_array(&body.w);
	json_field_null(&body.w, "next_after");
	json_field_bool(&body.w, "has_more", false);
	return respond_json_data(call, ANSWER_WEBHOOK_ENDPOINTS_RETRIEVED, &body);
}

/* clang-format off */
static const struct schema_member list_members[] = {
	{ "webhook_endpoints", MEMBER_LIST, NULL, "Oldest first.", false, NULL, &webhook_endpoint_schema },
	{ "next_after",        MEMBER_NULL, NULL, "Always null: all endpoints are listed.", false, NULL, NULL },
	{ "has_more",          MEMBER_BOOL, "false", "Always false.", false, NULL, NULL },
};
static const struct json_schema list_schema = SCHEMA(list_members);
/* clang-format on */

const struct route webhook_endpoint_list_route = {
	.entry = { METHOD_GET, "/v1/webhook-endpoints" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_WEBHOOKS_READ,
	HANDLE_WAITING(handle_list),
	.failure = ANSWER_UNAVAILABLE,
	.doc =
		&(const struct operation_doc){
			.operation = "listWebhookEndpoints",
			.group = "Webhooks",
			.summary = "List the webhook endpoints of your tenant",
			.description = "All of them, without their secrets.",
			RESPONSES({ .answer = ANSWER_WEBHOOK_ENDPOINTS_RETRIEVED, .data = &list_schema }),
		},
};

static struct reply handle_get(struct call *call, struct store *store)
{
	struct endpoint_call c;
	struct reply reply;

	(void)store; /* the use case opens its own transaction */
	if (!read_endpoint_call(call, &c, &reply))
		return reply;
	const enum err e = webhook_endpoint_get(call->world, call->arena, &c.client, &c.id, &c.result);
	return is_endpoint_call_done(call, e, &c.result.refusal, &reply)
		       ? respond_endpoint(call, ANSWER_WEBHOOK_ENDPOINT_RETRIEVED, &c.result)
		       : reply;
}

const struct route webhook_endpoint_get_route = {
	.entry = { METHOD_GET, "/v1/webhook-endpoints/:endpoint_id" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_WEBHOOKS_READ,
	HANDLE_WAITING(handle_get),
	.failure = ANSWER_UNAVAILABLE,
	.doc =
		&(const struct operation_doc){
			.operation = "getWebhookEndpoint",
			.group = "Webhooks",
			.summary = "Get a webhook endpoint",
			.description = "Without its secret.",
			PARAMS(WEBHOOK_ENDPOINT_PARAM),
			RESPONSES({ .answer = ANSWER_WEBHOOK_ENDPOINT_RETRIEVED,
					  .data = &webhook_endpoint_schema },
				{ .answer = ANSWER_WEBHOOK_ENDPOINT_NOT_FOUND }),
		},
};

static struct reply handle_update(struct call *call, struct store *store)
{
	const struct update_body *const body = call->body;
	struct webhook_change change = {
		.url = body->url, .types = body->types, .description = body->description
	};
	struct endpoint_call c;
	struct reply reply;

	(void)store; /* the use case opens its own transactions */
	if (body->disabled.is_given)
		change.state = body->disabled.value ? WEBHOOK_SWITCH_OFF : WEBHOOK_SWITCH_ON;
	if (!read_endpoint_call(call, &c, &reply))
		return reply;
	const enum err e = webhook_endpoint_update(
		call->world, call->arena, &c.client, &c.id, &change, &c.result);
	return is_endpoint_call_done(call, e, &c.result.refusal, &reply)
		       ? respond_endpoint(call, ANSWER_WEBHOOK_ENDPOINT_UPDATED, &c.result)
		       : reply;
}

/* clang-format off */
static const struct field update_fields[] = {
	FIELD_DOC(struct update_body, url,         FIELD_EXACT, FIELD_OPTIONAL,  LIMITS_ANY, DOC_URL),
	FIELD_DOC(struct update_body, types,       FIELD_WORDS, FIELD_OPTIONAL,  LIMITS_TYPES, DOC_TYPES),
	FIELD_DOC(struct update_body, description, FIELD_TEXT,  FIELD_CLEARABLE, LIMITS_DESCRIPTION, DOC_DESCRIPTION),
	{ "disabled", FIELD_FLAG, FIELD_OPTIONAL, offsetof(struct update_body, disabled), 0, 0, "true",
	  "true: nothing is delivered any more, and deliveries that wait become `failed`. false: events are delivered again from now on; `resend` catches up." },
};
static const struct form update_form = FORM_ONE_OF(update_fields, struct update_body, 4, "url, types, description or disabled is required");
/* clang-format on */

const struct route webhook_endpoint_update_route = {
	.entry = { METHOD_PATCH, "/v1/webhook-endpoints/:endpoint_id" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_WEBHOOKS_WRITE,
	HANDLE_WAITING(handle_update),
	.form = &update_form,
	.failure = ANSWER_UNAVAILABLE,
	.doc =
		&(const struct operation_doc){
			.operation = "updateWebhookEndpoint",
			.group = "Webhooks",
			.summary = "Change a webhook endpoint",
			.description =
				"Fields that are not given stay as they are; an empty `description` removes it. The URL of an "
				"endpoint with `include` can only be changed with the scopes that `include` needs.",
			PARAMS(WEBHOOK_ENDPOINT_PARAM),
			RESPONSES({ .answer = ANSWER_WEBHOOK_ENDPOINT_UPDATED,
					  .data = &webhook_endpoint_schema },
				{ .answer = ANSWER_WEBHOOK_ENDPOINT_NOT_FOUND }),
		},
};

static struct reply handle_delete(struct call *call, struct store *store)
{
	struct endpoint_call c;
	struct reply reply;

	(void)store; /* the use case opens its own transactions */
	if (!read_endpoint_call(call, &c, &reply))
		return reply;
	const enum err e = webhook_endpoint_delete(call->world, call->arena, &c.client, &c.id, &c.result);
	return is_endpoint_call_done(call, e, &c.result.refusal, &reply)
		       ? respond(call->arena, ANSWER_WEBHOOK_ENDPOINT_DELETED)
		       : reply;
}

const struct route webhook_endpoint_delete_route = {
	.entry = { METHOD_DELETE, "/v1/webhook-endpoints/:endpoint_id" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_WEBHOOKS_WRITE,
	HANDLE_WAITING(handle_delete),
	.failure = ANSWER_UNAVAILABLE,
	.doc =
		&(const struct operation_doc){
			.operation = "deleteWebhookEndpoint",
			.group = "Webhooks",
			.summary = "Delete a webhook endpoint",
			.description =
				"Its deliveries are dropped. An attempt that is being made is not interrupted.",
			PARAMS(WEBHOOK_ENDPOINT_PARAM),
			RESPONSES({ .answer = ANSWER_WEBHOOK_ENDPOINT_DELETED },
				{ .answer = ANSWER_WEBHOOK_ENDPOINT_NOT_FOUND }),
		},
};

static struct reply respond_secret(struct call *call, struct webhook_result *result)
{
	char id[SHOWN_ID_SIZE];
	struct json_body body;

	shown_id_write(ENDPOINT_ID_PREFIX, result->endpoint.row.id.text, id);
	json_body_begin(&body, call);
	json_field_text(&body.w, "id", str_of(id));
	json_field_text(&body.w, "secret", str_of(result->secret));
	secure_wipe(result->secret, sizeof(result->secret));
	return respond_json_data(call, ANSWER_WEBHOOK_SECRET_ROTATED, &body);
}

static struct reply handle_rotate(struct call *call, struct store *store)
{
	const struct rotate_body *const body = call->body;
	const duration overlap = seconds(body->overlap_seconds.is_given ? body->overlap_seconds.value
									: WEBHOOK_OVERLAP_DEFAULT_SECONDS);
	struct endpoint_call c;
	struct reply reply;

	(void)store; /* the use case opens its own transaction */
	if (!read_endpoint_call(call, &c, &reply))
		return reply;
	const enum err e = webhook_endpoint_rotate_secret(
		call->world, call->arena, &c.client, &c.id, overlap, &c.result);
	return is_endpoint_call_done(call, e, &c.result.refusal, &reply) ? respond_secret(call, &c.result)
									 : reply;
}

/* clang-format off */
static const struct field rotate_fields[] = {
	{ "overlap_seconds", FIELD_INTEGER, FIELD_OPTIONAL, offsetof(struct rotate_body, overlap_seconds), 0, WEBHOOK_OVERLAP_MAX_SECONDS, "86400",
	  "For how many seconds the present secret signs too; a day if left out. 0: not at all." },
};
static const struct form rotate_form = FORM(rotate_fields, struct rotate_body, "");

static const struct schema_member rotated_members[] = {
	{ "id",     MEMBER_TEXT, WEBHOOK_ENDPOINT_EXAMPLE, NULL, false, NULL, NULL },
	{ "secret", MEMBER_TEXT, "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "The new secret. It is shown only here.", false, NULL, NULL },
};
static const struct json_schema rotated_schema = SCHEMA(rotated_members);
/* clang-format on */

const struct route webhook_secret_rotate_route = {
	.entry = { METHOD_POST, "/v1/webhook-endpoints/:endpoint_id/rotate-secret" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_WEBHOOKS_WRITE,
	HANDLE_WAITING(handle_rotate),
	.form = &rotate_form,
	.failure = ANSWER_UNAVAILABLE,
	.doc =
		&(const struct operation_doc){
			.operation = "rotateWebhookEndpointSecret",
			.group = "Webhooks",
			.summary = "Create a new secret for a webhook endpoint",
			.description =
				"During the overlap, deliveries are signed with the new secret and with the one before. A "
				"secret of an earlier rotation signs no longer: there are never more than two.",
			PARAMS(WEBHOOK_ENDPOINT_PARAM),
			RESPONSES({ .answer = ANSWER_WEBHOOK_SECRET_ROTATED, .data = &rotated_schema },
				{ .answer = ANSWER_WEBHOOK_ENDPOINT_NOT_FOUND }),
		},
};
