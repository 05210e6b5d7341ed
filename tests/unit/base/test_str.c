#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static const struct str empty_slice = { NULL, 0 };

static void assert_str(struct str s, const char *expected)
{
	assert_int_equal(s.n, strlen(expected));
	if (s.n > 0)
		assert_memory_equal(s.p, expected, s.n);
}

static void str_of_gives_a_slice_of_the_text(void **state maybe_unused)
{
	assert_str(str_of("abc"), "abc");
	assert_str(str_of(""), "");
	assert_str(str_of(NULL), "");
	assert_int_equal(STR("a\0b").n, 3);
}

static const struct compare_case {
	struct str a, b;
	bool same, same_nocase;
	int comparison;
} compare_cases[] = {
	{ STR_INIT("abc"), STR_INIT("abc"), true, true, 0 },
	{ STR_INIT("abc"), STR_INIT("aBC"), false, true, 1 },
	{ STR_INIT("ABC"), STR_INIT("abc"), false, true, -1 },
	{ STR_INIT("abc"), STR_INIT("abd"), false, false, -1 },
	{ STR_INIT("abc"), STR_INIT("ab"), false, false, 1 },
	{ STR_INIT("ab"), STR_INIT("abc"), false, false, -1 },
	{ STR_INIT("b"), STR_INIT("abc"), false, false, 1 },
	{ STR_INIT(""), STR_INIT(""), true, true, 0 },
	{ { NULL, 0 }, STR_INIT(""), true, true, 0 },
	{ { NULL, 0 }, { NULL, 0 }, true, true, 0 },
	{ { NULL, 0 }, STR_INIT("a"), false, false, -1 },
	{ STR_INIT("a\0b"), STR_INIT("a\0c"), false, false, -1 },
	/* Bytes compare as unsigned, and only ASCII letters match in the other case: `@` and "`", `[` and `{`
	   also differ by 32 but do not match. */
	{ STR_INIT("\x7f"), STR_INIT("\x80"), false, false, -1 },
	{ STR_INIT("@"), STR_INIT("`"), false, false, -1 },
	{ STR_INIT("["), STR_INIT("{"), false, false, -1 },
	{ STR_INIT("Az"), STR_INIT("aZ"), false, true, -1 },
	{ STR_INIT("\xc3\x84"), STR_INIT("\xc3\xa4"), false, false, -1 },
};

static void comparison_is_bytewise_or_ignores_ascii_case(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(compare_cases); i++) {
		const struct compare_case *p = &compare_cases[i];
		const int comparison = str_cmp(p->a, p->b), reverse = str_cmp(p->b, p->a);

		assert_int_equal(str_eq(p->a, p->b), p->same);
		assert_int_equal(str_eq_nocase(p->a, p->b), p->same_nocase);
		assert_int_equal((comparison > 0) - (comparison < 0), p->comparison);
		assert_int_equal((reverse > 0) - (reverse < 0), -p->comparison);
	}
}

static void prefixes_and_suffixes_are_found(void **state maybe_unused)
{
	assert_true(str_starts(STR("/kyc/status"), STR("/kyc")));
	assert_true(str_starts(STR("/kyc"), STR("/kyc")));
	assert_true(str_starts(STR("/kyc"), STR("")));
	assert_true(str_starts(empty_slice, empty_slice));
	assert_false(str_starts(STR("/ky"), STR("/kyc")));
	assert_false(str_starts(STR("/kyb/status"), STR("/kyc")));
	assert_true(str_ends(STR("a_seconds"), STR("_seconds")));
	assert_true(str_ends(STR("_seconds"), STR("_seconds")));
	assert_true(str_ends(STR("x"), STR("")));
	assert_true(str_ends(empty_slice, empty_slice));
	assert_false(str_ends(STR("seconds"), STR("_seconds")));
	assert_false(str_ends(STR("_seconds_"), STR("_seconds")));
}

static void str_has_finds_a_character(void **state maybe_unused)
{
	assert_true(str_has(STR("a@b"), '@'));
	assert_true(str_has(STR("a\0b"), '\0'));
	assert_false(str_has(STR("ab"), '\0'));
	assert_false(str_has(STR("ab"), '@'));
	assert_false(str_has(empty_slice, '@'));
}

