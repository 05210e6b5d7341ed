#include "domain/ip_limit.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/attr.h"

#define NOW 1000000000

/* interface.md 2: a bucket of 3, one more each minute, 20 a day; ten people's worth of each. */
static const struct bucket_rule codes = { 3, { 60000 } };
#define A_DAY 20

static bool take(struct ip_limit *v, int64_t now, int64_t *wait)
{
	duration until_then = { 0 };
	const bool taken = ip_limit_take_send(v, &codes, A_DAY, (moment){ now }, &until_then);

	*wait = until_then.ms;
	return taken;
}

static void thirty_in_a_row_and_one_more_every_six_seconds(void **state)
{
	struct ip_limit v = { .expires_at = { 0 } };
	int64_t wait;

	(void)state;
	for (int i = 0; i < 30; i++)
		assert_true(take(&v, NOW, &wait));
	assert_int_equal(v.expires_at.ms, NOW + 86400000);
	const struct ip_limit before = v;
	assert_false(take(&v, NOW, &wait));
	assert_int_equal(wait, 6000);
	assert_false(take(&v, NOW + 5999, &wait));
	assert_int_equal(wait, 1);
	assert_memory_equal(&v, &before, sizeof(v)); /* nothing was taken */
	assert_true(take(&v, NOW + 6000, &wait));
	assert_false(take(&v, NOW + 6001, &wait));
	assert_true(take(&v, NOW + 12000, &wait));
}

/* As fast as the short bucket lets them: 200, and what has come back of a day meanwhile. */
static void two_hundred_and_then_those_that_come_back(void **state)
{
	struct ip_limit v = { .expires_at = { 0 } };
	int64_t now = NOW, wait;
	int n = 0;

	(void)state;
	while (wait = 0, take(&v, now, &wait) || wait == 6000) {
		now += wait;
		n += wait == 0;
		assert_true(n < 300);
	}
	assert_int_equal(n, 200 + (now - NOW) / 432000);
	assert_int_equal(v.day_tat.ms - NOW, (int64_t)n * 432000);
	/* The day's bucket is what holds now; the short one fills meanwhile, and is not taken from. */
	assert_in_range(wait, 6001, 432000);
	assert_false(take(&v, now + wait - 1, &(int64_t){ 0 }));
	assert_true(take(&v, now + wait, &(int64_t){ 0 }));
}

static void from_a_day_later_it_is_all_there_again(void **state)
{
	struct ip_limit v = { .expires_at = { 0 } };
	int64_t wait;

	(void)state;
	for (int i = 0; i < 200; i++)
		assert_true(take(&v, NOW + (int64_t)i * 6000, &wait));
	assert_true(v.day_tat.ms <= v.expires_at.ms);
	for (int i = 0; i < 30; i++)
		assert_true(take(&v, v.expires_at.ms, &wait));
}

static void rules_are_never_faster_than_was_said(void **state)
{
	static const struct {
		struct bucket_rule one;
		int64_t n, burst, every;
	} rows[] = {
		{ { 3, { 60000 } }, 10, 30, 6000 },
		{ { 1, { 1 } }, 10, 10, 1 },
		{ { 1, { 11 } }, 10, 10, 2 },
		{ { 2147483647, { 60000 } }, 10, INT64_C(21474836470), 6000 },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct bucket_rule rule = bucket_for(&rows[i].one, rows[i].n);

		assert_int_equal(rule.burst, rows[i].burst);
		assert_int_equal(rule.every.ms, rows[i].every);
	}
	assert_int_equal(bucket_of_a_day(200).every.ms, 432000);
	assert_int_equal(bucket_of_a_day(7).every.ms, 12342858);
	assert_int_equal(bucket_of_a_day(INT64_C(21474836470)).every.ms, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(thirty_in_a_row_and_one_more_every_six_seconds),
		cmocka_unit_test(two_hundred_and_then_those_that_come_back),
		cmocka_unit_test(from_a_day_later_it_is_all_there_again),
		cmocka_unit_test(rules_are_never_faster_than_was_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
