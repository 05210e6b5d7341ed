#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
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
	/* if the body was cut off, the cause follows from the HTTP status; after a time-out it does not */
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

		struct provider_failure failure = { .cause = PROVIDER_OK };

		if (call_result_of(rows[i].e, rows[i].error, &reply, &failure) != rows[i].cause ||
			failure.cause != rows[i].cause)
			fail_msg("row %zu: wrong cause for %s, status %d, body %s", i, err_name(rows[i].e),
				rows[i].status, rows[i].body);
	}
}

/* The reason, and the names of refused fields, that are logged for a failed call. */
static const struct {
	enum err e;
	int status;
	const char *body;
	const char *reason, *fields;
	enum https_error error;
} reasons[] = {
	{ ERR_UPSTREAM, 0, "", "host_not_found", "", HTTPS_HOST_NOT_FOUND },
	{ ERR_UPSTREAM, 0, "", "not_connected", "", HTTPS_CONNECT_FAILED },
	{ ERR_UPSTREAM, 0, "", "tls", "", HTTPS_TLS },
	{ ERR_UPSTREAM, 0, "", "timeout", "", HTTPS_TIMEOUT },
	{ ERR_UPSTREAM, 200, "", "timeout", "", HTTPS_TIMEOUT },
	{ ERR_UPSTREAM, 403, "", "timeout", "", HTTPS_TIMEOUT },
	{ ERR_UPSTREAM, 0, "", "connection_closed", "", HTTPS_BROKEN },
	{ ERR_UPSTREAM, 200, "", "connection_closed", "", HTTPS_BROKEN },
	{ ERR_UPSTREAM, 503, "", "server_error", "", HTTPS_BROKEN },
	{ ERR_UPSTREAM, 403, "", "permission", "", HTTPS_BROKEN },
	{ ERR_UPSTREAM, 0, "", "not_http", "", HTTPS_NOT_HTTP },
	{ ERR_UPSTREAM, 200, "", "too_large", "", HTTPS_TOO_LARGE },
	{ ERR_INPUT, 0, "", "url_refused", "", HTTPS_URL_REFUSED },
	{ ERR_BUSY, 0, "", "", "", HTTPS_BROKEN },
	{ ERR_INTERNAL, 0, "", "", "", HTTPS_BROKEN },
	{ OK, 200, "", "", "", HTTPS_OK },
	{ OK, 301, "", "redirect", "", HTTPS_OK },
	{ OK, 399, "<html>", "redirect", "", HTTPS_OK },
	{ OK, 401, "{\"detail\":\"no\"}", "credentials", "", HTTPS_OK },
	{ OK, 401, "", "credentials", "", HTTPS_OK },
	{ OK, 401, "<html>", "blocked", "", HTTPS_OK },
	{ OK, 402, "<html>", "credits", "", HTTPS_OK },
	{ OK, 403, "{\"detail\":\"no\"}", "permission", "", HTTPS_OK },
	{ OK, 403, "{\"detail\":\"No credits\"}", "credits", "", HTTPS_OK },
	{ OK, 403, "<html><h1>Access denied</h1></html>", "blocked", "", HTTPS_OK },
	{ OK, 403, "error code: 1020", "blocked", "", HTTPS_OK },
	{ OK, 404, "<html>", "not_found", "", HTTPS_OK },
	{ OK, 405, "{}", "bad_request", "", HTTPS_OK },
	{ OK, 429, "<html>", "rate_limit", "", HTTPS_OK },
	{ OK, 500, "{}", "server_error", "", HTTPS_OK },
	{ OK, 400, "{\"detail\":\"no\"}", "bad_request", "", HTTPS_OK },
	{ OK, 400, "{\"callback\":[\"Domain not allowed: https://u:p@x.example\"]}", "invalid_fields",
		"callback", HTTPS_OK },
	{ OK, 400, "{\"callback\":\"no\",\"workflow_id\":[\"no\"],\"detail\":\"x\"}", "invalid_fields",
		"callback,workflow_id", HTTPS_OK },
	{ OK, 400, "{\"contact_details\":{\"email\":[\"no\"]}}", "invalid_fields", "contact_details",
		HTTPS_OK },
	{ OK, 422, "{\"errors\":{\"callback\":[\"no\"]},\"type\":\"about:blank\"}", "invalid_fields",
		"callback", HTTPS_OK },
	{ OK, 400, "{\"detail\":{\"language\":[\"no\"]}}", "invalid_fields", "language", HTTPS_OK },
	{ OK, 400, "{\"a\\\"=\\n@\":[]}", "invalid_fields", "a____", HTTPS_OK },
	{ OK, 400, "{\"callback\":true}", "bad_request", "", HTTPS_OK },
	{ OK, 403, "{\"callback\":[\"no\"]}", "permission", "", HTTPS_OK },
};

