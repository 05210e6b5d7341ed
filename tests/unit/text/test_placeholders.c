/* Tests of templates with placeholders in braces. */
#include "text/placeholders.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

static const struct placeholder values[] = {
	{ "code", STR_INIT("<1>"), PLACEHOLDER_TEXT },
	{ "brand", STR_INIT("{code}&"), PLACEHOLDER_NAME },
	{ "remark", STR_INIT("<p>x</p>"), PLACEHOLDER_MARKUP },
	{ "none", STR_INIT(""), PLACEHOLDER_NAME },
};

static const struct {
	const char *pattern, *text, *html;
} rows[] = {
	{ "", "", "" },
	{ "no names", "no names", "no names" },
	{ "{code}", "<1>", "&lt;1&gt;" },
	{ "a{code}b{code}", "a<1>b<1>", "a&lt;1&gt;b&lt;1&gt;" },
	{ "for {brand}.", "for {code}&.", "for <bdi>{code}&amp;</bdi>." },
	{ "{remark}", "<p>x</p>", "<p>x</p>" },
	{ "<title>{brand}</title>{brand}", "<title>{code}&</title>{code}&",
		"<title>{code}&amp;</title><bdi>{code}&amp;</bdi>" },
	{ "<TITLE lang=x>{brand} {brand}</Title >{brand}", "<TITLE lang=x>{code}& {code}&</Title >{code}&",
		"<TITLE lang=x>{code}&amp; {code}&amp;</Title ><bdi>{code}&amp;</bdi>" },
	{ "{none}", "", "<bdi></bdi>" },
	{ "{unknown}", "{unknown}", "{unknown}" },
	{ "{Code}", "{Code}", "{Code}" },
	{ "{ code }", "{ code }", "{ code }" },
	{ "{}", "{}", "{}" },
	{ "{", "{", "{" },
	{ "{code", "{code", "{code" },
	{ "}{{code}}", "}{<1>}", "}{&lt;1&gt;}" },
	{ "a { color: red }", "a { color: red }", "a { color: red }" },
};

static void placeholders_are_replaced(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const char *const expected[] = { rows[i].text, rows[i].html };

		for (int html = 0; html < 2; html++) {
			struct arena a;
			struct buf out;
			struct str text;

			arena_init(&a, ARENA_CALL_LIMIT);
			buf_init(&out, &a);
			placeholders_fill(&out, str_of(rows[i].pattern), values, array_len(values), html);
			assert_int_equal(buf_done(&out, &text), OK);
			assert_string_equal(text.p, expected[html]);
			arena_finish(&a);
		}
	}
}

static void placeholder_next_finds_one_after_the_other(void **state)
{
	struct str rest = STR("a {b} c {d}"), before, name;

	(void)state;
	assert_true(placeholder_next(&rest, &before, &name));
	assert_true(str_eq(before, STR("a ")) && str_eq(name, STR("b")));
	assert_true(placeholder_next(&rest, &before, &name));
	assert_true(str_eq(before, STR(" c ")) && str_eq(name, STR("d")));
	assert_false(placeholder_next(&rest, &before, &name));
	assert_int_equal(before.n, 0);
	assert_int_equal(rest.n, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(placeholders_are_replaced),
		cmocka_unit_test(placeholder_next_finds_one_after_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
