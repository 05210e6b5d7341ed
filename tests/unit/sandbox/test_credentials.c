#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "box.h"

#define GRANT "grant_type=client_credentials"
#define IN_BODY "&client_id=sandbox&client_secret=sandbox"

static int setup(void **state)
{
	static struct box box;

	box_open(&box, 0);
	*state = &box;
	return 0;
}

static int teardown(void **state)
{
	box_close(*state);
	return 0;
}

static void token_requests(void **state)
{
	static const struct {
		const char *name, *headers, *body;
		int status;
		const char *error;
	} rows[] = {
		{ "in the body", BOX_FORM, GRANT IN_BODY, 200, NULL },
		{ "basic", BOX_FORM "\nAuthorization: Basic c2FuZGJveDpzYW5kYm94", GRANT, 200, NULL },
		{ "basic, lower case", BOX_FORM "\nauthorization: basic c2FuZGJveDpzYW5kYm94", GRANT, 200,
			NULL },
		{ "with parameters", BOX_FORM "; charset=UTF-8", GRANT IN_BODY, 200, NULL },
		{ "percent-coded", BOX_FORM, "grant%5Ftype=client%5Fcredentials" IN_BODY, 200, NULL },
		{ "wrong secret", BOX_FORM, GRANT "&client_id=sandbox&client_secret=Sandbox", 401,
			"invalid_client" },
		{ "wrong id", BOX_FORM, GRANT "&client_id=x&client_secret=sandbox", 401, "invalid_client" },
		{ "nobody", BOX_FORM, GRANT, 401, "invalid_client" },
		{ "wrong basic", BOX_FORM "\nAuthorization: Basic c2FuZGJveDp4", GRANT, 401,
			"invalid_client" },
		{ "wrong basic, right body", BOX_FORM "\nAuthorization: Basic c2FuZGJveDp4", GRANT IN_BODY,
			401, "invalid_client" },
		{ "basic of nothing", BOX_FORM "\nAuthorization: Basic ====", GRANT, 401, "invalid_client" },
		{ "basic without colon", BOX_FORM "\nAuthorization: Basic c2FuZGJveA==", GRANT, 401,
			"invalid_client" },
		{ "no base64", BOX_FORM "\nAuthorization: Basic *", GRANT, 401, "invalid_client" },
		{ "no grant type", BOX_FORM, "client_id=sandbox&client_secret=sandbox", 400,
			"invalid_request" },
		{ "no body", NULL, NULL, 400, "invalid_request" },
		{ "other grant type", BOX_FORM, "grant_type=password" IN_BODY, 400,
			"unsupported_grant_type" },
		{ "JSON", "Content-Type: application/json", "{}", 400, "invalid_request" },
		{ "twice", BOX_FORM, GRANT "&" GRANT IN_BODY, 400, "invalid_request" },
		{ "broken escape", BOX_FORM, GRANT "%zz" IN_BODY, 400, "invalid_request" },
	};
	struct box *const box = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		const int status = box_call(box, "POST", "/auth/v2/token/", rows[i].headers, rows[i].body);

		if (status != rows[i].status || !str_eq(box_text(box, "error"), str_of(rows[i].error)))
			fail_msg("%s: %d %.*s", rows[i].name, status, STR_ARG(box->reply.body));
	}
}

/* More base64 than any credentials need. */
static void long_credentials_are_wrong(void **state)
{
	struct box *const box = *state;
	char headers[600] = BOX_FORM "\nAuthorization: Basic ";

	memset(headers + strlen(headers), 'A', 400);
	assert_int_equal(box_call(box, "POST", "/auth/v2/token/", headers, GRANT), 401);
}

static void a_token_says_when_it_ends(void **state)
{
	struct box *const box = *state;
	int64_t issued, expires, life;

	assert_int_equal(box_call(box, "POST", "/auth/v2/token/", BOX_FORM, GRANT IN_BODY), 200);
	assert_true(json_int(json_get(box->json, "iat"), &issued));
	assert_true(json_int(json_get(box->json, "exp"), &expires));
	assert_true(json_int(json_get(box->json, "expires_in"), &life));
	assert_int_equal(issued, BOX_EPOCH / 1000);
	assert_int_equal(life, 86400);
	assert_int_equal(expires, issued + life);
	assert_true(str_eq(box_text(box, "client_id"), STR("sandbox")));
	assert_int_equal(box_text(box, "access_token").n, 64);
}

static void a_token_holds_24_hours(void **state)
{
	static const struct {
		int64_t age;
		int want;
	} rows[] = { { 0, 404 }, { 86399999, 404 }, { 86400000, 401 }, { 86400001, 401 } };
	struct box *const box = *state;

	box_login(box);
	for (size_t i = 0; i < array_len(rows); i++) {
		box->clock.wall = BOX_EPOCH + rows[i].age;
		assert_int_equal(box_api(box, "GET", "/v1/session/none/decision/", NULL), rows[i].want);
	}
}

static void every_call_wants_a_token(void **state)
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
	struct box *const box = *state;

	for (size_t i = 0; i < array_len(calls) * array_len(rows); i++) {
		const char *const headers = rows[i % array_len(rows)].headers;
		const char *const path = calls[i / array_len(rows)].path;

		if (box_call(box, calls[i / array_len(rows)].method, path, headers, NULL) != 401 ||
			!str_eq(box_text(box, "detail"), str_of(rows[i % array_len(rows)].detail)))
			fail_msg("%s %s: %.*s", path, headers ? headers : "-", STR_ARG(box->reply.body));
	}
}

static void the_catalogue_opens_to_key_and_tokens(void **state)
{
	struct box *const box = *state;
	struct made_session made;
	char headers[64];

	assert_int_equal(box_call(box, "GET", "/v1/sandbox/scenarios/", "X-Api-Key: sandbox", NULL), 200);
	assert_int_equal(json_count(json_get(box->json, "scenarios")), 20);
	assert_int_equal(box_call(box, "GET", "/v1/sandbox/scenarios/", "X-Api-Key: sandbo", NULL), 401);
	box_login(box);
	assert_int_equal(box_api(box, "GET", "/v1/sandbox/scenarios/", NULL), 200);
	box_create(box, "{\"callback\":\"https://a.example/\"}", &made);
	(void)snprintf(headers, sizeof(headers), "Authorization: Bearer %s", made.token);
	assert_int_equal(box_call(box, "GET", "/v1/sandbox/scenarios/", headers, NULL), 200);
	/* and to nothing else */
	assert_int_equal(box_call(box, "GET", "/v1/session/x/decision/", headers, NULL), 401);
	assert_int_equal(box_call(box, "GET", "/v1/session/x/decision/", "X-Api-Key: sandbox", NULL), 401);
}

static void without_luck_there_is_no_token(void **state)
{
	struct box *const box = *state;

	box->random.fails = true;
	assert_int_equal(box_call(box, "POST", "/auth/v2/token/", BOX_FORM, GRANT IN_BODY), 500);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(token_requests),
		TEST(long_credentials_are_wrong),
		TEST(a_token_says_when_it_ends),
		TEST(a_token_holds_24_hours),
		TEST(every_call_wants_a_token),
		TEST(the_catalogue_opens_to_key_and_tokens),
		TEST(without_luck_there_is_no_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
