#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "crypto/offchain.h"

#define DOMAIN "\xFFsolana offchain"
#define KEY "0123456789abcdef0123456789abcdef"
#define OTHER_KEY "fedcba9876543210fedcba9876543210"
#define NO_APPLICATION "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

static const struct {
	const char *name;
	struct str bytes;
	bool is_valid;
	enum offchain_layout layout;
	enum offchain_format format;
	const char *text;
} rows[] = {
	{ "whole", STR_INIT(DOMAIN "\0" NO_APPLICATION "\0\1" KEY "\2\0hi"), true, OFFCHAIN_WHOLE,
		OFFCHAIN_ASCII, "hi" },
	{ "whole, line feed", STR_INIT(DOMAIN "\0" NO_APPLICATION "\0\1" KEY "\3\0h\ni"), true,
		OFFCHAIN_WHOLE, OFFCHAIN_ASCII, "h\ni" },
	{ "whole, with an application", STR_INIT(DOMAIN "\0" OTHER_KEY "\0\1" KEY "\2\0hi"), true,
		OFFCHAIN_WHOLE, OFFCHAIN_ASCII, "hi" },
	{ "whole, two signers", STR_INIT(DOMAIN "\0" NO_APPLICATION "\0\2" KEY OTHER_KEY "\2\0hi"), true,
		OFFCHAIN_WHOLE, OFFCHAIN_ASCII, "hi" },
	{ "whole, UTF-8", STR_INIT(DOMAIN "\0" NO_APPLICATION "\1\1" KEY "\2\0\xC3\xA9"), true,
		OFFCHAIN_WHOLE, OFFCHAIN_UTF8, "\xC3\xA9" },
	{ "whole, long", STR_INIT(DOMAIN "\0" NO_APPLICATION "\2\1" KEY "\2\0\xC3\xA9"), true, OFFCHAIN_WHOLE,
		OFFCHAIN_LONG, "\xC3\xA9" },
	{ "short", STR_INIT(DOMAIN "\0\0\2\0hi"), true, OFFCHAIN_SHORT, OFFCHAIN_ASCII, "hi" },
	{ "short, UTF-8", STR_INIT(DOMAIN "\0\1\2\0\xC3\xA9"), true, OFFCHAIN_SHORT, OFFCHAIN_UTF8,
		"\xC3\xA9" },
	{ "short, line feed declared as UTF-8", STR_INIT(DOMAIN "\0\1\3\0h\ni"), true, OFFCHAIN_SHORT,
		OFFCHAIN_UTF8, "h\ni" },
	{ "short, lowest and highest printable character", STR_INIT(DOMAIN "\0\0\2\0 ~"), true,
		OFFCHAIN_SHORT, OFFCHAIN_ASCII, " ~" },

	{ "version 1", STR_INIT(DOMAIN "\1\1" KEY "hi"), true, OFFCHAIN_V1, OFFCHAIN_LONG, "hi" },
	{ "version 1, any text", STR_INIT(DOMAIN "\1\1" KEY "\xC3\xA9\r\n\t"), true, OFFCHAIN_V1,
		OFFCHAIN_LONG, "\xC3\xA9\r\n\t" },
	{ "version 1, two signers", STR_INIT(DOMAIN "\1\2" KEY OTHER_KEY "hi"), true, OFFCHAIN_V1,
		OFFCHAIN_LONG, "hi" },

	{ .name = "empty", .bytes = STR_INIT("") },
	{ .name = "only the domain", .bytes = STR_INIT(DOMAIN) },
	{ .name = "another domain", .bytes = STR_INIT("\xFFsolana 0ffchain\0\0\2\0hi") },
	{ .name = "domain without its first byte", .bytes = STR_INIT("solana offchain\0\0\2\0hi") },
	{ .name = "version 1, no signer", .bytes = STR_INIT(DOMAIN "\1\0hi") },
	{ .name = "version 1, one signer less than declared",
		.bytes = STR_INIT(DOMAIN "\1\2" KEY "a text of less than 32 bytes") },
	{ .name = "version 1, signers not sorted", .bytes = STR_INIT(DOMAIN "\1\2" OTHER_KEY KEY "hi") },
	{ .name = "version 1, a signer twice", .bytes = STR_INIT(DOMAIN "\1\2" KEY KEY "hi") },
	{ .name = "version 1, empty text", .bytes = STR_INIT(DOMAIN "\1\1" KEY) },
	{ .name = "version 1, not UTF-8", .bytes = STR_INIT(DOMAIN "\1\1" KEY "\xC3(") },
	{ .name = "version 1, only the version", .bytes = STR_INIT(DOMAIN "\1") },
	{ .name = "version 1 in the layout of version 0",
		.bytes = STR_INIT(DOMAIN "\1" NO_APPLICATION "\0\1" KEY "\2\0hi") },
	{ .name = "version 2", .bytes = STR_INIT(DOMAIN "\2\1" KEY "hi") },
	{ .name = "version 255", .bytes = STR_INIT(DOMAIN "\xFF\0\2\0hi") },
	{ .name = "whole, no signer", .bytes = STR_INIT(DOMAIN "\0" OTHER_KEY "\0\0\2\0hi") },
	{ .name = "whole, one signer less than declared",
		.bytes = STR_INIT(DOMAIN "\0" NO_APPLICATION "\0\2" KEY "\2\0hi") },
	{ .name = "whole, unknown format",
		.bytes = STR_INIT(DOMAIN "\0" NO_APPLICATION "\3\1" KEY "\2\0hi") },
	{ .name = "whole, a tab", .bytes = STR_INIT(DOMAIN "\0" NO_APPLICATION "\0\1" KEY "\3\0h\ti") },
	{ .name = "whole, CR", .bytes = STR_INIT(DOMAIN "\0" NO_APPLICATION "\0\1" KEY "\3\0h\ri") },
	{ .name = "whole, DEL", .bytes = STR_INIT(DOMAIN "\0" NO_APPLICATION "\0\1" KEY "\3\0h\x7Fi") },
	{ .name = "whole, non-ASCII text declared as ASCII",
		.bytes = STR_INIT(DOMAIN "\0" NO_APPLICATION "\0\1" KEY "\2\0\xC3\xA9") },
	{ .name = "whole, incomplete UTF-8 character",
		.bytes = STR_INIT(DOMAIN "\0" NO_APPLICATION "\1\1" KEY "\1\0\xC3") },
	{ .name = "whole, empty text", .bytes = STR_INIT(DOMAIN "\0" NO_APPLICATION "\0\1" KEY "\0\0") },
	{ .name = "whole, one byte missing",
		.bytes = STR_INIT(DOMAIN "\0" NO_APPLICATION "\0\1" KEY "\2\0h") },
	{ .name = "whole, one extra byte",
		.bytes = STR_INIT(DOMAIN "\0" NO_APPLICATION "\0\1" KEY "\2\0hi!") },
	{ .name = "whole, length in big endian",
		.bytes = STR_INIT(DOMAIN "\0" NO_APPLICATION "\0\1" KEY "\0\2hi") },
	{ .name = "short, line feed declared as ASCII", .bytes = STR_INIT(DOMAIN "\0\0\3\0h\ni") },
	{ .name = "short, unknown format", .bytes = STR_INIT(DOMAIN "\0\3\2\0hi") },
	{ .name = "short, one byte missing", .bytes = STR_INIT(DOMAIN "\0\0\2\0h") },
	{ .name = "short, one extra byte", .bytes = STR_INIT(DOMAIN "\0\0\2\0hi!") },
	{ .name = "short, empty text", .bytes = STR_INIT(DOMAIN "\0\0\0\0") },
};

