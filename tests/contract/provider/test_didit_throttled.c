/* Tests of the throttled provider with each API version: how Didit's responses affect the next calls. */
#include "base/log.h"
#include "base/metrics.h"
#include "fake_didit.h"
#include "provider/throttled_provider.h"

#define PARALLEL_CALLS 32

static void discard_log_line(void *arg, struct str line)
{
	(void)arg;
	(void)line;
}

static int throttled_open(void **state)
{
	struct fake_didit *const f = fake_new();

	log_sink_set(discard_log_line, NULL);
	*state = f;
	return throttled_provider_open(f->provider, &f->clock, seconds(10), &f->provider) == OK ? 0 : -1;
}

static void advance_clock_s(struct fake_didit *f, int64_t s)
{
	atomic_fetch_add(&f->clock_offset_ms, s * 1000);
}

static enum provider_cause create(struct fake_didit *f)
{
	enum provider_cause cause;
	struct provider_session created;

	(void)!fake_create(f, &created, &cause);
	return cause;
}

static enum provider_cause poll_session(struct fake_didit *f)
{
	enum provider_cause cause;
	struct session_snapshot snapshot;

	(void)!fake_read(f, "s-1", seconds(10), &snapshot, &cause);
	return cause;
}

static enum provider_cause find(struct fake_didit *f)
{
	const struct session_search search = { STR("person-1"), { 0 }, seconds(10) };
	struct provider_session created;

	(void)!f->provider->ops->find(f->provider, &search, &f->arena, &created, &f->failure);
	return f->failure.cause;
}

static int64_t breaker_is_open(void)
{
	return metric_read(METRIC_PROVIDER_OPEN, 0, 0);
}

/* Responses that do not count as failures of the provider. */
static const struct {
	const char *name;
	struct fake_response response;
} harmless_responses[] = {
	{ "truncated response",
		{ .raw = "HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{\"session_id\"" } },
	{ "truncated chunk",
		{ .raw = "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n{\"se" } },
	{ "not HTTP", { .raw = "220 mail.example.com ESMTP\r\n" } },
	{ "HTML", { .body = "<html>fine</html>" } },
	{ "too large", { .huge = true } },
	{ "a redirect", { .status = 302, .body = "" } },
	{ "forbidden", { .status = 403, .body = "{}" } },
	{ "not found", { .status = 404, .body = "{}" } },
	{ "no URL", { .body = "{\"session_id\":\"s-1\"}" } },
	{ "a foreign URL", { .body = "{\"session_id\":\"s-1\",\"url\":\"https://evil.example/s\"}" } },
};

static void harmless_responses_do_not_open_the_breaker(void **state)
{
	struct fake_didit *f = *state;

	for (size_t i = 0; i < array_len(harmless_responses); i++) {
		fake_set_response(f, &f->create, harmless_responses[i].response);
		for (int n = 0; n < 11; n++)
			if (create(f) == PROVIDER_PAUSED || breaker_is_open())
				fail_msg("%s, %d", harmless_responses[i].name, n);
	}
}

