#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/lock.h"
#include "box.h"

#define CALLBACK "\"callback\":\"https://app.example.com/kyc/done\""
#define PLAIN "{" CALLBACK ",\"vendor_data\":\"user-42\"}"

static int setup(void **state)
{
	static struct box box;

	box_open(&box, 0);
	box_login(&box);
	*state = &box;
	return 0;
}

static int teardown(void **state)
{
	box_close(*state);
	return 0;
}

static bool is_uuid(struct str s)
{
	static const char form[] = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
	bool good = s.n == sizeof(form) - 1;

	for (size_t i = 0; good && i < s.n; i++)
		good = form[i] == 'x'	? strchr("0123456789abcdef", s.p[i]) != NULL
		       : form[i] == 'y' ? strchr("89ab", s.p[i]) != NULL
					: s.p[i] == form[i];
	return good;
}

static void a_create_answers_as_documented(void **state)
{
	struct box *const box = *state;
	int64_t number;

	assert_int_equal(box_api(box, "POST", "/v1/session/",
				 "{" CALLBACK
				 ",\"vendor_data\":\"user-42\",\"features\":\"OCR + NFC + FACE\",\"x\":1}"),
		201);
	assert_true(is_uuid(box_text(box, "session_id")));
	assert_true(json_int(json_get(box->json, "session_number"), &number) && number == 1);
	assert_true(str_eq(box_text(box, "vendor_data"), STR("user-42")));
	assert_true(str_eq(box_text(box, "status"), STR("Not Started")));
	assert_true(str_eq(box_text(box, "callback"), STR("https://app.example.com/kyc/done")));
	assert_true(str_eq(box_text(box, "features"), STR("OCR + NFC + FACE")));

	const struct str token = box_text(box, "session_token"), url = box_text(box, "url");

	assert_int_equal(token.n, 12);
	assert_true(str_starts(url, STR("http://127.0.0.1:8080/sandbox/didit/session/")));
	assert_true(str_ends(url, token));
	assert_int_equal(url.n, 44 + token.n);
}

static void creates_are_checked(void **state)
{
	static const struct {
		const char *name, *body;
		int status;
		const char *field; /* that the answer names */
	} rows[] = {
		{ "nothing", NULL, 400, "callback" },
		{ "empty", "{}", 400, "callback" },
		{ "null", "{\"callback\":null}", 400, "callback" },
		{ "number", "{\"callback\":1}", 400, "callback" },
		{ "blank", "{\"callback\":\" \"}", 400, "callback" },
		{ "no URL", "{\"callback\":\"done\"}", 400, "callback" },
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
	struct box *const box = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		const int status = box_api(box, "POST", "/v1/session/", rows[i].body);

		if (status != rows[i].status || (rows[i].field && !json_get(box->json, rows[i].field)))
			fail_msg("%s: %d %.*s", rows[i].name, status, STR_ARG(box->reply.body));
	}
}

static void a_refusal_is_a_list_of_messages(void **state)
{
	struct box *const box = *state;

	assert_int_equal(box_api(box, "POST", "/v1/session/", "{}"), 400);
	assert_true(str_eq(box->reply.body, STR("{\"callback\":[\"This field is required.\"],"
						"\"message\":\"callback: This field is required.\"}")));
}

static void what_names_the_vendor_has_a_bound(void **state)
{
	static const struct {
		size_t characters;
		int want;
	} rows[] = { { 254, 201 }, { 255, 201 }, { 256, 400 } };
	struct box *const box = *state;
	char body[1024];

	for (size_t i = 0; i < array_len(rows); i++) {
		size_t n = (size_t)snprintf(body, sizeof(body), "{" CALLBACK ",\"vendor_data\":\"");

		for (size_t c = 0; c < rows[i].characters; c++, n += 2)
			memcpy(body + n, "\xC3\xA9", 2); /* counted as one */
		memcpy(body + n, "\"}", 3);
		assert_int_equal(box_api(box, "POST", "/v1/session/", body), rows[i].want);
	}
}

static void a_create_is_json(void **state)
{
	struct box *const box = *state;
	char headers[256];

	(void)snprintf(headers, sizeof(headers), "%s\nContent-Type: text/plain", box->token);
	assert_int_equal(box_call(box, "POST", "/v1/session/", headers, PLAIN), 415);
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
	struct box *const box = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		const char *const path = box_path(
			"/v1/session/", "7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b", rows[i].tail);

		if (box_api(box, rows[i].method, path, "{\"new_status\":\"Approved\"}") != 404 ||
			!str_eq(box->reply.body, STR("{\"detail\":\"Not found.\"}")))
			fail_msg("%s", path);
	}
}

static void paths_without_slash_are_sent_to_the_one_with(void **state)
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
	struct box *const box = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		const int status = box_call(box, rows[i].method, rows[i].path, NULL, NULL);

		if (status != rows[i].status ||
			!str_eq(box_header(box, "Location"), str_of(rows[i].location)))
			fail_msg("%s: %d %.*s", rows[i].path, status, STR_ARG(box_header(box, "Location")));
	}
}

