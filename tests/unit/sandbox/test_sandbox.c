#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/lock.h"
#include "sandbox_fixture.h"

#define CALLBACK "\"callback\":\"https://app.example.com/kyc/done\""
#define CREATE_BODY "{" CALLBACK ",\"vendor_data\":\"user-42\"}"

static int setup(void **state)
{
	static struct sandbox_fixture fx;

	fixture_open(&fx, 0);
	fixture_get_token(&fx);
	*state = &fx;
	return 0;
}

static int teardown(void **state)
{
	fixture_close(*state);
	return 0;
}

static bool is_uuid(struct str s)
{
	static const char pattern[] = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
	bool is_valid = s.n == sizeof(pattern) - 1;

	for (size_t i = 0; is_valid && i < s.n; i++)
		is_valid = pattern[i] == 'x'   ? strchr("0123456789abcdef", s.p[i]) != NULL
			   : pattern[i] == 'y' ? strchr("89ab", s.p[i]) != NULL
					       : s.p[i] == pattern[i];
	return is_valid;
}

static void create_answers_as_documented(void **state)
{
	struct sandbox_fixture *const fx = *state;
	int64_t number;

	assert_int_equal(fixture_call_v1(fx, "POST", "/v1/session/",
				 "{" CALLBACK
				 ",\"vendor_data\":\"user-42\",\"features\":\"OCR + NFC + FACE\",\"x\":1}"),
		201);
	assert_true(is_uuid(reply_text(fx, "session_id")));
	assert_true(json_int(json_get(fx->json, "session_number"), &number) && number == 1);
	assert_true(str_eq(reply_text(fx, "vendor_data"), STR("user-42")));
	assert_true(str_eq(reply_text(fx, "status"), STR("Not Started")));
	assert_true(str_eq(reply_text(fx, "callback"), STR("https://app.example.com/kyc/done")));
	assert_true(str_eq(reply_text(fx, "features"), STR("OCR + NFC + FACE")));

	const struct str token = reply_text(fx, "session_token"), url = reply_text(fx, "url");

	assert_int_equal(token.n, 12);
	assert_true(str_starts(url, STR("http://127.0.0.1:8080/sandbox/didit/session/")));
	assert_true(str_ends(url, token));
	assert_int_equal(url.n, 44 + token.n);
}

static void invalid_create_requests_are_rejected(void **state)
{
	static const struct {
		const char *name, *body;
		int status;
		const char *field; /* named by the error */
	} rows[] = {
		{ "nothing", NULL, 400, "callback" },
		{ "empty", "{}", 400, "callback" },
		{ "null", "{\"callback\":null}", 400, "callback" },
		{ "number", "{\"callback\":1}", 400, "callback" },
		{ "blank", "{\"callback\":\" \"}", 400, "callback" },
		{ "not a URL", "{\"callback\":\"done\"}", 400, "callback" },
		{ "script", "{\"callback\":\"javascript:alert(1)\"}", 400, "callback" },
		{ "line feed", "{\"callback\":\"https://a.example/\\nX: y\"}", 400, "callback" },
		{ "http", "{\"callback\":\"http://127.0.0.1:3000/x?y=1\"}", 201, NULL },
		{ "vendor_data null", "{" CALLBACK ",\"vendor_data\":null}", 201, NULL },
		{ "vendor_data empty", "{" CALLBACK ",\"vendor_data\":\"\"}", 201, NULL },
		{ "vendor_data number", "{" CALLBACK ",\"vendor_data\":7}", 400, "vendor_data" },
		{ "features null", "{" CALLBACK ",\"features\":null}", 201, NULL },
		{ "features 1", "{" CALLBACK ",\"features\":\"OCR\"}", 201, NULL },
		{ "features 2", "{" CALLBACK ",\"features\":\"OCR + NFC\"}", 201, NULL },
		{ "features 3", "{" CALLBACK ",\"features\":\"OCR + AML\"}", 201, NULL },
		{ "features 4", "{" CALLBACK ",\"features\":\"OCR + NFC + AML\"}", 201, NULL },
		{ "features 5", "{" CALLBACK ",\"features\":\"OCR + FACE\"}", 201, NULL },
		{ "features 6", "{" CALLBACK ",\"features\":\"OCR + NFC + FACE\"}", 201, NULL },
		{ "features 7", "{" CALLBACK ",\"features\":\"OCR + FACE + AML\"}", 201, NULL },
		{ "features 8", "{" CALLBACK ",\"features\":\"OCR + NFC + FACE + AML\"}", 201, NULL },
		{ "features in another order", "{" CALLBACK ",\"features\":\"OCR + AML + FACE\"}", 400,
			"features" },
		{ "features unknown", "{" CALLBACK ",\"features\":\"FACE\"}", 400, "features" },
		{ "features empty", "{" CALLBACK ",\"features\":\"\"}", 400, "features" },
		{ "features list", "{" CALLBACK ",\"features\":[\"OCR\"]}", 400, "features" },
		{ "broken", "{", 400, "detail" },
		{ "array", "[]", 400, "non_field_errors" },
	};
	struct sandbox_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		const int status = fixture_call_v1(fx, "POST", "/v1/session/", rows[i].body);

		if (status != rows[i].status || (rows[i].field && !json_get(fx->json, rows[i].field)))
			fail_msg("%s: %d %.*s", rows[i].name, status, STR_ARG(fx->reply.body));
	}
}

