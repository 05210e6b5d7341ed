/* Each version behind its door: what the provider's answers do to the next calls. */
#include "base/log.h"
#include "base/metrics.h"
#include "fake_didit.h"
#include "provider/throttled_provider.h"

#define AT_ONCE 32

static void swallow(void *arg, struct str line)
{
	(void)arg;
	(void)line;
}

static int door_open(void **state)
{
	struct fake_didit *const f = fake_new();

	log_sink_set(swallow, NULL);
	*state = f;
	return throttled_provider_open(f->provider, &f->clock, seconds(10), &f->provider) == OK ? 0 : -1;
}

static void jump(struct fake_didit *f, int64_t s)
{
	atomic_fetch_add(&f->ahead, s * 1000);
}

static enum provider_cause create(struct fake_didit *f)
{
	enum provider_cause cause;
	struct provider_session created;

	(void)!fake_create(f, &created, &cause);
	return cause;
}

static enum provider_cause read_one(struct fake_didit *f)
{
	enum provider_cause cause;
	struct session_snapshot snapshot;

	(void)!fake_read(f, "s-1", seconds(10), &snapshot, &cause);
	return cause;
}

static enum provider_cause find(struct fake_didit *f)
{
	const struct session_search search = { STR("person-1"), { 0 }, seconds(10) };
	enum provider_cause cause;
	struct provider_session created;

	(void)!f->provider->ops->find(f->provider, &search, &f->arena, &created, &cause);
	return cause;
}

static int64_t is_open(void)
{
	return metric_read(METRIC_PROVIDER_OPEN, 0, 0);
}

/* What says that somebody is there, or nothing about it. */
static const struct {
	const char *name;
	struct said said;
} no_signs[] = {
	{ "half an answer", { .raw = "HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{\"session_id\"" } },
	{ "half a chunk",
		{ .raw = "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n{\"se" } },
	{ "no HTTP", { .raw = "220 mail.example.com ESMTP\r\n" } },
	{ "HTML", { .body = "<html>fine</html>" } },
	{ "too large", { .huge = true } },
	{ "a redirect", { .status = 302, .body = "" } },
	{ "forbidden", { .status = 403, .body = "{}" } },
	{ "not found", { .status = 404, .body = "{}" } },
	{ "no URL", { .body = "{\"session_id\":\"s-1\"}" } },
	{ "a foreign URL", { .body = "{\"session_id\":\"s-1\",\"url\":\"https://evil.example/s\"}" } },
};

static void what_is_no_sign_of_being_down_opens_nothing(void **state)
{
	struct fake_didit *f = *state;

	for (size_t i = 0; i < array_len(no_signs); i++) {
		fake_says(f, &f->create, no_signs[i].said);
		for (int n = 0; n < 11; n++)
			if (create(f) == PROVIDER_PAUSED || is_open())
				fail_msg("%s, %d", no_signs[i].name, n);
	}
}

static const struct {
	const char *name;
	struct said said;
} signs[] = {
	{ "500", { .status = 500, .body = "<html>" } },
	{ "half of a 502", { .raw = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 500\r\n\r\n<html>" } },
	{ "599", { .status = 599, .body = "{}" } },
	{ "no answer", { .raw = "" } },
	{ "silence", { .silent = true } },
	{ "an answer without an end", { .trickles = true } },
};

static void ten_signs_in_a_row_open_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(signs); i++) {
		struct fake_didit *f;
		void *own;

		assert_int_equal(door_open(&own), 0);
		f = own;
		f->provider->ops->close(f->provider);
		fake_provider_open(f, milliseconds(150));
		assert_int_equal(
			throttled_provider_open(f->provider, &f->clock, seconds(10), &f->provider), OK);
		/* A busy machine may take longer than that for the first one. */
		for (int n = 0; n < 20 && create(f) != PROVIDER_OK; n++)
			;
		atomic_store(&f->creates, 1);
		fake_says(f, &f->create, signs[i].said);
		for (int n = 0; n < 9; n++)
			if (create(f) != PROVIDER_UNREACHABLE || is_open())
				fail_msg("%s, %d", signs[i].name, n);
		assert_int_equal(create(f), PROVIDER_UNREACHABLE);
		assert_int_equal(is_open(), 1);
		assert_int_equal(create(f), PROVIDER_PAUSED);
		assert_int_equal(read_one(f), PROVIDER_PAUSED);
		assert_int_equal(atomic_load(&f->creates), 11);
		/* Half an answer is no success. */
		fake_says(f, &f->create, no_signs[0].said);
		jump(f, 5);
		assert_int_equal(create(f), PROVIDER_INVALID_RESPONSE);
		assert_int_equal(is_open(), 1);
		assert_int_equal(create(f), PROVIDER_PAUSED);
		jump(f, 5);
		assert_int_equal(read_one(f), PROVIDER_OK);
		assert_int_equal(is_open(), 0);
		assert_int_equal(create(f), PROVIDER_INVALID_RESPONSE);
		fake_close(&own);
	}
}

