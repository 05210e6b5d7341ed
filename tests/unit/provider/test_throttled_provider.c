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

struct fake_clock {
	struct clock base;
	_Atomic int64_t ticks;
};

struct fixture {
	struct fake_clock fake_clock;
	struct provider *inner, *provider;
	struct arena arena;
};

static int64_t fake_ticks(struct clock *clock)
{
	return atomic_load(&container_of(clock, struct fake_clock, base)->ticks);
}

static const struct clock_ops fake_clock_ops = { .ticks = fake_ticks };

static void discard_log_line(void *arg, struct str line)
{
	(void)arg;
	(void)line;
}

static int setup(void **state)
{
	struct fixture *const f = calloc(1, sizeof(*f));

	assert_non_null(f);
	log_sink_set(discard_log_line, NULL);
	f->fake_clock.base.ops = &fake_clock_ops;
	f->fake_clock.ticks = 5000000;
	arena_init(&f->arena, (size_t)1024 * 1024);
	assert_int_equal(fake_provider_open(&f->inner), OK);
	assert_int_equal(
		throttled_provider_open(f->inner, &f->fake_clock.base, seconds(10), &f->provider), OK);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *const f = *state;

	f->provider->ops->close(f->provider);
	arena_finish(&f->arena);
	free(f);
	return 0;
}

static void advance_clock_ms(struct fixture *f, int64_t ms)
{
	atomic_fetch_add(&f->fake_clock.ticks, ms);
}

static enum provider_cause create(struct fixture *f)
{
	const struct session_params params = { .vendor_data = STR("user") };
	struct provider_failure failure = { .cause = PROVIDER_OK };
	struct provider_session created;

	const enum err e = f->provider->ops->create(f->provider, &params, &f->arena, &created, &failure);
	assert_int_equal(e == OK, failure.cause == PROVIDER_OK);
	assert_int_equal(e == ERR_BUSY, failure.cause == PROVIDER_PAUSED);
	return failure.cause;
}

static enum provider_cause poll_session(struct fixture *f, enum poll_priority priority)
{
	const struct poll_params params = { STR("scripted-1"), seconds(3), priority };
	struct provider_failure failure = { .cause = PROVIDER_OK };
	struct session_snapshot *const snapshot = arena_new(&f->arena, struct session_snapshot);

	(void)!f->provider->ops->poll(f->provider, &params, &f->arena, snapshot, &failure);
	arena_reset(&f->arena);
	return failure.cause;
}

static int64_t breaker_is_open(void)
{
	return metric_read(METRIC_PROVIDER_OPEN, 0, 0);
}

static void polls_stay_within_the_budget_of_their_priority(void **state)
{
	struct fixture *const f = *state;
	size_t made = 0;

	for (int i = 0; i < 100; i++)
		made += poll_session(f, POLL_DUE) == PROVIDER_OK;
	assert_int_equal(made, 60);
	for (int i = 0; i < 100; i++)
		made += poll_session(f, POLL_REQUESTED) == PROVIDER_OK;
	assert_int_equal(made, 70);
	for (int i = 0; i < 100; i++)
		made += poll_session(f, POLL_FOR_CALLER) == PROVIDER_OK;
	assert_int_equal(made, 80);
	assert_int_equal(fake_provider_poll_count(f->inner), 80);
	assert_int_equal(create(f), PROVIDER_OK);
}

static void ten_failures_open_the_breaker(void **state)
{
	struct fixture *const f = *state;

	fake_provider_set_failure(f->inner, PROVIDER_UNREACHABLE);
	for (int i = 0; i < 9; i++)
		assert_int_equal(create(f), PROVIDER_UNREACHABLE);
	assert_int_equal(breaker_is_open(), 0);
	assert_int_equal(poll_session(f, POLL_FOR_CALLER), PROVIDER_UNREACHABLE);
	assert_int_equal(breaker_is_open(), 1);
	assert_int_equal(create(f), PROVIDER_PAUSED);
	assert_int_equal(poll_session(f, POLL_FOR_CALLER), PROVIDER_PAUSED);
	assert_int_equal(f->provider->ops->pause(f->provider).ms, 5000);
	advance_clock_ms(f, 4999);
	assert_int_equal(create(f), PROVIDER_PAUSED);
	assert_int_equal(f->provider->ops->pause(f->provider).ms, 1000);
	advance_clock_ms(f, 1);
	assert_int_equal(create(f), PROVIDER_UNREACHABLE);
	assert_int_equal(create(f), PROVIDER_PAUSED);
	assert_int_equal(fake_provider_create_count(f->inner), 10);
	fake_provider_set_failure(f->inner, PROVIDER_OK);
	advance_clock_ms(f, 5000);
	assert_int_equal(poll_session(f, POLL_DUE), PROVIDER_OK);
	assert_int_equal(breaker_is_open(), 0);
	assert_int_equal(create(f), PROVIDER_OK);
}

static void refusals_do_not_open_the_breaker(void **state)
{
	static const enum provider_cause answers[] = { PROVIDER_REFUSED, PROVIDER_CREDITS,
		PROVIDER_UNKNOWN_SESSION };
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(answers); i++) {
		fake_provider_set_failure(f->inner, answers[i]);
		for (int n = 0; n < 12; n++)
			assert_int_equal(create(f), answers[i]);
	}
	assert_int_equal(breaker_is_open(), 0);
}

