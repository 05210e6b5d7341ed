#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/lock.h"
#include "http/server.h"
#include "sandbox_fixture.h"
#include "text/encode.h"

#define SECRET "whsec-test-0123456789-0123456789-0123456789"
#define RECEIVED_MAX 32

/* A webhook event as the destination received it. */
struct received_event {
	char body[8192], status[16], signature[80], timestamp[24], agent[64], type[32];
	bool signature_matches;
};

/* A webhook destination on loopback, and a sandbox that sends its events there. */
struct webhook_fixture {
	struct sandbox_fixture base;
	struct server *server;
	struct lock lock;
	struct cond event_received;
	struct received_event received[RECEIVED_MAX];
	size_t n;
	int response_status; /* the destination's status for every event */
};

static int64_t fixed_ticks(void)
{
	return 0;
}
static moment fixed_now(void)
{
	return (moment){ FIXTURE_START_MS };
}

/* These functions run on the server's thread, where cmocka's assertions cannot be used. */
static void copy_header(const struct request *request, const char *name, char *out, size_t size)
{
	assert(request_header_count(request, str_of(name)) == 1);
	assert(str_copy_to(request_header(request, str_of(name)), out, size));
}

static void receive_event(void *arg, const struct request *request, struct arena *arena, struct reply *reply)
{
	struct webhook_fixture *const fx = arg;
	const struct json_value *json cleanup_with(json_cleanup) = NULL;
	unsigned char mac[DIGEST_BYTES];
	char hex[65];

	(void)arena;
	lock_acquire(&fx->lock);
	assert(fx->n < RECEIVED_MAX);

	struct received_event *const event = &fx->received[fx->n++];

	assert(str_copy_to(request->body, event->body, sizeof(event->body)));
	copy_header(request, "X-Signature", event->signature, sizeof(event->signature));
	copy_header(request, "X-Timestamp", event->timestamp, sizeof(event->timestamp));
	copy_header(request, "User-Agent", event->agent, sizeof(event->agent));
	copy_header(request, "Content-Type", event->type, sizeof(event->type));
	assert(json_parse(request->body, true, &json) == OK);
	assert(str_copy_to(json_text(json_get(json, "status")), event->status, sizeof(event->status)));
	hmac_sha256(STR(SECRET), request->body, mac);
	hex_write(mac, sizeof(mac), hex);
	event->signature_matches = strcmp(hex, event->signature) == 0;
	*reply = (struct reply){ .status = fx->response_status };
	cond_broadcast(&fx->event_received);
	lock_release(&fx->lock);
}

static void reject_request(void *arg, enum refusal refusal, struct arena *arena, struct reply *reply)
{
	(void)arg;
	(void)refusal;
	(void)arena;
	*reply = (struct reply){ .status = 400 };
}

static int setup(void **state)
{
	static struct webhook_fixture fx;
	const struct server_conf conf = {
		.host = STR("127.0.0.1"),
		.port = STR("0"),
		.limits = { 16384, 65536, seconds(10), seconds(60), seconds(10), 16, 16 },
		.serve = receive_event,
		.refuse = reject_request,
		.arg = &fx,
		.ticks = fixed_ticks,
		.now = fixed_now,
	};
	char url[64];

	fx = (struct webhook_fixture){ .response_status = 200 };
	lock_init(&fx.lock);
	cond_init(&fx.event_received);
	assert_int_equal(server_open(&conf, &fx.server), OK);
	assert_int_equal(server_start(fx.server), OK);
	fixture_open(&fx.base, 0);
	fixture_get_token(&fx.base);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/hook", server_port(fx.server));
	assert_int_equal(sandbox_register(fx.base.sandbox, str_of(url), STR(SECRET), STR("v1")), OK);
	assert_int_equal(sandbox_start(fx.base.sandbox), OK);
	*state = &fx;
	return 0;
}

static int teardown(void **state)
{
	struct webhook_fixture *const fx = *state;

	sandbox_stop(fx->base.sandbox);
	server_stop(fx->server, seconds(5));
	server_close(fx->server);
	fixture_close(&fx->base);
	cond_finish(&fx->event_received);
	lock_finish(&fx->lock);
	return 0;
}

