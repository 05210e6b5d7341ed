#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "text/base58.h"

static unsigned char pattern[BASE58_BYTES_MAX];

static int fill(void **state maybe_unused)
{
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (unsigned char)(7 * i + 3);
	return 0;
}

static void assert_both_ways(const char *name, const unsigned char *bytes, size_t n, const char *text)
{
	static char written[BASE58_TEXT(BASE58_BYTES_MAX) + 1];
	static unsigned char back[BASE58_BYTES_MAX];
	size_t read = 0;

	memset(written, '#', sizeof(written));
	const size_t length = base58_write(bytes, n, written);
	if (strcmp(written, text) != 0)
		fail_msg("%s, %zu bytes: %s", name, n, written);
	assert_int_equal(length, strlen(text));
	assert_true(length <= BASE58_TEXT(n));
	/* into exactly as much room, and not into a byte less */
	assert_true(base58_read(str_of(text), back, n, &read));
	assert_int_equal(read, n);
	assert_memory_equal(back, bytes, n);
	memset(back, 7, sizeof(back));
	assert_true(n == 0 || !base58_read(str_of(text), back, n - 1, &read));
	assert_int_equal(back[0], 7);
}

static void as_the_library_writes_it(void **state maybe_unused)
{
	static const struct {
		size_t n;
		const char *text;
	} rows[] = {
#define BASE58(n, text) { n, text },
#include "../crypto/wallet_rows.h"
	};

	for (size_t i = 0; i < array_len(rows); i++)
		assert_both_ways("recorded", pattern, rows[i].n, rows[i].text);
}

static void the_drafts_examples(void **state maybe_unused)
{
	/* draft-msporny-base58, and zeros in front of something, of nothing, of a limb */
	static const struct {
		const char *name;
		struct str bytes;
		const char *text;
	} rows[] = {
		{ "hello", STR_INIT("Hello World!"), "2NEpo7TZRRrLZSi2U" },
		{ "fox", STR_INIT("The quick brown fox jumps over the lazy dog."),
			"USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z" },
		{ "zeros before", STR_INIT("\0\0\x28\x7F\xB4\xCD"), "11233QC4" },
		{ "one zero", STR_INIT("\0"), "1" },
		{ "nine zeros", STR_INIT("\0\0\0\0\0\0\0\0\0"), "111111111" },
		{ "a zero and a one", STR_INIT("\0\1"), "12" },
		{ "57", STR_INIT("\x39"), "z" },
		{ "58", STR_INIT("\x3A"), "21" },
		{ "2 to the 64", STR_INIT("\1\0\0\0\0\0\0\0\0"), "jpXCZedGfVR" },
	};

	for (size_t i = 0; i < array_len(rows); i++)
		assert_both_ways(
			rows[i].name, (const unsigned char *)rows[i].bytes.p, rows[i].bytes.n, rows[i].text);
}

static void every_length_comes_back(void **state maybe_unused)
{
	static unsigned char bytes[BASE58_BYTES_MAX], back[BASE58_BYTES_MAX];
	static char text[BASE58_TEXT(BASE58_BYTES_MAX) + 1];
	size_t n = 0;

	for (size_t length = 0; length <= 200; length++)
		for (size_t zeros = 0; zeros <= length && zeros < 10; zeros++) {
			memset(bytes, 0xFF, sizeof(bytes)); /* the largest number of that many bytes */
			memset(bytes, 0, zeros);
			const size_t written = base58_write(bytes, length, text);
			assert_true(written <= BASE58_TEXT(length));
			assert_true(base58_read((struct str){ text, written }, back, length, &n));
			assert_int_equal(n, length);
			assert_memory_equal(bytes, back, length);
		}
	memset(bytes, 0xFF, sizeof(bytes));
	assert_true(base58_read(
		(struct str){ text, base58_write(bytes, sizeof(bytes), text) }, back, sizeof(back), &n));
	assert_memory_equal(bytes, back, sizeof(bytes));
}

static void what_is_none_is_refused(void **state maybe_unused)
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

/* The length is looked at first: a megabyte would else be a number of a million digits. */
static void a_megabyte_is_refused_at_once(void **state maybe_unused)
{
	static unsigned char bytes[BASE58_BYTES_MAX];
	const size_t length = (size_t)1024 * 1024;
	char *const text = malloc(length);
	size_t n = 0;

	assert_non_null(text);
	memset(text, 'z', length);
	for (int i = 0; i < 1000; i++)
		assert_false(base58_read((struct str){ text, length }, bytes, sizeof(bytes), &n));
	/* the longest text that is looked at, for any room */
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
		cmocka_unit_test(as_the_library_writes_it),
		cmocka_unit_test(the_drafts_examples),
		cmocka_unit_test(every_length_comes_back),
		cmocka_unit_test(what_is_none_is_refused),
		cmocka_unit_test(a_megabyte_is_refused_at_once),
	};

	return cmocka_run_group_tests(tests, fill, NULL);
}
