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
	const char *name, *text, *again; /* NULL: refused */
} rows[] = {
	{ "nothing wide", "{\"a\":1,\"b\":1.5}", "{\"a\":1,\"b\":1.5}" },
	{ "the largest we have", "{\"a\":9223372036854775807}", "{\"a\":9223372036854775807}" },
	{ "one more", "{\"a\":9223372036854775808,\"b\":7}", "{\"a\":null,\"b\":7}" },
	{ "one less than the smallest", "[-9223372036854775809,-5]", "[null,-5]" },
	{ "very long", "[" LONG300 ",1]", "[null,1]" },
	{ "beside one of 18 digits", "[" LONG50 ",123456789012345678]", "[null,123456789012345678]" },
	{ "a float beyond all", "[1e999,-1E+309,2.5e-3]", "[null,null,0.0025]" },
	{ "a long whole part", "[" LONG300 LONG50 ".5,0.5]", "[null,0.5]" },
	{ "at the top", LONG50, "null" },
	{ "in a text", "[" LONG50 ",\"" LONG50 "\",\"a\\\"1e999\"]", "[null,\"" LONG50 "\",\"a\\\"1e999\"]" },
	{ "as a key", "{\"" LONG50 "\":" LONG50 "}", "{\"" LONG50 "\":null}" },
	{ "deep", "{\"a\":[{\"b\":" LONG50 "}],\"c\":\"d\"}", "{\"a\":[{\"b\":null}],\"c\":\"d\"}" },
	{ "a leading zero", "[0" LONG50 "]", NULL },
	{ "two signs", "[--" LONG50 "]", NULL },
	{ "two points", "[1.5." LONG50 "]", NULL },
	{ "a point and nothing", "[" LONG50 ".]", NULL },
	{ "an exponent of nothing", "[" LONG50 "e]", NULL },
	{ "a sign and nothing", "[" LONG50 ",-]", NULL },
	{ "letters behind it", "[" LONG50 "x]", NULL },
	{ "no end", "[" LONG50 "", NULL },
	{ "a text without an end", "[" LONG50 ",\"a\\", NULL },
	{ "a key that is none", "{" LONG50 ":1}", NULL },
	{ "nothing", "", NULL },
	{ "HTML", "<html>" LONG50 "</html>", NULL },
};

static void what_fits_nowhere_is_null(void **state)
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

static void a_key_twice_is_refused_as_ever(void **state)
{
	const struct json_value *document cleanup_with(json_cleanup) = NULL;

	(void)state;
	assert_int_equal(
		json_parse_lenient(STR("{\"a\":" LONG50 ",\"a\":1}"), true, &document), ERR_CONFLICT);
	assert_int_equal(json_parse_lenient(STR("{\"a\":" LONG50 ",\"a\":1}"), false, &document), OK);
}

/* What is sent to us by anybody is looked through once, not once for each of its characters. */
static void a_megabyte_of_digits_takes_no_time(void **state)
{
	enum { MUCH = 4 << 20 };
	static const char firsts[] = { '0', '1', '-', '"' };
	char *const text = malloc(MUCH);
	const struct json_value *document = NULL;

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < sizeof(firsts); i++) {
		memset(text, '0', MUCH);
		text[0] = firsts[i];
		if (firsts[i] == '-')
			memset(text, '-', MUCH);
		(void)!json_parse_lenient((struct str){ text, MUCH }, true, &document);
		json_free(document);
		document = NULL;
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_nowhere_is_null),
		cmocka_unit_test(a_key_twice_is_refused_as_ever),
		cmocka_unit_test(a_megabyte_of_digits_takes_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
