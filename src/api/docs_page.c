#include "api/docs_page.h"

#include <string.h>

#include "api/bodies.h"
#include "api/openapi.h"
#include "api/pages.h"
#include "api/request_schema.h"
#include "api/route_responses.h"
#include "text/encode.h"

/* Of one example. */
#define SCRATCH ((size_t)32 * 1024)

struct sheet {
	const struct call *call;
	struct buf *out;
	struct arena scratch;
};

static const char page_head[] =
	"<!DOCTYPE html>\n<html lang=\"en\" dir=\"ltr\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>kycd API</title>\n<style>\n"
	":root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --faint: #57606a; --line: #d0d7de; --box: #f3f5f7; "
	"--link: #0550ae; --good: #116329; --bad: #a40e26; }\n"
	"@media (prefers-color-scheme: dark) { :root { --paper: #0d1117; --ink: #e6edf3; --faint: #9aa4af; --line: #363d46; "
	"--box: #171c24; --link: #79b8ff; --good: #7ee787; --bad: #ff9b94; } }\n"
	"* { box-sizing: border-box; }\n"
	"body { margin: 0 auto; max-width: 60rem; padding: 1rem; background: var(--paper); color: var(--ink); "
	"font: 16px/1.55 system-ui, sans-serif; overflow-wrap: anywhere; }\n"
	"a { color: var(--link); }\ncode, pre { font: .875em/1.5 ui-monospace, monospace; }\npre code { font-size: 1em; }\n"
	"h1 { margin: .5rem 0; }\nh2 { margin: 3rem 0 0; }\nh3 { margin: 0; font-size: 1.1rem; }\n"
	"h4 { margin: 1.2rem 0 .3rem; font-size: .95rem; }\np { margin: .5rem 0; }\n"
	"article { margin: 1.2rem 0; padding: 1rem; border: 1px solid var(--line); border-radius: 8px; }\n"
	"article:target { border-color: var(--link); }\n"
	"pre { margin: .3rem 0; padding: .7rem; background: var(--box); border-radius: 6px; white-space: pre-wrap; }\n"
	"nav ul { margin: .2rem 0 1rem; padding: 0; list-style: none; }\nnav li { padding: .15rem 0; }\n"
	"dl { margin: .3rem 0; }\ndd { margin: 0 0 .5rem 1rem; }\nsummary { padding: .35rem 0; cursor: pointer; }\n"
	".faint { color: var(--faint); }\n.good { color: var(--good); }\n.bad { color: var(--bad); }\n"
	".method { font-weight: 700; }\n"
	"</style>\n</head>\n<body>\n";

static void add(struct sheet *sheet, const char *html)
{
	buf_add(sheet->out, str_of(html));
}

static void add_text(struct sheet *sheet, struct str text)
{
	html_escape(sheet->out, text);
}

/* A sentence in which `this` is code. */
static void add_prose(struct sheet *sheet, const char *text)
{
	struct str rest = str_of(text), part;
	bool code = false, more = true;

	while (more) {
		more = str_cut(&rest, '`', &part);
		add(sheet, code ? "<code>" : "");
		add_text(sheet, part);
		add(sheet, code ? "</code>" : "");
		code = !code;
	}
}

static void add_line(struct buf *out, size_t depth)
{
	buf_char(out, '\n');
	for (size_t i = 0; i < depth; i++)
		buf_add(out, STR("  "));
}

struct layout {
	size_t depth;
	bool in_text, escaped;
};

static void lay_sign(struct buf *out, struct layout *at, struct str json, size_t i)
{
	const char c = json.p[i];
	const bool empty = i + 1 < json.n && (json.p[i + 1] == '}' || json.p[i + 1] == ']');

	if (c == '}' || c == ']') {
		at->depth--;
		if (i > 0 && json.p[i - 1] != '{' && json.p[i - 1] != '[')
			add_line(out, at->depth);
	}
	buf_char(out, c);
	at->depth += c == '{' || c == '[';
	if (c == ',' || ((c == '{' || c == '[') && !empty))
		add_line(out, at->depth);
	if (c == ':')
		buf_char(out, ' ');
}