#define SLOW_DOWN "HTTP/1.1 429 Too Many Requests\r\n%sContent-Length: 2\r\nConnection: close\r\n\r\n{}"

struct kind {
	const char *name;
	enum provider_cause (*call)(struct fake_didit *f);
	enum provider_cause (*other)(struct fake_didit *f); /* of another scope */
	size_t said;					    /* where its answer stands */
	bool needs_list;
};

static const struct kind kinds[] = {
	{ "create", create, read_one, offsetof(struct fake_didit, create), false },
	{ "read", read_one, create, offsetof(struct fake_didit, read), false },
	{ "find", find, create, offsetof(struct fake_didit, list), true },
};

static struct said *said_of(struct fake_didit *f, const struct kind *kind)
{
	return (struct said *)(void *)((char *)f + kind->said);
}

static int asked(struct fake_didit *f)
{
	return atomic_load(&f->creates) + atomic_load(&f->reads) + atomic_load(&f->lists);
}

static void a_pause_that_is_asked_for_is_kept(void **state)
{
	char raw[200];

	(void)state;
	(void)snprintf(raw, sizeof(raw), SLOW_DOWN, "Retry-After: 17\r\n");
	for (size_t i = 0; i < array_len(kinds); i++) {
		struct fake_didit *f;
		void *own;

		if (kinds[i].needs_list && fake_is_v1())
			continue;
		assert_int_equal(door_open(&own), 0);
		f = own;
		fake_says(f, said_of(f, &kinds[i]), (struct said){ .raw = raw });
		assert_int_equal(kinds[i].call(f), PROVIDER_LIMIT);
		fake_says(f, said_of(f, &kinds[i]), (struct said){ 0 });
		jump(f, 16);
		if (kinds[i].call(f) != PROVIDER_PAUSED || asked(f) != 1)
			fail_msg("%s: asked %d times", kinds[i].name, asked(f));
		assert_int_equal(kinds[i].other(f), PROVIDER_OK);
		jump(f, 1);
		assert_int_equal(kinds[i].call(f), PROVIDER_OK);
		assert_int_equal(is_open(), 0);
		fake_close(&own);
	}
}

/* didit-api.md 9: 5 s, 10, 20, 40. */
static void who_does_not_say_how_long_is_left_alone_for_longer_each_time(void **state)
{
	static const int64_t waits[] = { 5, 10, 20, 40, 40 };
	char raw[200];

	(void)state;
	(void)snprintf(raw, sizeof(raw), SLOW_DOWN, "");
	for (size_t i = 0; i < array_len(kinds); i++) {
		struct fake_didit *f;
		void *own;

		if (kinds[i].needs_list && fake_is_v1())
			continue;
		assert_int_equal(door_open(&own), 0);
		f = own;
		fake_says(f, said_of(f, &kinds[i]), (struct said){ .raw = raw });
		for (size_t n = 0; n < array_len(waits); n++) {
			assert_int_equal(kinds[i].call(f), PROVIDER_LIMIT);
			jump(f, waits[n] - 1);
			assert_int_equal(kinds[i].call(f), PROVIDER_PAUSED);
			jump(f, 1);
		}
		assert_int_equal(asked(f), (int)array_len(waits));
		fake_close(&own);
	}
}

static void the_token_hosts_pause_is_kept_too(void **state)
{
	struct fake_didit *f = *state;
	char raw[200];

	if (!fake_is_v1())
		return;
	(void)snprintf(raw, sizeof(raw), SLOW_DOWN, "Retry-After: 17\r\n");
	fake_says(f, &f->token, (struct said){ .raw = raw });
	assert_int_equal(create(f), PROVIDER_LIMIT);
	fake_says(f, &f->token, (struct said){ 0 });
	jump(f, 8);
	assert_int_equal(create(f), PROVIDER_PAUSED);
	/* A token is a token: neither is it asked for a reading's sake. */
	assert_int_equal(read_one(f), PROVIDER_LIMIT);
	jump(f, 8);
	assert_int_equal(read_one(f), PROVIDER_PAUSED);
	assert_int_equal(create(f), PROVIDER_PAUSED);
	assert_int_equal(atomic_load(&f->tokens), 1);
	jump(f, 1);
	assert_int_equal(create(f), PROVIDER_OK);
	assert_int_equal(read_one(f), PROVIDER_OK);
	assert_int_equal(atomic_load(&f->tokens), 2);
}

