#include "webhook/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"

static void excerpt_is_utf8_without_control_characters(void **state maybe_unused)
{
	static const struct {
		struct str body, excerpt;
	} rows[] = {
		{ STR_INIT(""), STR_INIT("") },
		{ STR_INIT("ok"), STR_INIT("ok") },
		{ STR_INIT("a\tb\nc"), STR_INIT("a\tb\nc") },
		{ STR_INIT("a\r\x00\x1b\x7f"
			   "b"),
			STR_INIT("a????b") },
		{ STR_INIT("gr\xc3\xbc\xc3\x9f"), STR_INIT("gr\xc3\xbc\xc3\x9f") },
		{ STR_INIT("\xe2\x82\xac \xf0\x9f\x98\x80"), STR_INIT("\xe2\x82\xac \xf0\x9f\x98\x80") },
		{ STR_INIT("\xff\xfe x"), STR_INIT("?? x") },
		{ STR_INIT("\xc3 x"), STR_INIT("? x") },
		{ STR_INIT("\x80 x"), STR_INIT("? x") },
		{ STR_INIT("\xed\xa0\x80 x"), STR_INIT("??? x") }, /* a surrogate */
		{ STR_INIT("a\xc3"), STR_INIT("a") },		   /* cut off */
		{ STR_INIT("a\xe2\x82"), STR_INIT("a") },
		{ STR_INIT("a\xf0\x9f\x98"), STR_INIT("a") },
		{ STR_INIT("a\xff"), STR_INIT("a?") },
		{ STR_INIT("a\x80"), STR_INIT("a?") },
	};
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct str excerpt = answer_excerpt(&a, rows[i].body);

		if (!str_eq(excerpt, rows[i].excerpt))
			fail_msg("row %zu: %.*s", i, STR_ARG(excerpt));
	}
	arena_finish(&a);
}

static void excerpt_is_empty_without_memory(void **state maybe_unused)
{
	struct arena a;

	arena_init(&a, 1);
	assert_int_equal(answer_excerpt(&a, STR("some text")).n, 0);
	arena_finish(&a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(excerpt_is_utf8_without_control_characters),
		cmocka_unit_test(excerpt_is_empty_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