static void rejection_lists_messages_by_field(void **state)
{
	struct sandbox_fixture *const fx = *state;

	assert_int_equal(fixture_call_v1(fx, "POST", "/v1/session/", "{}"), 400);
	assert_true(str_eq(fx->reply.body, STR("{\"callback\":[\"This field is required.\"],"
					       "\"message\":\"callback: This field is required.\"}")));
}

static void vendor_reference_is_limited_to_255_characters(void **state)
{
	static const struct {
		size_t characters;
		int expected;
	} rows[] = { { 254, 201 }, { 255, 201 }, { 256, 400 } };
	struct sandbox_fixture *const fx = *state;
	char body[1024];

	for (size_t i = 0; i < array_len(rows); i++) {
		size_t n = (size_t)snprintf(body, sizeof(body), "{" CALLBACK ",\"vendor_data\":\"");

		for (size_t c = 0; c < rows[i].characters; c++, n += 2)
			memcpy(body + n, "\xC3\xA9", 2); /* é: two bytes, counted as one character */
		memcpy(body + n, "\"}", 3);
		assert_int_equal(fixture_call_v1(fx, "POST", "/v1/session/", body), rows[i].expected);
	}
}

static void create_requires_json(void **state)
{
	struct sandbox_fixture *const fx = *state;
	char headers[256];

	(void)snprintf(headers, sizeof(headers), "%s\nContent-Type: text/plain", fx->token);
	assert_int_equal(fixture_call(fx, "POST", "/v1/session/", headers, CREATE_BODY), 415);
}

static void unknown_sessions_are_not_found(void **state)
{
	static const struct {
		const char *method, *tail;
	} rows[] = {
		{ "GET", "/decision/" },
		{ "PATCH", "/update-status/" },
		{ "GET", "/generate-pdf/" },
		{ "DELETE", "/delete/" },
	};
	struct sandbox_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		const char *const path = make_path(
			"/v1/session/", "7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b", rows[i].tail);

		if (fixture_call_v1(fx, rows[i].method, path, "{\"new_status\":\"Approved\"}") != 404 ||
			!str_eq(fx->reply.body, STR("{\"detail\":\"Not found.\"}")))
			fail_msg("%s", path);
	}
}

static void paths_without_trailing_slash_are_redirected(void **state)
{
	static const struct {
		const char *method, *path;
		int status;
		const char *location;
	} rows[] = {
		{ "GET", "/v1/session/x/decision", 301,
			"http://127.0.0.1:8080/sandbox/didit/v1/session/x/decision/" },
		{ "GET", "/v1/session/x/decision?a=b&c", 301,
			"http://127.0.0.1:8080/sandbox/didit/v1/session/x/decision/?a=b&c" },
		{ "POST", "/v1/session", 301, "http://127.0.0.1:8080/sandbox/didit/v1/session/" },
		{ "POST", "/auth/v2/token", 301, "http://127.0.0.1:8080/sandbox/didit/auth/v2/token/" },
		{ "GET", "/v1/session/x", 404, "" },
		{ "GET", "/nothing", 404, "" },
		{ "GET", "/", 404, "" },
		{ "GET", "", 404, "" },
	};
	struct sandbox_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		const int status = fixture_call(fx, rows[i].method, rows[i].path, NULL, NULL);

		if (status != rows[i].status ||
			!str_eq(reply_header_value(fx, "Location"), str_of(rows[i].location)))
			fail_msg("%s: %d %.*s", rows[i].path, status,
				STR_ARG(reply_header_value(fx, "Location")));
	}
}

