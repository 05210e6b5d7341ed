#include "domain/pace.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"

#define START 1000000

static const struct pace_rule v1 = { 80, 30 };

static bool take(struct pace *pace, enum pace_call call, int64_t ticks)
{
	duration wait = { -1 };
	const bool passes = pace_take(pace, &v1, call, ticks, &wait);

	assert_true(passes || wait.ms > 0);
	return passes;
}

static int64_t wait_of(struct pace *pace, enum pace_call call, int64_t ticks)
{
	duration wait = { 0 };

	assert_false(pace_take(pace, &v1, call, ticks, &wait));
	return wait.ms;
}

static int64_t take_all(struct pace *pace, enum pace_call call, int64_t ticks)
{
	int64_t n = 0;

	while (take(pace, call, ticks))
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
		const struct pace_rule rule = pace_rule_of(versions[i].version);

		assert_true(rule.readings * 10 <= versions[i].readings_allowed * 8);
		assert_true((rule.readings + rule.finds) * 10 <= versions[i].gets_allowed * 8);
	}
	assert_int_equal(pace_rule_of("v1").readings, 80);
	assert_int_equal(pace_rule_of("v2").readings, 80);
	assert_int_equal(pace_rule_of("v9").readings, 80);
}

static void who_comes_first(void **state)
{
	struct pace pace = { 0 };

	(void)state;
	assert_int_equal(take_all(&pace, PACE_READ_DUE, START), 60);
	assert_int_equal(take_all(&pace, PACE_READ_ASKED, START), 10);
	assert_int_equal(take_all(&pace, PACE_READ_WAITS, START), 10);
	pace = (struct pace){ 0 };
	assert_int_equal(take_all(&pace, PACE_READ_ASKED, START), 40); /* half */
	assert_int_equal(take_all(&pace, PACE_READ_DUE, START), 20);
	assert_int_equal(take_all(&pace, PACE_READ_WAITS, START), 20);
	pace = (struct pace){ 0 };
	assert_int_equal(take_all(&pace, PACE_READ_WAITS, START), 80);
	assert_int_equal(take_all(&pace, PACE_READ_ASKED, START), 0);
	assert_int_equal(take_all(&pace, PACE_READ_DUE, START), 0);
	assert_int_equal(take_all(&pace, PACE_FIND, START), 0);
	assert_true(take(&pace, PACE_CREATE, START));
	pace = (struct pace){ 0 };
	assert_int_equal(take_all(&pace, PACE_FIND, START), 30);
	assert_int_equal(take_all(&pace, PACE_READ_WAITS, START), 50);
}

/* Whatever comes in whatever order: never more than 80 in any 60 s, of which 40 are for what was asked. */
static void no_minute_has_more(void **state)
{
	enum { N = 20000 };
	static int64_t at[N];
	static enum pace_call what[N];
	struct pace pace = { 0 };
	uint64_t seed = 20260105;
	size_t n = 0, first = 0, asked = 0;

	(void)state;
	for (int64_t ticks = START; ticks < START + 3600000; ticks += (int64_t)(seed % 400)) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		const enum pace_call call = PACE_READ_WAITS + (enum pace_call)((seed >> 33) % 3);
		if (!take(&pace, call, ticks))
			continue;
		assert_true(n < N);
		at[n] = ticks;
		what[n++] = call;
		asked += call == PACE_READ_ASKED;
		for (; at[first] <= ticks - 60000; first++)
			asked -= what[first] == PACE_READ_ASKED;
		assert_true(n - first <= 80);
		assert_true(asked <= 40);
	}
	assert_true(n > (size_t)60 * 70); /* and it is used */
}

static void the_budget_comes_back_after_a_minute(void **state)
{
	struct pace pace = { 0 };

	(void)state;
	assert_int_equal(take_all(&pace, PACE_READ_WAITS, START), 80);
	const int64_t wait = wait_of(&pace, PACE_READ_WAITS, START);
	assert_in_range(wait, 60000, 60000 + 60000 / WINDOW_SLOTS);
	assert_false(take(&pace, PACE_READ_WAITS, START + wait - 1));
	assert_true(take(&pace, PACE_READ_WAITS, START + wait));
}

static void ten_failures_in_a_row_open_it(void **state)
{
	struct pace pace = { 0 };

	(void)state;
	for (int i = 0; i < 9; i++)
		assert_false(pace_hear(&pace, PACE_DOWN, START));
	assert_false(pace_hear(&pace, PACE_UP, START)); /* and begins anew */
	for (int i = 0; i < 9; i++) {
		assert_false(pace_hear(&pace, PACE_DOWN, START));
		assert_false(pace_hear(&pace, PACE_NONE, START)); /* tells nothing */
	}
	assert_true(take(&pace, PACE_CREATE, START));
	assert_int_equal(pace_pause(&pace, START).ms, 0);
	assert_true(pace_hear(&pace, PACE_DOWN, START));
	assert_true(pace.open);
	assert_int_equal(wait_of(&pace, PACE_CREATE, START), 5000);
	assert_int_equal(pace_pause(&pace, START).ms, 5000);
}

static struct pace opened(void)
{
	struct pace pace = { 0 };

