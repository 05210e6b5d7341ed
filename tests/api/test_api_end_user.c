/* X-End-User-Address at the door: who is believed, what is malformed, and what a full address is answered. */
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

static int64_t malformed(void)
{
	return metric_read(METRIC_BAD_END_USERS, 0, 0);
}

/* Somebody new asks for a code; `address` NULL: without the header. */
static struct reply send(struct api_fixture *fx, const char *key, const char *address, const char *again)
{
	static int people;
	char body[64];
	struct test_request probe = { .method = METHOD_POST, .path = SEND, .key = key, .body = body };

	(void)snprintf(body, sizeof(body), "{\"email\":\"person.%d@example.com\"}", ++people);
	assert_int_equal(api_post(fx, key, "/kyc/prepare", body).status, 201);
	if (address)
		probe.more_headers[0] = (struct header){ STR("X-End-User-Address"), str_of(address) };
	if (again)
		probe.more_headers[1] = (struct header){ STR("x-end-user-address"), str_of(again) };
	return api_send(fx, &probe);
}

static void a_full_address_is_told_when_to_come_again(void **state)
{
	struct api_fixture *const fx = *state;

	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	const struct test_key key = api_create_key(fx, "shop");
	for (int i = 0; i < 30; i++)
		assert_answer(send(fx, key.text, "192.0.2.1", NULL), 201, "otp_sent",
			"Verification code sent to your email");
	const struct reply full = send(fx, key.text, "192.0.2.1", NULL);
	assert_answer(full, 429, "otp_send_limited", "Too many codes requested, try again later");
	assert_true(str_eq(reply_find_header(&full, "Retry-After"), STR("6")));
	assert_int_equal(send(fx, key.text, "192.0.2.2", NULL).status, 201);
	assert_int_equal(send(fx, key.text, NULL, NULL).status, 201);
	assert_int_equal(malformed(), 0);
}

/* Forty of each: were one of them believed, the thirty-first would be refused. */
static void a_malformed_one_is_ignored_and_counted(void **state)
{
	static const struct {
		const char *address, *again;
	} rows[] = { { "", NULL }, { "192.0.2", NULL }, { "unknown", NULL }, { "192.0.2.1:80", NULL },
		{ "192.0.2.1, 192.0.2.2", NULL }, { "192.0.2.1", "192.0.2.1" } };
	struct api_fixture *const fx = *state;
	int64_t n = 0;

	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	const struct test_key key = api_create_key(fx, "shop");
	for (size_t i = 0; i < array_len(rows); i++) {
		for (int k = 0; k < 40; k++)
			assert_int_equal(send(fx, key.text, rows[i].address, rows[i].again).status, 201);
		n += 40;
		assert_int_equal(malformed(), n);
	}
}

static void without_a_key_nobody_is_believed(void **state)
{
	struct api_fixture *const fx = *state;
	struct test_request probe = { .method = METHOD_GET, .path = "/health/live" };

	probe.more_headers[0] = (struct header){ STR("X-End-User-Address"), STR("unknown") };
	assert_int_equal(api_send(fx, &probe).status, 200);
	probe.path = "/config/products";
	assert_int_equal(api_send(fx, &probe).status, 401);
	assert_int_equal(malformed(), 0);
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
		TEST(a_full_address_is_told_when_to_come_again),
		TEST(a_malformed_one_is_ignored_and_counted),
		TEST(without_a_key_nobody_is_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
