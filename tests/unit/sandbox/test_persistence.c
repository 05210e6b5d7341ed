/* Tests that a sandbox with a kv store has the same state after a restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "memory_kv.h"
#include "sandbox/state/destinations.h"
#include "sandbox/webhooks/event_queue.h"
#include "sandbox_fixture.h"

#define WORKFLOW "\"workflow_id\":\"00000000-0000-4000-8000-000000000008\""
#define WEBHOOK_URL "http://127.0.0.1:1/hook"

static struct memory_kv store;

static int setup(void **state)
{
	static struct sandbox_fixture fx;

	store = (struct memory_kv){ .base = { &memory_kv_ops } };
	fixture_open(&fx, 0);
	sandbox_close(fx.sandbox);
	fx.kv = &store.base;
	assert_int_equal(fixture_open_sandbox(&fx, 0), OK);
	fixture_get_token(&fx);
	*state = &fx;
	return 0;
}

static int teardown(void **state)
{
	fixture_close(*state);
	memory_kv_rows_free(store.committed);
	memory_kv_rows_free(store.pending);
	return 0;
}

/* Closes the sandbox and opens another one on the same kv store. */
static void restart_sandbox(struct sandbox_fixture *fx)
{
	sandbox_close(fx->sandbox);
	assert_int_equal(fixture_open_sandbox(fx, 0), OK);
}

/* Returns a copy of the reply body. The caller frees it. */
static char *get_body(struct sandbox_fixture *fx, const char *path)
{
	assert_int_equal(fixture_call_with_key(fx, "GET", path, NULL), 200);

	char *const text = calloc(1, fx->reply.body.n + 1);

	assert_non_null(text);
	memcpy(text, fx->reply.body.p, fx->reply.body.n);
	return text;
}

static void assert_same_after_restart(struct sandbox_fixture *fx, const char *path)
{
	char path_copy[200];

	assert_true(str_copy_to(str_of(path), path_copy, sizeof(path_copy)));

	char *const before = get_body(fx, path_copy);

	restart_sandbox(fx);

	char *const after = get_body(fx, path_copy);

	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void decisions_survive_a_restart(void **state)
{
	static const char *const slugs[] = { "approve", "decline_minimum_age", "review_aml_possible_match",
		"decline_face_blocklist" };
	struct sandbox_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(slugs); i++) {
		struct session_ref session;
		char body[80];

		fixture_create_v3(fx,
			"{" WORKFLOW
			",\"vendor_data\":\"ana \\u0001\\\"\",\"callback\":\"https://a.example/b?c=d\","
			"\"language\":\"pt\",\"metadata\":{\"a\":[1,2.50]},"
			"\"contact_details\":{\"email\":\"ana@example.com\"}}",
			&session);
		assert_true(snprintf(body, sizeof(body), "{\"scenario\":\"%s\"}", slugs[i]) > 0);
		assert_int_equal(fixture_call(fx, "POST", make_path("/session/", session.token, "/submit"),
					 "Content-Type: application/json", body),
			200);
		assert_same_after_restart(fx, make_path("/v3/session/", session.id, "/decision/"));
	}
	assert_same_after_restart(fx, "/v3/sessions/");
}

static void manual_decisions_survive_a_restart(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	fixture_create_v3(fx, "{" WORKFLOW "}", &session);
	assert_int_equal(fixture_call(fx, "POST", make_path("/session/", session.token, "/submit"),
				 "Content-Type: application/json", "{\"scenario\":\"decline\"}"),
		200);
	assert_int_equal(
		fixture_call_with_key(fx, "PATCH", make_path("/v3/session/", session.id, "/update-status/"),
			"{\"new_status\":\"Approved\",\"comment\":\"looked at \\u20ac\"}"),
		200);
	assert_same_after_restart(fx, make_path("/v3/session/", session.id, "/decision/"));
	assert_int_equal(
		fixture_call_with_key(fx, "PATCH", make_path("/v3/session/", session.id, "/update-status/"),
			"{\"new_status\":\"Resubmitted\"}"),
		200);
	assert_same_after_restart(fx, make_path("/v3/session/", session.id, "/decision/"));
}

