/* Tests of the guard, which checks API keys and rate limits, and of how often it accesses the store. */
#include "api/core/guard.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "api/endpoints/routes.h"
#include "app/admin/operator.h"
#include "base/log.h"
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
	assert_int_equal(operator_revoke_key(&fx->app.world, &fx->app.arena, NULL, str_of(key.id.text)), OK);
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
	assert_int_equal(operator_revoke_key(&fx->app.world, &fx->app.arena, NULL, str_of(key.id.text)), OK);
	const size_t before = count_transactions(fx);
	atomic_fetch_add(&fx->app.clock.ticks,
		350); /* now 950 ms after the start of the lookup, 550 ms after its end */
	assert_reply(get_products(fx, key.text), 401, UNAUTHORIZED);
	assert_int_equal(count_transactions(fx), before + 1);
}

/* The wall clock is set back, and the key is loaded again. */
static void expired_key_stays_expired_when_the_clock_is_set_back(void **state)
{
	struct api_fixture *const fx = *state;

	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	const struct test_key key = api_create_key(fx, "shop");
	struct api_key row = { .id = key.id };
	fixture_load(&fx->app, RECORD_API_KEY, &row);
	row.expires_at = (moment){ FIXTURE_NOW + 1000 };
	fixture_save(&fx->app, RECORD_API_KEY, &row);
	assert_int_equal(api_get(fx, key.text, "/v1/quota").status, 200);
	fixture_advance_clock(&fx->app, seconds(5));
	assert_int_equal(api_get(fx, key.text, "/v1/quota").status, 401);
	atomic_fetch_sub(&fx->app.clock.now, days(1).ms);
	fixture_advance_clock(&fx->app, seconds(5));
	assert_int_equal(api_get(fx, key.text, "/v1/quota").status, 401);
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

static void response_401_names_the_header(void **state)
{
	struct api_fixture *const fx = *state;
	const struct reply reply = get_products(fx, "kycd_wrong");

	assert_reply(reply, 401, UNAUTHORIZED);
	assert_true(str_eq(reply_find_header(&reply, "WWW-Authenticate"),
		STR("ApiKey realm=\"kycd\", header=\"x-api-key\"")));
}

static struct {
	char refused[512], request[512];
	int n_refused;
} logged;

static void store_log_line(void *arg, struct str line)
{
	(void)arg;
	if (memmem(line.p, line.n, " event=key_refused ", strlen(" event=key_refused "))) {
		logged.n_refused++;
		(void)!str_copy_to(line, logged.refused, sizeof(logged.refused));
	} else {
		(void)!str_copy_to(line, logged.request, sizeof(logged.request));
	}
}

/* At most one line a minute for each key. The line of the request names the key each time. */
static void refused_key_is_named_in_the_log(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key keys[] = { add_shop_with_key(fx), api_create_key(fx, "shop") };
	static const char *const reasons[] = { "reason=revoked", "reason=expired" };
	struct api_key expired = { .id = keys[1].id };

	assert_int_equal(
		operator_revoke_key(&fx->app.world, &fx->app.arena, NULL, str_of(keys[0].id.text)), OK);
	fixture_load(&fx->app, RECORD_API_KEY, &expired);
	expired.expires_at = (moment){ FIXTURE_NOW };
	fixture_save(&fx->app, RECORD_API_KEY, &expired);
	log_sink_set(store_log_line, NULL);
	for (size_t i = 0; i < array_len(keys); i++) {
		logged.n_refused = 0;
		for (int k = 0; k < 3; k++) {
			assert_reply(get_products(fx, keys[i].text), 401, UNAUTHORIZED);
			assert_non_null(strstr(logged.request, keys[i].id.text));
		}
		assert_int_equal(logged.n_refused, 1);
		assert_non_null(strstr(logged.refused, keys[i].id.text));
		assert_non_null(strstr(logged.refused, reasons[i]));
		fixture_advance_clock(&fx->app, milliseconds(59999));
		(void)get_products(fx, keys[i].text);
		assert_int_equal(logged.n_refused, 1);
		fixture_advance_clock(&fx->app, milliseconds(1));
		(void)get_products(fx, keys[i].text);
		assert_int_equal(logged.n_refused, 2);
		assert_non_null(strstr(logged.refused, "times=4"));
	}
	log_sink_set(NULL, NULL);
}

/* Anyone can make a text with the id of a key; only the key itself is named. */
static void id_without_its_secret_is_not_logged(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = add_shop_with_key(fx);
	struct api_key row = { .id = key.id };

	fixture_load(&fx->app, RECORD_API_KEY, &row);
	row.digest.bytes[0] ^= 1;
	row.revoked_at = (moment){ FIXTURE_NOW };
	fixture_save(&fx->app, RECORD_API_KEY, &row);
	log_sink_set(store_log_line, NULL);
	logged.n_refused = 0;
	assert_reply(get_products(fx, key.text), 401, UNAUTHORIZED);
	assert_int_equal(logged.n_refused, 0);
	assert_null(strstr(logged.request, key.id.text));
	log_sink_set(NULL, NULL);
}

static int64_t load_last_used(struct api_fixture *fx, const struct test_key *key)
{
	struct api_key row = { .id = key->id };

	fixture_load(&fx->app, RECORD_API_KEY, &row);
	return row.last_used_at.ms;
}

static void call_once(struct api_fixture *fx, const struct test_key *key)
{
	assert_reply(get_products(fx, key->text), 200, PRODUCTS);
	dispatch_served(&fx->api);
}

/* FIXTURE_NOW is the beginning of a minute. */
static void last_use_is_written_once_a_minute(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = add_shop_with_key(fx), other = api_create_key(fx, "shop");
	const size_t before = atomic_load(&fx->app.store.writes);

	assert_reply(get_products(fx, key.text), 200, PRODUCTS);
	assert_int_equal(load_last_used(fx, &key), 0); /* after the response only */
	dispatch_served(&fx->api);
	assert_int_equal(load_last_used(fx, &key), FIXTURE_NOW);
	for (int i = 0; i < 59; i++) {
		fixture_advance_clock(&fx->app, milliseconds(1000 + (i == 58 ? 999 : 0)));
		call_once(fx, &key);
	}
	assert_int_equal(atomic_load(&fx->app.store.writes), before + 1);
	fixture_advance_clock(&fx->app, milliseconds(1));
	call_once(fx, &key);
	assert_int_equal(load_last_used(fx, &key), FIXTURE_NOW + 60000);
	assert_int_equal(atomic_load(&fx->app.store.writes), before + 2);
	assert_int_equal(load_last_used(fx, &other), 0);

	/* A new guard, in another instance or after a restart, sees in the key's row that a use in this
	 * minute is already recorded, so it does not write again. */
	guard_close(fx->guard);
	assert_int_equal(guard_open(&fx->app.world, &fx->guard), OK);
	fx->api.guard = fx->guard;
	call_once(fx, &key);
	assert_int_equal(atomic_load(&fx->app.store.writes), before + 2);
}

static void refused_call_is_no_use(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = add_shop_with_key(fx);

	assert_int_equal(operator_revoke_key(&fx->app.world, &fx->app.arena, NULL, str_of(key.id.text)), OK);
	assert_reply(get_products(fx, key.text), 401, UNAUTHORIZED);
	dispatch_served(&fx->api);
	assert_int_equal(load_last_used(fx, &key), 0);
}

/* The key is kept and written later, by a call of any key. */
static void last_use_survives_a_failure_of_the_store(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = add_shop_with_key(fx);

	assert_reply(get_products(fx, key.text), 200, PRODUCTS);
	atomic_store(&fx->app.store.fault, STORE_FAULT_BEFORE_WORK);
	dispatch_served(&fx->api);
	atomic_store(&fx->app.store.fault, STORE_FAULT_NONE);
	fixture_advance_clock(&fx->app, milliseconds(4999));
	dispatch_served(&fx->api);
	assert_int_equal(load_last_used(fx, &key), 0);
	fixture_advance_clock(&fx->app, milliseconds(1));
	dispatch_served(&fx->api);
	assert_int_equal(load_last_used(fx, &key), FIXTURE_NOW);
}

/* Creates a key whose scopes are the given bits. */
static struct test_key create_scoped_key(struct api_fixture *fx, scope_set scopes)
{
	struct test_key key = api_create_key(fx, "shop");
	struct api_key row = { .id = key.id };

	fixture_load(&fx->app, RECORD_API_KEY, &row);
	row.scopes = scopes;
	fixture_save(&fx->app, RECORD_API_KEY, &row);
	return key;
}

static void assert_lacks_scope(struct reply reply, const char *scope)
{
	char message[80];

	(void)snprintf(message, sizeof(message), "The API key does not have the scope %s", scope);
	assert_answer(reply, 403, "insufficient_scope", message);
}

static void route_needs_its_scope(void **state)
{
	static const struct {
		scope_set scopes;
		bool reads, writes;
	} rows[] = {
		{ SCOPES_DEFAULT, true, true },
		{ SCOPE_BIT(SCOPE_KYC_READ), true, false },
		{ SCOPE_BIT(SCOPE_EVENTS_READ), false, false },
		{ SCOPES_ALL & ~SCOPES_DEFAULT, false, false },
	};
	struct api_fixture *const fx = *state;

	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct test_key key = create_scoped_key(fx, rows[i].scopes);
		const struct reply read = get_products(fx, key.text);
		/* The scope is checked before the body. */
		const struct reply write = api_post(fx, key.text, "/kyc/prepare", "{}");

		if (rows[i].reads)
			assert_reply(read, 200, PRODUCTS);
		else
			assert_lacks_scope(read, "kyc:read");
		if (rows[i].writes)
			assert_int_equal(write.status, 400);
		else
			assert_lacks_scope(write, "kyc:write");
	}
}

