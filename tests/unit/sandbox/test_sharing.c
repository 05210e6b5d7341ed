#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "box.h"

#define FULL "{\"workflow_id\":\"1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80\"}"
#define HOUR 3600000

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

static void finish(struct box *box, const char *scenario, struct made_session *made)
{
	char body[96];

	box_create_v3(box, FULL, made);
	(void)snprintf(body, sizeof(body), "{\"scenario\":\"%s\"}", scenario);
	assert_int_equal(
		box_call(box, "POST", box_path("/session/", made->token, "/submit"), &BOX_JSON[1], body),
		200);
}

static void share(struct box *box, const struct made_session *made, char token[80])
{
	assert_int_equal(box_key(box, "POST", box_path("/v3/session/", made->id, "/share/"), "{}"), 200);
	assert_true(str_copy_to(box_text(box, "share_token"), token, 80));
}

static int import(struct box *box, const char *token, const char *members)
{
	char body[256];

	(void)snprintf(
		body, sizeof(body), "{\"share_token\":\"%s\"%s%s}", token, *members ? "," : "", members);
	return box_key(box, "POST", "/v3/session/import-shared/", body);
}

static void finished_ones_are_shared(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	box_create_v3(box, FULL, &made);
	assert_int_equal(box_key(box, "POST", box_path("/v3/session/", made.id, "/share/"), "{}"), 400);
	assert_int_equal(box_key(box, "POST", "/v3/session/x/share/", "{}"), 404);
	finish(box, "approve", &made);
	assert_int_equal(box_key(box, "POST", box_path("/v3/session/", made.id, "/share/"),
				 "{\"for_application_id\":\"partner\"}"),
		400);
	assert_int_equal(box_key(box, "POST", box_path("/v3/session/", made.id, "/share/"),
				 "{\"for_application_id\":\"a5f3bca2-46e2-411e-90ef-a580900a57ee\"}"),
		200);
	assert_true(str_eq(box_text(box, "session_kind"), STR("user")));
	assert_true(str_eq(box_text(box, "for_application_id"), STR("a5f3bca2-46e2-411e-90ef-a580900a57ee")));
}

static void one_is_imported_once_with_all_that_was_found(void **state)
{
	struct box *const box = *state;
	struct made_session made;
	char token[80], id[40], name[64];

	finish(box, "decline_face_blocklist", &made);
	assert_int_equal(box_key(box, "GET", box_path("/v3/session/", made.id, "/decision/"), NULL), 200);
	assert_true(str_copy_to(json_text(box_at(box, "id_verifications.0.full_name")), name, sizeof(name)));
	share(box, &made, token);
	assert_int_equal(import(box, token,
				 "\"trust_review\":true,\"vendor_data\":\"user-9\","
				 "\"workflow_id\":\"00000000-0000-4000-8000-000000000002\""),
		201);
	assert_true(str_eq(box_text(box, "status"), STR("Declined")));
	assert_true(str_eq(box_text(box, "vendor_data"), STR("user-9")));
	assert_true(str_eq(box_text(box, "workflow_id"), STR("00000000-0000-4000-8000-000000000002")));
	assert_int_equal(json_kind_of(json_get(box->json, "session_url")), JSON_KIND_NULL);
	assert_true(str_copy_to(box_text(box, "session_id"), id, sizeof(id)));
	assert_string_not_equal(id, made.id);
	assert_int_equal(import(box, token, ""), 403);

	assert_int_equal(box_key(box, "GET", box_path("/v3/session/", id, "/decision/"), NULL), 200);
	assert_true(str_eq(
		json_text(box_at(box, "liveness_checks.0.warnings.0.risk")), STR("FACE_IN_BLOCKLIST")));
	assert_true(str_eq(json_text(box_at(box, "id_verifications.0.full_name")), str_of(name)));
}

static void without_trust_somebody_looks_at_it(void **state)
{
	struct box *const box = *state;
	struct made_session made;
	char token[80];

	finish(box, "approve", &made);
	share(box, &made, token);
	assert_int_equal(import(box, token, ""), 201);
	assert_true(str_eq(box_text(box, "status"), STR("In Review")));
	assert_true(str_eq(box_text(box, "workflow_id"), STR("1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80")));
}

static void tokens_are_checked(void **state)
{
	struct box *const box = *state;
	struct made_session made;
	char token[80], before[80];

	finish(box, "approve", &made);
	assert_int_equal(import(box, "", ""), 400);
	assert_int_equal(import(box, "nobody", ""), 401);
	share(box, &made, before);
	share(box, &made, token);
	assert_int_equal(import(box, before, ""), 401); /* the newer one took its place */
	assert_int_equal(import(box, token, "\"trust_review\":\"yes\""), 400);
	assert_int_equal(import(box, token, "\"workflow_id\":\"seven\""), 400);
	box->clock.wall += HOUR;
	assert_int_equal(import(box, token, ""), 401);
	box->clock.wall -= 1;
	assert_int_equal(import(box, token, ""), 201);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(finished_ones_are_shared),
		TEST(one_is_imported_once_with_all_that_was_found),
		TEST(without_trust_somebody_looks_at_it),
		TEST(tokens_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
