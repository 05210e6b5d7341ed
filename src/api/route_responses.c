#include "api/route_responses.h"

#include <assert.h>

/* Which routes a check stands before. */
enum before { BEFORE_ALL, BEFORE_KEYED, BEFORE_PATH_VALUES, BEFORE_FORM, BEFORE_BODY };

static const struct plain_response unauthorized = { 401, "unauthorized", "application/json",
	&shape_unauthorized, "No key, or one that is unknown, expired or revoked." };
static const struct plain_response too_many = { 429, "too_many_requests", "application/json", &shape_too_many,
	"The rate of this key is used up: back off and try again." };

/* clang-format off */
static const struct {
	enum before before;
	enum answer answer;
	const struct plain_response *plain;
} checks[] = {
	{ BEFORE_ALL,         ANSWER_UNAVAILABLE,            NULL },
	{ BEFORE_ALL,         ANSWER_BAD_REQUEST,            NULL },
	{ BEFORE_ALL,         ANSWER_REQUEST_TIMEOUT,        NULL },
	{ BEFORE_ALL,         ANSWER_PAYLOAD_TOO_LARGE,      NULL },
	{ BEFORE_ALL,         ANSWER_HEADER_TOO_LARGE,       NULL },
	{ BEFORE_ALL,         ANSWER_NOT_IMPLEMENTED,        NULL },
	{ BEFORE_ALL,         ANSWER_HTTP_VERSION,           NULL },
	{ BEFORE_ALL,         ANSWER_ROUTE_NOT_FOUND,        NULL },
	{ BEFORE_ALL,         ANSWER_METHOD_NOT_ALLOWED,     NULL },
	{ BEFORE_KEYED,       ANSWER_COUNT,                  &unauthorized },
	{ BEFORE_KEYED,       ANSWER_COUNT,                  &too_many },
	{ BEFORE_PATH_VALUES, ANSWER_METHOD_NOT_FOUND,       NULL },
	{ BEFORE_BODY,        ANSWER_UNSUPPORTED_MEDIA_TYPE, NULL },
	{ BEFORE_FORM,        ANSWER_MISSING_PARAMS,         NULL },
	{ BEFORE_FORM,        ANSWER_INVALID_PARAMETERS,     NULL },
};

/* What stands in the envelope besides the four members that are always there. */
static const struct {
	const struct schema *data, *details;
	bool details_may_lack;
} extras[ANSWER_COUNT] = {
	[ANSWER_USER_ALREADY_PREPARED] = { .data = &shape_prepared },
	[ANSWER_CHALLENGE_CREATED]     = { .data = &shape_challenge },
	[ANSWER_WALLET_PREPARED]       = { .data = &shape_wallet_prepared },
	[ANSWER_WALLET_ALREADY_PREPARED] = { .data = &shape_wallet_prepared },
	[ANSWER_INVALID_WALLET]        = { .details = &shape_bad_wallet },
	[ANSWER_INVALID_WALLET_CHALLENGE] = { .details = &shape_bad_wallet },
	[ANSWER_CHALLENGE_NOT_FOUND]   = { .details = &shape_no_challenge },
	[ANSWER_INVALID_WALLET_SIGNATURE] = { .details = &shape_bad_signature },
	[ANSWER_SESSION_CREATED]       = { .data = &shape_session_started },
	[ANSWER_ALREADY_APPROVED]      = { .data = &shape_session_approved },
	[ANSWER_STATUS_RETRIEVED]      = { .data = &shape_person_status },
	[ANSWER_PRODUCTS_RETRIEVED]    = { .data = &shape_products },
	[ANSWER_KYC_NOT_FOUND]         = { .details = &shape_no_session },
	[ANSWER_KYC_NOT_FOUND_WALLET]  = { .details = &shape_no_session },
	[ANSWER_FAILED_CREATE]         = { .details = &shape_cause, .details_may_lack = true },
};
/* clang-format on */

static bool stands_before(enum before before, const struct route *route)
{
	switch (before) {
	case BEFORE_ALL:
		break;
	case BEFORE_KEYED:
		return route->guard == GUARD_TENANT;
	case BEFORE_PATH_VALUES:
		return route->path_is_known != NULL;
	case BEFORE_FORM:
		return route->form != NULL;
	case BEFORE_BODY:
		return route->form != NULL && route->entry.method != METHOD_GET;
	}
	return true;
}

struct spoken_list {
	struct route_response *out;
	size_t n;
};

static bool is_there(const struct spoken_list *list, const struct route_response *s)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->out[i].answer == s->answer && list->out[i].plain == s->plain)
			return true;
	return false;
}

static void add(struct spoken_list *list, struct route_response s)
{
	size_t at = list->n;

	if (is_there(list, &s))
		return;
	assert(list->n < ROUTE_RESPONSES_MAX);
	for (; at > 0 && list->out[at - 1].http > s.http; at--)
		list->out[at] = list->out[at - 1];
	list->out[at] = s;
	list->n++;
}

static struct route_response of_answer(enum answer answer, bool shared)
{
	return (struct route_response){ answer_rows[answer].http, answer, NULL, shared };
}

