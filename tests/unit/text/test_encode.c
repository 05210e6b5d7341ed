#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "text/encode.h"

static struct arena arena;

static int setup(void **state maybe_unused)
{
	arena_init(&arena, ARENA_CALL_LIMIT);
	return 0;
}

static int teardown(void **state maybe_unused)
{
	arena_finish(&arena);
	return 0;
}

static void assert_text(const char *name, struct str got, struct str expected)
{
	if (!str_eq(got, expected))
		fail_msg("%s: \"%.*s\" instead of \"%.*s\"", name, STR_ARG(got), STR_ARG(expected));
}

static void hex_is_written_and_read(void **state maybe_unused)
{
	unsigned char all[256], decoded[256];
	char text[513];

	for (int i = 0; i < 256; i++)
		all[i] = (unsigned char)i;
	hex_write(all, sizeof(all), text);
	assert_int_equal(strlen(text), 512);
	assert_memory_equal(text, "000102030405060708090a0b0c0d0e0f10", 34);
	assert_true(hex_read(str_of(text), decoded, sizeof(decoded)));
	assert_memory_equal(all, decoded, sizeof(all));
	hex_write(all, 0, text);
	assert_string_equal(text, "");
}

static void invalid_hex_is_rejected(void **state maybe_unused)
{
	static const struct {
		const char *name;
		struct str text;
		bool is_hex;
	} rows[] = {
		{ "lower case", STR_INIT("00ff"), true },
		{ "upper case", STR_INIT("00FF"), true },
		{ "one digit too few", STR_INIT("00f"), false },
		{ "one digit too many", STR_INIT("00ff0"), false },
		{ "two digits too few", STR_INIT("00"), false },
		{ "two digits too many", STR_INIT("00ff00"), false },
		{ "nothing", { NULL, 0 }, false },
		{ "the character before 0", STR_INIT("00f/"), false },
		{ "the character after 9", STR_INIT("00f:"), false },
		{ "the character before A", STR_INIT("00f@"), false },
		{ "the character after F", STR_INIT("00fG"), false },
		{ "the character before a", STR_INIT("00f`"), false },
		{ "the character after f", STR_INIT("00fg"), false },
		{ "a sign", STR_INIT("+0ff"), false },
		{ "a NUL", STR_INIT("00f\0"), false },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		unsigned char bytes[2] = { 7, 7 };

		if (hex_read(rows[i].text, bytes, 2) != rows[i].is_hex)
			fail_msg("%s", rows[i].name);
		assert_memory_equal(bytes, rows[i].is_hex ? "\x00\xFF" : "\x07\x07", 2);
	}
}

static const struct {
	const char *plain, *encoded;
} rfc4648[] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
	{ "\xFB\xEF\xFF", "++//" },
};

static void base64_test_vectors_of_rfc_4648(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(rfc4648); i++) {
		const size_t n = strlen(rfc4648[i].plain);
		unsigned char decoded[8];
		struct str text;

		assert_int_equal(base64_write(&arena, (const unsigned char *)rfc4648[i].plain, n, &text), OK);
		assert_text("encoded", text, str_of(rfc4648[i].encoded));
		assert_int_equal(text.p[text.n], 0);
		assert_true(base64_read(text, decoded, n));
		assert_memory_equal(decoded, rfc4648[i].plain, n);
		/* The text must not be accepted as the encoding of another number of bytes. */
		assert_false(base64_read(text, decoded, n + 1));
		assert_true(n == 0 || !base64_read(text, decoded, n - 1));
	}
}

