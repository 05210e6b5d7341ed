#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "crypto/offchain.h"

#define DOMAIN "\xFFsolana offchain"
#define KEY "0123456789abcdef0123456789abcdef"
#define ANOTHER "fedcba9876543210fedcba9876543210"
#define NONE "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

static const struct {
	const char *name;
	struct str bytes;
	bool is_one;
	enum offchain_layout layout;
	enum offchain_format format;
	const char *text;
} rows[] = {
	{ "whole", STR_INIT(DOMAIN "\0" NONE "\0\1" KEY "\2\0hi"), true, OFFCHAIN_WHOLE, OFFCHAIN_ASCII,
		"hi" },
	{ "whole, a line end", STR_INIT(DOMAIN "\0" NONE "\0\1" KEY "\3\0h\ni"), true, OFFCHAIN_WHOLE,
		OFFCHAIN_ASCII, "h\ni" },
	{ "whole, an application", STR_INIT(DOMAIN "\0" ANOTHER "\0\1" KEY "\2\0hi"), true, OFFCHAIN_WHOLE,
		OFFCHAIN_ASCII, "hi" },
	{ "whole, two signers", STR_INIT(DOMAIN "\0" NONE "\0\2" KEY ANOTHER "\2\0hi"), true, OFFCHAIN_WHOLE,
		OFFCHAIN_ASCII, "hi" },
	{ "whole, UTF-8", STR_INIT(DOMAIN "\0" NONE "\1\1" KEY "\2\0\xC3\xA9"), true, OFFCHAIN_WHOLE,
		OFFCHAIN_UTF8, "\xC3\xA9" },
	{ "whole, long", STR_INIT(DOMAIN "\0" NONE "\2\1" KEY "\2\0\xC3\xA9"), true, OFFCHAIN_WHOLE,
		OFFCHAIN_LONG, "\xC3\xA9" },
	{ "short", STR_INIT(DOMAIN "\0\0\2\0hi"), true, OFFCHAIN_SHORT, OFFCHAIN_ASCII, "hi" },
	{ "short, UTF-8", STR_INIT(DOMAIN "\0\1\2\0\xC3\xA9"), true, OFFCHAIN_SHORT, OFFCHAIN_UTF8,
		"\xC3\xA9" },
	{ "short, a line end as UTF-8", STR_INIT(DOMAIN "\0\1\3\0h\ni"), true, OFFCHAIN_SHORT, OFFCHAIN_UTF8,
		"h\ni" },
	{ "short, the smallest and the largest printable", STR_INIT(DOMAIN "\0\0\2\0 ~"), true,
		OFFCHAIN_SHORT, OFFCHAIN_ASCII, " ~" },

	{ .name = "nothing", .bytes = STR_INIT("") },
	{ .name = "the domain alone", .bytes = STR_INIT(DOMAIN) },
	{ .name = "another domain", .bytes = STR_INIT("\xFFsolana 0ffchain\0\0\2\0hi") },
	{ .name = "domain without its first byte", .bytes = STR_INIT("solana offchain\0\0\2\0hi") },
	{ .name = "version 1", .bytes = STR_INIT(DOMAIN "\1\1" KEY "hi") },
	{ .name = "version 1 in this form", .bytes = STR_INIT(DOMAIN "\1" NONE "\0\1" KEY "\2\0hi") },
	{ .name = "version 255", .bytes = STR_INIT(DOMAIN "\xFF\0\2\0hi") },
	{ .name = "whole, no signer", .bytes = STR_INIT(DOMAIN "\0" ANOTHER "\0\0\2\0hi") },
	{ .name = "whole, a signer less than said", .bytes = STR_INIT(DOMAIN "\0" NONE "\0\2" KEY "\2\0hi") },
	{ .name = "whole, a format that is none", .bytes = STR_INIT(DOMAIN "\0" NONE "\3\1" KEY "\2\0hi") },
	{ .name = "whole, a tab", .bytes = STR_INIT(DOMAIN "\0" NONE "\0\1" KEY "\3\0h\ti") },
	{ .name = "whole, CR", .bytes = STR_INIT(DOMAIN "\0" NONE "\0\1" KEY "\3\0h\ri") },
	{ .name = "whole, DEL", .bytes = STR_INIT(DOMAIN "\0" NONE "\0\1" KEY "\3\0h\x7Fi") },
	{ .name = "whole, beyond ASCII", .bytes = STR_INIT(DOMAIN "\0" NONE "\0\1" KEY "\2\0\xC3\xA9") },
	{ .name = "whole, half a character", .bytes = STR_INIT(DOMAIN "\0" NONE "\1\1" KEY "\1\0\xC3") },
	{ .name = "whole, no text", .bytes = STR_INIT(DOMAIN "\0" NONE "\0\1" KEY "\0\0") },
	{ .name = "whole, a byte less", .bytes = STR_INIT(DOMAIN "\0" NONE "\0\1" KEY "\2\0h") },
	{ .name = "whole, a byte more", .bytes = STR_INIT(DOMAIN "\0" NONE "\0\1" KEY "\2\0hi!") },
	{ .name = "whole, the length's other end first",
		.bytes = STR_INIT(DOMAIN "\0" NONE "\0\1" KEY "\0\2hi") },
	{ .name = "short, a line end", .bytes = STR_INIT(DOMAIN "\0\0\3\0h\ni") },
	{ .name = "short, a format that is none", .bytes = STR_INIT(DOMAIN "\0\3\2\0hi") },
	{ .name = "short, a byte less", .bytes = STR_INIT(DOMAIN "\0\0\2\0h") },
	{ .name = "short, a byte more", .bytes = STR_INIT(DOMAIN "\0\0\2\0hi!") },
	{ .name = "short, no text", .bytes = STR_INIT(DOMAIN "\0\0\0\0") },
};

