/* Tests of GET /v1/quota, which returns the limit, the used quota and the start of the next month. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <stdio.h>

#include "domain/tenant.h"
#include "kit/api_fixture.h"

#define QUOTA_PATH "/v1/quota"
#define QUOTA(data)                                                                                          \
	"{\"statusCode\":200,\"success\":true,\"status\":\"quota_retrieved\",\"message\":\"Quota "           \
	"retrieved\",\"data\":{" data "}}"
#define FEBRUARY "\"resets_at\":\"2026-02-01T00:00:00.000Z\""

static void create_session(struct api_fixture *fx, const char *key, const char *email)
{
	char body[128];

	(void)snprintf(body, sizeof(body), "{\"email\":\"%s\"}", email);
	api_verify_email(fx, key, email);
	assert_int_equal(api_post(fx, key, "/kyc/create/verify_public_kyc", body).status, 201);
}

static void used_and_remaining_follow_the_sessions(void **state)
{
	struct api_fixture *const fx = *state;

	(void)fixture_add_tenant(&fx->app, "shop", NULL, 2);
	const struct test_key key = api_create_key(fx, "shop");
	assert_reply(api_get(fx, key.text, QUOTA_PATH), 200,
		QUOTA("\"limit\":2,\"used\":0,\"remaining\":2," FEBRUARY));
	create_session(fx, key.text, "ana@example.com");
	assert_reply(api_get(fx, key.text, QUOTA_PATH), 200,
		QUOTA("\"limit\":2,\"used\":1,\"remaining\":1," FEBRUARY));
	create_session(fx, key.text, "bob@example.com");
	assert_reply(api_get(fx, key.text, QUOTA_PATH), 200,
		QUOTA("\"limit\":2,\"used\":2,\"remaining\":0," FEBRUARY));
}

static void changed_limit_applies_at_once_and_remaining_is_never_negative(void **state)
{
	struct api_fixture *const fx = *state;

	(void)fixture_add_tenant(&fx->app, "shop", NULL, 2);
	const struct test_key key = api_create_key(fx, "shop");
	create_session(fx, key.text, "ana@example.com");
	create_session(fx, key.text, "bob@example.com");
	fixture_set_quota(&fx->app, "shop", 1);
	assert_reply(api_get(fx, key.text, QUOTA_PATH), 200,
		QUOTA("\"limit\":1,\"used\":2,\"remaining\":0," FEBRUARY));
	fixture_set_quota(&fx->app, "shop", NO_QUOTA);
	assert_reply(api_get(fx, key.text, QUOTA_PATH), 200,
		QUOTA("\"limit\":null,\"used\":2,\"remaining\":null," FEBRUARY));
}

static void use_of_other_tenants_does_not_count(void **state)
{
	struct api_fixture *const fx = *state;

	(void)fixture_add_tenant(&fx->app, "shop", "partners", 5);
	(void)fixture_add_tenant(&fx->app, "bank", "partners", 7);
	const struct test_key shop = api_create_key(fx, "shop"), bank = api_create_key(fx, "bank");
	create_session(fx, shop.text, "ana@example.com");
	assert_reply(api_get(fx, bank.text, QUOTA_PATH), 200,
		QUOTA("\"limit\":7,\"used\":0,\"remaining\":7," FEBRUARY));
}

static void resets_at_is_the_start_of_the_next_month_in_utc(void **state)
{
	static const struct {
		int64_t now;
		const char *answer;
	} rows[] = {
		{ INT64_C(1769903999999), QUOTA("\"limit\":2,\"used\":1,\"remaining\":1," FEBRUARY) },
		{ INT64_C(1769904000000), /* 2026-02-01T00:00:00Z */
			QUOTA("\"limit\":2,\"used\":0,\"remaining\":2,\"resets_at\":\"2026-03-01T00:00:00.000Z\"") },
		{ INT64_C(1798761599999), /* the last millisecond of 2026 */
			QUOTA("\"limit\":2,\"used\":0,\"remaining\":2,\"resets_at\":\"2027-01-01T00:00:00.000Z\"") },
	};
	struct api_fixture *const fx = *state;

	(void)fixture_add_tenant(&fx->app, "shop", NULL, 2);
	const struct test_key key = api_create_key(fx, "shop");
	create_session(fx, key.text, "ana@example.com");
	for (size_t i = 0; i < array_len(rows); i++) {
		atomic_store(&fx->app.clock.now, rows[i].now);
		assert_reply(api_get(fx, key.text, QUOTA_PATH), 200, rows[i].answer);
	}
}

static void quota_requires_a_key(void **state)
{
	assert_int_equal(api_get(*state, NULL, QUOTA_PATH).status, 401);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, api_fixture_setup, api_fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(used_and_remaining_follow_the_sessions),
		TEST(changed_limit_applies_at_once_and_remaining_is_never_negative),
		TEST(use_of_other_tenants_does_not_count),
		TEST(resets_at_is_the_start_of_the_next_month_in_utc),
		TEST(quota_requires_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
