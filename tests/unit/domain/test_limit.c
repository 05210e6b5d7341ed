#include "domain/limit.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"

#define NOW 1000000000

/* Pseudo-random generator with a fixed seed, so that a failure can be repeated. */
static uint64_t seed = 20260105;

static int64_t random_below(int64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (int64_t)(seed % (uint64_t)n);
}

/* A bucket of three codes that regains one code per minute (interface.md 2). */
static const struct bucket_rule codes = { 3, { 60000 } };

static const struct {
	const char *name;
	int64_t full_at, now;
	bool want;
	int64_t full_after, wait;
} takes[] = {
	{ "never used", 0, NOW, true, NOW + 60000, 0 },
	{ "full long ago", NOW - 1, NOW, true, NOW + 60000, 0 },
	{ "full now", NOW, NOW, true, NOW + 60000, 0 },
	{ "one of three left", NOW + 120000, NOW, true, NOW + 180000, 0 },
	{ "empty, 1 ms before the next one", NOW + 120001, NOW, false, NOW + 120001, 1 },
	{ "empty", NOW + 180000, NOW, false, NOW + 180000, 60000 },
	{ "clock a few ms behind", NOW + 180005, NOW, false, NOW + 180005, 60005 },
	{ "largest plausible state", NOW + 240000, NOW, false, NOW + 240000, 120000 },
	{ "clock set back by a year", NOW + INT64_C(31536000000), NOW, true, NOW + 180000, 0 },
	{ "impossible moment", INT64_MAX, NOW, true, NOW + 180000, 0 },
};

static void bucket_gives_units_until_it_is_empty(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(takes); i++) {
		moment full_at = { takes[i].full_at };
		duration wait = { 0 };

		print_message("# %s\n", takes[i].name);
		assert_int_equal(
			bucket_take(&codes, &full_at, (moment){ takes[i].now }, &wait), takes[i].want);
		assert_int_equal(full_at.ms, takes[i].full_after);
		assert_int_equal(wait.ms, takes[i].wait);
	}
}

static void assert_bucket_passes_after(
	const struct bucket_rule *rule, moment full_at, moment now, duration wait)
{
	for (int64_t off = -1; off <= 1; off++) {
		moment copy = full_at;
		duration again = { 0 };

		assert_int_equal(
			bucket_take(rule, &copy, moment_add(now, milliseconds(wait.ms + off)), &again),
			off >= 0);
		assert_int_equal(again.ms, off >= 0 ? 0 : 1);
	}
}

/* The reference model tracks the content of the bucket in milliseconds. One unit corresponds to `every`
 * milliseconds. */
static void bucket_matches_the_reference_model(void **state)
{
	(void)state;
	print_message("# seed %llu\n", (unsigned long long)seed);
	for (int round = 0; round < 200; round++) {
		const struct bucket_rule rule = { 1 + random_below(5), { 1 + random_below(1000) } };
		int64_t content = rule.burst * rule.every.ms;
		moment now = { NOW }, full_at = { 0 };

		for (int i = 0; i < 200; i++) {
			const int64_t pause = random_below(2 * rule.every.ms);
			duration wait = { 0 };

			now = moment_add(now, milliseconds(pause));
			content += pause;
			if (content > rule.burst * rule.every.ms)
				content = rule.burst * rule.every.ms;
			assert_int_equal(bucket_take(&rule, &full_at, now, &wait), content >= rule.every.ms);
			if (content >= rule.every.ms) {
				content -= rule.every.ms;
				continue;
			}
			assert_int_equal(wait.ms, rule.every.ms - content);
			assert_bucket_passes_after(&rule, full_at, now, wait);
		}
	}
}

