#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "sandbox_fixture.h"

#define FULL "{\"workflow_id\":\"1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80\"}"
#define HOUR 3600000

static void create_finished_session(
	struct sandbox_fixture *fx, const char *scenario, struct session_ref *session)
{
	char body[96];

	fixture_create_v3(fx, FULL, session);
	(void)snprintf(body, sizeof(body), "{\"scenario\":\"%s\"}", scenario);
	assert_int_equal(fixture_call(fx, "POST", make_path("/session/", session->token, "/submit"),
				 JSON_HEADER, body),
		200);
}

static void share_session(struct sandbox_fixture *fx, const struct session_ref *session, char token[80])
{
	assert_int_equal(
		fixture_call_with_key(fx, "POST", make_path("/v3/session/", session->id, "/share/"), "{}"),
		200);
	assert_true(str_copy_to(reply_text(fx, "share_token"), token, 80));
}

static int import_session(struct sandbox_fixture *fx, const char *token, const char *members)
{
	char body[256];

	(void)snprintf(
		body, sizeof(body), "{\"share_token\":\"%s\"%s%s}", token, *members ? "," : "", members);
	return fixture_call_with_key(fx, "POST", "/v3/session/import-shared/", body);
}

static void failed_import_can_be_repeated(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;
	char token[80];

	create_finished_session(fx, "approve", &session);
	share_session(fx, &session, token);
	fx->random.fails = true;
	assert_int_equal(import_session(fx, token, ""), 500);
	fx->random.fails = false;
	assert_int_equal(import_session(fx, token, ""), 201);
	assert_int_equal(import_session(fx, token, ""), 403);
}

static void only_finished_sessions_can_be_shared(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	fixture_create_v3(fx, FULL, &session);
	assert_int_equal(
		fixture_call_with_key(fx, "POST", make_path("/v3/session/", session.id, "/share/"), "{}"),
		400);
	assert_int_equal(fixture_call_with_key(fx, "POST", "/v3/session/x/share/", "{}"), 404);
	create_finished_session(fx, "approve", &session);
	assert_int_equal(fixture_call_with_key(fx, "POST", make_path("/v3/session/", session.id, "/share/"),
				 "{\"for_application_id\":\"partner\"}"),
		400);
	assert_int_equal(fixture_call_with_key(fx, "POST", make_path("/v3/session/", session.id, "/share/"),
				 "{\"for_application_id\":\"a5f3bca2-46e2-411e-90ef-a580900a57ee\"}"),
		200);
	assert_true(str_eq(reply_text(fx, "session_kind"), STR("user")));
	assert_true(
		str_eq(reply_text(fx, "for_application_id"), STR("a5f3bca2-46e2-411e-90ef-a580900a57ee")));
}

static void import_copies_the_decision_and_works_once(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;
	char token[80], id[40], name[64];

	create_finished_session(fx, "decline_face_blocklist", &session);
	assert_int_equal(
		fixture_call_with_key(fx, "GET", make_path("/v3/session/", session.id, "/decision/"), NULL),
		200);
	assert_true(str_copy_to(json_text(reply_at(fx, "id_verifications.0.full_name")), name, sizeof(name)));
	share_session(fx, &session, token);
	assert_int_equal(import_session(fx, token,
				 "\"trust_review\":true,\"vendor_data\":\"user-9\","
				 "\"workflow_id\":\"00000000-0000-4000-8000-000000000002\""),
		201);
	assert_true(str_eq(reply_text(fx, "status"), STR("Declined")));
	assert_true(str_eq(reply_text(fx, "vendor_data"), STR("user-9")));
	assert_true(str_eq(reply_text(fx, "workflow_id"), STR("00000000-0000-4000-8000-000000000002")));
	assert_int_equal(json_kind_of(json_get(fx->json, "session_url")), JSON_KIND_NULL);
	assert_true(str_copy_to(reply_text(fx, "session_id"), id, sizeof(id)));
	assert_string_not_equal(id, session.id);
	assert_int_equal(import_session(fx, token, ""), 403);

	assert_int_equal(
		fixture_call_with_key(fx, "GET", make_path("/v3/session/", id, "/decision/"), NULL), 200);
	assert_true(str_eq(
		json_text(reply_at(fx, "liveness_checks.0.warnings.0.risk")), STR("FACE_IN_BLOCKLIST")));
	assert_true(str_eq(json_text(reply_at(fx, "id_verifications.0.full_name")), str_of(name)));
}

static void import_without_trust_review_is_in_review(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;
	char token[80];

	create_finished_session(fx, "approve", &session);
	share_session(fx, &session, token);
	assert_int_equal(import_session(fx, token, ""), 201);
	assert_true(str_eq(reply_text(fx, "status"), STR("In Review")));
	assert_true(str_eq(reply_text(fx, "workflow_id"), STR("1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80")));
}

static void invalid_share_tokens_are_rejected(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;
	char token[80], before[80];

	create_finished_session(fx, "approve", &session);
	assert_int_equal(import_session(fx, "", ""), 400);
	assert_int_equal(import_session(fx, "nobody", ""), 401);
	share_session(fx, &session, before);
	share_session(fx, &session, token);
	assert_int_equal(import_session(fx, before, ""), 401); /* replaced by the newer token */
	assert_int_equal(import_session(fx, token, "\"trust_review\":\"yes\""), 400);
	assert_int_equal(import_session(fx, token, "\"workflow_id\":\"seven\""), 400);
	fx->clock.wall += HOUR;
	assert_int_equal(import_session(fx, token, ""), 401);
	fx->clock.wall -= 1;
	assert_int_equal(import_session(fx, token, ""), 201);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(failed_import_can_be_repeated),
		TEST(only_finished_sessions_can_be_shared),
		TEST(import_copies_the_decision_and_works_once),
		TEST(import_without_trust_review_is_in_review),
		TEST(invalid_share_tokens_are_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