static void calls_without_a_request_do_not_count_as_failures(void **state)
{
	struct fixture *const f = *state;

	fake_provider_set_failure(f->inner, PROVIDER_UNREACHABLE);
	for (int i = 0; i < 9; i++)
		(void)create(f);
	fake_provider_set_failure(f->inner, PROVIDER_PAUSED);
	(void)create(f);
	assert_int_equal(breaker_is_open(), 0);
	fake_provider_set_failure(f->inner, PROVIDER_UNREACHABLE);
	(void)create(f);
	assert_int_equal(breaker_is_open(), 1);
}

static void retry_after_pauses_further_creates(void **state)
{
	struct fixture *const f = *state;

	fake_provider_set_failure(f->inner, PROVIDER_LIMIT);
	fake_provider_set_retry_after(f->inner, seconds(17));
	assert_int_equal(create(f), PROVIDER_LIMIT);
	fake_provider_set_failure(f->inner, PROVIDER_OK);
	assert_int_equal(create(f), PROVIDER_PAUSED);
	assert_int_equal(f->provider->ops->pause(f->provider).ms, 17000);
	assert_int_equal(poll_session(f, POLL_FOR_CALLER), PROVIDER_OK); /* polls have a limit of their own */
	advance_clock_ms(f, 16999);
	assert_int_equal(create(f), PROVIDER_PAUSED);
	advance_clock_ms(f, 1);
	assert_int_equal(create(f), PROVIDER_OK);
}

struct creator {
	struct fixture *f;
	struct thread thread;
	struct provider_failure failure;
};

static void call_create(void *arg)
{
	struct creator *const c = arg;
	const struct session_params params = { .vendor_data = STR("user") };
	struct arena a;
	struct provider_session created;

	arena_init(&a, (size_t)64 * 1024);
	(void)!c->f->provider->ops->create(c->f->provider, &params, &a, &created, &c->failure);
	arena_finish(&a);
}

/* The fake clock stands still during this test. Rejected calls wait in real time. */
static void creates_over_the_limit_wait_and_are_rejected(void **state)
{
	enum { MANY = THROTTLED_CREATES + THROTTLED_WAITING + 1 };
	struct fixture *const f = *state;
	struct creator *const callers = calloc(MANY, sizeof(*callers));

	assert_non_null(callers);
	fake_provider_hold_creates(f->inner);
	for (size_t i = 0; i < MANY; i++) {
		callers[i].f = f;
		if (i < THROTTLED_CREATES)
			assert_int_equal(thread_start(&callers[i].thread, call_create, &callers[i]), OK);
	}
	assert_true(THROTTLED_CREATES >= 32);
	assert_true(fake_provider_wait_for_creates(f->inner, THROTTLED_CREATES, seconds(20)));
	/* Polls do not use the slots of creates, so a poll is possible. */
	assert_int_equal(poll_session(f, POLL_DUE), PROVIDER_OK);
	for (size_t i = THROTTLED_CREATES; i < MANY; i++)
		assert_int_equal(thread_start(&callers[i].thread, call_create, &callers[i]), OK);
	/* All slots for creates are in use, so every further create is rejected: after its wait, or at once
	 * if too many calls wait. */
	for (size_t i = THROTTLED_CREATES; i < MANY; i++)
		thread_join(&callers[i].thread);
	assert_int_equal(fake_provider_create_count(f->inner), THROTTLED_CREATES);
	fake_provider_release_creates(f->inner);
	for (size_t i = 0; i < THROTTLED_CREATES; i++)
		thread_join(&callers[i].thread);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(
			callers[i].failure.cause, i < THROTTLED_CREATES ? PROVIDER_OK : PROVIDER_PAUSED);
	free(callers);
}

static void waiting_create_gets_a_released_slot(void **state)
{
	enum { MANY = THROTTLED_CREATES + 8 };
	struct fixture *const f = *state;
	struct creator *const callers = calloc(MANY, sizeof(*callers));

	assert_non_null(callers);
	fake_provider_hold_creates(f->inner);
	for (size_t i = 0; i < MANY; i++) {
		callers[i].f = f;
		assert_int_equal(thread_start(&callers[i].thread, call_create, &callers[i]), OK);
	}
	assert_true(fake_provider_wait_for_creates(f->inner, THROTTLED_CREATES, seconds(20)));
	fake_provider_release_creates(f->inner);
	for (size_t i = 0; i < MANY; i++) {
		thread_join(&callers[i].thread);
		assert_int_equal(callers[i].failure.cause, PROVIDER_OK);
	}
	assert_int_equal(fake_provider_create_count(f->inner), MANY);
	free(callers);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(polls_stay_within_the_budget_of_their_priority),
		TEST(ten_failures_open_the_breaker),
		TEST(refusals_do_not_open_the_breaker),
		TEST(calls_without_a_request_do_not_count_as_failures),
		TEST(retry_after_pauses_further_creates),
		TEST(creates_over_the_limit_wait_and_are_rejected),
		TEST(waiting_create_gets_a_released_slot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
