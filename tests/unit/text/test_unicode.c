#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/unicode.h"

static const struct {
	const char *name;
	struct str text, trimmed;
} rows[] = {
	{ "empty", { NULL, 0 }, STR_INIT("") },
	{ "nothing to trim", STR_INIT("a b"), STR_INIT("a b") },
	{ "ASCII white space", STR_INIT(" \t\v\f\r\na b\r\n "), STR_INIT("a b") },
	{ "zero-width space, joiners, byte order mark", STR_INIT("\uFEFF\u200Ba\u200C\u200D\u2060"),
		STR_INIT("a") },
	{ "no-break spaces", STR_INIT("\u00A0\u202Fa\u00A0"), STR_INIT("a") },
	{ "direction marks and embeddings", STR_INIT("\u200E\u202Aa\u202C\u061C\u2069"), STR_INIT("a") },
	{ "spaces of other scripts", STR_INIT("\u3000\u1680a\u2003"), STR_INIT("a") },
	{ "soft hyphen, variation selector", STR_INIT("\u00ADa\uFE0F"), STR_INIT("a") },
	{ "mixed", STR_INIT(" \u00A0 \u200B\na\n\u200B \u00A0"), STR_INIT("a") },
	{ "inside is kept", STR_INIT("\u200Ba\u200B\u00A0b\u200B"), STR_INIT("a\u200B\u00A0b") },
	{ "blanks only", STR_INIT("\u200B \u00A0\uFEFF"), STR_INIT("") },
	{ "hyphens are kept", STR_INIT("-a\u2013"), STR_INIT("-a\u2013") },
	{ "combining mark is kept", STR_INIT("a\u0301"), STR_INIT("a\u0301") },
	{ "control characters are kept",
		STR_INIT("\x01"
			 "a\x7F\0"),
		STR_INIT("\x01"
			 "a\x7F\0") },
	{ "four bytes", STR_INIT("\U0001F600\u200B"), STR_INIT("\U0001F600") },
	{ "cut off at the end", STR_INIT("a\xE2\x80"), STR_INIT("a\xE2\x80") },
	{ "cut off at the start",
		STR_INIT("\x80\x8B"
			 "a"),
		STR_INIT("\x80\x8B"
			 "a") },
	{ "overlong space",
		STR_INIT("\xC0\xA0"
			 "a\xC0\xA0"),
		STR_INIT("\xC0\xA0"
			 "a\xC0\xA0") },
	{ "not UTF-8 before a blank", STR_INIT("a\xFF\u00A0"), STR_INIT("a\xFF") },
};

static void invisible_characters_are_removed_at_both_ends(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct str trimmed = unicode_trim(rows[i].text);

		if (!str_eq(trimmed, rows[i].trimmed))
			fail_msg("%s: %zu bytes", rows[i].name, trimmed.n);
	}
}

static void decimal_digits_of_every_script_have_a_value(void **state maybe_unused)
{
	static const struct {
		const char *script;
		uint32_t zero;
	} scripts[] = {
		{ "ASCII", '0' },
		{ "Arabic-Indic", 0x660 },
		{ "extended Arabic-Indic", 0x6F0 },
		{ "Devanagari", 0x966 },
		{ "Bengali", 0x9E6 },
		{ "Gurmukhi", 0xA66 },
		{ "Tamil", 0xBE6 },
		{ "Thai", 0xE50 },
		{ "Lao", 0xED0 },
		{ "Tibetan", 0xF20 },
		{ "Myanmar", 0x1040 },
		{ "Khmer", 0x17E0 },
		{ "full-width", 0xFF10 },
		{ "mathematical bold", 0x1D7CE },
		{ "mathematical monospace", 0x1D7F6 },
		{ "Adlam", 0x1E950 },
		{ "segmented", 0x1FBF0 },
	};

	for (size_t i = 0; i < array_len(scripts); i++)
		for (uint32_t value = 0; value < 10; value++)
			if (unicode_digit(scripts[i].zero + value) != (char)('0' + value))
				fail_msg("%s %u", scripts[i].script, value);
}

static void other_characters_have_no_value(void **state maybe_unused)
{
	static const uint32_t others[] = { 0, '/', ':', 'a', 0xB2 /* superscript 2 */, 0x65F, 0x66A, 0x6EF,
		0x6FA, 0x965, 0x970, 0x9E5, 0x9F0, 0xE4F, 0xE5A, 0x2460 /* circled 1 */,
		0x3007 /* ideographic 0 */, 0x4E00 /* ideographic 1 */, 0xFF0F, 0xFF1A, 0xFFFD, 0x1D7CD,
		0x1D800, 0x10FFFF };

	for (size_t i = 0; i < array_len(others); i++)
		if (unicode_digit(others[i]) != 0)
			fail_msg("U+%04X", others[i]);
}

static void bytes_that_are_no_character_count_as_one_each(void **state maybe_unused)
{
	/* without the check, these would decode to ASCII digits */
	for (int byte = 0x80; byte <= 0xFF; byte++) {
		const char p[] = { (char)byte };

		assert_int_equal(utf8_width((struct str){ p, 1 }), 1);
		assert_int_equal(utf8_decode(p, 1), 0xFFFD);
	}
	assert_int_equal(utf8_width(STR("\xE0\xA5")), 1);
	assert_int_equal(utf8_width(STR("\u0967")), 3);
	assert_int_equal(utf8_decode("\u0967", 3), 0x967);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(invisible_characters_are_removed_at_both_ends),
		cmocka_unit_test(decimal_digits_of_every_script_have_a_value),
		cmocka_unit_test(other_characters_have_no_value),
		cmocka_unit_test(bytes_that_are_no_character_count_as_one_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