static void valid_messages_are_read_and_others_refused(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(rows); i++) {
		struct offchain message = { .text = STR_INIT("untouched") };

		if (offchain_read(rows[i].bytes, &message) != rows[i].is_valid)
			fail_msg("%s", rows[i].name);
		if (!rows[i].is_valid) {
			assert_true(str_eq(message.text, STR("untouched")));
			continue;
		}
		assert_int_equal(message.layout, rows[i].layout);
		assert_int_equal(message.format, rows[i].format);
		assert_true(str_eq(message.text, str_of(rows[i].text)));
		assert_true(message.layout == OFFCHAIN_SHORT || str_starts(message.signers, STR(KEY)));
		assert_int_equal(message.application.n, message.layout == OFFCHAIN_WHOLE ? OFFCHAIN_KEY : 0);
	}
}

static void written_message_equals_the_one_read(void **state maybe_unused)
{
	unsigned char out[OFFCHAIN_MAX];

	for (size_t i = 0; i < array_len(rows); i++) {
		struct offchain message;

		if (!rows[i].is_valid || !offchain_read(rows[i].bytes, &message))
			continue;
		if (message.signers.n > OFFCHAIN_KEY)
			continue;
		assert_int_equal(offchain_write(&message, out), rows[i].bytes.n);
		assert_memory_equal(out, rows[i].bytes.p, rows[i].bytes.n);
	}
}

