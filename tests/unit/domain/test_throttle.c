#include "domain/throttle.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"

#define START 1000000

static const struct throttle_limits v1 = { 80, 30 };

static bool try_call(struct throttle *throttle, enum throttle_call call, int64_t ticks)
{
	duration wait = { -1 };
	const bool passes = throttle_take(throttle, &v1, call, ticks, &wait);

	assert_true(passes || wait.ms > 0);
	return passes;
}

static int64_t wait_of(struct throttle *throttle, enum throttle_call call, int64_t ticks)
{
	duration wait = { 0 };

	assert_false(throttle_take(throttle, &v1, call, ticks, &wait));
	return wait.ms;
}

static int64_t try_until_refused(struct throttle *throttle, enum throttle_call call, int64_t ticks)
{
	int64_t n = 0;

	while (try_call(throttle, call, ticks))
		n++;
	return n;
}

static void limits_of_each_version_are_below_those_of_the_provider(void **state)
{
	static const struct {
		const char *version;
		int64_t polls_allowed, gets_allowed;
	} versions[] = { { "v1", 100, 300 }, { "v2", 100, 300 }, { "v3", 300, 300 } };

	(void)state;
	for (size_t i = 0; i < array_len(versions); i++) {
		const struct throttle_limits limits = throttle_limits_of(versions[i].version);

		assert_true(limits.polls * 10 <= versions[i].polls_allowed * 8);
		assert_true((limits.polls + limits.finds) * 10 <= versions[i].gets_allowed * 8);
	}
	assert_int_equal(throttle_limits_of("v1").polls, 80);
	assert_int_equal(throttle_limits_of("v2").polls, 80);
	assert_int_equal(throttle_limits_of("v9").polls, 80);
}

static void scheduled_polls_leave_budget_for_requested_and_waiting_ones(void **state)
{
	struct throttle throttle = { 0 };

	(void)state;
	assert_int_equal(try_until_refused(&throttle, THROTTLE_POLL_DUE, START), 60);
	assert_int_equal(try_until_refused(&throttle, THROTTLE_POLL_REQUESTED, START), 10);
	assert_int_equal(try_until_refused(&throttle, THROTTLE_POLL_WAITING, START), 10);
	throttle = (struct throttle){ 0 };
	assert_int_equal(
		try_until_refused(&throttle, THROTTLE_POLL_REQUESTED, START), 40); /* half of the budget */
	assert_int_equal(try_until_refused(&throttle, THROTTLE_POLL_DUE, START), 20);
	assert_int_equal(try_until_refused(&throttle, THROTTLE_POLL_WAITING, START), 20);
	throttle = (struct throttle){ 0 };
	assert_int_equal(try_until_refused(&throttle, THROTTLE_POLL_WAITING, START), 80);
	assert_int_equal(try_until_refused(&throttle, THROTTLE_POLL_REQUESTED, START), 0);
	assert_int_equal(try_until_refused(&throttle, THROTTLE_POLL_DUE, START), 0);
	assert_int_equal(try_until_refused(&throttle, THROTTLE_FIND, START), 0);
	assert_true(try_call(&throttle, THROTTLE_CREATE, START));
	throttle = (struct throttle){ 0 };
	assert_int_equal(try_until_refused(&throttle, THROTTLE_FIND, START), 30);
	assert_int_equal(try_until_refused(&throttle, THROTTLE_POLL_WAITING, START), 50);
}

/* With calls in random order, no period of 60 s has more than 80 polls or more than 40 requested ones. */
static void no_minute_exceeds_the_budget(void **state)
{
	enum { N = 20000 };
	static int64_t at[N];
	static enum throttle_call calls[N];
	struct throttle throttle = { 0 };
	uint64_t seed = 20260105;
	size_t n = 0, first = 0, requested = 0;

	(void)state;
	for (int64_t ticks = START; ticks < START + 3600000; ticks += (int64_t)(seed % 400)) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		const enum throttle_call call = THROTTLE_POLL_WAITING +
						(enum throttle_call)((seed >> 33) % 3);
		if (!try_call(&throttle, call, ticks))
			continue;
		assert_true(n < N);
		at[n] = ticks;
		calls[n++] = call;
		requested += call == THROTTLE_POLL_REQUESTED;
		for (; at[first] <= ticks - 60000; first++)
			requested -= calls[first] == THROTTLE_POLL_REQUESTED;
		assert_true(n - first <= 80);
		assert_true(requested <= 40);
	}
	assert_true(n > (size_t)60 * 70); /* the budget was nearly used up */
}

