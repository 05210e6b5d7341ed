#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "sandbox/decision/pdf.h"

static const char *find_text(struct str s, const char *text)
{
	return memmem(s.p, s.n, text, strlen(text));
}

static void offsets_and_length_are_correct(void **state)
{
	const struct str lines[] = { STR("Report (one)"), STR("back\\slash"), STR("J\xC3\xA9") };
	struct arena a;
	struct str pdf;

	(void)state;
	arena_init(&a, ARENA_CALL_LIMIT);
	assert_int_equal(pdf_write(&a, lines, array_len(lines), &pdf), OK);
	assert_true(str_starts(pdf, STR("%PDF-1.4\n")));
	assert_true(str_ends(pdf, STR("%%EOF\n")));

	const char *const table = find_text(pdf, "xref\n0 6\n0000000000 65535 f \n");

	assert_non_null(table);
	assert_int_equal(strtol(find_text(pdf, "startxref\n") + 10, NULL, 10), table - pdf.p);
	for (long object = 1; object <= 5; object++) {
		/* An entry of the cross-reference table has 20 bytes (ISO 32000-1, 7.5.4). */
		const long offset = strtol(table + 9 + 20 * object, NULL, 10);
		char *end;

		assert_int_equal(strtol(pdf.p + offset, &end, 10), object);
		assert_memory_equal(end, " 0 obj\n", 7);
	}

	const char *const content = find_text(pdf, "stream\n") + 7;
	const long length = strtol(find_text(pdf, "/Length ") + 8, NULL, 10);

	assert_memory_equal(content + length, "endstream", 9);
	assert_non_null(find_text(pdf, "(Report \\(one\\)) Tj"));
	assert_non_null(find_text(pdf, "(back\\\\slash) Tj"));
	assert_non_null(find_text(pdf, "(J?"
				       "?) Tj"));
	arena_finish(&a);
}

static void full_arena_returns_an_error(void **state)
{
	const struct str lines[] = { STR("a line") };
	struct arena a;
	struct str pdf;

	(void)state;
	arena_init(&a, 600);
	assert_int_equal(pdf_write(&a, lines, 1, &pdf), ERR_INPUT);
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offsets_and_length_are_correct),
		cmocka_unit_test(full_arena_returns_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
