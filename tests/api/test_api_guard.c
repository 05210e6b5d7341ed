/* Keys and rates: who comes in, how often, and what the store is asked. */
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

static struct reply knock(struct api_fixture *fx, const char *key)
{
	return api_get(fx, key, "/config/products");
}

static size_t asked(struct api_fixture *fx)
{
	return atomic_load(&fx->app.store.reads) + atomic_load(&fx->app.store.writes);
}

static struct test_key shop_key(struct api_fixture *fx)
{
	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	return api_create_key(fx, "shop");
}

static void a_new_key_works_at_once(void **state)
{
	struct api_fixture *const fx = *state;
	struct test_key key = shop_key(fx);

	assert_reply(knock(fx, key.text), 200, PRODUCTS);
	key = api_create_key(fx, "shop");
	assert_reply(knock(fx, key.text), 200, PRODUCTS);
}

static void a_wrong_checksum_never_reaches_the_store(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = shop_key(fx);
	char broken[API_KEY_LENGTH + 1];
	static const char *const rows[] = { "", "kycd_", "x", "sk_live_0123456789",
		"kycd_000000000000000000000000000000000000000000000" };

	const size_t before = asked(fx);
	for (size_t i = 0; i < array_len(rows); i++)
		assert_reply(knock(fx, rows[i]), 401, UNAUTHORIZED);
	for (size_t i = 0; i < API_KEY_LENGTH; i++) {
		memcpy(broken, key.text, sizeof(broken));
		broken[i] = broken[i] == 'a' ? 'b' : 'a';
		assert_reply(knock(fx, broken), 401, UNAUTHORIZED);
	}
	assert_reply(knock(fx, NULL), 401, UNAUTHORIZED);
	assert_int_equal(asked(fx), before);
}

static void an_unknown_key_with_a_right_checksum_is_looked_up_each_time(void **state)
{
	struct api_fixture *const fx = *state;
	unsigned char luck[64];
	char text[API_KEY_LENGTH + 1];

	memset(luck, 7, sizeof(luck));
	assert_true(api_key_make(luck, text));
	const size_t before = asked(fx);
	for (int i = 0; i < 5; i++)
		assert_reply(knock(fx, text), 401, UNAUTHORIZED);
	assert_int_equal(asked(fx) - before, 5);
}

/* The id of a known key, and a right checksum, but not its secret. */
static void another_secret_under_a_known_id_is_refused(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = shop_key(fx);
	struct api_key row = { .id = key.id };

	fixture_load(&fx->app, RECORD_API_KEY, &row);
	row.digest.bytes[31] ^= 1;
	fixture_save(&fx->app, RECORD_API_KEY, &row);
	assert_reply(knock(fx, key.text), 401, UNAUTHORIZED);
}

static void a_known_key_is_remembered_for_a_second(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = shop_key(fx);

	(void)knock(fx, key.text);
	const size_t before = asked(fx);
	for (int i = 0; i < 8; i++) {
		assert_reply(knock(fx, key.text), 200, PRODUCTS);
		fixture_advance_clock(&fx->app, milliseconds(100));
	}
	assert_int_equal(asked(fx), before);
	fixture_advance_clock(&fx->app, milliseconds(200));
	assert_reply(knock(fx, key.text), 200, PRODUCTS);
	assert_int_equal(asked(fx), before + 1);
}

static void a_revoked_key_is_out_within_a_second(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = shop_key(fx);

	assert_reply(knock(fx, key.text), 200, PRODUCTS);
	assert_int_equal(operator_revoke_key(&fx->app.world, &fx->app.arena, str_of(key.id.text)), OK);
	/* Only the monotonic hand counts here. */
	atomic_fetch_add(&fx->app.clock.ticks, 999);
	assert_reply(knock(fx, key.text), 401, UNAUTHORIZED);
	assert_reply(knock(fx, key.text), 401, UNAUTHORIZED);
}

/* The second is counted from the question, not from the answer. */
static void a_slow_store_does_not_lengthen_the_second(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = shop_key(fx);

	atomic_store(&fx->app.clock.ticks_step, 200); /* every look at the clock takes 200 ms */
	assert_reply(knock(fx, key.text), 200, PRODUCTS);
	atomic_store(&fx->app.clock.ticks_step, 0);
	assert_int_equal(operator_revoke_key(&fx->app.world, &fx->app.arena, str_of(key.id.text)), OK);
	const size_t before = asked(fx);
	atomic_fetch_add(&fx->app.clock.ticks, 350); /* 950 ms since the question, 550 ms since its answer */
	assert_reply(knock(fx, key.text), 401, UNAUTHORIZED);
	assert_int_equal(asked(fx), before + 1);
}

static void an_expired_key_by_the_millisecond(void **state)
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
		assert_int_equal(knock(fx, text).status, rows[i].status);
	}
}

static void a_key_given_twice_is_none(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = shop_key(fx);
	struct test_request probe = { .method = METHOD_GET, .path = "/config/products", .key = key.text };

	probe.more_headers[0] = (struct header){ STR("x-api-key"), str_of(key.text) };
	assert_reply(api_send(fx, &probe), 401, UNAUTHORIZED);
	probe = (struct test_request){ .method = METHOD_GET, .path = "/config/products" };
	probe.more_headers[0] = (struct header){ STR("Authorization"), STR("Bearer x") };
	assert_reply(api_send(fx, &probe), 401, UNAUTHORIZED);
}

