#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "text/base58.h"

static unsigned char pattern[BASE58_BYTES_MAX];

static int setup(void **state maybe_unused)
{
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (unsigned char)(7 * i + 3);
	return 0;
}

static void assert_encodes_and_decodes(
	const char *name, const unsigned char *bytes, size_t n, const char *text)
{
	static char written[BASE58_TEXT(BASE58_BYTES_MAX) + 1];
	static unsigned char decoded[BASE58_BYTES_MAX];
	size_t read = 0;

	memset(written, '#', sizeof(written));
	const size_t length = base58_write(bytes, n, written);
	if (strcmp(written, text) != 0)
		fail_msg("%s, %zu bytes: %s", name, n, written);
	assert_int_equal(length, strlen(text));
	assert_true(length <= BASE58_TEXT(n));
	/* Decoding needs a buffer of exactly n bytes; one byte less is too small. */
	assert_true(base58_read(str_of(text), decoded, n, &read));
	assert_int_equal(read, n);
	assert_memory_equal(decoded, bytes, n);
	memset(decoded, 7, sizeof(decoded));
	assert_true(n == 0 || !base58_read(str_of(text), decoded, n - 1, &read));
	assert_int_equal(decoded[0], 7);
}

static void encoding_matches_a_reference_library(void **state maybe_unused)
{
	static const struct {
		size_t n;
		const char *text;
	} rows[] = {
#define BASE58(n, text) { n, text },
#include "../crypto/wallet_rows.h"
	};

	for (size_t i = 0; i < array_len(rows); i++)
		assert_encodes_and_decodes("recorded", pattern, rows[i].n, rows[i].text);
}

static void examples_of_the_base58_draft(void **state maybe_unused)
{
	/* Examples of draft-msporny-base58, and bytes with leading zeros: only zeros, zeros before other
	 * bytes, and more zeros than a machine word has bytes. */
	static const struct {
		const char *name;
		struct str bytes;
		const char *text;
	} rows[] = {
		{ "hello", STR_INIT("Hello World!"), "2NEpo7TZRRrLZSi2U" },
		{ "fox", STR_INIT("The quick brown fox jumps over the lazy dog."),
			"USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z" },
		{ "leading zeros", STR_INIT("\0\0\x28\x7F\xB4\xCD"), "11233QC4" },
		{ "one zero", STR_INIT("\0"), "1" },
		{ "nine zeros", STR_INIT("\0\0\0\0\0\0\0\0\0"), "111111111" },
		{ "a zero and a one", STR_INIT("\0\1"), "12" },
		{ "57", STR_INIT("\x39"), "z" },
		{ "58", STR_INIT("\x3A"), "21" },
		{ "2 to the 64", STR_INIT("\1\0\0\0\0\0\0\0\0"), "jpXCZedGfVR" },
	};

	for (size_t i = 0; i < array_len(rows); i++)
		assert_encodes_and_decodes(
			rows[i].name, (const unsigned char *)rows[i].bytes.p, rows[i].bytes.n, rows[i].text);
}

static void each_length_is_decoded_to_the_same_bytes(void **state maybe_unused)
{
	static unsigned char bytes[BASE58_BYTES_MAX], decoded[BASE58_BYTES_MAX];
	static char text[BASE58_TEXT(BASE58_BYTES_MAX) + 1];
	size_t n = 0;

	for (size_t length = 0; length <= 200; length++)
		for (size_t zeros = 0; zeros <= length && zeros < 10; zeros++) {
			memset(bytes, 0xFF, sizeof(bytes)); /* the largest number of this length */
			memset(bytes, 0, zeros);
			const size_t written = base58_write(bytes, length, text);
			assert_true(written <= BASE58_TEXT(length));
			assert_true(base58_read((struct str){ text, written }, decoded, length, &n));
			assert_int_equal(n, length);
			assert_memory_equal(bytes, decoded, length);
		}
	memset(bytes, 0xFF, sizeof(bytes));
	assert_true(base58_read((struct str){ text, base58_write(bytes, sizeof(bytes), text) }, decoded,
		sizeof(decoded), &n));
	assert_memory_equal(bytes, decoded, sizeof(bytes));
}

static void invalid_characters_are_rejected(void **state maybe_unused)
{
	static const struct str rows[] = { STR_INIT("0"), STR_INIT("O"), STR_INIT("I"), STR_INIT("l"),
		STR_INIT("2 1"), STR_INIT(" 21"), STR_INIT("21\n"), STR_INIT("2\0"), STR_INIT("0x21"),
		STR_INIT("2+"), STR_INIT("2/"), STR_INIT("2="), STR_INIT("2_"), STR_INIT("2\xC3\xA9"),
		STR_INIT("2\xE2\x80\x8B"), STR_INIT("\xFF") };

	for (size_t i = 0; i < array_len(rows); i++) {
		unsigned char bytes[8] = { 7 };
		size_t n = 9;

		if (base58_read(rows[i], bytes, sizeof(bytes), &n))
			fail_msg("%.*s", STR_ARG(rows[i]));
		assert_int_equal(bytes[0], 7);
		assert_int_equal(n, 9);
	}
}

/* The length is checked first; decoding a megabyte would take quadratic time. */
static void text_that_is_too_long_is_rejected_before_decoding(void **state maybe_unused)
{
	static unsigned char bytes[BASE58_BYTES_MAX];
	const size_t length = (size_t)1024 * 1024;
	char *const text = malloc(length);
	size_t n = 0;

	assert_non_null(text);
	memset(text, 'z', length);
	for (int i = 0; i < 1000; i++)
		assert_false(base58_read((struct str){ text, length }, bytes, sizeof(bytes), &n));
	/* For each buffer size, the longest text that is decoded at all. Its value is too large for the
	 * buffer. */
	for (size_t room = 0; room <= BASE58_BYTES_MAX; room++)
		assert_false(base58_read((struct str){ text, BASE58_TEXT(room) }, bytes, room, &n));
	memset(text, '1', length);
	assert_false(base58_read((struct str){ text, length }, bytes, sizeof(bytes), &n));
	assert_false(base58_read((struct str){ text, BASE58_BYTES_MAX + 1 }, bytes, sizeof(bytes), &n));
	assert_true(base58_read((struct str){ text, BASE58_BYTES_MAX }, bytes, sizeof(bytes), &n));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encoding_matches_a_reference_library),
		cmocka_unit_test(examples_of_the_base58_draft),
		cmocka_unit_test(each_length_is_decoded_to_the_same_bytes),
		cmocka_unit_test(invalid_characters_are_rejected),
		cmocka_unit_test(text_that_is_too_long_is_rejected_before_decoding),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
