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

static const char *find(struct str s, const char *what)
{
	return memmem(s.p, s.n, what, strlen(what));
}

static void offsets_and_length_are_right(void **state)
{
	const struct str lines[] = { STR("Report (one)"), STR("back\\slash"), STR("J\xC3\xA9") };
	struct arena a;
	struct str pdf;

	(void)state;
	arena_init(&a, ARENA_CALL_LIMIT);
	assert_int_equal(pdf_write(&a, lines, array_len(lines), &pdf), OK);
	assert_true(str_starts(pdf, STR("%PDF-1.4\n")));
	assert_true(str_ends(pdf, STR("%%EOF\n")));

	const char *const table = find(pdf, "xref\n0 6\n0000000000 65535 f \n");

	assert_non_null(table);
	assert_int_equal(strtol(find(pdf, "startxref\n") + 10, NULL, 10), table - pdf.p);
	for (long object = 1; object <= 5; object++) {
		/* a row of the table has 20 bytes (ISO 32000-1 section 7.5.4) */
		const long offset = strtol(table + 9 + 20 * object, NULL, 10);
		char *end;

		assert_int_equal(strtol(pdf.p + offset, &end, 10), object);
		assert_memory_equal(end, " 0 obj\n", 7);
	}

	const char *const content = find(pdf, "stream\n") + 7;
	const long length = strtol(find(pdf, "/Length ") + 8, NULL, 10);

	assert_memory_equal(content + length, "endstream", 9);
	assert_non_null(find(pdf, "(Report \\(one\\)) Tj"));
	assert_non_null(find(pdf, "(back\\\\slash) Tj"));
	assert_non_null(find(pdf, "(J?"
				  "?) Tj"));
	arena_finish(&a);
}

static void a_full_arena_is_told(void **state)
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
		cmocka_unit_test(offsets_and_length_are_right),
		cmocka_unit_test(a_full_arena_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
