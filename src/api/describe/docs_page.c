#include "api/describe/docs_page.h"

#include <stdio.h>
#include <string.h>

#include "api/describe/docs_style.h"
#include "api/describe/json_indent.h"
#include "api/describe/openapi.h"
#include "api/describe/request_schema.h"
#include "api/describe/responses.h"
#include "text/encode.h"

#define SCRATCH_LIMIT ((size_t)32 * 1024) /* memory for one example */

struct docs {
	const struct call *call;
	struct buf *out;
	struct arena scratch;
};

static void add_html(struct docs *docs, const char *html)
{
	buf_add(docs->out, str_of(html));
}

static void add_text(struct docs *docs, struct str text)
{
	html_escape(docs->out, text);
}

/* Adds a text. Words in backquotes are formatted as code. */
static void add_prose(struct docs *docs, const char *text)
{
	struct str rest = str_of(text), part;
	bool code = false, more = true;

	while (more) {
		more = str_cut(&rest, '`', &part);
		add_html(docs, code ? "<code>" : "");
		add_text(docs, part);
		add_html(docs, code ? "</code>" : "");
		code = !code;
	}
}

static void add_example(struct docs *docs, const struct route_response *s, const struct route *route)
{
	struct buf compact, indented;
	struct json_writer w;
	struct str json = STR(""), text = STR("");

	arena_reset(&docs->scratch);
	buf_init(&compact, &docs->scratch);
	json_writer_init(&w, &compact);
	write_response_example(&w, s, route);
	buf_init(&indented, &docs->scratch);
	if (buf_done(&compact, &json) == OK)
		json_indent(&indented, json);
	if (compact.failed || buf_done(&indented, &text) != OK)
		docs->out->failed = true;
	add_html(docs, "<pre><code>");
	add_text(docs, text);
	add_html(docs, "</code></pre>\n");
}

static const char *const member_types[] = {
	[MEMBER_TEXT] = "string",
	[MEMBER_URL] = "URL",
	[MEMBER_BOOL] = "boolean",
	[MEMBER_INT] = "integer",
	[MEMBER_CONST_TEXT] = "string",
	[MEMBER_CONST_INT] = "integer",
	[MEMBER_TRUE] = "true",
	[MEMBER_NULL] = "null",
	[MEMBER_OBJECT] = "object",
	[MEMBER_WORDS] = "list of texts",
	[MEMBER_LIST] = "list",
};

static void add_values(struct docs *docs, value_list *values)
{
	const char *separator = "";

	add_html(docs, " One of ");
	for (size_t i = 0; values(i); i++) {
		if (values(i)[0] == '\0' || value_is_repeated(values, i))
			continue;
		buf_printf(docs->out, "%s<code>%s</code>", separator, values(i));
		separator = ", ";
	}
	add_html(docs, ".");
}

/* Adds the members of an object and of the objects in it. `prefix` is the path of the object
 * ("data.session."). A schema that is NULL has none. */
static void add_members(struct docs *docs, const char *prefix, const struct json_schema *schema)
{
	char path[128];

	for (size_t i = 0; schema && i < schema->n; i++) {
		const struct schema_member *const m = &schema->members[i];

		(void)snprintf(path, sizeof(path), "%s%s", prefix, m->name);
		if (m->description || m->values || !m->schema) {
			buf_printf(docs->out,
				"<dt><code>%s</code> <span class=\"faint\">%s%s</span></dt>\n<dd>", path,
				member_types[m->kind], m->nullable ? " or null" : "");
			add_prose(docs, m->description ? m->description : "");
			if (m->values)
				add_values(docs, m->values);
			add_html(docs, "</dd>\n");
		}
		(void)snprintf(
			path, sizeof(path), "%s%s%s.", prefix, m->name, m->kind == MEMBER_LIST ? "[]" : "");
		add_members(docs, path, m->schema);
	}
	if (schema)
		add_members(docs, prefix, schema->optional);
}

static void add_response_fields(struct docs *docs, const struct route_response *r)
{
	const struct json_schema *const data = r->doc ? r->doc->data : NULL;
	const struct json_schema *const details = r->doc ? r->doc->details : NULL;
	const struct json_schema *const plain = r->plain ? r->plain->schema : NULL;

	if (!data && !details && !plain)
		return;
	add_html(docs, "<dl>\n");
	add_members(docs, "data.", data);
	add_members(docs, "details.", details);
	add_members(docs, "", plain);
	add_html(docs, "</dl>\n");
}

static bool has_example(const struct route_response *s)
{
	return route_response_is_json(s) && (!s->plain || s->plain->schema);
}

static void add_response_item(struct docs *docs, const struct route_response *s, const struct route *route)
{
	const bool example = has_example(s);

	add_html(docs, example ? "<details>\n<summary>" : "<p>");
	buf_printf(docs->out, "<strong class=\"%s\">%d</strong> ", s->http < 400 ? "good" : "bad", s->http);
	if (!s->plain)
		buf_printf(docs->out, "<code>%s</code> ", answer_rows[s->answer].status);
	if (s->answer == ANSWER_MISSING_PARAMS && route && route->form)
		add_text(docs, str_of(route->form->missing));
	else
		add_prose(docs, s->plain ? s->plain->description : answer_rows[s->answer].message);
	add_html(docs, example ? "</summary>\n" : "</p>\n");
	if (!example)
		return;
	add_example(docs, s, route);
	add_response_fields(docs, s);
	add_html(docs, "</details>\n");
}

