#include "base/log_limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void one_line_a_minute_has_the_number_of_occurrences(void **state)
{
	static const struct {
		int64_t ticks;
		int times;
	} rows[] = { { 1000, 1 }, { 1000, 0 }, { 60999, 0 }, { 61000, 3 }, { 121001, 1 }, { 121001, 0 },
		{ 5, 2 } /* a clock that starts again */ };
	struct log_limit limit = { .times = 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(log_limit_count(&limit, rows[i].ticks), rows[i].times);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(
		one_line_a_minute_has_the_number_of_occurrences) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
