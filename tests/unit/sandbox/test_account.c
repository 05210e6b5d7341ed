#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox_fixture.h"

static int setup(void **state)
{
	static struct sandbox_fixture fx;

	fixture_open(&fx, 0);
	*state = &fx;
	return 0;
}

static int teardown(void **state)
{
	fixture_close(*state);
	return 0;
}

static void balance_needs_the_api_key(void **state)
{
	struct sandbox_fixture *const fx = *state;

	assert_int_equal(fixture_call(fx, "GET", "/v3/billing/balance/", NULL, NULL), 403);
	assert_int_equal(fixture_call_with_key(fx, "GET", "/v3/billing/balance/", NULL), 200);
	assert_true(str_eq(reply_text(fx, "balance"), STR("100.0000")));
	assert_int_equal(json_kind_of(json_get(fx->json, "auto_refill_enabled")), JSON_KIND_BOOL);
}

static void health_needs_no_credentials(void **state)
{
	struct sandbox_fixture *const fx = *state;

	assert_int_equal(fixture_call(fx, "GET", "/system/healthcheck", NULL, NULL), 200);
	assert_true(str_eq(reply_text(fx, "status"), STR("ok")));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(balance_needs_the_api_key),
		TEST(health_needs_no_credentials),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