static void corrections_blocklist_and_shares_survive_a_restart(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;
	char body[192];

	fixture_create_v3(fx, "{" WORKFLOW "}", &session);
	assert_int_equal(fixture_call(fx, "POST", make_path("/session/", session.token, "/submit"),
				 JSON_HEADER, "{\"scenario\":\"approve\"}"),
		200);
	assert_int_equal(
		fixture_call_with_key(fx, "PATCH", make_path("/v3/session/", session.id, "/update-data/"),
			"{\"first_name\":\"Eva\",\"expiration_date\":\"2026-01-02\"}"),
		200);
	(void)snprintf(body, sizeof(body), "{\"session_id\":\"%s\",\"blocklist_face\":true}", session.id);
	assert_int_equal(fixture_call_with_key(fx, "POST", "/v3/blocklist/add/", body), 200);
	assert_int_equal(
		fixture_call_with_key(fx, "POST", make_path("/v3/session/", session.id, "/share/"), NULL),
		200);
	assert_true(snprintf(body, sizeof(body), "{\"share_token\":\"%.*s\",\"trust_review\":true}",
			    STR_ARG(reply_text(fx, "share_token"))) > 0);
	assert_same_after_restart(fx, make_path("/v3/session/", session.id, "/decision/"));
	assert_same_after_restart(fx, make_path("/v3/session/", session.id, "/decision/?include=events"));
	assert_int_equal(json_count(json_get(fx->json, "events")), 3);
	assert_same_after_restart(fx, "/v3/blocklist/");
	assert_int_equal(fixture_call_with_key(fx, "POST", "/v3/session/import-shared/", body), 201);
	assert_same_after_restart(fx, "/v3/sessions/");
	assert_int_equal(fixture_call_with_key(fx, "POST", "/v3/session/import-shared/", body), 403);
	/* The expiry of the approval was saved too. */
	fx->clock.wall += 172800000;
	assert_int_equal(fixture_call_with_key(fx, "GET", "/v3/sessions/", NULL), 200);
	assert_int_equal(
		fixture_call_with_key(fx, "GET", make_path("/v3/session/", session.id, "/decision/"), NULL),
		200);
	assert_true(str_eq(reply_text(fx, "status"), STR("Kyc Expired")));
}

/* An older version saved sessions without the fields that were added later. */
static void session_saved_by_an_older_version_is_loaded(void **state)
{
	static const char *const later_fields[] = { "\"runs_out\":", "\"person\":", "\"share_until\":" };
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	fixture_create_v3(fx, "{" WORKFLOW "}", &session);
	for (size_t i = 0; i < MEMORY_KV_ROWS; i++) {
		struct memory_kv_row *const row = &store.committed[i];

		if (!row->kind || strcmp(row->kind, "session") != 0)
			continue;
		for (size_t k = 0; k < array_len(later_fields); k++) {
			char *const at = memmem(row->bytes, row->n, later_fields[k], strlen(later_fields[k]));

			assert_non_null(at);
			at[1] = '-'; /* an unknown name, which is ignored */
		}
	}
	assert_same_after_restart(fx, make_path("/v3/session/", session.id, "/decision/"));
}

static void session_numbers_continue_after_the_newest_was_deleted(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;
	int64_t number = 0;

	for (int i = 0; i < 3; i++)
		fixture_create_v3(fx, "{" WORKFLOW "}", &session);
	assert_int_equal(
		fixture_call_with_key(fx, "DELETE", make_path("/v3/session/", session.id, "/delete/"), NULL),
		200);
	restart_sandbox(fx);
	assert_int_equal(
		fixture_call_with_key(fx, "GET", make_path("/v3/session/", session.id, "/decision/"), NULL),
		404);
	fixture_create_v3(fx, "{" WORKFLOW "}", &session);
	assert_int_equal(
		fixture_call_with_key(fx, "GET", make_path("/v3/session/", session.id, "/decision/"), NULL),
		200);
	assert_true(json_int(json_get(fx->json, "session_number"), &number));
	assert_int_equal(number, 4);
	assert_int_equal(memory_kv_count(&store, "session"), 3);
}

static void new_callback_of_a_reused_session_survives_a_restart(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref first, second;

	fixture_create_v3(
		fx, "{" WORKFLOW ",\"vendor_data\":\"v\",\"callback\":\"https://a.example/1\"}", &first);
	fixture_create_v3(
		fx, "{" WORKFLOW ",\"vendor_data\":\"v\",\"callback\":\"https://a.example/2\"}", &second);
	assert_string_equal(first.id, second.id);
	restart_sandbox(fx);
	assert_int_equal(
		fixture_call_with_key(fx, "GET", make_path("/v3/session/", first.id, "/decision/"), NULL),
		200);
	assert_true(str_eq(reply_text(fx, "callback"), STR("https://a.example/2")));
}

