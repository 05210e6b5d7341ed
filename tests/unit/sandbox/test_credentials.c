#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "sandbox_fixture.h"

#define GRANT_TYPE "grant_type=client_credentials"
#define CREDENTIALS "&client_id=sandbox&client_secret=sandbox"

static void token_requests_are_checked(void **state)
{
	static const struct {
		const char *name, *headers, *body;
		int status;
		const char *error;
	} rows[] = {
		{ "in the body", FORM_HEADER, GRANT_TYPE CREDENTIALS, 200, NULL },
		{ "basic", FORM_HEADER "\nAuthorization: Basic c2FuZGJveDpzYW5kYm94", GRANT_TYPE, 200, NULL },
		{ "basic, lower case", FORM_HEADER "\nauthorization: basic c2FuZGJveDpzYW5kYm94", GRANT_TYPE,
			200, NULL },
		{ "with parameters", FORM_HEADER "; charset=UTF-8", GRANT_TYPE CREDENTIALS, 200, NULL },
		{ "percent-coded", FORM_HEADER, "grant%5Ftype=client%5Fcredentials" CREDENTIALS, 200, NULL },
		{ "wrong secret", FORM_HEADER, GRANT_TYPE "&client_id=sandbox&client_secret=Sandbox", 401,
			"invalid_client" },
		{ "wrong id", FORM_HEADER, GRANT_TYPE "&client_id=x&client_secret=sandbox", 401,
			"invalid_client" },
		{ "no credentials", FORM_HEADER, GRANT_TYPE, 401, "invalid_client" },
		{ "wrong basic", FORM_HEADER "\nAuthorization: Basic c2FuZGJveDp4", GRANT_TYPE, 401,
			"invalid_client" },
		{ "wrong basic, right body", FORM_HEADER "\nAuthorization: Basic c2FuZGJveDp4",
			GRANT_TYPE CREDENTIALS, 401, "invalid_client" },
		{ "basic, padding only", FORM_HEADER "\nAuthorization: Basic ====", GRANT_TYPE, 401,
			"invalid_client" },
		{ "basic without colon", FORM_HEADER "\nAuthorization: Basic c2FuZGJveA==", GRANT_TYPE, 401,
			"invalid_client" },
		{ "basic, not base64", FORM_HEADER "\nAuthorization: Basic *", GRANT_TYPE, 401,
			"invalid_client" },
		{ "no grant type", FORM_HEADER, "client_id=sandbox&client_secret=sandbox", 400,
			"invalid_request" },
		{ "no body", NULL, NULL, 400, "invalid_request" },
		{ "other grant type", FORM_HEADER, "grant_type=password" CREDENTIALS, 400,
			"unsupported_grant_type" },
		{ "JSON", "Content-Type: application/json", "{}", 400, "invalid_request" },
		{ "grant type twice", FORM_HEADER, GRANT_TYPE "&" GRANT_TYPE CREDENTIALS, 400,
			"invalid_request" },
		{ "broken escape", FORM_HEADER, GRANT_TYPE "%zz" CREDENTIALS, 400, "invalid_request" },
	};
	struct sandbox_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		const int status = fixture_call(fx, "POST", "/auth/v2/token/", rows[i].headers, rows[i].body);

		if (status != rows[i].status || !str_eq(reply_text(fx, "error"), str_of(rows[i].error)))
			fail_msg("%s: %d %.*s", rows[i].name, status, STR_ARG(fx->reply.body));
	}
}

/* The base64 text is longer than the sandbox's buffer for credentials. */
static void overlong_basic_credentials_are_rejected(void **state)
{
	struct sandbox_fixture *const fx = *state;
	char headers[600] = FORM_HEADER "\nAuthorization: Basic ";

	memset(headers + strlen(headers), 'A', 400);
	assert_int_equal(fixture_call(fx, "POST", "/auth/v2/token/", headers, GRANT_TYPE), 401);
}

static void token_response_states_the_expiry(void **state)
{
	struct sandbox_fixture *const fx = *state;
	int64_t issued, expires, lifetime;

	assert_int_equal(
		fixture_call(fx, "POST", "/auth/v2/token/", FORM_HEADER, GRANT_TYPE CREDENTIALS), 200);
	assert_true(json_int(json_get(fx->json, "iat"), &issued));
	assert_true(json_int(json_get(fx->json, "exp"), &expires));
	assert_true(json_int(json_get(fx->json, "expires_in"), &lifetime));
	assert_int_equal(issued, FIXTURE_START_MS / 1000);
	assert_int_equal(lifetime, 86400);
	assert_int_equal(expires, issued + lifetime);
	assert_true(str_eq(reply_text(fx, "client_id"), STR("sandbox")));
	assert_int_equal(reply_text(fx, "access_token").n, 64);
}

