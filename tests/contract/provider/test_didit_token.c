#include "fake_didit.h"

static void advance_clock_s(struct fake_didit *f, int64_t s)
{
	atomic_fetch_add(&f->clock_offset_ms, s * 1000);
}

static void token_is_used_for_many_calls(void **state)
{
	struct fake_didit *f = *state;
	enum provider_cause cause;
	struct session_snapshot snapshot;
	struct provider_session created;

	for (int i = 0; i < 3; i++) {
		assert_int_equal(fake_create(f, &created, &cause), OK);
		assert_int_equal(fake_read(f, "s-1", seconds(10), &snapshot, &cause), OK);
	}
	assert_int_equal(atomic_load(&f->tokens), 1);
}

static void rejected_token_is_replaced_once_per_call(void **state)
{
	struct fake_didit *f = *state;
	enum provider_cause cause;
	struct provider_session created;

	assert_int_equal(fake_create(f, &created, &cause), OK);
	atomic_store(&f->token_floor, 2);
	assert_int_equal(fake_create(f, &created, &cause), OK);
	assert_int_equal(atomic_load(&f->tokens), 2);
	assert_int_equal(atomic_load(&f->creates), 3);
	/* but only once per call */
	atomic_store(&f->token_floor, 1000);
	assert_int_equal(fake_create(f, &created, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_REFUSED);
	assert_int_equal(atomic_load(&f->tokens), 3);
	assert_int_equal(atomic_load(&f->creates), 5);
}

static void read_replaces_a_rejected_token(void **state)
{
	struct fake_didit *f = *state;
	enum provider_cause cause;
	struct session_snapshot snapshot;

	assert_int_equal(fake_read(f, "s-1", seconds(10), &snapshot, &cause), OK);
	atomic_store(&f->token_floor, 2);
	assert_int_equal(fake_read(f, "s-1", seconds(10), &snapshot, &cause), OK);
	assert_int_equal(atomic_load(&f->tokens), 2);
}

static const struct {
	const char *expires_in;
	int64_t later_s;
	int tokens;
} lifetimes[] = {
	/* the token is renewed five minutes before it expires; the additional second allows for the duration
	 * of the test */
	{ "86400", 86400 - 301, 1 },
	{ "86400", 86400 - 300, 2 },
	{ "1000", 1000 - 301, 1 },
	{ "1000", 1000 - 300, 2 },
	/* a token with a short lifetime is renewed after half of it */
	{ "60", 29, 1 },
	{ "60", 30, 2 },
	/* a token with a lifetime of more than a day is treated as valid for a day */
	{ "864000", 86400 - 300, 2 },
	/* a token without a valid lifetime is used for one call */
	{ "0", 0, 2 },
	{ "-5", 0, 2 },
	{ "null", 0, 2 },
	{ "\"86400\"", 0, 2 },
};

static void token_is_renewed_before_it_expires(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(lifetimes); i++) {
		struct fake_didit *f = fake_new();
		void *fake = f;
		enum provider_cause cause;
		struct provider_session created;

		f->expires_in = lifetimes[i].expires_in;
		assert_int_equal(fake_create(f, &created, &cause), OK);
		advance_clock_s(f, lifetimes[i].later_s);
		assert_int_equal(fake_create(f, &created, &cause), OK);
		if (atomic_load(&f->tokens) != lifetimes[i].tokens)
			fail_msg("row %zu: %d tokens", i, atomic_load(&f->tokens));
		fake_close(&fake);
	}
}