/* Returns true for responses that every route may return. The page lists them only once, at the end. */
static bool is_shared_response(const struct route_response *s)
{
	return s->shared && s->answer != ANSWER_MISSING_PARAMS && s->answer != ANSWER_INVALID_PARAMETERS &&
	       s->answer != ANSWER_METHOD_NOT_FOUND;
}

static void add_response_list(struct docs *docs, const struct route *route, bool common)
{
	struct route_response responses[ROUTE_RESPONSES_MAX];
	const size_t n = route_responses(route, responses);

	for (size_t i = 0; i < n; i++)
		if (is_shared_response(&responses[i]) == common)
			add_response_item(docs, &responses[i], route);
}

static void add_field(struct docs *docs, const char *name, const char *type, const char *description)
{
	buf_printf(docs->out, "<dt><code>%s</code> <span class=\"faint\">%s</span></dt>\n<dd>", name, type);
	add_prose(docs, description);
	add_html(docs, "</dd>\n");
}

static void add_fields(struct docs *docs, const struct route *route)
{
	static const char *const places[] = {
		[IN_PATH] = "in the path", [IN_QUERY] = "in the query", [IN_HEADER] = "header"
	};
	const struct form *const form = route->form;

	if (!form && route->doc->n_params == 0)
		return;
	add_html(docs, route->entry.method == METHOD_GET ? "<h4>Parameters</h4>\n<dl>\n"
							 : "<h4>Fields</h4>\n<dl>\n");
	for (size_t i = 0; i < route->doc->n_params; i++)
		add_field(docs, route->doc->params[i].name, places[route->doc->params[i].place],
			route->doc->params[i].description);
	for (size_t i = 0; form && i < form->n; i++) {
		const struct field *const f = &form->fields[i];

		add_field(docs, f->name, form_field_type(form, i), f->description);
	}
	add_html(docs, "</dl>\n");
}

/* Adds the path of a route. A path parameter is replaced by its example. */
static void add_path(struct docs *docs, const struct route *route)
{
	struct str rest = str_of(route->entry.pattern), fixed, name;

	if (!str_cut(&rest, ':', &fixed)) {
		add_text(docs, fixed);
		return;
	}
	add_text(docs, fixed);
	add_text(docs, str_of(route->doc->params[0].example));
	if (!str_cut(&rest, '/', &name))
		return;
	add_text(docs, STR("/"));
	add_text(docs, rest);
}

static void add_request(struct docs *docs, const struct route *route)
{
	struct buf text;
	struct json_writer w;
	struct str body = STR("");

	if (route->entry.method == METHOD_GET) {
		const struct field *const f = &route->form->fields[0];

		buf_printf(docs->out, " --get --data-urlencode &#39;%s=", f->name);
		add_text(docs, str_of(f->example));
		add_html(docs, "&#39;");
		return;
	}
	arena_reset(&docs->scratch);
	buf_init(&text, &docs->scratch);
	json_writer_init(&w, &text);
	write_form_example(&w, route->form);
	if (buf_done(&text, &body) != OK)
		docs->out->failed = true;
	add_html(docs, " -H &#39;Content-Type: application/json&#39; -d &#39;");
	add_text(docs, body);
	add_html(docs, "&#39;");
}

/* Adds a curl example. A webhook has none, because only the provider can sign its requests. */
static void add_curl(struct docs *docs, const struct route *route)
{
	const struct rules *const rules = docs->call->world->rules;

	if (route->doc->example_body)
		return;
	add_html(docs, "<h4>Try it</h4>\n<pre><code>curl -s ");
	if (route->entry.method != METHOD_GET && route->entry.method != METHOD_POST)
		buf_printf(docs->out, "-X %s ", method_name(route->entry.method).p);
	add_text(docs, rules->public_url);
	add_path(docs, route);
	if (route->guard == GUARD_TENANT && !rules->keys_optional)
		add_html(docs, " -H \"x-api-key: $KYCD_API_KEY\"");
	if (route->form)
		add_request(docs, route);
	add_html(docs, "</code></pre>\n");
}

static void add_route(struct docs *docs, const struct route *route)
{
	const struct operation_doc *const doc = route->doc;

	buf_printf(docs->out,
		"<article id=\"%s\">\n<h3><span class=\"method\">%s</span> <code>%s</code></h3>\n<p><strong>",
		doc->operation, method_name(route->entry.method).p, route->entry.pattern);
	add_prose(docs, doc->summary);
	add_html(docs, ".</strong> ");
	add_prose(docs, doc->description);
	if (route->scope != SCOPE_ANY)
		buf_printf(docs->out, " Scope: <code>%s</code>.", scope_name(route->scope));
	add_html(docs, "</p>\n");
	add_fields(docs, route);
	add_curl(docs, route);
	add_html(docs, "<h4>Responses</h4>\n");
	add_response_list(docs, route, false);
	add_html(docs, "</article>\n");
}

