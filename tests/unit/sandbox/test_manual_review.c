#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "sandbox_fixture.h"

#define FULL "\"workflow_id\":\"1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80\""

static int submit(struct sandbox_fixture *fx, const struct session_ref *session, const char *scenario)
{
	char body[96];

	(void)snprintf(body, sizeof(body), "{\"scenario\":\"%s\"}", scenario);
	return fixture_call(fx, "POST", make_path("/session/", session->token, "/submit"), JSON_HEADER, body);
}

static void create_session(struct sandbox_fixture *fx, const char *scenario, struct session_ref *session)
{
	fixture_create_v3(fx, "{" FULL "}", session);
	if (scenario)
		assert_int_equal(submit(fx, session, scenario), 200);
}

static int update_status(struct sandbox_fixture *fx, const struct session_ref *session, const char *body)
{
	return fixture_call_with_key(
		fx, "PATCH", make_path("/v3/session/", session->id, "/update-status/"), body);
}

static void read_decision(struct sandbox_fixture *fx, const struct session_ref *session)
{
	assert_int_equal(
		fixture_call_with_key(fx, "GET", make_path("/v3/session/", session->id, "/decision/"), NULL),
		200);
}

static void invalid_status_updates_are_rejected(void **state)
{
	static const struct {
		const char *before, *body;
		int status;
		const char *after;
	} rows[] = {
		{ "review", "{\"new_status\":\"Approved\",\"comment\":\"ok\"}", 200, "Approved" },
		{ "approve", "{\"new_status\":\"Declined\"}", 200, "Declined" },
		{ "approve", "{\"new_status\":\"Approved\"}", 200, "Approved" },
		{ "approve", "{\"new_status\":\"Resubmitted\"}", 200, "Resubmitted" },
		{ "approve", "{\"new_status\":\"In Review\"}", 400, "Approved" },
		{ "approve", "{\"new_status\":\"IN_REVIEW\"}", 400, "Approved" },
		{ "approve", "{}", 400, "Approved" },
		{ "approve", "{\"new_status\":\"Declined\",\"comment\":7}", 400, "Approved" },
		{ "approve", "{\"new_status\":\"Declined\",\"send_email\":true}", 400, "Approved" },
		{ "approve", "{\"new_status\":\"Declined\",\"send_email\":\"yes\"}", 400, "Approved" },
		{ "approve", "{\"new_status\":\"Declined\",\"send_email\":true,\"email_address\":\"ana\"}",
			400, "Approved" },
		{ "approve",
			"{\"new_status\":\"Declined\",\"send_email\":true,\"email_address\":\"ana@example.com\","
			"\"email_language\":\"pt\"}",
			200, "Declined" },
		{ "approve", "{\"new_status\":\"Resubmitted\",\"nodes_to_resubmit\":{}}", 400, "Approved" },
		{ "approve", "{\"new_status\":\"Resubmitted\",\"nodes_to_resubmit\":[{\"node_id\":\"x\"}]}",
			400, "Approved" },
		{ NULL, "{\"new_status\":\"Approved\"}", 400, "Not Started" },
	};
	struct sandbox_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		struct session_ref session;

		create_session(fx, rows[i].before, &session);

		const int status = update_status(fx, &session, rows[i].body);

		if (status != rows[i].status ||
			(status == 200 && !str_eq(reply_text(fx, "session_id"), str_of(session.id))))
			fail_msg("%s: %d %.*s", rows[i].body, status, STR_ARG(fx->reply.body));
		read_decision(fx, &session);
		if (!str_eq(reply_text(fx, "status"), str_of(rows[i].after)))
			fail_msg("%s: %.*s", rows[i].body, STR_ARG(fx->reply.body));
	}
}

static void session_in_progress_cannot_be_decided(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	create_session(fx, NULL, &session);
	(void)fixture_call(fx, "GET", make_path("/session/", session.token, ""), NULL, NULL);
	assert_int_equal(update_status(fx, &session, "{\"new_status\":\"Approved\"}"), 400);
	fx->clock.wall += 604800000; /* seven days later: Abandoned */
	assert_int_equal(update_status(fx, &session, "{\"new_status\":\"Approved\"}"), 200);
	create_session(fx, NULL, &session);
	fx->clock.wall += 604800000; /* seven days later: Expired */
	assert_int_equal(update_status(fx, &session, "{\"new_status\":\"Approved\"}"), 400);
}