static void optional_keys(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = shop_key(fx);

	fx->app.rules.keys_optional = true;
	assert_reply(knock(fx, NULL), 401, UNAUTHORIZED); /* there is no tenant `default` yet */
	const struct caller house = fixture_add_tenant(&fx->app, "default", NULL, NO_QUOTA);
	assert_reply(knock(fx, NULL), 200, PRODUCTS);
	assert_reply(knock(fx, "kycd_wrong"), 401, UNAUTHORIZED);
	assert_reply(knock(fx, ""), 401, UNAUTHORIZED);
	assert_reply(knock(fx, key.text), 200, PRODUCTS);
	assert_int_equal(api_post(fx, NULL, "/kyc/prepare", "{\"email\":\"a@example.com\"}").status, 201);
	(void)fixture_enrolment(&fx->app, &house, "a@example.com");
}

static void ten_a_second(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = shop_key(fx), other = api_create_key(fx, "shop");
	int64_t wait;

	fx->app.rules.rate_per_second = 10;
	fx->app.rules.rate_per_minute = 600;
	for (int i = 0; i < 10; i++)
		assert_reply(knock(fx, key.text), 200, PRODUCTS);
	const struct reply limited = knock(fx, key.text);
	assert_reply(limited, 429, TOO_MANY);
	assert_true(str_number(reply_find_header(&limited, "Retry-After"), 2, &wait));
	assert_in_range(wait, 1, 2);			    /* a sixteenth more than a second at most */
	assert_reply(knock(fx, other.text), 200, PRODUCTS); /* per key */
	fixture_advance_clock(&fx->app, seconds(wait));
	assert_reply(knock(fx, key.text), 200, PRODUCTS);
}

static void six_hundred_a_minute(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = shop_key(fx);
	int64_t wait;

	fx->app.rules.rate_per_minute = 600;
	for (int i = 0; i < 600; i++)
		assert_int_equal(knock(fx, key.text).status, 200);
	const struct reply limited = knock(fx, key.text);
	assert_int_equal(limited.status, 429);
	assert_true(str_number(reply_find_header(&limited, "Retry-After"), 64, &wait));
	assert_in_range(wait, 60, 64);
	fixture_advance_clock(&fx->app, milliseconds(59999));
	assert_int_equal(knock(fx, key.text).status, 429);
	fixture_advance_clock(&fx->app, milliseconds(wait * 1000 - 59999));
	assert_int_equal(knock(fx, key.text).status, 200);
}

static void who_is_over_the_minute_hears_of_the_minute(void **state)
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
	(void)knock(fx, text);
	(void)knock(fx, text);
	const struct reply limited = knock(fx, text);
	assert_reply(limited, 429,
		"{\"code\":429,\"message\":\"Too many requests. The limit is 2 request per minute and 2 requests "
		"per second.\",\"docs\":\"https://docs.starkfi.io/\"}");
	assert_true(str_number(reply_find_header(&limited, "Retry-After"), 100, &wait));
	assert_in_range(wait, 55, 64);
}

static void what_is_refused_by_the_minute_does_not_fill_the_second(void **state)
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
		assert_int_equal(knock(fx, text).status, 200);
	fixture_advance_clock(&fx->app, milliseconds(59999));
	for (int i = 0; i < 3; i++)
		assert_int_equal(knock(fx, text).status, 429);
	fixture_advance_clock(&fx->app, milliseconds(3751)); /* the minute's first slot is forgotten */
	for (int i = 0; i < 3; i++)
		assert_int_equal(knock(fx, text).status, 200);
}

static void a_refused_key_does_not_use_the_rate(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = shop_key(fx);
	struct test_request twice = { .method = METHOD_GET, .path = "/config/products", .key = key.text };

	fx->app.rules.rate_per_second = 1;
	twice.more_headers[0] = (struct header){ STR("x-api-key"), STR("x") };
	for (int i = 0; i < 5; i++)
		assert_int_equal(api_send(fx, &twice).status, 401);
	assert_int_equal(knock(fx, key.text).status, 200);
	assert_int_equal(knock(fx, key.text).status, 429);
}

static void a_store_that_does_not_tell_is_no_refusal(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = shop_key(fx);

	atomic_store(&fx->app.store.fault, STORE_FAULT_BEFORE_WORK);
	const struct reply reply = knock(fx, key.text);
	assert_answer(reply, 503, "unavailable", "Service unavailable, try again later");
	assert_true(str_eq(reply_find_header(&reply, "Retry-After"), STR("1")));
	atomic_store(&fx->app.store.fault, STORE_FAULT_NONE);
	assert_reply(knock(fx, key.text), 200, PRODUCTS);
}

/* More keys than the table holds: each still works, and limits hold for those in use. */
static void many_keys_find_their_place(void **state)
{
	struct api_fixture *const fx = *state;
	static struct test_key keys[300];

	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	for (size_t i = 0; i < 300; i++)
		keys[i] = api_create_key(fx, "shop");
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < 300; i++) {
			assert_int_equal(knock(fx, keys[i].text).status, 200);
			fixture_advance_clock(&fx->app, milliseconds(1));
		}
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, api_fixture_setup, api_fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(a_new_key_works_at_once),
		TEST(a_wrong_checksum_never_reaches_the_store),
		TEST(an_unknown_key_with_a_right_checksum_is_looked_up_each_time),
		TEST(another_secret_under_a_known_id_is_refused),
		TEST(a_known_key_is_remembered_for_a_second),
		TEST(a_revoked_key_is_out_within_a_second),
		TEST(a_slow_store_does_not_lengthen_the_second),
		TEST(an_expired_key_by_the_millisecond),
		TEST(a_key_given_twice_is_none),
		TEST(optional_keys),
		TEST(ten_a_second),
		TEST(six_hundred_a_minute),
		TEST(who_is_over_the_minute_hears_of_the_minute),
		TEST(what_is_refused_by_the_minute_does_not_fill_the_second),
		TEST(a_refused_key_does_not_use_the_rate),
		TEST(a_store_that_does_not_tell_is_no_refusal),
		TEST(many_keys_find_their_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
