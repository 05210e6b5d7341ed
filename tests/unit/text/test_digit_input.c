#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/digit_input.h"

static const struct {
	const char *name, *typed, *normalised;
} rows[] = {
	{ "empty", "", "" },
	{ "plain", "0123456789", "0123456789" },
	{ "spaces", " 123 456\t", "123456" },
	{ "hyphens", "123-456", "123456" },
	{ "dashes", "1\u20102\u20113\u20134\u20145\u22126", "123456" },
	{ "full-width hyphen", "123\uFF0D456", "123456" },
	{ "no-break and ideographic space", "12\u00A034\u300056", "123456" },
	{ "narrow and thin space", "12\u202F34\u200956", "123456" },
	{ "zero width and byte order mark", "\uFEFF12\u200B34\u200D56\u2060", "123456" },
	{ "direction marks", "\u200E\u202A123456\u202C\u2066\u2069\u061C", "123456" },
	{ "soft hyphen", "123\u00AD456", "123456" },
	{ "line breaks", "123\r\n456\u2028", "123456" },
	{ "emoji variation selector", "1\uFE0F2", "12" },
	{ "full-width, first and last", "\uFF10\uFF19", "09" },
	{ "Arabic-Indic, first and last", "\u0660\u0669", "09" },
	{ "extended Arabic-Indic, first and last", "\u06F0\u06F9", "09" },
	{ "mixed", "\u0661\uFF12 3-\u06F4", "1234" },
	{ "neighbours of the full-width digits", "\uFF0F\uFF1A", "\uFF0F\uFF1A" },
	{ "neighbours of the Arabic-Indic digits", "\u065F\u066A", "\u065F\u066A" },
	{ "neighbours of the extended Arabic-Indic digits", "\u06EF\u06FA", "\u06EF\u06FA" },
	{ "letters are kept", "12a4O6", "12a4O6" },
	{ "Devanagari, first and last", "\u0966\u096F", "09" },
	{ "Bengali, first and last", "\u09E6\u09EF", "09" },
	{ "Thai, first and last", "\u0E50\u0E59", "09" },
	{ "Tamil in groups", "\u0BE7\u0BE8\u0BE9\u200B \u0BEA\u0BEB\u0BEC", "123456" },
	{ "mathematical digits", "\U0001D7CE\U0001D7FF", "09" },
	{ "neighbours of the Devanagari digits", "\u0965\u0970", "\u0965\u0970" },
	{ "numerals that are no decimal digits are kept", "\u4E00\u2460\u00B2", "\u4E00\u2460\u00B2" },
	{ "other punctuation is kept", "1.2,3+4_5/6", "1.2,3+4_5/6" },
	{ "control characters are kept", "1\x01\x7F", "1\x01\x7F" },
	{ "four-byte characters are kept", "\U0001F6001", "\U0001F6001" },
	{ "only removed characters", " - \u200B", "" },
};

static void typed_digits_are_normalised(void **state maybe_unused)
{
	struct arena arena;

	arena_init(&arena, ARENA_CALL_LIMIT);
	for (size_t i = 0; i < array_len(rows); i++) {
		struct str out, again;

		assert_int_equal(digit_input_normalise(&arena, str_of(rows[i].typed), &out), OK);
		if (!str_eq(out, str_of(rows[i].normalised)))
			fail_msg("%s: \"%.*s\"", rows[i].name, STR_ARG(out));
		assert_non_null(out.p);
		assert_int_equal(digit_input_normalise(&arena, out, &again), OK);
		assert_true(str_eq(out, again));
	}
	arena_finish(&arena);
}

/* The ranges of code points that are removed from the input. */
static const struct {
	uint32_t first, last;
} ignored_ranges[] = {
	/* clang-format off */
	{ 0x9, 0xD }, { 0x20, 0x20 }, { 0x2D, 0x2D }, { 0x85, 0x85 }, { 0xA0, 0xA0 }, { 0xAD, 0xAD },
	{ 0x34F, 0x34F }, { 0x61C, 0x61C }, { 0x1680, 0x1680 }, { 0x180E, 0x180E }, { 0x2000, 0x2015 },
	{ 0x2028, 0x202F }, { 0x205F, 0x2064 }, { 0x2066, 0x206F }, { 0x2212, 0x2212 }, { 0x3000, 0x3000 },
	{ 0xFE00, 0xFE0F }, { 0xFE58, 0xFE58 }, { 0xFE63, 0xFE63 }, { 0xFEFF, 0xFEFF }, { 0xFF0D, 0xFF0D },
	/* clang-format on */
};

static bool is_ignored(uint32_t c)
{
	for (size_t i = 0; i < array_len(ignored_ranges); i++)
		if (c >= ignored_ranges[i].first && c <= ignored_ranges[i].last)
			return true;
	return false;
}

