#include "text/json_canonical.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "text/json.h"

#define MEMORY ((size_t)8 * 1024 * 1024)

static struct arena arena;

static int setup(void **state maybe_unused)
{
	arena_init(&arena, MEMORY);
	return 0;
}

static int teardown(void **state maybe_unused)
{
	arena_finish(&arena);
	return 0;
}

struct row {
	const char *name, *text, *canonical;
};

static const struct row rows[] = {
#define ROW(name, text, canonical) { name, text, canonical },
#include "json_canonical_rows.h"
#undef ROW
	/* Didit's own test vector: an event body and the canonical form that Didit signs (didit-api.md,
	 * section 8) */
	{ "test vector of didit-api.md",
		"{\"created_at\":1767225600,\"list\":[3,1.0,{\"a\":2,\"b\":1}],\"name\":\"Jos\\u00e9 "
		"\\u00d1and\\u00fa\",\"ratio\":0.25,\"score\":97.0,"
		"\"session_id\":\"7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b\",\"status\":\"Approved\","
		"\"timestamp\":1767225600,\"url\":\"https://example.com/a\",\"vendor_data\":\"user-42\","
		"\"webhook_type\":\"status.updated\","
		"\"workflow_id\":\"1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80\"}",
		"{\"created_at\":1767225600,\"list\":[3,1,{\"a\":2,\"b\":1}],\"name\":\"José Ñandú\","
		"\"ratio\":0.25,\"score\":97,\"session_id\":\"7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b\","
		"\"status\":\"Approved\",\"timestamp\":1767225600,\"url\":\"https://example.com/a\","
		"\"vendor_data\":\"user-42\",\"webhook_type\":\"status.updated\","
		"\"workflow_id\":\"1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80\"}" },
	/* Didit's implementations format fractions differently, so a fraction is kept as in the input
	 * (didit-api.md 8). */
	{ "fractions are unchanged", "[1e-7,1E-7,0.10,0.000001]", "[1e-7,1E-7,0.10,0.000001]" },
};

static void canonical_form_matches_python_and_node(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(rows); i++) {
		struct str canonical, again;

		if (json_canonicalise(&arena, str_of(rows[i].text), &canonical) != OK)
			fail_msg("%s: rejected", rows[i].name);
		if (!str_eq(canonical, str_of(rows[i].canonical)))
			fail_msg("%s: %.*s", rows[i].name, STR_ARG(canonical));
		assert_int_equal(json_canonicalise(&arena, canonical, &again), OK);
		if (!str_eq(canonical, again))
			fail_msg("%s: canonicalised again it becomes %.*s", rows[i].name, STR_ARG(again));
	}
	assert_true(array_len(rows) > 35);
}

static const struct str rejected[] = {
	STR_INIT(""),
	STR_INIT(" "),
	STR_INIT("{"),
	STR_INIT("["),
	STR_INIT("[1"),
	STR_INIT("[1,"),
	STR_INIT("[1,]"),
	STR_INIT("[,1]"),
	STR_INIT("[1 2]"),
	STR_INIT("[1}"),
	STR_INIT("{]"),
	STR_INIT("{1:2}"),
	STR_INIT("{\"a\"}"),
	STR_INIT("{\"a\":}"),
	STR_INIT("{\"a\":1,}"),
	STR_INIT("{\"a\" 1}"),
	STR_INIT("{\"a\":1 \"b\":2}"),
	STR_INIT("{a:1}"),
	STR_INIT("1 2"),
	STR_INIT("{} x"),
	STR_INIT("[]]"),
	STR_INIT("True"),
	STR_INIT("nul"),
	STR_INIT("nullx"),
	STR_INIT("NaN"),
	STR_INIT("Infinity"),
	STR_INIT("-"),
	STR_INIT("+1"),
	STR_INIT("01"),
	STR_INIT("-01"),
	STR_INIT("1."),
	STR_INIT(".5"),
	STR_INIT("1.e5"),
	STR_INIT("1e"),
	STR_INIT("1e+"),
	STR_INIT("0x10"),
	STR_INIT("1e400"),
	STR_INIT("-1e309"),
	STR_INIT("\""),
	STR_INIT("\"a"),
	STR_INIT("'a'"),
	STR_INIT("\"\\\""),
	STR_INIT("\"\\"),
	STR_INIT("\"\\x41\""),
	STR_INIT("\"\\u12\""),
	STR_INIT("\"\\u12g4\""),
	STR_INIT("\"\\u000\""),
	STR_INIT("\"\\u0000\""),
	STR_INIT("\"a\nb\""),
	STR_INIT("\"\x01\""),
	STR_INIT("\"\0\""),
	STR_INIT("1\0"),
	STR_INIT("\"\\\0\""),
	STR_INIT("\"\\ud800\""),
	STR_INIT("\"\\udc00\""),
	STR_INIT("\"\\ud800\\ud800\""),
	STR_INIT("\"\\ud800x\""),
	STR_INIT("\"\\ud83d\\n\""),
	STR_INIT("\"\\ud83d\\u0041\""),
	STR_INIT("\"\\ude00\\ud83d\""),
	STR_INIT("\"\x80\""),
	STR_INIT("\"\xc0\xaf\""),
	STR_INIT("\"\xed\xa0\x80\""),
	STR_INIT("\"\xf5\x80\x80\x80\""),
	STR_INIT("\xef\xbb\xbf{}"),
	STR_INIT("/* */1"),
	STR_INIT("\xc2\xa0"),
	STR_INIT("1\v"),
};

