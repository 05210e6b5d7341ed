#include <string.h>

#include "api/describe/docs_build.h"
#include "api/describe/sample.h"

static void add_samples(
	struct docs_builder *b, struct template_list *samples, const struct sample_call *sample_call)
{
	for (enum sample_language language = 0; language < SAMPLE_LANGUAGES; language++) {
		struct docs_sample *const sample = docs_add(b, samples, sizeof(*sample));
		struct buf program;

		if (!sample)
			return;
		buf_init(&program, b->a);
		write_sample(&program, language, sample_call);
		*sample = (struct docs_sample){ str_of(sample_language_word(language)),
			str_of(sample_language_name(language)), docs_done(b, &program), language == 0 };
	}
}

static void add_input(struct docs_builder *b, struct docs_call *call, const char *place, const char *name,
	struct str example)
{
	struct docs_input *const input = docs_add(b, &call->inputs, sizeof(*input));

	if (!input)
		return;
	input->id = arena_printf(b->a, "%.*s-%s", STR_ARG(call->operation), name);
	input->label = str_of(name);
	input->place = str_of(place);
	input->example = example;
}

/* Returns the value that a parameter of the query has in the samples; empty if they do not have it. */
static struct str sample_value(const struct sample_call *sample_call, const char *name)
{
	for (size_t i = 0; i < sample_call->n_query; i++)
		if (str_eq(sample_call->query[i].name, str_of(name)))
			return sample_call->query[i].value;
	return STR("");
}

/* Adds the fields of the form that sends the call: the parameters in the path and in the query, with the same
 * values as in the samples. */
static void add_inputs(struct docs_builder *b, struct docs_call *call, const struct route *route,
	const struct sample_call *sample_call)
{
	const struct form *const form = route->entry.method == METHOD_GET ? route->form : NULL;

	for (size_t i = 0; i < route->doc->n_params; i++) {
		const struct param_doc *const param = &route->doc->params[i];

		if (param->place == IN_PATH)
			add_input(b, call, "path", param->name, str_of(param->example));
		else if (param->place == IN_QUERY)
			add_input(b, call, "query", param->name, STR(""));
	}
	for (size_t i = 0; form && i < form->n; i++)
		add_input(b, call, "query", form->fields[i].name,
			sample_value(sample_call, form->fields[i].name));
}

static void set_samples(struct docs_builder *b, struct docs_call *call, const struct route *route)
{
	const struct rules *const rules = b->api->world->rules;
	struct sample_call sample_call;

	if (!route_has_samples(route))
		return;
	if (sample_call_of(route, rules->public_url, !rules->keys_optional, b->a, &sample_call) != OK) {
		b->failed = true;
		return;
	}
	add_samples(b, &call->samples, &sample_call);
	call->can_try = b->api->docs.is_dev;
	call->body = sample_call.body;
	if (call->can_try)
		add_inputs(b, call, route, &sample_call);
}

static void add_call(struct docs_builder *b, struct template_list *calls, const struct route *route)
{
	const struct operation_doc *const doc = route->doc;
	struct docs_call *const call = docs_add(b, calls, sizeof(*call));

	if (!call)
		return;
	call->operation = str_of(doc->operation);
	call->method = method_name(route->entry.method);
	call->path = str_of(route->entry.pattern);
	call->title = str_of(doc->summary);
	call->markup = docs_prose(b, doc->description);
	call->needs_key = route->guard == GUARD_TENANT;
	call->has_query = route->entry.method == METHOD_GET;
	if (route->scope != SCOPE_ANY)
		call->scope = str_of(scope_name(route->scope));
	docs_add_request_fields(b, &call->fields, route);
	docs_set_answers(b, call, route);
	set_samples(b, call, route);
}

void docs_add_groups(struct docs_builder *b, struct template_list *groups)
{
	const struct api_context *const api = b->api;

	for (size_t i = 0; i < n_operation_groups; i++) {
		struct docs_group *const group = docs_add(b, groups, sizeof(*group));

		if (!group)
			return;
		group->id = docs_id(b, "group-", operation_groups[i].name);
		group->name = str_of(operation_groups[i].name);
		group->markup = docs_prose(b, operation_groups[i].description);
		for (size_t j = 0; j < api->n_routes; j++)
			if (api->routes[j]->doc &&
				strcmp(api->routes[j]->doc->group, operation_groups[i].name) == 0)
				add_call(b, &group->calls, api->routes[j]);
	}
}
