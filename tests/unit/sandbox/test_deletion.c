#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "sandbox/api/deletion.h"
#include "sandbox/state/deletion_jobs.h"
#include "sandbox_fixture.h"

#define FULL "{\"workflow_id\":\"1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80\"}"
#define DOCUMENT_ONLY "{\"workflow_id\":\"00000000-0000-4000-8000-000000000001\"}"
#define MANY "/v3/sessions/delete/"

static void create_approved_session(struct sandbox_fixture *fx, const char *body, struct session_ref *session)
{
	fixture_create_v3(fx, body, session);
	assert_int_equal(fixture_call(fx, "POST", make_path("/session/", session->token, "/submit"),
				 JSON_HEADER, "{\"scenario\":\"approve\"}"),
		200);
}

static int64_t reply_number(const struct sandbox_fixture *fx, const char *path)
{
	int64_t n = -1;

	assert_true(json_int(reply_at(fx, path), &n));
	return n;
}

static void assert_null_at(const struct sandbox_fixture *fx, const char *path)
{
	if (json_kind_of(reply_at(fx, path)) != JSON_KIND_NULL)
		fail_msg("%s is not null: %.*s", path, STR_ARG(fx->reply.body));
}

static int64_t count_sessions(struct sandbox_fixture *fx)
{
	assert_int_equal(fixture_call_with_key(fx, "GET", "/v3/sessions/", NULL), 200);
	return reply_number(fx, "count");
}

static int delete_session(
	struct sandbox_fixture *fx, const char *prefix, const struct session_ref *session, const char *body)
{
	return fixture_call_with_key(fx, "DELETE", make_path(prefix, session->id, "/delete/"), body);
}

static void deletion_says_what_happened_to_the_face(void **state)
{
	static const struct {
		const char *prefix, *create, *outcome;
		bool submitted;
	} rows[] = {
		{ "/v3/session/", FULL, "deleted", true },
		{ "/v2/session/", FULL, "deleted", true },
		{ "/v3/session/", FULL, "none", false },
		{ "/v3/session/", DOCUMENT_ONLY, "none", true },
	};
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	for (size_t i = 0; i < array_len(rows); i++) {
		if (rows[i].submitted)
			create_approved_session(fx, rows[i].create, &session);
		else
			fixture_create_v3(fx, rows[i].create, &session);
		assert_int_equal(delete_session(fx, rows[i].prefix, &session, NULL), 200);
		assert_true(str_eq(reply_text(fx, "session_id"), str_of(session.id)));
		assert_int_equal(reply_number(fx, "session_number"), i + 1);
		if (!str_eq(reply_text(fx, "face_retention_outcome"), str_of(rows[i].outcome)))
			fail_msg("row %zu: %.*s", i, STR_ARG(fx->reply.body));
		assert_null_at(fx, "biometric_template_uuid");
		assert_null_at(fx, "biometric_template_expires_at");
		assert_int_equal(reply_number(fx, "deleted_child_verifications"), 0);
		assert_int_equal(delete_session(fx, rows[i].prefix, &session, NULL), 404);
	}
	assert_int_equal(count_sessions(fx), 0);
}

static void retention_fields_are_checked(void **state)
{
	static const struct {
		const char *body;
		int status;
	} rows[] = {
		{ "[]", 400 },
		{ "{\"retain_face_embeddings\":\"no\"}", 400 },
		{ "{\"face_retention_days\":0}", 400 },
		{ "{\"face_retention_days\":3651}", 400 },
		{ "{\"face_retention_days\":\"30\"}", 400 },
		{ "{\"deletion_instruction\":\"erase\"}", 400 },
		{ "{\"instruction_id\":7}", 400 },
		{ "{\"retain_face_embeddings\":false,\"deletion_instruction\":\"privacy_erasure\"}", 200 },
		{ "{\"retain_face_embeddings\":true,\"face_retention_days\":3650,\"instruction_id\":\"a-1\"}",
			200 },
		{ "{\"face_retention_days\":1,\"deletion_instruction\":\"operational_session_delete\"}",
			200 },
		{ "{\"retain_face_embeddings\":null}", 200 },
	};
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	for (size_t i = 0; i < array_len(rows); i++) {
		fixture_create_v3(fx, FULL, &session);
		if (delete_session(fx, "/v3/session/", &session, rows[i].body) != rows[i].status)
			fail_msg("%s: %d %.*s", rows[i].body, fx->reply.status, STR_ARG(fx->reply.body));
	}
	assert_int_equal(count_sessions(fx), 7);
	assert_int_equal(fixture_call_with_key(
				 fx, "POST", MANY, "{\"delete_all\":true,\"retain_face_embeddings\":\"no\"}"),
		400);
	assert_int_equal(count_sessions(fx), 7);
}

