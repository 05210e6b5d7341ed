#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/lock.h"
#include "box.h"
#include "http/server.h"
#include "text/encode.h"

#define SECRET "whsec-test-0123456789-0123456789-0123456789"
#define SEEN_MAX 32

/* What arrived at the destination. */
struct seen {
	char body[8192], status[16], signature[80], timestamp[24], agent[64], type[32];
	bool signed_right;
};

/* A destination on loopback, and the sandbox that tells it. */
struct wire {
	struct box box;
	struct server *server;
	struct lock lock;
	struct cond arrived;
	struct seen seen[SEEN_MAX];
	size_t n;
	int answer; /* what it says to every event */
};

static int64_t still(void)
{
	return 0;
}
static moment epoch(void)
{
	return (moment){ BOX_EPOCH };
}

/* These run on the server's thread: cmocka's asserts are for the test's own. */
static void keep_header(const struct request *request, const char *name, char *out, size_t size)
{
	assert(request_header_count(request, str_of(name)) == 1);
	assert(str_copy_to(request_header(request, str_of(name)), out, size));
}

static void take_event(void *arg, const struct request *request, struct arena *arena, struct reply *reply)
{
	struct wire *const wire = arg;
	const struct json_value *json cleanup_with(json_cleanup) = NULL;
	unsigned char mac[DIGEST_BYTES];
	char hex[65];

	(void)arena;
	lock_acquire(&wire->lock);
	assert(wire->n < SEEN_MAX);

	struct seen *const seen = &wire->seen[wire->n++];

	assert(str_copy_to(request->body, seen->body, sizeof(seen->body)));
	keep_header(request, "X-Signature", seen->signature, sizeof(seen->signature));
	keep_header(request, "X-Timestamp", seen->timestamp, sizeof(seen->timestamp));
	keep_header(request, "User-Agent", seen->agent, sizeof(seen->agent));
	keep_header(request, "Content-Type", seen->type, sizeof(seen->type));
	assert(json_parse(request->body, true, &json) == OK);
	assert(str_copy_to(json_text(json_get(json, "status")), seen->status, sizeof(seen->status)));
	hmac_sha256(STR(SECRET), request->body, mac);
	hex_write(mac, sizeof(mac), hex);
	seen->signed_right = strcmp(hex, seen->signature) == 0;
	*reply = (struct reply){ .status = wire->answer };
	cond_broadcast(&wire->arrived);
	lock_release(&wire->lock);
}

static void refuse(void *arg, enum refusal refusal, struct arena *arena, struct reply *reply)
{
	(void)arg;
	(void)refusal;
	(void)arena;
	*reply = (struct reply){ .status = 400 };
}

static int setup(void **state)
{
	static struct wire wire;
	const struct server_conf conf = {
		.host = STR("127.0.0.1"),
		.port = STR("0"),
		.limits = { 16384, 65536, seconds(10), seconds(60), seconds(10), 16, 16 },
		.serve = take_event,
		.refuse = refuse,
		.arg = &wire,
		.ticks = still,
		.now = epoch,
	};
	char url[64];

	wire = (struct wire){ .answer = 200 };
	lock_init(&wire.lock);
	cond_init(&wire.arrived);
	assert_int_equal(server_open(&conf, &wire.server), OK);
	assert_int_equal(server_start(wire.server), OK);
	box_open(&wire.box, 0);
	box_login(&wire.box);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/hook", server_port(wire.server));
	assert_int_equal(sandbox_register(wire.box.sandbox, str_of(url), STR(SECRET), STR("v1")), OK);
	assert_int_equal(sandbox_start(wire.box.sandbox), OK);
	*state = &wire;
	return 0;
}

static int teardown(void **state)
{
	struct wire *const wire = *state;

	sandbox_stop(wire->box.sandbox);
	server_stop(wire->server, seconds(5));
	server_close(wire->server);
	box_close(&wire->box);
	cond_finish(&wire->arrived);
	lock_finish(&wire->lock);
	return 0;
}

