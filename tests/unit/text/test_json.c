#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>
#include <time.h>

#include "text/json.h"

static struct arena arena;

static int setup(void **state maybe_unused)
{
	arena_init(&arena, (size_t)1024 * 1024);
	return 0;
}

static int teardown(void **state maybe_unused)
{
	arena_finish(&arena);
	return 0;
}

static void assert_text(const char *name, struct str got, struct str expected)
{
	if (!str_eq(got, expected))
		fail_msg("%s: %.*s instead of %.*s", name, STR_ARG(got), STR_ARG(expected));
}

static struct str write_value(const struct json_value *value)
{
	struct json_writer w;
	struct buf buf;
	struct str text;

	buf_init(&buf, &arena);
	json_writer_init(&w, &buf);
	json_put_value(&w, value);
	assert_int_equal(buf_done(&buf, &text), OK);
	return text;
}

static const struct {
	const char *name;
	struct str text, again;
} accepted[] = {
	{ "object", STR_INIT(" { \"b\" : 1 , \"a\" : [ ] } "), STR_INIT("{\"b\":1,\"a\":[]}") },
	{ "nested", STR_INIT("[[],{},[{\"a\":[1,2]}]]"), STR_INIT("[[],{},[{\"a\":[1,2]}]]") },
	{ "literals", STR_INIT("[true,false,null]"), STR_INIT("[true,false,null]") },
	{ "a text as the document", STR_INIT("\"a\""), STR_INIT("\"a\"") },
	{ "null as the document", STR_INIT("null"), STR_INIT("null") },
	{ "largest integer", STR_INIT("9223372036854775807"), STR_INIT("9223372036854775807") },
	{ "smallest integer", STR_INIT("-9223372036854775808"), STR_INIT("-9223372036854775808") },
	{ "minus zero", STR_INIT("-0"), STR_INIT("0") },
	{ "real", STR_INIT("0.1"), STR_INIT("0.1") },
	{ "whole real", STR_INIT("97.0"), STR_INIT("97.0") },
	{ "real minus zero", STR_INIT("-0.0"), STR_INIT("-0.0") },
	{ "exponent", STR_INIT("1e2"), STR_INIT("100.0") },
	{ "large real", STR_INIT("1E+22"), STR_INIT("1e+22") },
	{ "largest real", STR_INIT("1.7976931348623157e308"), STR_INIT("1.7976931348623157e+308") },
	{ "smallest real", STR_INIT("5e-324"), STR_INIT("4.94065645841247e-324") },
	{ "sixteen digits", STR_INIT("0.30000000000000004"), STR_INIT("0.30000000000000004") },
	{ "escapes", STR_INIT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\u001F\\u007f\""),
		STR_INIT("\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7F\"") },
	{ "UTF-8", STR_INIT("\"\\u00e9\xC3\xA9\\ud83d\\ude00\""),
		STR_INIT("\"\xC3\xA9\xC3\xA9\xF0\x9F\x98\x80\"") },
	{ "empty key", STR_INIT("{\"\":1}"), STR_INIT("{\"\":1}") },
	{ "the same key in a nested object", STR_INIT("{\"a\":{\"a\":1}}"), STR_INIT("{\"a\":{\"a\":1}}") },
};

static void parsed_value_is_written_in_compact_form(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(accepted); i++) {
		const struct json_value *document cleanup_with(json_cleanup) = NULL;
		const struct json_value *again cleanup_with(json_cleanup) = NULL;

		if (json_parse(accepted[i].text, true, &document) != OK)
			fail_msg("%s was rejected", accepted[i].name);
		const struct str text = write_value(document);
		assert_text(accepted[i].name, text, accepted[i].again);
		assert_int_equal(json_parse(text, true, &again), OK);
		assert_true(json_same(document, again));
	}
}