/* Waits until the destination has received `n` events in total. */
static void wait_for_events(struct webhook_fixture *fx, size_t n)
{
	bool in_time = true;

	lock_acquire(&fx->lock);
	while (fx->n < n && in_time)
		in_time = cond_wait_for(&fx->event_received, &fx->lock, seconds(10));
	lock_release(&fx->lock);
	assert_true(in_time);
}

static void create_session(struct webhook_fixture *fx, struct session_ref *session)
{
	fixture_create_v1(&fx->base,
		"{\"callback\":\"https://a.example/\",\"vendor_data\":\"usér-42\",\"features\":\"OCR\"}",
		session);
}

static void body_is_as_documented(void **state)
{
	struct webhook_fixture *const fx = *state;
	struct session_ref session;
	char expected[256];

	fx->base.clock.wall += 1999;
	create_session(fx, &session);
	wait_for_events(fx, 1);
	(void)snprintf(expected, sizeof(expected),
		"{\"created_at\":1767225601,\"session_id\":\"%s\",\"status\":\"Not Started\","
		"\"timestamp\":1767225601,\"vendor_data\":\"us\\u00e9r-42\"}",
		session.id);
	assert_string_equal(fx->received[0].body, expected);
	assert_true(fx->received[0].signature_matches);
	assert_string_equal(fx->received[0].timestamp, "1767225601");
	assert_string_equal(fx->received[0].agent, "DiditWebhook/2.0 +https://didit.me");
	assert_string_equal(fx->received[0].type, "application/json");
}

static void every_status_change_is_sent_in_order(void **state)
{
	static const char *const expected[] = { "Not Started", "In Progress", "In Review", "Approved" };
	struct webhook_fixture *const fx = *state;
	struct session_ref session;

	create_session(fx, &session);
	assert_int_equal(fixture_call(&fx->base, "POST", make_path("/session/", session.token, "/submit"),
				 JSON_HEADER, "{\"scenario\":\"review\"}"),
		200);
	assert_int_equal(
		fixture_call_v1(&fx->base, "PATCH", make_path("/v1/session/", session.id, "/update-status/"),
			"{\"new_status\":\"Approved\"}"),
		200);
	assert_int_equal(
		fixture_call_v1(&fx->base, "PATCH", make_path("/v1/session/", session.id, "/update-status/"),
			"{\"new_status\":\"Approved\"}"),
		200); /* no change, so no event */
	wait_for_events(fx, array_len(expected));
	for (size_t i = 0; i < array_len(expected); i++) {
		assert_string_equal(fx->received[i].status, expected[i]);
		assert_true(fx->received[i].signature_matches);
		/* Only events after the verification contain a decision (didit-api.md 2.5). */
		assert_int_equal(strstr(fx->received[i].body, "\"decision\":{") != NULL, i >= 2);
	}
	assert_int_equal(fx->n, array_len(expected));
}

static void repeated_page_visit_sends_no_event(void **state)
{
	static const char *const expected[] = { "Not Started", "In Progress", "Declined" };
	struct webhook_fixture *const fx = *state;
	struct session_ref session;

	create_session(fx, &session);
	(void)fixture_call(&fx->base, "GET", make_path("/session/", session.token, ""), NULL, NULL);
	(void)fixture_call(&fx->base, "GET", make_path("/session/", session.token, ""), NULL, NULL);
	(void)fixture_call(&fx->base, "POST", make_path("/session/", session.token, "/submit"), FORM_HEADER,
		"scenario=decline");
	wait_for_events(fx, array_len(expected));
	for (size_t i = 0; i < array_len(expected); i++)
		assert_string_equal(fx->received[i].status, expected[i]);
}

static void create_session_thread(void *arg)
{
	struct session_ref session;

	create_session(arg, &session);
}

/* The event of the first create is the first in the queue, but it is held back until the response to the
 * create was sent. So the event of the second create arrives earlier. */