static void old_token_is_used_while_renewal_fails(void **state)
{
	struct fake_didit *f = *state;
	enum provider_cause cause;
	struct provider_session created;

	assert_int_equal(fake_create(f, &created, &cause), OK);
	advance_clock_s(f, 86400 - 200);
	fake_set_response(f, &f->token, (struct fake_response){ .status = 503 });
	assert_int_equal(fake_create(f, &created, &cause), OK);
	assert_int_equal(atomic_load(&f->tokens), 2);
	/* after a failed renewal, the next try is not immediate */
	assert_int_equal(fake_create(f, &created, &cause), OK);
	assert_int_equal(atomic_load(&f->tokens), 2);
	advance_clock_s(f, 10);
	assert_int_equal(fake_create(f, &created, &cause), OK);
	assert_int_equal(atomic_load(&f->tokens), 3);
	/* the old token is not used after it expires */
	advance_clock_s(f, 190);
	assert_int_equal(fake_create(f, &created, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_UNREACHABLE);
}

static const struct {
	const char *name;
	struct fake_response response;
	enum provider_cause cause;
} refusals[] = {
	{ "wrong credentials", { .status = 401, .body = "{\"error\":\"invalid_client\"}" },
		PROVIDER_REFUSED },
	{ "rate limit", { .status = 429, .body = "" }, PROVIDER_LIMIT },
	{ "server error", { .status = 500, .body = "<html>" }, PROVIDER_UNREACHABLE },
	{ "HTML", { .body = "<html>" }, PROVIDER_INVALID_RESPONSE },
	{ "truncated response", { .raw = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"access_" },
		PROVIDER_INVALID_RESPONSE },
	{ "10 MB", { .huge = true }, PROVIDER_INVALID_RESPONSE },
	{ "no token", { .body = "{\"expires_in\":86400}" }, PROVIDER_UNUSABLE },
	{ "an empty token", { .body = "{\"access_token\":\"\",\"expires_in\":86400}" }, PROVIDER_UNUSABLE },
	{ "a token with a blank", { .body = "{\"access_token\":\"a b\",\"expires_in\":86400}" },
		PROVIDER_UNUSABLE },
	{ "a token with a line end", { .body = "{\"access_token\":\"a\\r\\nX: y\",\"expires_in\":86400}" },
		PROVIDER_UNUSABLE },
	{ "a list", { .body = "[]" }, PROVIDER_INVALID_RESPONSE },
	{ "a redirect",
		{ .raw = "HTTP/1.1 302 Found\r\nLocation: /auth/v2/token/\r\nContent-Length: 0\r\n\r\n" },
		PROVIDER_REFUSED },
};

static void without_a_token_no_request_is_sent(void **state)
{
	struct fake_didit *f = *state;

	for (size_t i = 0; i < array_len(refusals); i++) {
		enum provider_cause cause = PROVIDER_OK;
		struct provider_session created;

		fake_set_response(f, &f->token, refusals[i].response);
		if (fake_create(f, &created, &cause) != ERR_UPSTREAM || cause != refusals[i].cause)
			fail_msg("%s: %s", refusals[i].name, provider_cause_name(cause));
		assert_int_equal(atomic_load(&f->tokens), (int)i + 1);
	}
	assert_int_equal(atomic_load(&f->creates), 0);
}

#define PARALLEL_CALLS 16

struct caller {
	struct fake_didit *f;
	enum err result;
	struct provider_failure failure;
};

static void create_once(void *arg)
{
	struct caller *caller = arg;
	const struct session_params params = { .vendor_data = STR("p"), .callback = STR("c") };
	struct arena a;
	struct provider_session created;

	arena_init(&a, ARENA_CALL_LIMIT);
	caller->result = caller->f->provider->ops->create(
		caller->f->provider, &params, &a, &created, &caller->failure);
	arena_finish(&a);
}

/* Starts PARALLEL_CALLS create calls while the first token request is not answered yet, and waits for all
 * calls. */
static void run_parallel_creates(struct fake_didit *f, struct caller callers[PARALLEL_CALLS])
{
	struct thread threads[PARALLEL_CALLS] = { 0 };

	atomic_store(&f->token_requests, 0);
	atomic_store(&f->token_hold, 1);
	for (size_t i = 0; i < PARALLEL_CALLS; i++) {
		callers[i] = (struct caller){ .f = f };
		assert_int_equal(thread_start(&threads[i], create_once, &callers[i]), OK);
	}
	for (int i = 0; atomic_load(&f->token_requests) == 0 && i < 50000000; i++)
		sched_yield();
	assert_int_equal(atomic_load(&f->token_requests), 1);
	atomic_store(&f->token_hold, 0);
	for (size_t i = 0; i < PARALLEL_CALLS; i++)
		thread_join(&threads[i]);
}

static void parallel_calls_fetch_one_token(void **state)
{
	struct fake_didit *f = *state;
	struct caller callers[PARALLEL_CALLS];

	run_parallel_creates(f, callers);
	for (size_t i = 0; i < PARALLEL_CALLS; i++)
		assert_int_equal(callers[i].result, OK);
	assert_int_equal(atomic_load(&f->tokens), 1);
	assert_int_equal(atomic_load(&f->creates), PARALLEL_CALLS);
}

static void parallel_calls_replace_a_rejected_token_once(void **state)
{
	struct fake_didit *f = *state;
	struct caller callers[PARALLEL_CALLS];
	enum provider_cause cause;
	struct provider_session created;

	assert_int_equal(fake_create(f, &created, &cause), OK);
	atomic_store(&f->token_floor, 2);
	run_parallel_creates(f, callers);
	for (size_t i = 0; i < PARALLEL_CALLS; i++)
		assert_int_equal(callers[i].result, OK);
	assert_int_equal(atomic_load(&f->tokens), 2);
}

static void create_with_held_token(void *arg)
{
	create_once(arg);
}

static void call_that_waits_too_long_for_a_token_fails(void **state)
{
	struct fake_didit *f = *state;
	struct caller first = { .f = f };
	struct thread thread = { .running = false };
	enum provider_cause cause = PROVIDER_OK;
	struct session_snapshot snapshot;

	atomic_store(&f->token_hold, 1);
	assert_int_equal(thread_start(&thread, create_with_held_token, &first), OK);
	for (int i = 0; atomic_load(&f->token_requests) == 0 && i < 50000000; i++)
		sched_yield();
	assert_int_equal(fake_read(f, "s-1", milliseconds(100), &snapshot, &cause), ERR_BUSY);
	assert_int_equal(cause, PROVIDER_UNREACHABLE);
	atomic_store(&f->token_hold, 0);
	thread_join(&thread);
	assert_int_equal(first.result, OK);
	assert_int_equal(atomic_load(&f->tokens), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DIDIT_TEST(token_is_used_for_many_calls),
		DIDIT_TEST(rejected_token_is_replaced_once_per_call),
		DIDIT_TEST(read_replaces_a_rejected_token),
		cmocka_unit_test(token_is_renewed_before_it_expires),
		DIDIT_TEST(old_token_is_used_while_renewal_fails),
		DIDIT_TEST(without_a_token_no_request_is_sent),
		DIDIT_TEST(parallel_calls_fetch_one_token),
		DIDIT_TEST(parallel_calls_replace_a_rejected_token_once),
		DIDIT_TEST(call_that_waits_too_long_for_a_token_fails),
	};

	return cmocka_run_group_tests(tests, fake_start_libraries, NULL);
}
