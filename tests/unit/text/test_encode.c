#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "text/encode.h"

static struct arena arena;

static int set_up(void **state maybe_unused)
{
	arena_init(&arena, ARENA_CALL_LIMIT);
	return 0;
}

static int tear_down(void **state maybe_unused)
{
	arena_finish(&arena);
	return 0;
}

static void assert_text(const char *name, struct str got, struct str want)
{
	if (!str_eq(got, want))
		fail_msg("%s: \"%.*s\" instead of \"%.*s\"", name, STR_ARG(got), STR_ARG(want));
}

static void hex_goes_both_ways(void **state maybe_unused)
{
	unsigned char all[256], back[256];
	char text[513];

	for (int i = 0; i < 256; i++)
		all[i] = (unsigned char)i;
	hex_write(all, sizeof(all), text);
	assert_int_equal(strlen(text), 512);
	assert_memory_equal(text, "000102030405060708090a0b0c0d0e0f10", 34);
	assert_true(hex_read(str_of(text), back, sizeof(back)));
	assert_memory_equal(all, back, sizeof(all));
	hex_write(all, 0, text);
	assert_string_equal(text, "");
}

static void hex_refuses_what_is_none(void **state maybe_unused)
{
	static const struct {
		const char *name;
		struct str text;
		bool is_hex;
	} rows[] = {
		{ "lower case", STR_INIT("00ff"), true },
		{ "upper case", STR_INIT("00FF"), true },
		{ "a digit less", STR_INIT("00f"), false },
		{ "a digit more", STR_INIT("00ff0"), false },
		{ "two digits less", STR_INIT("00"), false },
		{ "two digits more", STR_INIT("00ff00"), false },
		{ "nothing", { NULL, 0 }, false },
		{ "before 0", STR_INIT("00f/"), false },
		{ "behind 9", STR_INIT("00f:"), false },
		{ "before A", STR_INIT("00f@"), false },
		{ "behind F", STR_INIT("00fG"), false },
		{ "before a", STR_INIT("00f`"), false },
		{ "behind f", STR_INIT("00fg"), false },
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

static void base64_knows_the_standard(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(rfc4648); i++) {
		const size_t n = strlen(rfc4648[i].plain);
		unsigned char back[8];
		struct str text;

		assert_int_equal(base64_write(&arena, (const unsigned char *)rfc4648[i].plain, n, &text), OK);
		assert_text("encoded", text, str_of(rfc4648[i].encoded));
		assert_int_equal(text.p[text.n], 0);
		assert_true(base64_read(text, back, n));
		assert_memory_equal(back, rfc4648[i].plain, n);
		/* not as another length */
		assert_false(base64_read(text, back, n + 1));
		assert_true(n == 0 || !base64_read(text, back, n - 1));
	}
}

static void base64_is_exact(void **state maybe_unused)
{
	static const struct {
		const char *name, *text;
		size_t n;
		bool is_read;
	} rows[] = {
		{ "no padding for 1", "Zg", 1, true },
		{ "no padding for 2", "Zm8", 2, true },
		{ "half a padding", "Zg=", 1, false },
		{ "too much for 2", "Zm8==", 2, false },
		{ "padding for 3", "Zm9v=", 3, false },
		{ "a group of padding", "Zm9v====", 3, false },
		{ "three of padding", "Zm9vY===", 3, false },
		{ "padding alone", "==", 0, false },
		{ "padding inside", "Zg==Zg==", 2, false },
		{ "one digit left", "Zm9vY", 3, false },
		{ "bits behind 1", "Zh==", 1, false },
		{ "bits behind 1, the highest", "Zo", 1, false },
		{ "bits behind 2", "Zm9=", 2, false },
		{ "bits behind 2, the highest", "Zm-", 2, false },
		{ "web alphabet", "--__", 3, true },
		{ "a space", "Zm9 ", 3, false },
		{ "a dot first", ".m9v", 3, false },
		{ "a line end", "Zm9v\n", 3, false },
		{ "a dot", "Zm.v", 3, false },
		{ "beyond ASCII", "Zm9\xC3", 3, false },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		unsigned char bytes[4] = { 7, 7, 7, 7 };

		if (base64_read(str_of(rows[i].text), bytes, rows[i].n) != rows[i].is_read)
			fail_msg("%s", rows[i].name);
		if (!rows[i].is_read)
			assert_memory_equal(bytes, "\7\7\7\7", 4);
	}
}

static void base64_of_every_byte_comes_back(void **state maybe_unused)
{
	unsigned char all[256], back[256];
	struct str text;

	for (int i = 0; i < 256; i++)
		all[i] = (unsigned char)(255 - i);
	for (size_t n = 0; n <= sizeof(all); n++) {
		assert_int_equal(base64_write(&arena, all, n, &text), OK);
		assert_int_equal(text.n, (n + 2) / 3 * 4);
		assert_true(base64_read(text, back, n));
		assert_memory_equal(all, back, n);
	}
}

static void base62_counts(void **state maybe_unused)
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
	struct str text, query, path; /* NULL: refused */
} percent[] = {
	{ "nothing", { NULL, 0 }, STR_INIT(""), STR_INIT("") },
	{ "plain", STR_INIT("a-b_c.d~e"), STR_INIT("a-b_c.d~e"), STR_INIT("a-b_c.d~e") },
	{ "plus", STR_INIT("a+b"), STR_INIT("a b"), STR_INIT("a+b") },
	{ "escaped plus", STR_INIT("a%2Bb%2b"), STR_INIT("a+b+"), STR_INIT("a+b+") },
	{ "escaped slash", STR_INIT("a%2Fb%2f"), STR_INIT("a/b/"), STR_INIT("a%2Fb%2f") },
	{ "slash", STR_INIT("a/b"), STR_INIT("a/b"), STR_INIT("a/b") },
	{ "escaped percent", STR_INIT("%252F"), STR_INIT("%2F"), STR_INIT("%2F") },
	{ "UTF-8", STR_INIT("%C3%A9\xC3\xA9"), STR_INIT("\xC3\xA9\xC3\xA9"), STR_INIT("\xC3\xA9\xC3\xA9") },
	{ "half a character", STR_INIT("%C3"), { NULL, 0 }, { NULL, 0 } },
	{ "overlong slash", STR_INIT("%C0%AF"), { NULL, 0 }, { NULL, 0 } },
	{ "surrogate", STR_INIT("%ED%A0%80"), { NULL, 0 }, { NULL, 0 } },
	{ "cut at once", STR_INIT("a%"), { NULL, 0 }, { NULL, 0 } },
	{ "cut", STR_INIT("a%4"), { NULL, 0 }, { NULL, 0 } },
	{ "no hex first", STR_INIT("%g0"), { NULL, 0 }, { NULL, 0 } },
	{ "no hex second", STR_INIT("%0g"), { NULL, 0 }, { NULL, 0 } },
	{ "two percents", STR_INIT("%%41"), { NULL, 0 }, { NULL, 0 } },
	{ "escaped NUL", STR_INIT("a%00b"), { NULL, 0 }, { NULL, 0 } },
	{ "NUL", STR_INIT("a\0b"), { NULL, 0 }, { NULL, 0 } },
	{ "the last slot", STR_INIT("%41"), STR_INIT("A"), STR_INIT("A") },
	{ "controls stay", STR_INIT("%0D%0A%7F"), STR_INIT("\r\n\x7F"), STR_INIT("\r\n\x7F") },
};

