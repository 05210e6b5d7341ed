#include "api/endpoints/webhook_view.h"

#include "api/endpoints/event_schema.h"
#include "base/attr.h"
#include "text/input_cause.h"

struct webhook_client webhook_client_of(const struct call *call)
{
	return (struct webhook_client){ .tenant_id = call->caller.tenant.id,
		.scopes = call->caller.scopes,
		.actor = &call->caller.actor };
}

bool read_endpoint_id(struct call *call, struct endpoint_id *out, struct reply *reply)
{
	if (shown_id_read(ENDPOINT_ID_PREFIX, call->params[0], out->text))
		return true;
	*reply = respond(call->arena, ANSWER_WEBHOOK_ENDPOINT_NOT_FOUND);
	return false;
}

struct reply respond_webhook_value(struct call *call, const char *message, enum input_cause cause)
{
	return respond_cause(call->arena, ANSWER_INVALID_PARAMETERS, str_of(message), input_cause_name(cause),
		input_cause_explanation(cause));
}

bool read_endpoint_call(struct call *call, struct endpoint_call *out, struct reply *reply)
{
	*out = (struct endpoint_call){ .client = webhook_client_of(call) };
	return read_endpoint_id(call, &out->id, reply);
}

bool is_endpoint_call_done(
	struct call *call, enum err e, const struct webhook_refusal *refusal, struct reply *reply)
{
	if (e == OK && refusal->verdict == WEBHOOK_DONE)
		return true;
	*reply = e != OK ? respond_failure(call->arena, e, call->route->failure)
			 : respond_webhook_refusal(call, refusal);
	return false;
}

struct reply respond_webhook_refusal(struct call *call, const struct webhook_refusal *refusal)
{
	switch (refusal->verdict) {
	case WEBHOOK_NOT_FOUND:
		return respond(call->arena, ANSWER_WEBHOOK_ENDPOINT_NOT_FOUND);
	case WEBHOOK_EVENT_NOT_FOUND:
		return respond(call->arena, ANSWER_EVENT_NOT_FOUND);
	case WEBHOOK_LIMIT_REACHED:
		return respond(call->arena, ANSWER_LIMIT_REACHED);
	case WEBHOOK_IS_DISABLED:
		return respond(call->arena, ANSWER_WEBHOOK_ENDPOINT_DISABLED);
	case WEBHOOK_SCOPE_MISSING:
		return respond_insufficient_scope(call->arena, refusal->scope);
	case WEBHOOK_TYPES_UNKNOWN:
		return respond_unknown_type(call, refusal->word);
	case WEBHOOK_URL_REFUSED:
		return respond_cause(call->arena, ANSWER_INVALID_PARAMETERS, STR("url is not accepted"),
			refusal->url_fault.name, refusal->url_fault.explanation);
	case WEBHOOK_DONE:
		break;
	}
	return respond_failure(call->arena, ERR_INTERNAL, call->route->failure);
}

void write_test_delivery(struct json_writer *w, const struct test_delivery_result *result)
{
	json_field_bool(w, "delivered", result->delivered);
	if (result->http_status != 0)
		json_field_int(w, "http_status", result->http_status);
	else
		json_field_null(w, "http_status");
	if (result->error[0] != '\0')
		json_field_text(w, "error", str_of(result->error));
	else
		json_field_null(w, "error");
	json_field_int(w, "duration_ms", result->took.ms);
	if (result->excerpt.n > 0)
		json_field_text(w, "excerpt", result->excerpt);
	else
		json_field_null(w, "excerpt");
}

void write_moment_or_null(struct json_writer *w, const char *name, moment t)
{
	char text[MOMENT_RFC3339_SIZE];

	moment_rfc3339(t, text);
	if (moment_is_unset(t))
		json_field_null(w, name);
	else
		json_field_text(w, name, str_of(text));
}

static void write_types(struct json_writer *w, const char *types)
{
	struct str rest = str_of(types), word;
	bool more = true;

	json_key(w, "types");
	json_begin_array(w);
	while (more) {
		more = str_cut(&rest, ',', &word);
		json_put_text(w, word);
	}
	json_end_array(w);
}

static void write_include(struct json_writer *w, const struct webhook_endpoint *row)
{
	json_key(w, "include");
	json_begin_array(w);
	if (row->include_address)
		json_put_text(w, STR("address"));
	if (row->include_session_url)
		json_put_text(w, STR("session_url"));
	json_end_array(w);
}

void write_webhook_endpoint(struct json_writer *w, const struct webhook_endpoint_view *view)
{
	char id[SHOWN_ID_SIZE];

	shown_id_write(ENDPOINT_ID_PREFIX, view->row.id.text, id);
	json_field_text(w, "id", str_of(id));
	json_field_text(w, "url", view->url);
	write_types(w, view->row.types);
	if (view->row.description[0] != '\0')
		json_field_text(w, "description", str_of(view->row.description));
	else
		json_field_null(w, "description");
	write_include(w, &view->row);
	json_field_text(
		w, "state", webhook_endpoint_is_enabled(&view->row) ? STR("enabled") : STR("disabled"));
	write_moment_or_null(w, "last_success_at", view->row.last_success_at);
	write_moment_or_null(w, "failing_since", view->row.failing_since);
	json_field_int(w, "pending", view->pending);
}

static const char *state_at(size_t i)
{
	static const char *const states[] = { "enabled", "disabled", NULL };

	return states[i];
}

static const char *include_at(size_t i)
{
	static const char *const words[] = { "address", "session_url", NULL };

	return words[i];
}

/* clang-format off */
#define ENDPOINT_MEMBERS \
	{ "id",              MEMBER_TEXT,  WEBHOOK_ENDPOINT_EXAMPLE, NULL, false, NULL, NULL }, \
	{ "url",             MEMBER_URL,   "https://shop.example.com/kyc-events", NULL, false, NULL, NULL }, \
	{ "types",           MEMBER_WORDS, "kyc.*", "The event types that are delivered, as they were given.", false, NULL, NULL }, \
	{ "description",     MEMBER_TEXT,  "back-end of the shop", "Your own text, or null.", true, NULL, NULL }, \
	{ "include",         MEMBER_WORDS, "session_url", "What events get in addition.", false, include_at, NULL }, \
	{ "state",           MEMBER_TEXT,  "enabled", "To an endpoint that is `disabled`, nothing is delivered: you have disabled it, it has answered 410, or all attempts have failed for 5 days.", false, state_at, NULL }, \
	{ "last_success_at", MEMBER_TEXT,  "2026-01-05T10:05:00.000Z", "The last successful attempt; null: there was none.", true, NULL, NULL }, \
	{ "failing_since",   MEMBER_TEXT,  NULL, "Since when all attempts have failed; null: the last one succeeded.", true, NULL, NULL }, \
	{ "pending",         MEMBER_INT,   "0", "Deliveries that wait for an attempt, counted up to 10000.", false, NULL, NULL }

static const struct schema_member endpoint_members[] = { ENDPOINT_MEMBERS };
const struct json_schema webhook_endpoint_schema = SCHEMA(endpoint_members);

static const struct schema_member created_members[] = {
	ENDPOINT_MEMBERS,
	{ "secret", MEMBER_TEXT, "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "Verifies the signatures of deliveries. It is shown only here.", false, NULL, NULL },
};
const struct json_schema webhook_endpoint_created_schema = SCHEMA(created_members);
/* clang-format on */
