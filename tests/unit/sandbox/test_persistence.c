/* What a sandbox knew is known to the next one on the same shelf. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "box.h"
#include "memory_kv.h"
#include "sandbox/state/destinations.h"
#include "sandbox/webhooks/event_queue.h"

#define WORKFLOW "\"workflow_id\":\"00000000-0000-4000-8000-000000000008\""
#define HOOK "http://127.0.0.1:1/hook"

static struct memory_shelf memory;

static int setup(void **state)
{
	static struct box box;

	memory = (struct memory_shelf){ .base = { &memory_shelf_ops } };
	box_open(&box, 0);
	sandbox_close(box.sandbox);
	box.kv = &memory.base;
	assert_int_equal(box_begin(&box, 0), OK);
	box_login(&box);
	*state = &box;
	return 0;
}

static int teardown(void **state)
{
	box_close(*state);
	memory_rows_free(memory.kept);
	memory_rows_free(memory.draft);
	return 0;
}

/* As a program that was killed and started again. */
static void again(struct box *box)
{
	sandbox_close(box->sandbox);
	assert_int_equal(box_begin(box, 0), OK);
}

/* The text of an answer, kept. */
static char *said(struct box *box, const char *path)
{
	assert_int_equal(box_key(box, "GET", path, NULL), 200);

	char *const text = calloc(1, box->reply.body.n + 1);

	assert_non_null(text);
	memcpy(text, box->reply.body.p, box->reply.body.n);
	return text;
}

static void same_after_a_restart(struct box *box, const char *path)
{
	char whole[200];

	assert_true(str_copy_to(str_of(path), whole, sizeof(whole)));

	char *const before = said(box, whole);

	again(box);

	char *const now = said(box, whole);

	assert_string_equal(before, now);
	free(before);
	free(now);
}

static void each_outcome_is_told_alike_after_a_restart(void **state)
{
	static const char *const slugs[] = { "approve", "decline_minimum_age", "review_aml_possible_match",
		"decline_face_blocklist" };
	struct box *const box = *state;

	for (size_t i = 0; i < array_len(slugs); i++) {
		struct made_session made;
		char body[80];

		box_create_v3(box,
			"{" WORKFLOW
			",\"vendor_data\":\"ana \\u0001\\\"\",\"callback\":\"https://a.example/b?c=d\","
			"\"language\":\"pt\",\"metadata\":{\"a\":[1,2.50]},"
			"\"contact_details\":{\"email\":\"ana@example.com\"}}",
			&made);
		assert_true(snprintf(body, sizeof(body), "{\"scenario\":\"%s\"}", slugs[i]) > 0);
		assert_int_equal(box_call(box, "POST", box_path("/session/", made.token, "/submit"),
					 "Content-Type: application/json", body),
			200);
		same_after_a_restart(box, box_path("/v3/session/", made.id, "/decision/"));
	}
	same_after_a_restart(box, "/v3/sessions/");
}

static void a_decision_by_hand_is_told_alike_after_a_restart(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	box_create_v3(box, "{" WORKFLOW "}", &made);
	assert_int_equal(box_call(box, "POST", box_path("/session/", made.token, "/submit"),
				 "Content-Type: application/json", "{\"scenario\":\"decline\"}"),
		200);
	assert_int_equal(box_key(box, "PATCH", box_path("/v3/session/", made.id, "/update-status/"),
				 "{\"new_status\":\"Approved\",\"comment\":\"looked at \\u20ac\"}"),
		200);
	same_after_a_restart(box, box_path("/v3/session/", made.id, "/decision/"));
	assert_int_equal(box_key(box, "PATCH", box_path("/v3/session/", made.id, "/update-status/"),
				 "{\"new_status\":\"Resubmitted\"}"),
		200);
	same_after_a_restart(box, box_path("/v3/session/", made.id, "/decision/"));
}

