#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static int setup_arena(void **state)
{
	struct arena *const a = malloc(sizeof(*a));

	if (a == NULL)
		return -1;
	arena_init(a, ARENA_CALL_LIMIT);
	*state = a;
	return 0;
}

static int teardown_arena(void **state)
{
	arena_finish(*state);
	free(*state);
	return 0;
}

static void empty_buffer_gives_an_empty_string(void **state)
{
	struct buf b;
	struct str s = STR("old");

	buf_init(&b, *state);
	assert_int_equal(buf_done(&b, &s), OK);
	assert_int_equal(s.n, 0);
	assert_string_equal(s.p, "");
	buf_add(&b, (struct str){ NULL, 0 });
	assert_int_equal(buf_done(&b, &s), OK);
	assert_string_equal(s.p, "");
	buf_printf(&b, "%s", "");
	assert_int_equal(buf_done(&b, &s), OK);
	assert_int_equal(s.n, 0);
	assert_string_equal(s.p, "");
}

static void texts_characters_and_formats_are_appended(void **state)
{
	struct buf b;
	struct str s;

	buf_init(&b, *state);
	buf_printf(&b, "%d", 7);
	buf_char(&b, ',');
	buf_add(&b, STR("a\0b"));
	buf_printf(&b, "%s", "");
	buf_char(&b, '\0');
	assert_int_equal(buf_done(&b, &s), OK);
	assert_int_equal(s.n, 6);
	assert_memory_equal(s.p, "7,a\0b\0", 7);
	buf_add(&b, STR("more"));
	assert_int_equal(buf_done(&b, &s), OK);
	assert_int_equal(s.n, 10);
	assert_memory_equal(s.p, "7,a\0b\0more", 11);
}

/* Writes texts with each function. Their lengths are around the sizes at which the buffer grows. */
static void buffer_grows_with_each_kind_of_write(void **state)
{
	static const size_t sizes[] = { 254, 255, 256, 257, 510, 511, 512, 513, 1023, 1024, 20000 };

	for (size_t i = 0; i < array_len(sizes); i++) {
		char *const text = malloc(sizes[i] + 1);
		struct buf added, printed, by_char;
		struct str a, p, c;

		assert_non_null(text);
		for (size_t at = 0; at < sizes[i]; at++)
			text[at] = (char)('a' + at % 26);
		text[sizes[i]] = '\0';
		arena_reset(*state);
		buf_init(&added, *state);
		buf_init(&printed, *state);
		buf_init(&by_char, *state);
		buf_char(&printed, '<');
		buf_printf(&printed, "%s", text);
		buf_add(&added, (struct str){ text, sizes[i] / 2 });
		buf_add(&added, (struct str){ text + sizes[i] / 2, sizes[i] - sizes[i] / 2 });
		for (size_t at = 0; at < sizes[i]; at++)
			buf_char(&by_char, text[at]);
		assert_int_equal(buf_done(&added, &a), OK);
		assert_int_equal(buf_done(&printed, &p), OK);
		assert_int_equal(buf_done(&by_char, &c), OK);
		assert_int_equal(a.n, sizes[i]);
		assert_string_equal(a.p, text);
		assert_int_equal(p.n, sizes[i] + 1);
		assert_string_equal(p.p + 1, text);
		assert_int_equal(c.n, sizes[i]);
		assert_string_equal(c.p, text);
		free(text);
	}
}

/* The arena has space for 300 bytes and the NUL, but not for twice the initial size of 256 bytes. */
static void buffer_near_the_limit_grows_only_to_the_required_size(void **state maybe_unused)
{
	static const struct {
		const char *name;
		size_t limit;
		enum err expected;
	} rows[] = {
		{ "n-1", 256 + 300, ERR_INPUT },
		{ "n", 256 + 301, OK },
		{ "n+1", 256 + 302, OK },
	};
	char half[150];

	memset(half, 'x', sizeof(half));
	for (size_t i = 0; i < array_len(rows); i++) {
		struct arena a;
		struct buf b;
		struct str s = STR("old");

		arena_init(&a, rows[i].limit);
		buf_init(&b, &a);
		buf_add(&b, (struct str){ half, sizeof(half) });
		assert_int_equal(buf_done(&b, &s), OK);
		s = STR("old");
		buf_add(&b, (struct str){ half, sizeof(half) });
		if (buf_done(&b, &s) != rows[i].expected)
			fail_msg("%s", rows[i].name);
		assert_int_equal(s.n, rows[i].expected == OK ? 300 : 3);
		arena_finish(&a);
	}
}

static void failed_write_makes_later_writes_and_buf_done_fail(void **state maybe_unused)
{
	struct arena a;
	struct buf b;
	struct str s = STR("old");

	arena_init(&a, 300);
	buf_init(&b, &a);
	buf_printf(&b, "%400d", 1);
	assert_true(b.failed);
	buf_add(&b, STR("a"));
	buf_char(&b, 'b');
	buf_printf(&b, "%d", 1);
	assert_int_equal(buf_done(&b, &s), ERR_INPUT);
	assert_true(str_eq(s, STR("old")));
	assert_int_equal(b.n, 0);
	arena_finish(&a);
}

static void overlong_text_and_failed_format_are_errors(void **state)
{
	/* U+20AC cannot be converted in the C locale, so printf itself fails. */
	static const wchar_t not_in_c_locale[] = { 0x20ac, 0 };
	struct buf b;
	struct str s;

	buf_init(&b, *state);
	buf_char(&b, 'x');
	buf_add(&b, (struct str){ "", SIZE_MAX });
	assert_int_equal(buf_done(&b, &s), ERR_INPUT);
	buf_init(&b, *state);
	buf_printf(&b, "%ls", not_in_c_locale);
	assert_int_equal(buf_done(&b, &s), ERR_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			empty_buffer_gives_an_empty_string, setup_arena, teardown_arena),
		cmocka_unit_test_setup_teardown(
			texts_characters_and_formats_are_appended, setup_arena, teardown_arena),
		cmocka_unit_test_setup_teardown(
			buffer_grows_with_each_kind_of_write, setup_arena, teardown_arena),
		cmocka_unit_test(buffer_near_the_limit_grows_only_to_the_required_size),
		cmocka_unit_test(failed_write_makes_later_writes_and_buf_done_fail),
		cmocka_unit_test_setup_teardown(
			overlong_text_and_failed_format_are_errors, setup_arena, teardown_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
