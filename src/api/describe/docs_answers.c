#include "api/describe/docs_build.h"
#include "api/describe/json_indent.h"

static bool has_example(const struct route_response *r)
{
	return route_response_is_json(r) && (!r->plain || r->plain->schema);
}

static struct str answer_example(
	struct docs_builder *b, const struct route_response *r, const struct route *route)
{
	struct buf compact, indented;
	struct json_writer w;

	if (!has_example(r))
		return STR("");
	buf_init(&compact, b->a);
	json_writer_init(&w, &compact);
	write_response_example(&w, r, route);
	const struct str json = docs_done(b, &compact);
	buf_init(&indented, b->a);
	json_indent(&indented, json);
	return docs_done(b, &indented);
}

/* Adds an answer and returns it; NULL if the arena is too small. */
static struct docs_answer *add_answer(struct docs_builder *b, struct template_list *answers,
	const struct route_response *r, const struct route *route)
{
	struct docs_answer *const answer = docs_add(b, answers, sizeof(*answer));
	const bool of_form = r->answer == ANSWER_MISSING_PARAMS && route->form;
	const char *const meaning = of_form    ? route->form->missing
				    : r->plain ? r->plain->description
					       : answer_rows[r->answer].message;

	if (!answer)
		return NULL;
	answer->http = arena_printf(b->a, "%d", r->http);
	answer->word = r->plain ? STR("") : str_of(answer_rows[r->answer].status);
	answer->markup = docs_prose(b, meaning);
	answer->is_good = r->http < 400;
	answer->example = answer_example(b, r, route);
	docs_add_answer_fields(b, &answer->fields, r);
	return answer;
}

/* Returns true for the answers of checks that concern every call. */
static bool is_shared(const struct route_response *r)
{
	return r->shared && r->answer != ANSWER_MISSING_PARAMS && r->answer != ANSWER_INVALID_PARAMETERS &&
	       r->answer != ANSWER_METHOD_NOT_FOUND;
}

/* Returns whether this is the usual answer: the first one that the description of the route lists. */
static bool is_usual(const struct route_response *r, const struct route *route)
{
	const struct operation_doc *const doc = route->doc;

	return doc->plain[0] ? r->plain == doc->plain[0]
			     : !r->plain && doc->n_responses > 0 && r->answer == doc->responses[0].answer;
}

void docs_set_answers(struct docs_builder *b, struct docs_call *call, const struct route *route)
{
	struct route_response responses[ROUTE_RESPONSES_MAX];
	const size_t n = route_responses(route, responses);

	for (size_t i = 0; i < n; i++) {
		if (is_shared(&responses[i]))
			continue;
		struct docs_answer *const answer = add_answer(b, &call->answers, &responses[i], route);
		if (!answer || !is_usual(&responses[i], route))
			continue;
		/* Its example stands beside the samples. */
		call->answer_http = answer->http;
		call->answer_word = answer->word;
		call->answer_example = answer->example;
		answer->example = STR("");
		answer->is_open = true;
	}
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

void docs_add_shared_answers(struct docs_builder *b, struct template_list *answers)
{
	const struct route *const route = route_with_all_checks(b->api);
	struct route_response responses[ROUTE_RESPONSES_MAX];
	const size_t n = route_responses(route, responses);

	for (size_t i = 0; i < n; i++)
		if (is_shared(&responses[i]))
			(void)add_answer(b, answers, &responses[i], route);
}