static void base64_accepts_only_the_canonical_form(void **state maybe_unused)
{
	static const struct {
		const char *name, *text;
		size_t n;
		bool is_read;
	} rows[] = {
		{ "no padding for 1 byte", "Zg", 1, true },
		{ "no padding for 2 bytes", "Zm8", 2, true },
		{ "one padding character of two", "Zg=", 1, false },
		{ "too much padding for 2 bytes", "Zm8==", 2, false },
		{ "padding for 3 bytes", "Zm9v=", 3, false },
		{ "a group of padding only", "Zm9v====", 3, false },
		{ "three padding characters", "Zm9vY===", 3, false },
		{ "nothing but padding", "==", 0, false },
		{ "padding inside", "Zg==Zg==", 2, false },
		{ "one digit after the last group", "Zm9vY", 3, false },
		{ "unused bits after 1 byte", "Zh==", 1, false },
		{ "the highest unused bit after 1 byte", "Zo", 1, false },
		{ "unused bits after 2 bytes", "Zm9=", 2, false },
		{ "the highest unused bit after 2 bytes", "Zm-", 2, false },
		{ "URL-safe alphabet", "--__", 3, true },
		{ "a space", "Zm9 ", 3, false },
		{ "a dot first", ".m9v", 3, false },
		{ "a line break", "Zm9v\n", 3, false },
		{ "a dot", "Zm.v", 3, false },
		{ "a non-ASCII byte", "Zm9\xC3", 3, false },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		unsigned char bytes[4] = { 7, 7, 7, 7 };

		if (base64_read(str_of(rows[i].text), bytes, rows[i].n) != rows[i].is_read)
			fail_msg("%s", rows[i].name);
		if (!rows[i].is_read)
			assert_memory_equal(bytes, "\7\7\7\7", 4);
	}
}

static void base64_of_each_byte_is_decoded_again(void **state maybe_unused)
{
	unsigned char all[256], decoded[256];
	struct str text;

	for (int i = 0; i < 256; i++)
		all[i] = (unsigned char)(255 - i);
	for (size_t n = 0; n <= sizeof(all); n++) {
		assert_int_equal(base64_write(&arena, all, n, &text), OK);
		assert_int_equal(text.n, (n + 2) / 3 * 4);
		assert_true(base64_read(text, decoded, n));
		assert_memory_equal(all, decoded, n);
	}
}

static const struct {
	struct str plain, encoded;
} base64url[] = {
	{ STR_INIT(""), STR_INIT("") },
	{ STR_INIT("\0"), STR_INIT("AA") },
	{ STR_INIT("fo"), STR_INIT("Zm8") },
	{ STR_INIT("foo"), STR_INIT("Zm9v") },
	{ STR_INIT("foob"), STR_INIT("Zm9vYg") },
	{ STR_INIT("fooba"), STR_INIT("Zm9vYmE") },
	{ STR_INIT("\xFB\xEF\xFF"), STR_INIT("--__") },
};

static void base64url_has_no_padding(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(base64url); i++) {
		const struct str plain = base64url[i].plain;
		struct str text, bytes;

		assert_int_equal(base64url_write(&arena, (const unsigned char *)plain.p, plain.n, &text), OK);
		assert_text("encoded", text, base64url[i].encoded);
		assert_int_equal(text.p[text.n], 0);
		assert_int_equal(base64url_read(&arena, text, &bytes), OK);
		assert_text("decoded", bytes, plain);
		assert_non_null(bytes.p);
	}
}

static void base64url_of_each_length_is_decoded_again(void **state maybe_unused)
{
	unsigned char all[256];

	for (int i = 0; i < 256; i++)
		all[i] = (unsigned char)(255 - i);
	for (size_t n = 0; n <= sizeof(all); n++) {
		struct str text, bytes;

		assert_int_equal(base64url_write(&arena, all, n, &text), OK);
		assert_int_equal(text.n, (n * 4 + 2) / 3);
		assert_int_equal(base64url_read(&arena, text, &bytes), OK);
		assert_text("decoded", bytes, (struct str){ (const char *)all, n });
	}
}

static void base64url_accepts_only_the_canonical_form(void **state maybe_unused)
{
	static const struct {
		const char *name;
		struct str text;
	} rows[] = {
		{ "padding for 1 byte", STR_INIT("Zg==") },
		{ "padding for 2 bytes", STR_INIT("Zm8=") },
		{ "a group of padding only", STR_INIT("Zm9v====") },
		{ "nothing but padding", STR_INIT("=") },
		{ "one digit", STR_INIT("Z") },
		{ "one digit after the last group", STR_INIT("Zm9vY") },
		{ "the lowest unused bit after 1 byte", STR_INIT("Zh") },
		{ "the highest unused bit after 1 byte", STR_INIT("Zo") },
		{ "the lowest unused bit after 2 bytes", STR_INIT("Zm9") },
		{ "the highest unused bit after 2 bytes", STR_INIT("Zm-") },
		{ "standard alphabet", STR_INIT("++//") },
		{ "a plus", STR_INIT("Zm9+") },
		{ "a slash", STR_INIT("Zm9/") },
		{ "a space", STR_INIT("Zm9 ") },
		{ "a line break", STR_INIT("Zm9v\n") },
		{ "a dot", STR_INIT("Zm.v") },
		{ "a NUL", STR_INIT("Zm9\0") },
		{ "a non-ASCII byte", STR_INIT("Zm9\xC3") },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct str bytes = STR("before");

		if (base64url_read(&arena, rows[i].text, &bytes) != ERR_INPUT)
			fail_msg("%s", rows[i].name);
		assert_text(rows[i].name, bytes, STR("before"));
	}
}

