#include "api/describe/operation.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "api/core/idempotent.h"
#include "api/describe/request_schema.h"
#include "domain/idempotency.h"

static void print_reference(struct printer *p, const char *kind, const char *name)
{
	const struct str to = arena_printf(p->arena, "#/components/%s/%s", kind, name);

	json_begin_object(&p->w);
	json_field_text(&p->w, "$ref", to);
	json_end_object(&p->w);
}

static bool have_same_schemas(const struct response_doc *a, const struct response_doc *b)
{
	static const struct response_doc none = { .data = NULL };

	a = a ? a : &none;
	b = b ? b : &none;
	return a->data == b->data && a->details == b->details;
}

static struct component *find_or_add_component(
	struct printer *p, const struct route_response *s, const struct route *route)
{
	size_t i = 0;

	while (i < p->n_named && (p->named[i].what.answer != s->answer || p->named[i].what.plain != s->plain))
		i++;
	assert(i < COMPONENTS_MAX);
	/* The component is named after its answer, so all routes that use an answer must give it the same
	 * schemas. */
	assert(i == p->n_named || have_same_schemas(p->named[i].what.doc, s->doc));
	if (i == p->n_named)
		p->named[p->n_named++] = (struct component){ .what = *s, .route = route };
	return &p->named[i];
}

static void print_body(struct printer *p, const struct route *route)
{
	const bool has_form = route->form && route->entry.method != METHOD_GET;

	if (!has_form && !route->doc->example_body)
		return;
	open_object(p, "requestBody");
	json_field_bool(&p->w, "required", true);
	open_object(p, "content");
	open_object(p, "application/json");
	json_key(&p->w, "schema");
	if (has_form) {
		write_form_schema(&p->w, route->form);
	} else {
		json_begin_object(&p->w);
		field(p, "type", "object");
		json_end_object(&p->w);
	}
	json_key(&p->w, "example");
	if (has_form)
		write_form_example(&p->w, route->form);
	else
		json_put_raw(&p->w, str_of(route->doc->example_body));
	json_end_object(&p->w);
	json_end_object(&p->w);
	json_end_object(&p->w);
}

static void print_params(struct printer *p, const struct route *route)
{
	json_key(&p->w, "parameters");
	json_begin_array(&p->w);
	for (size_t i = 0; i < route->doc->n_params; i++)
		write_param(&p->w, &route->doc->params[i]);
	if (route->form && route->entry.method == METHOD_GET)
		write_query_params(&p->w, route->form);
	if (route->guard == GUARD_TENANT)
		print_reference(p, "parameters", "end_user_address");
	if (idempotent_applies_to(route))
		print_reference(p, "parameters", "idempotency_key");
	print_reference(p, "parameters", "request_id");
	print_reference(p, "parameters", "traceparent");
	json_end_array(&p->w);
}

static void print_header(struct printer *p, const char *name)
{
	json_key(&p->w, name);
	print_reference(p, "headers", name);
}

static void print_headers(struct printer *p, const struct route *route, const struct route_response *s)
{
	const int http = s->http;

	open_object(p, "headers");
	print_header(p, "X-Request-Id");
	if (http == 429 || http == 503)
		print_header(p, "Retry-After");
	if (http == 405)
		print_header(p, "Allow");
	if (http == 303)
		print_header(p, "Location");
	if (http == 401 && s->plain)
		print_header(p, "WWW-Authenticate");
	if (idempotent_applies_to(route) && idempotency_keeps(http) && http != 401)
		print_header(p, "Idempotency-Replayed");
	json_end_object(&p->w);
}

static void print_schemas(
	struct printer *p, const struct route *route, const struct route_response *s, size_t n)
{
	char name[RESPONSE_NAME_SIZE];

	json_key(&p->w, "schema");
	if (n > 1) {
		json_begin_object(&p->w);
		json_key(&p->w, "oneOf");
		json_begin_array(&p->w);
	}
	for (size_t i = 0; i < n; i++) {
		route_response_name(&s[i], name);
		find_or_add_component(p, &s[i], route)->as_schema = true;
		print_reference(p, "schemas", name);
	}
	if (n > 1) {
		json_end_array(&p->w);
		json_end_object(&p->w);
	}
}

static void print_examples(
	struct printer *p, const struct route *route, const struct route_response *s, size_t n)
{
	char name[RESPONSE_NAME_SIZE];

	open_object(p, "examples");
	for (size_t i = 0; i < n; i++) {
		route_response_name(&s[i], name);
		json_key(&p->w, name);
		if (s[i].answer != ANSWER_MISSING_PARAMS) {
			find_or_add_component(p, &s[i], route)->as_example = true;
			print_reference(p, "examples", name);
			continue;
		}
		/* The message of this response depends on the route's form, so the example is printed in
		 * place. */
		json_begin_object(&p->w);
		json_key(&p->w, "value");
		write_response_example(&p->w, &s[i], route);
		json_end_object(&p->w);
	}
	json_end_object(&p->w);
}

