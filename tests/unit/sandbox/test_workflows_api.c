#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "sandbox/state/workflows.h"
#include "sandbox_fixture.h"

#define WORKFLOWS "/v3/workflows/"
#define BUILT_IN_FIRST "00000000-0000-4000-8000-000000000001"
#define BUILT_IN_LAST "00000000-0000-4000-8000-000000000008"

static void create_workflow(struct sandbox_fixture *fx, const char *body, char id[UUID_SIZE])
{
	if (fixture_call_with_key(fx, "POST", WORKFLOWS, body) != 201)
		fail_msg("%s: %d %.*s", body, fx->reply.status, STR_ARG(fx->reply.body));
	assert_true(str_copy_to(reply_text(fx, "uuid"), id, UUID_SIZE));
}

static int call_workflow(struct sandbox_fixture *fx, const char *method, const char *id, const char *body)
{
	return fixture_call_with_key(fx, method, make_path(WORKFLOWS, id, "/"), body);
}

static void assert_text(const struct sandbox_fixture *fx, const char *path, const char *text)
{
	const struct str found = json_text(reply_at(fx, path));

	if (!str_eq(found, str_of(text)))
		fail_msg("%s: %.*s, not %s", path, STR_ARG(found), text);
}

static void assert_bool(const struct sandbox_fixture *fx, const char *path, bool value)
{
	assert_int_equal(json_kind_of(reply_at(fx, path)), JSON_KIND_BOOL);
	if (json_bool(reply_at(fx, path)) != value)
		fail_msg("%s is not %d", path, value);
}

static int64_t list_count(struct sandbox_fixture *fx, const char *query)
{
	int64_t n = -1;
	char path[64];

	(void)snprintf(path, sizeof(path), WORKFLOWS "%s", query);
	assert_int_equal(fixture_call_with_key(fx, "GET", path, NULL), 200);
	assert_true(json_int(json_get(fx->json, "count"), &n));
	return n;
}

static void built_in_workflows_are_listed_and_cannot_be_changed(void **state)
{
	struct sandbox_fixture *const fx = *state;

	assert_int_equal(list_count(fx, ""), 8);
	assert_int_equal(json_count(json_get(fx->json, "results")), 8);
	assert_text(fx, "results.0.uuid", BUILT_IN_LAST);
	assert_bool(fx, "results.0.is_default", true);
	assert_text(fx, "results.0.features", "OCR + NFC + LIVENESS + FACE_MATCH + AML + IP_ANALYSIS");
	assert_text(fx, "results.7.uuid", BUILT_IN_FIRST);
	assert_bool(fx, "results.7.is_default", false);
	assert_text(fx, "results.7.features", "OCR + IP_ANALYSIS");
	assert_int_equal(call_workflow(fx, "GET", BUILT_IN_FIRST, NULL), 200);
	assert_bool(fx, "is_editable", false);
	assert_int_equal(call_workflow(fx, "PATCH", BUILT_IN_FIRST, "{\"workflow_label\":\"A\"}"), 403);
	assert_int_equal(call_workflow(fx, "DELETE", BUILT_IN_LAST, NULL), 403);
	assert_int_equal(call_workflow(fx, "GET", "00000000-0000-4000-8000-000000000009", NULL), 404);
	assert_int_equal(call_workflow(fx, "GET", "00000000-0000-4000-8000-000000000000", NULL), 404);
	assert_int_equal(fixture_call(fx, "GET", WORKFLOWS, NULL, NULL), 403);
}

static void workflow_is_created_read_changed_and_deleted(void **state)
{
	struct sandbox_fixture *const fx = *state;
	char id[UUID_SIZE];

	create_workflow(fx,
		"{\"workflow_label\":\"Shop\",\"status\":\"published\",\"features\":[{\"feature\":\"OCR\",\"config\":"
		"{\"minimum_age\":18}},{\"feature\":\"LIVENESS\"},{\"feature\":\"PROOF_OF_ADDRESS\"}],"
		"\"session_expiration_time\":86400}",
		id);
	assert_int_equal(call_workflow(fx, "GET", id, NULL), 200);
	assert_text(fx, "uuid", id);
	assert_text(fx, "workflow_id", id);
	assert_text(fx, "workflow_label", "Shop");
	assert_text(fx, "workflow_type", "kyc");
	assert_text(fx, "status", "published");
	assert_text(fx, "features", "OCR + LIVENESS + PROOF_OF_ADDRESS + IP_ANALYSIS");
	assert_bool(fx, "is_liveness_enabled", true);
	assert_bool(fx, "is_aml_enabled", false);
	assert_bool(fx, "is_editable", true);
	assert_text(fx, "workflow_graph.start_node", "feature_ocr");
	assert_text(fx, "workflow_graph.nodes.feature_liveness.feature", "LIVENESS");
	assert_text(fx, "workflow_graph.nodes.feature_liveness.next", "feature_poa");
	assert_int_equal(list_count(fx, ""), 9);
	assert_text(fx, "results.0.uuid", id);

	fx->clock.wall += 1000;
	assert_int_equal(call_workflow(fx, "PATCH", id, "{\"workflow_label\":\"Shop 2\"}"), 200);
	assert_text(fx, "workflow_label", "Shop 2");
	assert_text(fx, "features", "OCR + LIVENESS + PROOF_OF_ADDRESS + IP_ANALYSIS");
	assert_false(str_eq(reply_text(fx, "created_at"), reply_text(fx, "updated_at")));
	assert_int_equal(call_workflow(fx, "PATCH", id, "{\"features\":[\"AML\",\"PHONE\"]}"), 200);
	assert_text(fx, "features", "OCR + PHONE_VERIFICATION + AML + IP_ANALYSIS");
	assert_int_equal(
		call_workflow(fx, "PATCH", id, "{\"is_aml_enabled\":false,\"is_nfc_enabled\":true}"), 200);
	assert_text(fx, "features", "OCR + NFC + PHONE_VERIFICATION + IP_ANALYSIS");
	assert_text(fx, "workflow_label", "Shop 2");

	assert_int_equal(call_workflow(fx, "DELETE", id, NULL), 204);
	assert_int_equal(call_workflow(fx, "GET", id, NULL), 404);
	assert_int_equal(call_workflow(fx, "PATCH", id, "{}"), 404);
	assert_int_equal(call_workflow(fx, "DELETE", id, NULL), 404);
	assert_int_equal(list_count(fx, ""), 8);
}