/* Compact JSON, a member a line. */
static void lay_out(struct buf *out, struct str json)
{
	struct layout at = { 0 };

	for (size_t i = 0; i < json.n; i++) {
		const char c = json.p[i];

		if (!at.in_text && c != '"') {
			lay_sign(out, &at, json, i);
			continue;
		}
		buf_char(out, c);
		at.in_text = at.in_text ? c != '"' || at.escaped : true;
		at.escaped = at.in_text && c == '\\' && !at.escaped;
	}
}

static void add_example(struct sheet *sheet, const struct route_response *s, const struct route *route)
{
	struct buf compact, laid;
	struct json_writer w;
	struct str json = STR(""), text = STR("");

	arena_reset(&sheet->scratch);
	buf_init(&compact, &sheet->scratch);
	json_writer_init(&w, &compact);
	write_response_example(&w, s, route);
	buf_init(&laid, &sheet->scratch);
	if (buf_done(&compact, &json) == OK)
		lay_out(&laid, json);
	if (compact.failed || buf_done(&laid, &text) != OK)
		sheet->out->failed = true;
	add(sheet, "<pre><code>");
	add_text(sheet, text);
	add(sheet, "</code></pre>\n");
}

static bool has_example(const struct route_response *s)
{
	return route_response_is_json(s) && (!s->plain || s->plain->schema);
}

static void add_answer(struct sheet *sheet, const struct route_response *s, const struct route *route)
{
	const bool example = has_example(s);

	add(sheet, example ? "<details>\n<summary>" : "<p>");
	buf_printf(sheet->out, "<strong class=\"%s\">%d</strong> ", s->http < 400 ? "good" : "bad", s->http);
	if (!s->plain)
		buf_printf(sheet->out, "<code>%s</code> ", answer_rows[s->answer].status);
	if (s->answer == ANSWER_MISSING_PARAMS && route && route->form)
		add_text(sheet, str_of(route->form->missing));
	else
		add_prose(sheet, s->plain ? s->plain->description : answer_rows[s->answer].message);
	add(sheet, example ? "</summary>\n" : "</p>\n");
	if (!example)
		return;
	add_example(sheet, s, route);
	add(sheet, "</details>\n");
}

/* Those that every route may give stand at the end of the page, once. */
static bool is_everybodys(const struct route_response *s)
{
	return s->shared && s->answer != ANSWER_MISSING_PARAMS && s->answer != ANSWER_INVALID_PARAMETERS &&
	       s->answer != ANSWER_METHOD_NOT_FOUND;
}

static void add_answers(struct sheet *sheet, const struct route *route, bool everybodys)
{
	struct route_response said[ROUTE_RESPONSES_MAX];
	const size_t n = route_responses(route, said);

	for (size_t i = 0; i < n; i++)
		if (is_everybodys(&said[i]) == everybodys)
			add_answer(sheet, &said[i], route);
}

static void add_field(struct sheet *sheet, const char *name, const char *must, const char *says)
{
	buf_printf(sheet->out, "<dt><code>%s</code> <span class=\"faint\">%s</span></dt>\n<dd>", name, must);
	add_prose(sheet, says);
	add(sheet, "</dd>\n");
}

