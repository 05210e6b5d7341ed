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

static struct reply knock(struct kit_desk *d, const char *key)
{
	return desk_get(d, key, "/config/products");
}

static size_t asked(struct kit_desk *d)
{
	return atomic_load(&d->kit.store.reads) + atomic_load(&d->kit.store.writes);
}

static struct kit_key shop_key(struct kit_desk *d)
{
	(void)kit_tenant(&d->kit, "shop", NULL, NO_QUOTA);
	return desk_key(d, "shop");
}

static void a_new_key_works_at_once(void **state)
{
	struct kit_desk *const d = *state;
	struct kit_key key = shop_key(d);

	expect_reply(knock(d, key.text), 200, PRODUCTS);
	key = desk_key(d, "shop");
	expect_reply(knock(d, key.text), 200, PRODUCTS);
}

static void a_wrong_checksum_never_reaches_the_store(void **state)
{
	struct kit_desk *const d = *state;
	const struct kit_key key = shop_key(d);
	char broken[API_KEY_LENGTH + 1];
	static const char *const rows[] = { "", "kycd_", "x", "sk_live_0123456789",
		"kycd_000000000000000000000000000000000000000000000" };

	const size_t before = asked(d);
	for (size_t i = 0; i < array_len(rows); i++)
		expect_reply(knock(d, rows[i]), 401, UNAUTHORIZED);
	for (size_t i = 0; i < API_KEY_LENGTH; i++) {
		memcpy(broken, key.text, sizeof(broken));
		broken[i] = broken[i] == 'a' ? 'b' : 'a';
		expect_reply(knock(d, broken), 401, UNAUTHORIZED);
	}
	expect_reply(knock(d, NULL), 401, UNAUTHORIZED);
	assert_int_equal(asked(d), before);
}

static void an_unknown_key_with_a_right_checksum_is_looked_up_each_time(void **state)
{
	struct kit_desk *const d = *state;
	unsigned char luck[64];
	char text[API_KEY_LENGTH + 1];

	memset(luck, 7, sizeof(luck));
	assert_true(api_key_make(luck, text));
	const size_t before = asked(d);
	for (int i = 0; i < 5; i++)
		expect_reply(knock(d, text), 401, UNAUTHORIZED);
	assert_int_equal(asked(d) - before, 5);
}

/* The id of a known key, and a right checksum, but not its secret. */
static void another_secret_under_a_known_id_is_refused(void **state)
{
	struct kit_desk *const d = *state;
	const struct kit_key key = shop_key(d);
	struct api_key row = { .id = key.id };

	kit_load(&d->kit, RECORD_API_KEY, &row);
	row.digest.bytes[31] ^= 1;
	kit_save(&d->kit, RECORD_API_KEY, &row);
	expect_reply(knock(d, key.text), 401, UNAUTHORIZED);
}

static void a_known_key_is_remembered_for_a_second(void **state)
{
	struct kit_desk *const d = *state;
	const struct kit_key key = shop_key(d);

	(void)knock(d, key.text);
	const size_t before = asked(d);
	for (int i = 0; i < 8; i++) {
		expect_reply(knock(d, key.text), 200, PRODUCTS);
		kit_wait(&d->kit, milliseconds(100));
	}
	assert_int_equal(asked(d), before);
	kit_wait(&d->kit, milliseconds(200));
	expect_reply(knock(d, key.text), 200, PRODUCTS);
	assert_int_equal(asked(d), before + 1);
}

static void a_revoked_key_is_out_within_a_second(void **state)
{
	struct kit_desk *const d = *state;
	const struct kit_key key = shop_key(d);

	expect_reply(knock(d, key.text), 200, PRODUCTS);
	assert_int_equal(operator_revoke_key(&d->kit.world, &d->kit.arena, str_of(key.id.text)), OK);
	/* Only the monotonic hand counts here. */
	atomic_fetch_add(&d->kit.clock.ticks, 999);
	expect_reply(knock(d, key.text), 401, UNAUTHORIZED);
	expect_reply(knock(d, key.text), 401, UNAUTHORIZED);
}