static void what_was_corrected_blocked_and_shared_is_told_alike_after_a_restart(void **state)
{
	struct box *const box = *state;
	struct made_session made;
	char body[192];

	box_create_v3(box, "{" WORKFLOW "}", &made);
	assert_int_equal(
		box_call(box, "POST", box_path("/session/", made.token, "/submit"), NULL, NULL), 200);
	assert_int_equal(box_key(box, "PATCH", box_path("/v3/session/", made.id, "/update-data/"),
				 "{\"first_name\":\"Eva\",\"expiration_date\":\"2026-01-02\"}"),
		200);
	(void)snprintf(body, sizeof(body), "{\"session_id\":\"%s\",\"blocklist_face\":true}", made.id);
	assert_int_equal(box_key(box, "POST", "/v3/blocklist/add/", body), 200);
	assert_int_equal(box_key(box, "POST", box_path("/v3/session/", made.id, "/share/"), NULL), 200);
	assert_true(snprintf(body, sizeof(body), "{\"share_token\":\"%.*s\",\"trust_review\":true}",
			    STR_ARG(box_text(box, "share_token"))) > 0);
	same_after_a_restart(box, box_path("/v3/session/", made.id, "/decision/"));
	same_after_a_restart(box, "/v3/blocklist/");
	assert_int_equal(box_key(box, "POST", "/v3/session/import-shared/", body), 201);
	same_after_a_restart(box, "/v3/sessions/");
	assert_int_equal(box_key(box, "POST", "/v3/session/import-shared/", body), 403);
	/* the approval ends when it was to end */
	box->clock.wall += 172800000;
	assert_int_equal(box_key(box, "GET", "/v3/sessions/", NULL), 200);
	assert_int_equal(box_key(box, "GET", box_path("/v3/session/", made.id, "/decision/"), NULL), 200);
	assert_true(str_eq(box_text(box, "status"), STR("Kyc Expired")));
}

/* What it wrote has no members of later ones. */
static void the_session_of_an_older_program_is_known(void **state)
{
	static const char *const later[] = { "\"runs_out\":", "\"person\":", "\"share_until\":" };
	struct box *const box = *state;
	struct made_session made;

	box_create_v3(box, "{" WORKFLOW "}", &made);
	for (size_t i = 0; i < MEMORY_SHELF_MAX; i++) {
		struct memory_row *const row = &memory.kept[i];

		if (!row->kind || strcmp(row->kind, "session") != 0)
			continue;
		for (size_t k = 0; k < array_len(later); k++) {
			char *const at = memmem(row->bytes, row->n, later[k], strlen(later[k]));

			assert_non_null(at);
			at[1] = '-'; /* a name that nobody knows */
		}
	}
	same_after_a_restart(box, box_path("/v3/session/", made.id, "/decision/"));
}

static void numbers_go_on_even_when_the_newest_session_is_gone(void **state)
{
	struct box *const box = *state;
	struct made_session made;
	int64_t number = 0;

	for (int i = 0; i < 3; i++)
		box_create_v3(box, "{" WORKFLOW "}", &made);
	assert_int_equal(box_key(box, "DELETE", box_path("/v3/session/", made.id, "/delete/"), NULL), 204);
	again(box);
	assert_int_equal(box_key(box, "GET", box_path("/v3/session/", made.id, "/decision/"), NULL), 404);
	box_create_v3(box, "{" WORKFLOW "}", &made);
	assert_int_equal(box_key(box, "GET", box_path("/v3/session/", made.id, "/decision/"), NULL), 200);
	assert_true(json_int(json_get(box->json, "session_number"), &number));
	assert_int_equal(number, 4);
	assert_int_equal(memory_shelf_count(&memory, "session"), 3);
}

