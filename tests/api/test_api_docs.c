/* Tests of the documentation as HTML: the API reference has every call, every field and every word, and the
 * pages of docs/ are served in both forms. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "api/describe/docs_page.h"
#include "api/describe/documents.h"
#include "api/describe/responses.h"
#include "api/endpoints/routes.h"
#include "domain/event.h"
#include "domain/next_action.h"
#include "domain/reason.h"
#include "domain/scope.h"
#include "kit/api_fixture.h"

static struct arena pages;

static int open_pages(void **state)
{
	struct api_fixture *fx;

	assert_int_equal(api_fixture_setup(state), 0);
	fx = *state;
	arena_init(&pages, DOCS_MEMORY);
	fx->api.n_routes = n_public_routes_with_docs;
	assert_int_equal(docs_describe(&fx->api, &pages), OK);
	return 0;
}

static int close_pages(void **state)
{
	arena_finish(&pages);
	return api_fixture_teardown(state);
}

static bool has(struct str page, const char *text)
{
	return memmem(page.p, page.n, text, strlen(text)) != NULL;
}

static struct str part_of(struct str page, const char *start, const char *end)
{
	const char *const first = memmem(page.p, page.n, start, strlen(start));

	assert_non_null(first);
	const struct str rest = str_from(page, (size_t)(first - page.p));
	const char *const last = memmem(rest.p, rest.n, end, strlen(end));
	assert_non_null(last);
	return (struct str){ rest.p, (size_t)(last - rest.p) };
}

static struct str section_of(struct str page, const struct route *route)
{
	char start[120];

	(void)snprintf(start, sizeof(start), "<article class=\"call\" id=\"%s\"", route->doc->operation);
	return part_of(page, start, "</article>");
}

static void assert_has_members(struct str section, const char *prefix, const struct json_schema *schema)
{
	char text[200];

	for (size_t i = 0; schema && i < schema->n; i++) {
		const struct schema_member *const m = &schema->members[i];

		(void)snprintf(text, sizeof(text), "<code class=\"path\">%s%s</code>", prefix, m->name);
		if (!has(section, text))
			fail_msg("%s is missing", text);
		for (size_t j = 0; m->values && m->values(j); j++) {
			(void)snprintf(text, sizeof(text), "<code>%s</code>", m->values(j));
			if (m->values(j)[0] != '\0' && !has(section, text))
				fail_msg("%s of %s is missing", text, m->name);
		}
		(void)snprintf(
			text, sizeof(text), "%s%s%s.", prefix, m->name, m->kind == MEMBER_LIST ? "[]" : "");
		assert_has_members(section, text, m->schema);
	}
	if (schema)
		assert_has_members(section, prefix, schema->optional);
}

static void assert_has_response(struct str section, const struct route_response *r)
{
	char text[200];

	if (!r->plain) {
		(void)snprintf(text, sizeof(text), ">%d</span> <code>%s</code>", r->http,
			answer_rows[r->answer].status);
		if (!has(section, text))
			fail_msg("%s is missing", text);
	} else {
		assert_has_members(section, "", r->plain->schema);
	}
	if (r->doc) {
		assert_has_members(section, "data.", r->doc->data);
		assert_has_members(section, "details.", r->doc->details);
	}
}

static void reference_has_every_call_with_all_fields_and_answers(void **state)
{
	struct api_fixture *const fx = *state;
	const struct reply page = api_get(fx, NULL, "/docs");
	const struct str shared = part_of(page.body, "<h2 id=\"every-call\">", "<h2 id=\"status-words\">");
	struct route_response responses[ROUTE_RESPONSES_MAX];
	char text[200];

	assert_int_equal(page.status, 200);
	for (size_t i = 0; i < n_public_routes; i++) {
		const struct route *const route = public_routes[i];
		const struct str section = section_of(page.body, route);
		const size_t n = route_responses(route, responses);

		(void)snprintf(text, sizeof(text), "<span class=\"method\">%s</span> <code>%s</code>",
			method_name(route->entry.method).p, route->entry.pattern);
		assert_true(has(section, text));
		for (size_t j = 0; route->form && j < route->form->n; j++) {
			(void)snprintf(text, sizeof(text), "<code class=\"path\">%s</code>",
				route->form->fields[j].name);
			assert_true(has(section, text));
		}
		for (size_t j = 0; j < n; j++) {
			const bool is_own = !responses[j].shared ||
					    responses[j].answer == ANSWER_MISSING_PARAMS ||
					    responses[j].answer == ANSWER_INVALID_PARAMETERS ||
					    responses[j].answer == ANSWER_METHOD_NOT_FOUND;

			assert_has_response(is_own ? section : shared, &responses[j]);
		}
	}
}

static void nullable_and_occasional_fields_are_marked(void **state)
{
	struct api_fixture *const fx = *state;
	const struct str page = api_get(fx, NULL, "/docs").body;

	assert_true(has(section_of(page, &quota_route),
		"<code class=\"path\">data.limit</code> <span class=\"type\">integer, nullable</span>"));
	assert_true(has(section_of(page, &status_route),
		"<code class=\"path\">data.next_action</code> <span class=\"type\">string, only in some answers</span>"));
	assert_true(has(section_of(page, &create_route), "string, in the path, required"));
}

static void tables_have_every_word_of_the_program(void **state)
{
	struct api_fixture *const fx = *state;
	const struct str page = api_get(fx, NULL, "/docs").body;
	const struct str words = part_of(page, "<h2 id=\"status-words\">", "</body>");
	char text[120];

	for (enum answer answer = 0; answer < ANSWER_COUNT; answer++) {
		(void)snprintf(text, sizeof(text), "<code>%s</code>", answer_rows[answer].status);
		if (!has(words, text) && has(part_of(page, "<h1>", "<h2 id=\"status-words\">"), text))
			fail_msg("%s is missing", text);
	}
	for (enum session_status s = STATUS_CREATING + 1; s < STATUS_COUNT; s++) {
		(void)snprintf(text, sizeof(text), "<tr><td><code>%s</code></td><td><code>%s</code></td>",
			session_status_provider_name(s), session_status_api_name(s));
		assert_true(has(words, text));
	}
	for (enum reason reason = 0; reason < REASON_COUNT; reason++) {
		(void)snprintf(text, sizeof(text),
			"<tr><td><code>%s</code></td><td><code>%s</code></td></tr>", reason_name(reason),
			reason_name(reason_for_people(reason)));
		assert_true(has(words, text));
	}
	for (size_t i = 0; next_action_name_at(i); i++)
		assert_true(has(words, next_action_name_at(i)));
	for (enum event_type type = EVENT_NONE + 1; type < EVENT_TYPE_COUNT; type++)
		assert_true(has(words, event_type_name(type)));
	for (enum scope scope = SCOPE_ANY + 1; scope < SCOPE_COUNT; scope++)
		assert_true(has(words, scope_name(scope)));
}

static void example_beside_the_samples_is_that_of_the_usual_answer(void **state)
{
	struct api_fixture *const fx = *state;
	const struct str page = api_get(fx, NULL, "/docs").body;

	for (size_t i = 0; i < n_public_routes; i++) {
		const struct operation_doc *const doc = public_routes[i]->doc;
		const struct str section = section_of(page, public_routes[i]);
		char text[200];

		if (doc->plain[0] || doc->n_responses == 0)
			continue;
		assert_true(answer_rows[doc->responses[0].answer].http < 300);
		(void)snprintf(text, sizeof(text),
			"<figcaption>Answer <span class=\"http good\">%d</span> <code>%s</code></figcaption>",
			answer_rows[doc->responses[0].answer].http,
			answer_rows[doc->responses[0].answer].status);
		if (!has(section, text))
			fail_msg("%s of %s is missing", text, doc->operation);
	}
}

static void forms_are_only_in_development_mode(void **state)
{
	struct api_fixture *const fx = *state;

	assert_false(has(api_get(fx, NULL, "/docs").body, "class=\"try\""));
	assert_true(has(api_get(fx, NULL, "/docs").body, "x-api-key: $KYCD_API_KEY"));
	fx->api.docs = (struct docs_options){ .is_dev = true, .has_inbox = true };
	fx->app.rules.keys_optional = true;
	assert_int_equal(docs_describe(&fx->api, &pages), OK);
	const struct str page = api_get(fx, NULL, "/docs").body;
	assert_true(has(section_of(page, &create_route), "data-path=\"/kyc/create/:kyc_type\""));
	assert_false(has(section_of(page, &didit_webhook_route), "class=\"try\""));
	assert_false(has(page, "x-api-key: $KYCD_API_KEY"));
	assert_true(has(page, "href=\"/sandbox/inbox\""));
}

static void values_of_the_settings_are_escaped(void **state)
{
	struct api_fixture *const fx = *state;

	fx->app.rules.public_url = STR("http://a.test/<b>&'\"");
	fx->app.rules.brand = STR("<b>\"");
	assert_int_equal(docs_describe(&fx->api, &pages), OK);
	assert_false(has(api_get(fx, NULL, "/docs").body, "<b>"));
}

static void pages_of_docs_are_served_as_html_and_as_markdown(void **state)
{
	struct api_fixture *const fx = *state;
	char path[80];

	for (size_t i = 0; i < n_documents; i++) {
		(void)snprintf(path, sizeof(path), "/docs/%s", documents[i].name);
		const struct reply markdown = api_get(fx, NULL, path);
		assert_string_equal(markdown.content_type, "text/markdown; charset=utf-8");
		path[strlen(path) - strlen(".md")] = '\0';
		const struct reply html = api_get(fx, NULL, path);
		assert_int_equal(html.status, 200);
		assert_string_equal(html.content_type, "text/html; charset=utf-8");
		assert_true(has(html.body, documents[i].title));
		assert_false(has(html.body, "<!--"));
	}
	assert_int_equal(api_get(fx, NULL, "/docs/integrat").status, 404);
}

static void too_little_memory_is_reported(void **state)
{
	struct api_fixture *const fx = *state;
	struct arena small;

	for (size_t limit = 100; limit < DOCS_MEMORY / 8; limit *= 3) {
		arena_init(&small, limit);
		assert_int_not_equal(docs_describe(&fx->api, &small), OK);
		assert_int_equal(api_get(fx, NULL, "/docs").status, 503);
		arena_finish(&small);
	}
	/* The pages may grow to twice their size before the limit is too low. */
	arena_init(&small, DOCS_MEMORY / 2);
	assert_int_equal(docs_describe(&fx->api, &small), OK);
	fx->api.docs_pages = NULL;
	arena_finish(&small);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, open_pages, close_pages)
	static const struct CMUnitTest tests[] = {
		TEST(reference_has_every_call_with_all_fields_and_answers),
		TEST(nullable_and_occasional_fields_are_marked),
		TEST(tables_have_every_word_of_the_program),
		TEST(example_beside_the_samples_is_that_of_the_usual_answer),
		TEST(forms_are_only_in_development_mode),
		TEST(values_of_the_settings_are_escaped),
		TEST(pages_of_docs_are_served_as_html_and_as_markdown),
		TEST(too_little_memory_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