static void wrong_method_gets_405_with_allow_header(void **state)
{
	struct sandbox_fixture *const fx = *state;

	assert_int_equal(fixture_call_v1(fx, "PUT", "/v1/session/", CREATE_BODY), 405);
	assert_true(str_eq(reply_header_value(fx, "Allow"), STR("POST")));
}

static void every_response_has_no_store_and_nosniff(void **state)
{
	static const char *const paths[] = { "/nothing", "/session/none", "/v1/session/", "/auth/v2/token/" };
	struct sandbox_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(paths); i++) {
		(void)fixture_call(fx, "GET", paths[i], NULL, NULL);
		assert_true(str_eq(reply_header_value(fx, "Cache-Control"), STR("no-store")));
		assert_true(str_eq(reply_header_value(fx, "X-Content-Type-Options"), STR("nosniff")));
	}
}

static int submit(struct sandbox_fixture *fx, const struct session_ref *session, const char *body)
{
	return fixture_call(fx, "POST", make_path("/session/", session->token, "/submit"), JSON_HEADER, body);
}

static void manual_decision_follows_the_status_rules(void **state)
{
	static const struct {
		const char *name, *before, *body;
		int status;
		const char *after;
	} rows[] = {
		{ "approve", "decline", "{\"new_status\":\"Approved\",\"comment\":\"ok\"}", 200, "Approved" },
		{ "decline", "approve", "{\"new_status\":\"Declined\"}", 200, "Declined" },
		{ "from review", "review", "{\"new_status\":\"Approved\",\"comment\":null}", 200,
			"Approved" },
		{ "the same", "approve", "{\"new_status\":\"Approved\"}", 200, "Approved" },
		{ "not started", NULL, "{\"new_status\":\"Approved\"}", 400, "Not Started" },
		{ "no status", "approve", "{}", 400, "Approved" },
		{ "null", "approve", "{\"new_status\":null}", 400, "Approved" },
		{ "number", "approve", "{\"new_status\":1}", 400, "Approved" },
		{ "another status", "approve", "{\"new_status\":\"In Review\"}", 400, "Approved" },
		{ "another case", "approve", "{\"new_status\":\"declined\"}", 400, "Approved" },
		{ "comment of another type", "approve", "{\"new_status\":\"Declined\",\"comment\":1}", 400,
			"Approved" },
		{ "broken", "approve", "{\"new_status\":", 400, "Approved" },
	};
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	for (size_t i = 0; i < array_len(rows); i++) {
		char scenario[64];

		fixture_create_v1(fx, CREATE_BODY, &session);
		(void)snprintf(scenario, sizeof(scenario), "{\"scenario\":\"%s\"}", rows[i].before);
		if (rows[i].before)
			assert_int_equal(submit(fx, &session, scenario), 200);

		const int status = fixture_call_v1(
			fx, "PATCH", make_path("/v1/session/", session.id, "/update-status/"), rows[i].body);

		if (status != rows[i].status ||
			(status == 200 && !str_eq(reply_text(fx, "session_id"), str_of(session.id))))
			fail_msg("%s: %d", rows[i].name, status);
		(void)fixture_call_v1(fx, "GET", make_path("/v1/session/", session.id, "/decision/"), NULL);
		if (!str_eq(reply_text(fx, "status"), str_of(rows[i].after)))
			fail_msg("%s: %.*s", rows[i].name, STR_ARG(reply_text(fx, "status")));
	}
}

static void manual_decision_adds_a_review(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	fixture_create_v1(fx, CREATE_BODY, &session);
	(void)submit(fx, &session, "{\"scenario\":\"review\"}");
	(void)fixture_call_v1(fx, "PATCH", make_path("/v1/session/", session.id, "/update-status/"),
		"{\"new_status\":\"Declined\",\"comment\":\"no \\\"way\\\"\"}");
	(void)fixture_call_v1(fx, "GET", make_path("/v1/session/", session.id, "/decision/"), NULL);

	const struct json_value *const reviews = json_get(fx->json, "reviews");

	assert_int_equal(json_count(reviews), 1);
	assert_true(str_eq(json_text(json_get(json_at(reviews, 0), "new_status")), STR("Declined")));
	assert_true(str_eq(json_text(json_get(json_at(reviews, 0), "comment")), STR("no \"way\"")));
	assert_true(str_eq(
		json_text(json_get(json_at(reviews, 0), "created_at")), STR("2026-01-01T00:00:00.000Z")));
}