static const struct {
	const char *name;
	struct fake_response response;
} failures[] = {
	{ "500", { .status = 500, .body = "<html>" } },
	{ "truncated 502", { .raw = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 500\r\n\r\n<html>" } },
	{ "599", { .status = 599, .body = "{}" } },
	{ "connection closed without a response", { .raw = "" } },
	{ "no response", { .silent = true } },
	{ "a response that does not end", { .trickles = true } },
};

static void ten_failures_in_a_row_open_the_breaker(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(failures); i++) {
		struct fake_didit *f;
		void *opened;

		assert_int_equal(throttled_open(&opened), 0);
		f = opened;
		f->provider->ops->close(f->provider);
		/* Only silent and trickling responses last as long as the time limit, so only these tests use
		 * a short limit. On a busy machine, other responses could exceed a short limit. */
		fake_provider_open(f, failures[i].response.silent || failures[i].response.trickles
					      ? milliseconds(400)
					      : seconds(10));
		assert_int_equal(
			throttled_provider_open(f->provider, &f->clock, seconds(10), &f->provider), OK);
		assert_int_equal(create(f), PROVIDER_OK);
		atomic_store(&f->creates, 1);
		fake_set_response(f, &f->create, failures[i].response);
		for (int n = 0; n < 9; n++)
			if (create(f) != PROVIDER_UNREACHABLE || breaker_is_open())
				fail_msg("%s, %d", failures[i].name, n);
		assert_int_equal(create(f), PROVIDER_UNREACHABLE);
		assert_int_equal(breaker_is_open(), 1);
		assert_int_equal(create(f), PROVIDER_PAUSED);
		assert_int_equal(poll_session(f), PROVIDER_PAUSED);
		assert_int_equal(atomic_load(&f->creates), 11);
		/* A truncated response is no success, so it does not close the circuit breaker. */
		fake_set_response(f, &f->create, harmless_responses[0].response);
		advance_clock_s(f, 5);
		assert_int_equal(create(f), PROVIDER_INVALID_RESPONSE);
		assert_int_equal(breaker_is_open(), 1);
		assert_int_equal(create(f), PROVIDER_PAUSED);
		advance_clock_s(f, 5);
		assert_int_equal(poll_session(f), PROVIDER_OK);
		assert_int_equal(breaker_is_open(), 0);
		assert_int_equal(create(f), PROVIDER_INVALID_RESPONSE);
		fake_close(&opened);
	}
}

#define TOO_MANY_REQUESTS                                                                                    \
	"HTTP/1.1 429 Too Many Requests\r\n%sContent-Length: 2\r\nConnection: close\r\n\r\n{}"

struct call_kind {
	const char *name;
	enum provider_cause (*call)(struct fake_didit *f);
	enum provider_cause (*other)(struct fake_didit *f); /* a call with a separate rate limit */
	size_t response;				    /* offset of its response in struct fake_didit */
	bool needs_list;
};

static const struct call_kind call_kinds[] = {
	{ "create", create, poll_session, offsetof(struct fake_didit, create), false },
	{ "read", poll_session, create, offsetof(struct fake_didit, read), false },
	{ "find", find, create, offsetof(struct fake_didit, list), true },
};

static struct fake_response *response_of(struct fake_didit *f, const struct call_kind *kind)
{
	return (struct fake_response *)(void *)((char *)f + kind->response);
}

static int requests_received(struct fake_didit *f)
{
	return atomic_load(&f->creates) + atomic_load(&f->reads) + atomic_load(&f->lists);
}

static void retry_after_is_honoured(void **state)
{
	char raw[200];

	(void)state;
	(void)snprintf(raw, sizeof(raw), TOO_MANY_REQUESTS, "Retry-After: 17\r\n");
	for (size_t i = 0; i < array_len(call_kinds); i++) {
		struct fake_didit *f;
		void *opened;

		if (call_kinds[i].needs_list && fake_is_v1())
			continue;
		assert_int_equal(throttled_open(&opened), 0);
		f = opened;
		fake_set_response(f, response_of(f, &call_kinds[i]), (struct fake_response){ .raw = raw });
		assert_int_equal(call_kinds[i].call(f), PROVIDER_LIMIT);
		fake_set_response(f, response_of(f, &call_kinds[i]), (struct fake_response){ 0 });
		advance_clock_s(f, 16);
		if (call_kinds[i].call(f) != PROVIDER_PAUSED || requests_received(f) != 1)
			fail_msg("%s: %d requests", call_kinds[i].name, requests_received(f));
		assert_int_equal(call_kinds[i].other(f), PROVIDER_OK);
		advance_clock_s(f, 1);
		assert_int_equal(call_kinds[i].call(f), PROVIDER_OK);
		assert_int_equal(breaker_is_open(), 0);
		fake_close(&opened);
	}
}

/* If a 429 response has no Retry-After, kycd pauses for 5 s, then 10, 20 and 40 s (didit-api.md 9). */
static void pause_grows_while_429_has_no_retry_after(void **state)
{
	static const int64_t waits[] = { 5, 10, 20, 40, 40 };
	char raw[200];

	(void)state;
	(void)snprintf(raw, sizeof(raw), TOO_MANY_REQUESTS, "");
	for (size_t i = 0; i < array_len(call_kinds); i++) {
		struct fake_didit *f;
		void *opened;

		if (call_kinds[i].needs_list && fake_is_v1())
			continue;
		assert_int_equal(throttled_open(&opened), 0);
		f = opened;
		fake_set_response(f, response_of(f, &call_kinds[i]), (struct fake_response){ .raw = raw });
		for (size_t n = 0; n < array_len(waits); n++) {
			assert_int_equal(call_kinds[i].call(f), PROVIDER_LIMIT);
			advance_clock_s(f, waits[n] - 1);
			assert_int_equal(call_kinds[i].call(f), PROVIDER_PAUSED);
			advance_clock_s(f, 1);
		}
		assert_int_equal(requests_received(f), (int)array_len(waits));
		fake_close(&opened);
	}
}

static void retry_after_of_the_token_server_is_honoured(void **state)
{
	struct fake_didit *f = *state;
	char raw[200];

	if (!fake_is_v1())
		return;
	(void)snprintf(raw, sizeof(raw), TOO_MANY_REQUESTS, "Retry-After: 17\r\n");
	fake_set_response(f, &f->token, (struct fake_response){ .raw = raw });
	assert_int_equal(create(f), PROVIDER_LIMIT);
	fake_set_response(f, &f->token, (struct fake_response){ 0 });
	advance_clock_s(f, 8);
	assert_int_equal(create(f), PROVIDER_PAUSED);
	/* A read also needs a token, so kycd sends no read request either. */
	assert_int_equal(poll_session(f), PROVIDER_LIMIT);
	advance_clock_s(f, 8);
	assert_int_equal(poll_session(f), PROVIDER_PAUSED);
	assert_int_equal(create(f), PROVIDER_PAUSED);
	assert_int_equal(atomic_load(&f->tokens), 1);
	advance_clock_s(f, 1);
	assert_int_equal(create(f), PROVIDER_OK);
	assert_int_equal(poll_session(f), PROVIDER_OK);
	assert_int_equal(atomic_load(&f->tokens), 2);
}

/* Didit allows 100 polls a minute with v1 and v2, of which kycd uses 80. v3 has only a common limit for all
 * GET requests, of which kycd uses 160 (didit-api.md 9). */
static void polls_per_minute_are_limited(void **state)
{
	const int expected = strcmp(FAKE_VERSION, "v3") == 0 ? 160 : 80;
	struct fake_didit *f = *state;

	for (int i = 0; i < expected; i++)
		assert_int_equal(poll_session(f), PROVIDER_OK);
	for (int i = 0; i < 20; i++)
		assert_int_equal(poll_session(f), PROVIDER_PAUSED);
	if (!fake_is_v1())
		assert_int_equal(find(f), PROVIDER_PAUSED);
	assert_int_equal(create(f), PROVIDER_OK);
	advance_clock_s(f, 50);
	assert_int_equal(poll_session(f), PROVIDER_PAUSED);
	assert_int_equal(atomic_load(&f->reads), expected);
	assert_int_equal(atomic_load(&f->lists), 0);
	advance_clock_s(f, 20);
	assert_int_equal(poll_session(f), PROVIDER_OK);
}

struct caller {
	struct fake_didit *f;
	struct thread thread;
	struct provider_failure failure;
};

static void create_once(void *arg)
{
	struct caller *const caller = arg;
	const struct session_params params = { .vendor_data = STR("p"), .callback = STR("c") };
	struct arena a;
	struct provider_session created;

	arena_init(&a, ARENA_CALL_LIMIT);
	(void)!caller->f->provider->ops->create(caller->f->provider, &params, &a, &created, &caller->failure);
	arena_finish(&a);
}

/* The fake server does not answer before all calls have arrived. */
static void creates_run_in_parallel(void **state)
{
	static struct caller callers[PARALLEL_CALLS];
	struct fake_didit *f = *state;

	atomic_store(&f->creates_together, PARALLEL_CALLS);
	for (size_t i = 0; i < PARALLEL_CALLS; i++) {
		callers[i] = (struct caller){ .f = f, .failure = { .cause = PROVIDER_PAUSED } };
		assert_int_equal(thread_start(&callers[i].thread, create_once, &callers[i]), OK);
	}
	for (size_t i = 0; i < PARALLEL_CALLS; i++)
		thread_join(&callers[i].thread);
	for (size_t i = 0; i < PARALLEL_CALLS; i++)
		assert_int_equal(callers[i].failure.cause, PROVIDER_OK);
	assert_int_equal(atomic_load(&f->creates), PARALLEL_CALLS);
	assert_int_equal(atomic_load(&f->tokens), fake_is_v1() ? 1 : 0);
}

/* A failed token fetch counts as one failure, however many calls waited for it. */
static void failed_token_fetch_counts_as_one_failure(void **state)
{
	static struct caller callers[PARALLEL_CALLS];
	struct fake_didit *f = *state;

	if (!fake_is_v1())
		return;
	fake_set_response(f, &f->token, (struct fake_response){ .status = 503 });
	atomic_store(&f->token_hold, 1);
	for (size_t i = 0; i < PARALLEL_CALLS; i++) {
		callers[i] = (struct caller){ .f = f };
		assert_int_equal(thread_start(&callers[i].thread, create_once, &callers[i]), OK);
	}
	for (int64_t started = fake_ticks(&f->clock); fake_ticks(&f->clock) - started < 300;)
		sched_yield(); /* most calls now wait for the token; a later call may cause another fetch */
	atomic_store(&f->token_hold, 0);
	for (size_t i = 0; i < PARALLEL_CALLS; i++)
		thread_join(&callers[i].thread);
	for (size_t i = 0; i < PARALLEL_CALLS; i++)
		assert_int_equal(callers[i].failure.cause, PROVIDER_UNREACHABLE);
	assert_true(atomic_load(&f->tokens) < 10);
	assert_int_equal(breaker_is_open(), 0);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, throttled_open, fake_close)
	const struct CMUnitTest tests[] = {
		TEST(harmless_responses_do_not_open_the_breaker),
		cmocka_unit_test(ten_failures_in_a_row_open_the_breaker),
		cmocka_unit_test(retry_after_is_honoured),
		cmocka_unit_test(pause_grows_while_429_has_no_retry_after),
		TEST(retry_after_of_the_token_server_is_honoured),
		TEST(polls_per_minute_are_limited),
		TEST(creates_run_in_parallel),
		TEST(failed_token_fetch_counts_as_one_failure),
	};

	return cmocka_run_group_tests(tests, fake_start_libraries, NULL);
}
