/* Tests of the samples of calls in curl, Node.js and Python. tests/e2e/reference_samples.test.mjs runs those
 * of every route. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "api/describe/sample.h"
#include "api/endpoints/routes.h"

static struct arena arena;

static int open_arena(void **state)
{
	(void)state;
	arena_init(&arena, (size_t)64 * 1024);
	return 0;
}

static int close_arena(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

static void assert_sample(enum sample_language language, const struct sample_call *call, const char *expected)
{
	struct buf out;
	struct str text;

	buf_init(&out, &arena);
	write_sample(&out, language, call);
	assert_int_equal(buf_done(&out, &text), OK);
	assert_string_equal(arena_printf(&arena, "%.*s", STR_ARG(text)).p, expected);
}

static void call_with_body_and_key(void **state)
{
	struct sample_call call;

	(void)state;
	assert_int_equal(sample_call_of(&prepare_route, STR("https://kyc.example"), true, &arena, &call), OK);
	assert_sample(SAMPLE_CURL, &call,
		"curl -s https://kyc.example/kyc/prepare \\\n"
		"  -H \"x-api-key: $KYCD_API_KEY\" \\\n"
		"  -H 'Content-Type: application/json' \\\n"
		"  -d '{\n  \"email\": \"ana.exemplo@example.com\"\n}'");
	assert_sample(SAMPLE_NODE, &call,
		"const response = await fetch(\"https://kyc.example/kyc/prepare\", {\n"
		"  method: \"POST\",\n"
		"  headers: {\n"
		"    \"x-api-key\": process.env.KYCD_API_KEY,\n"
		"    \"content-type\": \"application/json\",\n"
		"  },\n"
		"  body: JSON.stringify({\n    \"email\": \"ana.exemplo@example.com\"\n  }),\n"
		"});\n"
		"console.log(response.status, await response.json());");
	assert_sample(SAMPLE_PYTHON, &call,
		"import json\nimport os\nimport urllib.error\nimport urllib.request\n\n"
		"request = urllib.request.Request(\n"
		"    \"https://kyc.example/kyc/prepare\",\n"
		"    method=\"POST\",\n"
		"    headers={\n"
		"        \"x-api-key\": os.environ[\"KYCD_API_KEY\"],\n"
		"        \"content-type\": \"application/json\",\n"
		"    },\n"
		"    data=json.dumps({\n      \"email\": \"ana.exemplo@example.com\"\n    }).encode(),\n"
		")\n"
		"try:\n    response = urllib.request.urlopen(request)\n"
		"except urllib.error.HTTPError as error:\n    response = error\n"
		"print(response.status, json.load(response))");
}

static void call_with_a_query_and_without_key(void **state)
{
	struct sample_call call;

	(void)state;
	assert_int_equal(
		sample_call_of(&status_query_route, STR("http://localhost"), false, &arena, &call), OK);
	assert_false(call.has_key);
	assert_sample(SAMPLE_CURL, &call,
		"curl -s --get http://localhost/kyc/status \\\n"
		"  --data-urlencode 'email=ana.exemplo@example.com'");
	assert_sample(SAMPLE_NODE, &call,
		"const response = await fetch(\"http://localhost/kyc/status?\" + "
		"new URLSearchParams({ \"email\": \"ana.exemplo@example.com\" }));\n"
		"console.log(response.status, await response.json());");
}

static void path_parameters_have_their_examples(void **state)
{
	struct sample_call call;

	(void)state;
	assert_int_equal(sample_call_of(&get_user_route, STR(""), false, &arena, &call), OK);
	assert_true(str_starts(call.url, STR("/v1/users/usr_")));
}

static void quotes_and_words_are_written_as_the_language_needs_them(void **state)
{
	const struct sample_call call = { .method = STR("PATCH"),
		.url = STR("http://a.test/'\"\\"),
		.body = STR("{\n  \"it's\": true,\n  \"b\": \"null \\\" \\\\\",\n  \"c\": null\n}") };

	(void)state;
	assert_sample(SAMPLE_CURL, &call,
		"curl -s -X PATCH 'http://a.test/'\\''\"\\' \\\n"
		"  -H 'Content-Type: application/json' \\\n"
		"  -d '{\n  \"it'\\''s\": true,\n  \"b\": \"null \\\" \\\\\",\n  \"c\": null\n}'");
	assert_sample(SAMPLE_PYTHON, &call,
		"import json\nimport urllib.error\nimport urllib.request\n\n"
		"request = urllib.request.Request(\n"
		"    \"http://a.test/'\\\"\\\\\",\n"
		"    method=\"PATCH\",\n"
		"    headers={\n        \"content-type\": \"application/json\",\n    },\n"
		"    data=json.dumps({\n      \"it's\": True,\n      \"b\": \"null \\\" \\\\\",\n      \"c\": None\n    }).encode(),\n"
		")\n"
		"try:\n    response = urllib.request.urlopen(request)\n"
		"except urllib.error.HTTPError as error:\n    response = error\n"
		"print(response.status, response.read().decode())");
}

static void every_route_but_the_providers_webhook_has_samples(void **state)
{
	struct sample_call call;

	(void)state;
	for (size_t i = 0; i < n_public_routes; i++) {
		assert_int_equal(
			route_has_samples(public_routes[i]), public_routes[i] != &didit_webhook_route);
		if (!route_has_samples(public_routes[i]))
			continue;
		assert_int_equal(sample_call_of(public_routes[i], STR(""), true, &arena, &call), OK);
		assert_int_equal(call.has_key, public_routes[i]->guard == GUARD_TENANT);
	}
}

static void too_little_memory_gives_an_error(void **state)
{
	struct sample_call call;
	struct arena small;

	(void)state;
	arena_init(&small, 16);
	assert_int_equal(
		sample_call_of(&prepare_route, STR("http://localhost"), true, &small, &call), ERR_INPUT);
	arena_finish(&small);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, open_arena, close_arena)
	static const struct CMUnitTest tests[] = {
		TEST(call_with_body_and_key),
		TEST(call_with_a_query_and_without_key),
		TEST(path_parameters_have_their_examples),
		TEST(quotes_and_words_are_written_as_the_language_needs_them),
		TEST(every_route_but_the_providers_webhook_has_samples),
		TEST(too_little_memory_gives_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