static struct route_response of_plain(const struct plain_response *plain, bool shared)
{
	return (struct route_response){ plain->http, ANSWER_COUNT, plain, shared };
}

size_t route_responses(const struct route *route, struct route_response out[ROUTE_RESPONSES_MAX])
{
	const struct operation_doc *const doc = route->doc;
	struct spoken_list list = { out, 0 };

	assert(doc);
	for (size_t i = 0; i < PLAIN_RESPONSES_MAX && doc->plain[i]; i++)
		add(&list, of_plain(doc->plain[i], false));
	for (size_t i = 0; i < doc->n_answers; i++)
		add(&list, of_answer(doc->answers[i], false));
	for (size_t i = 0; i < array_len(checks); i++)
		if (stands_before(checks[i].before, route))
			add(&list, checks[i].plain ? of_plain(checks[i].plain, true)
						   : of_answer(checks[i].answer, true));
	add(&list, of_answer(route->failure, false));
	return list.n;
}

void route_response_name(const struct route_response *s, char out[RESPONSE_NAME_SIZE])
{
	const char *const name = s->plain ? s->plain->name : answer_rows[s->answer].name;
	size_t n = 0;

	for (; name[n] != '\0' && n + 1 < RESPONSE_NAME_SIZE; n++)
		out[n] = (char)(name[n] >= 'A' && name[n] <= 'Z' ? name[n] + ('a' - 'A') : name[n]);
	out[n] = '\0';
}

bool route_response_is_json(const struct route_response *s)
{
	return !s->plain || (s->plain->type && str_eq(str_of(s->plain->type), STR("application/json")));
}

/* Those whose sentence the form or the field makes. */
static bool has_own_sentence(enum answer answer)
{
	return answer == ANSWER_MISSING_PARAMS || answer == ANSWER_INVALID_PARAMETERS;
}

static void open_property(struct json_writer *w, const char *name, const char *type)
{
	json_key(w, name);
	json_begin_object(w);
	json_field_text(w, "type", str_of(type));
}

static void write_properties(struct json_writer *w, enum answer answer)
{
	const struct answer_row *const row = &answer_rows[answer];

	open_property(w, "statusCode", "integer");
	json_field_int(w, "const", row->http);
	json_end_object(w);
	open_property(w, "success", "boolean");
	json_field_bool(w, "const", row->http < 300);
	json_end_object(w);
	open_property(w, "status", "string");
	json_field_text(w, "const", str_of(row->status));
	json_end_object(w);
	open_property(w, "message", "string");
	if (!has_own_sentence(answer))
		json_field_text(w, "const", str_of(row->message));
	json_end_object(w);
	if (extras[answer].data) {
		json_key(w, "data");
		write_schema(w, extras[answer].data);
	}
	if (extras[answer].details) {
		json_key(w, "details");
		write_schema(w, extras[answer].details);
	}
}

static void write_envelope_schema(struct json_writer *w, enum answer answer)
{
	static const char *const always[] = { "statusCode", "success", "status", "message" };

	json_begin_object(w);
	json_field_text(w, "type", STR("object"));
	json_key(w, "required");
	json_begin_array(w);
	for (size_t i = 0; i < array_len(always); i++)
		json_put_text(w, str_of(always[i]));
	if (extras[answer].data)
		json_put_text(w, STR("data"));
	if (extras[answer].details && !extras[answer].details_may_lack)
		json_put_text(w, STR("details"));
	json_end_array(w);
	json_key(w, "properties");
	json_begin_object(w);
	write_properties(w, answer);
	json_end_object(w);
	json_field_bool(w, "additionalProperties", false);
	json_end_object(w);
}

void write_response_schema(struct json_writer *w, const struct route_response *s)
{
	if (!s->plain) {
		write_envelope_schema(w, s->answer);
	} else if (s->plain->schema) {
		write_schema(w, s->plain->schema);
	} else {
		json_begin_object(w);
		json_field_text(w, "type", STR("object"));
		json_end_object(w);
	}
}

static struct str sentence_of(const struct route_response *s, const struct route *route)
{
	if (s->answer == ANSWER_MISSING_PARAMS && route && route->form)
		return str_of(route->form->missing);
	return s->answer == ANSWER_INVALID_PARAMETERS ? STR("email is malformed")
						      : str_of(answer_rows[s->answer].message);
}

void write_response_example(struct json_writer *w, const struct route_response *s, const struct route *route)
{
	if (s->plain && s->plain->schema) {
		write_example(w, s->plain->schema);
		return;
	}
	json_begin_object(w);
	if (!s->plain) {
		json_field_int(w, "statusCode", s->http);
		json_field_bool(w, "success", s->http < 300);
		json_field_text(w, "status", str_of(answer_rows[s->answer].status));
		json_field_text(w, "message", sentence_of(s, route));
		if (extras[s->answer].data) {
			json_key(w, "data");
			write_example(w, extras[s->answer].data);
		}
		if (extras[s->answer].details) {
			json_key(w, "details");
			write_example(w, extras[s->answer].details);
		}
	}
	json_end_object(w);
}
