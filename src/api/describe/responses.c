#include "api/describe/responses.h"

#include <assert.h>

#include "api/core/answer.h"
#include "api/core/idempotent.h"
#include "api/core/media_cause.h"
#include "app/webhook/endpoint.h"
#include "base/attr.h"
#include "crypto/wallet.h"
#include "text/input_cause.h"

/* The routes that a check applies to. */
enum check_scope {
	CHECK_ALL,
	CHECK_KEY,
	CHECK_SCOPE,
	CHECK_PATH_VALUES,
	CHECK_FORM,
	CHECK_NEEDED, /* a field must be given */
	CHECK_BODY,
	CHECK_IDEMPOTENT
};

/* clang-format off */
static const struct schema_member unauthorized_members[] = {
	{ "code",    MEMBER_CONST_INT,  "401",                              NULL, false, NULL, NULL },
	{ "message", MEMBER_CONST_TEXT, "Unauthorized or API key invalid.", NULL, false, NULL, NULL },
	{ "docs",    MEMBER_URL,        "https://docs.starkfi.io/",         NULL, false, NULL, NULL },
};
static const struct json_schema unauthorized_schema = SCHEMA(unauthorized_members);
static const struct plain_response unauthorized = { 401, "unauthorized", "application/json", &unauthorized_schema,
	"The API key is missing, unknown, expired or revoked." };

static const struct schema_member too_many_members[] = {
	{ "code",    MEMBER_CONST_INT, "429", NULL, false, NULL, NULL },
	{ "message", MEMBER_TEXT,      "Too many requests. The limit is 600 request per minute and 10 requests per second.", "Names the limits in force.", false, NULL, NULL },
	{ "docs",    MEMBER_URL,       "https://docs.starkfi.io/", NULL, false, NULL, NULL },
};
static const struct json_schema too_many_schema = SCHEMA(too_many_members);
static const struct plain_response too_many = { 429, "too_many_requests", "application/json", &too_many_schema,
	"The rate limit of the API key is reached. Wait for `Retry-After`." };

static const char *media_cause_values(size_t i)
{
	return i < MEDIA_CAUSE_COUNT ? media_cause_name((enum media_cause)i) : NULL;
}
static const struct schema_member media_members[] = {
	CAUSE_MEMBERS("content_type", "What is wrong with the headers of the body.", media_cause_values, "the Content-Type is another one than application/json"),
};
static const struct json_schema media_schema = SCHEMA(media_members);
static const struct response_doc media_doc = { .answer = ANSWER_UNSUPPORTED_MEDIA_TYPE, .details = &media_schema };
static const struct response_doc coding_doc = { .answer = ANSWER_UNSUPPORTED_CONTENT_CODING, .details = &media_schema };

static const char *missing_cause_values(size_t i)
{
	return i <= CAUSE_POST_ONLY ? input_cause_name((enum input_cause)i).p : NULL;
}
static const struct schema_member missing_members[] = {
	CAUSE_MEMBERS("missing", "Why the parameter is missing.", missing_cause_values, "a required field is absent or null; names of fields are case-sensitive"),
};
static const struct json_schema missing_schema = SCHEMA(missing_members);
static const struct response_doc missing_doc = { .answer = ANSWER_MISSING_PARAMS, .details = &missing_schema };

/* The causes of input_cause.h, then those of a malformed wallet and of the URL of a webhook endpoint. */
static const char *invalid_cause_values(size_t i)
{
	if (i < INPUT_CAUSE_COUNT)
		return i <= CAUSE_POST_ONLY ? "" : input_cause_name((enum input_cause)i).p;
	const size_t form = i - INPUT_CAUSE_COUNT;
	if (form > WALLET_FORM_ZERO)
		return webhook_url_fault_name(form - WALLET_FORM_ZERO - 1);
	return form == WALLET_FORM_VALID ? "" : wallet_form_name((enum wallet_form)form).p;
}
static const struct schema_member invalid_members[] = {
	CAUSE_MEMBERS("no_dot", "What is wrong with the parameter or the body.", invalid_cause_values, "the domain after the @ has no dot"),
};
static const struct json_schema invalid_schema = SCHEMA(invalid_members);
static const struct response_doc invalid_doc = { .answer = ANSWER_INVALID_PARAMETERS, .details = &invalid_schema };

static const char *failure_cause_values(size_t i)
{
	return i == 0 ? INTEGRITY_CAUSE : NULL;
}
static const struct schema_member failure_members[] = {
	{ "cause", MEMBER_TEXT, INTEGRITY_CAUSE, "A stored row was not written by kycd, and kycd does not use it.", false, failure_cause_values, NULL },
};
static const struct json_schema failure_schema = SCHEMA(failure_members);
static const struct response_doc failure_doc = { .details = &failure_schema, .details_optional = true };

