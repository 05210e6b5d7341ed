#include "provider/throttled_provider.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "kit/fake_provider.h"
#include "port/world.h"

struct hands {
	struct clock base;
	_Atomic int64_t ticks;
};

struct runtime {
	struct hands hands;
	struct provider *inner, *provider;
	struct arena arena;
};

static int64_t hands_ticks(struct clock *clock)
{
	return atomic_load(&container_of(clock, struct hands, base)->ticks);
}

static const struct clock_ops hands_ops = { .ticks = hands_ticks };

static void swallow(void *arg, struct str line)
{
	(void)arg;
	(void)line;
}

static int setup(void **state)
{
	struct runtime *const h = calloc(1, sizeof(*h));

	assert_non_null(h);
	log_sink_set(swallow, NULL);
	h->hands.base.ops = &hands_ops;
	h->hands.ticks = 5000000;
	arena_init(&h->arena, (size_t)1024 * 1024);
	assert_int_equal(fake_provider_open(&h->inner), OK);
	assert_int_equal(throttled_provider_open(h->inner, &h->hands.base, seconds(10), &h->provider), OK);
	*state = h;
	return 0;
}

static int teardown(void **state)
{
	struct runtime *const h = *state;

	h->provider->ops->close(h->provider);
	arena_finish(&h->arena);
	free(h);
	return 0;
}

static void wait_ms(struct runtime *h, int64_t ms)
{
	atomic_fetch_add(&h->hands.ticks, ms);
}

static enum provider_cause create(struct runtime *h)
{
	const struct session_params params = { .vendor_data = STR("user") };
	enum provider_cause cause = PROVIDER_OK;
	struct provider_session created;

	const enum err e = h->provider->ops->create(h->provider, &params, &h->arena, &created, &cause);
	assert_int_equal(e == OK, cause == PROVIDER_OK);
	assert_int_equal(e == ERR_BUSY, cause == PROVIDER_PAUSED);
	return cause;
}

static enum provider_cause read_for(struct runtime *h, enum poll_priority whom)
{
	const struct poll_params params = { STR("scripted-1"), seconds(3), whom };
	enum provider_cause cause = PROVIDER_OK;
	struct session_snapshot *const snapshot = arena_new(&h->arena, struct session_snapshot);

	(void)!h->provider->ops->read(h->provider, &params, &h->arena, snapshot, &cause);
	arena_reset(&h->arena);
	return cause;
}

static int64_t is_open(void)
{
	return metric_read(METRIC_PROVIDER_OPEN, 0, 0);
}

static void readings_keep_to_the_budget(void **state)
{
	struct runtime *const h = *state;
	size_t made = 0;

	for (int i = 0; i < 100; i++)
		made += read_for(h, POLL_DUE) == PROVIDER_OK;
	assert_int_equal(made, 60);
	for (int i = 0; i < 100; i++)
		made += read_for(h, POLL_REQUESTED) == PROVIDER_OK;
	assert_int_equal(made, 70);
	for (int i = 0; i < 100; i++)
		made += read_for(h, POLL_FOR_CALLER) == PROVIDER_OK;
	assert_int_equal(made, 80);
	assert_int_equal(fake_provider_read_count(h->inner), 80);
	assert_int_equal(create(h), PROVIDER_OK);
}

static void what_says_that_it_is_down_opens_the_breaker(void **state)
{
	struct runtime *const h = *state;

	fake_provider_set_failure(h->inner, PROVIDER_UNREACHABLE);
	for (int i = 0; i < 9; i++)
		assert_int_equal(create(h), PROVIDER_UNREACHABLE);
	assert_int_equal(is_open(), 0);
	assert_int_equal(read_for(h, POLL_FOR_CALLER), PROVIDER_UNREACHABLE);
	assert_int_equal(is_open(), 1);
	assert_int_equal(create(h), PROVIDER_PAUSED);
	assert_int_equal(read_for(h, POLL_FOR_CALLER), PROVIDER_PAUSED);
	assert_int_equal(h->provider->ops->pause(h->provider).ms, 5000);
	wait_ms(h, 4999);
	assert_int_equal(create(h), PROVIDER_PAUSED);
	assert_int_equal(h->provider->ops->pause(h->provider).ms, 1000);
	wait_ms(h, 1);
	assert_int_equal(create(h), PROVIDER_UNREACHABLE);
	assert_int_equal(create(h), PROVIDER_PAUSED);
	assert_int_equal(fake_provider_create_count(h->inner), 10);
	fake_provider_set_failure(h->inner, PROVIDER_OK);
	wait_ms(h, 5000);
	assert_int_equal(read_for(h, POLL_DUE), PROVIDER_OK);
	assert_int_equal(is_open(), 0);
	assert_int_equal(create(h), PROVIDER_OK);
}

static void a_refusal_is_an_answer(void **state)
{
	static const enum provider_cause answers[] = { PROVIDER_REFUSED, PROVIDER_CREDITS,
		PROVIDER_UNKNOWN_SESSION };
	struct runtime *const h = *state;

	for (size_t i = 0; i < array_len(answers); i++) {
		fake_provider_set_failure(h->inner, answers[i]);
		for (int n = 0; n < 12; n++)
			assert_int_equal(create(h), answers[i]);
	}
	assert_int_equal(is_open(), 0);
}