static void report_requires_a_decision(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	fixture_create_v1(fx, CREATE_BODY, &session);
	assert_int_equal(
		fixture_call_v1(fx, "GET", make_path("/v1/session/", session.id, "/generate-pdf/"), NULL),
		403);
	(void)submit(fx, &session, "{\"scenario\":\"approve\"}");
	assert_int_equal(
		fixture_call_v1(fx, "GET", make_path("/v1/session/", session.id, "/generate-pdf/"), NULL),
		200);
	assert_string_equal(fx->reply.content_type, "application/pdf");
	assert_true(str_starts(fx->reply.body, STR("%PDF-1.4\n")));
	assert_non_null(memmem(fx->reply.body.p, fx->reply.body.n, session.id, strlen(session.id)));
}

static void deleted_session_is_not_found(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	fixture_create_v1(fx, CREATE_BODY, &session);
	assert_int_equal(
		fixture_call_v1(fx, "DELETE", make_path("/v1/session/", session.id, "/delete/"), NULL), 204);
	assert_null(fx->reply.content_type);
	assert_int_equal(fx->reply.body.n, 0);
	assert_int_equal(
		fixture_call_v1(fx, "DELETE", make_path("/v1/session/", session.id, "/delete/"), NULL), 404);
	assert_int_equal(
		fixture_call_v1(fx, "GET", make_path("/v1/session/", session.id, "/decision/"), NULL), 404);
	assert_int_equal(fixture_call(fx, "GET", make_path("/session/", session.token, ""), NULL, NULL), 404);
}

static void unfinished_sessions_expire_after_seven_days(void **state)
{
	static const struct {
		bool visited;
		int64_t age;
		const char *expected;
	} rows[] = {
		{ false, 604799999, "Not Started" },
		{ false, 604800000, "Expired" },
		{ false, 604800001, "Expired" },
		{ true, 604799999, "In Progress" },
		{ true, 604800000, "Abandoned" },
		{ true, 604800001, "Abandoned" },
	};
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	for (size_t i = 0; i < array_len(rows); i++) {
		fx->clock.wall = FIXTURE_START_MS;
		fixture_create_v1(fx, CREATE_BODY, &session);
		if (rows[i].visited)
			(void)fixture_call(fx, "GET", make_path("/session/", session.token, ""), NULL, NULL);
		fx->clock.wall += rows[i].age;
		fixture_get_token(fx);
		(void)fixture_call_v1(fx, "GET", make_path("/v1/session/", session.id, "/decision/"), NULL);
		if (!str_eq(reply_text(fx, "status"), str_of(rows[i].expected)))
			fail_msg("%d %.*s", (int)i, STR_ARG(reply_text(fx, "status")));
	}
}

static void decided_session_does_not_expire(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	fixture_create_v1(fx, CREATE_BODY, &session);
	(void)submit(fx, &session, "{\"scenario\":\"review\"}");
	fx->clock.wall += 604800000;
	fixture_get_token(fx);
	(void)fixture_call_v1(fx, "GET", make_path("/v1/session/", session.id, "/decision/"), NULL);
	assert_true(str_eq(reply_text(fx, "status"), STR("In Review")));
}

static void injected_error_changes_nothing(void **state)
{
	struct sandbox_fixture *const fx = *state;
	int64_t number;

	assert_int_equal(sandbox_faults_add(fx->sandbox, STR("error"), 2), OK);
	assert_int_equal(fixture_call(fx, "GET", "/session/none", NULL, NULL), 404); /* not an API call */
	assert_int_equal(fixture_call_v1(fx, "POST", "/v1/session/", CREATE_BODY), 500);
	assert_int_equal(fixture_call_v1(fx, "POST", "/v1/session/", CREATE_BODY), 500);
	assert_int_equal(fixture_call_v1(fx, "POST", "/v1/session/", CREATE_BODY), 201);
	assert_true(json_int(json_get(fx->json, "session_number"), &number) && number == 1);
	assert_int_equal(sandbox_faults_add(fx->sandbox, STR("nonsense"), 1), ERR_INPUT);
}

struct slow_call {
	struct sandbox_fixture *fx;
	struct lock lock;
	struct cond ticks_read;
	int ticks_reads;
};

static void send_create(void *arg)
{
	(void)fixture_call_v1(((struct slow_call *)arg)->fx, "POST", "/v1/session/", CREATE_BODY);
}

