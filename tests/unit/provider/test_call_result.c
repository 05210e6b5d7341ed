#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/metrics.h"
#include "provider/call_result.h"

static const struct {
	enum err e;
	int status;
	const char *body;
	enum provider_cause cause;
	enum https_error error;
} rows[] = {
	{ ERR_UPSTREAM, 0, "", PROVIDER_UNREACHABLE, HTTPS_TLS },
	{ ERR_UPSTREAM, 0, "", PROVIDER_INVALID_RESPONSE, HTTPS_NOT_HTTP },
	{ ERR_UPSTREAM, 0, "", PROVIDER_UNREACHABLE, HTTPS_CONNECT_FAILED },
	{ ERR_UPSTREAM, 0, "", PROVIDER_UNREACHABLE, HTTPS_TIMEOUT },
	{ ERR_UPSTREAM, 0, "", PROVIDER_UNREACHABLE, HTTPS_BROKEN },
	/* the status counts even if the body was cut off; after a time-out it does not */
	{ ERR_UPSTREAM, 199, "", PROVIDER_UNREACHABLE, HTTPS_BROKEN },
	{ ERR_UPSTREAM, 200, "", PROVIDER_INVALID_RESPONSE, HTTPS_BROKEN },
	{ ERR_UPSTREAM, 299, "", PROVIDER_INVALID_RESPONSE, HTTPS_BROKEN },
	{ ERR_UPSTREAM, 300, "", PROVIDER_REFUSED, HTTPS_BROKEN },
	{ ERR_UPSTREAM, 403, "", PROVIDER_REFUSED, HTTPS_BROKEN },
	{ ERR_UPSTREAM, 429, "", PROVIDER_LIMIT, HTTPS_BROKEN },
	{ ERR_UPSTREAM, 500, "", PROVIDER_UNREACHABLE, HTTPS_BROKEN },
	{ ERR_UPSTREAM, 200, "", PROVIDER_UNREACHABLE, HTTPS_TIMEOUT },
	{ ERR_UPSTREAM, 403, "", PROVIDER_UNREACHABLE, HTTPS_TIMEOUT },
	{ ERR_UPSTREAM, 201, "", PROVIDER_INVALID_RESPONSE, HTTPS_TOO_LARGE },
	{ ERR_UPSTREAM, 404, "", PROVIDER_REFUSED, HTTPS_TOO_LARGE },
	{ ERR_UPSTREAM, 503, "", PROVIDER_UNREACHABLE, HTTPS_TOO_LARGE },
	{ ERR_BUSY, 200, "", PROVIDER_PAUSED, 0 },
	{ ERR_INTERNAL, 200, "", PROVIDER_UNREACHABLE, 0 },
	{ ERR_INPUT, 200, "", PROVIDER_REFUSED, 0 },
	{ OK, 199, "", PROVIDER_UNREACHABLE, 0 },
	{ OK, 200, "", PROVIDER_OK, 0 },
	{ OK, 201, "", PROVIDER_OK, 0 },
	{ OK, 299, "", PROVIDER_OK, 0 },
	{ OK, 300, "", PROVIDER_REFUSED, 0 },
	{ OK, 302, "<html>", PROVIDER_REFUSED, 0 },
	{ OK, 400, "{\"message\":\"no\"}", PROVIDER_REFUSED, 0 },
	{ OK, 400, "{\"detail\":\"Not enough Credits.\"}", PROVIDER_CREDITS, 0 },
	{ OK, 401, "{\"detail\":\"credits\"}", PROVIDER_REFUSED, 0 },
	{ OK, 402, "", PROVIDER_CREDITS, 0 },
	{ OK, 403, "{\"detail\":\"You do not have permission to perform this action.\"}", PROVIDER_REFUSED,
		0 },
	{ OK, 403, "{\"detail\":\"no credits left\"}", PROVIDER_CREDITS, 0 },
	{ OK, 403, "{\"detail\":\"Suspended\",\"code\":\"contract_billing_suspended\"}", PROVIDER_CREDITS,
		0 },
	{ OK, 403, "{\"detail\":\"no\",\"code\":\"other\"}", PROVIDER_REFUSED, 0 },
	{ OK, 403, "{\"message\":\"Insufficient balance\"}", PROVIDER_CREDITS, 0 },
	{ OK, 400, "{\"organization\":[\"Not enough credits.\"]}", PROVIDER_CREDITS, 0 },
	{ OK, 400, "[\"Not enough credits.\"]", PROVIDER_CREDITS, 0 },
	{ OK, 400, "{\"callback\":[\"https://credit.example is no URL\"]}", PROVIDER_REFUSED, 0 },
	{ OK, 400, "{\"detail\":\"no\",\"hint\":\"credit\"}", PROVIDER_REFUSED, 0 },
	{ OK, 400, "{\"workflow_id\":[\"This field is required.\"]}", PROVIDER_REFUSED, 0 },
	{ OK, 403, "<html>our credit card page</html>", PROVIDER_REFUSED, 0 },
	{ OK, 403, "credi", PROVIDER_REFUSED, 0 },
	{ OK, 404, "", PROVIDER_REFUSED, 0 },
	{ OK, 429, "", PROVIDER_LIMIT, 0 },
	{ OK, 499, "", PROVIDER_REFUSED, 0 },
	{ OK, 500, "credits", PROVIDER_UNREACHABLE, 0 },
	{ OK, 503, "", PROVIDER_UNREACHABLE, 0 },
};