/* didit-api.md 9: 100 a minute on v1 and v2, of which we take 80; v3 has only what all of its GET have. */
static void a_minute_has_so_many_readings(void **state)
{
	const int wanted = strcmp(FAKE_VERSION, "v3") == 0 ? 160 : 80;
	struct fake_didit *f = *state;

	for (int i = 0; i < wanted; i++)
		assert_int_equal(read_one(f), PROVIDER_OK);
	for (int i = 0; i < 20; i++)
		assert_int_equal(read_one(f), PROVIDER_PAUSED);
	if (!fake_is_v1())
		assert_int_equal(find(f), PROVIDER_PAUSED);
	assert_int_equal(create(f), PROVIDER_OK);
	jump(f, 50);
	assert_int_equal(read_one(f), PROVIDER_PAUSED);
	assert_int_equal(atomic_load(&f->reads), wanted);
	assert_int_equal(atomic_load(&f->lists), 0);
	jump(f, 20);
	assert_int_equal(read_one(f), PROVIDER_OK);
}

struct caller {
	struct fake_didit *f;
	struct thread thread;
	enum provider_cause cause;
};

static void call_once(void *arg)
{
	struct caller *const caller = arg;
	const struct session_params params = { .vendor_data = STR("p"), .callback = STR("c") };
	struct arena a;
	struct provider_session created;

	arena_init(&a, ARENA_CALL_LIMIT);
	(void)!caller->f->provider->ops->create(caller->f->provider, &params, &a, &created, &caller->cause);
	arena_finish(&a);
}

/* The provider answers none before all of them have asked. */
static void so_many_are_out_at_once(void **state)
{
	static struct caller callers[AT_ONCE];
	struct fake_didit *f = *state;

	atomic_store(&f->creates_together, AT_ONCE);
	for (size_t i = 0; i < AT_ONCE; i++) {
		callers[i] = (struct caller){ .f = f, .cause = PROVIDER_PAUSED };
		assert_int_equal(thread_start(&callers[i].thread, call_once, &callers[i]), OK);
	}
	for (size_t i = 0; i < AT_ONCE; i++)
		thread_join(&callers[i].thread);
	for (size_t i = 0; i < AT_ONCE; i++)
		assert_int_equal(callers[i].cause, PROVIDER_OK);
	assert_int_equal(atomic_load(&f->creates), AT_ONCE);
	assert_int_equal(atomic_load(&f->tokens), fake_is_v1() ? 1 : 0);
}

/* One failed fetch of a token is one sign, however many waited for it. */
static void a_crowd_that_waits_for_a_token_is_one_call(void **state)
{
	static struct caller callers[AT_ONCE];
	struct fake_didit *f = *state;

	if (!fake_is_v1())
		return;
	fake_says(f, &f->token, (struct said){ .status = 503 });
	atomic_store(&f->token_hold, 1);
	for (size_t i = 0; i < AT_ONCE; i++) {
		callers[i] = (struct caller){ .f = f };
		assert_int_equal(thread_start(&callers[i].thread, call_once, &callers[i]), OK);
	}
	for (int64_t began = fake_ticks(&f->clock); fake_ticks(&f->clock) - began < 300;)
		sched_yield(); /* most are there by then; who comes later asks once more */
	atomic_store(&f->token_hold, 0);
	for (size_t i = 0; i < AT_ONCE; i++)
		thread_join(&callers[i].thread);
	for (size_t i = 0; i < AT_ONCE; i++)
		assert_int_equal(callers[i].cause, PROVIDER_UNREACHABLE);
	assert_true(atomic_load(&f->tokens) < 10);
	assert_int_equal(is_open(), 0);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, door_open, fake_close)
	const struct CMUnitTest tests[] = {
		TEST(what_is_no_sign_of_being_down_opens_nothing),
		cmocka_unit_test(ten_signs_in_a_row_open_it),
		cmocka_unit_test(a_pause_that_is_asked_for_is_kept),
		cmocka_unit_test(who_does_not_say_how_long_is_left_alone_for_longer_each_time),
		TEST(the_token_hosts_pause_is_kept_too),
		TEST(a_minute_has_so_many_readings),
		TEST(so_many_are_out_at_once),
		TEST(a_crowd_that_waits_for_a_token_is_one_call),
	};

	return cmocka_run_group_tests(tests, fake_world_start, NULL);
}