static void a_wrong_method_is_told_the_right_one(void **state)
{
	struct box *const box = *state;

	assert_int_equal(box_api(box, "PUT", "/v1/session/", PLAIN), 405);
	assert_true(str_eq(box_header(box, "Allow"), STR("POST")));
}

static void every_answer_is_private(void **state)
{
	static const char *const paths[] = { "/nothing", "/session/none", "/v1/session/", "/auth/v2/token/" };
	struct box *const box = *state;

	for (size_t i = 0; i < array_len(paths); i++) {
		(void)box_call(box, "GET", paths[i], NULL, NULL);
		assert_true(str_eq(box_header(box, "Cache-Control"), STR("no-store")));
		assert_true(str_eq(box_header(box, "X-Content-Type-Options"), STR("nosniff")));
	}
}

static int submit(struct box *box, const struct made_session *made, const char *body)
{
	return box_call(box, "POST", box_path("/session/", made->token, "/submit"), &BOX_JSON[1], body);
}

static void a_decision_by_hand(void **state)
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
	struct box *const box = *state;
	struct made_session made;

	for (size_t i = 0; i < array_len(rows); i++) {
		char scenario[64];

		box_create(box, PLAIN, &made);
		(void)snprintf(scenario, sizeof(scenario), "{\"scenario\":\"%s\"}", rows[i].before);
		if (rows[i].before)
			assert_int_equal(submit(box, &made, scenario), 200);

		const int status = box_api(
			box, "PATCH", box_path("/v1/session/", made.id, "/update-status/"), rows[i].body);

		if (status != rows[i].status ||
			(status == 200 && !str_eq(box_text(box, "session_id"), str_of(made.id))))
			fail_msg("%s: %d", rows[i].name, status);
		(void)box_api(box, "GET", box_path("/v1/session/", made.id, "/decision/"), NULL);
		if (!str_eq(box_text(box, "status"), str_of(rows[i].after)))
			fail_msg("%s: %.*s", rows[i].name, STR_ARG(box_text(box, "status")));
	}
}

static void a_hand_leaves_its_review(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	box_create(box, PLAIN, &made);
	(void)submit(box, &made, "{\"scenario\":\"review\"}");
	(void)box_api(box, "PATCH", box_path("/v1/session/", made.id, "/update-status/"),
		"{\"new_status\":\"Declined\",\"comment\":\"no \\\"way\\\"\"}");
	(void)box_api(box, "GET", box_path("/v1/session/", made.id, "/decision/"), NULL);

	const struct json_value *const reviews = json_get(box->json, "reviews");

	assert_int_equal(json_count(reviews), 1);
	assert_true(str_eq(json_text(json_get(json_at(reviews, 0), "new_status")), STR("Declined")));
	assert_true(str_eq(json_text(json_get(json_at(reviews, 0), "comment")), STR("no \"way\"")));
	assert_true(str_eq(
		json_text(json_get(json_at(reviews, 0), "created_at")), STR("2026-01-01T00:00:00.000Z")));
}

static void a_report_is_for_what_was_decided(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	box_create(box, PLAIN, &made);
	assert_int_equal(box_api(box, "GET", box_path("/v1/session/", made.id, "/generate-pdf/"), NULL), 403);
	(void)submit(box, &made, "{\"scenario\":\"approve\"}");
	assert_int_equal(box_api(box, "GET", box_path("/v1/session/", made.id, "/generate-pdf/"), NULL), 200);
	assert_string_equal(box->reply.content_type, "application/pdf");
	assert_true(str_starts(box->reply.body, STR("%PDF-1.4\n")));
	assert_non_null(memmem(box->reply.body.p, box->reply.body.n, made.id, strlen(made.id)));
}

static void a_deleted_session_is_gone(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	box_create(box, PLAIN, &made);
	assert_int_equal(box_api(box, "DELETE", box_path("/v1/session/", made.id, "/delete/"), NULL), 204);
	assert_null(box->reply.content_type);
	assert_int_equal(box->reply.body.n, 0);
	assert_int_equal(box_api(box, "DELETE", box_path("/v1/session/", made.id, "/delete/"), NULL), 404);
	assert_int_equal(box_api(box, "GET", box_path("/v1/session/", made.id, "/decision/"), NULL), 404);
	assert_int_equal(box_call(box, "GET", box_path("/session/", made.token, ""), NULL, NULL), 404);
}

static void links_run_out_after_seven_days(void **state)
{
	static const struct {
		bool visited;
		int64_t age;
		const char *want;
	} rows[] = {
		{ false, 604799999, "Not Started" },
		{ false, 604800000, "Expired" },
		{ false, 604800001, "Expired" },
		{ true, 604799999, "In Progress" },
		{ true, 604800000, "Abandoned" },
		{ true, 604800001, "Abandoned" },
	};
	struct box *const box = *state;
	struct made_session made;

	for (size_t i = 0; i < array_len(rows); i++) {
		box->clock.wall = BOX_EPOCH;
		box_create(box, PLAIN, &made);
		if (rows[i].visited)
			(void)box_call(box, "GET", box_path("/session/", made.token, ""), NULL, NULL);
		box->clock.wall += rows[i].age;
		box_login(box);
		(void)box_api(box, "GET", box_path("/v1/session/", made.id, "/decision/"), NULL);
		if (!str_eq(box_text(box, "status"), str_of(rows[i].want)))
			fail_msg("%d %.*s", (int)i, STR_ARG(box_text(box, "status")));
	}
}