/* The second is counted from the question, not from the answer. */
static void a_slow_store_does_not_lengthen_the_second(void **state)
{
	struct kit_desk *const d = *state;
	const struct kit_key key = shop_key(d);

	atomic_store(&d->kit.clock.ticks_step, 200); /* every look at the clock takes 200 ms */
	expect_reply(knock(d, key.text), 200, PRODUCTS);
	atomic_store(&d->kit.clock.ticks_step, 0);
	assert_int_equal(operator_revoke_key(&d->kit.world, &d->kit.arena, str_of(key.id.text)), OK);
	const size_t before = asked(d);
	atomic_fetch_add(&d->kit.clock.ticks, 350); /* 950 ms since the question, 550 ms since its answer */
	expect_reply(knock(d, key.text), 401, UNAUTHORIZED);
	assert_int_equal(asked(d), before + 1);
}

static void an_expired_key_by_the_millisecond(void **state)
{
	static const struct {
		int64_t age_ms;
		int status;
	} rows[] = { { 89999, 200 }, { 90000, 401 }, { 90001, 401 } };
	struct kit_desk *const d = *state;
	const struct key_params params = { .tenant = STR("shop"), .life = seconds(90) };
	char text[API_KEY_LENGTH + 1];
	struct api_key key;

	(void)kit_tenant(&d->kit, "shop", NULL, NO_QUOTA);
	assert_int_equal(operator_create_key(&d->kit.world, &d->kit.arena, &params, &key, text), OK);
	for (size_t i = 0; i < array_len(rows); i++) {
		atomic_store(&d->kit.clock.now, KIT_NOW + rows[i].age_ms);
		assert_int_equal(knock(d, text).status, rows[i].status);
	}
}

static void a_key_given_twice_is_none(void **state)
{
	struct kit_desk *const d = *state;
	const struct kit_key key = shop_key(d);
	struct probe probe = { .method = METHOD_GET, .path = "/config/products", .key = key.text };

	probe.more[0] = (struct header){ STR("x-api-key"), str_of(key.text) };
	expect_reply(desk_ask(d, &probe), 401, UNAUTHORIZED);
	probe = (struct probe){ .method = METHOD_GET, .path = "/config/products" };
	probe.more[0] = (struct header){ STR("Authorization"), STR("Bearer x") };
	expect_reply(desk_ask(d, &probe), 401, UNAUTHORIZED);
}

static void optional_keys(void **state)
{
	struct kit_desk *const d = *state;
	const struct kit_key key = shop_key(d);

	d->kit.rules.keys_optional = true;
	expect_reply(knock(d, NULL), 401, UNAUTHORIZED); /* there is no tenant `default` yet */
	const struct caller house = kit_tenant(&d->kit, "default", NULL, NO_QUOTA);
	expect_reply(knock(d, NULL), 200, PRODUCTS);
	expect_reply(knock(d, "kycd_wrong"), 401, UNAUTHORIZED);
	expect_reply(knock(d, ""), 401, UNAUTHORIZED);
	expect_reply(knock(d, key.text), 200, PRODUCTS);
	assert_int_equal(desk_post(d, NULL, "/kyc/prepare", "{\"email\":\"a@example.com\"}").status, 201);
	(void)kit_enrolment(&d->kit, &house, "a@example.com");
}

static void ten_a_second(void **state)
{
	struct kit_desk *const d = *state;
	const struct kit_key key = shop_key(d), other = desk_key(d, "shop");
	int64_t wait;

	d->kit.rules.rate_per_second = 10;
	d->kit.rules.rate_per_minute = 600;
	for (int i = 0; i < 10; i++)
		expect_reply(knock(d, key.text), 200, PRODUCTS);
	const struct reply limited = knock(d, key.text);
	expect_reply(limited, 429, TOO_MANY);
	assert_true(str_number(reply_value(&limited, "Retry-After"), 2, &wait));
	assert_in_range(wait, 1, 2);			   /* a sixteenth more than a second at most */
	expect_reply(knock(d, other.text), 200, PRODUCTS); /* per key */
	kit_wait(&d->kit, seconds(wait));
	expect_reply(knock(d, key.text), 200, PRODUCTS);
}

