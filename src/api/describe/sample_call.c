#include <assert.h>
#include <string.h>

#include "api/describe/json_indent.h"
#include "api/describe/request_schema.h"
#include "api/describe/responses.h"
#include "api/describe/sample.h"

bool route_has_samples(const struct route *route)
{
	return route->doc && !route->doc->example_body;
}

/* Returns the example of a path parameter. */
static struct str path_example(const struct route *route, struct str name)
{
	for (size_t i = 0; i < route->doc->n_params; i++)
		if (route->doc->params[i].place == IN_PATH &&
			str_eq(str_of(route->doc->params[i].name), name))
			return str_of(route->doc->params[i].example);
	assert(false); /* every parameter of a path is described */
	return name;
}

static enum err set_url(const struct route *route, struct str base, struct arena *a, struct str *out)
{
	struct str rest = str_of(route->entry.pattern), segment;
	struct buf url;

	buf_init(&url, a);
	buf_add(&url, base);
	(void)str_cut(&rest, '/', &segment);
	for (bool more = true; more;) {
		more = str_cut(&rest, '/', &segment);
		buf_char(&url, '/');
		buf_add(&url,
			str_starts(segment, STR(":")) ? path_example(route, str_from(segment, 1)) : segment);
	}
	return buf_done(&url, out);
}

static void set_query(const struct form *form, struct sample_call *out)
{
	for (size_t i = 0; i < form->n; i++) {
		const struct field *const f = &form->fields[i];

		if (f->presence != FIELD_REQUIRED && !(form->one_of && i == 0))
			continue;
		assert(out->n_query < SAMPLE_QUERY_MAX);
		out->query[out->n_query].name = str_of(f->name);
		out->query[out->n_query++].value = str_of(f->example);
	}
}

static enum err set_body(const struct form *form, struct arena *a, struct str *out)
{
	struct buf compact, indented;
	struct json_writer w;
	struct str json;

	buf_init(&compact, a);
	json_writer_init(&w, &compact);
	write_form_example(&w, form);
	TRY(buf_done(&compact, &json));
	buf_init(&indented, a);
	json_indent(&indented, json);
	return buf_done(&indented, out);
}

static bool usual_answer_is_json(const struct route *route)
{
	struct route_response responses[ROUTE_RESPONSES_MAX];

	return route_responses(route, responses) > 0 && route_response_is_json(&responses[0]);
}

enum err sample_call_of(
	const struct route *route, struct str base, bool with_key, struct arena *a, struct sample_call *out)
{
	*out = (struct sample_call){ .method = method_name(route->entry.method),
		.has_key = with_key && route->guard == GUARD_TENANT,
		.is_json = usual_answer_is_json(route) };
	TRY(set_url(route, base, a, &out->url));
	if (!route->form)
		return OK;
	if (route->entry.method != METHOD_GET)
		return set_body(route->form, a, &out->body);
	set_query(route->form, out);
	return OK;
}
