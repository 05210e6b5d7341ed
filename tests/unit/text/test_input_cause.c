#include "text/input_cause.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "text/email.h"
#include "text/json.h"

#define E "{\"email\":"

static const struct {
	struct str text;
	const char *cause;
} json_rows[] = {
	{ STR_INIT("\xEF\xBB\xBF{}"), "bom" },
	{ STR_INIT("\xFF\xFE{\0}\0"), "encoding" },
	{ STR_INIT("{\0}\0"), "encoding" },
	{ STR_INIT("\0{\0}"), "encoding" },
	{ STR_INIT(E "\"\xE9@example.com\"}"), "encoding" },
	{ STR_INIT(E "\"a\xC0\xAE\"}"), "encoding" },
	{ STR_INIT(E "\"a\0\"}"), "nul" },
	{ STR_INIT(E "\"a\\u0000\"}"), "nul" },
	{ STR_INIT(E "\"a\",}"), "trailing_comma" },
	{ STR_INIT(E "[1, 2 , \n ]}"), "trailing_comma" },
	{ STR_INIT(E "\",}\",}"), "trailing_comma" },
	{ STR_INIT("{'email':'a'}"), "quotes" },
	{ STR_INIT("{email:\"a\"}"), "quotes" },
	{ STR_INIT("{\xE2\x80\x9C"
		   "email\xE2\x80\x9D:1}"),
		"quotes" },
	{ STR_INIT("{`email`:1}"), "quotes" },
	{ STR_INIT(E "ana}"), "quotes" },
	{ STR_INIT(E "\"it's\" 'b'}"), "quotes" },
	{ STR_INIT(E "1 // one\n}"), "comment" },
	{ STR_INIT("/* one */" E "1}"), "comment" },
	{ STR_INIT("# one\n" E "1}"), "comment" },
	{ STR_INIT(E "None}"), "literal" },
	{ STR_INIT(E "NaN}"), "literal" },
	{ STR_INIT("email=a@example.com"), "form_encoded" },
	{ STR_INIT(E "\"a\\x41\"}"), "escape" },
	{ STR_INIT(E "\"a\\'\"}"), "escape" },
	{ STR_INIT(E "\"\\ud800\"}"), "escape" },
	{ STR_INIT(E "\"\\ud800\\u0041\"}"), "escape" },
	{ STR_INIT(E "\"\\udc00\"}"), "escape" },
	{ STR_INIT(E "\"\\u12\"}"), "escape" },
	{ STR_INIT(E "\"\\ud83d\\ude00\",}"), "trailing_comma" },
	{ STR_INIT(E "\"a\nb\"}"), "control_character" },
	{ STR_INIT("{"), "truncated" },
	{ STR_INIT(E "\"a"), "truncated" },
	{ STR_INIT(E "\"a\\"), "truncated" },
	{ STR_INIT(E "{}"), "truncated" },
	{ STR_INIT("{} x"), "extra_text" },
	{ STR_INIT("{}{}"), "extra_text" },
	{ STR_INIT(E "}"), "syntax" },
	{ STR_INIT(E "1,,}"), "syntax" },
	{ STR_INIT("}"), "syntax" },
	{ STR_INIT("{\"email\";1}"), "syntax" },
	{ STR_INIT(E "01}"), "syntax" },
	{ STR_INIT("<email/>"), "syntax" },
};

static void cause_of_a_malformed_body_is_named(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(json_rows); i++) {
		const struct json_value *document cleanup_with(json_cleanup) = NULL;

		assert_int_equal(json_parse(json_rows[i].text, true, &document), ERR_INPUT);
		assert_string_equal(
			input_cause_name(input_cause_of_json(json_rows[i].text)).p, json_rows[i].cause);
	}
}

static void nesting_is_too_deep_from_2049_on(void **state maybe_unused)
{
	char text[2049];

	memset(text, '[', sizeof(text));
	assert_int_equal(input_cause_of_json((struct str){ text, 2048 }), CAUSE_TRUNCATED);
	assert_int_equal(input_cause_of_json((struct str){ text, 2049 }), CAUSE_TOO_DEEP);
}

#define L64 "llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll"
#define D50 "dddddddddddddddddddddddddddddddddddddddddddddddddd."

static const struct {
	const char *text, *cause;
} email_rows[] = {
	{ "a\xFF@example.com", "encoding" },
	{ "a@example.com\r\nBcc: b@example.com", "control_character" },
	{ "Ana <ana@example.com>", "display_name" },
	{ "<ana@example.com>", "display_name" },
	{ "\"a b\"@example.com", "quoted_local" },
	{ "a b@example.com", "space" },
	{ "a@exam ple.com", "space" },
	{ "a\t@example.com", "space" },
	{ "a\xC2\xA0"
	  "b@example.com",
		"space" },
	{ "a\xE3\x80\x80@example.com", "space" },
	{ "ana", "at_sign" },
	{ "a@@example.com", "at_sign" },
	{ "a@example.com,b@example.com", "at_sign" },
	{ L64 "l@example.com", "too_long" },
	{ "a@" L64 ".com", "too_long" },
	{ "a@" D50 D50 D50 D50 D50 "com", "too_long" },
	{ "jos\xC3\xA9@example.com", "non_ascii_local" },
	{ "@example.com", "local_part" },
	{ ".a@example.com", "local_part" },
	{ "a.@example.com", "local_part" },
	{ "a..b@example.com", "local_part" },
	{ "a(b)@example.com", "local_part" },
	{ "mailto:a@example.com", "local_part" },
	{ "a@[127.0.0.1]", "ip_address" },
	{ "a@127.0.0.1", "ip_address" },
	{ "a@localhost", "no_dot" },
	{ "a@example,com", "no_dot" },
	{ "a@", "no_dot" },
	{ "a@.example.com", "domain" },
	{ "a@example.com.", "domain" },
	{ "a@exam_ple.com", "domain" },
	{ "a@-example.com", "domain" },
};

static void cause_of_a_malformed_address_is_named(void **state maybe_unused)
{
	struct arena arena;

	arena_init(&arena, ARENA_CALL_LIMIT);
	for (size_t i = 0; i < array_len(email_rows); i++) {
		const struct str text = str_of(email_rows[i].text);
		struct str normal;

		assert_int_equal(email_normalise(&arena, text, &normal), ERR_INPUT);
		assert_string_equal(input_cause_name(input_cause_of_email(text)).p, email_rows[i].cause);
	}
	arena_finish(&arena);
}

static void causes_are_different_words_with_an_explanation(void **state maybe_unused)
{
	for (size_t i = 0; i < INPUT_CAUSE_COUNT; i++) {
		const struct str name = input_cause_name((enum input_cause)i);

		assert_true(name.n > 0 && input_cause_explanation((enum input_cause)i).n > 0);
		for (size_t k = 0; k < i; k++)
			assert_false(str_eq(name, input_cause_name((enum input_cause)k)));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(cause_of_a_malformed_body_is_named),
		cmocka_unit_test(nesting_is_too_deep_from_2049_on),
		cmocka_unit_test(cause_of_a_malformed_address_is_named),
		cmocka_unit_test(causes_are_different_words_with_an_explanation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
