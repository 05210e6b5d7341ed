#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "sandbox_fixture.h"

#define FULL "{\"workflow_id\":\"1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80\"}"
#define BARE "{\"workflow_id\":\"00000000-0000-4000-8000-000000000001\"}"

static void create_finished_session(
	struct sandbox_fixture *fx, const char *workflow, struct session_ref *session)
{
	fixture_create_v3(fx, workflow, session);
	assert_int_equal(fixture_call(fx, "POST", make_path("/session/", session->token, "/submit"),
				 JSON_HEADER, "{\"scenario\":\"approve\"}"),
		200);
}

static int post_blocklist(
	struct sandbox_fixture *fx, const char *call, const struct session_ref *session, const char *members)
{
	char body[256];

	(void)snprintf(
		body, sizeof(body), "{\"session_id\":\"%s\"%s%s}", session->id, *members ? "," : "", members);
	return fixture_call_with_key(fx, "POST", make_path("/v3/blocklist/", call, ""), body);
}

static int64_t count_blocklist(struct sandbox_fixture *fx, const char *query)
{
	int64_t n = -1;

	assert_int_equal(fixture_call_with_key(fx, "GET", make_path("/v3/blocklist/", query, ""), NULL), 200);
	assert_true(json_int(json_get(fx->json, "count"), &n));
	return n;
}

static void invalid_blocklist_requests_are_rejected(void **state)
{
	static const struct {
		const char *call, *members;
		int status;
	} rows[] = {
		{ "add/", "\"blocklist_face\":true", 200 },
		{ "add/", "\"blocklist_face\":true,\"blocklist_document\":false", 200 },
		{ "add/", "", 400 },
		{ "add/", "\"blocklist_face\":false", 400 },
		{ "add/", "\"unblock_face\":true", 400 },
		{ "add/", "\"blocklist_face\":\"yes\"", 400 },
		{ "remove/", "\"unblock_email\":true", 200 },
		{ "remove/", "\"blocklist_email\":true", 400 },
	};
	static const struct {
		const char *body;
		int status;
	} bad_session_rows[] = {
		{ "{\"blocklist_face\":true}", 400 },
		{ "{\"session_id\":\"seven\",\"blocklist_face\":true}", 400 },
		{ "{\"session_id\":\"7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b\",\"blocklist_face\":true}", 404 },
	};
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	create_finished_session(fx, FULL, &session);
	for (size_t i = 0; i < array_len(rows); i++)
		if (post_blocklist(fx, rows[i].call, &session, rows[i].members) != rows[i].status)
			fail_msg("%s %s: %d", rows[i].call, rows[i].members, fx->reply.status);
	for (size_t i = 0; i < array_len(bad_session_rows); i++)
		assert_int_equal(
			fixture_call_with_key(fx, "POST", "/v3/blocklist/add/", bad_session_rows[i].body),
			bad_session_rows[i].status);
	assert_int_equal(fixture_call_with_key(fx, "GET", "/v3/blocklist/?item_type=wallet", NULL), 400);
}

static void only_sections_that_ran_can_be_blocklisted(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	fixture_create_v3(fx, FULL, &session);
	assert_int_equal(post_blocklist(fx, "add/", &session, "\"blocklist_document\":true"), 400);
	create_finished_session(fx, BARE, &session);
	assert_int_equal(
		post_blocklist(fx, "add/", &session, "\"blocklist_document\":true,\"blocklist_phone\":true"),
		400);
	assert_true(count_blocklist(fx, "") == 0);
	assert_int_equal(post_blocklist(fx, "add/", &session, "\"blocklist_document\":true"), 200);
	assert_true(count_blocklist(fx, "") == 1);
}