static void expiry_during_a_create_is_saved(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session, other;

	fixture_create_v3(fx, "{" WORKFLOW ",\"vendor_data\":\"v\"}", &session);
	restart_sandbox(fx);
	fx->clock.wall += days(8).ms;
	/* This create searches for an unfinished session with the same vendor_data. It finds the first
	 * session and sets it to Expired. */
	fixture_create_v3(fx, "{" WORKFLOW ",\"vendor_data\":\"v\"}", &other);
	assert_string_not_equal(session.id, other.id);
	restart_sandbox(fx);
	fx->clock.wall -= days(8).ms;
	assert_int_equal(
		fixture_call_with_key(fx, "GET", make_path("/v3/session/", session.id, "/decision/"), NULL),
		200);
	assert_true(str_eq(reply_text(fx, "status"), STR("Expired")));
}

static void newest_access_tokens_survive_a_restart(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	for (int i = 0; i < 300; i++) /* more than TOKENS_MAX: only the newest are kept */
		fixture_get_token(fx);
	restart_sandbox(fx);
	fixture_create_v1(fx, "{\"callback\":\"https://a.example/\"}", &session);
	for (int i = 0; i < 3; i++)
		fixture_get_token(fx);
	restart_sandbox(fx);
	fixture_create_v1(fx, "{\"callback\":\"https://a.example/\"}", &session);
}

static void workflows_survive_a_restart(void **state)
{
	struct sandbox_fixture *const fx = *state;
	char id[UUID_SIZE];

	assert_int_equal(fixture_call_with_key(fx, "POST", "/v3/workflows/",
				 "{\"workflow_label\":\"Shop\",\"is_default\":true,\"features\":[\"AML\"]}"),
		201);
	assert_true(str_copy_to(reply_text(fx, "uuid"), id, sizeof(id)));
	assert_int_equal(fixture_call_with_key(fx, "POST", "/v3/workflows/", "{}"), 201);
	assert_same_after_restart(fx, "/v3/workflows/");
	assert_int_equal(
		fixture_call_with_key(fx, "DELETE", make_path("/v3/workflows/", id, "/"), NULL), 204);
	assert_same_after_restart(fx, "/v3/workflows/");
	assert_int_equal(fixture_call_with_key(fx, "GET", make_path("/v3/workflows/", id, "/"), NULL), 404);
}

static void destinations_and_secrets_survive_a_restart(void **state)
{
	struct sandbox_fixture *const fx = *state;
	char id[UUID_SIZE], secret[64];

	for (int i = 0; i < 3; i++) {
		char body[120];

		assert_true(snprintf(body, sizeof(body),
				    "{\"label\":\"l%d\",\"url\":\"https://a.example/%d\","
				    "\"subscribed_events\":[\"status.updated\"]}",
				    i, i) > 0);
		assert_int_equal(fixture_call_with_key(fx, "POST", "/v3/webhook/destinations/", body), 201);
		if (i == 0) {
			assert_true(str_copy_to(reply_text(fx, "uuid"), id, sizeof(id)));
			continue;
		}
		assert_true(str_copy_to(reply_text(fx, "secret_shared_key"), secret, sizeof(secret)));
	}
	assert_int_equal(
		fixture_call_with_key(fx, "DELETE", make_path("/v3/webhook/destinations/", id, "/"), NULL),
		204);
	assert_same_after_restart(fx, "/v3/webhook/destinations/");
	assert_int_equal(fixture_call_with_key(fx, "GET", "/v3/webhook/destinations/", NULL), 200);
	assert_int_equal(json_count(fx->json), 2);
	assert_true(str_copy_to(json_text(reply_at(fx, "1.uuid")), id, sizeof(id)));
	assert_int_equal(
		fixture_call_with_key(fx, "GET", make_path("/v3/webhook/destinations/", id, "/"), NULL), 200);
	assert_true(str_eq(reply_text(fx, "secret_shared_key"), str_of(secret)));
	assert_true(secret[0]);
}