static void bulk_deletion_lists_a_result_for_each_session(void **state)
{
	static const char *const invalid[] = { "{}", "{\"session_numbers\":[]}",
		"{\"session_numbers\":[\"x\"]}", "{\"session_numbers\":\"1\"}", "{\"delete_all\":\"yes\"}" };
	struct sandbox_fixture *const fx = *state;
	struct session_ref sessions[3];

	for (size_t i = 0; i < 3; i++)
		create_approved_session(fx, i == 1 ? DOCUMENT_ONLY : FULL, &sessions[i]);
	for (size_t i = 0; i < array_len(invalid); i++)
		assert_int_equal(fixture_call_with_key(fx, "POST", MANY, invalid[i]), 400);
	assert_int_equal(fixture_call_with_key(fx, "POST", MANY, "{\"session_numbers\":[\"2\",99,3]}"), 200);
	assert_int_equal(json_count(json_get(fx->json, "results")), 2);
	assert_true(str_eq(json_text(reply_at(fx, "results.0.session_id")), str_of(sessions[1].id)));
	assert_true(str_eq(json_text(reply_at(fx, "results.0.face_retention_outcome")), STR("none")));
	assert_int_equal(reply_number(fx, "results.1.session_number"), 3);
	assert_true(str_eq(json_text(reply_at(fx, "results.1.face_retention_outcome")), STR("deleted")));
	assert_null_at(fx, "results.1.biometric_template_uuid");
	assert_int_equal(fixture_call_with_key(
				 fx, "GET", make_path("/v3/session/", sessions[1].id, "/decision/"), NULL),
		404);
	assert_int_equal(count_sessions(fx), 1);

	assert_int_equal(fixture_call_with_key(fx, "POST", MANY, "{\"session_numbers\":[99]}"), 200);
	assert_int_equal(json_count(json_get(fx->json, "results")), 0);
	assert_int_equal(fixture_call_with_key(fx, "POST", MANY, "{\"delete_all\":true}"), 200);
	assert_int_equal(json_count(json_get(fx->json, "results")), 1);
	assert_int_equal(count_sessions(fx), 0);
}

static void more_than_twenty_deletions_are_answered_with_a_job(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;
	char path[96];

	for (int i = 0; i < DELETION_RESULTS_MAX; i++)
		fixture_create_v3(fx, FULL, &session);
	assert_int_equal(fixture_call_with_key(fx, "POST", MANY, "{\"delete_all\":true}"), 200);
	assert_int_equal(json_count(json_get(fx->json, "results")), DELETION_RESULTS_MAX);

	for (int i = 0; i < DELETION_RESULTS_MAX; i++)
		fixture_create_v3(fx, FULL, &session);
	create_approved_session(fx, FULL, &session);
	assert_int_equal(fixture_call_with_key(fx, "POST", MANY, "{\"delete_all\":true}"), 202);
	(void)snprintf(path, sizeof(path), MANY "%.*s/", STR_ARG(reply_text(fx, "job_id")));
	assert_int_equal(fixture_call_with_key(fx, "GET", path, NULL), 200);
	assert_true(str_eq(reply_text(fx, "status"), STR("COMPLETED")));
	assert_int_equal(reply_number(fx, "total"), DELETION_RESULTS_MAX + 1);
	assert_int_equal(reply_number(fx, "processed"), DELETION_RESULTS_MAX + 1);
	assert_int_equal(reply_number(fx, "outcomes.deleted"), 1);
	assert_int_equal(reply_number(fx, "outcomes.none"), DELETION_RESULTS_MAX);
	assert_int_equal(reply_number(fx, "outcomes.failed_retryable"), 0);
	assert_null_at(fx, "error");
	assert_int_equal(count_sessions(fx), 0);
	assert_int_equal(
		fixture_call_with_key(fx, "GET", MANY "7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b/", NULL), 404);
}

static void only_the_newest_jobs_are_kept(void **state)
{
	static struct deletion_jobs jobs;
	struct deletion_job job = { 0 };

	(void)state;
	for (int i = 0; i <= DELETION_JOBS_MAX; i++) {
		(void)snprintf(job.id, sizeof(job.id), "job-%d", i);
		job.outcomes[FACE_DELETED] = i;
		deletion_jobs_add(&jobs, &job);
	}
	assert_null(deletion_jobs_find(&jobs, STR("job-0")));
	assert_int_equal(deletion_jobs_find(&jobs, STR("job-1"))->outcomes[FACE_DELETED], 1);
	assert_int_equal(deletion_jobs_find(&jobs, STR("job-16"))->outcomes[FACE_DELETED], DELETION_JOBS_MAX);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(deletion_says_what_happened_to_the_face),
		TEST(retention_fields_are_checked),
		TEST(bulk_deletion_lists_a_result_for_each_session),
		TEST(more_than_twenty_deletions_are_answered_with_a_job),
		cmocka_unit_test(only_the_newest_jobs_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