static void what_was_decided_does_not_run_out(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	box_create(box, PLAIN, &made);
	(void)submit(box, &made, "{\"scenario\":\"review\"}");
	box->clock.wall += 604800000;
	box_login(box);
	(void)box_api(box, "GET", box_path("/v1/session/", made.id, "/decision/"), NULL);
	assert_true(str_eq(box_text(box, "status"), STR("In Review")));
}

static void an_error_on_demand_changes_nothing(void **state)
{
	struct box *const box = *state;
	int64_t number;

	assert_int_equal(sandbox_faults_add(box->sandbox, STR("error"), 2), OK);
	assert_int_equal(box_call(box, "GET", "/session/none", NULL, NULL), 404); /* no call of the API */
	assert_int_equal(box_api(box, "POST", "/v1/session/", PLAIN), 500);
	assert_int_equal(box_api(box, "POST", "/v1/session/", PLAIN), 500);
	assert_int_equal(box_api(box, "POST", "/v1/session/", PLAIN), 201);
	assert_true(json_int(json_get(box->json, "session_number"), &number) && number == 1);
	assert_int_equal(sandbox_faults_add(box->sandbox, STR("nonsense"), 1), ERR_INPUT);
}

struct slow_call {
	struct box *box;
	struct lock lock;
	struct cond asked;
	int times;
};

static void call_slowly(void *arg)
{
	(void)box_api(((struct slow_call *)arg)->box, "POST", "/v1/session/", PLAIN);
}

static void count_asking(void *arg)
{
	struct slow_call *const call = arg;

	lock_acquire(&call->lock);
	call->times++;
	cond_broadcast(&call->asked);
	lock_release(&call->lock);
}

/* A call that is slow asks for the ticks twice before it sleeps; nothing else asks for them here. */
static void a_slow_call_ends_with_the_sandbox(void **state)
{
	struct slow_call call = { .box = *state };
	struct thread thread = { 0 };
	bool in_time = true;

	lock_init(&call.lock);
	cond_init(&call.asked);
	call.box->clock.asked = count_asking;
	call.box->clock.arg = &call;
	assert_int_equal(sandbox_faults_add(call.box->sandbox, STR("slow"), 1), OK);
	assert_int_equal(thread_start(&thread, call_slowly, &call), OK);
	lock_acquire(&call.lock);
	while (call.times < 2 && in_time)
		in_time = cond_wait_for(&call.asked, &call.lock, seconds(10));
	assert_int_equal(call.box->reply.status, 0);
	lock_release(&call.lock);
	assert_true(in_time);
	sandbox_stop(call.box->sandbox);
	thread_join(&thread);
	assert_int_equal(call.box->reply.status, 201);
	call.box->clock.asked = NULL;
	cond_finish(&call.asked);
	lock_finish(&call.lock);
}

static void without_luck_there_is_no_session(void **state)
{
	struct box *const box = *state;

	box->random.fails = true;
	assert_int_equal(box_api(box, "POST", "/v1/session/", PLAIN), 500);
}

static void destinations_are_checked(void **state)
{
	static const struct {
		const char *url, *secret, *version;
		enum err want;
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
	struct box *const box = *state;

	assert_int_equal(box_key(box, "POST", "/v3/webhook/destinations/",
				 "{\"label\":\"l\",\"url\":\"http://127.0.0.1:8080/by-call\"}"),
		201);
	for (size_t i = 0; i < array_len(rows); i++) {
		if (sandbox_register(box->sandbox, str_of(rows[i].url), str_of(rows[i].secret),
			    str_of(rows[i].version)) != rows[i].want)
			fail_msg("%s %s", rows[i].url, rows[i].version);
	}
	/* each took the place of the one before */
	assert_int_equal(box_key(box, "GET", "/v3/webhook/destinations/", NULL), 200);
	assert_int_equal(json_count(box->json), 2);
	assert_true(str_eq(json_text(box_at(box, "1.url")), STR("https://a.example/")));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_create_answers_as_documented),
		TEST(creates_are_checked),
		TEST(a_refusal_is_a_list_of_messages),
		TEST(what_names_the_vendor_has_a_bound),
		TEST(a_create_is_json),
		TEST(unknown_sessions_are_not_found),
		TEST(paths_without_slash_are_sent_to_the_one_with),
		TEST(a_wrong_method_is_told_the_right_one),
		TEST(every_answer_is_private),
		TEST(a_decision_by_hand),
		TEST(a_hand_leaves_its_review),
		TEST(a_report_is_for_what_was_decided),
		TEST(a_deleted_session_is_gone),
		TEST(links_run_out_after_seven_days),
		TEST(what_was_decided_does_not_run_out),
		TEST(an_error_on_demand_changes_nothing),
		TEST(a_slow_call_ends_with_the_sandbox),
		TEST(without_luck_there_is_no_session),
		TEST(destinations_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
