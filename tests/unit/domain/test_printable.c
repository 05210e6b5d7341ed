/* domain/printable: which characters are allowed, the texts that are all blank, and the length. */
#include "domain/printable.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/attr.h"

/* Writes a code point as UTF-8; returns the number of bytes. */
static size_t write_utf8(uint32_t c, char out[4])
{
	const size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = n; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(first[n] | c);
	return n;
}

static bool is_valid(const char *before, uint32_t c, size_t max)
{
	char text[16];
	const int n = snprintf(text, sizeof(text), "%s", before);

	return printable_is_valid((struct str){ text, (size_t)n + write_utf8(c, text + n) }, max);
}

/* Each range with the characters before and after it. A blank one is allowed beside a visible one. */
static const struct edge {
	uint32_t c;
	bool allowed, blank;
} edges[] = {
	{ 0x1f, false, false },
	{ 0x20, true, true },
	{ 0x21, true, false },
	{ 0x7e, true, false },
	{ 0x7f, false, false },
	{ 0x9f, false, false },
	{ 0xa0, true, true },
	{ 0xa1, true, false },
	{ 0xac, true, false },
	{ 0xad, false, false },
	{ 0xae, true, false },
	{ 0x200a, true, true },
	{ 0x200b, false, false },
	{ 0x200f, false, false },
	{ 0x2010, true, false },
	{ 0x2027, true, false },
	{ 0x2028, false, false },
	{ 0x202e, false, false },
	{ 0x202f, true, true },
	{ 0x205f, true, true },
	{ 0x2060, false, false },
	{ 0x206f, false, false },
	{ 0x2070, true, false },
	{ 0x27ff, true, false },
	{ 0x2800, true, true },
	{ 0x2801, true, false },
	{ 0x3000, true, true },
	{ 0xd7ff, true, false },
	{ 0xe000, false, false },
	{ 0xf8ff, false, false },
	{ 0xf900, true, false },
	{ 0xfdcf, true, false },
	{ 0xfdd0, false, false },
	{ 0xfdef, false, false },
	{ 0xfdf0, true, false },
	{ 0xfe0f, true, true },
	{ 0xfefe, true, false },
	{ 0xfeff, false, false },
	{ 0xffef, true, false },
	{ 0xfff0, false, false },
	{ 0xfffc, true, false },
	{ 0xfffe, false, false },
	{ 0xffff, false, false },
	{ 0x10000, true, false },
	{ 0x1f600, true, false },
	{ 0x1fffe, false, false },
	{ 0xe0000, false, false },
	{ 0xe0100, true, true },
	{ 0xe01ef, true, true },
	{ 0xe01f0, false, false },
	{ 0xe1000, true, false },
	{ 0xeffff, false, false },
	{ 0xf0000, false, false },
	{ 0x10ffff, false, false },
};

static void ranges_begin_and_end_where_unicode_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(edges); i++) {
		printf("# U+%04X\n", (unsigned)edges[i].c);
		assert_int_equal(is_valid("", edges[i].c, 1), edges[i].allowed && !edges[i].blank);
		assert_int_equal(is_valid("a", edges[i].c, 2), edges[i].allowed);
	}
}

static void length_is_counted_in_characters(void **state)
{
	static const struct {
		const char *text;
		size_t length;
	} rows[] = { { "a", 1 }, { "abc", 3 }, { "caf\u00e9", 4 }, { "\u4f60\u597d", 2 },
		{ "\U0001F600!", 2 } };

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		assert_false(printable_is_valid(str_of(rows[i].text), rows[i].length - 1));
		assert_true(printable_is_valid(str_of(rows[i].text), rows[i].length));
		assert_true(printable_is_valid(str_of(rows[i].text), rows[i].length + 1));
	}
}

static void malformed_texts_are_refused(void **state)
{
	static const struct str rows[] = { STR_INIT(""), STR_INIT("a\0b"), STR_INIT("\xff"),
		STR_INIT("a\xc3"), STR_INIT("\xc0\xaf"), STR_INIT("\xed\xa0\x80"),
		STR_INIT("\xf4\x90\x80\x80"), STR_INIT("  \u3000") };

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++)
		assert_false(printable_is_valid(rows[i], 64));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_begin_and_end_where_unicode_says),
		cmocka_unit_test(length_is_counted_in_characters),
		cmocka_unit_test(malformed_texts_are_refused),
	};

	return cmocka_run_group_tests_name("printable", tests, NULL, NULL);
}