typedef void route_printer(struct docs *docs, const struct route *route);

static void for_each_of_group(struct docs *docs, const struct operation_group *group, route_printer *print)
{
	const struct api_context *const api = docs->call->api;

	for (size_t i = 0; i < api->n_routes; i++)
		if (api->routes[i]->doc && strcmp(api->routes[i]->doc->group, group->name) == 0)
			print(docs, api->routes[i]);
}

static void add_link(struct docs *docs, const struct route *route)
{
	buf_printf(docs->out, "<li><a href=\"#%s\"><code>%s %s</code></a> ", route->doc->operation,
		method_name(route->entry.method).p, route->entry.pattern);
	add_prose(docs, route->doc->summary);
	add_html(docs, "</li>\n");
}

static void add_contents(struct docs *docs)
{
	add_html(docs, "<nav aria-label=\"Routes\">\n");
	for (size_t i = 0; i < n_operation_groups; i++) {
		buf_printf(docs->out, "<p><a href=\"#group-%zu\">%s</a></p>\n<ul>\n", i,
			operation_groups[i].name);
		for_each_of_group(docs, &operation_groups[i], add_link);
		add_html(docs, "</ul>\n");
	}
	add_html(docs, "<p><a href=\"#every-call\">Responses of every endpoint</a></p>\n</nav>\n");
}

static void add_opening(struct docs *docs)
{
	const struct rules *const rules = docs->call->world->rules;

	add_html(docs, page_head);
	add_html(docs, "<header>\n<h1>kycd API</h1>\n<p>Version ");
	add_text(docs, docs->call->api->version);
	add_html(docs, ", at <code>");
	add_text(docs, rules->public_url);
	add_html(docs, "</code>. Machine-readable: <a href=\"/openapi.json\">openapi.json</a>.</p>\n");
	if (rules->sandbox)
		add_html(docs, "<p><strong>Sandbox: no identity is really verified.</strong></p>\n");
	if (docs->call->api->docs.has_inbox)
		add_html(docs, "<p>E-mails are in the <a href=\"/sandbox/inbox\">inbox</a>.</p>\n");
	add_prose(docs,
		"Send your API key as `x-api-key`, from your server only. Branch on `status`, never on `message`. "
		"Every path is also served below `/api`. Optional headers: `X-End-User-Address` is the person's IP "
		"address, `X-Request-Id` identifies the request in the log, `Idempotency-Key` makes the repetition of a POST safe, `traceparent` is a W3C trace context for the log.");
	add_html(docs, rules->keys_optional ? " In development mode the key may be left out.\n" : "\n");
	add_html(docs, "</header>\n");
}

/* Returns a route to which all checks apply: API key, path parameter and body. */
static const struct route *route_with_all_checks(const struct api_context *api)
{
	const struct route *found = api->routes[0];

	for (size_t i = 0; i < api->n_routes; i++)
		if (api->routes[i]->doc && api->routes[i]->path_is_known)
			found = api->routes[i];
	return found;
}

static void add_page(struct docs *docs)
{
	add_opening(docs);
	add_contents(docs);
	add_html(docs, "<main>\n");
	for (size_t i = 0; i < n_operation_groups; i++) {
		buf_printf(docs->out,
			"<section aria-labelledby=\"group-%zu\">\n<h2 id=\"group-%zu\">%s</h2>\n<p>", i, i,
			operation_groups[i].name);
		add_prose(docs, operation_groups[i].description);
		add_html(docs, "</p>\n");
		for_each_of_group(docs, &operation_groups[i], add_route);
		add_html(docs, "</section>\n");
	}
	add_html(docs,
		"<section aria-labelledby=\"every-call\">\n<h2 id=\"every-call\">Responses of every endpoint</h2>\n"
		"<p>Checked before the endpoint runs: 401 and 429 where a key is required, 415 where a body is.</p>\n");
	add_response_list(docs, route_with_all_checks(docs->call->api), true);
	add_html(docs, "</section>\n</main>\n</body>\n</html>\n");
}

static struct reply handle_docs(struct call *call)
{
	struct arena a;
	struct buf text;
	struct docs docs = { .call = call, .out = &text };
	struct str body = { NULL, 0 };

	arena_init(&a, DESCRIPTION_MEMORY);
	arena_init(&docs.scratch, SCRATCH_LIMIT);
	buf_init(&text, &a);
	add_page(&docs);
	if (buf_done(&text, &body) == OK)
		body = arena_copy(call->arena, body);
	arena_finish(&docs.scratch);
	arena_finish(&a);
	if (!body.p)
		return respond(call->arena, ANSWER_UNAVAILABLE);
	struct reply reply = respond_text(200, "text/html; charset=utf-8", body);
	respond_add_page_headers(&reply);
	return reply;
}

const struct route docs_route = {
	.entry = { METHOD_GET, "/docs" },
	HANDLE_INLINE(handle_docs),
	.failure = ANSWER_UNAVAILABLE,
};
