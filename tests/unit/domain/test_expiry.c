#include "domain/expiry.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/attr.h"

#define NOW INT64_C(1767607500000)
#define LIFE_MS 600000
#define DAY_MS 86400000

static void life_ends_at_expiry_and_when_the_clock_is_set_back(void **state)
{
	static const struct {
		const char *name;
		int64_t expires_in_ms;
		bool want;
	} rows[] = {
		{ "just stored", LIFE_MS, true },
		{ "1 ms before expiry", 1, true },
		{ "at expiry", 0, false },
		{ "1 ms after expiry", -1, false },
		{ "a day after expiry", -DAY_MS, false },
		{ "clock set back by 59.999 s", LIFE_MS + 59999, true },
		{ "clock set back by 60 s", LIFE_MS + 60000, true },
		{ "clock set back by 60.001 s", LIFE_MS + 60001, false },
		{ "clock set back by a day", LIFE_MS + DAY_MS, false },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		print_message("# %s\n", rows[i].name);
		assert_int_equal(expiry_is_open((moment){ NOW + rows[i].expires_in_ms },
					 milliseconds(LIFE_MS), (moment){ NOW }),
			rows[i].want);
	}
}

static void change_of_more_than_a_minute_is_a_jump(void **state)
{
	static const int64_t changes_ms[] = { 0, 1, 59999, 60000 };
	static const int64_t jumps_ms[] = { 60001, DAY_MS };

	(void)state;
	for (size_t i = 0; i < array_len(changes_ms); i++) {
		assert_false(is_clock_jump(milliseconds(changes_ms[i])));
		assert_false(is_clock_jump(milliseconds(-changes_ms[i])));
	}
	for (size_t i = 0; i < array_len(jumps_ms); i++) {
		assert_true(is_clock_jump(milliseconds(jumps_ms[i])));
		assert_true(is_clock_jump(milliseconds(-jumps_ms[i])));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(life_ends_at_expiry_and_when_the_clock_is_set_back),
		cmocka_unit_test(change_of_more_than_a_minute_is_a_jump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
