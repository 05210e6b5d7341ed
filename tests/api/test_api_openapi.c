/* Tests of the OpenAPI document that is generated from the routes, and of the check of
 * replies against it. */
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

static const struct json_value *json_at_path(const struct json_value *value, const char *const *path)
{
	for (; *path; path++)
		value = json_get(value, *path);
	return value;
}
#define AT(value, ...) json_at_path((value), (const char *const[]){ __VA_ARGS__, NULL })

static void document_is_served_at_its_route(void **state)
{
	struct api_fixture *const fx = *state;
	const struct json_value *document cleanup_with(json_cleanup) = NULL;
	const struct json_value *document_with_optional_key cleanup_with(json_cleanup) = NULL;
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
	/* The document lists calls without a key as allowed only if the configuration allows them. */
	assert_int_equal(json_count(AT(document, "paths", "/kyc/prepare", "post", "security")), 1);
	fx->app.rules.keys_optional = true;
	assert_int_equal(openapi_describe(&fx->api, &fx->app.arena), OK);
	const struct reply other = api_get(fx, NULL, "/openapi.json");
	assert_int_equal(json_parse(other.body, true, &document_with_optional_key), OK);
	assert_int_equal(
		json_count(AT(document_with_optional_key, "paths", "/kyc/prepare", "post", "security")), 2);
	assert_int_equal(
		json_count(AT(document_with_optional_key, "paths", "/webhooks/didit", "post", "security")),
		0);
}

static void body_schema_follows_the_form(void **state)
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
	assert_int_equal(json_kind_of(json_get(address, "properties")), JSON_KIND_ABSENT);
	assert_int_equal(json_count(json_get(address, "anyOf")), 3);
	for (size_t i = 0; i < 3; i++) {
		const struct json_value *const whole = json_at(json_get(address, "anyOf"), i);

		assert_int_equal(json_count(json_get(whole, "required")), 1);
		assert_true(str_eq(json_text(AT(whole, "properties", "email", "format")), STR("email")));
		assert_int_equal(json_kind_of(json_get(whole, "additionalProperties")), JSON_KIND_BOOL);
	}
}

/* Each enum has all values of its table in src/domain, each value once. */
static void enums_list_all_values(void **state)
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
	/* Includes null. */
	assert_int_equal(json_count(AT(schemas, "kyc_not_found", "properties", "details", "properties",
				 "last_code", "enum")),
		6);
	assert_int_equal(json_count(AT(schemas, "failed_create", "properties", "details", "properties",
				 "cause", "enum")),
		5);
}

static void every_public_route_has_its_own_description(void **state)
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

static void undocumented_replies_are_detected(void **state)
{
	static const struct {
		const char *name, *path;
		enum method method;
		int status;
		const char *body;
		bool documented;
	} rows[] = {
		{ "listed for the route", "/kyc/prepare", METHOD_POST, 201,
			"{\"statusCode\":201,\"status\":\"user_prepared\"}", true },
		{ "listed for another route", "/kyc/prepare", METHOD_POST, 201,
			"{\"statusCode\":201,\"status\":\"otp_sent\"}", false },
		{ "listed with another HTTP status", "/kyc/prepare", METHOD_POST, 200,
			"{\"statusCode\":200,\"status\":\"user_prepared\"}", false },
		{ "the failure of another route", "/kyc/prepare", METHOD_POST, 500,
			"{\"statusCode\":500,\"status\":\"server_error\"}", false },
		{ "common to all routes", "/return", METHOD_GET, 431,
			"{\"statusCode\":431,\"status\":\"header_too_large\"}", true },
		{ "of the guard", "/kyc/prepare", METHOD_POST, 401, "{\"code\":401}", true },
		{ "of the guard, on a route without one", "/return", METHOD_GET, 401, "{\"code\":401}",
			false },
		{ "of the content type check, on a route without a body", "/kyc/status", METHOD_GET, 415,
			"{\"statusCode\":415,\"status\":\"unsupported_media_type\"}", false },
		{ "a redirect", "/return", METHOD_GET, 303, "", true },
		{ "a redirect of another route", "/health/live", METHOD_GET, 303, "", false },
	};
	struct api_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct request request = { .method = rows[i].method, .path = str_of(rows[i].path) };
		const struct reply reply = { .status = rows[i].status, .body = str_of(rows[i].body) };

		if (reply_is_documented(fx, &request, &reply) != rows[i].documented)
			fail_msg("%s", rows[i].name);
	}
}

static void page_is_served_only_with_the_documentation(void **state)
{
	struct api_fixture *const fx = *state;

	assert_int_equal(api_get(fx, NULL, "/docs").status, 404);
	assert_int_equal(api_post(fx, NULL, "/docs", "{}").status, 404);
	fx->api.n_routes = n_public_routes_with_docs;
	assert_int_equal(api_get(fx, NULL, "/").status, 404);
	assert_int_equal(api_get(fx, NULL, "/docs").status, 503); /* it was not built at the start */
	fx->api.n_routes = n_public_routes_in_dev;
	assert_int_equal(api_get(fx, NULL, "/").status, 303);
}

static void too_little_memory_gives_an_error(void **state)
{
	struct api_fixture *const fx = *state;
	struct arena small;
	const struct api_spec spec = {
		.routes = public_routes, .n_routes = n_public_routes, .url = STR("/"), .version = STR("1")
	};
	struct arena large, a;
	struct str text;

	arena_init(&small, 100);
	assert_int_equal(openapi_describe(&fx->api, &small), ERR_INTERNAL);
	arena_finish(&small);
	assert_int_equal(api_get(fx, NULL, "/openapi.json").status, 503);
	arena_init(&large, DESCRIPTION_MEMORY);
	assert_int_equal(openapi_print(&large, &spec, &text), OK);
	/* The document may grow to several times its size before its memory limit is too low. */
	assert_true(text.n < DESCRIPTION_MEMORY / 8);
	arena_finish(&large);
	for (size_t limit = 1000; limit < (size_t)120 * 1000; limit += 7000) {
		arena_init(&a, limit);
		assert_int_equal(openapi_print(&a, &spec, &text), ERR_INPUT);
		arena_finish(&a);
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, api_fixture_setup, api_fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(document_is_served_at_its_route),
		TEST(body_schema_follows_the_form),
		TEST(enums_list_all_values),
		TEST(every_public_route_has_its_own_description),
		TEST(undocumented_replies_are_detected),
		TEST(page_is_served_only_with_the_documentation),
		TEST(too_little_memory_gives_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
