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

static bool take(struct throttle *throttle, enum throttle_call call, int64_t ticks)
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

static int64_t take_all(struct throttle *throttle, enum throttle_call call, int64_t ticks)
{
	int64_t n = 0;

	while (take(throttle, call, ticks))
		n++;
	return n;
}

static void each_version_stays_below_what_is_allowed(void **state)
{
	static const struct {
		const char *version;
		int64_t readings_allowed, gets_allowed;
	} versions[] = { { "v1", 100, 300 }, { "v2", 100, 300 }, { "v3", 300, 300 } };

	(void)state;
	for (size_t i = 0; i < array_len(versions); i++) {
		const struct throttle_limits limits = throttle_limits_of(versions[i].version);

		assert_true(limits.polls * 10 <= versions[i].readings_allowed * 8);
		assert_true((limits.polls + limits.finds) * 10 <= versions[i].gets_allowed * 8);
	}
	assert_int_equal(throttle_limits_of("v1").polls, 80);
	assert_int_equal(throttle_limits_of("v2").polls, 80);
	assert_int_equal(throttle_limits_of("v9").polls, 80);
}

static void who_comes_first(void **state)
{
	struct throttle throttle = { 0 };

	(void)state;
	assert_int_equal(take_all(&throttle, THROTTLE_POLL_DUE, START), 60);
	assert_int_equal(take_all(&throttle, THROTTLE_POLL_REQUESTED, START), 10);
	assert_int_equal(take_all(&throttle, THROTTLE_POLL_WAITING, START), 10);
	throttle = (struct throttle){ 0 };
	assert_int_equal(take_all(&throttle, THROTTLE_POLL_REQUESTED, START), 40); /* half */
	assert_int_equal(take_all(&throttle, THROTTLE_POLL_DUE, START), 20);
	assert_int_equal(take_all(&throttle, THROTTLE_POLL_WAITING, START), 20);
	throttle = (struct throttle){ 0 };
	assert_int_equal(take_all(&throttle, THROTTLE_POLL_WAITING, START), 80);
	assert_int_equal(take_all(&throttle, THROTTLE_POLL_REQUESTED, START), 0);
	assert_int_equal(take_all(&throttle, THROTTLE_POLL_DUE, START), 0);
	assert_int_equal(take_all(&throttle, THROTTLE_FIND, START), 0);
	assert_true(take(&throttle, THROTTLE_CREATE, START));
	throttle = (struct throttle){ 0 };
	assert_int_equal(take_all(&throttle, THROTTLE_FIND, START), 30);
	assert_int_equal(take_all(&throttle, THROTTLE_POLL_WAITING, START), 50);
}

/* Whatever comes in whatever order: never more than 80 in any 60 s, of which 40 are for what was asked. */
static void no_minute_has_more(void **state)
{
	enum { N = 20000 };
	static int64_t at[N];
	static enum throttle_call what[N];
	struct throttle throttle = { 0 };
	uint64_t seed = 20260105;
	size_t n = 0, first = 0, asked = 0;

	(void)state;
	for (int64_t ticks = START; ticks < START + 3600000; ticks += (int64_t)(seed % 400)) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		const enum throttle_call call = THROTTLE_POLL_WAITING +
						(enum throttle_call)((seed >> 33) % 3);
		if (!take(&throttle, call, ticks))
			continue;
		assert_true(n < N);
		at[n] = ticks;
		what[n++] = call;
		asked += call == THROTTLE_POLL_REQUESTED;
		for (; at[first] <= ticks - 60000; first++)
			asked -= what[first] == THROTTLE_POLL_REQUESTED;
		assert_true(n - first <= 80);
		assert_true(asked <= 40);
	}
	assert_true(n > (size_t)60 * 70); /* and it is used */
}

