#include "domain/limit.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"

#define NOW 1000000000

/* A small generator with a fixed seed: failures repeat. */
static uint64_t seed = 20260105;

static int64_t up_to(int64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (int64_t)(seed % (uint64_t)n);
}

/* interface.md 2: a bucket of 3, one more each minute. */
static const struct bucket_rule codes = { 3, { 60000 } };

static const struct {
	const char *name;
	int64_t full, now;
	bool want;
	int64_t full_after, wait;
} takes[] = {
	{ "never used", 0, NOW, true, NOW + 60000, 0 },
	{ "full long ago", NOW - 1, NOW, true, NOW + 60000, 0 },
	{ "full at this moment", NOW, NOW, true, NOW + 60000, 0 },
	{ "the last of three", NOW + 120000, NOW, true, NOW + 180000, 0 },
	{ "empty at t-1", NOW + 120001, NOW, false, NOW + 120001, 1 },
	{ "empty", NOW + 180000, NOW, false, NOW + 180000, 60000 },
	{ "another clock, a little behind", NOW + 180005, NOW, false, NOW + 180005, 60005 },
	{ "the last that is believed", NOW + 240000, NOW, false, NOW + 240000, 120000 },
	{ "the clock was turned back by a year", NOW + INT64_C(31536000000), NOW, true, NOW + 180000, 0 },
	{ "an impossible moment", INT64_MAX, NOW, true, NOW + 180000, 0 },
};

static void a_bucket_gives_what_it_has(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(takes); i++) {
		moment full = { takes[i].full };
		duration wait = { 0 };

		print_message("# %s\n", takes[i].name);
		assert_int_equal(bucket_take(&codes, &full, (moment){ takes[i].now }, &wait), takes[i].want);
		assert_int_equal(full.ms, takes[i].full_after);
		assert_int_equal(wait.ms, takes[i].wait);
	}
}

static void assert_bucket_passes_after(const struct bucket_rule *rule, moment full, moment now, duration wait)
{
	for (int64_t off = -1; off <= 1; off++) {
		moment copy = full;
		duration again = { 0 };

		assert_int_equal(
			bucket_take(rule, &copy, moment_add(now, milliseconds(wait.ms + off)), &again),
			off >= 0);
		assert_int_equal(again.ms, off >= 0 ? 0 : 1);
	}
}

/* The oracle counts what is in the bucket, in milliseconds worth of `every`. */
static void a_bucket_is_a_bucket(void **state)
{
	(void)state;
	print_message("# seed %llu\n", (unsigned long long)seed);
	for (int round = 0; round < 200; round++) {
		const struct bucket_rule rule = { 1 + up_to(5), { 1 + up_to(1000) } };
		int64_t inside = rule.burst * rule.every.ms;
		moment now = { NOW }, full = { 0 };

		for (int i = 0; i < 200; i++) {
			const int64_t pause = up_to(2 * rule.every.ms);
			duration wait = { 0 };

			now = moment_add(now, milliseconds(pause));
			inside += pause;
			if (inside > rule.burst * rule.every.ms)
				inside = rule.burst * rule.every.ms;
			assert_int_equal(bucket_take(&rule, &full, now, &wait), inside >= rule.every.ms);
			if (inside >= rule.every.ms) {
				inside -= rule.every.ms;
				continue;
			}
			assert_int_equal(wait.ms, rule.every.ms - inside);
			assert_bucket_passes_after(&rule, full, now, wait);
		}
	}
}

/* Settings go up to 2^31-1 of the unit, a day at most. */
static void the_largest_buckets_do_not_overflow(void **state)
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
		moment full = { 0 };
		duration wait = { 0 };

		assert_true(bucket_take(&rules[i], &full, year_9999, &wait));
		assert_int_equal(full.ms, year_9999.ms + rules[i].every.ms);
		if (rules[i].burst > 1) {
			assert_true(bucket_take(&rules[i], &full, year_9999, &wait));
			continue;
		}
		assert_false(bucket_take(&rules[i], &full, year_9999, &wait));
		assert_int_equal(wait.ms, rules[i].every.ms);
		assert_bucket_passes_after(&rules[i], full, year_9999, wait);
	}
}

static void an_empty_bucket_of_the_largest_fills_again(void **state)
{
	const struct bucket_rule rule = { INT32_MAX, { 1000 } };
	moment full = { NOW + INT64_C(1000) * INT32_MAX };
	duration wait = { 0 };

	(void)state;
	assert_false(bucket_take(&rule, &full, (moment){ NOW }, &wait));
	assert_int_equal(wait.ms, 1000);
	assert_bucket_passes_after(&rule, full, (moment){ NOW }, wait);
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

/* The oracle keeps the ticks of all that passed: `limit` + 1 of them never lie within one length, and none is
 * turned away when `limit` of them do not lie within seventeen sixteenths. */
static void judge_window(int64_t limit, duration length, int64_t start, int64_t pause)
{
	static int64_t taken[TAKEN_MAX];
	const int64_t late = (length.ms * 17 + 15) / 16;
	struct window w;
	int64_t n = 0, ticks = start;

	memset(&w, 0, sizeof(w));
	for (int i = 0; i < TAKEN_MAX; i++, ticks += up_to(pause)) {
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

static void a_window_never_gives_too_much(void **state)
{
	static const struct {
		int64_t limit, length, pause;
	} rules[] = {
		{ 10, 1000, 30 },   /* interface.md 2: ten a second */
		{ 600, 60000, 80 }, /* 600 a minute */
		{ 1, 1000, 400 },
		{ 3, 17, 6 }, /* hardly more than one millisecond a slot */
		{ 5, 7, 3 },  /* less than one */
		{ 2, 1, 2 },
	};

	(void)state;
	print_message("# seed %llu\n", (unsigned long long)seed);
	for (size_t i = 0; i < array_len(rules); i++) {
		judge_window(rules[i].limit, milliseconds(rules[i].length), 0, rules[i].pause);
		judge_window(rules[i].limit, milliseconds(rules[i].length), NOW + 7, rules[i].pause);
	}
}

static void an_idle_window_is_empty(void **state)
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

static void what_is_refused_does_not_count(void **state)
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

/* Two threads read their ticks and take the lock in the other order. */
static void ticks_may_come_a_little_early(void **state)
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

static void a_lowered_limit_holds_at_once(void **state)
{
	struct window w;
	duration wait = { 0 };

	(void)state;
	memset(&w, 0, sizeof(w));
	for (int64_t i = 0; i < 4; i++)
		assert_true(window_take(&w, 10, milliseconds(1600), i * 100, &wait));
	assert_false(window_take(&w, 2, milliseconds(1600), 400, &wait));
	/* Three of the four have to be forgotten, and the third of them was taken at 200. */
	assert_int_equal(wait.ms, 200 + 1700 - 400);
	assert_window_passes_after(&w, 2, milliseconds(1600), 400, wait);
}

static void the_largest_window_does_not_overflow(void **state)
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
		cmocka_unit_test(a_bucket_gives_what_it_has),
		cmocka_unit_test(a_bucket_is_a_bucket),
		cmocka_unit_test(the_largest_buckets_do_not_overflow),
		cmocka_unit_test(an_empty_bucket_of_the_largest_fills_again),
		cmocka_unit_test(a_window_never_gives_too_much),
		cmocka_unit_test(an_idle_window_is_empty),
		cmocka_unit_test(what_is_refused_does_not_count),
		cmocka_unit_test(ticks_may_come_a_little_early),
		cmocka_unit_test(a_lowered_limit_holds_at_once),
		cmocka_unit_test(the_largest_window_does_not_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
