#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "box.h"

#define FULL "{\"workflow_id\":\"1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80\"}"
#define BARE "{\"workflow_id\":\"00000000-0000-4000-8000-000000000001\"}"

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

static void finish(struct box *box, const char *workflow, struct made_session *made)
{
	box_create_v3(box, workflow, made);
	assert_int_equal(
		box_call(box, "POST", box_path("/session/", made->token, "/submit"), NULL, NULL), 200);
}

static int blocklist(struct box *box, const char *call, const struct made_session *made, const char *members)
{
	char body[256];

	(void)snprintf(
		body, sizeof(body), "{\"session_id\":\"%s\"%s%s}", made->id, *members ? "," : "", members);
	return box_key(box, "POST", box_path("/v3/blocklist/", call, ""), body);
}

static int64_t listed(struct box *box, const char *query)
{
	int64_t n = -1;

	assert_int_equal(box_key(box, "GET", box_path("/v3/blocklist/", query, ""), NULL), 200);
	assert_true(json_int(json_get(box->json, "count"), &n));
	return n;
}

static void bodies_are_checked(void **state)
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
	} without[] = {
		{ "{\"blocklist_face\":true}", 400 },
		{ "{\"session_id\":\"seven\",\"blocklist_face\":true}", 400 },
		{ "{\"session_id\":\"7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b\",\"blocklist_face\":true}", 404 },
	};
	struct box *const box = *state;
	struct made_session made;

	finish(box, FULL, &made);
	for (size_t i = 0; i < array_len(rows); i++)
		if (blocklist(box, rows[i].call, &made, rows[i].members) != rows[i].status)
			fail_msg("%s %s: %d", rows[i].call, rows[i].members, box->reply.status);
	for (size_t i = 0; i < array_len(without); i++)
		assert_int_equal(
			box_key(box, "POST", "/v3/blocklist/add/", without[i].body), without[i].status);
	assert_int_equal(box_key(box, "GET", "/v3/blocklist/?item_type=wallet", NULL), 400);
}

static void only_what_has_run_can_be_blocked(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	box_create_v3(box, FULL, &made);
	assert_int_equal(blocklist(box, "add/", &made, "\"blocklist_document\":true"), 400);
	finish(box, BARE, &made);
	assert_int_equal(
		blocklist(box, "add/", &made, "\"blocklist_document\":true,\"blocklist_phone\":true"), 400);
	assert_true(listed(box, "") == 0);
	assert_int_equal(blocklist(box, "add/", &made, "\"blocklist_document\":true"), 200);
	assert_true(listed(box, "") == 1);
}

static void it_is_listed_until_it_is_removed(void **state)
{
	static const char *const all = "\"blocklist_face\":true,\"blocklist_document\":true,"
				       "\"blocklist_phone\":true,\"blocklist_email\":true";
	struct box *const box = *state;
	struct made_session made[2];

	finish(box, FULL, &made[0]);
	finish(box, FULL, &made[1]);
	assert_int_equal(blocklist(box, "add/", &made[0], all), 200);
	box->clock.wall += 1000;
	assert_int_equal(blocklist(box, "add/", &made[0], "\"blocklist_face\":true"), 200);
	assert_int_equal(blocklist(box, "add/", &made[1], "\"blocklist_document\":true"), 200);
	assert_true(listed(box, "") == 5);
	assert_true(listed(box, "?item_type=document&limit=1") == 2);
	assert_true(str_eq(json_text(box_at(box, "results.0.session_id")), str_of(made[1].id)));
	assert_true(str_eq(json_text(box_at(box, "results.0.type")), STR("document")));
	assert_true(str_eq(json_text(box_at(box, "results.0.document_number")), STR("XX0000003")));
	assert_true(
		str_eq(json_text(box_at(box, "results.0.blocklisted_at")), STR("2026-01-01T00:00:01.000Z")));
	assert_true(str_eq(box_text(box, "next"), STR("http://127.0.0.1:8080/sandbox/didit/v3/blocklist/"
						      "?limit=1&offset=1&item_type=document")));
	assert_true(listed(box, "?item_type=face") == 1);
	assert_true(
		str_eq(json_text(box_at(box, "results.0.blocklisted_at")), STR("2026-01-01T00:00:00.000Z")));
	assert_int_equal(json_kind_of(box_at(box, "results.0.document_number")), JSON_KIND_NULL);
	assert_true(listed(box, "?item_type=email") == 1);
	assert_true(str_eq(json_text(box_at(box, "results.0.email")), STR("jose.nandu@example.com")));
	assert_int_equal(
		blocklist(box, "remove/", &made[0], "\"unblock_face\":true,\"unblock_document\":true"), 200);
	assert_true(listed(box, "?item_type=face") == 0);
	assert_true(listed(box, "") == 3);

	/* how the next check ends is chosen as before */
	finish(box, FULL, &made[1]);
	assert_true(str_eq(box_text(box, "status"), STR("Approved")));
}

static void notes_are_kept_and_decide_nothing(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	finish(box, FULL, &made);

	const char *const path = box_path("/v3/sessions/", made.id, "/reviews/");

	assert_int_equal(box_key(box, "GET", path, NULL), 200);
	assert_int_equal(json_count(box->json), 0);
	assert_int_equal(box_key(box, "POST", path, "{}"), 400);
	assert_int_equal(box_key(box, "POST", path, "{\"comment\":7}"), 400);
	assert_int_equal(box_key(box, "POST", path, "{\"comment\":\"Looks fine\"}"), 201);
	assert_true(str_eq(box_text(box, "comment"), STR("Looks fine")));
	assert_true(str_eq(box_text(box, "new_status"), STR("Approved")));
	assert_int_equal(box_key(box, "POST", path, "{\"comment\":\"Twice\"}"), 201);
	assert_true(str_eq(box_text(box, "comment"), STR("Twice")));
	assert_int_equal(box_key(box, "GET", path, NULL), 200);
	assert_int_equal(json_count(box->json), 2);
	assert_int_equal(box_key(box, "GET", "/v3/sessions/x/reviews/", NULL), 404);
	assert_int_equal(box_key(box, "POST", "/v3/sessions/x/reviews/", "{\"comment\":\"?\"}"), 404);
	assert_int_equal(box_key(box, "GET", box_path("/v3/session/", made.id, "/decision/"), NULL), 200);
	assert_true(str_eq(box_text(box, "status"), STR("Approved")));
	assert_true(str_eq(json_text(box_at(box, "reviews.1.comment")), STR("Twice")));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bodies_are_checked),
		TEST(only_what_has_run_can_be_blocked),
		TEST(it_is_listed_until_it_is_removed),
		TEST(notes_are_kept_and_decide_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