static void every_response_is_classified(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct https_reply reply = { .status = rows[i].status, .body = str_of(rows[i].body) };

		if (call_result_of(rows[i].e, rows[i].error, &reply) != rows[i].cause)
			fail_msg("row %zu: wrong cause for %s, status %d, body %s", i, err_name(rows[i].e),
				rows[i].status, rows[i].body);
	}
}

static void calls_are_counted_by_call_and_outcome(void **state)
{
	struct arena a;
	struct buf out;
	struct str text;

	(void)state;
	metrics_reset();
	call_result_labels();
	call_result_count(CALL_CREATE, PROVIDER_OK);
	call_result_count(CALL_CREATE, PROVIDER_CREDITS);
	call_result_count(CALL_CREATE, PROVIDER_REFUSED);
	call_result_count(CALL_READ, PROVIDER_UNREACHABLE);
	call_result_count(CALL_TOKEN, PROVIDER_LIMIT);
	call_result_count(CALL_FIND, PROVIDER_INVALID_RESPONSE);
	call_result_count(CALL_FIND, PROVIDER_UNUSABLE);
	call_result_count(CALL_READ, PROVIDER_PAUSED);
	arena_init(&a, ARENA_CALL_LIMIT);
	buf_init(&out, &a);
	metrics_print(&out);
	assert_int_equal(buf_done(&out, &text), OK);
	assert_non_null(strstr(text.p, "kycd_provider_calls_total{call=\"create\",outcome=\"ok\"} 1\n"));
	assert_non_null(strstr(text.p, "kycd_provider_calls_total{call=\"create\",outcome=\"refused\"} 2\n"));
	assert_non_null(
		strstr(text.p, "kycd_provider_calls_total{call=\"read\",outcome=\"unreachable\"} 1\n"));
	assert_non_null(strstr(text.p, "kycd_provider_calls_total{call=\"find\",outcome=\"garbled\"} 2\n"));
	assert_non_null(strstr(text.p, "kycd_provider_calls_total{call=\"read\",outcome=\"paused\"} 1\n"));
	assert_non_null(strstr(text.p, "kycd_provider_calls_total{call=\"token\",outcome=\"limit\"} 1\n"));
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_response_is_classified),
		cmocka_unit_test(calls_are_counted_by_call_and_outcome),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