static void add_fields(struct sheet *sheet, const struct route *route)
{
	static const char *const places[] = {
		[IN_PATH] = "in the path", [IN_QUERY] = "in the query", [IN_HEADER] = "a header"
	};
	const struct form *const form = route->form;

	if (!form && route->doc->n_params == 0)
		return;
	add(sheet, route->entry.method == METHOD_GET ? "<h4>Parameters</h4>\n<dl>\n"
						     : "<h4>Fields</h4>\n<dl>\n");
	for (size_t i = 0; i < route->doc->n_params; i++)
		add_field(sheet, route->doc->params[i].name, places[route->doc->params[i].place],
			route->doc->params[i].description);
	for (size_t i = 0; form && i < form->n; i++) {
		const struct field *const f = &form->fields[i];
		const char *must = f->presence == FIELD_REQUIRED ? "string, required" : "string, optional";

		if (form->one_of && i < form->one_of_first)
			must = "string, one of these is required";
		add_field(sheet, f->name, must, field_doc(f->name)->description);
	}
	add(sheet, "</dl>\n");
}

/* The path with an example in place of what varies. */
static void add_path(struct sheet *sheet, const struct route *route)
{
	struct str rest = str_of(route->entry.pattern), fixed;

	if (!str_cut(&rest, ':', &fixed)) {
		add_text(sheet, fixed);
		return;
	}
	add_text(sheet, fixed);
	add_text(sheet, str_of(route->doc->params[0].example));
}

static void add_sent(struct sheet *sheet, const struct route *route)
{
	struct buf text;
	struct json_writer w;
	struct str body = STR("");

	if (route->entry.method == METHOD_GET) {
		const char *const name = route->form->fields[0].name;

		buf_printf(sheet->out, " --get --data-urlencode &#39;%s=", name);
		add_text(sheet, str_of(field_doc(name)->example));
		add(sheet, "&#39;");
		return;
	}
	arena_reset(&sheet->scratch);
	buf_init(&text, &sheet->scratch);
	json_writer_init(&w, &text);
	write_form_example(&w, route->form);
	if (buf_done(&text, &body) != OK)
		sheet->out->failed = true;
	add(sheet, " -H &#39;Content-Type: application/json&#39; -d &#39;");
	add_text(sheet, body);
	add(sheet, "&#39;");
}

/* What a provider signs is not to be typed. */
static void add_curl(struct sheet *sheet, const struct route *route)
{
	const struct rules *const rules = sheet->call->world->rules;

	if (route->doc->example_body)
		return;
	add(sheet, "<h4>Try it</h4>\n<pre><code>curl -s ");
	add_text(sheet, rules->public_url);
	add_path(sheet, route);
	if (route->guard == GUARD_TENANT && !rules->keys_optional)
		add(sheet, " -H &#39;x-api-key: &lt;api_key&gt;&#39;");
	if (route->form)
		add_sent(sheet, route);
	add(sheet, "</code></pre>\n");
}

static void add_route(struct sheet *sheet, const struct route *route)
{
	const struct operation_doc *const doc = route->doc;

	buf_printf(sheet->out,
		"<article id=\"%s\">\n<h3><span class=\"method\">%s</span> <code>%s</code></h3>\n<p><strong>",
		doc->operation, method_name(route->entry.method).p, route->entry.pattern);
	add_prose(sheet, doc->summary);
	add(sheet, ".</strong> ");
	add_prose(sheet, doc->description);
	add(sheet, "</p>\n");
	add_fields(sheet, route);
	add_curl(sheet, route);
	add(sheet, "<h4>Answers</h4>\n");
	add_answers(sheet, route, false);
	add(sheet, "</article>\n");
}

typedef void route_printer(struct sheet *sheet, const struct route *route);

static void each_of_group(struct sheet *sheet, const struct operation_group *group, route_printer *print)
{
	const struct api_context *const api = sheet->call->api;

	for (size_t i = 0; i < api->n_routes; i++)
		if (api->routes[i].doc && strcmp(api->routes[i].doc->group, group->name) == 0)
			print(sheet, &api->routes[i]);
}

static void add_link(struct sheet *sheet, const struct route *route)
{
	buf_printf(sheet->out, "<li><a href=\"#%s\"><code>%s %s</code></a> ", route->doc->operation,
		method_name(route->entry.method).p, route->entry.pattern);
	add_prose(sheet, route->doc->summary);
	add(sheet, "</li>\n");
}

