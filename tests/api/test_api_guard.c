/* Tests of the guard, which checks API keys and rate limits, and of how often it accesses the store. */
#include "api/core/guard.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "app/admin/operator.h"
#include "kit/api_fixture.h"

#define UNAUTHORIZED                                                                                         \
	"{\"code\":401,\"message\":\"Unauthorized or API key invalid.\",\"docs\":\"https://docs.starkfi.io/\"}"
#define TOO_MANY                                                                                              \
	"{\"code\":429,\"message\":\"Too many requests. The limit is 600 request per minute and 10 requests " \
	"per second.\",\"docs\":\"https://docs.starkfi.io/\"}"
#define PRODUCTS                                                                                             \
	"{\"statusCode\":200,\"success\":true,\"status\":\"products_retrieved\",\"message\":\"Products "     \
	"retrieved\",\"data\":{\"products\":{\"kyc\":true,\"crypto\":false,\"pix\":false,"                   \
	"\"credit_card\":false}}}"

static struct reply get_products(struct api_fixture *fx, const char *key)
{
	return api_get(fx, key, "/config/products");
}

static size_t count_transactions(struct api_fixture *fx)
{
	return atomic_load(&fx->app.store.reads) + atomic_load(&fx->app.store.writes);
}

static struct test_key add_shop_with_key(struct api_fixture *fx)
{
	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	return api_create_key(fx, "shop");
}

static void new_key_is_valid_at_once(void **state)
{
	struct api_fixture *const fx = *state;
	struct test_key key = add_shop_with_key(fx);

	assert_reply(get_products(fx, key.text), 200, PRODUCTS);
	key = api_create_key(fx, "shop");
	assert_reply(get_products(fx, key.text), 200, PRODUCTS);
}

static void key_with_wrong_checksum_is_refused_without_the_store(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = add_shop_with_key(fx);
	char changed[API_KEY_LENGTH + 1];
	static const char *const rows[] = { "", "kycd_", "x", "sk_live_0123456789",
		"kycd_000000000000000000000000000000000000000000000" };

	const size_t before = count_transactions(fx);
	for (size_t i = 0; i < array_len(rows); i++)
		assert_reply(get_products(fx, rows[i]), 401, UNAUTHORIZED);
	for (size_t i = 0; i < API_KEY_LENGTH; i++) {
		memcpy(changed, key.text, sizeof(changed));
		changed[i] = changed[i] == 'a' ? 'b' : 'a';
		assert_reply(get_products(fx, changed), 401, UNAUTHORIZED);
	}
	assert_reply(get_products(fx, NULL), 401, UNAUTHORIZED);
	assert_int_equal(count_transactions(fx), before);
}

static void unknown_key_is_looked_up_each_time(void **state)
{
	struct api_fixture *const fx = *state;
	unsigned char random_bytes[64];
	char text[API_KEY_LENGTH + 1];

	memset(random_bytes, 7, sizeof(random_bytes));
	assert_true(api_key_make(random_bytes, text));
	const size_t before = count_transactions(fx);
	for (int i = 0; i < 5; i++)
		assert_reply(get_products(fx, text), 401, UNAUTHORIZED);
	assert_int_equal(count_transactions(fx) - before, 5);
}

/* The key has the id of a stored key and a correct checksum, but another secret. */
static void wrong_secret_of_a_known_key_is_refused(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = add_shop_with_key(fx);
	struct api_key row = { .id = key.id };

	fixture_load(&fx->app, RECORD_API_KEY, &row);
	row.digest.bytes[31] ^= 1;
	fixture_save(&fx->app, RECORD_API_KEY, &row);
	assert_reply(get_products(fx, key.text), 401, UNAUTHORIZED);
}

static void valid_key_is_cached_for_a_second(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = add_shop_with_key(fx);

	(void)get_products(fx, key.text);
	const size_t before = count_transactions(fx);
	for (int i = 0; i < 8; i++) {
		assert_reply(get_products(fx, key.text), 200, PRODUCTS);
		fixture_advance_clock(&fx->app, milliseconds(100));
	}
	assert_int_equal(count_transactions(fx), before);
	fixture_advance_clock(&fx->app, milliseconds(200));
	assert_reply(get_products(fx, key.text), 200, PRODUCTS);
	assert_int_equal(count_transactions(fx), before + 1);
}

static void revoked_key_is_refused_within_a_second(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = add_shop_with_key(fx);

	assert_reply(get_products(fx, key.text), 200, PRODUCTS);
	assert_int_equal(operator_revoke_key(&fx->app.world, &fx->app.arena, str_of(key.id.text)), OK);
	/* The cache expires by the monotonic clock. */
	atomic_fetch_add(&fx->app.clock.ticks, 999);
	assert_reply(get_products(fx, key.text), 401, UNAUTHORIZED);
	assert_reply(get_products(fx, key.text), 401, UNAUTHORIZED);
}