static void base62_has_fixed_width(void **state maybe_unused)
{
	static const struct {
		uint64_t value;
		size_t digits;
		const char *text;
	} rows[] = {
		{ 0, 1, "0" },
		{ 9, 1, "9" },
		{ 10, 1, "A" },
		{ 35, 1, "Z" },
		{ 36, 1, "a" },
		{ 61, 1, "z" },
		{ 62, 2, "10" },
		{ 61, 3, "00z" },
		{ 0, 4, "0000" },
		{ 3843, 2, "zz" },
		{ 3844, 3, "100" },
		{ UINT32_MAX, 6, "4gfFC3" },
		{ UINT64_MAX, 11, "LygHa16AHYF" },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		char text[13];

		memset(text, '#', sizeof(text));
		base62_write(rows[i].value, text, rows[i].digits);
		assert_memory_equal(text, rows[i].text, rows[i].digits);
		assert_int_equal(text[rows[i].digits], '#');
	}
}

static const struct {
	const char *name;
	struct str text, query, path; /* NULL: rejected */
} percent_cases[] = {
	{ "nothing", { NULL, 0 }, STR_INIT(""), STR_INIT("") },
	{ "plain", STR_INIT("a-b_c.d~e"), STR_INIT("a-b_c.d~e"), STR_INIT("a-b_c.d~e") },
	{ "plus", STR_INIT("a+b"), STR_INIT("a b"), STR_INIT("a+b") },
	{ "escaped plus", STR_INIT("a%2Bb%2b"), STR_INIT("a+b+"), STR_INIT("a+b+") },
	{ "escaped slash", STR_INIT("a%2Fb%2f"), STR_INIT("a/b/"), STR_INIT("a%2Fb%2f") },
	{ "slash", STR_INIT("a/b"), STR_INIT("a/b"), STR_INIT("a/b") },
	{ "escaped percent", STR_INIT("%252F"), STR_INIT("%2F"), STR_INIT("%2F") },
	{ "UTF-8", STR_INIT("%C3%A9\xC3\xA9"), STR_INIT("\xC3\xA9\xC3\xA9"), STR_INIT("\xC3\xA9\xC3\xA9") },
	{ "incomplete UTF-8 character", STR_INIT("%C3"), { NULL, 0 }, { NULL, 0 } },
	{ "overlong slash", STR_INIT("%C0%AF"), { NULL, 0 }, { NULL, 0 } },
	{ "surrogate", STR_INIT("%ED%A0%80"), { NULL, 0 }, { NULL, 0 } },
	{ "% at the end", STR_INIT("a%"), { NULL, 0 }, { NULL, 0 } },
	{ "one digit at the end", STR_INIT("a%4"), { NULL, 0 }, { NULL, 0 } },
	{ "first digit is not hex", STR_INIT("%g0"), { NULL, 0 }, { NULL, 0 } },
	{ "second digit is not hex", STR_INIT("%0g"), { NULL, 0 }, { NULL, 0 } },
	{ "two percent signs", STR_INIT("%%41"), { NULL, 0 }, { NULL, 0 } },
	{ "escaped NUL", STR_INIT("a%00b"), { NULL, 0 }, { NULL, 0 } },
	{ "NUL", STR_INIT("a\0b"), { NULL, 0 }, { NULL, 0 } },
	{ "escape at the end", STR_INIT("%41"), STR_INIT("A"), STR_INIT("A") },
	{ "control characters are kept", STR_INIT("%0D%0A%7F"), STR_INIT("\r\n\x7F"), STR_INIT("\r\n\x7F") },
};

