#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "box.h"

#define FULL "\"workflow_id\":\"1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80\""

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

static int submit(struct box *box, const struct made_session *made, const char *scenario)
{
	char body[96];

	(void)snprintf(body, sizeof(body), "{\"scenario\":\"%s\"}", scenario);
	return box_call(box, "POST", box_path("/session/", made->token, "/submit"), &BOX_JSON[1], body);
}

static void finish(struct box *box, const char *scenario, struct made_session *made)
{
	box_create_v3(box, "{" FULL "}", made);
	if (scenario)
		assert_int_equal(submit(box, made, scenario), 200);
}

static int update(struct box *box, const struct made_session *made, const char *body)
{
	return box_key(box, "PATCH", box_path("/v3/session/", made->id, "/update-status/"), body);
}

static void read_decision(struct box *box, const struct made_session *made)
{
	assert_int_equal(box_key(box, "GET", box_path("/v3/session/", made->id, "/decision/"), NULL), 200);
}

static void bodies_are_checked(void **state)
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
	struct box *const box = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		struct made_session made;

		finish(box, rows[i].before, &made);

		const int status = update(box, &made, rows[i].body);

		if (status != rows[i].status ||
			(status == 200 && !str_eq(box_text(box, "session_id"), str_of(made.id))))
			fail_msg("%s: %d %.*s", rows[i].body, status, STR_ARG(box->reply.body));
		read_decision(box, &made);
		if (!str_eq(box_text(box, "status"), str_of(rows[i].after)))
			fail_msg("%s: %.*s", rows[i].body, STR_ARG(box->reply.body));
	}
}

static void not_while_a_person_is_at_it(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	finish(box, NULL, &made);
	(void)box_call(box, "GET", box_path("/session/", made.token, ""), NULL, NULL);
	assert_int_equal(update(box, &made, "{\"new_status\":\"Approved\"}"), 400);
	box->clock.wall += 604800000; /* Abandoned */
	assert_int_equal(update(box, &made, "{\"new_status\":\"Approved\"}"), 200);
	finish(box, NULL, &made);
	box->clock.wall += 604800000; /* Expired */
	assert_int_equal(update(box, &made, "{\"new_status\":\"Approved\"}"), 400);
}

static void a_person_does_some_steps_again(void **state)
{
	static const char *const body = "{\"new_status\":\"Resubmitted\",\"comment\":\"Too dark\","
					"\"nodes_to_resubmit\":[{\"node_id\":\"feature_liveness\","
					"\"feature\":\"LIVENESS\"}]}";
	struct box *const box = *state;
	struct made_session made;

	finish(box, "decline_liveness_attack", &made);
	box->clock.wall += 86400000;
	assert_int_equal(update(box, &made, body), 200);
	assert_int_equal(update(box, &made, body), 400);
	assert_true(
		str_eq(box_text(box, "detail"), STR("The new status is the same as the current status.")));
	read_decision(box, &made);
	assert_int_equal(json_kind_of(json_get(box->json, "liveness_checks")), JSON_KIND_NULL);
	assert_int_equal(json_kind_of(json_get(box->json, "id_verifications")), JSON_KIND_ARRAY);

	/* the link is open again, and for a whole life */
	box->clock.wall += 604799999;
	(void)box_call(box, "GET", box_path("/session/", made.token, ""), NULL, NULL);
	read_decision(box, &made);
	assert_true(str_eq(box_text(box, "status"), STR("In Progress")));
	assert_int_equal(submit(box, &made, "approve"), 200);
	read_decision(box, &made);
	assert_true(str_eq(box_text(box, "status"), STR("Approved")));
	assert_true(str_eq(json_text(box_at(box, "liveness_checks.0.status")), STR("Approved")));
	assert_true(str_eq(json_text(box_at(box, "reviews.0.new_status")), STR("Resubmitted")));
}