static const struct {
	const char *name;
	struct str text;
} rejected[] = {
	{ "NULL input", { NULL, 0 } },
	{ "empty", STR_INIT("") },
	{ "white space only", STR_INIT(" \n") },
	{ "truncated object", STR_INIT("{\"a\":1") },
	{ "truncated text", STR_INIT("\"a") },
	{ "comma at the end", STR_INIT("[1,]") },
	{ "two values", STR_INIT("{} {}") },
	{ "text after the value", STR_INIT("{}x") },
	{ "NUL after the value", STR_INIT("{}\0") },
	{ "NUL after a number", STR_INIT("[2\0]") },
	{ "NUL after a literal", STR_INIT("[true\0]") },
	{ "NUL between brackets", STR_INIT("[\0]") },
	{ "key without quotes", STR_INIT("{a:1}") },
	{ "single quotes", STR_INIT("{'a':1}") },
	{ "comment", STR_INIT("[1/**/]") },
	{ "NaN", STR_INIT("NaN") },
	{ "Infinity", STR_INIT("Infinity") },
	{ "leading zero", STR_INIT("01") },
	{ "plus", STR_INIT("+1") },
	{ "hexadecimal", STR_INIT("0x10") },
	{ "integer too large", STR_INIT("9223372036854775808") },
	{ "integer too small", STR_INIT("-9223372036854775809") },
	{ "real too large", STR_INIT("1e309") },
	{ "escaped NUL", STR_INIT("\"a\\u0000b\"") },
	{ "NUL in a text", STR_INIT("\"a\0b\"") },
	{ "NUL in a key", STR_INIT("{\"a\\u0000\":1}") },
	{ "line break in a text", STR_INIT("\"a\nb\"") },
	{ "lone high surrogate", STR_INIT("\"\\ud83d\"") },
	{ "lone low surrogate", STR_INIT("\"\\ude00\"") },
	{ "high surrogate before a letter", STR_INIT("\"\\ud83d\\u0041\"") },
	{ "incomplete UTF-8", STR_INIT("\"\xC3\"") },
	{ "overlong UTF-8", STR_INIT("\"\xC0\xAF\"") },
	{ "surrogate in UTF-8", STR_INIT("\"\xED\xA0\x80\"") },
	{ "byte order mark", STR_INIT("\xEF\xBB\xBF{}") },
	{ "unknown escape", STR_INIT("\"\\x41\"") },
};

static void invalid_json_is_rejected(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(rejected); i++) {
		for (int strict = 0; strict < 2; strict++) {
			const struct json_value *document = NULL;

			if (json_parse(rejected[i].text, strict, &document) != ERR_INPUT)
				fail_msg("%s was accepted", rejected[i].name);
			assert_null(document);
		}
	}
}

static void duplicate_key_is_found(void **state maybe_unused)
{
	static const struct {
		const char *name;
		struct str text;
		const char *key; /* NULL: no duplicate */
	} rows[] = {
		{ "plain", STR_INIT("{\"a\":1,\"a\":1}"), "a" },
		{ "with white space", STR_INIT("{\"a\":1, \"email\" :1,\n\"email\"\t: 2 }"), "email" },
		{ "in a nested object", STR_INIT("{\"a\":[{\"b\":1,\"b\":2}]}"), "b" },
		{ "escaped", STR_INIT("{\"email\":1,\"\\u0065mail\":2}"), "email" },
		{ "with a quote", STR_INIT("{\"x\\\"y\":1,\"x\\\"y\":2}"), "x\"y" },
		{ "with a backslash", STR_INIT("{\"x\\\\\":1,\"x\\\\\":2}"), "x\\" },
		{ "quote and backslash", STR_INIT("{\"\\\\\\\"\":1,\"\\\\\\\"\":2}"), "\\\"" },
		{ "empty", STR_INIT("{\"\":1,\"\":2}"), "" },
		{ "non-ASCII", STR_INIT("{\"\xC3\xA9\":1,\"\xC3\xA9\":2}"), "\xC3\xA9" },
		{ "the first of two", STR_INIT("{\"a\":1,\"b\":1,\"b\":1,\"a\":1}"), "b" },
		{ "before a syntax error", STR_INIT("{\"a\":1,\"a\":1,}"), "a" },
		{ "long",
			STR_INIT("{\"0123456789012345678901234567890123456789\":1,"
				 "\"0123456789012345678901234567890123456789\":2}"),
			"0123456789012345678901234567890123456789" },
		{ "other case", STR_INIT("{\"a\":1,\"A\":1}"), NULL },
		{ "in an outer object", STR_INIT("{\"a\":{\"a\":1}}"), NULL },
		{ "in two objects", STR_INIT("[{\"a\":1},{\"a\":1}]"), NULL },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct json_value *document cleanup_with(json_cleanup) = NULL;
		struct str key = STR("before");
		const enum err e = json_parse(rows[i].text, true, &document);

		if (e != (rows[i].key ? ERR_CONFLICT : OK))
			fail_msg("%s: %s", rows[i].name, err_name(e));
		assert_int_equal(
			json_duplicate_key(&arena, rows[i].text, &key), rows[i].key ? OK : ERR_NOT_FOUND);
		assert_text(rows[i].name, key, rows[i].key ? str_of(rows[i].key) : STR("before"));
	}
}

/* The keys are about as long as a request body may be. Ten searches take milliseconds; with an algorithm of
 * quadratic time they would take more than a second. */