static void str_cut_splits_at_the_separator(void **state maybe_unused)
{
	struct str rest = STR("a::bc"), first = STR("old");

	assert_true(str_cut(&rest, ':', &first));
	assert_str(first, "a");
	assert_str(rest, ":bc");
	assert_true(str_cut(&rest, ':', &first));
	assert_str(first, "");
	assert_str(rest, "bc");
	assert_false(str_cut(&rest, ':', &first));
	assert_str(first, "bc");
	assert_str(rest, "");
	assert_false(str_cut(&rest, ':', &first));
	assert_str(first, "");
	assert_str(rest, "");
	rest = STR("tail:");
	assert_true(str_cut(&rest, ':', &first));
	assert_str(first, "tail");
	assert_str(rest, "");
	rest = empty_slice;
	assert_false(str_cut(&rest, ':', &first));
	assert_str(first, "");
}

static void str_trim_removes_blanks_at_both_ends(void **state maybe_unused)
{
	assert_str(str_trim(STR(" \t\r\na b\n\r\t ")), "a b");
	assert_str(str_trim(STR("ab")), "ab");
	assert_str(str_trim(STR(" \n ")), "");
	assert_str(str_trim(STR("\va\f")), "\va\f");
	assert_str(str_trim(empty_slice), "");
}

static void str_from_skips_characters(void **state maybe_unused)
{
	assert_str(str_from(STR("abc"), 0), "abc");
	assert_str(str_from(STR("abc"), 2), "c");
	assert_str(str_from(STR("abc"), 3), "");
	assert_str(str_from(STR("abc"), 4), "");
	assert_str(str_from(STR("abc"), SIZE_MAX), "");
	assert_str(str_from(empty_slice, 1), "");
}

static const struct number_case {
	struct str text;
	int64_t max;
	bool good;
	int64_t value;
} number_cases[] = {
	{ STR_INIT("0"), 0, true, 0 },
	{ STR_INIT("1"), 0, false, 0 },
	{ STR_INIT("000"), 0, true, 0 },
	{ STR_INIT("99"), 100, true, 99 },
	{ STR_INIT("100"), 100, true, 100 },
	{ STR_INIT("101"), 100, false, 0 },
	{ STR_INIT("1000"), 100, false, 0 },
	{ STR_INIT("5"), 3, false, 0 },
	{ STR_INIT("0000000000000000000000007"), 9, true, 7 },
	{ STR_INIT("9223372036854775806"), INT64_MAX, true, INT64_MAX - 1 },
	{ STR_INIT("9223372036854775807"), INT64_MAX, true, INT64_MAX },
	{ STR_INIT("9223372036854775808"), INT64_MAX, false, 0 },
	{ STR_INIT("18446744073709551617"), INT64_MAX, false, 0 },
	{ STR_INIT(""), 10, false, 0 },
	{ { NULL, 0 }, 10, false, 0 },
	{ STR_INIT("-1"), 10, false, 0 },
	{ STR_INIT("+1"), 10, false, 0 },
	{ STR_INIT(" 1"), 10, false, 0 },
	{ STR_INIT("1 "), 10, false, 0 },
	{ STR_INIT("1/"), 100, false, 0 },
	{ STR_INIT("1:"), 100, false, 0 },
	{ STR_INIT("1\0"), 100, false, 0 },
	{ STR_INIT("0x1"), 100, false, 0 },
	{ STR_INIT("\xb1"), 100, false, 0 },
	{ STR_INIT("0"), -1, false, 0 },
};

static void str_number_accepts_digits_up_to_the_maximum(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(number_cases); i++) {
		int64_t value = -77;

		assert_int_equal(
			str_number(number_cases[i].text, number_cases[i].max, &value), number_cases[i].good);
		assert_int_equal(value, number_cases[i].good ? number_cases[i].value : -77);
	}
}