static void percent_decoding(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(percent); i++) {
		struct str query = { NULL, 0 }, path = { NULL, 0 };

		assert_int_equal(percent_decode_query(&arena, percent[i].text, &query),
			percent[i].query.p ? OK : ERR_INPUT);
		assert_text(percent[i].name, query, percent[i].query);
		assert_int_equal(percent_decode_path(&arena, percent[i].text, &path),
			percent[i].path.p ? OK : ERR_INPUT);
		assert_text(percent[i].name, path, percent[i].path);
		if (!percent[i].query.p)
			assert_null(query.p);
	}
}

/* The slice ends before digits that are still in memory. */
static void percent_decoding_stays_inside(void **state maybe_unused)
{
	struct str out = STR("before");

	for (size_t n = 2; n < 4; n++) {
		assert_int_equal(percent_decode_query(&arena, (struct str){ "a%41", n }, &out), ERR_INPUT);
		assert_text("untouched", out, STR("before"));
	}
	assert_int_equal(percent_decode_query(&arena, (struct str){ "a%41", 4 }, &out), OK);
	assert_text("all", out, STR("aA"));
}

static void percent_encoding_comes_back(void **state maybe_unused)
{
	struct str encoded, back;
	struct buf buf;

	buf_init(&buf, &arena);
	percent_encode(&buf, STR("AZaz09-._~ /?#[]@!$&'()*+,;=%\"\xC3\xA9\n"));
	assert_int_equal(buf_done(&buf, &encoded), OK);
	assert_text("encoded", encoded,
		STR("AZaz09-._~%20%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%25%22%C3%A9%0A"));
	assert_int_equal(percent_decode_query(&arena, encoded, &back), OK);
	assert_text("back", back, STR("AZaz09-._~ /?#[]@!$&'()*+,;=%\"\xC3\xA9\n"));
}

static void html_is_escaped(void **state maybe_unused)
{
	struct str escaped;
	struct buf buf;

	buf_init(&buf, &arena);
	html_escape(&buf, STR("<a href=\"x\" title='y'>R&D; \xC3\xA9</a>"));
	assert_int_equal(buf_done(&buf, &escaped), OK);
	assert_text("escaped", escaped,
		STR("&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;R&amp;D; \xC3\xA9&lt;/a&gt;"));
}

static void a_full_arena_is_told_apart(void **state maybe_unused)
{
	struct str out = STR("before");
	struct arena tiny;

	arena_init(&tiny, 4);
	assert_int_equal(base64_write(&tiny, (const unsigned char *)"abcd", 4, &out), ERR_INTERNAL);
	assert_int_equal(base64_write(&tiny, (const unsigned char *)"abcd", SIZE_MAX, &out), ERR_INTERNAL);
	assert_int_equal(percent_decode_query(&tiny, STR("abcd"), &out), ERR_INTERNAL);
	assert_int_equal(percent_decode_path(&tiny, STR("abcd"), &out), ERR_INTERNAL);
	assert_text("untouched", out, STR("before"));
	assert_int_equal(percent_decode_path(&tiny, STR("abc"), &out), OK);
	arena_finish(&tiny);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hex_goes_both_ways),
		cmocka_unit_test(hex_refuses_what_is_none),
		cmocka_unit_test(base64_knows_the_standard),
		cmocka_unit_test(base64_is_exact),
		cmocka_unit_test(base64_of_every_byte_comes_back),
		cmocka_unit_test(base62_counts),
		cmocka_unit_test(percent_decoding),
		cmocka_unit_test(percent_decoding_stays_inside),
		cmocka_unit_test(percent_encoding_comes_back),
		cmocka_unit_test(html_is_escaped),
		cmocka_unit_test(a_full_arena_is_told_apart),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
