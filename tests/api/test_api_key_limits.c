/* Tests of what restricts an API key besides its rates and scopes: its tenant is disabled, or the client's
 * address is not among its networks. Also tests GET /v1/me. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "api/core/guard.h"
#include "app/admin/operator.h"
#include "kit/api_fixture.h"

static int products_status(struct api_fixture *fx, const char *key)
{
	return api_get(fx, key, "/config/products").status;
}

static void set_disabled(struct api_fixture *fx, const char *name, enum disabled_change disabled)
{
	const struct tenant_change change = { .name = str_of(name), .disabled = disabled };
	struct tenant tenant;

	assert_int_equal(operator_set_tenant(&fx->app.world, &fx->app.arena, &change, &tenant), OK);
}

static struct test_key add_shop_with_key(struct api_fixture *fx)
{
	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	return api_create_key(fx, "shop");
}

static void keys_of_a_disabled_tenant_are_refused_within_a_second(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = add_shop_with_key(fx), unused = api_create_key(fx, "shop");

	(void)fixture_add_tenant(&fx->app, "bank", NULL, NO_QUOTA);
	const struct test_key other = api_create_key(fx, "bank");
	assert_int_equal(products_status(fx, key.text), 200);
	set_disabled(fx, "shop", CHANGE_DISABLE);
	assert_int_equal(products_status(fx, unused.text), 401);
	atomic_fetch_add(&fx->app.clock.ticks, 999);
	assert_int_equal(products_status(fx, key.text), 401);
	assert_int_equal(api_post(fx, key.text, "/kyc/prepare", "{}").status, 401);
	assert_int_equal(products_status(fx, other.text), 200);
	set_disabled(fx, "shop", CHANGE_ENABLE);
	atomic_fetch_add(&fx->app.clock.ticks, 999);
	assert_int_equal(products_status(fx, key.text), 200);
}

static void call_without_a_key_is_refused_if_default_is_disabled(void **state)
{
	struct api_fixture *const fx = *state;

	fx->app.rules.keys_optional = true;
	const struct test_key key = add_shop_with_key(fx);
	(void)fixture_add_tenant(&fx->app, "default", NULL, NO_QUOTA);
	assert_int_equal(products_status(fx, NULL), 200);
	set_disabled(fx, "default", CHANGE_DISABLE);
	atomic_fetch_add(&fx->app.clock.ticks, 999);
	assert_int_equal(products_status(fx, NULL), 401);
	assert_int_equal(products_status(fx, key.text), 200);
}

static void set_networks(struct api_fixture *fx, const struct test_key *key, const char *networks)
{
	struct api_key row = { .id = key->id };

	fixture_load(&fx->app, RECORD_API_KEY, &row);
	assert_true(str_copy_to(str_of(networks), row.allow_from, sizeof(row.allow_from)));
	fixture_save(&fx->app, RECORD_API_KEY, &row);
}

static enum guard_verdict verdict_from(struct api_fixture *fx, const struct test_key *key, const char *peer)
{
	struct request request = {
		.method = METHOD_GET, .path = STR("/config/products"), .peer = str_of(peer)
	};
	struct guard_result result = { 0 };

	request.headers[0] = (struct header){ STR("x-api-key"), str_of(key->text) };
	request.n_headers = 1;
	guard_check(fx->guard, &request, &fx->app.arena, &result);
	return result.verdict;
}

static void key_is_limited_to_its_networks(void **state)
{
	static const struct {
		const char *networks, *peer;
		bool allowed;
	} rows[] = {
		{ "", "192.0.2.1", true },
		{ "192.0.2.0/24", "192.0.2.0", true },
		{ "192.0.2.0/24", "192.0.2.255", true },
		{ "192.0.2.0/24", "192.0.1.255", false },
		{ "192.0.2.0/24", "192.0.3.0", false },
		{ "192.0.2.0/24", "::ffff:192.0.2.7", true },
		{ "192.0.2.0/24", "2001:db8::1", false },
		{ "198.51.100.7,2001:db8::/32", "2001:db8:ffff::1", true },
		{ "198.51.100.7,2001:db8::/32", "198.51.100.7", true },
		{ "198.51.100.7,2001:db8::/32", "198.51.100.8", false },
		{ "192.0.2.0/24", "", false },
		{ "nonsense", "192.0.2.1", false },
	};
	struct api_fixture *const fx = *state;
	const struct test_key key = add_shop_with_key(fx);

	for (size_t i = 0; i < array_len(rows); i++) {
		set_networks(fx, &key, rows[i].networks);
		atomic_fetch_add(&fx->app.clock.ticks, 999);
		if (verdict_from(fx, &key, rows[i].peer) !=
			(rows[i].allowed ? GUARD_PASSED : GUARD_ADDRESS_REFUSED))
			fail_msg("row %zu", i);
	}
}

/* The address is checked after the key itself and before the rate, for which a refused call does not count.
 */