static void a_reused_session_keeps_its_new_callback(void **state)
{
	struct box *const box = *state;
	struct made_session first, second;

	box_create_v3(
		box, "{" WORKFLOW ",\"vendor_data\":\"v\",\"callback\":\"https://a.example/1\"}", &first);
	box_create_v3(
		box, "{" WORKFLOW ",\"vendor_data\":\"v\",\"callback\":\"https://a.example/2\"}", &second);
	assert_string_equal(first.id, second.id);
	again(box);
	assert_int_equal(box_key(box, "GET", box_path("/v3/session/", first.id, "/decision/"), NULL), 200);
	assert_true(str_eq(box_text(box, "callback"), STR("https://a.example/2")));
}

static void a_session_that_ran_out_by_itself_is_written_down(void **state)
{
	struct box *const box = *state;
	struct made_session made, other;

	box_create_v3(box, "{" WORKFLOW ",\"vendor_data\":\"v\"}", &made);
	again(box);
	box->clock.wall += days(8).ms;
	/* which looks for an unfinished one */
	box_create_v3(box, "{" WORKFLOW ",\"vendor_data\":\"v\"}", &other);
	assert_string_not_equal(made.id, other.id);
	again(box);
	box->clock.wall -= days(8).ms;
	assert_int_equal(box_key(box, "GET", box_path("/v3/session/", made.id, "/decision/"), NULL), 200);
	assert_true(str_eq(box_text(box, "status"), STR("Expired")));
}

static void access_tokens_hold_over_a_restart(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	for (int i = 0; i < 300; i++) /* more than are kept: the last one is */
		box_login(box);
	again(box);
	box_create(box, "{\"callback\":\"https://a.example/\"}", &made);
	for (int i = 0; i < 3; i++)
		box_login(box);
	again(box);
	box_create(box, "{\"callback\":\"https://a.example/\"}", &made);
}

static void destinations_keep_their_secrets(void **state)
{
	struct box *const box = *state;
	char id[UUID_SIZE], secret[64];

	for (int i = 0; i < 3; i++) {
		char body[120];

		assert_true(snprintf(body, sizeof(body),
				    "{\"label\":\"l%d\",\"url\":\"https://a.example/%d\","
				    "\"subscribed_events\":[\"status.updated\"]}",
				    i, i) > 0);
		assert_int_equal(box_key(box, "POST", "/v3/webhook/destinations/", body), 201);
		if (i == 0) {
			assert_true(str_copy_to(box_text(box, "uuid"), id, sizeof(id)));
			continue;
		}
		assert_true(str_copy_to(box_text(box, "secret_shared_key"), secret, sizeof(secret)));
	}
	assert_int_equal(box_key(box, "DELETE", box_path("/v3/webhook/destinations/", id, "/"), NULL), 204);
	same_after_a_restart(box, "/v3/webhook/destinations/");
	assert_int_equal(box_key(box, "GET", "/v3/webhook/destinations/", NULL), 200);
	assert_int_equal(json_count(box->json), 2);
	assert_true(str_copy_to(json_text(box_at(box, "1.uuid")), id, sizeof(id)));
	assert_int_equal(box_key(box, "GET", box_path("/v3/webhook/destinations/", id, "/"), NULL), 200);
	assert_true(str_eq(box_text(box, "secret_shared_key"), str_of(secret)));
	assert_true(secret[0]);
}