static void budget_is_available_again_after_a_minute(void **state)
{
	struct throttle throttle = { 0 };

	(void)state;
	assert_int_equal(try_until_refused(&throttle, THROTTLE_POLL_WAITING, START), 80);
	const int64_t wait = wait_of(&throttle, THROTTLE_POLL_WAITING, START);
	assert_in_range(wait, 60000, 60000 + 60000 / WINDOW_SLOTS);
	assert_false(try_call(&throttle, THROTTLE_POLL_WAITING, START + wait - 1));
	assert_true(try_call(&throttle, THROTTLE_POLL_WAITING, START + wait));
}

static void ten_consecutive_failures_open_the_breaker(void **state)
{
	struct throttle throttle = { 0 };

	(void)state;
	for (int i = 0; i < 9; i++)
		assert_false(throttle_record(&throttle, HEALTH_DOWN, START));
	assert_false(throttle_record(&throttle, HEALTH_UP, START)); /* resets the count */
	for (int i = 0; i < 9; i++) {
		assert_false(throttle_record(&throttle, HEALTH_DOWN, START));
		assert_false(throttle_record(&throttle, HEALTH_UNKNOWN, START)); /* is ignored */
	}
	assert_true(try_call(&throttle, THROTTLE_CREATE, START));
	assert_int_equal(throttle_create_delay(&throttle, START).ms, 0);
	assert_true(throttle_record(&throttle, HEALTH_DOWN, START));
	assert_true(throttle.breaker_open);
	assert_int_equal(wait_of(&throttle, THROTTLE_CREATE, START), 5000);
	assert_int_equal(throttle_create_delay(&throttle, START).ms, 5000);
}

static struct throttle open_breaker(void)
{
	struct throttle throttle = { 0 };

	for (int i = 0; i < BREAKER_FAILURES; i++)
		(void)throttle_record(&throttle, HEALTH_DOWN, START);
	return throttle;
}

static void open_breaker_allows_one_call_every_five_seconds(void **state)
{
	struct throttle throttle = open_breaker();

	(void)state;
	for (enum throttle_call call = 0; call < THROTTLE_CALL_COUNT; call++)
		assert_int_equal(wait_of(&throttle, call, START + 4999), 1);
	assert_true(try_call(&throttle, THROTTLE_POLL_DUE, START + 5000));
	assert_false(throttle_record(&throttle, HEALTH_DOWN, START + 5100));
	assert_int_equal(wait_of(&throttle, THROTTLE_CREATE, START + 5000), 5000);
	assert_false(try_call(&throttle, THROTTLE_CREATE, START + 9999));
	assert_true(try_call(&throttle, THROTTLE_CREATE, START + 10000));
	assert_false(try_call(&throttle, THROTTLE_CREATE, START + 10000));
	assert_true(throttle_record(&throttle, HEALTH_UP, START + 10001));
	assert_false(throttle.breaker_open);
	assert_true(try_call(&throttle, THROTTLE_CREATE, START + 10001));
	/* The breaker opens again only after ten failures. */
	assert_false(throttle_record(&throttle, HEALTH_DOWN, START + 10002));
	assert_true(try_call(&throttle, THROTTLE_CREATE, START + 10002));
}

/* While the breaker is open, it lets one call through as a probe. A call that the budget refuses does not use
 * up this probe. */
static void call_over_budget_does_not_use_the_probe(void **state)
{
	struct throttle throttle = { 0 };

	(void)state;
	(void)try_until_refused(&throttle, THROTTLE_POLL_WAITING, START);
	for (int i = 0; i < BREAKER_FAILURES; i++)
		(void)throttle_record(&throttle, HEALTH_DOWN, START);
	assert_false(try_call(&throttle, THROTTLE_POLL_WAITING, START + 5000));
	assert_true(try_call(&throttle, THROTTLE_CREATE, START + 5000));
}

static void retry_after_is_obeyed_per_kind_of_call(void **state)
{
	struct throttle throttle = { 0 };

	(void)state;
	throttle_retry_after(&throttle, THROTTLE_POLL_DUE, START, seconds(7));
	assert_int_equal(wait_of(&throttle, THROTTLE_POLL_WAITING, START + 6999), 1);
	assert_true(try_call(&throttle, THROTTLE_POLL_WAITING, START + 7000));
	/* The delay applies to polls only; `create` has a limit of its own. */
	assert_true(try_call(&throttle, THROTTLE_CREATE, START));
	assert_int_equal(throttle_create_delay(&throttle, START).ms, 0);
	throttle_retry_after(&throttle, THROTTLE_CREATE, START, seconds(30));
	/* A shorter delay does not shorten the first one. */
	throttle_retry_after(&throttle, THROTTLE_CREATE, START, seconds(3));
	assert_int_equal(wait_of(&throttle, THROTTLE_CREATE, START), 30000);
	assert_int_equal(throttle_create_delay(&throttle, START + 1).ms, 29999);
	assert_true(try_call(&throttle, THROTTLE_CREATE, START + 30000));
	throttle_retry_after(&throttle, THROTTLE_CREATE, START, days(400));
	assert_int_equal(wait_of(&throttle, THROTTLE_CREATE, START), 600000);
}