/* Waits for `n` events in all. */
static void await(struct wire *wire, size_t n)
{
	bool in_time = true;

	lock_acquire(&wire->lock);
	while (wire->n < n && in_time)
		in_time = cond_wait_for(&wire->arrived, &wire->lock, seconds(10));
	lock_release(&wire->lock);
	assert_true(in_time);
}

static void create(struct wire *wire, struct made_session *made)
{
	box_create(&wire->box,
		"{\"callback\":\"https://a.example/\",\"vendor_data\":\"usér-42\",\"features\":\"OCR\"}",
		made);
}

static void the_body_is_as_documented(void **state)
{
	struct wire *const wire = *state;
	struct made_session made;
	char want[256];

	wire->box.clock.wall += 1999;
	create(wire, &made);
	await(wire, 1);
	(void)snprintf(want, sizeof(want),
		"{\"created_at\":1767225601,\"session_id\":\"%s\",\"status\":\"Not Started\","
		"\"timestamp\":1767225601,\"vendor_data\":\"us\\u00e9r-42\"}",
		made.id);
	assert_string_equal(wire->seen[0].body, want);
	assert_true(wire->seen[0].signed_right);
	assert_string_equal(wire->seen[0].timestamp, "1767225601");
	assert_string_equal(wire->seen[0].agent, "DiditWebhook/2.0 +https://didit.me");
	assert_string_equal(wire->seen[0].type, "application/json");
}

static void every_step_is_told_in_order(void **state)
{
	static const char *const want[] = { "Not Started", "In Progress", "In Review", "Approved" };
	struct wire *const wire = *state;
	struct made_session made;

	create(wire, &made);
	assert_int_equal(box_call(&wire->box, "POST", box_path("/session/", made.token, "/submit"),
				 &BOX_JSON[1], "{\"scenario\":\"review\"}"),
		200);
	assert_int_equal(box_api(&wire->box, "PATCH", box_path("/v1/session/", made.id, "/update-status/"),
				 "{\"new_status\":\"Approved\"}"),
		200);
	assert_int_equal(box_api(&wire->box, "PATCH", box_path("/v1/session/", made.id, "/update-status/"),
				 "{\"new_status\":\"Approved\"}"),
		200); /* no step */
	await(wire, array_len(want));
	for (size_t i = 0; i < array_len(want); i++) {
		assert_string_equal(wire->seen[i].status, want[i]);
		assert_true(wire->seen[i].signed_right);
		/* only what was decided has a decision (didit-api.md 2.5) */
		assert_int_equal(strstr(wire->seen[i].body, "\"decision\":{") != NULL, i >= 2);
	}
	assert_int_equal(wire->n, array_len(want));
}

static void the_page_tells_its_first_visit_only(void **state)
{
	static const char *const want[] = { "Not Started", "In Progress", "Declined" };
	struct wire *const wire = *state;
	struct made_session made;

	create(wire, &made);
	(void)box_call(&wire->box, "GET", box_path("/session/", made.token, ""), NULL, NULL);
	(void)box_call(&wire->box, "GET", box_path("/session/", made.token, ""), NULL, NULL);
	(void)box_call(&wire->box, "POST", box_path("/session/", made.token, "/submit"), BOX_FORM,
		"scenario=decline");
	await(wire, array_len(want));
	for (size_t i = 0; i < array_len(want); i++)
		assert_string_equal(wire->seen[i].status, want[i]);
}

static void create_elsewhere(void *arg)
{
	struct made_session made;

	create(arg, &made);
}