static void person_repeats_resubmitted_steps(void **state)
{
	static const char *const body = "{\"new_status\":\"Resubmitted\",\"comment\":\"Too dark\","
					"\"nodes_to_resubmit\":[{\"node_id\":\"feature_liveness\","
					"\"feature\":\"LIVENESS\"}]}";
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	create_session(fx, "decline_liveness_attack", &session);
	fx->clock.wall += 86400000;
	assert_int_equal(update_status(fx, &session, body), 200);
	assert_int_equal(update_status(fx, &session, body), 400);
	assert_true(
		str_eq(reply_text(fx, "detail"), STR("The new status is the same as the current status.")));
	read_decision(fx, &session);
	assert_int_equal(json_kind_of(json_get(fx->json, "liveness_checks")), JSON_KIND_NULL);
	assert_int_equal(json_kind_of(json_get(fx->json, "id_verifications")), JSON_KIND_ARRAY);

	/* The link is valid again, for the full seven days. */
	fx->clock.wall += 604799999;
	(void)fixture_call(fx, "GET", make_path("/session/", session.token, ""), NULL, NULL);
	read_decision(fx, &session);
	assert_true(str_eq(reply_text(fx, "status"), STR("In Progress")));
	assert_int_equal(submit(fx, &session, "approve"), 200);
	read_decision(fx, &session);
	assert_true(str_eq(reply_text(fx, "status"), STR("Approved")));
	assert_true(str_eq(json_text(reply_at(fx, "liveness_checks.0.status")), STR("Approved")));
	assert_true(str_eq(json_text(reply_at(fx, "reviews.0.new_status")), STR("Resubmitted")));
}

static void automatic_steps_rerun_at_once_but_not_within_30_seconds(void **state)
{
	static const char *const body =
		"{\"new_status\":\"Resubmitted\",\"nodes_to_resubmit\":[{\"node_id\":\"feature_aml\"}]}";
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	create_session(fx, "review_aml_possible_match", &session);
	assert_int_equal(update_status(fx, &session, "{\"new_status\":\"Approved\"}"), 200);
	assert_int_equal(update_status(fx, &session, body), 200);
	read_decision(fx, &session);
	assert_true(str_eq(reply_text(fx, "status"), STR("In Review")));
	assert_int_equal(update_status(fx, &session, body), 429);
	assert_true(str_eq(reply_header_value(fx, "Retry-After"), STR("30")));
	fx->clock.wall += 29999;
	assert_int_equal(update_status(fx, &session, body), 429);
	assert_true(str_eq(reply_header_value(fx, "Retry-After"), STR("1")));
	fx->clock.wall += 1;
	assert_int_equal(update_status(fx, &session, body), 200);
}

static void single_section_can_be_decided_manually(void **state)
{
	static const struct {
		const char *node, *body;
		int status;
	} rows[] = {
		{ "feature_aml", "{\"new_status\":\"Declined\"}", 200 },
		{ "default", "{\"new_status\":\"Declined\"}", 200 },
		{ "feature_aml", "{\"new_status\":\"Resubmitted\"}", 400 },
		{ "feature_aml", "{}", 400 },
		{ "feature_nothing", "{\"new_status\":\"Declined\"}", 404 },
	};
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;
	char path[128];

	create_session(fx, "approve", &session);
	for (size_t i = 0; i < array_len(rows); i++) {
		(void)snprintf(path, sizeof(path), "/v3/session/%s/features/%s/update-status/", session.id,
			rows[i].node);
		assert_int_equal(fixture_call_with_key(fx, "PATCH", path, rows[i].body), rows[i].status);
		if (rows[i].status == 200)
			assert_true(str_eq(reply_text(fx, "new_status"), STR("Declined")));
	}
	read_decision(fx, &session);
	assert_true(str_eq(json_text(reply_at(fx, "aml_screenings.0.status")), STR("Declined")));
	assert_true(str_eq(json_text(reply_at(fx, "id_verifications.0.status")), STR("Declined")));
	assert_true(str_eq(json_text(reply_at(fx, "liveness_checks.0.status")), STR("Approved")));
	assert_true(str_eq(reply_text(fx, "status"), STR("Approved")));
}

static void report_exists_only_for_completed_sessions(void **state)
{
	static const struct {
		const char *scenario, *body;
		int status;
	} rows[] = {
		{ "approve", NULL, 200 },
		{ "decline", NULL, 200 },
		{ "review", NULL, 200 },
		{ "approve", "{\"new_status\":\"Resubmitted\"}", 403 },
		{ NULL, NULL, 403 },
	};
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	for (size_t i = 0; i < array_len(rows); i++) {
		create_session(fx, rows[i].scenario, &session);
		if (rows[i].body)
			assert_int_equal(update_status(fx, &session, rows[i].body), 200);
		assert_int_equal(fixture_call_with_key(fx, "GET",
					 make_path("/v3/session/", session.id, "/generate-pdf/"), NULL),
			rows[i].status);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(invalid_status_updates_are_rejected),
		TEST(session_in_progress_cannot_be_decided),
		TEST(person_repeats_resubmitted_steps),
		TEST(automatic_steps_rerun_at_once_but_not_within_30_seconds),
		TEST(single_section_can_be_decided_manually),
		TEST(report_exists_only_for_completed_sessions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
