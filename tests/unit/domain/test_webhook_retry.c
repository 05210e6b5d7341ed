#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"
#include "domain/webhook_retry.h"

static const moment now = { 1795981582897 };

static void delay_follows_the_schedule_with_a_jitter_of_a_fifth(void **state maybe_unused)
{
	static const int64_t delays_s[] = { 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400 };

	assert_int_equal(array_len(delays_s), WEBHOOK_ATTEMPTS_MAX - 1);
	for (size_t i = 0; i < array_len(delays_s); i++) {
		const int64_t attempts = (int64_t)i + 1, ms = delays_s[i] * 1000;

		assert_int_equal(webhook_retry_delay(attempts, 0).ms, ms * 8 / 10);
		assert_int_equal(webhook_retry_delay(attempts, 255).ms, ms * 12 / 10);
		assert_in_range(webhook_retry_delay(attempts, 127).ms, ms * 99 / 100, ms);
		assert_in_range(webhook_retry_delay(attempts, 128).ms, ms, ms * 101 / 100);
	}
}

static void delay_grows_with_the_jitter(void **state maybe_unused)
{
	for (int jitter = 1; jitter <= UINT8_MAX; jitter++)
		assert_true(duration_is_shorter(webhook_retry_delay(1, (unsigned char)(jitter - 1)),
			webhook_retry_delay(1, (unsigned char)jitter)));
}

static void delivery_fails_after_the_last_attempt(void **state maybe_unused)
{
	static const struct {
		int64_t attempts;
		bool failed;
	} rows[] = { { 1, false }, { 9, false }, { 10, true }, { 11, true } };

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct webhook_retry retry = webhook_retry_after_failure(
			rows[i].attempts, 0, now, (moment){ 0 });

		assert_int_equal(retry.failed, rows[i].failed);
		if (!retry.failed)
			assert_int_equal(
				retry.due_at.ms, now.ms + webhook_retry_delay(rows[i].attempts, 0).ms);
	}
}

static void retry_waits_for_the_end_of_a_pause_that_ends_later(void **state maybe_unused)
{
	const int64_t due = now.ms + 4000; /* the first retry with jitter 0 */
	static const int64_t offsets[] = { -1, 0, 1, 3600000 };

	for (size_t i = 0; i < array_len(offsets); i++) {
		const struct webhook_retry retry = webhook_retry_after_failure(
			1, 0, now, (moment){ due + offsets[i] });

		assert_false(retry.failed);
		assert_int_equal(retry.due_at.ms, offsets[i] > 0 ? due + offsets[i] : due);
	}
}

static void pause_lasts_as_long_as_the_endpoint_asked_at_most_a_day(void **state maybe_unused)
{
	const int64_t day = hours(24).ms;
	const struct {
		int64_t before, wait, after; /* ms after `now`; `before` INT64_MIN: there is no pause */
	} rows[] = {
		{ INT64_MIN, 0, INT64_MIN },
		{ INT64_MIN, -1, INT64_MIN },
		{ INT64_MIN, 1, 1 },
		{ INT64_MIN, day - 1, day - 1 },
		{ INT64_MIN, day, day },
		{ INT64_MIN, day + 1, day },
		{ INT64_MIN, INT64_MAX, day },
		{ 60000, 0, 60000 },
		{ 60000, 59999, 60000 },
		{ 60000, 60000, 60000 },
		{ 60000, 60001, 60001 },
		{ -60000, 1, 1 },
		{ -60000, 0, -60000 },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		const moment before = { rows[i].before == INT64_MIN ? 0 : now.ms + rows[i].before };
		const moment after = webhook_pause(before, now, milliseconds(rows[i].wait));

		assert_int_equal(after.ms, rows[i].after == INT64_MIN ? 0 : now.ms + rows[i].after);
	}
}

static void pause_ends_at_its_moment(void **state maybe_unused)
{
	assert_true(webhook_is_paused(now, (moment){ now.ms - 1 }));
	assert_false(webhook_is_paused(now, now));
	assert_false(webhook_is_paused(now, (moment){ now.ms + 1 }));
	assert_false(webhook_is_paused((moment){ 0 }, now));
}

static void only_a_2xx_is_a_success(void **state maybe_unused)
{
	static const struct {
		int status;
		bool success;
	} rows[] = { { 0, false }, { 199, false }, { 200, true }, { 204, true }, { 299, true },
		{ 300, false }, { 410, false }, { 500, false } };

	for (size_t i = 0; i < array_len(rows); i++)
		assert_int_equal(webhook_is_success(rows[i].status), rows[i].success);
}

static void first_failure_is_remembered_until_a_success(void **state maybe_unused)
{
	assert_int_equal(webhook_failing_from((moment){ 0 }, now).ms, now.ms);
	assert_int_equal(webhook_failing_from((moment){ now.ms - 5 }, now).ms, now.ms - 5);
}

static void endpoint_is_gone_after_410_and_failing_after_five_days(void **state maybe_unused)
{
	const int64_t limit = days(5).ms;
	const struct {
		int status;
		int64_t failing_ms; /* how long it has failed; -1: not at all */
		enum webhook_health health;
	} rows[] = {
		{ 410, -1, WEBHOOK_HEALTH_GONE }, { 410, 0, WEBHOOK_HEALTH_GONE },
		{ 410, limit + 1, WEBHOOK_HEALTH_GONE }, { 409, 0, WEBHOOK_HEALTH_USABLE },
		{ 411, 0, WEBHOOK_HEALTH_USABLE }, { 0, -1, WEBHOOK_HEALTH_USABLE },
		{ 0, 0, WEBHOOK_HEALTH_USABLE }, { 0, limit - 1, WEBHOOK_HEALTH_USABLE },
		{ 0, limit, WEBHOOK_HEALTH_FAILING }, { 0, limit + 1, WEBHOOK_HEALTH_FAILING },
		{ 500, limit, WEBHOOK_HEALTH_FAILING },
		{ 200, limit, WEBHOOK_HEALTH_FAILING }, /* the answer was incomplete */
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		const moment since = { rows[i].failing_ms < 0 ? 0 : now.ms - rows[i].failing_ms };

		assert_int_equal(webhook_health_after_failure(rows[i].status, since, now), rows[i].health);
	}
}

static void one_delivery_is_in_flight_from_a_failure_to_the_next_success(void **state maybe_unused)
{
	assert_int_equal(webhook_in_flight_max((moment){ 0 }), 8);
	assert_int_equal(webhook_in_flight_max(now), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(delay_follows_the_schedule_with_a_jitter_of_a_fifth),
		cmocka_unit_test(delay_grows_with_the_jitter),
		cmocka_unit_test(delivery_fails_after_the_last_attempt),
		cmocka_unit_test(retry_waits_for_the_end_of_a_pause_that_ends_later),
		cmocka_unit_test(pause_lasts_as_long_as_the_endpoint_asked_at_most_a_day),
		cmocka_unit_test(pause_ends_at_its_moment),
		cmocka_unit_test(only_a_2xx_is_a_success),
		cmocka_unit_test(first_failure_is_remembered_until_a_success),
		cmocka_unit_test(endpoint_is_gone_after_410_and_failing_after_five_days),
		cmocka_unit_test(one_delivery_is_in_flight_from_a_failure_to_the_next_success),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
