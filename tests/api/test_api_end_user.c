/* Tests of the header X-End-User-Address: which forms it may have, what happens if it is malformed, and the
 * answer to an address that has reached its limit. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/log.h"
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
	assert_cause(
		limited, 429, "otp_send_limited", "Too many codes requested, try again later", "ip_address");
	assert_true(str_eq(reply_find_header(&limited, "Retry-After"), STR("6")));
	assert_int_equal(send_with_address(fx, key.text, "192.0.2.2", NULL).status, 201);
	assert_int_equal(send_with_address(fx, key.text, NULL, NULL).status, 201);
	assert_int_equal(count_malformed(), 0);
}

/* The node forms of RFC 7239: all rows are one address, whose limit is 30 codes in a row. */
static void address_may_have_a_port_brackets_quotes_or_a_zone(void **state)
{
	static const char *const forms[] = { "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:4711",
		"\"[2001:db8::1]:4711\"", " 2001:db8::1%eth0 " };
	struct api_fixture *const fx = *state;

	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	const struct test_key key = api_create_key(fx, "shop");
	for (size_t i = 0; i < 31; i++)
		assert_int_equal(send_with_address(fx, key.text, forms[i % array_len(forms)], NULL).status,
			i < 30 ? 201 : 429);
	assert_int_equal(send_with_address(fx, key.text, "192.0.2.7:80", NULL).status, 201);
	assert_int_equal(count_malformed(), 0);
}

static struct {
	char last[1024];
	int lines;
} logged;

static void store_log_line(void *arg, struct str line)
{
	(void)arg;
	if (!memmem(line.p, line.n, " event=end_user_", strlen(" event=end_user_")))
		return; /* for example the line of the request */
	(void)!str_copy_to(line, logged.last, sizeof(logged.last));
	logged.lines++;
}

/* The caller's own address (in these tests 192.0.2.1) counts instead, so that a malformed header does not
 * switch the limit off. */
static void malformed_address_is_counted_and_replaced_by_the_callers(void **state)
{
	static const struct {
		const char *address, *second_address, *form;
	} rows[] = {
		{ "", NULL, "value_form=\"\"" },
		{ "198.51.100", NULL, "value_form=\"999.99.999\"" },
		{ "unknown", NULL, "value_form=\"aaaaaaa\"" },
		{ "[2001:db8::1", NULL, "value_form=\"[9999:aa9::9\"" },
		{ "198.51.100.1, 198.51.100.2", NULL, "value_form=\"999.99.999.9, 999.99.999.9\"" },
		{ "198.51.100.1", "198.51.100.1", "sent more than once" },
	};
	struct api_fixture *const fx = *state;
	int64_t expected = 0;

	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	const struct test_key key = api_create_key(fx, "shop");
	log_sink_set(store_log_line, NULL);
	for (size_t i = 0; i < array_len(rows); i++) {
		fixture_advance_clock(&fx->app, hours(25)); /* the limit is full again */
		logged.lines = 0;
		for (int k = 0; k < 31; k++)
			assert_int_equal(
				send_with_address(fx, key.text, rows[i].address, rows[i].second_address)
					.status,
				k < 30 ? 201 : 429);
		expected += 31;
		assert_int_equal(count_malformed(), expected);
		assert_int_equal(logged.lines, 1);
		assert_non_null(strstr(logged.last, rows[i].form));
		assert_non_null(strstr(logged.last, key.id.text));
		assert_null(strstr(logged.last, "198.51"));
		assert_int_equal(send_with_address(fx, key.text, "192.0.2.1", NULL).status, 429);
		assert_int_equal(send_with_address(fx, key.text, "192.0.2.2", NULL).status, 201);
	}
	log_sink_set(NULL, NULL);
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
		TEST(address_may_have_a_port_brackets_quotes_or_a_zone),
		TEST(malformed_address_is_counted_and_replaced_by_the_callers),
		TEST(header_is_ignored_without_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