static void events_that_were_not_sent_wait_for_the_next_program(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	assert_int_equal(sandbox_register(box->sandbox, STR(HOOK), STR("secret"), STR("v3")), OK);
	box_create_v3(box, "{" WORKFLOW "}", &made);
	assert_int_equal(memory_shelf_count(&memory, "event"), 1);
	again(box);
	/* the same destination: they wait as they are */
	assert_int_equal(sandbox_register(box->sandbox, STR(HOOK), STR("secret"), STR("v3")), OK);
	assert_int_equal(memory_shelf_count(&memory, "event"), 1);

	struct memory_row *row = NULL;

	for (size_t i = 0; i < MEMORY_SHELF_MAX; i++)
		if (memory.kept[i].kind && strcmp(memory.kept[i].kind, "event") == 0)
			row = &memory.kept[i];
	assert_non_null(row);

	char *const before = strndup(row->bytes, row->n);

	assert_non_null(before);
	/* with another secret it is told again, signed with that */
	again(box);
	assert_int_equal(sandbox_register(box->sandbox, STR(HOOK), STR("another"), STR("v3")), OK);
	assert_int_equal(memory_shelf_count(&memory, "event"), 1);
	assert_int_equal(memory_shelf_count(&memory, "destination"), 1);
	for (size_t i = 0; i < MEMORY_SHELF_MAX; i++)
		if (memory.kept[i].kind && strcmp(memory.kept[i].kind, "event") == 0)
			row = &memory.kept[i];
	assert_true(row->n != strlen(before) || memcmp(row->bytes, before, row->n) != 0);
	free(before);
	/* with none all of it goes */
	again(box);
	assert_int_equal(sandbox_unregister(box->sandbox), OK);
	assert_int_equal(memory_shelf_count(&memory, "event"), 0);
	assert_int_equal(memory_shelf_count(&memory, "destination"), 0);
}

static int answer_now;
static int n_posts;
static char last_signature[80];

static int post(void *arg, const struct webhook_event *event)
{
	(void)arg;
	n_posts++;
	assert_true(str_copy_to(event->signatures[0].value, last_signature, sizeof(last_signature)));
	return answer_now;
}

static struct event_queue *open_queue(struct box *box)
{
	const struct event_queue_conf conf = {
		.clock = &box->clock.clock, .max = 10, .post = post, .kv = &memory.base
	};
	struct event_queue *queue;

	assert_int_equal(event_queue_open(&conf, &queue), OK);
	assert_int_equal(event_queue_load(queue), OK);
	return queue;
}

static void a_retry_goes_on_where_it_was(void **state)
{
	struct box *const box = *state;
	const struct webhook_event event = { .session = STR("s"),
		.url = STR(HOOK),
		.body = STR("{\"a\":1.50}"),
		.signatures = { { "X-Signature", STR("first") }, { "X-Signature-Simple", STR("x") } },
		.n_signatures = 2 };
	duration wait = minutes(9);
	struct event_queue *queue = open_queue(box);

	n_posts = 0;
	answer_now = 503;
	event_queue_add(queue, &event, FAULT_NONE, false);
	assert_true(event_queue_step(queue, &wait));
	event_queue_close(queue);

	queue = open_queue(box); /* one attempt was made: the second is a minute later */
	assert_int_equal(event_queue_waiting(queue), 1);
	box->clock.wall += EVENT_RETRY_1.ms - 1;
	assert_false(event_queue_step(queue, &wait));
	box->clock.wall += 1;
	assert_true(event_queue_step(queue, &wait));
	assert_string_equal(last_signature, "first");
	event_queue_close(queue);

	queue = open_queue(box);
	box->clock.wall += EVENT_RETRY_2.ms - 1;
	assert_false(event_queue_step(queue, &wait));
	box->clock.wall += 1;
	assert_true(event_queue_step(queue, &wait)); /* the third and last */
	assert_int_equal(event_queue_waiting(queue), 0);
	assert_int_equal(n_posts, 3);
	event_queue_close(queue);
	assert_int_equal(memory_shelf_count(&memory, "event"), 0);
}

static void what_was_delivered_is_not_kept(void **state)
{
	struct box *const box = *state;
	const struct webhook_event event = { .session = STR("s"),
		.url = STR(HOOK),
		.body = STR("{}"),
		.signatures = { { "X-Signature", STR("first") } },
		.n_signatures = 1 };
	duration wait = minutes(9);
	struct event_queue *const queue = open_queue(box);

	answer_now = 200;
	for (int i = 0; i < 12; i++) /* two more than there is room for */
		event_queue_add(queue, &event, FAULT_NONE, false);
	while (event_queue_step(queue, &wait))
		;
	assert_int_equal(memory_shelf_count(&memory, "event"), 0);
	event_queue_close(queue);
}

