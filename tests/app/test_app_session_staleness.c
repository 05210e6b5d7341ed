#include "app/session/staleness.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/metrics.h"
#include "kit/app_fixture.h"

static int64_t measured(struct app_fixture *fx)
{
	metric_set(METRIC_STALE_SESSION_OLDEST, -1);
	assert_int_equal(session_staleness_measure(&fx->world, &fx->arena), OK);
	return metric_read(METRIC_STALE_SESSION_OLDEST, 0, 0);
}

static void hear(struct app_fixture *fx, char name, enum session_status status, int64_t ago_ms)
{
	const struct session session = { .id = { { name } },
		.provider_ref = { { name } },
		.status = status,
		.created_at = { FIXTURE_NOW - 1000000 },
		.last_update_at = { FIXTURE_NOW - ago_ms } };

	fixture_save(fx, RECORD_SESSION, &session);
}

static void the_open_session_that_was_silent_for_longest(void **state)
{
	static const struct {
		char name;
		enum session_status status;
		int64_t ago_ms, seconds;
	} rows[] = {
		{ 'a', STATUS_APPROVED, 900000, 0 },
		{ 'b', STATUS_CREATING, 900000, 0 }, /* nobody at the provider knows of it */
		{ 'c', STATUS_IN_REVIEW, 999, 0 },
		{ 'd', STATUS_NOT_STARTED, 1000, 1 },
		{ 'e', STATUS_IN_PROGRESS, 60000, 60 },
		{ 'f', STATUS_AWAITING_USER, 50000, 60 },
		{ 'g', STATUS_RESUBMITTED, 70000, 70 },
		{ 'h', STATUS_IN_REVIEW, 80000, 80 },
		{ 'g', STATUS_DECLINED, 0, 80 },
		{ 'h', STATUS_IN_REVIEW, 0, 60 }, /* it was heard of */
		{ 'e', STATUS_EXPIRED, 60000, 50 },
	};
	struct app_fixture *const fx = *state;

	assert_int_equal(measured(fx), 0);
	for (size_t i = 0; i < array_len(rows); i++) {
		hear(fx, rows[i].name, rows[i].status, rows[i].ago_ms);
		assert_int_equal(measured(fx), rows[i].seconds);
	}
}

/* The wall clock was turned back behind it: no age at all. */
static void news_from_the_future(void **state)
{
	struct app_fixture *const fx = *state;

	hear(fx, 'a', STATUS_IN_PROGRESS, -5000);
	assert_int_equal(measured(fx), 0);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(the_open_session_that_was_silent_for_longest),
		TEST(news_from_the_future),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
