#include "domain/flow.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

static void documented_flow_is_found(void **state)
{
	const struct flow *flow = flow_find(STR("verify_public_kyc"));

	(void)state;
	assert_non_null(flow);
	assert_true(str_eq(flow->name, STR("verify_public_kyc")));
}

static void unknown_flow_is_not_found(void **state)
{
	(void)state;
	assert_null(flow_find(STR("")));
	assert_null(flow_find(STR("verify_public_ky")));
	assert_null(flow_find(STR("verify_public_kycs")));
	assert_null(flow_find(STR("Verify_public_kyc")));
	assert_null(flow_find(STR("verify_public_kyc\0")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documented_flow_is_found),
		cmocka_unit_test(unknown_flow_is_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