static void long_duplicate_key_is_found_in_linear_time(void **state maybe_unused)
{
	const size_t n = 32000;
	struct str key = { NULL, 0 };
	struct buf text;

	buf_init(&text, &arena);
	for (int i = 0; i < 2; i++) {
		buf_add(&text, i ? STR(",\"") : STR("{\""));
		for (size_t k = 0; k < n; k++)
			buf_char(&text, '\\');
		buf_add(&text, STR("\":1"));
	}
	buf_char(&text, '}');
	assert_false(text.failed);
	const clock_t started = clock();
	for (int i = 0; i < 10; i++)
		assert_int_equal(json_duplicate_key(&arena, (struct str){ text.p, text.n }, &key), OK);
	assert_true(clock() - started < CLOCKS_PER_SEC / 2);
	assert_int_equal(key.n, n / 2);
}

static void duplicate_keys_are_accepted_on_request(void **state maybe_unused)
{
	const struct json_value *document cleanup_with(json_cleanup) = NULL;
	struct str key = STR("before");
	struct arena tiny;

	assert_int_equal(json_parse(STR("{\"a\":1,\"a\":2}"), false, &document), OK);
	assert_text("the last value is used", write_value(document), STR("{\"a\":2}"));
	assert_int_equal(json_duplicate_key(&arena, STR("{"), &key), ERR_INPUT);
	arena_init(&tiny, 1);
	assert_int_equal(json_duplicate_key(&tiny, STR("{\"a\":1,\"a\":2}"), &key), ERR_INTERNAL);
	assert_text("untouched", key, STR("before"));
	arena_finish(&tiny);
}

static void accessors_accept_values_of_each_kind(void **state maybe_unused)
{
	const struct json_value *document cleanup_with(json_cleanup) = NULL;
	static const struct {
		const char *key;
		enum json_kind kind;
		const char *text;
		size_t count;
		bool is_int, is_true;
	} rows[] = {
		{ "none", JSON_KIND_ABSENT, "", 0, false, false },
		{ "null", JSON_KIND_NULL, "", 0, false, false },
		{ "yes", JSON_KIND_BOOL, "", 0, false, true },
		{ "no", JSON_KIND_BOOL, "", 0, false, false },
		{ "int", JSON_KIND_INT, "", 0, true, false },
		{ "real", JSON_KIND_REAL, "", 0, false, false },
		{ "text", JSON_KIND_TEXT, "t", 0, false, false },
		{ "array", JSON_KIND_ARRAY, "", 2, false, false },
		{ "object", JSON_KIND_OBJECT, "", 0, false, false },
	};

	assert_int_equal(json_parse(STR("{\"null\":null,\"yes\":true,\"no\":false,\"int\":-7,\"real\":7.0,"
					"\"text\":\"t\",\"array\":[1,2],\"object\":{\"a\":1}}"),
				 true, &document),
		OK);
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct json_value *const value = json_get(document, rows[i].key);
		int64_t n = 42;

		assert_int_equal(json_kind_of(value), rows[i].kind);
		assert_text(rows[i].key, json_text(value), str_of(rows[i].text));
		assert_int_equal(json_count(value), rows[i].count);
		assert_int_equal(json_int(value, &n), rows[i].is_int);
		assert_int_equal(n, rows[i].is_int ? -7 : 42);
		assert_int_equal(json_bool(value), rows[i].is_true);
		assert_int_equal(json_kind_of(json_get(value, "a")),
			rows[i].kind == JSON_KIND_OBJECT ? JSON_KIND_INT : JSON_KIND_ABSENT);
		assert_int_equal(json_kind_of(json_at(value, 1)),
			rows[i].kind == JSON_KIND_ARRAY ? JSON_KIND_INT : JSON_KIND_ABSENT);
		assert_null(json_at(value, 2));
		assert_true(json_same(value, value));
	}
	assert_text("absent", write_value(NULL), STR("null"));
	json_free(NULL);
}

static void json_same_compares_values(void **state maybe_unused)
{
	static const struct {
		struct str a, b;
		bool same;
	} rows[] = {
		{ STR_INIT("{\"a\":1,\"b\":2}"), STR_INIT("{\"b\":2,\"a\":1}"), true },
		{ STR_INIT("[1,2]"), STR_INIT("[2,1]"), false },
		{ STR_INIT("1"), STR_INIT("1.0"), false },
		{ STR_INIT("\"a\""), STR_INIT("\"b\""), false },
		{ STR_INIT("{}"), STR_INIT("{\"a\":null}"), false },
		{ STR_INIT("0.1"), STR_INIT("0.10000000000000001"), true },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct json_value *a cleanup_with(json_cleanup) = NULL;
		const struct json_value *b cleanup_with(json_cleanup) = NULL;

		assert_int_equal(json_parse(rows[i].a, true, &a), OK);
		assert_int_equal(json_parse(rows[i].b, true, &b), OK);
		assert_int_equal(json_same(a, b), rows[i].same);
		assert_false(json_same(a, NULL));
		assert_false(json_same(NULL, b));
	}
	assert_true(json_same(NULL, NULL));
}