static void blocklist_entries_are_listed_until_removed(void **state)
{
	static const char *const all = "\"blocklist_face\":true,\"blocklist_document\":true,"
				       "\"blocklist_phone\":true,\"blocklist_email\":true";
	struct sandbox_fixture *const fx = *state;
	struct session_ref sessions[2];

	create_finished_session(fx, FULL, &sessions[0]);
	create_finished_session(fx, FULL, &sessions[1]);
	assert_int_equal(post_blocklist(fx, "add/", &sessions[0], all), 200);
	fx->clock.wall += 1000;
	assert_int_equal(post_blocklist(fx, "add/", &sessions[0], "\"blocklist_face\":true"), 200);
	assert_int_equal(post_blocklist(fx, "add/", &sessions[1], "\"blocklist_document\":true"), 200);
	assert_true(count_blocklist(fx, "") == 5);
	assert_true(count_blocklist(fx, "?item_type=document&limit=1") == 2);
	assert_true(str_eq(json_text(reply_at(fx, "results.0.session_id")), str_of(sessions[1].id)));
	assert_true(str_eq(json_text(reply_at(fx, "results.0.type")), STR("document")));
	assert_true(str_eq(json_text(reply_at(fx, "results.0.document_number")), STR("XX0000003")));
	assert_true(
		str_eq(json_text(reply_at(fx, "results.0.blocklisted_at")), STR("2026-01-01T00:00:01.000Z")));
	assert_true(str_eq(reply_text(fx, "next"), STR("http://127.0.0.1:8080/sandbox/didit/v3/blocklist/"
						       "?limit=1&offset=1&item_type=document")));
	assert_true(count_blocklist(fx, "?item_type=face") == 1);
	assert_true(
		str_eq(json_text(reply_at(fx, "results.0.blocklisted_at")), STR("2026-01-01T00:00:00.000Z")));
	assert_int_equal(json_kind_of(reply_at(fx, "results.0.document_number")), JSON_KIND_NULL);
	assert_true(count_blocklist(fx, "?item_type=email") == 1);
	assert_true(str_eq(json_text(reply_at(fx, "results.0.email")), STR("jose.nandu@example.com")));
	assert_int_equal(post_blocklist(fx, "remove/", &sessions[0],
				 "\"unblock_face\":true,\"unblock_document\":true"),
		200);
	assert_true(count_blocklist(fx, "?item_type=face") == 0);
	assert_true(count_blocklist(fx, "") == 3);

	/* The block list does not change the outcome of later sessions. */
	create_finished_session(fx, FULL, &sessions[1]);
	assert_true(str_eq(reply_text(fx, "status"), STR("Approved")));
}

static void review_comments_are_kept_and_do_not_change_the_status(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	create_finished_session(fx, FULL, &session);

	const char *const path = make_path("/v3/sessions/", session.id, "/reviews/");

	assert_int_equal(fixture_call_with_key(fx, "GET", path, NULL), 200);
	assert_int_equal(json_count(fx->json), 0);
	assert_int_equal(fixture_call_with_key(fx, "POST", path, "{}"), 400);
	assert_int_equal(fixture_call_with_key(fx, "POST", path, "{\"comment\":7}"), 400);
	assert_int_equal(fixture_call_with_key(fx, "POST", path, "{\"comment\":\"Looks fine\"}"), 201);
	assert_true(str_eq(reply_text(fx, "comment"), STR("Looks fine")));
	assert_true(str_eq(reply_text(fx, "new_status"), STR("Approved")));
	assert_int_equal(fixture_call_with_key(fx, "POST", path, "{\"comment\":\"Twice\"}"), 201);
	assert_true(str_eq(reply_text(fx, "comment"), STR("Twice")));
	assert_int_equal(
		fixture_call_with_key(fx, "POST", path, "{\"comment\":\"No\",\"new_status\":\"Declined\"}"),
		201);
	assert_true(str_eq(reply_text(fx, "new_status"), STR("Declined")));
	assert_int_equal(
		fixture_call_with_key(fx, "POST", path, "{\"comment\":\"No\",\"new_status\":\"declined\"}"),
		400);
	assert_int_equal(fixture_call_with_key(fx, "GET", path, NULL), 200);
	assert_int_equal(json_count(fx->json), 3);
	assert_true(str_eq(json_text(reply_at(fx, "2.new_status")), STR("Declined")));
	assert_int_equal(fixture_call_with_key(fx, "GET", "/v3/sessions/x/reviews/", NULL), 404);
	assert_int_equal(
		fixture_call_with_key(fx, "POST", "/v3/sessions/x/reviews/", "{\"comment\":\"?\"}"), 404);
	assert_int_equal(
		fixture_call_with_key(fx, "GET", make_path("/v3/session/", session.id, "/decision/"), NULL),
		200);
	assert_true(str_eq(reply_text(fx, "status"), STR("Approved")));
	assert_true(str_eq(json_text(reply_at(fx, "reviews.1.comment")), STR("Twice")));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(invalid_blocklist_requests_are_rejected),
		TEST(only_sections_that_ran_can_be_blocklisted),
		TEST(blocklist_entries_are_listed_until_removed),
		TEST(review_comments_are_kept_and_do_not_change_the_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