static void str_copy_to_requires_space_and_no_nul(void **state maybe_unused)
{
	char out[5] = "old!";

	assert_false(str_copy_to(STR("abcde"), out, sizeof(out)));
	assert_string_equal(out, "old!");
	assert_false(str_copy_to(STR("a\0b"), out, sizeof(out)));
	assert_string_equal(out, "old!");
	assert_false(str_copy_to(STR(""), out, 0));
	assert_string_equal(out, "old!");
	assert_true(str_copy_to(STR("abcd"), out, sizeof(out)));
	assert_string_equal(out, "abcd");
	assert_true(str_copy_to(STR("abc"), out, sizeof(out)));
	assert_string_equal(out, "abc");
	assert_true(str_copy_to(empty_slice, out, 1));
	assert_string_equal(out, "");
}

/* Byte sequences at the boundaries of the ranges in RFC 3629 section 4. */
static const struct utf8_case {
	struct str text;
	bool good;
} utf8_cases[] = {
	{ { NULL, 0 }, true },
	{ STR_INIT(""), true },
	{ STR_INIT("abc\0\x7f"), true },
	{ STR_INIT("Zo\xc3\xab, \xe2\x82\xac, \xf0\x9f\x98\x80!"), true },
	{ STR_INIT("\x80"), false },
	{ STR_INIT("\xbf"), false },
	{ STR_INIT("\xc0\xaf"), false },
	{ STR_INIT("\xc1\xbf"), false },
	{ STR_INIT("\xc2\x80"), true },
	{ STR_INIT("\xdf\xbf"), true },
	{ STR_INIT("\xc2\x7f"), false },
	{ STR_INIT("\xc2\xc0"), false },
	{ STR_INIT("\xc2"), false },
	{ STR_INIT("\xe0\x9f\xbf"), false },
	{ STR_INIT("\xe0\xa0\x80"), true },
	{ STR_INIT("\xe1\x80\x80"), true },
	{ STR_INIT("\xec\xbf\xbf"), true },
	{ STR_INIT("\xe2\x82"), false },
	{ STR_INIT("\xe2\x82\x2c"), false },
	{ STR_INIT("\xe2\x28\xa1"), false },
	{ STR_INIT("\xed\x9f\xbf"), true },
	{ STR_INIT("\xed\xa0\x80"), false },
	{ STR_INIT("\xed\xbf\xbf"), false },
	{ STR_INIT("\xee\x80\x80"), true },
	{ STR_INIT("\xef\xbf\xbf"), true },
	{ STR_INIT("\xf0\x8f\xbf\xbf"), false },
	{ STR_INIT("\xf0\x90\x80\x80"), true },
	{ STR_INIT("\xf0\x9f\x98"), false },
	{ STR_INIT("\xf0\x9f\x98\xc0"), false },
	{ STR_INIT("\xf3\xbf\xbf\xbf"), true },
	{ STR_INIT("\xf4\x8f\xbf\xbf"), true },
	{ STR_INIT("\xf4\x90\x80\x80"), false },
	{ STR_INIT("\xf5\x80\x80\x80"), false },
	{ STR_INIT("\xff"), false },
};

/* Copies the text to the heap, so that ASan detects a read beyond its end. */
static void str_is_utf8_accepts_well_formed_text_only(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(utf8_cases); i++) {
		const struct str s = utf8_cases[i].text;
		char *const exact = malloc(s.n > 0 ? s.n : 1);

		assert_non_null(exact);
		if (s.n > 0)
			memcpy(exact, s.p, s.n);
		if (str_is_utf8((struct str){ exact, s.n }) != utf8_cases[i].good)
			fail_msg("row %zu", i);
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(str_of_gives_a_slice_of_the_text),
		cmocka_unit_test(comparison_is_bytewise_or_ignores_ascii_case),
		cmocka_unit_test(prefixes_and_suffixes_are_found),
		cmocka_unit_test(str_has_finds_a_character),
		cmocka_unit_test(str_cut_splits_at_the_separator),
		cmocka_unit_test(str_trim_removes_blanks_at_both_ends),
		cmocka_unit_test(str_from_skips_characters),
		cmocka_unit_test(str_number_accepts_digits_up_to_the_maximum),
		cmocka_unit_test(str_copy_to_requires_space_and_no_nul),
		cmocka_unit_test(str_is_utf8_accepts_well_formed_text_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
