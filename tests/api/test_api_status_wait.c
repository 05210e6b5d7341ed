/* `wait` of POST /kyc/status: a call that waits needs no more memory than one that does not. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>

#include "domain/tenant.h"
#include "kit/api_fixture.h"

#define STATUS_PATH "/kyc/status"
#define BODY(seconds) "{\"email\":\"ana@example.com\",\"known_status\":\"pending\",\"wait\":" seconds "}"
#define STEP ((size_t)256)

static void waiting_needs_no_more_memory(void **state)
{
	struct api_fixture *const fx = *state;

	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	const struct test_key key = api_create_key(fx, "shop");
	api_verify_email(fx, key.text, "ana@example.com");
	assert_int_equal(
		api_post(fx, key.text, "/kyc/create/verify_public_kyc", "{\"email\":\"ana@example.com\"}")
			.status,
		201);
	fx->call_bytes = STEP;
	while (api_post(fx, key.text, STATUS_PATH, BODY("0")).status != 200) {
		fx->call_bytes += STEP;
		assert_true(fx->call_bytes < ARENA_CALL_LIMIT);
	}
	/* Two seconds are four more reads. */
	assert_int_equal(api_post(fx, key.text, STATUS_PATH, BODY("2")).status, 200);
	fx->call_bytes = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			waiting_needs_no_more_memory, api_fixture_setup, api_fixture_teardown),
	};

	return cmocka_run_group_tests_name("api_status_wait", tests, NULL, NULL);
}