static int64_t limited_delay(struct throttle *throttle, enum throttle_call call, int64_t ticks)
{
	duration wait = { 0 };

	throttle_retry_after(throttle, call, ticks, seconds(0));
	return throttle_take(throttle, &v1, call, ticks, &wait) ? 0 : wait.ms;
}

/* didit-api.md 9 */
static void delay_doubles_without_retry_after(void **state)
{
	struct throttle throttle = { 0 };

	(void)state;
	assert_int_equal(limited_delay(&throttle, THROTTLE_CREATE, START), 5000);
	/* three more 429 answers to calls that were already under way */
	for (int i = 0; i < 3; i++)
		assert_int_equal(limited_delay(&throttle, THROTTLE_CREATE, START + 1000), 5000);
	assert_int_equal(limited_delay(&throttle, THROTTLE_CREATE, START + 10000), 10000);
	assert_int_equal(limited_delay(&throttle, THROTTLE_POLL_DUE, START + 10000),
		5000); /* polls have their own limit */
	assert_int_equal(limited_delay(&throttle, THROTTLE_CREATE, START + 30000), 20000);
	assert_int_equal(limited_delay(&throttle, THROTTLE_CREATE, START + 60000), 40000);
	assert_int_equal(limited_delay(&throttle, THROTTLE_CREATE, START + 110000), 40000);
	throttle_reset(&throttle, THROTTLE_POLL_WAITING);
	assert_int_equal(limited_delay(&throttle, THROTTLE_CREATE, START + 160000), 40000);
	throttle_reset(&throttle, THROTTLE_CREATE);
	assert_int_equal(limited_delay(&throttle, THROTTLE_CREATE, START + 210000), 5000);
	/* a delay that the provider itself requests is used as it is */
	throttle_retry_after(&throttle, THROTTLE_CREATE, START + 220000, seconds(1));
	assert_int_equal(wait_of(&throttle, THROTTLE_CREATE, START + 220000), 1000);
}

static void unexpected_answers_neither_open_nor_close_the_breaker(void **state)
{
	struct throttle throttle = { 0 };

	(void)state;
	for (int i = 0; i < 9; i++)
		assert_false(throttle_record(&throttle, HEALTH_DOWN, START));
	assert_false(throttle_record(&throttle, HEALTH_UNEXPECTED, START)); /* resets the count */
	for (int i = 0; i < 9; i++)
		assert_false(throttle_record(&throttle, HEALTH_DOWN, START));
	assert_true(throttle_record(&throttle, HEALTH_DOWN, START));
	assert_false(throttle_record(&throttle, HEALTH_UNEXPECTED, START + 5000));
	assert_true(throttle.breaker_open);
	assert_true(throttle_record(&throttle, HEALTH_UP, START + 5001));
	assert_false(throttle.breaker_open);
}

/* Of several calls that run at the same time, some may open the breaker before another one succeeds. */
static void successful_call_ends_the_delay_for_create(void **state)
{
	struct throttle throttle = { 0 };

	(void)state;
	for (int i = 0; i < 10; i++)
		(void)throttle_record(&throttle, HEALTH_DOWN, START);
	assert_int_equal(throttle_create_delay(&throttle, START + 1).ms, 4999);
	assert_true(throttle_record(&throttle, HEALTH_UP, START + 1));
	assert_int_equal(throttle_create_delay(&throttle, START + 1).ms, 0);
	assert_true(try_call(&throttle, THROTTLE_CREATE, START + 1));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_of_each_version_are_below_those_of_the_provider),
		cmocka_unit_test(scheduled_polls_leave_budget_for_requested_and_waiting_ones),
		cmocka_unit_test(no_minute_exceeds_the_budget),
		cmocka_unit_test(budget_is_available_again_after_a_minute),
		cmocka_unit_test(ten_consecutive_failures_open_the_breaker),
		cmocka_unit_test(open_breaker_allows_one_call_every_five_seconds),
		cmocka_unit_test(call_over_budget_does_not_use_the_probe),
		cmocka_unit_test(retry_after_is_obeyed_per_kind_of_call),
		cmocka_unit_test(delay_doubles_without_retry_after),
		cmocka_unit_test(unexpected_answers_neither_open_nor_close_the_breaker),
		cmocka_unit_test(successful_call_ends_the_delay_for_create),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