static void percent_escapes_are_decoded(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(percent_cases); i++) {
		struct str query = { NULL, 0 }, path = { NULL, 0 };

		assert_int_equal(percent_decode_query(&arena, percent_cases[i].text, &query),
			percent_cases[i].query.p ? OK : ERR_INPUT);
		assert_text(percent_cases[i].name, query, percent_cases[i].query);
		assert_int_equal(percent_decode_path(&arena, percent_cases[i].text, &path),
			percent_cases[i].path.p ? OK : ERR_INPUT);
		assert_text(percent_cases[i].name, path, percent_cases[i].path);
		if (!percent_cases[i].query.p)
			assert_null(query.p);
	}
}

/* The slice ends inside a percent escape. The digits of the escape follow in memory, but must not be read. */
static void percent_decoding_does_not_read_past_the_end(void **state maybe_unused)
{
	struct str out = STR("before");

	for (size_t n = 2; n < 4; n++) {
		assert_int_equal(percent_decode_query(&arena, (struct str){ "a%41", n }, &out), ERR_INPUT);
		assert_text("untouched", out, STR("before"));
	}
	assert_int_equal(percent_decode_query(&arena, (struct str){ "a%41", 4 }, &out), OK);
	assert_text("all", out, STR("aA"));
}

static void percent_encoding_is_decoded_again(void **state maybe_unused)
{
	struct str encoded, decoded;
	struct buf buf;

	buf_init(&buf, &arena);
	percent_encode(&buf, STR("AZaz09-._~ /?#[]@!$&'()*+,;=%\"\xC3\xA9\n"));
	assert_int_equal(buf_done(&buf, &encoded), OK);
	assert_text("encoded", encoded,
		STR("AZaz09-._~%20%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%25%22%C3%A9%0A"));
	assert_int_equal(percent_decode_query(&arena, encoded, &decoded), OK);
	assert_text("decoded", decoded, STR("AZaz09-._~ /?#[]@!$&'()*+,;=%\"\xC3\xA9\n"));
}

static void html_special_characters_are_escaped(void **state maybe_unused)
{
	struct str escaped;
	struct buf buf;

	buf_init(&buf, &arena);
	html_escape(&buf, STR("<a href=\"x\" title='y'>R&D; \xC3\xA9</a>"));
	assert_int_equal(buf_done(&buf, &escaped), OK);
	assert_text("escaped", escaped,
		STR("&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;R&amp;D; \xC3\xA9&lt;/a&gt;"));
}

static void full_arena_is_a_distinct_error(void **state maybe_unused)
{
	struct str out = STR("before");
	struct arena tiny;

	arena_init(&tiny, 4);
	assert_int_equal(base64_write(&tiny, (const unsigned char *)"abcd", 4, &out), ERR_INTERNAL);
	assert_int_equal(base64_write(&tiny, (const unsigned char *)"abcd", SIZE_MAX, &out), ERR_INTERNAL);
	assert_int_equal(base64url_write(&tiny, (const unsigned char *)"abcd", 4, &out), ERR_INTERNAL);
	assert_int_equal(base64url_read(&tiny, STR("Zm9vYg"), &out), ERR_INTERNAL);
	assert_int_equal(percent_decode_query(&tiny, STR("abcd"), &out), ERR_INTERNAL);
	assert_int_equal(percent_decode_path(&tiny, STR("abcd"), &out), ERR_INTERNAL);
	assert_text("untouched", out, STR("before"));
	assert_int_equal(percent_decode_path(&tiny, STR("abc"), &out), OK);
	arena_finish(&tiny);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hex_is_written_and_read),
		cmocka_unit_test(invalid_hex_is_rejected),
		cmocka_unit_test(base64_test_vectors_of_rfc_4648),
		cmocka_unit_test(base64_accepts_only_the_canonical_form),
		cmocka_unit_test(base64_of_each_byte_is_decoded_again),
		cmocka_unit_test(base64url_has_no_padding),
		cmocka_unit_test(base64url_of_each_length_is_decoded_again),
		cmocka_unit_test(base64url_accepts_only_the_canonical_form),
		cmocka_unit_test(base62_has_fixed_width),
		cmocka_unit_test(percent_escapes_are_decoded),
		cmocka_unit_test(percent_decoding_does_not_read_past_the_end),
		cmocka_unit_test(percent_encoding_is_decoded_again),
		cmocka_unit_test(html_special_characters_are_escaped),
		cmocka_unit_test(full_arena_is_a_distinct_error),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
