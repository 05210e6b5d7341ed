/* Tests of the header X-End-User-Address: when it is used, when it is ignored because it is malformed, and
 * the answer to an address that has reached its limit. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/metrics.h"
#include "kit/api_fixture.h"

#define SEND "/security/email/send-otp"

static int64_t count_malformed(void)
{
	return metric_read(METRIC_BAD_END_USERS, 0, 0);
}

/* Requests a code for a new person. `address` and `second_address` are values of the header; NULL: no header.
 */
static struct reply send_with_address(
	struct api_fixture *fx, const char *key, const char *address, const char *second_address)
{
	static int n_people;
	char body[64];
	struct test_request sent = { .method = METHOD_POST, .path = SEND, .key = key, .body = body };

	(void)snprintf(body, sizeof(body), "{\"email\":\"person.%d@example.com\"}", ++n_people);
	assert_int_equal(api_post(fx, key, "/kyc/prepare", body).status, 201);
	if (address)
		sent.more_headers[0] = (struct header){ STR("X-End-User-Address"), str_of(address) };
	if (second_address)
		sent.more_headers[1] = (struct header){ STR("x-end-user-address"), str_of(second_address) };
	return api_send(fx, &sent);
}

static void address_over_the_limit_gets_429_with_retry_after(void **state)
{
	struct api_fixture *const fx = *state;

	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	const struct test_key key = api_create_key(fx, "shop");
	for (int i = 0; i < 30; i++)
		assert_answer(send_with_address(fx, key.text, "192.0.2.1", NULL), 201, "otp_sent",
			"Verification code sent to your email");
	const struct reply limited = send_with_address(fx, key.text, "192.0.2.1", NULL);
	assert_answer(limited, 429, "otp_send_limited", "Too many codes requested, try again later");
	assert_true(str_eq(reply_find_header(&limited, "Retry-After"), STR("6")));
	assert_int_equal(send_with_address(fx, key.text, "192.0.2.2", NULL).status, 201);
	assert_int_equal(send_with_address(fx, key.text, NULL, NULL).status, 201);
	assert_int_equal(count_malformed(), 0);
}

/* Sends forty requests with each malformed value. If kycd used the value as an address, it would refuse the
 * thirty-first request. */
static void malformed_address_is_ignored_and_counted(void **state)
{
	static const struct {
		const char *address, *second_address;
	} rows[] = { { "", NULL }, { "192.0.2", NULL }, { "unknown", NULL }, { "192.0.2.1:80", NULL },
		{ "192.0.2.1, 192.0.2.2", NULL }, { "192.0.2.1", "192.0.2.1" } };
	struct api_fixture *const fx = *state;
	int64_t expected = 0;

	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	const struct test_key key = api_create_key(fx, "shop");
	for (size_t i = 0; i < array_len(rows); i++) {
		for (int k = 0; k < 40; k++)
			assert_int_equal(
				send_with_address(fx, key.text, rows[i].address, rows[i].second_address)
					.status,
				201);
		expected += 40;
		assert_int_equal(count_malformed(), expected);
	}
}

static void header_is_ignored_without_a_key(void **state)
{
	struct api_fixture *const fx = *state;
	struct test_request sent = { .method = METHOD_GET, .path = "/health/live" };

	sent.more_headers[0] = (struct header){ STR("X-End-User-Address"), STR("unknown") };
	assert_int_equal(api_send(fx, &sent).status, 200);
	sent.path = "/config/products";
	assert_int_equal(api_send(fx, &sent).status, 401);
	assert_int_equal(count_malformed(), 0);
}

static int setup(void **state)
{
	metrics_reset();
	return api_fixture_setup(state);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, api_fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(address_over_the_limit_gets_429_with_retry_after),
		TEST(malformed_address_is_ignored_and_counted),
		TEST(header_is_ignored_without_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