/* A key is created with kyc:write and kyc:read, which all routes of today need. */
static void new_key_may_call_every_kyc_route(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = add_shop_with_key(fx);
	struct api_key row = { .id = key.id };

	fixture_load(&fx->app, RECORD_API_KEY, &row);
	assert_int_equal(row.scopes, SCOPES_DEFAULT);
	for (size_t i = 0; i < n_public_routes; i++)
		if (public_routes[i]->guard == GUARD_TENANT)
			assert_true(public_routes[i]->entry.pattern[1] == 'v' ||
				    scope_set_has(SCOPES_DEFAULT, public_routes[i]->scope));
}

/* 403 is answered after 429, and a call that lacks the scope counts for the rate. */
static void rate_is_checked_before_the_scope(void **state)
{
	struct api_fixture *const fx = *state;

	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	const struct test_key key = create_scoped_key(fx, SCOPE_BIT(SCOPE_KYC_READ));
	fx->app.rules.rate_per_second = 2;
	assert_lacks_scope(api_post(fx, key.text, "/kyc/prepare", "{}"), "kyc:write");
	assert_lacks_scope(api_post(fx, key.text, "/kyc/prepare", "{}"), "kyc:write");
	assert_int_equal(api_post(fx, key.text, "/kyc/prepare", "{}").status, 429);
}

