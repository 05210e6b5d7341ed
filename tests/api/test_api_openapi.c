/* The description that is printed from the tables, the page that shows it, and what a row may say. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "api/core/route.h"
#include "api/describe/openapi.h"
#include "api/describe/responses.h"
#include "api/endpoints/routes.h"
#include "kit/api_fixture.h"
#include "text/json.h"

static const struct json_value *at(const struct json_value *value, const char *const *path)
{
	for (; *path; path++)
		value = json_get(value, *path);
	return value;
}
#define AT(value, ...) at((value), (const char *const[]){ __VA_ARGS__, NULL })

static void it_stands_at_its_route(void **state)
{
	struct api_fixture *const fx = *state;
	const struct json_value *document cleanup_with(json_cleanup) = NULL;
	const struct json_value *open cleanup_with(json_cleanup) = NULL;
	const struct reply reply = api_get(fx, NULL, "/openapi.json");

	assert_int_equal(reply.status, 200);
	assert_int_equal(json_parse(reply.body, true, &document), OK);
	assert_true(str_eq(json_text(json_get(document, "openapi")), STR("3.1.0")));
	assert_true(str_eq(json_text(json_get(json_at(json_get(document, "servers"), 0), "url")),
		fx->app.rules.public_url));
	assert_true(str_eq(api_get(fx, NULL, "/api/openapi.json").body, reply.body));
	assert_int_equal(
		api_send(fx, &(struct test_request){ .method = METHOD_POST, .path = "/openapi.json" }).status,
		405);
	/* A call without a key is fine only where the settings say so. */
	assert_int_equal(json_count(AT(document, "paths", "/kyc/prepare", "post", "security")), 1);
	fx->app.rules.keys_optional = true;
	assert_int_equal(openapi_describe(&fx->api, &fx->app.arena), OK);
	const struct reply other = api_get(fx, NULL, "/openapi.json");
	assert_int_equal(json_parse(other.body, true, &open), OK);
	assert_int_equal(json_count(AT(open, "paths", "/kyc/prepare", "post", "security")), 2);
	assert_int_equal(json_count(AT(open, "paths", "/webhooks/didit", "post", "security")), 0);
}

static void fields_are_those_of_the_form(void **state)
{
	struct api_fixture *const fx = *state;
	const struct json_value *document cleanup_with(json_cleanup) = NULL;
	const struct reply reply = api_get(fx, NULL, "/openapi.json");
	const struct json_value *code, *address;

	assert_int_equal(json_parse(reply.body, true, &document), OK);
	code = AT(document, "paths", "/security/email/verify-otp", "post", "requestBody", "content",
		"application/json", "schema");
	assert_int_equal(json_count(json_get(code, "required")), 2);
	assert_int_equal(json_kind_of(json_get(code, "anyOf")), JSON_KIND_ABSENT);
	address = AT(document, "paths", "/kyc/status", "post", "requestBody", "content", "application/json",
		"schema");
	assert_int_equal(json_kind_of(json_get(address, "required")), JSON_KIND_ABSENT);
	assert_int_equal(json_count(json_get(address, "anyOf")), 3);
	assert_true(str_eq(json_text(AT(address, "properties", "email", "format")), STR("email")));
}

/* The words come from the tables of the rules, each once. */
static void words(void **state)
{
	struct api_fixture *const fx = *state;
	const struct json_value *document cleanup_with(json_cleanup) = NULL;
	const struct reply reply = api_get(fx, NULL, "/openapi.json");
	const struct json_value *schemas;

	assert_int_equal(json_parse(reply.body, true, &document), OK);
	schemas = AT(document, "components", "schemas");
	assert_int_equal(json_count(AT(schemas, "status_retrieved", "properties", "data", "properties",
				 "status", "enum")),
		5);
	assert_int_equal(json_count(AT(schemas, "status_retrieved", "properties", "data", "properties",
				 "session_status", "enum")),
		10);
	/* And null. */
	assert_int_equal(json_count(AT(schemas, "kyc_not_found", "properties", "details", "properties",
				 "last_code", "enum")),
		6);
	assert_int_equal(json_count(AT(schemas, "failed_create", "properties", "details", "properties",
				 "cause", "enum")),
		4);
}

static void every_public_row_has_a_card_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_public_routes; i++) {
		const struct operation_doc *const doc = public_routes[i]->doc;
		bool known = false;

		assert_non_null(doc);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(doc->operation, public_routes[j]->doc->operation);
		for (size_t j = 0; j < n_operation_groups; j++)
			known = known || strcmp(doc->group, operation_groups[j].name) == 0;
		assert_true(known);
	}
	for (size_t i = n_public_routes; i < n_public_routes_in_dev; i++)
		assert_null(public_routes[i]->doc);
}