/* The largest values that settings allow: 2^31-1 units per bucket, and 2^31-1 days until one is regained. */
static void largest_buckets_do_not_overflow(void **state)
{
	static const struct bucket_rule rules[] = {
		{ INT32_MAX, { INT64_C(1000) * INT32_MAX } },
		{ INT32_MAX, { INT64_C(86400000) * INT32_MAX } },
		{ 1, { INT64_C(86400000) * INT32_MAX } },
		{ INT32_MAX, { 1 } },
	};
	const moment year_9999 = { INT64_C(253402300799999) };

	(void)state;
	for (size_t i = 0; i < array_len(rules); i++) {
		moment full_at = { 0 };
		duration wait = { 0 };

		assert_true(bucket_take(&rules[i], &full_at, year_9999, &wait));
		assert_int_equal(full_at.ms, year_9999.ms + rules[i].every.ms);
		if (rules[i].burst > 1) {
			assert_true(bucket_take(&rules[i], &full_at, year_9999, &wait));
			continue;
		}
		assert_false(bucket_take(&rules[i], &full_at, year_9999, &wait));
		assert_int_equal(wait.ms, rules[i].every.ms);
		assert_bucket_passes_after(&rules[i], full_at, year_9999, wait);
	}
}

static void largest_bucket_refills_after_it_was_empty(void **state)
{
	const struct bucket_rule rule = { INT32_MAX, { 1000 } };
	moment full_at = { NOW + INT64_C(1000) * INT32_MAX };
	duration wait = { 0 };

	(void)state;
	assert_false(bucket_take(&rule, &full_at, (moment){ NOW }, &wait));
	assert_int_equal(wait.ms, 1000);
	assert_bucket_passes_after(&rule, full_at, (moment){ NOW }, wait);
}

static void assert_window_passes_after(
	const struct window *w, int64_t limit, duration length, int64_t ticks, duration wait)
{
	assert_true(wait.ms >= 1);
	for (int64_t off = -1; off <= 1; off++) {
		struct window copy = *w;
		duration again = { 0 };

		assert_int_equal(window_take(&copy, limit, length, ticks + wait.ms + off, &again), off >= 0);
		assert_int_equal(again.ms, off >= 0 ? 0 : 1);
	}
}

#define TAKEN_MAX 4000

/* The reference model stores the ticks of all accepted calls. More than `limit` of them never lie within a
 * period of `length`, and a call is refused only if `limit` of them lie within 17/16 of that period. */
static void check_window_against_model(int64_t limit, duration length, int64_t start, int64_t pause)
{
	static int64_t taken[TAKEN_MAX];
	const int64_t late = (length.ms * 17 + 15) / 16;
	struct window w;
	int64_t n = 0, ticks = start;

	memset(&w, 0, sizeof(w));
	for (int i = 0; i < TAKEN_MAX; i++, ticks += random_below(pause)) {
		duration wait = { 0 };

		if (!window_take(&w, limit, length, ticks, &wait)) {
			assert_true(n >= limit);
			assert_true(ticks - taken[n - limit] < late);
			assert_window_passes_after(&w, limit, length, ticks, wait);
			continue;
		}
		if (n >= limit)
			assert_true(ticks - taken[n - limit] > length.ms);
		taken[n++] = ticks;
	}
	assert_true(n > limit);
	assert_true(n < TAKEN_MAX);
}

static void window_never_exceeds_its_limit(void **state)
{
	static const struct {
		int64_t limit, length, pause;
	} rules[] = {
		{ 10, 1000, 30 },   /* interface.md 2: 10 per second */
		{ 600, 60000, 80 }, /* 600 per minute */
		{ 1, 1000, 400 },
		{ 3, 17, 6 }, /* slots that are little more than one millisecond long */
		{ 5, 7, 3 },  /* slots that are less than one millisecond long */
		{ 2, 1, 2 },
	};

	(void)state;
	print_message("# seed %llu\n", (unsigned long long)seed);
	for (size_t i = 0; i < array_len(rules); i++) {
		check_window_against_model(rules[i].limit, milliseconds(rules[i].length), 0, rules[i].pause);
		check_window_against_model(
			rules[i].limit, milliseconds(rules[i].length), NOW + 7, rules[i].pause);
	}
}

