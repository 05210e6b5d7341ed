#include "domain/ip_limit.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/attr.h"

#define NOW 1000000000

/* The limits of one person (interface.md 2): a bucket of 3 codes that regains one per minute, and 20 codes
 * per day. The limits of an IP address are ten times as high. */
static const struct bucket_rule codes = { 3, { 60000 } };
#define PER_DAY 20

static bool take(struct ip_limit *limit, int64_t now, int64_t *wait)
{
	duration delay = { 0 };
	const bool taken = ip_limit_take_send(limit, &codes, PER_DAY, (moment){ now }, &delay);

	*wait = delay.ms;
	return taken;
}

static void burst_of_thirty_then_one_every_six_seconds(void **state)
{
	struct ip_limit limit = { .expires_at = { 0 } };
	int64_t wait;

	(void)state;
	for (int i = 0; i < 30; i++)
		assert_true(take(&limit, NOW, &wait));
	assert_int_equal(limit.expires_at.ms, NOW + 86400000);
	const struct ip_limit before = limit;
	assert_false(take(&limit, NOW, &wait));
	assert_int_equal(wait, 6000);
	assert_false(take(&limit, NOW + 5999, &wait));
	assert_int_equal(wait, 1);
	assert_memory_equal(&limit, &before, sizeof(limit)); /* a refused call takes nothing from the limit */
	assert_true(take(&limit, NOW + 6000, &wait));
	assert_false(take(&limit, NOW + 6001, &wait));
	assert_true(take(&limit, NOW + 12000, &wait));
}

/* Codes are taken as fast as the bucket of the burst limit allows: 200, plus those that the bucket of the
 * daily limit regains meanwhile. */
static void two_hundred_per_day(void **state)
{
	struct ip_limit limit = { .expires_at = { 0 } };
	int64_t now = NOW, wait;
	int n = 0;

	(void)state;
	while (wait = 0, take(&limit, now, &wait) || wait == 6000) {
		now += wait;
		n += wait == 0;
		assert_true(n < 300);
	}
	assert_int_equal(n, 200 + (now - NOW) / 432000);
	assert_int_equal(limit.day_tat.ms - NOW, (int64_t)n * 432000);
	/* From now on the bucket of the daily limit is the stricter one. The burst bucket refills, and
	 * refused calls take nothing from it. */
	assert_in_range(wait, 6001, 432000);
	assert_false(take(&limit, now + wait - 1, &(int64_t){ 0 }));
	assert_true(take(&limit, now + wait, &(int64_t){ 0 }));
}

static void limit_is_full_again_after_a_day(void **state)
{
	struct ip_limit limit = { .expires_at = { 0 } };
	int64_t wait;

	(void)state;
	for (int i = 0; i < 200; i++)
		assert_true(take(&limit, NOW + (int64_t)i * 6000, &wait));
	assert_true(limit.day_tat.ms <= limit.expires_at.ms);
	for (int i = 0; i < 30; i++)
		assert_true(take(&limit, limit.expires_at.ms, &wait));
}

/* The row may be deleted at `expires_at`. Each code moves this time to a day later, so that the row is not
 * deleted while its buckets are still filling. */
static void each_code_keeps_the_row_for_another_day(void **state)
{
	struct ip_limit limit = { .expires_at = { 0 } };
	int64_t wait;

	(void)state;
	assert_true(take(&limit, NOW, &wait));
	assert_true(take(&limit, NOW + 86399999, &wait));
	assert_int_equal(limit.expires_at.ms, NOW + 86399999 + 86400000);
}

static void scaled_rules_round_the_interval_up(void **state)
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
		cmocka_unit_test(burst_of_thirty_then_one_every_six_seconds),
		cmocka_unit_test(two_hundred_per_day),
		cmocka_unit_test(limit_is_full_again_after_a_day),
		cmocka_unit_test(each_code_keeps_the_row_for_another_day),
		cmocka_unit_test(scaled_rules_round_the_interval_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