static void call_without_a_key_has_the_default_scopes(void **state)
{
	struct api_fixture *const fx = *state;
	const struct request request = { .method = METHOD_GET, .path = STR("/config/products") };
	struct guard_result result;

	fx->app.rules.keys_optional = true;
	(void)fixture_add_tenant(&fx->app, "default", NULL, NO_QUOTA);
	guard_check(fx->guard, &request, &fx->app.arena, &result);
	assert_int_equal(result.verdict, GUARD_PASSED);
	assert_int_equal(result.caller.scopes, SCOPES_DEFAULT);
	fx->app.rules.all_scopes_without_key = true; /* --dev */
	guard_check(fx->guard, &request, &fx->app.arena, &result);
	assert_int_equal(result.caller.scopes, SCOPES_ALL);
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
		TEST(expired_key_stays_expired_when_the_clock_is_set_back),
		TEST(key_header_must_occur_once),
		TEST(optional_key_uses_the_default_tenant),
		TEST(limit_per_second_is_enforced),
		TEST(limit_per_minute_is_enforced),
		TEST(retry_after_is_that_of_the_minute_if_both_limits_are_reached),
		TEST(request_refused_by_the_minute_does_not_count_for_the_second),
		TEST(refused_key_does_not_count_for_the_limit),
		TEST(store_failure_gives_503_instead_of_401),
		TEST(more_keys_than_the_table_holds_work),
		TEST(response_401_names_the_header),
		TEST(refused_key_is_named_in_the_log),
		TEST(id_without_its_secret_is_not_logged),
		TEST(route_needs_its_scope),
		TEST(new_key_may_call_every_kyc_route),
		TEST(rate_is_checked_before_the_scope),
		TEST(call_without_a_key_has_the_default_scopes),
		TEST(last_use_is_written_once_a_minute),
		TEST(refused_call_is_no_use),
		TEST(last_use_survives_a_failure_of_the_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
