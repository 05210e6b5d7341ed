/* Tests of the limit of page requests per IP address. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "kit/app_fixture.h"
#include "web/core/page_limit.h"

#define SECOND INT64_C(1000000)

static struct page_limits *limits;

static int setup(void **state)
{
	struct app_fixture *fx;

	assert_int_equal(fixture_setup(state), 0);
	fx = *state;
	fx->rules.rate_per_second = 1;
	fx->rules.rate_per_minute = 60;
	return page_limits_open(&limits) == OK ? 0 : -1;
}

static int teardown(void **state)
{
	page_limits_close(limits);
	return fixture_teardown(state);
}

static bool take(struct app_fixture *fx, const char *address, int64_t micros, duration *wait)
{
	return page_limit_take(limits, &fx->world, str_of(address), micros, wait);
}

static void limit_is_that_of_ten_keys_and_is_refilled(void **state)
{
	struct app_fixture *const fx = *state;
	duration wait;

	for (int i = 0; i < PAGE_LIMIT_PEOPLE; i++)
		assert_true(take(fx, "192.0.2.1", 5 * SECOND, &wait));
	assert_false(take(fx, "192.0.2.1", 5 * SECOND, &wait));
	assert_true(wait.ms > 0 && wait.ms <= 101);
	assert_false(take(fx, "192.0.2.1", 5 * SECOND + SECOND / 10 - 1, &wait));
	assert_true(take(fx, "192.0.2.1", 5 * SECOND + SECOND / 10, &wait));
	assert_false(take(fx, "192.0.2.1", 5 * SECOND + SECOND / 10, &wait));
}

static void addresses_of_other_subscribers_have_limits_of_their_own(void **state)
{
	struct app_fixture *const fx = *state;
	duration wait;

	while (take(fx, "2001:db8:1:2::1", SECOND, &wait))
		;
	assert_false(take(fx, "2001:db8:1:2:ffff::9", SECOND, &wait));
	assert_true(take(fx, "2001:db8:1:3::1", SECOND, &wait));
	assert_true(take(fx, "192.0.2.7", SECOND, &wait));
}

static void text_that_is_no_address_is_not_limited(void **state)
{
	duration wait;

	for (int i = 0; i < 100; i++)
		assert_true(take(*state, "unix:", SECOND, &wait));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(limit_is_that_of_ten_keys_and_is_refilled, setup, teardown),
		cmocka_unit_test_setup_teardown(
			addresses_of_other_subscribers_have_limits_of_their_own, setup, teardown),
		cmocka_unit_test_setup_teardown(text_that_is_no_address_is_not_limited, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