static void six_hundred_a_minute(void **state)
{
	struct kit_desk *const d = *state;
	const struct kit_key key = shop_key(d);
	int64_t wait;

	d->kit.rules.rate_per_minute = 600;
	for (int i = 0; i < 600; i++)
		assert_int_equal(knock(d, key.text).status, 200);
	const struct reply limited = knock(d, key.text);
	assert_int_equal(limited.status, 429);
	assert_true(str_number(reply_value(&limited, "Retry-After"), 64, &wait));
	assert_in_range(wait, 60, 64);
	kit_wait(&d->kit, milliseconds(59999));
	assert_int_equal(knock(d, key.text).status, 429);
	kit_wait(&d->kit, milliseconds(wait * 1000 - 59999));
	assert_int_equal(knock(d, key.text).status, 200);
}

static void who_is_over_the_minute_hears_of_the_minute(void **state)
{
	struct kit_desk *const d = *state;
	const struct key_params params = {
		.tenant = STR("shop"), .rate_per_minute = 2, .rate_per_second = 2
	};
	char text[API_KEY_LENGTH + 1];
	struct api_key key;
	int64_t wait;

	(void)kit_tenant(&d->kit, "shop", NULL, NO_QUOTA);
	assert_int_equal(operator_create_key(&d->kit.world, &d->kit.arena, &params, &key, text), OK);
	(void)knock(d, text);
	(void)knock(d, text);
	const struct reply limited = knock(d, text);
	expect_reply(limited, 429,
		"{\"code\":429,\"message\":\"Too many requests. The limit is 2 request per minute and 2 requests "
		"per second.\",\"docs\":\"https://docs.starkfi.io/\"}");
	assert_true(str_number(reply_value(&limited, "Retry-After"), 100, &wait));
	assert_in_range(wait, 55, 64);
}

static void what_is_refused_by_the_minute_does_not_fill_the_second(void **state)
{
	struct kit_desk *const d = *state;
	const struct key_params params = {
		.tenant = STR("shop"), .rate_per_minute = 3, .rate_per_second = 3
	};
	char text[API_KEY_LENGTH + 1];
	struct api_key key;

	(void)kit_tenant(&d->kit, "shop", NULL, NO_QUOTA);
	assert_int_equal(operator_create_key(&d->kit.world, &d->kit.arena, &params, &key, text), OK);
	atomic_store(&d->kit.clock.ticks, 6000000);
	for (int i = 0; i < 3; i++)
		assert_int_equal(knock(d, text).status, 200);
	kit_wait(&d->kit, milliseconds(59999));
	for (int i = 0; i < 3; i++)
		assert_int_equal(knock(d, text).status, 429);
	kit_wait(&d->kit, milliseconds(3751)); /* the minute's first slot is forgotten */
	for (int i = 0; i < 3; i++)
		assert_int_equal(knock(d, text).status, 200);
}

static void a_refused_key_does_not_use_the_rate(void **state)
{
	struct kit_desk *const d = *state;
	const struct kit_key key = shop_key(d);
	struct probe twice = { .method = METHOD_GET, .path = "/config/products", .key = key.text };

	d->kit.rules.rate_per_second = 1;
	twice.more[0] = (struct header){ STR("x-api-key"), STR("x") };
	for (int i = 0; i < 5; i++)
		assert_int_equal(desk_ask(d, &twice).status, 401);
	assert_int_equal(knock(d, key.text).status, 200);
	assert_int_equal(knock(d, key.text).status, 429);
}

static void a_store_that_does_not_tell_is_no_refusal(void **state)
{
	struct kit_desk *const d = *state;
	const struct kit_key key = shop_key(d);

	atomic_store(&d->kit.store.fault, KIT_BEFORE_WORK);
	const struct reply reply = knock(d, key.text);
	expect_answer(reply, 503, "unavailable", "Service unavailable, try again later");
	assert_true(str_eq(reply_value(&reply, "Retry-After"), STR("1")));
	atomic_store(&d->kit.store.fault, KIT_NO_FAULT);
	expect_reply(knock(d, key.text), 200, PRODUCTS);
}

/* More keys than the table holds: each still works, and limits hold for those in use. */
static void many_keys_find_their_place(void **state)
{
	struct kit_desk *const d = *state;
	static struct kit_key keys[300];

	(void)kit_tenant(&d->kit, "shop", NULL, NO_QUOTA);
	for (size_t i = 0; i < 300; i++)
		keys[i] = desk_key(d, "shop");
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < 300; i++) {
			assert_int_equal(knock(d, keys[i].text).status, 200);
			kit_wait(&d->kit, milliseconds(1));
		}
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, desk_setup, desk_teardown)
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