static void window_is_empty_after_an_idle_period(void **state)
{
	struct window w;
	int64_t ticks = NOW;
	duration wait;

	(void)state;
	memset(&w, 0, sizeof(w));
	for (int round = 0; round < 40; round++, ticks += 100000 + round) {
		for (int i = 0; i < 10; i++)
			assert_true(window_take(&w, 10, seconds(1), ticks, &wait));
		assert_false(window_take(&w, 10, seconds(1), ticks, &wait));
	}
}

static void refused_calls_are_not_counted(void **state)
{
	struct window w;
	duration wait = { 0 };

	(void)state;
	memset(&w, 0, sizeof(w));
	assert_true(window_take(&w, 1, milliseconds(1600), 0, &wait));
	for (int64_t ticks = 0; ticks < 1700; ticks++) {
		assert_false(window_take(&w, 1, milliseconds(1600), ticks, &wait));
		assert_int_equal(wait.ms, 1700 - ticks);
	}
	assert_true(window_take(&w, 1, milliseconds(1600), 1700, &wait));
}

/* Two threads can read their ticks in one order and take the lock in the other. */
static void slightly_older_ticks_are_counted(void **state)
{
	struct window w;
	duration wait = { 0 };

	(void)state;
	memset(&w, 0, sizeof(w));
	assert_true(window_take(&w, 2, milliseconds(1600), 5000, &wait));
	assert_true(window_take(&w, 2, milliseconds(1600), 4799, &wait));
	assert_false(window_take(&w, 2, milliseconds(1600), 4799, &wait));
	assert_int_equal(wait.ms, 6700 - 4799);
	assert_false(window_take(&w, 2, milliseconds(1600), 6699, &wait));
	assert_true(window_take(&w, 2, milliseconds(1600), 6700, &wait));
}

static void lowered_limit_takes_effect_at_once(void **state)
{
	struct window w;
	duration wait = { 0 };

	(void)state;
	memset(&w, 0, sizeof(w));
	for (int64_t i = 0; i < 4; i++)
		assert_true(window_take(&w, 10, milliseconds(1600), i * 100, &wait));
	assert_false(window_take(&w, 2, milliseconds(1600), 400, &wait));
	/* Three of the four requests must leave the window first, and the third of them was counted at 200
	 * ms. */
	assert_int_equal(wait.ms, 200 + 1700 - 400);
	assert_window_passes_after(&w, 2, milliseconds(1600), 400, wait);
}

static void largest_window_does_not_overflow(void **state)
{
	const int64_t ticks = INT64_C(1) << 48;
	struct window w;
	duration wait = { 0 };

	(void)state;
	memset(&w, 0, sizeof(w));
	assert_true(window_take(&w, INT32_MAX, minutes(1), ticks, &wait));
	w.counts[w.slot % (WINDOW_SLOTS + 1)] = INT32_MAX - 1;
	assert_true(window_take(&w, INT32_MAX, minutes(1), ticks, &wait));
	assert_false(window_take(&w, INT32_MAX, minutes(1), ticks, &wait));
	assert_in_range(wait.ms, 60000, 63750);
	assert_window_passes_after(&w, INT32_MAX, minutes(1), ticks, wait);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bucket_gives_units_until_it_is_empty),
		cmocka_unit_test(bucket_matches_the_reference_model),
		cmocka_unit_test(largest_buckets_do_not_overflow),
		cmocka_unit_test(largest_bucket_refills_after_it_was_empty),
		cmocka_unit_test(window_never_exceeds_its_limit),
		cmocka_unit_test(window_is_empty_after_an_idle_period),
		cmocka_unit_test(refused_calls_are_not_counted),
		cmocka_unit_test(slightly_older_ticks_are_counted),
		cmocka_unit_test(lowered_limit_takes_effect_at_once),
		cmocka_unit_test(largest_window_does_not_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
