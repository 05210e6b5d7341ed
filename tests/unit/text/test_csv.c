/* text/csv: quoting, and fields that a spreadsheet would read as formulas. */
#include "text/csv.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/attr.h"

static void fields_are_quoted_and_formulas_are_shown_as_text(void **state)
{
	static const struct {
		const char *field, *line;
	} rows[] = {
		{ "", "\"\"\r\n" },
		{ "customer-4711", "\"customer-4711\"\r\n" },
		{ "a,\"b\"\n", "\"a,\"\"b\"\"\n\"\r\n" },
		{ "=1+1", "\"'=1+1\"\r\n" },
		{ "+1", "\"'+1\"\r\n" },
		{ "-1", "\"'-1\"\r\n" },
		{ "@SUM(A1)", "\"'@SUM(A1)\"\r\n" },
		{ "  =1", "\"'  =1\"\r\n" },
		{ "\t=1", "\"'\t=1\"\r\n" },
		{ "\r=1", "\"'\r=1\"\r\n" },
		{ "a=1", "\"a=1\"\r\n" },
	};
	struct arena a;

	(void)state;
	arena_init(&a, ARENA_CALL_LIMIT);
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct str field = str_of(rows[i].field);
		struct buf text;
		struct str line;

		printf("# %zu\n", i);
		buf_init(&text, &a);
		csv_line(&text, &field, 1);
		assert_int_equal(buf_done(&text, &line), OK);
		assert_string_equal(line.p, rows[i].line);
	}
	arena_finish(&a);
}

static void fields_are_separated_by_commas(void **state)
{
	const struct str fields[] = { STR_INIT("a"), STR_INIT(""), STR_INIT("c") };
	struct arena a;
	struct buf text;
	struct str line;

	(void)state;
	arena_init(&a, ARENA_CALL_LIMIT);
	buf_init(&text, &a);
	csv_line(&text, fields, array_len(fields));
	csv_line(&text, fields, 0);
	assert_int_equal(buf_done(&text, &line), OK);
	assert_string_equal(line.p, "\"a\",\"\",\"c\"\r\n\r\n");
	arena_finish(&a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_quoted_and_formulas_are_shown_as_text),
		cmocka_unit_test(fields_are_separated_by_commas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
