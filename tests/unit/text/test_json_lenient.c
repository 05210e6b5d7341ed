#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "text/json_lenient.h"

#define LONG50 "12345678901234567890123456789012345678901234567890"
#define LONG300 LONG50 LONG50 LONG50 LONG50 LONG50 LONG50

static const struct {
	const char *name, *text, *again; /* `again`: the parsed document as text; NULL: rejected */
} rows[] = {
	{ "no large numbers", "{\"a\":1,\"b\":1.5}", "{\"a\":1,\"b\":1.5}" },
	{ "the largest int64_t", "{\"a\":9223372036854775807}", "{\"a\":9223372036854775807}" },
	{ "the largest int64_t plus one", "{\"a\":9223372036854775808,\"b\":7}", "{\"a\":null,\"b\":7}" },
	{ "the smallest int64_t minus one", "[-9223372036854775809,-5]", "[null,-5]" },
	{ "very long", "[" LONG300 ",1]", "[null,1]" },
	{ "with a number of 18 digits", "[" LONG50 ",123456789012345678]", "[null,123456789012345678]" },
	{ "floats out of range", "[1e999,-1E+309,2.5e-3]", "[null,null,0.0025]" },
	{ "a float with many digits before the point", "[" LONG300 LONG50 ".5,0.5]", "[null,0.5]" },
	{ "as the document", LONG50, "null" },
	{ "in a text", "[" LONG50 ",\"" LONG50 "\",\"a\\\"1e999\"]", "[null,\"" LONG50 "\",\"a\\\"1e999\"]" },
	{ "as a key", "{\"" LONG50 "\":" LONG50 "}", "{\"" LONG50 "\":null}" },
	{ "in a nested object", "{\"a\":[{\"b\":" LONG50 "}],\"c\":\"d\"}",
		"{\"a\":[{\"b\":null}],\"c\":\"d\"}" },
	{ "a leading zero", "[0" LONG50 "]", NULL },
	{ "two signs", "[--" LONG50 "]", NULL },
	{ "two points", "[1.5." LONG50 "]", NULL },
	{ "no digit after the point", "[" LONG50 ".]", NULL },
	{ "no digit in the exponent", "[" LONG50 "e]", NULL },
	{ "no digit after the sign", "[" LONG50 ",-]", NULL },
	{ "a letter after the number", "[" LONG50 "x]", NULL },
	{ "truncated array", "[" LONG50 "", NULL },
	{ "truncated text", "[" LONG50 ",\"a\\", NULL },
	{ "a number as a key", "{" LONG50 ":1}", NULL },
	{ "empty", "", NULL },
	{ "HTML", "<html>" LONG50 "</html>", NULL },
};

static void large_numbers_are_read_as_null(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct json_value *document cleanup_with(json_cleanup) = NULL;
		struct json_writer w;
		struct arena a;
		struct buf buf;
		struct str text;
		const enum err e = json_parse_lenient(str_of(rows[i].text), true, &document);

		if (e != (rows[i].again ? OK : ERR_INPUT))
			fail_msg("%s: %s", rows[i].name, err_name(e));
		if (!rows[i].again)
			continue;
		arena_init(&a, ARENA_CALL_LIMIT);
		buf_init(&buf, &a);
		json_writer_init(&w, &buf);
		json_put_value(&w, document);
		assert_int_equal(buf_done(&buf, &text), OK);
		if (!str_eq(text, str_of(rows[i].again)))
			fail_msg("%s: %.*s", rows[i].name, STR_ARG(text));
		arena_finish(&a);
	}
}

static void duplicate_key_is_still_rejected(void **state)
{
	const struct json_value *document cleanup_with(json_cleanup) = NULL;

	(void)state;
	assert_int_equal(
		json_parse_lenient(STR("{\"a\":" LONG50 ",\"a\":1}"), true, &document), ERR_CONFLICT);
	assert_int_equal(json_parse_lenient(STR("{\"a\":" LONG50 ",\"a\":1}"), false, &document), OK);
}

/* Input from outside must not take quadratic time; with 4 MiB, the test would then not finish within its time
 * limit. */
static void long_input_is_parsed_in_linear_time(void **state)
{
	enum { INPUT_SIZE = 4 << 20 };
	static const char firsts[] = { '0', '1', '-', '"' };
	char *const text = malloc(INPUT_SIZE);
	const struct json_value *document = NULL;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < sizeof(firsts); i++) {
		memset(text, '0', INPUT_SIZE);
		text[0] = firsts[i];
		if (firsts[i] == '-')
			memset(text, '-', INPUT_SIZE);
		(void)!json_parse_lenient((struct str){ text, INPUT_SIZE }, true, &document);
		json_free(document);
		document = NULL;
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(large_numbers_are_read_as_null),
		cmocka_unit_test(duplicate_key_is_still_rejected),
		cmocka_unit_test(long_input_is_parsed_in_linear_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