static void what_needs_nobody_runs_at_once_and_not_twice(void **state)
{
	static const char *const body =
		"{\"new_status\":\"Resubmitted\",\"nodes_to_resubmit\":[{\"node_id\":\"feature_aml\"}]}";
	struct box *const box = *state;
	struct made_session made;

	finish(box, "review_aml_possible_match", &made);
	assert_int_equal(update(box, &made, "{\"new_status\":\"Approved\"}"), 200);
	assert_int_equal(update(box, &made, body), 200);
	read_decision(box, &made);
	assert_true(str_eq(box_text(box, "status"), STR("In Review")));
	assert_int_equal(update(box, &made, body), 429);
	assert_true(str_eq(box_header(box, "Retry-After"), STR("30")));
	box->clock.wall += 29999;
	assert_int_equal(update(box, &made, body), 429);
	assert_true(str_eq(box_header(box, "Retry-After"), STR("1")));
	box->clock.wall += 1;
	assert_int_equal(update(box, &made, body), 200);
}

static void one_section_by_hand(void **state)
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
	struct box *const box = *state;
	struct made_session made;
	char path[128];

	finish(box, "approve", &made);
	for (size_t i = 0; i < array_len(rows); i++) {
		(void)snprintf(path, sizeof(path), "/v3/session/%s/features/%s/update-status/", made.id,
			rows[i].node);
		assert_int_equal(box_key(box, "PATCH", path, rows[i].body), rows[i].status);
		if (rows[i].status == 200)
			assert_true(str_eq(box_text(box, "new_status"), STR("Declined")));
	}
	read_decision(box, &made);
	assert_true(str_eq(json_text(box_at(box, "aml_screenings.0.status")), STR("Declined")));
	assert_true(str_eq(json_text(box_at(box, "id_verifications.0.status")), STR("Declined")));
	assert_true(str_eq(json_text(box_at(box, "liveness_checks.0.status")), STR("Approved")));
	assert_true(str_eq(box_text(box, "status"), STR("Approved")));
}

static void reports_are_of_four_statuses(void **state)
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
	struct box *const box = *state;
	struct made_session made;

	for (size_t i = 0; i < array_len(rows); i++) {
		finish(box, rows[i].scenario, &made);
		if (rows[i].body)
			assert_int_equal(update(box, &made, rows[i].body), 200);
		assert_int_equal(
			box_key(box, "GET", box_path("/v3/session/", made.id, "/generate-pdf/"), NULL),
			rows[i].status);
	}
}

static void deleted_one_by_one_and_many_at_once(void **state)
{
	static const struct {
		const char *body;
		int status;
	} rows[] = {
		{ "{}", 400 },
		{ "{\"session_numbers\":[]}", 400 },
		{ "{\"session_numbers\":[\"x\"]}", 400 },
		{ "{\"session_numbers\":\"1\"}", 400 },
		{ "{\"delete_all\":\"yes\"}", 400 },
		{ "{\"session_numbers\":[\"2\",99]}", 204 },
	};
	struct box *const box = *state;
	struct made_session made[3];
	int64_t n;

	for (size_t i = 0; i < 3; i++)
		finish(box, NULL, &made[i]);
	for (size_t i = 0; i < array_len(rows); i++)
		assert_int_equal(box_key(box, "POST", "/v3/sessions/delete/", rows[i].body), rows[i].status);
	(void)box_key(box, "GET", "/v3/sessions/", NULL);
	assert_true(json_int(json_get(box->json, "count"), &n) && n == 2);
	assert_int_equal(box_key(box, "GET", box_path("/v3/session/", made[1].id, "/decision/"), NULL), 404);

	assert_int_equal(box_key(box, "DELETE", box_path("/v3/session/", made[0].id, "/delete/"), NULL), 204);
	assert_int_equal(box_key(box, "DELETE", box_path("/v3/session/", made[0].id, "/delete/"), NULL), 404);
	assert_int_equal(box_key(box, "POST", "/v3/sessions/delete/", "{\"delete_all\":true}"), 204);
	(void)box_key(box, "GET", "/v3/sessions/", NULL);
	assert_true(json_int(json_get(box->json, "count"), &n) && n == 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bodies_are_checked),
		TEST(not_while_a_person_is_at_it),
		TEST(a_person_does_some_steps_again),
		TEST(what_needs_nobody_runs_at_once_and_not_twice),
		TEST(one_section_by_hand),
		TEST(reports_are_of_four_statuses),
		TEST(deleted_one_by_one_and_many_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
