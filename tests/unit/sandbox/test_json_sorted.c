#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"
#include "sandbox/decision/json_sorted.h"

/* `expected` is the result of Python's json.dumps(json.loads(x), sort_keys=True, separators=(",", ":")). */
static void output_equals_that_of_python(void **state)
{
	static const struct {
		const char *name, *json, *expected;
	} rows[] = {
		{ "keys", "{\"b\":1,\"a\":2}", "{\"a\":2,\"b\":1}" },
		{ "deep keys", "{\"z\":{\"y\":{\"b\":[],\"a\":{}}},\"a\":[{\"d\":1,\"c\":2}]}",
			"{\"a\":[{\"c\":2,\"d\":1}],\"z\":{\"y\":{\"a\":{},\"b\":[]}}}" },
		{ "a key that begins another", "{\"ab\":1,\"a\":2,\"a_\":3,\"abc\":4}",
			"{\"a\":2,\"a_\":3,\"ab\":1,\"abc\":4}" },
		{ "spaces", " { \"a\" : [ 1 , 2 ] , \"b\" : \" x \" } ", "{\"a\":[1,2],\"b\":\" x \"}" },
		{ "brackets inside texts", "{\"b\":\"}],{[\",\"a\":\"\\\"}\"}",
			"{\"a\":\"\\\"}\",\"b\":\"}],{[\"}" },
		{ "a backslash at the end", "{\"b\":\"\\\\\",\"a\":\"\\\\\\\"\"}",
			"{\"a\":\"\\\\\\\"\",\"b\":\"\\\\\"}" },
		{ "two bytes", "[\"José Ñandú\"]", "[\"Jos\\u00e9 \\u00d1and\\u00fa\"]" },
		{ "three bytes", "[\"€\"]", "[\"\\u20ac\"]" },
		{ "four bytes", "[\"😀\"]", "[\"\\ud83d\\ude00\"]" },
		{ "the last code point", "[\"\xF4\x8F\xBF\xBF\"]", "[\"\\udbff\\udfff\"]" },
		{ "the last below a surrogate pair", "[\"\xEF\xBF\xBF\"]", "[\"\\uffff\"]" },
		{ "delete", "[\"~\x7F\"]", "[\"~\\u007f\"]" },
		{ "escapes stay", "[\"\\n\\u001f/\"]", "[\"\\n\\u001f/\"]" },
		{ "empty ones", "{\"a\":{},\"b\":[],\"c\":\"\"}", "{\"a\":{},\"b\":[],\"c\":\"\"}" },
		{ "literals and numbers", "[true,false,null,-1.5,0]", "[true,false,null,-1.5,0]" },
		{ "a number alone", "12", "12" },
	};
	struct arena a;

	(void)state;
	arena_init(&a, ARENA_CALL_LIMIT);
	for (size_t i = 0; i < array_len(rows); i++) {
		struct str out = { NULL, 0 };

		if (json_sorted(&a, str_of(rows[i].json), &out) != OK ||
			!str_eq(out, str_of(rows[i].expected)))
			fail_msg("%s: %.*s", rows[i].name, STR_ARG(out));
	}
	arena_finish(&a);
}

static enum err sort_nested(int depth)
{
	char json[256];
	struct arena a;
	struct str out;

	assert_true(2 * (size_t)depth < sizeof(json));
	memset(json, '[', (size_t)depth);
	memset(json + depth, ']', (size_t)depth);
	arena_init(&a, ARENA_CALL_LIMIT);

	const enum err e = json_sorted(&a, (struct str){ json, 2 * (size_t)depth }, &out);

	arena_finish(&a);
	return e;
}

static void depth_is_limited(void **state)
{
	(void)state;
	assert_int_equal(sort_nested(SORTED_DEPTH_MAX), OK);
	assert_int_equal(sort_nested(SORTED_DEPTH_MAX + 1), OK); /* the outermost array has depth 0 */
	assert_int_equal(sort_nested(SORTED_DEPTH_MAX + 2), ERR_INPUT);
}

static void full_arena_returns_an_error(void **state)
{
	struct arena a;
	struct str out = STR("untouched");

	(void)state;
	arena_init(&a, 16);
	assert_int_equal(json_sorted(&a, STR("{\"a\":\"0123456789012345678901234567890123456789\"}"), &out),
		ERR_INPUT);
	assert_true(str_eq(out, STR("untouched")));
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_equals_that_of_python),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(full_arena_returns_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