/* The event of the first create is ahead in the queue, and still the second one's arrives before it. */
static void a_create_is_told_after_its_answer(void **state)
{
	struct wire *const wire = *state;
	struct request request = { .method = METHOD_POST,
		.body = STR("{\"callback\":\"https://a.example/\",\"vendor_data\":\"first\"}"),
		.n_headers = 1 };
	struct str name, value = str_of(wire->box.token);
	struct thread other = { 0 };
	struct reply reply;
	struct arena arena;

	(void)str_cut(&value, ':', &name);
	request.headers[0] = (struct header){ name, str_trim(value) };
	request.headers[request.n_headers++] = (struct header){ STR("Content-Type"),
		STR("application/json") };
	arena_init(&arena, ARENA_CALL_LIMIT);
	sandbox_serve(wire->box.sandbox, &request, STR("/v1/session/"), &arena, &reply);
	assert_int_equal(reply.status, 201);
	assert_int_equal(thread_start(&other, create_elsewhere, wire), OK);
	thread_join(&other);
	await(wire, 1);
	assert_null(strstr(wire->seen[0].body, "first"));
	sandbox_served(wire->box.sandbox);
	await(wire, 2);
	assert_non_null(strstr(wire->seen[1].body, "first"));
	arena_finish(&arena);
}

static void a_deleted_session_is_not_told(void **state)
{
	struct wire *const wire = *state;
	struct made_session made;

	create(wire, &made);
	assert_int_equal(
		box_api(&wire->box, "DELETE", box_path("/v1/session/", made.id, "/delete/"), NULL), 204);
	create(wire, &made);
	await(wire, 2);
	assert_string_equal(wire->seen[1].status, "Not Started");
}

static void a_refused_signature_is_well_formed_and_wrong(void **state)
{
	struct wire *const wire = *state;
	struct made_session made;

	wire->answer = 401; /* not tried again */
	assert_int_equal(sandbox_faults_add(wire->box.sandbox, STR("refuse"), 1), OK);
	create(wire, &made);
	create(wire, &made);
	await(wire, 2);
	assert_false(wire->seen[0].signed_right);
	assert_int_equal(strlen(wire->seen[0].signature), 64);
	assert_int_equal(strspn(wire->seen[0].signature, "0123456789abcdef"), 64);
	assert_true(wire->seen[1].signed_right);
	assert_int_equal(wire->n, 2);
}

static void a_retry_says_the_same_with_a_new_time(void **state)
{
	struct wire *const wire = *state;
	struct made_session made;

	wire->answer = 404;
	create(wire, &made);
	await(wire, 1);
	lock_acquire(&wire->lock);
	wire->answer = 200;
	lock_release(&wire->lock);
	/* the event may still be on its way into the list of those that wait: its minute begins then */
	lock_acquire(&wire->lock);
	for (int tries = 0; tries < 100 && wire->n < 2; tries++) {
		__atomic_add_fetch(&wire->box.clock.wall, 60000, __ATOMIC_SEQ_CST);
		__atomic_add_fetch(&wire->box.clock.ticks, 60000, __ATOMIC_SEQ_CST);
		(void)cond_wait_for(&wire->arrived, &wire->lock, seconds(2));
	}
	lock_release(&wire->lock);
	assert_int_equal(wire->n, 2);
	assert_string_equal(wire->seen[1].body, wire->seen[0].body);
	assert_string_equal(wire->seen[1].signature, wire->seen[0].signature);
	assert_true(strcmp(wire->seen[1].timestamp, wire->seen[0].timestamp) > 0);
}

static void what_runs_out_is_told_by_itself(void **state)
{
	struct wire *const wire = *state;
	struct made_session made;

	create(wire, &made);
	await(wire, 1);
	__atomic_add_fetch(&wire->box.clock.wall, 604800000, __ATOMIC_SEQ_CST);
	__atomic_add_fetch(&wire->box.clock.ticks, 1000, __ATOMIC_SEQ_CST);
	await(wire, 2);
	assert_string_equal(wire->seen[1].status, "Expired");
	assert_null(strstr(wire->seen[1].body, "decision"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_body_is_as_documented),
		TEST(every_step_is_told_in_order),
		TEST(the_page_tells_its_first_visit_only),
		TEST(a_create_is_told_after_its_answer),
		TEST(a_deleted_session_is_not_told),
		TEST(a_refused_signature_is_well_formed_and_wrong),
		TEST(a_retry_says_the_same_with_a_new_time),
		TEST(what_runs_out_is_told_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
