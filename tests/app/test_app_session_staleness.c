/* Tests of the metric of the longest time since the last update of an open session. */
#include "app/session/staleness.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/metrics.h"
#include "kit/app_fixture.h"

static int64_t measure(struct app_fixture *fx)
{
	metric_set(METRIC_STALE_SESSION_OLDEST, -1);
	assert_int_equal(session_staleness_measure(&fx->world, &fx->arena), OK);
	return metric_read(METRIC_STALE_SESSION_OLDEST, 0, 0);
}

static void save_session(struct app_fixture *fx, char name, enum session_status status, int64_t age_ms)
{
	const struct session session = { .id = { { name } },
		.provider_ref = { { name } },
		.status = status,
		.created_at = { FIXTURE_NOW - 1000000 },
		.last_update_at = { FIXTURE_NOW - age_ms } };

	fixture_save(fx, RECORD_SESSION, &session);
}

static void oldest_update_of_an_open_session_is_measured(void **state)
{
	static const struct {
		char name;
		enum session_status status;
		int64_t age_ms, seconds;
	} rows[] = {
		{ 'a', STATUS_APPROVED, 900000, 0 },
		{ 'b', STATUS_CREATING, 900000, 0 }, /* does not exist at the provider yet */
		{ 'c', STATUS_IN_REVIEW, 999, 0 },
		{ 'd', STATUS_NOT_STARTED, 1000, 1 },
		{ 'e', STATUS_IN_PROGRESS, 60000, 60 },
		{ 'f', STATUS_AWAITING_USER, 50000, 60 },
		{ 'g', STATUS_RESUBMITTED, 70000, 70 },
		{ 'h', STATUS_IN_REVIEW, 80000, 80 },
		{ 'g', STATUS_DECLINED, 0, 80 },
		{ 'h', STATUS_IN_REVIEW, 0, 60 }, /* updated now */
		{ 'e', STATUS_EXPIRED, 60000, 50 },
	};
	struct app_fixture *const fx = *state;

	assert_int_equal(measure(fx), 0);
	for (size_t i = 0; i < array_len(rows); i++) {
		save_session(fx, rows[i].name, rows[i].status, rows[i].age_ms);
		assert_int_equal(measure(fx), rows[i].seconds);
	}
}

/* If the wall clock was set back after the update, the age counts as 0. */
static void update_in_the_future_has_no_age(void **state)
{
	struct app_fixture *const fx = *state;

	save_session(fx, 'a', STATUS_IN_PROGRESS, -5000);
	assert_int_equal(measure(fx), 0);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(oldest_update_of_an_open_session_is_measured),
		TEST(update_in_the_future_has_no_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