static void the_budget_comes_back_after_a_minute(void **state)
{
	struct throttle throttle = { 0 };

	(void)state;
	assert_int_equal(take_all(&throttle, THROTTLE_POLL_WAITING, START), 80);
	const int64_t wait = wait_of(&throttle, THROTTLE_POLL_WAITING, START);
	assert_in_range(wait, 60000, 60000 + 60000 / WINDOW_SLOTS);
	assert_false(take(&throttle, THROTTLE_POLL_WAITING, START + wait - 1));
	assert_true(take(&throttle, THROTTLE_POLL_WAITING, START + wait));
}

static void ten_failures_in_a_row_open_it(void **state)
{
	struct throttle throttle = { 0 };

	(void)state;
	for (int i = 0; i < 9; i++)
		assert_false(throttle_record(&throttle, HEALTH_DOWN, START));
	assert_false(throttle_record(&throttle, HEALTH_UP, START)); /* and begins anew */
	for (int i = 0; i < 9; i++) {
		assert_false(throttle_record(&throttle, HEALTH_DOWN, START));
		assert_false(throttle_record(&throttle, HEALTH_UNKNOWN, START)); /* tells nothing */
	}
	assert_true(take(&throttle, THROTTLE_CREATE, START));
	assert_int_equal(throttle_create_delay(&throttle, START).ms, 0);
	assert_true(throttle_record(&throttle, HEALTH_DOWN, START));
	assert_true(throttle.breaker_open);
	assert_int_equal(wait_of(&throttle, THROTTLE_CREATE, START), 5000);
	assert_int_equal(throttle_create_delay(&throttle, START).ms, 5000);
}

static struct throttle opened(void)
{
	struct throttle throttle = { 0 };

	for (int i = 0; i < BREAKER_FAILURES; i++)
		(void)throttle_record(&throttle, HEALTH_DOWN, START);
	return throttle;
}

static void one_call_passes_every_five_seconds(void **state)
{
	struct throttle throttle = opened();

	(void)state;
	for (enum throttle_call call = 0; call < THROTTLE_CALL_COUNT; call++)
		assert_int_equal(wait_of(&throttle, call, START + 4999), 1);
	assert_true(take(&throttle, THROTTLE_POLL_DUE, START + 5000));
	assert_false(throttle_record(&throttle, HEALTH_DOWN, START + 5100));
	assert_int_equal(wait_of(&throttle, THROTTLE_CREATE, START + 5000), 5000);
	assert_false(take(&throttle, THROTTLE_CREATE, START + 9999));
	assert_true(take(&throttle, THROTTLE_CREATE, START + 10000));
	assert_false(take(&throttle, THROTTLE_CREATE, START + 10000));
	assert_true(throttle_record(&throttle, HEALTH_UP, START + 10001));
	assert_false(throttle.breaker_open);
	assert_true(take(&throttle, THROTTLE_CREATE, START + 10001));
	assert_false(throttle_record(&throttle, HEALTH_DOWN, START + 10002)); /* ten are wanted again */
	assert_true(take(&throttle, THROTTLE_CREATE, START + 10002));
}

/* What is refused for another reason is no try. */
static void a_used_up_budget_spends_no_probe(void **state)
{
	struct throttle throttle = { 0 };

	(void)state;
	(void)take_all(&throttle, THROTTLE_POLL_WAITING, START);
	for (int i = 0; i < BREAKER_FAILURES; i++)
		(void)throttle_record(&throttle, HEALTH_DOWN, START);
	assert_false(take(&throttle, THROTTLE_POLL_WAITING, START + 5000));
	assert_true(take(&throttle, THROTTLE_CREATE, START + 5000));
}