static const struct {
	enum check_scope scope;
	enum answer answer;
	const struct plain_response *plain;
	const struct response_doc *doc; /* NULL: the response has no `details` */
} checks[] = {
	{ CHECK_ALL,         ANSWER_UNAVAILABLE,            NULL, NULL },
	{ CHECK_ALL,         ANSWER_BAD_REQUEST,            NULL, NULL },
	{ CHECK_ALL,         ANSWER_REQUEST_TIMEOUT,        NULL, NULL },
	{ CHECK_ALL,         ANSWER_PAYLOAD_TOO_LARGE,      NULL, NULL },
	{ CHECK_ALL,         ANSWER_HEADER_TOO_LARGE,       NULL, NULL },
	{ CHECK_ALL,         ANSWER_NOT_IMPLEMENTED,        NULL, NULL },
	{ CHECK_ALL,         ANSWER_HTTP_VERSION,           NULL, NULL },
	{ CHECK_ALL,         ANSWER_ROUTE_NOT_FOUND,        NULL, NULL },
	{ CHECK_ALL,         ANSWER_METHOD_NOT_ALLOWED,     NULL, NULL },
	{ CHECK_KEY,         ANSWER_COUNT,                  &unauthorized, NULL },
	{ CHECK_KEY,         ANSWER_COUNT,                  &too_many, NULL },
	{ CHECK_KEY,         ANSWER_ADDRESS_NOT_ALLOWED,    NULL, NULL },
	{ CHECK_SCOPE,       ANSWER_INSUFFICIENT_SCOPE,     NULL, NULL },
	{ CHECK_PATH_VALUES, ANSWER_METHOD_NOT_FOUND,       NULL, NULL },
	{ CHECK_BODY,        ANSWER_UNSUPPORTED_MEDIA_TYPE, NULL, &media_doc },
	{ CHECK_BODY,        ANSWER_UNSUPPORTED_CONTENT_CODING, NULL, &coding_doc },
	{ CHECK_NEEDED,      ANSWER_MISSING_PARAMS,         NULL, &missing_doc },
	{ CHECK_FORM,        ANSWER_INVALID_PARAMETERS,     NULL, &invalid_doc },
	{ CHECK_IDEMPOTENT,  ANSWER_IDEMPOTENCY_IN_PROGRESS, NULL, NULL },
	{ CHECK_IDEMPOTENT,  ANSWER_IDEMPOTENCY_KEY_REUSED, NULL, NULL },
};
/* clang-format on */

/* Returns whether a field must be given. */
static bool form_needs_a_field(const struct form *form)
{
	for (size_t i = 0; i < form->n; i++)
		if (form->fields[i].presence == FIELD_REQUIRED)
			return true;
	return form->one_of;
}

static bool check_applies(enum check_scope scope, const struct route *route)
{
	switch (scope) {
	case CHECK_ALL:
		break;
	case CHECK_KEY:
		return route->guard == GUARD_TENANT;
	case CHECK_SCOPE:
		return route->scope != SCOPE_ANY;
	case CHECK_PATH_VALUES:
		return route->path_is_known != NULL;
	case CHECK_FORM:
		return route->form != NULL;
	case CHECK_NEEDED:
		return route->form != NULL && form_needs_a_field(route->form);
	case CHECK_IDEMPOTENT:
		return idempotent_applies_to(route);
	case CHECK_BODY:
		return route->form != NULL && route->entry.method != METHOD_GET;
	}
	return true;
}

struct response_list {
	struct route_response *out;
	size_t n;
};

static bool is_listed(const struct response_list *list, const struct route_response *r)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->out[i].answer == r->answer && list->out[i].plain == r->plain)
			return true;
	return false;
}

/* Inserts a response unless the list contains it. The list stays sorted by HTTP status. */
static void add_response(struct response_list *list, struct route_response r)
{
	size_t at = list->n;

	if (is_listed(list, &r))
		return;
	assert(list->n < ROUTE_RESPONSES_MAX);
	for (; at > 0 && list->out[at - 1].http > r.http; at--)
		list->out[at] = list->out[at - 1];
	list->out[at] = r;
	list->n++;
}

static void add_answer(
	struct response_list *list, enum answer answer, const struct response_doc *doc, bool shared)
{
	add_response(list,
		(struct route_response){
			.http = answer_rows[answer].http, .answer = answer, .doc = doc, .shared = shared });
}

static void add_plain(struct response_list *list, const struct plain_response *plain, bool shared)
{
	add_response(list,
		(struct route_response){
			.http = plain->http, .answer = ANSWER_COUNT, .plain = plain, .shared = shared });
}