static void writer_inserts_commas(void **state maybe_unused)
{
	const struct json_value *document cleanup_with(json_cleanup) = NULL;
	struct json_writer w;
	struct buf buf;
	struct str text;

	buf_init(&buf, &arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w);
	json_field_text(&w, "text", STR("a \"\\/\n\x01\x1F\x7F\xC3\xA9"));
	json_field_int(&w, "least", INT64_MIN);
	json_field_int(&w, "most", INT64_MAX);
	json_field_bool(&w, "yes", true);
	json_field_bool(&w, "no", false);
	json_field_null(&w, "nil");
	json_key(&w, "array");
	json_begin_array(&w);
	json_put_int(&w, 0);
	json_begin_object(&w);
	json_end_object(&w);
	json_begin_array(&w);
	json_end_array(&w);
	json_put_null(&w);
	json_put_raw(&w, STR("[1, 2]"));
	json_put_text(&w, STR(""));
	json_end_array(&w);
	json_field_int(&w, "k\"ey", 1);
	json_end_object(&w);
	assert_int_equal(buf_done(&buf, &text), OK);
	assert_text("all", text,
		STR("{\"text\":\"a \\\"\\\\/\\n\\u0001\\u001f\x7F\xC3\xA9\",\"least\":-9223372036854775808,"
		    "\"most\":9223372036854775807,\"yes\":true,\"no\":false,\"nil\":null,"
		    "\"array\":[0,{},[],null,[1, 2],\"\"],\"k\\\"ey\":1}"));
	assert_int_equal(json_parse(text, true, &document), OK);
	assert_text("read", json_text(json_get(document, "text")), STR("a \"\\/\n\x01\x1F\x7F\xC3\xA9"));
}

/* Output is valid JSON even if a text from outside is not valid UTF-8. */
static void invalid_utf8_is_replaced(void **state maybe_unused)
{
	const struct json_value *document cleanup_with(json_cleanup) = NULL;
	struct json_writer w;
	struct buf buf;
	struct str text;

	buf_init(&buf, &arena);
	json_writer_init(&w, &buf);
	json_put_text(&w, STR("a\xC3\"\x7F\xED\xA0\x80"));
	assert_int_equal(buf_done(&buf, &text), OK);
	assert_text("replaced", text, STR("\"a\uFFFD\\\"\x7F\uFFFD\uFFFD\uFFFD\""));
	assert_int_equal(json_parse(text, true, &document), OK);
}

/* Returns the double whose bit pattern is that of `value` plus `step`. */
static double neighbour(double value, int step)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	bits += (uint64_t)step;
	memcpy(&value, &bits, sizeof(bits));
	return value;
}

/* All powers of two and their neighbours are written with 15 to 17 digits and read again as the same number.
 */
static void reals_are_written_without_loss(void **state maybe_unused)
{
	for (int exponent = -1074; exponent < 1024; exponent++) {
		const double power = ldexp(1.0, exponent);
		const double values[] = { power, neighbour(power, -1), neighbour(power, 1), power / 3 };

		for (size_t i = 0; i < array_len(values); i++) {
			const struct json_value *document cleanup_with(json_cleanup) = NULL;
			const struct json_value *again cleanup_with(json_cleanup) = NULL;
			struct arena scratch;
			char text[40];

			if (!isfinite(values[i]))
				continue;
			arena_init(&scratch, ARENA_CALL_LIMIT);
			const struct str exact = arena_printf(&scratch, "%.17e", values[i]);
			assert_int_equal(json_parse(exact, true, &document), OK);
			assert_true(str_copy_to(write_value(document), text, sizeof(text)));
			assert_int_equal(json_parse(str_of(text), true, &again), OK);
			assert_int_equal(json_kind_of(again), JSON_KIND_REAL);
			assert_true(json_same(document, again));
			arena_finish(&scratch);
		}
		arena_reset(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(parsed_value_is_written_in_compact_form, setup, teardown),
		cmocka_unit_test_setup_teardown(invalid_json_is_rejected, setup, teardown),
		cmocka_unit_test_setup_teardown(duplicate_key_is_found, setup, teardown),
		cmocka_unit_test_setup_teardown(long_duplicate_key_is_found_in_linear_time, setup, teardown),
		cmocka_unit_test_setup_teardown(duplicate_keys_are_accepted_on_request, setup, teardown),
		cmocka_unit_test_setup_teardown(accessors_accept_values_of_each_kind, setup, teardown),
		cmocka_unit_test_setup_teardown(json_same_compares_values, setup, teardown),
		cmocka_unit_test_setup_teardown(writer_inserts_commas, setup, teardown),
		cmocka_unit_test_setup_teardown(invalid_utf8_is_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(reals_are_written_without_loss, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
