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
	{ "one below the limit", 9, 10, true, 10 },
	{ "limit reached", 10, 10, false, 10 },
	{ "above the limit, which was lowered", 11, 10, false, 11 },
	{ "limit of zero", 0, 0, false, 0 },
	{ "first unit", 0, 1, true, 1 },
	{ "no limit", 2147483647, NO_QUOTA, true, 2147483648 },
};

static void units_are_reserved_up_to_the_limit(void **state)
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

static void released_unit_can_be_reserved_again(void **state)
{
	struct quota q = { .used = 0 };

	(void)state;
	assert_true(quota_reserve(&q, 1));
	assert_false(quota_reserve(&q, 1));
	quota_release(&q);
	assert_int_equal(q.used, 0);
	assert_true(quota_reserve(&q, 1));
}

static void release_never_makes_the_count_negative(void **state)
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
		cmocka_unit_test(units_are_reserved_up_to_the_limit),
		cmocka_unit_test(released_unit_can_be_reserved_again),
		cmocka_unit_test(release_never_makes_the_count_negative),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