static void invalid_workflows_are_refused(void **state)
{
	static const char *const bodies[] = { "[]", "{", "{\"workflow_label\":7}",
		"{\"workflow_type\":\"kyb\"}", "{\"status\":\"draft\"}", "{\"is_default\":\"yes\"}",
		"{\"is_aml_enabled\":1}", "{\"features\":[]}", "{\"features\":\"OCR\"}",
		"{\"features\":[{\"feature\":\"KYB_REGISTRY\"}]}", "{\"features\":[{\"feature\":\"\"}]}",
		"{\"features\":[\"OCR\",{}]}", "{\"features\":[7]}" };
	struct sandbox_fixture *const fx = *state;
	char id[UUID_SIZE];

	create_workflow(fx, "{\"is_face_match_enabled\":true}", id);
	for (size_t i = 0; i < array_len(bodies); i++) {
		if (fixture_call_with_key(fx, "POST", WORKFLOWS, bodies[i]) != 400 ||
			call_workflow(fx, "PATCH", id, bodies[i]) != 400)
			fail_msg("%s: %d", bodies[i], fx->reply.status);
	}
	assert_int_equal(list_count(fx, ""), 9);
	assert_text(fx, "results.0.features", "OCR + FACE_MATCH + IP_ANALYSIS");
}

static void sessions_have_the_checks_of_their_workflow(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;
	char id[UUID_SIZE], body[128];
	int64_t n;

	create_workflow(fx, "{\"features\":[\"OCR\",\"AML\"]}", id);
	(void)snprintf(body, sizeof(body), "{\"workflow_id\":\"%s\"}", id);
	fixture_create_v3(fx, body, &session);
	/* A session keeps the checks that the workflow had when it was created. */
	assert_int_equal(call_workflow(fx, "PATCH", id, "{\"features\":[\"OCR\"]}"), 200);
	assert_int_equal(
		fixture_call_with_key(fx, "GET", make_path("/v3/session/", session.id, "/decision/"), NULL),
		200);
	assert_text(fx, "workflow_id", id);
	n = (int64_t)json_count(json_get(fx->json, "features"));
	assert_int_equal(n, 3);
	assert_text(fx, "features.0", "ID_VERIFICATION");
	assert_text(fx, "features.1", "AML");
}

static void one_workflow_is_the_default(void **state)
{
	struct sandbox_fixture *const fx = *state;
	char first[UUID_SIZE], second[UUID_SIZE];

	create_workflow(fx, "{\"is_default\":true}", first);
	create_workflow(fx, "{\"is_default\":true}", second);
	assert_int_equal(list_count(fx, ""), 10);
	assert_bool(fx, "results.0.is_default", true);
	assert_bool(fx, "results.1.is_default", false);
	assert_bool(fx, "results.2.is_default", false);
	assert_int_equal(call_workflow(fx, "PATCH", first, "{\"is_default\":true}"), 200);
	assert_int_equal(call_workflow(fx, "GET", second, NULL), 200);
	assert_bool(fx, "is_default", false);
	assert_int_equal(call_workflow(fx, "DELETE", first, NULL), 204);
	assert_int_equal(call_workflow(fx, "GET", BUILT_IN_LAST, NULL), 200);
	assert_bool(fx, "is_default", true);
}

static void number_of_workflows_is_limited_and_the_list_has_pages(void **state)
{
	struct sandbox_fixture *const fx = *state;
	char id[UUID_SIZE], oldest[UUID_SIZE];

	create_workflow(fx, "{}", oldest);
	for (int i = 1; i < WORKFLOWS_MAX; i++)
		create_workflow(fx, "{}", id);
	assert_int_equal(fixture_call_with_key(fx, "POST", WORKFLOWS, "{}"), 400);
	assert_int_equal(list_count(fx, ""), WORKFLOWS_MAX + 8);
	assert_int_equal(json_count(json_get(fx->json, "results")), 50);
	assert_int_equal(list_count(fx, "?limit=2&offset=63"), WORKFLOWS_MAX + 8);
	assert_text(fx, "results.0.uuid", oldest);
	assert_text(fx, "results.1.uuid", BUILT_IN_LAST);
	assert_int_equal(json_kind_of(json_get(fx->json, "next")), JSON_KIND_TEXT);
	assert_int_equal(call_workflow(fx, "DELETE", oldest, NULL), 204);
	create_workflow(fx, "{}", id);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(built_in_workflows_are_listed_and_cannot_be_changed),
		TEST(workflow_is_created_read_changed_and_deleted),
		TEST(invalid_workflows_are_refused),
		TEST(sessions_have_the_checks_of_their_workflow),
		TEST(one_workflow_is_the_default),
		TEST(number_of_workflows_is_limited_and_the_list_has_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