/* A key is cached for one second from the start of its lookup, not from the end. */
static void slow_store_does_not_extend_the_cache_time(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = add_shop_with_key(fx);

	atomic_store(&fx->app.clock.ticks_step, 200); /* 200 ms pass with every read of the clock */
	assert_reply(get_products(fx, key.text), 200, PRODUCTS);
	atomic_store(&fx->app.clock.ticks_step, 0);
	assert_int_equal(operator_revoke_key(&fx->app.world, &fx->app.arena, str_of(key.id.text)), OK);
	const size_t before = count_transactions(fx);
	atomic_fetch_add(&fx->app.clock.ticks,
		350); /* now 950 ms after the start of the lookup, 550 ms after its end */
	assert_reply(get_products(fx, key.text), 401, UNAUTHORIZED);
	assert_int_equal(count_transactions(fx), before + 1);
}

static void key_expires_at_its_millisecond(void **state)
{
	static const struct {
		int64_t age_ms;
		int status;
	} rows[] = { { 89999, 200 }, { 90000, 401 }, { 90001, 401 } };
	struct api_fixture *const fx = *state;
	const struct key_params params = { .tenant = STR("shop"), .life = seconds(90) };
	char text[API_KEY_LENGTH + 1];
	struct api_key key;

	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	assert_int_equal(operator_create_key(&fx->app.world, &fx->app.arena, &params, &key, text), OK);
	for (size_t i = 0; i < array_len(rows); i++) {
		atomic_store(&fx->app.clock.now, FIXTURE_NOW + rows[i].age_ms);
		assert_int_equal(get_products(fx, text).status, rows[i].status);
	}
}

static void key_header_must_occur_once(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = add_shop_with_key(fx);
	struct test_request sent = { .method = METHOD_GET, .path = "/config/products", .key = key.text };

	sent.more_headers[0] = (struct header){ STR("x-api-key"), str_of(key.text) };
	assert_reply(api_send(fx, &sent), 401, UNAUTHORIZED);
	sent = (struct test_request){ .method = METHOD_GET, .path = "/config/products" };
	sent.more_headers[0] = (struct header){ STR("Authorization"), STR("Bearer x") };
	assert_reply(api_send(fx, &sent), 401, UNAUTHORIZED);
}

static void optional_key_uses_the_default_tenant(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = add_shop_with_key(fx);

	fx->app.rules.keys_optional = true;
	assert_reply(get_products(fx, NULL), 401, UNAUTHORIZED); /* there is no tenant `default` yet */
	const struct caller default_caller = fixture_add_tenant(&fx->app, "default", NULL, NO_QUOTA);
	assert_reply(get_products(fx, NULL), 200, PRODUCTS);
	assert_reply(get_products(fx, "kycd_wrong"), 401, UNAUTHORIZED);
	assert_reply(get_products(fx, ""), 401, UNAUTHORIZED);
	assert_reply(get_products(fx, key.text), 200, PRODUCTS);
	assert_int_equal(api_post(fx, NULL, "/kyc/prepare", "{\"email\":\"a@example.com\"}").status, 201);
	(void)fixture_enrolment(&fx->app, &default_caller, "a@example.com");
}

static void limit_per_second_is_enforced(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = add_shop_with_key(fx), other = api_create_key(fx, "shop");
	int64_t wait;

	fx->app.rules.rate_per_second = 10;
	fx->app.rules.rate_per_minute = 600;
	for (int i = 0; i < 10; i++)
		assert_reply(get_products(fx, key.text), 200, PRODUCTS);
	const struct reply limited = get_products(fx, key.text);
	assert_reply(limited, 429, TOO_MANY);
	assert_true(str_number(reply_find_header(&limited, "Retry-After"), 2, &wait));
	/* The wait is at most a second and a sixteenth, rounded up to whole seconds. */
	assert_in_range(wait, 1, 2);
	assert_reply(get_products(fx, other.text), 200, PRODUCTS); /* per key */
	fixture_advance_clock(&fx->app, seconds(wait));
	assert_reply(get_products(fx, key.text), 200, PRODUCTS);
}

static void limit_per_minute_is_enforced(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = add_shop_with_key(fx);
	int64_t wait;

	fx->app.rules.rate_per_minute = 600;
	for (int i = 0; i < 600; i++)
		assert_int_equal(get_products(fx, key.text).status, 200);
	const struct reply limited = get_products(fx, key.text);
	assert_int_equal(limited.status, 429);
	assert_true(str_number(reply_find_header(&limited, "Retry-After"), 64, &wait));
	assert_in_range(wait, 60, 64);
	fixture_advance_clock(&fx->app, milliseconds(59999));
	assert_int_equal(get_products(fx, key.text).status, 429);
	fixture_advance_clock(&fx->app, milliseconds(wait * 1000 - 59999));
	assert_int_equal(get_products(fx, key.text).status, 200);
}

