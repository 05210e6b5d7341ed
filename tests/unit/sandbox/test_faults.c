#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"
#include "sandbox/state/faults.h"

static void words_are_known(void **state)
{
	static const struct {
		const char *word;
		int64_t times;
		enum err want;
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

		if (faults_add(&faults, str_of(rows[i].word), rows[i].times) != rows[i].want)
			fail_msg("%s %d", rows[i].word, (int)rows[i].times);
	}
}

static void each_is_used_up(void **state)
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

static void more_than_the_limit_is_cut(void **state)
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
		cmocka_unit_test(words_are_known),
		cmocka_unit_test(each_is_used_up),
		cmocka_unit_test(more_than_the_limit_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