static void address_is_checked_before_the_rate(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = add_shop_with_key(fx);

	fx->app.rules.rate_per_second = 1;
	set_networks(fx, &key, "198.51.100.0/24");
	for (int i = 0; i < 3; i++)
		assert_answer(api_get(fx, key.text, "/config/products"), 403, "address_not_allowed",
			"The API key may not be used from this address");
	assert_int_equal(verdict_from(fx, &key, "198.51.100.1"), GUARD_PASSED);
	assert_int_equal(verdict_from(fx, &key, "198.51.100.1"), GUARD_LIMITED);
	assert_int_equal(operator_revoke_key(&fx->app.world, &fx->app.arena, NULL, str_of(key.id.text)), OK);
	atomic_fetch_add(&fx->app.clock.ticks, 999);
	assert_int_equal(products_status(fx, key.text), 401);
}

static void me_describes_the_key(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = add_shop_with_key(fx);
	struct api_key row = { .id = key.id };
	char body[400];

	fixture_load(&fx->app, RECORD_API_KEY, &row);
	row.scopes = SCOPE_BIT(SCOPE_EVENTS_READ) | SCOPE_BIT(SCOPE_USERS_READ);
	row.rate_per_minute = 7;
	assert_true(moment_parse(STR("2030-01-02T03:04:05Z"), &row.expires_at));
	fixture_save(&fx->app, RECORD_API_KEY, &row);
	(void)snprintf(body, sizeof(body),
		"{\"statusCode\":200,\"success\":true,\"status\":\"key_retrieved\",\"message\":\"API key "
		"retrieved\",\"data\":{\"tenant\":\"shop\",\"key_id\":\"%s\",\"scopes\":[\"events:read\","
		"\"users:read\"],\"rate_per_minute\":7,\"rate_per_second\":1000000,"
		"\"expires_at\":\"2030-01-02T03:04:05.000Z\"}}",
		key.id.text);
	assert_reply(api_get(fx, key.text, "/v1/me"), 200, body);
	assert_int_equal(api_get(fx, NULL, "/v1/me").status, 401);
}

static void me_without_a_key_describes_the_default_tenant(void **state)
{
	struct api_fixture *const fx = *state;

	fx->app.rules.keys_optional = true;
	(void)fixture_add_tenant(&fx->app, "default", NULL, NO_QUOTA);
	assert_reply(api_get(fx, NULL, "/v1/me"), 200,
		"{\"statusCode\":200,\"success\":true,\"status\":\"key_retrieved\",\"message\":\"API key "
		"retrieved\",\"data\":{\"tenant\":\"default\",\"key_id\":null,\"scopes\":[\"kyc:read\","
		"\"kyc:write\"],\"rate_per_minute\":1000000,\"rate_per_second\":1000000,\"expires_at\":null}}");
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, api_fixture_setup, api_fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(keys_of_a_disabled_tenant_are_refused_within_a_second),
		TEST(call_without_a_key_is_refused_if_default_is_disabled),
		TEST(key_is_limited_to_its_networks),
		TEST(address_is_checked_before_the_rate),
		TEST(me_describes_the_key),
		TEST(me_without_a_key_describes_the_default_tenant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
