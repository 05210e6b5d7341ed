#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox_fixture.h"

static void balance_needs_the_api_key(void **state)
{
	struct sandbox_fixture *const fx = *state;

	assert_int_equal(fixture_call(fx, "GET", "/v3/billing/balance/", NULL, NULL), 403);
	assert_int_equal(fixture_call_with_key(fx, "GET", "/v3/billing/balance/", NULL), 200);
	assert_true(str_eq(reply_text(fx, "balance"), STR("100.0000")));
	assert_int_equal(json_kind_of(json_get(fx->json, "auto_refill_enabled")), JSON_KIND_BOOL);
}

#define ORGANIZATION "00000000-0000-4000-8000-000000000001"
#define CONSOLE "/v3/organization/" ORGANIZATION "/application/" ORGANIZATION

static void access_token_finds_the_application(void **state)
{
	struct sandbox_fixture *const fx = *state;
	const char *const applications = "/auth/v2/organizations/me/" ORGANIZATION "/applications/";

	fixture_get_token(fx);
	assert_int_equal(fixture_call(fx, "GET", "/auth/v2/organizations/me/", NULL, NULL), 401);
	assert_int_equal(fixture_call(fx, "GET", applications, NULL, NULL), 401);
	assert_int_equal(fixture_call_v1(fx, "GET", "/auth/v2/organizations/me/", NULL), 200);
	assert_true(str_eq(json_text(reply_at(fx, "0.uuid")), STR(ORGANIZATION)));
	assert_int_equal(fixture_call_v1(fx, "GET", applications, NULL), 200);
	assert_true(str_eq(json_text(reply_at(fx, "0.client_id")), STR("sandbox")));
	assert_int_equal(
		fixture_call_v1(fx, "GET",
			"/auth/v2/organizations/me/7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b/applications/", NULL),
		404);
}

static void access_token_is_accepted_in_place_of_the_api_key(void **state)
{
	static const char *const paths[] = { "/v3/sessions/", "/v3/workflows/", "/v3/billing/balance/" };
	struct sandbox_fixture *const fx = *state;

	fixture_get_token(fx);
	for (size_t i = 0; i < array_len(paths); i++) {
		assert_int_equal(fixture_call_v1(fx, "GET", paths[i], NULL), 200);
		assert_int_equal(fixture_call(fx, "GET", paths[i], "Authorization: Bearer wrong", NULL), 403);
		assert_int_equal(fixture_call(fx, "GET", paths[i],
					 "x-api-key: wrong\nAuthorization: Bearer wrong", NULL),
			401);
		assert_int_equal(fixture_call(fx, "GET", paths[i], NULL, NULL), 403);
	}
	fx->clock.wall += 24 * 3600 * 1000 - 1; /* the lifetime of the token is 24 hours */
	assert_int_equal(fixture_call_v1(fx, "GET", paths[0], NULL), 200);
	fx->clock.wall++;
	assert_int_equal(fixture_call_v1(fx, "GET", paths[0], NULL), 403);
}

static void paths_of_the_console_mean_those_of_the_api(void **state)
{
	static const struct {
		const char *method, *path, *body;
		int status;
	} rows[] = {
		{ "GET", CONSOLE "/sessions/", NULL, 200 },
		{ "DELETE", CONSOLE "/sessions/delete/", "{\"session_numbers\":[9]}", 200 },
		{ "GET", CONSOLE "/verification-settings/", NULL, 200 },
		{ "POST", CONSOLE "/verification-settings/", "{}", 201 },
		{ "GET", CONSOLE "/verification-settings/00000000-0000-4000-8000-000000000008/", NULL, 200 },
		{ "GET", CONSOLE "/webhook/destinations/", NULL, 200 },
		{ "GET", CONSOLE "/blocklist/", NULL, 200 },
		{ "GET", CONSOLE "/nothing/", NULL, 404 },
		{ "GET", CONSOLE "/", NULL, 404 },
		{ "GET", CONSOLE, NULL, 404 },
		{ "GET", "/v3/organization/" ORGANIZATION "/application/other/sessions/", NULL, 404 },
	};
	struct sandbox_fixture *const fx = *state;

	fixture_get_token(fx);
	for (size_t i = 0; i < array_len(rows); i++)
		if (fixture_call_v1(fx, rows[i].method, rows[i].path, rows[i].body) != rows[i].status)
			fail_msg("%s: %d", rows[i].path, fx->reply.status);
	assert_int_equal(fixture_call(fx, "GET", CONSOLE "/sessions/", NULL, NULL), 403);
}

static void health_needs_no_credentials(void **state)
{
	struct sandbox_fixture *const fx = *state;

	assert_int_equal(fixture_call(fx, "GET", "/system/healthcheck", NULL, NULL), 200);
	assert_true(str_eq(reply_text(fx, "status"), STR("ok")));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(balance_needs_the_api_key),
		TEST(access_token_finds_the_application),
		TEST(access_token_is_accepted_in_place_of_the_api_key),
		TEST(paths_of_the_console_mean_those_of_the_api),
		TEST(health_needs_no_credentials),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
