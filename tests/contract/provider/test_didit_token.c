#include "fake_didit.h"

static void jump(struct fake_didit *f, int64_t s)
{
	atomic_fetch_add(&f->ahead, s * 1000);
}

static void a_token_serves_many_calls(void **state)
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

static void a_refused_token_is_renewed_once(void **state)
{
	struct fake_didit *f = *state;
	enum provider_cause cause;
	struct provider_session created;

	assert_int_equal(fake_create(f, &created, &cause), OK);
	atomic_store(&f->token_floor, 2);
	assert_int_equal(fake_create(f, &created, &cause), OK);
	assert_int_equal(atomic_load(&f->tokens), 2);
	assert_int_equal(atomic_load(&f->creates), 3);
	/* and not twice for one call */
	atomic_store(&f->token_floor, 1000);
	assert_int_equal(fake_create(f, &created, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_REFUSED);
	assert_int_equal(atomic_load(&f->tokens), 3);
	assert_int_equal(atomic_load(&f->creates), 5);
}

static void reading_renews_as_well(void **state)
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
} lives[] = {
	/* renewed five minutes before the end; a second of grace for the time that the test takes */
	{ "86400", 86400 - 301, 1 },
	{ "86400", 86400 - 300, 2 },
	{ "1000", 1000 - 301, 1 },
	{ "1000", 1000 - 300, 2 },
	/* a short life: at half of it */
	{ "60", 29, 1 },
	{ "60", 30, 2 },
	/* longer than a day is a day */
	{ "864000", 86400 - 300, 2 },
	/* what does not say how long it lives serves one call */
	{ "0", 0, 2 },
	{ "-5", 0, 2 },
	{ "null", 0, 2 },
	{ "\"86400\"", 0, 2 },
};

static void a_token_lives_as_long_as_it_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(lives); i++) {
		struct fake_didit *f = fake_new();
		void *own = f;
		enum provider_cause cause;
		struct provider_session created;

		f->expires_in = lives[i].expires_in;
		assert_int_equal(fake_create(f, &created, &cause), OK);
		jump(f, lives[i].later_s);
		assert_int_equal(fake_create(f, &created, &cause), OK);
		if (atomic_load(&f->tokens) != lives[i].tokens)
			fail_msg("row %zu: %d tokens", i, atomic_load(&f->tokens));
		fake_close(&own);
	}
}

static void the_old_token_serves_while_renewing_fails(void **state)
{
	struct fake_didit *f = *state;
	enum provider_cause cause;
	struct provider_session created;

	assert_int_equal(fake_create(f, &created, &cause), OK);
	jump(f, 86400 - 200);
	fake_says(f, &f->token, (struct said){ .status = 503 });
	assert_int_equal(fake_create(f, &created, &cause), OK);
	assert_int_equal(atomic_load(&f->tokens), 2);
	/* not asked again at once */
	assert_int_equal(fake_create(f, &created, &cause), OK);
	assert_int_equal(atomic_load(&f->tokens), 2);
	jump(f, 10);
	assert_int_equal(fake_create(f, &created, &cause), OK);
	assert_int_equal(atomic_load(&f->tokens), 3);
	/* and not beyond its life */
	jump(f, 190);
	assert_int_equal(fake_create(f, &created, &cause), ERR_UPSTREAM);
	assert_int_equal(cause, PROVIDER_UNREACHABLE);
}