static void token_expires_after_24_hours(void **state)
{
	static const struct {
		int64_t age;
		int expected_status;
	} rows[] = { { 0, 404 }, { 86399999, 404 }, { 86400000, 401 }, { 86400001, 401 } };
	struct sandbox_fixture *const fx = *state;

	fixture_get_token(fx);
	for (size_t i = 0; i < array_len(rows); i++) {
		fx->clock.wall = FIXTURE_START_MS + rows[i].age;
		assert_int_equal(fixture_call_v1(fx, "GET", "/v1/session/none/decision/", NULL),
			rows[i].expected_status);
	}
}

static void v1_calls_require_a_token(void **state)
{
	static const struct {
		const char *method, *path;
	} calls[] = {
		{ "POST", "/v1/session/" },
		{ "GET", "/v1/session/x/decision/" },
		{ "PATCH", "/v1/session/x/update-status/" },
		{ "GET", "/v1/session/x/generate-pdf/" },
		{ "DELETE", "/v1/session/x/delete/" },
		{ "GET", "/v1/sandbox/scenarios/" },
	};
	static const struct {
		const char *headers, *detail;
	} rows[] = {
		{ NULL, "Authentication credentials were not provided." },
		{ "Authorization: Basic c2FuZGJveDpzYW5kYm94",
			"Authentication credentials were not provided." },
		{ "Authorization: Bearer 0123456789012345678901234567890123456789012345678901234567890123",
			"Invalid or expired token." },
		{ "Authorization: Bearer ", "Authentication credentials were not provided." },
		{ "Authorization: Bearer sandbox", "Invalid or expired token." },
	};
	struct sandbox_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(calls) * array_len(rows); i++) {
		const char *const headers = rows[i % array_len(rows)].headers;
		const char *const path = calls[i / array_len(rows)].path;

		if (fixture_call(fx, calls[i / array_len(rows)].method, path, headers, NULL) != 401 ||
			!str_eq(reply_text(fx, "detail"), str_of(rows[i % array_len(rows)].detail)))
			fail_msg("%s %s: %.*s", path, headers ? headers : "-", STR_ARG(fx->reply.body));
	}
}

static void scenario_list_accepts_key_access_token_and_session_token(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;
	char headers[64];

	assert_int_equal(fixture_call(fx, "GET", "/v1/sandbox/scenarios/", "X-Api-Key: sandbox", NULL), 200);
	assert_int_equal(json_count(json_get(fx->json, "scenarios")), 20);
	assert_int_equal(fixture_call(fx, "GET", "/v1/sandbox/scenarios/", "X-Api-Key: sandbo", NULL), 401);
	fixture_get_token(fx);
	assert_int_equal(fixture_call_v1(fx, "GET", "/v1/sandbox/scenarios/", NULL), 200);
	fixture_create_v1(fx, "{\"callback\":\"https://a.example/\"}", &session);
	(void)snprintf(headers, sizeof(headers), "Authorization: Bearer %s", session.token);
	assert_int_equal(fixture_call(fx, "GET", "/v1/sandbox/scenarios/", headers, NULL), 200);
	/* The session token and the API key are not accepted by any other call of v1. */
	assert_int_equal(fixture_call(fx, "GET", "/v1/session/x/decision/", headers, NULL), 401);
	assert_int_equal(fixture_call(fx, "GET", "/v1/session/x/decision/", "X-Api-Key: sandbox", NULL), 401);
}

static void token_request_fails_without_randomness(void **state)
{
	struct sandbox_fixture *const fx = *state;

	fx->random.fails = true;
	assert_int_equal(
		fixture_call(fx, "POST", "/auth/v2/token/", FORM_HEADER, GRANT_TYPE CREDENTIALS), 500);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(token_requests_are_checked),
		TEST(overlong_basic_credentials_are_rejected),
		TEST(token_response_states_the_expiry),
		TEST(token_expires_after_24_hours),
		TEST(v1_calls_require_a_token),
		TEST(scenario_list_accepts_key_access_token_and_session_token),
		TEST(token_request_fails_without_randomness),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