static void every_failure_has_a_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(reasons); i++) {
		const struct https_reply reply = {
			.status = reasons[i].status, .size = 7, .body = str_of(reasons[i].body)
		};
		struct provider_failure failure = { .call = "create" };

		(void)call_result_of(reasons[i].e, reasons[i].error, &reply, &failure);
		if (strcmp(provider_reason_name(failure.reason), reasons[i].reason) != 0 ||
			strcmp(failure.text, reasons[i].fields) != 0)
			fail_msg("row %zu: %s '%s'", i, provider_reason_name(failure.reason), failure.text);
		assert_int_equal(failure.status, reasons[i].status);
		assert_int_equal(failure.size, failure.reason == PROVIDER_REASON_TOO_LARGE ? 7 : 0);
		assert_string_equal(failure.call, "create");
	}
}

/* Names of refused fields that do not fit are left out. No name is cut. */
static void names_of_refused_fields_are_bounded(void **state)
{
	char body[2048] = "{\"f000\":[]";
	struct https_reply reply = { .status = 400 };
	struct provider_failure failure = { .call = "create" };

	(void)state;
	for (int i = 1; i < 100; i++)
		(void)snprintf(body + strlen(body), sizeof(body) - strlen(body), ",\"f%03d\":[]", i);
	(void)snprintf(body + strlen(body), sizeof(body) - strlen(body), "}");
	reply.body = str_of(body);
	assert_int_equal(call_result_of(OK, HTTPS_OK, &reply, &failure), PROVIDER_REFUSED);
	assert_true(str_starts(str_of(failure.text), STR("f000,f001,")));
	assert_true(str_ends(str_of(failure.text), STR(",f024")));
}

static void count_cause(enum provider_call call, enum provider_cause cause)
{
	call_result_count(call, &(struct provider_failure){ .cause = cause });
}

static void calls_are_counted_by_call_and_outcome(void **state)
{
	struct arena a;
	struct buf out;
	struct str text;

	(void)state;
	metrics_reset();
	call_result_labels();
	count_cause(CALL_CREATE, PROVIDER_OK);
	count_cause(CALL_CREATE, PROVIDER_CREDITS);
	count_cause(CALL_CREATE, PROVIDER_REFUSED);
	count_cause(CALL_READ, PROVIDER_UNREACHABLE);
	count_cause(CALL_TOKEN, PROVIDER_LIMIT);
	count_cause(CALL_FIND, PROVIDER_INVALID_RESPONSE);
	count_cause(CALL_FIND, PROVIDER_UNUSABLE);
	count_cause(CALL_READ, PROVIDER_PAUSED);
	count_cause(CALL_READ, PROVIDER_UNKNOWN_STATUS);
	call_result_count(CALL_READ, &(struct provider_failure){ .cause = PROVIDER_INVALID_RESPONSE,
					     .reason = PROVIDER_REASON_TOO_LARGE });
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
	assert_non_null(strstr(text.p, "kycd_provider_calls_total{call=\"read\",outcome=\"too_large\"} 1\n"));
	assert_non_null(
		strstr(text.p, "kycd_provider_calls_total{call=\"read\",outcome=\"unknown_status\"} 1\n"));
	assert_non_null(strstr(text.p, "kycd_provider_calls_total{call=\"token\",outcome=\"limit\"} 1\n"));
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_response_is_classified),
		cmocka_unit_test(every_failure_has_a_reason),
		cmocka_unit_test(names_of_refused_fields_are_bounded),
		cmocka_unit_test(calls_are_counted_by_call_and_outcome),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