static void what_was_not_asked_tells_nothing(void **state)
{
	struct runtime *const h = *state;

	fake_provider_set_failure(h->inner, PROVIDER_UNREACHABLE);
	for (int i = 0; i < 9; i++)
		(void)create(h);
	fake_provider_set_failure(h->inner, PROVIDER_PAUSED);
	(void)create(h);
	assert_int_equal(is_open(), 0);
	fake_provider_set_failure(h->inner, PROVIDER_UNREACHABLE);
	(void)create(h);
	assert_int_equal(is_open(), 1);
}

static void a_limit_of_theirs_is_waited_out(void **state)
{
	struct runtime *const h = *state;

	fake_provider_set_failure(h->inner, PROVIDER_LIMIT);
	fake_provider_set_retry_after(h->inner, seconds(17));
	assert_int_equal(create(h), PROVIDER_LIMIT);
	fake_provider_set_failure(h->inner, PROVIDER_OK);
	assert_int_equal(create(h), PROVIDER_PAUSED);
	assert_int_equal(h->provider->ops->pause(h->provider).ms, 17000);
	assert_int_equal(read_for(h, POLL_FOR_CALLER), PROVIDER_OK); /* another scope */
	wait_ms(h, 16999);
	assert_int_equal(create(h), PROVIDER_PAUSED);
	wait_ms(h, 1);
	assert_int_equal(create(h), PROVIDER_OK);
}

struct caller_of {
	struct runtime *h;
	struct thread thread;
	enum provider_cause cause;
};

static void call_create(void *arg)
{
	struct caller_of *const c = arg;
	const struct session_params params = { .vendor_data = STR("user") };
	struct arena a;
	struct provider_session created;

	arena_init(&a, (size_t)64 * 1024);
	(void)!c->h->provider->ops->create(c->h->provider, &params, &a, &created, &c->cause);
	arena_finish(&a);
}

/* The ticks stand still, so that who waits does so until a place is free. */
static void so_many_run_at_once_and_more_wait(void **state)
{
	enum { MANY = THROTTLED_CREATES + THROTTLED_WAITING + 1 };
	struct runtime *const h = *state;
	struct caller_of *const callers = calloc(MANY, sizeof(*callers));

	assert_non_null(callers);
	fake_provider_hold_creates(h->inner);
	for (size_t i = 0; i < MANY; i++) {
		callers[i].h = h;
		if (i < THROTTLED_CREATES)
			assert_int_equal(thread_start(&callers[i].thread, call_create, &callers[i]), OK);
	}
	assert_true(THROTTLED_CREATES >= 32);
	assert_true(fake_provider_wait_for_creates(h->inner, THROTTLED_CREATES, seconds(20)));
	/* Readings are not in their way. */
	assert_int_equal(read_for(h, POLL_DUE), PROVIDER_OK);
	for (size_t i = THROTTLED_CREATES; i < MANY; i++)
		assert_int_equal(thread_start(&callers[i].thread, call_create, &callers[i]), OK);
	/* Nobody comes in while they are out; who waits too long, or is one too many, is turned away. */
	for (size_t i = THROTTLED_CREATES; i < MANY; i++)
		thread_join(&callers[i].thread);
	assert_int_equal(fake_provider_create_count(h->inner), THROTTLED_CREATES);
	fake_provider_release_creates(h->inner);
	for (size_t i = 0; i < THROTTLED_CREATES; i++)
		thread_join(&callers[i].thread);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(callers[i].cause, i < THROTTLED_CREATES ? PROVIDER_OK : PROVIDER_PAUSED);
	free(callers);
}

static void who_waits_gets_the_place_that_is_freed(void **state)
{
	enum { MANY = THROTTLED_CREATES + 8 };
	struct runtime *const h = *state;
	struct caller_of *const callers = calloc(MANY, sizeof(*callers));

	assert_non_null(callers);
	fake_provider_hold_creates(h->inner);
	for (size_t i = 0; i < MANY; i++) {
		callers[i].h = h;
		assert_int_equal(thread_start(&callers[i].thread, call_create, &callers[i]), OK);
	}
	assert_true(fake_provider_wait_for_creates(h->inner, THROTTLED_CREATES, seconds(20)));
	fake_provider_release_creates(h->inner);
	for (size_t i = 0; i < MANY; i++) {
		thread_join(&callers[i].thread);
		assert_int_equal(callers[i].cause, PROVIDER_OK);
	}
	assert_int_equal(fake_provider_create_count(h->inner), MANY);
	free(callers);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(readings_keep_to_the_budget),
		TEST(what_says_that_it_is_down_opens_the_breaker),
		TEST(a_refusal_is_an_answer),
		TEST(what_was_not_asked_tells_nothing),
		TEST(a_limit_of_theirs_is_waited_out),
		TEST(so_many_run_at_once_and_more_wait),
		TEST(who_waits_gets_the_place_that_is_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