	for (int i = 0; i < PACE_FAILURES; i++)
		(void)pace_hear(&pace, PACE_DOWN, START);
	return pace;
}

static void one_call_passes_every_five_seconds(void **state)
{
	struct pace pace = opened();

	(void)state;
	for (enum pace_call call = 0; call < PACE_CALLS; call++)
		assert_int_equal(wait_of(&pace, call, START + 4999), 1);
	assert_true(take(&pace, PACE_READ_DUE, START + 5000));
	assert_false(pace_hear(&pace, PACE_DOWN, START + 5100));
	assert_int_equal(wait_of(&pace, PACE_CREATE, START + 5000), 5000);
	assert_false(take(&pace, PACE_CREATE, START + 9999));
	assert_true(take(&pace, PACE_CREATE, START + 10000));
	assert_false(take(&pace, PACE_CREATE, START + 10000));
	assert_true(pace_hear(&pace, PACE_UP, START + 10001));
	assert_false(pace.open);
	assert_true(take(&pace, PACE_CREATE, START + 10001));
	assert_false(pace_hear(&pace, PACE_DOWN, START + 10002)); /* ten are wanted again */
	assert_true(take(&pace, PACE_CREATE, START + 10002));
}

/* What is refused for another reason is no try. */
static void a_used_up_budget_spends_no_probe(void **state)
{
	struct pace pace = { 0 };

	(void)state;
	(void)take_all(&pace, PACE_READ_WAITS, START);
	for (int i = 0; i < PACE_FAILURES; i++)
		(void)pace_hear(&pace, PACE_DOWN, START);
	assert_false(take(&pace, PACE_READ_WAITS, START + 5000));
	assert_true(take(&pace, PACE_CREATE, START + 5000));
}

static void the_provider_may_ask_for_a_pause(void **state)
{
	struct pace pace = { 0 };

	(void)state;
	pace_hold(&pace, PACE_READ_DUE, START, seconds(7));
	assert_int_equal(wait_of(&pace, PACE_READ_WAITS, START + 6999), 1);
	assert_true(take(&pace, PACE_READ_WAITS, START + 7000));
	assert_true(take(&pace, PACE_CREATE, START)); /* another scope */
	assert_int_equal(pace_pause(&pace, START).ms, 0);
	pace_hold(&pace, PACE_CREATE, START, seconds(30));
	pace_hold(&pace, PACE_CREATE, START, seconds(3)); /* the longer one counts */
	assert_int_equal(wait_of(&pace, PACE_CREATE, START), 30000);
	assert_int_equal(pace_pause(&pace, START + 1).ms, 29999);
	assert_true(take(&pace, PACE_CREATE, START + 30000));
	pace_hold(&pace, PACE_CREATE, START, days(400));
	assert_int_equal(wait_of(&pace, PACE_CREATE, START), 600000);
}

static int64_t held(struct pace *pace, enum pace_call call, int64_t ticks)
{
	duration wait = { 0 };

	pace_hold(pace, call, ticks, seconds(0));
	return pace_take(pace, &v1, call, ticks, &wait) ? 0 : wait.ms;
}

/* didit-api.md 9 */
static void where_no_pause_is_named_it_doubles(void **state)
{
	struct pace pace = { 0 };

	(void)state;
	assert_int_equal(held(&pace, PACE_CREATE, START), 5000);
	/* three more of those that were out already */
	for (int i = 0; i < 3; i++)
		assert_int_equal(held(&pace, PACE_CREATE, START + 1000), 5000);
	assert_int_equal(held(&pace, PACE_CREATE, START + 10000), 10000);
	assert_int_equal(held(&pace, PACE_READ_DUE, START + 10000), 5000); /* another scope */
	assert_int_equal(held(&pace, PACE_CREATE, START + 30000), 20000);
	assert_int_equal(held(&pace, PACE_CREATE, START + 60000), 40000);
	assert_int_equal(held(&pace, PACE_CREATE, START + 110000), 40000);
	pace_ease(&pace, PACE_READ_WAITS);
	assert_int_equal(held(&pace, PACE_CREATE, START + 160000), 40000);
	pace_ease(&pace, PACE_CREATE);
	assert_int_equal(held(&pace, PACE_CREATE, START + 210000), 5000);
	/* one that is named counts as it is */
	pace_hold(&pace, PACE_CREATE, START + 220000, seconds(1));
	assert_int_equal(wait_of(&pace, PACE_CREATE, START + 220000), 1000);
}

static void what_is_odd_neither_opens_nor_closes(void **state)
{
	struct pace pace = { 0 };

	(void)state;
	for (int i = 0; i < 9; i++)
		assert_false(pace_hear(&pace, PACE_DOWN, START));
	assert_false(pace_hear(&pace, PACE_ODD, START)); /* no ten in a row */
	for (int i = 0; i < 9; i++)
		assert_false(pace_hear(&pace, PACE_DOWN, START));
	assert_true(pace_hear(&pace, PACE_DOWN, START));
	assert_false(pace_hear(&pace, PACE_ODD, START + 5000));
	assert_true(pace.open);
	assert_true(pace_hear(&pace, PACE_UP, START + 5001));
	assert_false(pace.open);
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