static const struct {
	const char *name;
	struct said said;
	enum provider_cause cause;
} refusals[] = {
	{ "wrong credentials", { .status = 401, .body = "{\"error\":\"invalid_client\"}" },
		PROVIDER_REFUSED },
	{ "too often", { .status = 429, .body = "" }, PROVIDER_LIMIT },
	{ "down", { .status = 500, .body = "<html>" }, PROVIDER_UNREACHABLE },
	{ "HTML", { .body = "<html>" }, PROVIDER_INVALID_RESPONSE },
	{ "half", { .raw = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"access_" },
		PROVIDER_INVALID_RESPONSE },
	{ "huge", { .huge = true }, PROVIDER_INVALID_RESPONSE },
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

static void without_a_token_nothing_is_asked(void **state)
{
	struct fake_didit *f = *state;

	for (size_t i = 0; i < array_len(refusals); i++) {
		enum provider_cause cause = PROVIDER_OK;
		struct provider_session created;

		fake_says(f, &f->token, refusals[i].said);
		if (fake_create(f, &created, &cause) != ERR_UPSTREAM || cause != refusals[i].cause)
			fail_msg("%s: %s", refusals[i].name, provider_cause_name(cause));
		assert_int_equal(atomic_load(&f->tokens), (int)i + 1);
	}
	assert_int_equal(atomic_load(&f->creates), 0);
}

#define CROWD 16

struct caller {
	struct fake_didit *f;
	enum err outcome;
	enum provider_cause cause;
};

static void call_once(void *arg)
{
	struct caller *caller = arg;
	const struct session_params params = { .vendor_data = STR("p"), .callback = STR("c") };
	struct arena a;
	struct provider_session created;

	arena_init(&a, ARENA_CALL_LIMIT);
	caller->outcome = caller->f->provider->ops->create(
		caller->f->provider, &params, &a, &created, &caller->cause);
	arena_finish(&a);
}

/* All come while the first one is fetching. */
static void crowd_in(struct fake_didit *f, struct caller callers[CROWD])
{
	struct thread threads[CROWD] = { 0 };

	atomic_store(&f->waiting, 0);
	atomic_store(&f->token_hold, 1);
	for (size_t i = 0; i < CROWD; i++) {
		callers[i] = (struct caller){ .f = f };
		assert_int_equal(thread_start(&threads[i], call_once, &callers[i]), OK);
	}
	for (int i = 0; atomic_load(&f->waiting) == 0 && i < 50000000; i++)
		sched_yield();
	assert_int_equal(atomic_load(&f->waiting), 1);
	atomic_store(&f->token_hold, 0);
	for (size_t i = 0; i < CROWD; i++)
		thread_join(&threads[i]);
}

static void a_crowd_fetches_one_token(void **state)
{
	struct fake_didit *f = *state;
	struct caller callers[CROWD];

	crowd_in(f, callers);
	for (size_t i = 0; i < CROWD; i++)
		assert_int_equal(callers[i].outcome, OK);
	assert_int_equal(atomic_load(&f->tokens), 1);
	assert_int_equal(atomic_load(&f->creates), CROWD);
}

static void a_crowd_renews_a_refused_token_once(void **state)
{
	struct fake_didit *f = *state;
	struct caller callers[CROWD];
	enum provider_cause cause;
	struct provider_session created;

	assert_int_equal(fake_create(f, &created, &cause), OK);
	atomic_store(&f->token_floor, 2);
	crowd_in(f, callers);
	for (size_t i = 0; i < CROWD; i++)
		assert_int_equal(callers[i].outcome, OK);
	assert_int_equal(atomic_load(&f->tokens), 2);
}

static void hold_token(void *arg)
{
	call_once(arg);
}

static void who_waits_too_long_is_told(void **state)
{
	struct fake_didit *f = *state;
	struct caller first = { .f = f };
	struct thread thread = { .running = false };
	enum provider_cause cause = PROVIDER_OK;
	struct session_snapshot snapshot;

	atomic_store(&f->token_hold, 1);
	assert_int_equal(thread_start(&thread, hold_token, &first), OK);
	for (int i = 0; atomic_load(&f->waiting) == 0 && i < 50000000; i++)
		sched_yield();
	assert_int_equal(fake_read(f, "s-1", milliseconds(100), &snapshot, &cause), ERR_BUSY);
	assert_int_equal(cause, PROVIDER_UNREACHABLE);
	atomic_store(&f->token_hold, 0);
	thread_join(&thread);
	assert_int_equal(first.outcome, OK);
	assert_int_equal(atomic_load(&f->tokens), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DIDIT_TEST(a_token_serves_many_calls),
		DIDIT_TEST(a_refused_token_is_renewed_once),
		DIDIT_TEST(reading_renews_as_well),
		cmocka_unit_test(a_token_lives_as_long_as_it_says),
		DIDIT_TEST(the_old_token_serves_while_renewing_fails),
		DIDIT_TEST(without_a_token_nothing_is_asked),
		DIDIT_TEST(a_crowd_fetches_one_token),
		DIDIT_TEST(a_crowd_renews_a_refused_token_once),
		DIDIT_TEST(who_waits_too_long_is_told),
	};

	return cmocka_run_group_tests(tests, fake_world_start, NULL);
}