static void retry_after_is_that_of_the_minute_if_both_limits_are_reached(void **state)
{
	struct api_fixture *const fx = *state;
	const struct key_params params = {
		.tenant = STR("shop"), .rate_per_minute = 2, .rate_per_second = 2
	};
	char text[API_KEY_LENGTH + 1];
	struct api_key key;
	int64_t wait;

	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	assert_int_equal(operator_create_key(&fx->app.world, &fx->app.arena, &params, &key, text), OK);
	(void)get_products(fx, text);
	(void)get_products(fx, text);
	const struct reply limited = get_products(fx, text);
	assert_reply(limited, 429,
		"{\"code\":429,\"message\":\"Too many requests. The limit is 2 request per minute and 2 requests "
		"per second.\",\"docs\":\"https://docs.starkfi.io/\"}");
	assert_true(str_number(reply_find_header(&limited, "Retry-After"), 100, &wait));
	assert_in_range(wait, 55, 64);
}

static void request_refused_by_the_minute_does_not_count_for_the_second(void **state)
{
	struct api_fixture *const fx = *state;
	const struct key_params params = {
		.tenant = STR("shop"), .rate_per_minute = 3, .rate_per_second = 3
	};
	char text[API_KEY_LENGTH + 1];
	struct api_key key;

	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	assert_int_equal(operator_create_key(&fx->app.world, &fx->app.arena, &params, &key, text), OK);
	atomic_store(&fx->app.clock.ticks, 6000000);
	for (int i = 0; i < 3; i++)
		assert_int_equal(get_products(fx, text).status, 200);
	fixture_advance_clock(&fx->app, milliseconds(59999));
	for (int i = 0; i < 3; i++)
		assert_int_equal(get_products(fx, text).status, 429);
	fixture_advance_clock(
		&fx->app, milliseconds(3751)); /* the first slot of the minute's window has expired */
	for (int i = 0; i < 3; i++)
		assert_int_equal(get_products(fx, text).status, 200);
}

static void refused_key_does_not_count_for_the_limit(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = add_shop_with_key(fx);
	struct test_request sent = { .method = METHOD_GET, .path = "/config/products", .key = key.text };

	fx->app.rules.rate_per_second = 1;
	sent.more_headers[0] = (struct header){ STR("x-api-key"), STR("x") };
	for (int i = 0; i < 5; i++)
		assert_int_equal(api_send(fx, &sent).status, 401);
	assert_int_equal(get_products(fx, key.text).status, 200);
	assert_int_equal(get_products(fx, key.text).status, 429);
}

static void store_failure_gives_503_instead_of_401(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = add_shop_with_key(fx);

	atomic_store(&fx->app.store.fault, STORE_FAULT_BEFORE_WORK);
	const struct reply reply = get_products(fx, key.text);
	assert_answer(reply, 503, "unavailable", "Service unavailable, try again later");
	assert_true(str_eq(reply_find_header(&reply, "Retry-After"), STR("1")));
	atomic_store(&fx->app.store.fault, STORE_FAULT_NONE);
	assert_reply(get_products(fx, key.text), 200, PRODUCTS);
}

/* The guard's table has a fixed size. With more keys than that, each key still works. */
static void more_keys_than_the_table_holds_work(void **state)
{
	struct api_fixture *const fx = *state;
	static struct test_key keys[300];

	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	for (size_t i = 0; i < 300; i++)
		keys[i] = api_create_key(fx, "shop");
	for (int repetition = 0; repetition < 2; repetition++) {
		for (size_t i = 0; i < 300; i++) {
			assert_int_equal(get_products(fx, keys[i].text).status, 200);
			fixture_advance_clock(&fx->app, milliseconds(1));
		}
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, api_fixture_setup, api_fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(new_key_is_valid_at_once),
		TEST(key_with_wrong_checksum_is_refused_without_the_store),
		TEST(unknown_key_is_looked_up_each_time),
		TEST(wrong_secret_of_a_known_key_is_refused),
		TEST(valid_key_is_cached_for_a_second),
		TEST(revoked_key_is_refused_within_a_second),
		TEST(slow_store_does_not_extend_the_cache_time),
		TEST(key_expires_at_its_millisecond),
		TEST(key_header_must_occur_once),
		TEST(optional_key_uses_the_default_tenant),
		TEST(limit_per_second_is_enforced),
		TEST(limit_per_minute_is_enforced),
		TEST(retry_after_is_that_of_the_minute_if_both_limits_are_reached),
		TEST(request_refused_by_the_minute_does_not_count_for_the_second),
		TEST(refused_key_does_not_count_for_the_limit),
		TEST(store_failure_gives_503_instead_of_401),
		TEST(more_keys_than_the_table_holds_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