static void a_call_that_cannot_be_kept_is_refused_and_written_by_the_next(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	memory.fails = true;
	assert_int_equal(box_key(box, "POST", "/v3/session/", "{" WORKFLOW ",\"vendor_data\":\"v\"}"), 500);
	memory.fails = false;
	box_create_v3(box, "{" WORKFLOW ",\"vendor_data\":\"v\"}", &made);
	again(box);
	assert_int_equal(box_key(box, "GET", "/v3/sessions/", NULL), 200);
	assert_int_equal(memory_shelf_count(&memory, "session"), 1);
	assert_int_equal(box_key(box, "GET", box_path("/v3/session/", made.id, "/decision/"), NULL), 200);
}

static void what_changes_nothing_writes_nothing(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	box_create_v3(box, "{" WORKFLOW "}", &made);

	const size_t puts = memory.puts;

	for (int i = 0; i < 5; i++)
		assert_int_equal(
			box_key(box, "GET", box_path("/v3/session/", made.id, "/decision/"), NULL), 200);
	assert_int_equal(memory.puts, puts);
	again(box);
	assert_int_equal(box_key(box, "GET", box_path("/v3/session/", made.id, "/decision/"), NULL), 200);
	assert_int_equal(memory.puts, puts);
}

static void the_bound_holds_over_a_restart(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	for (int i = 0; i < 5; i++)
		box_create_v3(box, "{" WORKFLOW "}", &made);
	sandbox_close(box->sandbox);
	assert_int_equal(box_begin(box, 3), OK);
	assert_int_equal(box_key(box, "GET", "/v3/sessions/", NULL), 200);
	assert_int_equal(memory_shelf_count(&memory, "session"), 3);
}

static void a_shelf_that_is_not_of_our_making_is_refused(void **state)
{
	static const struct {
		const char *kind, *bytes;
	} rows[] = {
		{ "session", "" },
		{ "session", "{}" },
		{ "session", "{\"id\":1}" },
		{ "destination", "{\"url\":\"x\"}" },
		{ "token", "[]" },
		{ "number", "-1" },
		{ "event", "{\"session\":\"a\",\"url\":\"b\",\"body\":\"c\",\"signatures\":{}}" },
	};
	struct box *const box = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		sandbox_close(box->sandbox);
		box->sandbox = NULL;
		memory_begin(&memory.base);
		memory_put(&memory.base, rows[i].kind, 77, str_of(rows[i].bytes));
		assert_int_equal(memory_commit(&memory.base), OK);
		assert_int_equal(box_begin(box, 0), ERR_STORAGE);
		memory_begin(&memory.base);
		memory_drop(&memory.base, rows[i].kind, 77);
		assert_int_equal(memory_commit(&memory.base), OK);
		assert_int_equal(box_begin(box, 0), OK);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_outcome_is_told_alike_after_a_restart),
		TEST(a_decision_by_hand_is_told_alike_after_a_restart),
		TEST(what_was_corrected_blocked_and_shared_is_told_alike_after_a_restart),
		TEST(the_session_of_an_older_program_is_known),
		TEST(numbers_go_on_even_when_the_newest_session_is_gone),
		TEST(a_reused_session_keeps_its_new_callback),
		TEST(a_session_that_ran_out_by_itself_is_written_down),
		TEST(access_tokens_hold_over_a_restart),
		TEST(destinations_keep_their_secrets),
		TEST(events_that_were_not_sent_wait_for_the_next_program),
		TEST(a_retry_goes_on_where_it_was),
		TEST(what_was_delivered_is_not_kept),
		TEST(a_call_that_cannot_be_kept_is_refused_and_written_by_the_next),
		TEST(what_changes_nothing_writes_nothing),
		TEST(the_bound_holds_over_a_restart),
		TEST(a_shelf_that_is_not_of_our_making_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