static void create_event_is_sent_after_the_response(void **state)
{
	struct webhook_fixture *const fx = *state;
	struct request request = { .method = METHOD_POST,
		.body = STR("{\"callback\":\"https://a.example/\",\"vendor_data\":\"first\"}"),
		.n_headers = 1 };
	struct str name, value = str_of(fx->base.token);
	struct thread other = { 0 };
	struct reply reply;
	struct arena arena;

	(void)str_cut(&value, ':', &name);
	request.headers[0] = (struct header){ name, str_trim(value) };
	request.headers[request.n_headers++] = (struct header){ STR("Content-Type"),
		STR("application/json") };
	arena_init(&arena, ARENA_CALL_LIMIT);
	sandbox_serve(fx->base.sandbox, &request, STR("/v1/session/"), &arena, &reply);
	assert_int_equal(reply.status, 201);
	assert_int_equal(thread_start(&other, create_session_thread, fx), OK);
	thread_join(&other);
	wait_for_events(fx, 1);
	assert_null(strstr(fx->received[0].body, "first"));
	sandbox_served(fx->base.sandbox);
	wait_for_events(fx, 2);
	assert_non_null(strstr(fx->received[1].body, "first"));
	arena_finish(&arena);
}

static void deletion_sends_no_event(void **state)
{
	struct webhook_fixture *const fx = *state;
	struct session_ref session;

	create_session(fx, &session);
	assert_int_equal(
		fixture_call_v1(&fx->base, "DELETE", make_path("/v1/session/", session.id, "/delete/"), NULL),
		204);
	create_session(fx, &session);
	wait_for_events(fx, 2);
	assert_string_equal(fx->received[1].status, "Not Started");
}

static void refuse_fault_sends_a_well_formed_wrong_signature(void **state)
{
	struct webhook_fixture *const fx = *state;
	struct session_ref session;

	fx->response_status = 401; /* 401 is not retried */
	assert_int_equal(sandbox_faults_add(fx->base.sandbox, STR("refuse"), 1), OK);
	create_session(fx, &session);
	create_session(fx, &session);
	wait_for_events(fx, 2);
	assert_false(fx->received[0].signature_matches);
	assert_int_equal(strlen(fx->received[0].signature), 64);
	assert_int_equal(strspn(fx->received[0].signature, "0123456789abcdef"), 64);
	assert_true(fx->received[1].signature_matches);
	assert_int_equal(fx->n, 2);
}

static void retry_has_the_same_body_and_a_new_timestamp(void **state)
{
	struct webhook_fixture *const fx = *state;
	struct session_ref session;

	fx->response_status = 404;
	create_session(fx, &session);
	wait_for_events(fx, 1);
	lock_acquire(&fx->lock);
	fx->response_status = 200;
	lock_release(&fx->lock);
	/* The retry is due a minute after the queue has scheduled it. The queue may not have scheduled it
	 * yet, so the clock is moved repeatedly. */
	lock_acquire(&fx->lock);
	for (int tries = 0; tries < 100 && fx->n < 2; tries++) {
		__atomic_add_fetch(&fx->base.clock.wall, 60000, __ATOMIC_SEQ_CST);
		__atomic_add_fetch(&fx->base.clock.ticks, 60000, __ATOMIC_SEQ_CST);
		(void)cond_wait_for(&fx->event_received, &fx->lock, seconds(2));
	}
	lock_release(&fx->lock);
	assert_int_equal(fx->n, 2);
	assert_string_equal(fx->received[1].body, fx->received[0].body);
	assert_string_equal(fx->received[1].signature, fx->received[0].signature);
	assert_true(strcmp(fx->received[1].timestamp, fx->received[0].timestamp) > 0);
}

static void expiry_sends_an_event(void **state)
{
	struct webhook_fixture *const fx = *state;
	struct session_ref session;

	create_session(fx, &session);
	wait_for_events(fx, 1);
	__atomic_add_fetch(&fx->base.clock.wall, 604800000, __ATOMIC_SEQ_CST);
	__atomic_add_fetch(&fx->base.clock.ticks, 1000, __ATOMIC_SEQ_CST);
	wait_for_events(fx, 2);
	assert_string_equal(fx->received[1].status, "Expired");
	assert_null(strstr(fx->received[1].body, "decision"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(body_is_as_documented),
		TEST(every_status_change_is_sent_in_order),
		TEST(repeated_page_visit_sends_no_event),
		TEST(create_event_is_sent_after_the_response),
		TEST(deletion_sends_no_event),
		TEST(refuse_fault_sends_a_well_formed_wrong_signature),
		TEST(retry_has_the_same_body_and_a_new_timestamp),
		TEST(expiry_sends_an_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