static void add_contents(struct sheet *sheet)
{
	add(sheet, "<nav aria-label=\"Routes\">\n");
	for (size_t i = 0; i < n_operation_groups; i++) {
		buf_printf(sheet->out, "<p><a href=\"#group-%zu\">%s</a></p>\n<ul>\n", i,
			operation_groups[i].name);
		each_of_group(sheet, &operation_groups[i], add_link);
		add(sheet, "</ul>\n");
	}
	add(sheet, "<p><a href=\"#every-call\">What every call may answer</a></p>\n</nav>\n");
}

static void add_opening(struct sheet *sheet)
{
	const struct rules *const rules = sheet->call->world->rules;

	add(sheet, page_head);
	add(sheet, "<header>\n<h1>kycd API</h1>\n<p>Version ");
	add_text(sheet, sheet->call->api->version);
	add(sheet, ", at <code>");
	add_text(sheet, rules->public_url);
	add(sheet, "</code>. For programs: <a href=\"/openapi.json\">openapi.json</a>.</p>\n");
	if (rules->sandbox)
		add(sheet,
			"<p><strong>This is a sandbox: nobody is really being verified.</strong> Letters are in the "
			"<a href=\"/sandbox/inbox\">inbox</a>, unless a mail server is set.</p>\n");
	add_prose(sheet,
		"Send your key as `x-api-key`, from servers only. Branch on `status`, never on `message`. "
		"Every path is also served below `/api`. With `X-End-User-Address` you may say where the person's "
		"call came from, and with `X-Request-Id` how this call shall be named in our log.");
	add(sheet, rules->keys_optional ? " Here a call without a key is fine, too.\n" : "\n");
	add(sheet, "</header>\n");
}

/* Of the first row that has all: a key, a path with a value, a body. */
static const struct route *fullest(const struct api_context *api)
{
	const struct route *found = &api->routes[0];

	for (size_t i = 0; i < api->n_routes; i++)
		if (api->routes[i].doc && api->routes[i].path_is_known)
			found = &api->routes[i];
	return found;
}

static void add_all(struct sheet *sheet)
{
	add_opening(sheet);
	add_contents(sheet);
	add(sheet, "<main>\n");
	for (size_t i = 0; i < n_operation_groups; i++) {
		buf_printf(sheet->out,
			"<section aria-labelledby=\"group-%zu\">\n<h2 id=\"group-%zu\">%s</h2>\n<p>", i, i,
			operation_groups[i].name);
		add_prose(sheet, operation_groups[i].description);
		add(sheet, "</p>\n");
		each_of_group(sheet, &operation_groups[i], add_route);
		add(sheet, "</section>\n");
	}
	add(sheet,
		"<section aria-labelledby=\"every-call\">\n<h2 id=\"every-call\">What every call may answer</h2>\n"
		"<p>Before the route itself is asked: 401 and 429 where a key is needed, 415 where a body is.</p>\n");
	add_answers(sheet, fullest(sheet->call->api), true);
	add(sheet, "</section>\n</main>\n</body>\n</html>\n");
}

struct reply handle_docs(struct call *call)
{
	struct arena a;
	struct buf text;
	struct sheet sheet = { .call = call, .out = &text };
	struct str body = { NULL, 0 };

	arena_init(&a, DESCRIPTION_MEMORY);
	arena_init(&sheet.scratch, SCRATCH);
	buf_init(&text, &a);
	add_all(&sheet);
	if (buf_done(&text, &body) == OK)
		body = arena_copy(call->arena, body);
	arena_finish(&sheet.scratch);
	arena_finish(&a);
	if (!body.p)
		return respond(call->arena, ANSWER_UNAVAILABLE);
	struct reply reply = respond_text(200, "text/html; charset=utf-8", body);
	page_add_headers(&reply);
	return reply;
}