static void print_content(
	struct printer *p, const struct route *route, const struct route_response *s, size_t n)
{
	if (s->plain && !s->plain->type)
		return;
	open_object(p, "content");
	if (!s->plain || route_response_is_json(s)) {
		open_object(p, "application/json");
		print_schemas(p, route, s, n);
		print_examples(p, route, s, n);
	} else {
		open_object(p, s->plain->type);
		open_object(p, "schema");
		field(p, "type", "string");
		json_end_object(&p->w);
	}
	json_end_object(&p->w);
	json_end_object(&p->w);
}

static const char *name_of_response(const struct route_response *s)
{
	return s->plain ? s->plain->name : answer_rows[s->answer].status;
}

/* Prints the description: the message if there is one response, otherwise the list of the responses'
 * statuses. */
static void print_description(struct printer *p, const struct route_response *s, size_t n)
{
	struct buf text;
	struct str words = STR("");

	buf_init(&text, p->arena);
	if (n == 1)
		buf_add(&text, str_of(s->plain ? s->plain->description : answer_rows[s->answer].message));
	for (size_t i = 0; n > 1 && i < n; i++)
		if (i == 0 || strcmp(name_of_response(&s[i]), name_of_response(&s[i - 1])) != 0)
			buf_printf(&text, "%s`%s`", i > 0 ? ", " : "", name_of_response(&s[i]));
	if (buf_done(&text, &words) != OK)
		p->w.out->failed = true;
	json_field_text(&p->w, "description", words);
}

void print_response(struct printer *p, const struct route *route, const struct route_response *s, size_t n)
{
	json_begin_object(&p->w);
	print_description(p, s, n);
	print_headers(p, route, s);
	print_content(p, route, s, n);
	json_end_object(&p->w);
}

static void print_responses(struct printer *p, const struct route *route)
{
	struct route_response responses[ROUTE_RESPONSES_MAX];
	char key[16], name[RESPONSE_NAME_SIZE];
	const size_t n = route_responses(route, responses);

	open_object(p, "responses");
	for (size_t i = 0, of_one = 0; i < n; i += of_one) {
		for (of_one = 1; i + of_one < n && responses[i + of_one].http == responses[i].http; of_one++)
			;
		(void)snprintf(key, sizeof(key), "%d", responses[i].http);
		json_key(&p->w, key);
		if (of_one > 1 || !responses[i].shared || responses[i].answer == ANSWER_MISSING_PARAMS) {
			print_response(p, route, &responses[i], of_one);
			continue;
		}
		route_response_name(&responses[i], name);
		find_or_add_component(p, &responses[i], route)->as_response = true;
		print_reference(p, "responses", name);
	}
	json_end_object(&p->w);
}

/* Prints the security requirement, with the scope that the key needs. If keys are optional, the list has two
 * alternatives: an API key, and none. */
static void print_security(struct printer *p, const struct route *route)
{
	json_key(&p->w, "security");
	json_begin_array(&p->w);
	if (route->guard == GUARD_TENANT) {
		json_begin_object(&p->w);
		json_key(&p->w, "api_key");
		json_begin_array(&p->w);
		if (route->scope != SCOPE_ANY)
			json_put_text(&p->w, str_of(scope_name(route->scope)));
		json_end_array(&p->w);
		json_end_object(&p->w);
	}
	if (route->guard == GUARD_TENANT && p->d->keys_optional) {
		json_begin_object(&p->w);
		json_end_object(&p->w);
	}
	json_end_array(&p->w);
}

static void print_operation_description(struct printer *p, const struct route *route)
{
	struct str text = str_of(route->doc->description);

	if (route->scope != SCOPE_ANY)
		text = arena_printf(p->arena, "%.*s\n\nThe API key needs the scope `%s`.", STR_ARG(text),
			scope_name(route->scope));
	json_field_text(&p->w, "description", text);
}

void print_operation(struct printer *p, const struct route *route)
{
	static const char *const keys[METHOD_COUNT] = { [METHOD_GET] = "get",
		[METHOD_POST] = "post",
		[METHOD_PUT] = "put",
		[METHOD_PATCH] = "patch",
		[METHOD_DELETE] = "delete" };

	assert(keys[route->entry.method]);
	open_object(p, keys[route->entry.method]);
	field(p, "operationId", route->doc->operation);
	json_key(&p->w, "tags");
	json_begin_array(&p->w);
	json_put_text(&p->w, str_of(route->doc->group));
	json_end_array(&p->w);
	field(p, "summary", route->doc->summary);
	print_operation_description(p, route);
	print_security(p, route);
	print_params(p, route);
	print_body(p, route);
	print_responses(p, route);
	json_end_object(&p->w);
}