static void unsent_events_survive_a_restart_and_follow_the_configured_destination(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	assert_int_equal(sandbox_register(fx->sandbox, STR(WEBHOOK_URL), STR("secret"), STR("v3")), OK);
	fixture_create_v3(fx, "{" WORKFLOW "}", &session);
	assert_int_equal(memory_kv_count(&store, "event"), 1);
	restart_sandbox(fx);
	/* If the same destination is registered again, the waiting event stays unchanged. */
	assert_int_equal(sandbox_register(fx->sandbox, STR(WEBHOOK_URL), STR("secret"), STR("v3")), OK);
	assert_int_equal(memory_kv_count(&store, "event"), 1);

	struct memory_kv_row *row = NULL;

	for (size_t i = 0; i < MEMORY_KV_ROWS; i++)
		if (store.committed[i].kind && strcmp(store.committed[i].kind, "event") == 0)
			row = &store.committed[i];
	assert_non_null(row);

	char *const before = strndup(row->bytes, row->n);

	assert_non_null(before);
	/* If the destination is registered with another secret, the waiting event is signed again. */
	restart_sandbox(fx);
	assert_int_equal(sandbox_register(fx->sandbox, STR(WEBHOOK_URL), STR("another"), STR("v3")), OK);
	assert_int_equal(memory_kv_count(&store, "event"), 1);
	assert_int_equal(memory_kv_count(&store, "destination"), 1);
	for (size_t i = 0; i < MEMORY_KV_ROWS; i++)
		if (store.committed[i].kind && strcmp(store.committed[i].kind, "event") == 0)
			row = &store.committed[i];
	assert_true(row->n != strlen(before) || memcmp(row->bytes, before, row->n) != 0);
	free(before);
	/* If no destination is registered, the waiting event is removed. */
	restart_sandbox(fx);
	assert_int_equal(sandbox_unregister(fx->sandbox), OK);
	assert_int_equal(memory_kv_count(&store, "event"), 0);
	assert_int_equal(memory_kv_count(&store, "destination"), 0);
}

static int post_status;
static int post_count;
static char last_signature[80];

static int record_post(void *arg, const struct webhook_event *event)
{
	(void)arg;
	post_count++;
	assert_true(str_copy_to(event->signatures[0].value, last_signature, sizeof(last_signature)));
	return post_status;
}

static struct event_queue *open_queue(struct sandbox_fixture *fx)
{
	const struct event_queue_conf conf = {
		.clock = &fx->clock.clock, .max = 10, .post = record_post, .kv = &store.base
	};
	struct event_queue *queue;

	assert_int_equal(event_queue_open(&conf, &queue), OK);
	assert_int_equal(event_queue_load(queue), OK);
	return queue;
}

static void retries_continue_after_a_restart(void **state)
{
	struct sandbox_fixture *const fx = *state;
	const struct webhook_event event = { .session = STR("s"),
		.url = STR(WEBHOOK_URL),
		.body = STR("{\"a\":1.50}"),
		.signatures = { { "X-Signature", STR("first") }, { "X-Signature-Simple", STR("x") } },
		.n_signatures = 2 };
	duration wait = minutes(9);
	struct event_queue *queue = open_queue(fx);

	post_count = 0;
	post_status = 503;
	event_queue_add(queue, &event, FAULT_NONE, false);
	assert_true(event_queue_step(queue, &wait));
	event_queue_close(queue);

	queue = open_queue(fx); /* one attempt was made; the second follows after a minute */
	assert_int_equal(event_queue_waiting(queue), 1);
	fx->clock.wall += EVENT_RETRY_1.ms - 1;
	assert_false(event_queue_step(queue, &wait));
	fx->clock.wall += 1;
	assert_true(event_queue_step(queue, &wait));
	assert_string_equal(last_signature, "first");
	event_queue_close(queue);

	queue = open_queue(fx);
	fx->clock.wall += EVENT_RETRY_2.ms - 1;
	assert_false(event_queue_step(queue, &wait));
	fx->clock.wall += 1;
	assert_true(event_queue_step(queue, &wait)); /* the third and last attempt */
	assert_int_equal(event_queue_waiting(queue), 0);
	assert_int_equal(post_count, 3);
	event_queue_close(queue);
	assert_int_equal(memory_kv_count(&store, "event"), 0);
}