static void each_is_read_as_what_it_is(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(rows); i++) {
		struct offchain said = { .text = STR_INIT("untouched") };

		if (offchain_read(rows[i].bytes, &said) != rows[i].is_one)
			fail_msg("%s", rows[i].name);
		if (!rows[i].is_one) {
			assert_true(str_eq(said.text, STR("untouched")));
			continue;
		}
		assert_int_equal(said.layout, rows[i].layout);
		assert_int_equal(said.format, rows[i].format);
		assert_true(str_eq(said.text, str_of(rows[i].text)));
		if (said.layout == OFFCHAIN_WHOLE)
			assert_true(str_starts(said.signers, STR(KEY)) && said.application.n == OFFCHAIN_KEY);
	}
}

static void one_signer_and_no_application_are_written(void **state maybe_unused)
{
	unsigned char out[OFFCHAIN_MAX];

	for (size_t i = 0; i < array_len(rows); i++) {
		struct offchain said;

		if (!rows[i].is_one || !offchain_read(rows[i].bytes, &said))
			continue;
		if (said.layout == OFFCHAIN_WHOLE &&
			(said.signers.n != OFFCHAIN_KEY || !str_eq(said.application, STR(NONE))))
			continue;
		assert_int_equal(offchain_write(&said, out), rows[i].bytes.n);
		assert_memory_equal(out, rows[i].bytes.p, rows[i].bytes.n);
	}
}

/* 1232 bytes together: one less, exactly that, one more. */
static void what_a_device_cannot_hold_is_not_said(void **state maybe_unused)
{
	static char text[2 * OFFCHAIN_MAX];
	static const struct {
		enum offchain_layout layout;
		size_t preamble;
	} layouts[] = { { OFFCHAIN_WHOLE, 85 }, { OFFCHAIN_SHORT, 20 } };
	unsigned char out[OFFCHAIN_MAX];

	memset(text, 'x', sizeof(text));
	for (size_t i = 0; i < array_len(layouts); i++)
		for (size_t n = OFFCHAIN_MAX - 1; n <= OFFCHAIN_MAX + 1; n++) {
			const struct offchain said = { layouts[i].layout, OFFCHAIN_ASCII, { NULL, 0 },
				STR(KEY), { text, n - layouts[i].preamble } };

			assert_int_equal(offchain_write(&said, out), n <= OFFCHAIN_MAX ? n : 0);
		}
}

static void nor_is_it_read(void **state maybe_unused)
{
	static char bytes[2 * OFFCHAIN_MAX];
	const struct str head = STR(DOMAIN "\0");
	struct offchain said;

	for (int format = 0; format <= 2; format++)
		for (size_t n = OFFCHAIN_MAX - 1; n <= OFFCHAIN_MAX + 1; n++) {
			memset(bytes, 'x', sizeof(bytes));
			memcpy(bytes, head.p, head.n);
			bytes[17] = (char)format;
			bytes[18] = (char)((n - 20) & 0xFF);
			bytes[19] = (char)((n - 20) >> 8);
			assert_int_equal(offchain_read((struct str){ bytes, n }, &said),
				n <= OFFCHAIN_MAX || format == OFFCHAIN_LONG);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_read_as_what_it_is),
		cmocka_unit_test(one_signer_and_no_application_are_written),
		cmocka_unit_test(what_a_device_cannot_hold_is_not_said),
		cmocka_unit_test(nor_is_it_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