static void invalid_json_is_rejected_like_json_parse(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(rejected); i++) {
		const struct json_value *document = NULL;
		struct str canonical = STR("untouched");

		if (json_canonicalise(&arena, rejected[i], &canonical) != ERR_INPUT)
			fail_msg("json_canonicalise accepts %.*s", STR_ARG(rejected[i]));
		if (!str_eq(canonical, STR("untouched")))
			fail_msg("the out-parameter was changed for %.*s", STR_ARG(rejected[i]));
		if (json_parse(rejected[i], false, &document) != ERR_INPUT)
			fail_msg("json_parse accepts %.*s", STR_ARG(rejected[i]));
	}
}

static struct str nested(size_t depth, struct str open, struct str inner, struct str close)
{
	struct buf buf;
	struct str text;

	buf_init(&buf, &arena);
	for (size_t i = 0; i < depth; i++)
		buf_add(&buf, open);
	buf_add(&buf, inner);
	for (size_t i = 0; i < depth; i++)
		buf_add(&buf, close);
	assert_int_equal(buf_done(&buf, &text), OK);
	return text;
}

static void depth_limit_equals_that_of_json_parse(void **state maybe_unused)
{
	static const struct {
		size_t depth;
		struct str open, inner, close;
		enum err e;
	} cases[] = {
		{ 2047, STR_INIT("["), STR_INIT("1"), STR_INIT("]"), OK },
		{ 2048, STR_INIT("["), STR_INIT(""), STR_INIT("]"), OK },
		{ 2048, STR_INIT("["), STR_INIT("1"), STR_INIT("]"), ERR_INPUT },
		{ 2049, STR_INIT("["), STR_INIT(""), STR_INIT("]"), ERR_INPUT },
		{ 2047, STR_INIT("{\"b\":0,\"a\":"), STR_INIT("1"), STR_INIT("}"), OK },
		{ 2048, STR_INIT("{\"b\":0,\"a\":"), STR_INIT("1"), STR_INIT("}"), ERR_INPUT },
		{ 60000, STR_INIT("["), STR_INIT(""), STR_INIT(""), ERR_INPUT },
	};

	for (size_t i = 0; i < array_len(cases); i++) {
		const struct str text = nested(cases[i].depth, cases[i].open, cases[i].inner, cases[i].close);
		const struct json_value *document cleanup_with(json_cleanup) = NULL;
		struct str canonical;

		assert_int_equal(json_canonicalise(&arena, text, &canonical), cases[i].e);
		assert_int_equal(json_parse(text, false, &document), cases[i].e);
	}
}

static void full_arena_is_an_error(void **state maybe_unused)
{
	const struct str many = nested(10000, STR("[0,1],"), STR(""), STR(""));
	const struct str list = nested(1, STR("["), (struct str){ many.p, many.n - 1 }, STR("]"));
	struct arena small;
	struct str canonical = STR("untouched");

	assert_int_equal(json_canonicalise(&arena, list, &canonical), OK);
	assert_true(str_eq(canonical, list));
	for (size_t limit = 0; limit < 200000; limit += 4999) {
		arena_init(&small, limit);
		assert_int_equal(json_canonicalise(&small, list, &canonical), ERR_INPUT);
		arena_finish(&small);
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(canonical_form_matches_python_and_node),
		TEST(invalid_json_is_rejected_like_json_parse),
		TEST(depth_limit_equals_that_of_json_parse),
		TEST(full_arena_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