static void count_ticks_read(void *arg)
{
	struct slow_call *const call = arg;

	lock_acquire(&call->lock);
	call->ticks_reads++;
	cond_broadcast(&call->ticks_read);
	lock_release(&call->lock);
}

/* A delayed call reads the ticks twice before it sleeps, and nothing else in this test reads them. So the
 * call is waiting after the second read. */
static void delayed_response_is_sent_when_the_sandbox_stops(void **state)
{
	struct slow_call call = { .fx = *state };
	struct thread thread = { 0 };
	bool in_time = true;

	lock_init(&call.lock);
	cond_init(&call.ticks_read);
	call.fx->clock.on_ticks_read = count_ticks_read;
	call.fx->clock.arg = &call;
	assert_int_equal(sandbox_faults_add(call.fx->sandbox, STR("slow"), 1), OK);
	assert_int_equal(thread_start(&thread, send_create, &call), OK);
	lock_acquire(&call.lock);
	while (call.ticks_reads < 2 && in_time)
		in_time = cond_wait_for(&call.ticks_read, &call.lock, seconds(10));
	assert_int_equal(call.fx->reply.status, 0);
	lock_release(&call.lock);
	assert_true(in_time);
	sandbox_stop(call.fx->sandbox);
	thread_join(&thread);
	assert_int_equal(call.fx->reply.status, 201);
	call.fx->clock.on_ticks_read = NULL;
	cond_finish(&call.ticks_read);
	lock_finish(&call.lock);
}

static void create_fails_without_randomness(void **state)
{
	struct sandbox_fixture *const fx = *state;

	fx->random.fails = true;
	assert_int_equal(fixture_call_v1(fx, "POST", "/v1/session/", CREATE_BODY), 500);
}

static void invalid_webhook_destinations_are_rejected(void **state)
{
	static const struct {
		const char *url, *secret, *version;
		enum err expected;
	} rows[] = {
		{ "http://127.0.0.1:8080/webhooks/didit", "secret", "v1", OK },
		{ "http://127.0.0.1:8080/webhooks/didit", "secret", "v1", OK },
		{ "http://127.0.0.1:8080/by-call", "secret", "v1", ERR_CONFLICT },
		{ "ftp://127.0.0.1/", "secret", "v1", ERR_INPUT },
		{ "webhooks", "secret", "v1", ERR_INPUT },
		{ "", "secret", "v1", ERR_INPUT },
		{ "https://a.example/", "", "v1", ERR_INPUT },
		{ "https://a.example/", "secret", "v4", ERR_INPUT },
		{ "https://a.example/", "secret", "", ERR_INPUT },
		{ "https://a.example/", "secret", "v1", OK },
	};
	struct sandbox_fixture *const fx = *state;

	assert_int_equal(fixture_call_with_key(fx, "POST", "/v3/webhook/destinations/",
				 "{\"label\":\"l\",\"url\":\"http://127.0.0.1:8080/by-call\"}"),
		201);
	for (size_t i = 0; i < array_len(rows); i++) {
		if (sandbox_register(fx->sandbox, str_of(rows[i].url), str_of(rows[i].secret),
			    str_of(rows[i].version)) != rows[i].expected)
			fail_msg("%s %s", rows[i].url, rows[i].version);
	}
	/* Each registration replaced the previous one. */
	assert_int_equal(fixture_call_with_key(fx, "GET", "/v3/webhook/destinations/", NULL), 200);
	assert_int_equal(json_count(fx->json), 2);
	assert_true(str_eq(json_text(reply_at(fx, "1.url")), STR("https://a.example/")));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(create_answers_as_documented),
		TEST(invalid_create_requests_are_rejected),
		TEST(rejection_lists_messages_by_field),
		TEST(vendor_reference_is_limited_to_255_characters),
		TEST(create_requires_json),
		TEST(unknown_sessions_are_not_found),
		TEST(paths_without_trailing_slash_are_redirected),
		TEST(wrong_method_gets_405_with_allow_header),
		TEST(every_response_has_no_store_and_nosniff),
		TEST(manual_decision_follows_the_status_rules),
		TEST(manual_decision_adds_a_review),
		TEST(report_requires_a_decision),
		TEST(deleted_session_is_not_found),
		TEST(unfinished_sessions_expire_after_seven_days),
		TEST(decided_session_does_not_expire),
		TEST(injected_error_changes_nothing),
		TEST(delayed_response_is_sent_when_the_sandbox_stops),
		TEST(create_fails_without_randomness),
		TEST(invalid_webhook_destinations_are_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
