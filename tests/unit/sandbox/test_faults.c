#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"
#include "sandbox/state/faults.h"

static void names_and_counts_are_checked(void **state)
{
	static const struct {
		const char *name;
		int64_t times;
		enum err expected;
	} rows[] = {
		{ "late", 1, OK },
		{ "twice", 1, OK },
		{ "out_of_order", 1, OK },
		{ "drop", 1, OK },
		{ "refuse", 1, OK },
		{ "error", 1, OK },
		{ "slow", 1000, OK },
		{ "", 1, ERR_INPUT },
		{ "Late", 1, ERR_INPUT },
		{ "lat", 1, ERR_INPUT },
		{ "late", 0, ERR_INPUT },
		{ "late", -1, ERR_INPUT },
		{ "late", 1001, ERR_INPUT },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		struct faults faults = { { 0 } };

		if (faults_add(&faults, str_of(rows[i].name), rows[i].times) != rows[i].expected)
			fail_msg("%s %d", rows[i].name, (int)rows[i].times);
	}
}

static void each_fault_is_used_up(void **state)
{
	struct faults faults = { { 0 } };

	(void)state;
	assert_int_equal(faults_add(&faults, STR("drop"), 2), OK);
	assert_int_equal(faults_add(&faults, STR("late"), 1), OK);
	assert_int_equal(faults_add(&faults, STR("error"), 1), OK);
	assert_int_equal(faults_for_event(&faults), FAULT_LATE);
	assert_int_equal(faults_for_event(&faults), FAULT_DROP);
	assert_int_equal(faults_for_event(&faults), FAULT_DROP);
	assert_int_equal(faults_for_event(&faults), FAULT_NONE);
	assert_int_equal(faults_for_call(&faults), FAULT_ERROR);
	assert_int_equal(faults_for_call(&faults), FAULT_NONE);
}

static void total_count_is_capped(void **state)
{
	struct faults faults = { { 0 } };
	int n = 0;

	(void)state;
	assert_int_equal(faults_add(&faults, STR("slow"), 1000), OK);
	assert_int_equal(faults_add(&faults, STR("slow"), 1000), OK);
	while (faults_for_call(&faults) == FAULT_SLOW)
		n++;
	assert_int_equal(n, FAULT_TIMES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_counts_are_checked),
		cmocka_unit_test(each_fault_is_used_up),
		cmocka_unit_test(total_count_is_capped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