static void what_no_row_names_is_found(void **state)
{
	static const struct {
		const char *says, *path;
		enum method method;
		int status;
		const char *body;
		bool named;
	} rows[] = {
		{ "its own", "/kyc/prepare", METHOD_POST, 201,
			"{\"statusCode\":201,\"status\":\"user_prepared\"}", true },
		{ "another route's", "/kyc/prepare", METHOD_POST, 201,
			"{\"statusCode\":201,\"status\":\"otp_sent\"}", false },
		{ "a word with another number", "/kyc/prepare", METHOD_POST, 200,
			"{\"statusCode\":200,\"status\":\"user_prepared\"}", false },
		{ "another route's failure", "/kyc/prepare", METHOD_POST, 500,
			"{\"statusCode\":500,\"status\":\"server_error\"}", false },
		{ "of all routes", "/return", METHOD_GET, 431,
			"{\"statusCode\":431,\"status\":\"header_too_large\"}", true },
		{ "the gate's", "/kyc/prepare", METHOD_POST, 401, "{\"code\":401}", true },
		{ "the gate's where there is none", "/return", METHOD_GET, 401, "{\"code\":401}", false },
		{ "a media type without a body", "/kyc/status", METHOD_GET, 415,
			"{\"statusCode\":415,\"status\":\"unsupported_media_type\"}", false },
		{ "a way on", "/return", METHOD_GET, 303, "", true },
		{ "a way on from elsewhere", "/health/live", METHOD_GET, 303, "", false },
	};
	struct api_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct request request = { .method = rows[i].method, .path = str_of(rows[i].path) };
		const struct reply reply = { .status = rows[i].status, .body = str_of(rows[i].body) };

		if (reply_is_documented(fx, &request, &reply) != rows[i].named)
			fail_msg("%s", rows[i].says);
	}
}

static void the_page_is_there_in_dev_alone(void **state)
{
	struct api_fixture *const fx = *state;

	assert_int_equal(api_get(fx, NULL, "/docs").status, 404);
	assert_int_equal(api_post(fx, NULL, "/docs", "{}").status, 404);
	fx->api.n_routes = n_public_routes_in_dev;
	const struct reply page = api_get(fx, NULL, "/docs");
	assert_int_equal(page.status, 200);
	assert_non_null(memmem(page.body.p, page.body.n, "</html>", 7));
	for (size_t i = 0; i < n_public_routes; i++) {
		const struct router_entry *const entry = &public_routes[i]->entry;
		char heading[160];

		(void)snprintf(heading, sizeof(heading), "<span class=\"method\">%s</span> <code>%s</code>",
			method_name(entry->method).p, entry->pattern);
		if (!memmem(page.body.p, page.body.n, heading, strlen(heading)))
			fail_msg("no %s on the page", heading);
	}
	/* What the settings say is text. */
	fx->app.rules.public_url = STR("http://a.test/<b>&'\"");
	const struct reply escaped = api_get(fx, NULL, "/docs");
	assert_null(memmem(escaped.body.p, escaped.body.n, "<b>", 3));
}

static void no_room(void **state)
{
	struct api_fixture *const fx = *state;
	struct arena small;
	const struct api_spec all = {
		.routes = public_routes, .n_routes = n_public_routes, .url = STR("/"), .version = STR("1")
	};
	struct arena whole, a;
	struct str text;

	arena_init(&small, 100);
	assert_int_equal(openapi_describe(&fx->api, &small), ERR_INTERNAL);
	arena_finish(&small);
	assert_int_equal(api_get(fx, NULL, "/openapi.json").status, 503);
	arena_init(&whole, DESCRIPTION_MEMORY);
	assert_int_equal(openapi_print(&whole, &all, &text), OK);
	/* Four times as much may still be described. */
	assert_true(text.n < DESCRIPTION_MEMORY / 8);
	arena_finish(&whole);
	for (size_t limit = 1000; limit < (size_t)120 * 1000; limit += 7000) {
		arena_init(&a, limit);
		assert_int_equal(openapi_print(&a, &all, &text), ERR_INPUT);
		arena_finish(&a);
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, api_fixture_setup, api_fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(it_stands_at_its_route),
		TEST(fields_are_those_of_the_form),
		TEST(words),
		TEST(every_public_row_has_a_card_of_its_own),
		TEST(what_no_row_names_is_found),
		TEST(the_page_is_there_in_dev_alone),
		TEST(no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