/* Returns the ASCII digit with the same value as the non-ASCII digit `c`, or 0 if `c` is no digit. The table
 * has the first digit of each group of ten with the general category Nd in the Unicode Character Database. */
static char ascii_digit(uint32_t c)
{
	static const uint32_t zeros[] = {
		/* clang-format off */
		0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0, 0xF20,
		0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50,
		0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
		0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730,
		0x118E0, 0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x11F50, 0x16A60, 0x16AC0, 0x16B50,
		0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E950, 0x1FBF0,
		/* clang-format on */
	};

	for (size_t i = 0; i < array_len(zeros); i++)
		if (c - zeros[i] < 10)
			return (char)('0' + (c - zeros[i]));
	return 0;
}

/* Writes the UTF-8 encoding of `c` and returns its length. */
static size_t encode_utf8(uint32_t c, char out[4])
{
	const size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };

	for (size_t i = n; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3F));
	out[0] = (char)(lead[n] | c);
	return n;
}

static void each_unicode_character_is_removed_converted_or_kept(void **state maybe_unused)
{
	struct arena arena;

	arena_init(&arena, ARENA_CALL_LIMIT);
	for (uint32_t c = 1; c <= 0x10FFFF; c++) {
		char text[6] = "7";
		const size_t n = encode_utf8(c, text + 1);
		const char digit = ascii_digit(c);
		struct str out;

		if (c >= 0xD800 && c <= 0xDFFF)
			continue;
		text[1 + n] = '8';
		assert_int_equal(digit_input_normalise(&arena, (struct str){ text, n + 2 }, &out), OK);
		const bool is_correct = is_ignored(c) ? str_eq(out, STR("78"))
					: digit	      ? out.n == 3 && out.p[1] == digit
						      : str_eq(out, (struct str){ text, n + 2 });
		if (!is_correct)
			fail_msg("U+%04X: \"%.*s\"", (unsigned)c, STR_ARG(out));
		arena_reset(&arena);
	}
	arena_finish(&arena);
}

/* The input should be UTF-8; if it is not, the function must still not read past its end. */
static void incomplete_character_is_kept(void **state maybe_unused)
{
	struct arena arena;
	struct str out;

	arena_init(&arena, ARENA_CALL_LIMIT);
	assert_int_equal(digit_input_normalise(&arena, (struct str){ "1\uFF12", 3 }, &out), OK);
	assert_true(str_eq(out, STR("1\xEF\xBC")));
	assert_int_equal(digit_input_normalise(&arena,
				 STR("\x80"
				     "1"),
				 &out),
		OK);
	assert_true(str_eq(out, STR("\x80"
				    "1")));
	arena_finish(&arena);
}

static void full_arena_is_an_error(void **state maybe_unused)
{
	struct str out = STR("before");
	struct arena tiny;

	arena_init(&tiny, 6);
	assert_int_equal(digit_input_normalise(&tiny, STR("123456"), &out), ERR_INTERNAL);
	assert_true(str_eq(out, STR("before")));
	arena_finish(&tiny);
}

static void long_digit_runs_are_grouped(void **state maybe_unused)
{
	static const struct {
		const char *text, *grouped;
	} names[] = {
		{ "", "" },
		{ "Shop", "Shop" },
		{ "12345", "12345" },
		{ "123456", "123\u202F456" },
		{ "1234567", "1\u202F234\u202F567" },
		{ "Shop 20261120!", "Shop 20\u202F261\u202F120!" },
		{ "12345 67890", "12345 67890" },
		{ "12345a123456", "12345a123\u202F456" },
		{ "\u0661\u0662\u0663\u0664\u0665", "\u0661\u0662\u0663\u0664\u0665" },
		{ "\u0661\u0662\u0663\u06F4\uFF155", "\u0661\u0662\u0663\u202F\u06F4\uFF155" },
		{ "\u6F22\u5B57", "\u6F22\u5B57" },
		{ "1234\xC3", "1234\xC3" },
	};

	for (size_t i = 0; i < array_len(names); i++) {
		struct arena arena;
		struct buf out;
		struct str text;

		arena_init(&arena, ARENA_CALL_LIMIT);
		buf_init(&out, &arena);
		digit_input_group(&out, str_of(names[i].text));
		assert_int_equal(buf_done(&out, &text), OK);
		assert_string_equal(text.p, names[i].grouped);
		arena_finish(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(typed_digits_are_normalised),
		cmocka_unit_test(each_unicode_character_is_removed_converted_or_kept),
		cmocka_unit_test(incomplete_character_is_kept),
		cmocka_unit_test(full_arena_is_an_error),
		cmocka_unit_test(long_digit_runs_are_grouped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
