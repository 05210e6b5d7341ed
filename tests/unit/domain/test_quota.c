#include "domain/quota.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/attr.h"
#include "domain/tenant.h"

static const struct {
	const char *name;
	int64_t used, limit;
	bool want;
	int64_t used_after;
} rows[] = {
	{ "one below", 9, 10, true, 10 },
	{ "reached", 10, 10, false, 10 },
	{ "beyond, the limit was lowered", 11, 10, false, 11 },
	{ "none at all", 0, 0, false, 0 },
	{ "the first", 0, 1, true, 1 },
	{ "without a limit", 2147483647, NO_QUOTA, true, 2147483648 },
};

static void units_are_taken_up_to_the_limit(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		struct quota q = { .month = 202601, .used = rows[i].used };

		print_message("# %s\n", rows[i].name);
		assert_int_equal(quota_reserve(&q, rows[i].limit), rows[i].want);
		assert_int_equal(q.used, rows[i].used_after);
		assert_int_equal(q.month, 202601);
	}
}

static void a_unit_comes_back(void **state)
{
	struct quota q = { .used = 0 };

	(void)state;
	assert_true(quota_reserve(&q, 1));
	assert_false(quota_reserve(&q, 1));
	quota_release(&q);
	assert_int_equal(q.used, 0);
	assert_true(quota_reserve(&q, 1));
}

static void nothing_comes_back_from_nothing(void **state)
{
	struct quota q = { .used = 0 };

	(void)state;
	quota_release(&q);
	assert_int_equal(q.used, 0);
	assert_false(quota_reserve(&q, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units_are_taken_up_to_the_limit),
		cmocka_unit_test(a_unit_comes_back),
		cmocka_unit_test(nothing_comes_back_from_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