static void text_over_the_limit_is_not_written(void **state maybe_unused)
{
	static char text[2 * OFFCHAIN_MAX];
	static const struct {
		enum offchain_layout layout;
		enum offchain_format format;
		size_t preamble, text_max;
	} limits[] = {
		{ OFFCHAIN_WHOLE, OFFCHAIN_ASCII, 85, OFFCHAIN_DEVICE_TEXT_MAX },
		{ OFFCHAIN_WHOLE, OFFCHAIN_UTF8, 85, OFFCHAIN_DEVICE_TEXT_MAX },
		{ OFFCHAIN_WHOLE, OFFCHAIN_LONG, 85, OFFCHAIN_MAX - 85 },
		{ OFFCHAIN_SHORT, OFFCHAIN_ASCII, 20, OFFCHAIN_DEVICE_TEXT_MAX },
		{ OFFCHAIN_SHORT, OFFCHAIN_UTF8, 20, OFFCHAIN_DEVICE_TEXT_MAX },
		{ OFFCHAIN_SHORT, OFFCHAIN_LONG, 20, OFFCHAIN_MAX - 20 },
		{ OFFCHAIN_V1, OFFCHAIN_LONG, 50, OFFCHAIN_MAX - 50 },
	};
	unsigned char out[OFFCHAIN_MAX];

	memset(text, 'x', sizeof(text));
	for (size_t i = 0; i < array_len(limits); i++)
		for (size_t n = limits[i].text_max - 1; n <= limits[i].text_max + 1; n++) {
			const struct offchain message = { limits[i].layout, limits[i].format, { NULL, 0 },
				STR(KEY), { text, n } };

			assert_int_equal(offchain_write(&message, out),
				n <= limits[i].text_max ? limits[i].preamble + n : 0);
		}
}

static void text_over_the_limit_is_read_only_in_long_format(void **state maybe_unused)
{
	static char bytes[2 * OFFCHAIN_DEVICE_TEXT_MAX];
	const struct str prefix = STR(DOMAIN "\0");
	struct offchain message;

	for (int format = 0; format <= 2; format++)
		for (size_t n = OFFCHAIN_DEVICE_TEXT_MAX - 1; n <= OFFCHAIN_DEVICE_TEXT_MAX + 1; n++) {
			memset(bytes, 'x', sizeof(bytes));
			memcpy(bytes, prefix.p, prefix.n);
			bytes[17] = (char)format;
			bytes[18] = (char)(n & 0xFF);
			bytes[19] = (char)(n >> 8);
			assert_int_equal(offchain_read((struct str){ bytes, 20 + n }, &message),
				n <= OFFCHAIN_DEVICE_TEXT_MAX || format == OFFCHAIN_LONG);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_messages_are_read_and_others_refused),
		cmocka_unit_test(written_message_equals_the_one_read),
		cmocka_unit_test(text_over_the_limit_is_not_written),
		cmocka_unit_test(text_over_the_limit_is_read_only_in_long_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
