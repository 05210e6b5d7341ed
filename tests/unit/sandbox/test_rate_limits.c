#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/attr.h"
#include "sandbox/state/rate_limits.h"
#include "sandbox_fixture.h"

static bool try_call(
	struct rates *rates, enum rate_scope scope, const char *client, int64_t ms, int64_t *retry_ms)
{
	struct rate_verdict verdict;

	if (rates_take(rates, &scope, 1, str_of(client), (moment){ FIXTURE_START_MS + ms }, &verdict))
		return true;
	*retry_ms = verdict.retry_at.ms - FIXTURE_START_MS;
	return false;
}

static void window_slides(void **state)
{
	struct rates *rates;
	int64_t retry_ms = 0;

	(void)state;
	assert_int_equal(rates_open(&rates), OK);
	for (int i = 0; i < 50; i++)
		assert_true(try_call(rates, RATE_REPORT, "a", (int64_t)i * 100, &retry_ms));
	assert_false(try_call(rates, RATE_REPORT, "a", 5000, &retry_ms));
	assert_int_equal(retry_ms, 60000);
	assert_true(try_call(rates, RATE_REPORT, "b", 5000, &retry_ms)); /* another client */
	assert_true(try_call(rates, RATE_WRITE, "a", 5000, &retry_ms));	 /* another scope */
	assert_false(try_call(rates, RATE_REPORT, "a", 59999, &retry_ms));
	assert_true(try_call(rates, RATE_REPORT, "a", 60000, &retry_ms));
	assert_false(try_call(rates, RATE_REPORT, "a", 60099, &retry_ms));
	assert_int_equal(retry_ms, 60100);
	assert_true(try_call(rates, RATE_REPORT, "a", 60100, &retry_ms));
	rates_close(rates);
}

static void call_counts_in_all_its_scopes_or_in_none(void **state)
{
	const enum rate_scope scopes[] = { RATE_REPORT, RATE_GET };
	struct rate_verdict verdict;
	struct rates *rates;
	int64_t retry_ms;
	int accepted = 0;

	(void)state;
	assert_int_equal(rates_open(&rates), OK);
	for (int i = 0; i < 60; i++)
		accepted += rates_take(rates, scopes, 2, STR("a"), (moment){ FIXTURE_START_MS }, &verdict);
	assert_int_equal(accepted, 50);
	assert_int_equal(verdict.scope, RATE_REPORT);
	for (int i = 0; i < 550; i++)
		assert_true(try_call(rates, RATE_GET, "a", 0, &retry_ms));
	assert_false(try_call(rates, RATE_GET, "a", 0, &retry_ms));
	rates_close(rates);
}

static int calls_until_429(
	struct sandbox_fixture *fx, int max_calls, const char *method, const char *path, const char *headers)
{
	for (int i = 0; i < max_calls; i++)
		if (fixture_call(fx, method, path, headers, NULL) == 429)
			return i;
	return max_calls;
}

/* Tests the limits that Didit documents (didit-api.md, section 9) with whole requests. */
static void documented_limits_apply_to_every_route(void **state)
{
	static const struct {
		const char *method, *path, *headers;
		int limit;
	} rows[] = {
		{ "GET", "/v3/sessions/", "x-api-key: sandbox", 600 },
		{ "GET", "/v3/session/x/decision/", "x-api-key: sandbox", 600 },
		{ "POST", "/v3/session/", "x-api-key: sandbox", 600 },
		{ "POST", "/v2/session/", "x-api-key: sandbox", 600 },
		{ "GET", "/v2/session/x/decision/", "x-api-key: sandbox", 100 },
		{ "GET", "/v1/session/x/decision/", NULL, 100 },
		{ "PATCH", "/v3/session/x/update-status/", "x-api-key: sandbox", 300 },
		{ "DELETE", "/v3/session/x/delete/", "x-api-key: sandbox", 300 },
		{ "GET", "/v3/session/x/generate-pdf/", "x-api-key: sandbox", 50 },
		{ "GET", "/v3/sessions/", "x-api-key: other", 600 },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		struct sandbox_fixture fx;

		fixture_open(&fx, 0);
		assert_int_equal(calls_until_429(&fx, 1000, rows[i].method, rows[i].path, rows[i].headers),
			rows[i].limit);
		assert_true(str_eq(reply_text(&fx, "detail"),
			STR("Request was throttled. Expected available in 60 seconds.")));
		assert_true(str_eq(reply_header_value(&fx, "Retry-After"), STR("60")));
		assert_true(str_eq(reply_header_value(&fx, "X-RateLimit-Remaining"), STR("0")));
		assert_true(str_eq(reply_header_value(&fx, "X-RateLimit-Reset"), STR("1767225660")));
		assert_true(reply_header_value(&fx, "X-RateLimit-Limit").n > 0);
		fx.clock.wall += 60000;
		assert_int_equal(calls_until_429(&fx, 1, rows[i].method, rows[i].path, rows[i].headers), 1);
		assert_null(reply_header_value(&fx, "X-RateLimit-Limit").p);
		fixture_close(&fx);
	}
}

static void each_client_has_its_own_limits(void **state)
{
	struct sandbox_fixture fx;

	(void)state;
	fixture_open(&fx, 0);
	assert_int_equal(calls_until_429(&fx, 1000, "GET", "/v3/sessions/", "x-api-key: other"), 600);
	assert_int_equal(calls_until_429(&fx, 1, "GET", "/v3/sessions/", "x-api-key: sandbox"), 1);
	assert_int_equal(
		calls_until_429(&fx, 1000, "GET", "/v3/sessions/", "X-Forwarded-For: 203.0.113.1, 10.0.0.1"),
		600);
	assert_int_equal(calls_until_429(&fx, 1, "GET", "/v3/sessions/", "X-Forwarded-For: 203.0.113.2"), 1);
	/* The port is not part of the client's address. */
	assert_int_equal(
		calls_until_429(&fx, 1, "GET", "/v3/sessions/", "X-Forwarded-For: 203.0.113.1:4711"), 0);
	assert_int_equal(calls_until_429(&fx, 1, "GET", "/v3/sessions/", NULL), 1);
	fixture_close(&fx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(window_slides),
		cmocka_unit_test(call_counts_in_all_its_scopes_or_in_none),
		cmocka_unit_test(documented_limits_apply_to_every_route),
		cmocka_unit_test(each_client_has_its_own_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
