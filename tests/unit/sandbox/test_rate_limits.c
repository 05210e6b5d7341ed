#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/attr.h"
#include "box.h"
#include "sandbox/state/rate_limits.h"

static bool take(struct rates *rates, enum rate_scope scope, const char *client, int64_t ms, int64_t *again)
{
	struct rate_verdict verdict;

	if (rates_take(rates, &scope, 1, str_of(client), (moment){ BOX_EPOCH + ms }, &verdict))
		return true;
	*again = verdict.retry_at.ms - BOX_EPOCH;
	return false;
}

static void the_window_slides(void **state)
{
	struct rates *rates;
	int64_t again = 0;

	(void)state;
	assert_int_equal(rates_open(&rates), OK);
	for (int i = 0; i < 50; i++)
		assert_true(take(rates, RATE_REPORT, "a", (int64_t)i * 100, &again));
	assert_false(take(rates, RATE_REPORT, "a", 5000, &again));
	assert_int_equal(again, 60000);
	assert_true(take(rates, RATE_REPORT, "b", 5000, &again)); /* another client */
	assert_true(take(rates, RATE_WRITE, "a", 5000, &again));  /* another scope */
	assert_false(take(rates, RATE_REPORT, "a", 59999, &again));
	assert_true(take(rates, RATE_REPORT, "a", 60000, &again));
	assert_false(take(rates, RATE_REPORT, "a", 60099, &again));
	assert_int_equal(again, 60100);
	assert_true(take(rates, RATE_REPORT, "a", 60100, &again));
	rates_close(rates);
}

static void a_call_counts_in_all_its_scopes_or_in_none(void **state)
{
	const enum rate_scope both[] = { RATE_REPORT, RATE_GET };
	struct rate_verdict verdict;
	struct rates *rates;
	int64_t again;
	int taken = 0;

	(void)state;
	assert_int_equal(rates_open(&rates), OK);
	for (int i = 0; i < 60; i++)
		taken += rates_take(rates, both, 2, STR("a"), (moment){ BOX_EPOCH }, &verdict);
	assert_int_equal(taken, 50);
	assert_int_equal(verdict.scope, RATE_REPORT);
	for (int i = 0; i < 550; i++)
		assert_true(take(rates, RATE_GET, "a", 0, &again));
	assert_false(take(rates, RATE_GET, "a", 0, &again));
	rates_close(rates);
}

static int call_often(struct box *box, int times, const char *method, const char *path, const char *headers)
{
	for (int i = 0; i < times; i++)
		if (box_call(box, method, path, headers, NULL) == 429)
			return i;
	return times;
}

/* didit-api.md 9, through the front door. */
static void calls_have_their_limits(void **state)
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
		struct box box;

		box_open(&box, 0);
		assert_int_equal(
			call_often(&box, 1000, rows[i].method, rows[i].path, rows[i].headers), rows[i].limit);
		assert_true(str_eq(box_text(&box, "detail"),
			STR("Request was throttled. Expected available in 60 seconds.")));
		assert_true(str_eq(box_header(&box, "Retry-After"), STR("60")));
		assert_true(str_eq(box_header(&box, "X-RateLimit-Remaining"), STR("0")));
		assert_true(str_eq(box_header(&box, "X-RateLimit-Reset"), STR("1767225660")));
		assert_true(box_header(&box, "X-RateLimit-Limit").n > 0);
		box.clock.wall += 60000;
		assert_int_equal(call_often(&box, 1, rows[i].method, rows[i].path, rows[i].headers), 1);
		assert_null(box_header(&box, "X-RateLimit-Limit").p);
		box_close(&box);
	}
}

static void clients_are_told_apart(void **state)
{
	struct box box;

	(void)state;
	box_open(&box, 0);
	assert_int_equal(call_often(&box, 1000, "GET", "/v3/sessions/", "x-api-key: other"), 600);
	assert_int_equal(call_often(&box, 1, "GET", "/v3/sessions/", "x-api-key: sandbox"), 1);
	assert_int_equal(
		call_often(&box, 1000, "GET", "/v3/sessions/", "X-Forwarded-For: 203.0.113.1, 10.0.0.1"),
		600);
	assert_int_equal(call_often(&box, 1, "GET", "/v3/sessions/", "X-Forwarded-For: 203.0.113.2"), 1);
	assert_int_equal(call_often(&box, 1, "GET", "/v3/sessions/", NULL), 1);
	box_close(&box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_window_slides),
		cmocka_unit_test(a_call_counts_in_all_its_scopes_or_in_none),
		cmocka_unit_test(calls_have_their_limits),
		cmocka_unit_test(clients_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