size_t route_responses(const struct route *route, struct route_response out[ROUTE_RESPONSES_MAX])
{
	const struct operation_doc *const doc = route->doc;
	struct response_list list = { out, 0 };

	assert(doc);
	for (size_t i = 0; i < PLAIN_RESPONSES_MAX && doc->plain[i]; i++)
		add_plain(&list, doc->plain[i], false);
	for (size_t i = 0; i < doc->n_responses; i++)
		add_answer(&list, doc->responses[i].answer, &doc->responses[i], false);
	for (size_t i = 0; i < array_len(checks); i++) {
		if (!check_applies(checks[i].scope, route))
			continue;
		if (checks[i].plain)
			add_plain(&list, checks[i].plain, true);
		else
			add_answer(&list, checks[i].answer, checks[i].doc, true);
	}
	add_answer(
		&list, route->failure, answer_rows[route->failure].http == 500 ? &failure_doc : NULL, false);
	return list.n;
}

void route_response_name(const struct route_response *r, char out[RESPONSE_NAME_SIZE])
{
	const char *const name = r->plain ? r->plain->name : answer_rows[r->answer].name;
	size_t n = 0;

	for (; name[n] != '\0' && n + 1 < RESPONSE_NAME_SIZE; n++)
		out[n] = (char)(name[n] >= 'A' && name[n] <= 'Z' ? name[n] + ('a' - 'A') : name[n]);
	out[n] = '\0';
}

bool route_response_is_json(const struct route_response *r)
{
	return !r->plain || (r->plain->type && str_eq(str_of(r->plain->type), STR("application/json")));
}

/* Returns true if the message of this response depends on the route's form or scope, or on the malformed
 * field. */
static bool message_varies(enum answer answer)
{
	return answer == ANSWER_MISSING_PARAMS || answer == ANSWER_INVALID_PARAMETERS ||
	       answer == ANSWER_INSUFFICIENT_SCOPE;
}

static void open_property(struct json_writer *w, const char *name, const char *type)
{
	json_key(w, name);
	json_begin_object(w);
	json_field_text(w, "type", str_of(type));
}

static void write_properties(struct json_writer *w, const struct route_response *r)
{
	const struct answer_row *const row = &answer_rows[r->answer];

	open_property(w, "statusCode", "integer");
	json_field_int(w, "const", row->http);
	json_end_object(w);
	open_property(w, "success", "boolean");
	json_field_bool(w, "const", row->http < 300);
	json_end_object(w);
	open_property(w, "status", "string");
	json_field_text(w, "const", str_of(row->status));
	/* Generators that do not know `const` tell the responses apart by the enum. */
	json_key(w, "enum");
	json_begin_array(w);
	json_put_text(w, str_of(row->status));
	json_end_array(w);
	json_end_object(w);
	open_property(w, "message", "string");
	if (!message_varies(r->answer))
		json_field_text(w, "const", str_of(row->message));
	json_end_object(w);
	if (r->doc && r->doc->data) {
		json_key(w, "data");
		write_schema(w, r->doc->data);
	}
	if (r->doc && r->doc->details) {
		json_key(w, "details");
		write_schema(w, r->doc->details);
	}
}

static void write_envelope_schema(struct json_writer *w, const struct route_response *r)
{
	static const char *const always[] = { "statusCode", "success", "status", "message" };

	json_begin_object(w);
	json_field_text(w, "type", STR("object"));
	json_key(w, "required");
	json_begin_array(w);
	for (size_t i = 0; i < array_len(always); i++)
		json_put_text(w, str_of(always[i]));
	if (r->doc && r->doc->data && !r->doc->data_optional)
		json_put_text(w, STR("data"));
	if (r->doc && r->doc->details && !r->doc->details_optional)
		json_put_text(w, STR("details"));
	json_end_array(w);
	json_key(w, "properties");
	json_begin_object(w);
	write_properties(w, r);
	json_end_object(w);
	json_field_bool(w, "additionalProperties", false);
	json_end_object(w);
}

void write_response_schema(struct json_writer *w, const struct route_response *r)
{
	if (!r->plain) {
		write_envelope_schema(w, r);
	} else if (r->plain->schema) {
		write_schema(w, r->plain->schema);
	} else {
		json_begin_object(w);
		json_field_text(w, "type", STR("object"));
		json_end_object(w);
	}
}

static struct str message_of(const struct route_response *r, const struct route *route)
{
	if (r->answer == ANSWER_MISSING_PARAMS && route && route->form)
		return str_of(route->form->missing);
	return r->answer == ANSWER_INVALID_PARAMETERS ? STR("email is malformed")
						      : str_of(answer_rows[r->answer].message);
}

void write_response_example(struct json_writer *w, const struct route_response *r, const struct route *route)
{
	if (r->plain && r->plain->schema) {
		write_example(w, r->plain->schema);
		return;
	}
	json_begin_object(w);
	if (!r->plain) {
		json_field_int(w, "statusCode", r->http);
		json_field_bool(w, "success", r->http < 300);
		json_field_text(w, "status", str_of(answer_rows[r->answer].status));
		json_field_text(w, "message", message_of(r, route));
		if (r->doc && r->doc->data) {
			json_key(w, "data");
			write_example(w, r->doc->data);
		}
		if (r->doc && r->doc->details) {
			json_key(w, "details");
			write_example(w, r->doc->details);
		}
	}
	json_end_object(w);
}