static void delivered_events_are_removed_from_the_store(void **state)
{
	struct sandbox_fixture *const fx = *state;
	const struct webhook_event event = { .session = STR("s"),
		.url = STR(WEBHOOK_URL),
		.body = STR("{}"),
		.signatures = { { "X-Signature", STR("first") } },
		.n_signatures = 1 };
	duration wait = minutes(9);
	struct event_queue *const queue = open_queue(fx);

	post_status = 200;
	for (int i = 0; i < 12; i++) /* two more than the queue's limit */
		event_queue_add(queue, &event, FAULT_NONE, false);
	while (event_queue_step(queue, &wait))
		;
	assert_int_equal(memory_kv_count(&store, "event"), 0);
	event_queue_close(queue);
}

static void call_fails_if_the_store_fails_and_the_next_call_saves_its_changes(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	store.fails = true;
	assert_int_equal(
		fixture_call_with_key(fx, "POST", "/v3/session/", "{" WORKFLOW ",\"vendor_data\":\"v\"}"),
		500);
	store.fails = false;
	fixture_create_v3(fx, "{" WORKFLOW ",\"vendor_data\":\"v\"}", &session);
	restart_sandbox(fx);
	assert_int_equal(fixture_call_with_key(fx, "GET", "/v3/sessions/", NULL), 200);
	assert_int_equal(memory_kv_count(&store, "session"), 1);
	assert_int_equal(
		fixture_call_with_key(fx, "GET", make_path("/v3/session/", session.id, "/decision/"), NULL),
		200);
}

static void reads_write_nothing(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	fixture_create_v3(fx, "{" WORKFLOW "}", &session);

	const size_t puts = store.puts;

	for (int i = 0; i < 5; i++)
		assert_int_equal(fixture_call_with_key(fx, "GET",
					 make_path("/v3/session/", session.id, "/decision/"), NULL),
			200);
	assert_int_equal(store.puts, puts);
	restart_sandbox(fx);
	assert_int_equal(
		fixture_call_with_key(fx, "GET", make_path("/v3/session/", session.id, "/decision/"), NULL),
		200);
	assert_int_equal(store.puts, puts);
}

static void session_limit_applies_to_loaded_sessions(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	for (int i = 0; i < 5; i++)
		fixture_create_v3(fx, "{" WORKFLOW "}", &session);
	sandbox_close(fx->sandbox);
	assert_int_equal(fixture_open_sandbox(fx, 3), OK);
	assert_int_equal(fixture_call_with_key(fx, "GET", "/v3/sessions/", NULL), 200);
	assert_int_equal(memory_kv_count(&store, "session"), 3);
}

static void invalid_stored_rows_are_rejected(void **state)
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
	struct sandbox_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		sandbox_close(fx->sandbox);
		fx->sandbox = NULL;
		memory_kv_begin(&store.base);
		memory_kv_put(&store.base, rows[i].kind, 77, str_of(rows[i].bytes));
		assert_int_equal(memory_kv_commit(&store.base), OK);
		assert_int_equal(fixture_open_sandbox(fx, 0), ERR_STORAGE);
		memory_kv_begin(&store.base);
		memory_kv_drop(&store.base, rows[i].kind, 77);
		assert_int_equal(memory_kv_commit(&store.base), OK);
		assert_int_equal(fixture_open_sandbox(fx, 0), OK);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(decisions_survive_a_restart),
		TEST(manual_decisions_survive_a_restart),
		TEST(corrections_blocklist_and_shares_survive_a_restart),
		TEST(session_saved_by_an_older_version_is_loaded),
		TEST(session_numbers_continue_after_the_newest_was_deleted),
		TEST(new_callback_of_a_reused_session_survives_a_restart),
		TEST(expiry_during_a_create_is_saved),
		TEST(newest_access_tokens_survive_a_restart),
		TEST(workflows_survive_a_restart),
		TEST(destinations_and_secrets_survive_a_restart),
		TEST(unsent_events_survive_a_restart_and_follow_the_configured_destination),
		TEST(retries_continue_after_a_restart),
		TEST(delivered_events_are_removed_from_the_store),
		TEST(call_fails_if_the_store_fails_and_the_next_call_saves_its_changes),
		TEST(reads_write_nothing),
		TEST(session_limit_applies_to_loaded_sessions),
		TEST(invalid_stored_rows_are_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