static void the_provider_may_ask_for_a_pause(void **state)
{
	struct throttle throttle = { 0 };

	(void)state;
	throttle_retry_after(&throttle, THROTTLE_POLL_DUE, START, seconds(7));
	assert_int_equal(wait_of(&throttle, THROTTLE_POLL_WAITING, START + 6999), 1);
	assert_true(take(&throttle, THROTTLE_POLL_WAITING, START + 7000));
	assert_true(take(&throttle, THROTTLE_CREATE, START)); /* another scope */
	assert_int_equal(throttle_create_delay(&throttle, START).ms, 0);
	throttle_retry_after(&throttle, THROTTLE_CREATE, START, seconds(30));
	throttle_retry_after(&throttle, THROTTLE_CREATE, START, seconds(3)); /* the longer one counts */
	assert_int_equal(wait_of(&throttle, THROTTLE_CREATE, START), 30000);
	assert_int_equal(throttle_create_delay(&throttle, START + 1).ms, 29999);
	assert_true(take(&throttle, THROTTLE_CREATE, START + 30000));
	throttle_retry_after(&throttle, THROTTLE_CREATE, START, days(400));
	assert_int_equal(wait_of(&throttle, THROTTLE_CREATE, START), 600000);
}

static int64_t held(struct throttle *throttle, enum throttle_call call, int64_t ticks)
{
	duration wait = { 0 };

	throttle_retry_after(throttle, call, ticks, seconds(0));
	return throttle_take(throttle, &v1, call, ticks, &wait) ? 0 : wait.ms;
}

/* didit-api.md 9 */
static void where_no_pause_is_named_it_doubles(void **state)
{
	struct throttle throttle = { 0 };

	(void)state;
	assert_int_equal(held(&throttle, THROTTLE_CREATE, START), 5000);
	/* three more of those that were out already */
	for (int i = 0; i < 3; i++)
		assert_int_equal(held(&throttle, THROTTLE_CREATE, START + 1000), 5000);
	assert_int_equal(held(&throttle, THROTTLE_CREATE, START + 10000), 10000);
	assert_int_equal(held(&throttle, THROTTLE_POLL_DUE, START + 10000), 5000); /* another scope */
	assert_int_equal(held(&throttle, THROTTLE_CREATE, START + 30000), 20000);
	assert_int_equal(held(&throttle, THROTTLE_CREATE, START + 60000), 40000);
	assert_int_equal(held(&throttle, THROTTLE_CREATE, START + 110000), 40000);
	throttle_reset(&throttle, THROTTLE_POLL_WAITING);
	assert_int_equal(held(&throttle, THROTTLE_CREATE, START + 160000), 40000);
	throttle_reset(&throttle, THROTTLE_CREATE);
	assert_int_equal(held(&throttle, THROTTLE_CREATE, START + 210000), 5000);
	/* one that is named counts as it is */
	throttle_retry_after(&throttle, THROTTLE_CREATE, START + 220000, seconds(1));
	assert_int_equal(wait_of(&throttle, THROTTLE_CREATE, START + 220000), 1000);
}

static void what_is_odd_neither_opens_nor_closes(void **state)
{
	struct throttle throttle = { 0 };

	(void)state;
	for (int i = 0; i < 9; i++)
		assert_false(throttle_record(&throttle, HEALTH_DOWN, START));
	assert_false(throttle_record(&throttle, HEALTH_UNEXPECTED, START)); /* no ten in a row */
	for (int i = 0; i < 9; i++)
		assert_false(throttle_record(&throttle, HEALTH_DOWN, START));
	assert_true(throttle_record(&throttle, HEALTH_DOWN, START));
	assert_false(throttle_record(&throttle, HEALTH_UNEXPECTED, START + 5000));
	assert_true(throttle.breaker_open);
	assert_true(throttle_record(&throttle, HEALTH_UP, START + 5001));
	assert_false(throttle.breaker_open);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_version_stays_below_what_is_allowed),
		cmocka_unit_test(who_comes_first),
		cmocka_unit_test(no_minute_has_more),
		cmocka_unit_test(the_budget_comes_back_after_a_minute),
		cmocka_unit_test(ten_failures_in_a_row_open_it),
		cmocka_unit_test(one_call_passes_every_five_seconds),
		cmocka_unit_test(a_used_up_budget_spends_no_probe),
		cmocka_unit_test(the_provider_may_ask_for_a_pause),
		cmocka_unit_test(where_no_pause_is_named_it_doubles),
		cmocka_unit_test(what_is_odd_neither_opens_nor_closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
