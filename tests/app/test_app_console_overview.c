/* The data of the console's overview: sums of the caller's tenants over three periods, and nothing of others.
 */
#include "app/console/overview.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/event/numbering.h"
#include "base/metrics.h"
#include "domain/quota.h"
#include "kit/app_fixture.h"
#include "kit/fake_provider.h"

#define ANA "ana.exemplo@example.com"
#define BOB "bob.exemplo@example.com"
#define TODAY (FIXTURE_NOW / 86400000)

static const struct console_caller viewer_of_all = { .account = {
							     .id = { "all" }, .role = OPERATOR_VIEWER } };

static struct console_caller viewer_of(const struct caller *tenant)
{
	struct console_caller viewer = { .account = { .id = { "one" }, .role = OPERATOR_VIEWER } };

	assert_true(operator_account_add_tenant(&viewer.account, &tenant->tenant.id));
	return viewer;
}

static struct overview overview_of(
	struct app_fixture *fx, const struct console_caller *caller, const char *tenant)
{
	struct overview out;
	enum console_verdict verdict;

	assert_int_equal(event_number_all(&fx->world), OK);
	assert_int_equal(
		app_console_overview(&fx->world, &fx->arena, caller, str_of(tenant), &out, &verdict), OK);
	assert_int_equal(verdict, CONSOLE_PERMITTED);
	return out;
}

static void new_installation_has_no_tenant_and_no_counts(void **state)
{
	struct app_fixture *const fx = *state;
	const struct overview out = overview_of(fx, &viewer_of_all, "");

	assert_int_equal(out.n_visible, 0);
	assert_int_equal(out.today, TODAY);
	for (size_t i = 0; i < OVERVIEW_PERIODS; i++)
		assert_false(out.periods[i].has_median);
}

static void sums_and_rows_of_all_tenants(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 10);
	const struct caller bank = fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_advance_clock(fx, minutes(5));
	fixture_poll_status(fx, &shop, ANA, STATUS_DECLINED);
	fixture_verify_email(fx, &bank, ANA);
	(void)fixture_create_session(fx, &bank, ANA);
	fixture_advance_clock(fx, minutes(1));
	fixture_poll_status(fx, &bank, ANA, STATUS_APPROVED);
	(void)fixture_prepare(fx, &bank, BOB);
	const struct overview out = overview_of(fx, &viewer_of_all, "");
	const struct overview_counts *const today = &out.periods[OVERVIEW_TODAY];

	assert_int_equal(out.n_visible, 2);
	assert_string_equal(out.tenants[0].name, "bank");
	assert_string_equal(out.tenants[1].name, "shop");
	assert_int_equal(out.tenants[1].quota_limit, 10);
	assert_int_equal(out.tenants[1].quota_used, 1);
	assert_int_equal(out.tenants[0].quota_limit, NO_QUOTA);
	assert_int_equal(out.people[PEOPLE_WITH(OVERALL_APPROVED)], 1);
	assert_int_equal(out.people[PEOPLE_WITH(OVERALL_DECLINED)], 1);
	assert_int_equal(out.people[PEOPLE_WITH(OVERALL_PENDING)], 1);
	assert_int_equal(today->counts[DAY_PREPARED], 3);
	assert_int_equal(today->counts[DAY_VERIFIED], 2);
	assert_int_equal(today->counts[DAY_STARTED], 2);
	assert_int_equal(today->counts[DAY_APPROVED], 1);
	assert_int_equal(today->counts[DAY_DECLINED], 1);
	assert_true(today->has_median);
	assert_int_equal(today->median.ms, decision_time_of_class(decision_time_class(minutes(1))).ms);
	assert_int_equal(out.days[OVERVIEW_DAYS - 1][DAY_APPROVED], 1);
}

static void events_leave_the_periods_after_1_7_and_30_days(void **state)
{
	static const struct {
		int64_t age, today, week, month;
	} rows[] = { { 0, 1, 1, 1 }, { 1, 0, 1, 1 }, { 6, 0, 1, 1 }, { 7, 0, 0, 1 }, { 29, 0, 0, 1 },
		{ 30, 0, 0, 0 } };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct daily_count row = { .tenant_id = shop.tenant.id };
	struct decision_count decision = { .tenant_id = shop.tenant.id, .counts = STR("underage=1") };

	row.counts[DAY_DECLINED] = 1;
	row.people[PEOPLE_WITH(OVERALL_DECLINED)] = 1;
	for (size_t i = 0; i < array_len(rows); i++) {
		const int64_t day = TODAY + 100 + (int64_t)i * 100;
		const int64_t expected[] = { rows[i].today, rows[i].week, rows[i].month };

		if (i > 0) {
			row.closed = true;
			fixture_save(fx, RECORD_DAILY_COUNT, &row);
		}
		row.closed = false;
		row.day = decision.day = day - rows[i].age;
		fixture_save(fx, RECORD_DAILY_COUNT, &row);
		fixture_save(fx, RECORD_DECISION_COUNT, &decision);
		atomic_store(&fx->clock.now, day_start(day).ms);
		const struct overview out = overview_of(fx, &viewer_of_all, "");

		print_message("# %d days\n", (int)rows[i].age);
		for (size_t period = 0; period < OVERVIEW_PERIODS; period++) {
			assert_int_equal(out.periods[period].counts[DAY_DECLINED], expected[period]);
			assert_int_equal(out.periods[period].reasons[REASON_UNDERAGE], expected[period]);
		}
		assert_int_equal(out.people[PEOPLE_WITH(OVERALL_DECLINED)], 1);
	}
}

/* A clock that was set back leaves rows of later days, which hold the present number of people. */
static void later_days_are_left_out_of_the_periods(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	fixture_advance_clock(fx, days(2));
	(void)fixture_prepare(fx, &shop, ANA);
	atomic_store(&fx->clock.now, FIXTURE_NOW);
	const struct overview out = overview_of(fx, &viewer_of_all, "");

	assert_int_equal(out.periods[OVERVIEW_MONTH].counts[DAY_PREPARED], 0);
	assert_int_equal(out.people[PEOPLE_WITH(OVERALL_PENDING)], 1);
}

static void operator_of_one_tenant_sees_nothing_of_others(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);
	const struct console_caller viewer = viewer_of(&shop);
	struct overview out;
	enum console_verdict verdict;

	(void)fixture_prepare(fx, &shop, ANA);
	(void)fixture_prepare(fx, &bank, ANA);
	(void)fixture_prepare(fx, &bank, BOB);
	out = overview_of(fx, &viewer, "");
	assert_int_equal(out.n_visible, 1);
	assert_string_equal(out.tenants[0].name, "shop");
	assert_int_equal(out.people[PEOPLE_WITH(OVERALL_PENDING)], 1);
	assert_int_equal(out.periods[OVERVIEW_TODAY].counts[DAY_PREPARED], 1);
	out = overview_of(fx, &viewer, "shop");
	assert_int_equal(out.n_visible, 1);
	assert_int_equal(app_console_overview(&fx->world, &fx->arena, &viewer, STR("bank"), &out, &verdict),
		ERR_NOT_FOUND);
}

static void one_tenant_can_be_chosen(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);
	char too_long[TENANT_NAME_SIZE + 8];
	struct overview out;
	enum console_verdict verdict;

	(void)fixture_prepare(fx, &shop, ANA);
	(void)fixture_prepare(fx, &bank, BOB);
	out = overview_of(fx, &viewer_of_all, "bank");
	assert_int_equal(out.n_visible, 1);
	assert_int_equal(out.periods[OVERVIEW_TODAY].counts[DAY_PREPARED], 1);
	memset(too_long, 'a', sizeof(too_long));
	too_long[sizeof(too_long) - 1] = '\0';
	assert_int_equal(app_console_overview(
				 &fx->world, &fx->arena, &viewer_of_all, str_of(too_long), &out, &verdict),
		ERR_NOT_FOUND);
	assert_int_equal(
		app_console_overview(&fx->world, &fx->arena, &viewer_of_all, STR("nobody"), &out, &verdict),
		ERR_NOT_FOUND);
}

static void sums_include_tenants_that_are_not_listed(void **state)
{
	struct app_fixture *const fx = *state;
	char name[] = "shop000";

	for (size_t i = 0; i <= OVERVIEW_TENANTS_MAX; i++) {
		name[4] = (char)('0' + i / 100);
		name[5] = (char)('0' + i / 10 % 10);
		name[6] = (char)('0' + i % 10);
		const struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);
		struct daily_count row = { .tenant_id = shop.tenant.id, .day = TODAY };

		row.counts[DAY_STARTED] = 2;
		fixture_save(fx, RECORD_DAILY_COUNT, &row);
	}
	const struct overview out = overview_of(fx, &viewer_of_all, "");

	assert_int_equal(out.n_visible, OVERVIEW_TENANTS_MAX + 1);
	assert_int_equal(out.n_tenants, OVERVIEW_TENANTS_MAX);
	assert_int_equal(out.periods[OVERVIEW_TODAY].counts[DAY_STARTED], 2 * (OVERVIEW_TENANTS_MAX + 1));
}

/* More rows than a query returns, and a day of which a query returns only a part. */
static void counts_of_many_tenants_and_days_are_summed(void **state)
{
	enum { TENANTS = 90, DAYS = 30 };
	struct app_fixture *const fx = *state;
	char name[] = "shop00";

	for (size_t i = 0; i < TENANTS; i++) {
		name[4] = (char)('0' + i / 10);
		name[5] = (char)('0' + i % 10);
		const struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);

		for (int64_t age = 0; age < DAYS; age++) {
			struct daily_count row = {
				.tenant_id = shop.tenant.id, .day = TODAY - age, .closed = age > 0
			};
			const struct decision_count decisions = {
				.tenant_id = shop.tenant.id, .day = TODAY - age, .counts = STR("underage=2")
			};

			row.counts[DAY_STARTED] = 1;
			row.people[PEOPLE_WITH(OVERALL_APPROVED)] = 5;
			fixture_save(fx, RECORD_DAILY_COUNT, &row);
			fixture_save(fx, RECORD_DECISION_COUNT, &decisions);
		}
	}
	const struct overview out = overview_of(fx, &viewer_of_all, "");
	const struct overview_counts *const month = &out.periods[OVERVIEW_MONTH];

	assert_int_equal(month->counts[DAY_STARTED], TENANTS * DAYS);
	assert_int_equal(month->reasons[REASON_UNDERAGE], 2 * TENANTS * DAYS);
	assert_int_equal(out.people[PEOPLE_WITH(OVERALL_APPROVED)], 5 * TENANTS);
	for (size_t i = 0; i < OVERVIEW_DAYS; i++)
		assert_int_equal(out.days[i][DAY_STARTED], TENANTS);
	for (size_t i = 0; i < out.n_tenants; i++)
		assert_int_equal(out.tenants[i].people[PEOPLE_WITH(OVERALL_APPROVED)], 5);
}

static void health_of_mail_and_provider_is_shown(void **state)
{
	struct app_fixture *const fx = *state;
	struct overview out = overview_of(fx, &viewer_of_all, "");

	assert_false(out.mail_is_down);
	assert_false(out.provider_is_down);
	atomic_store(&fx->mailer.base.reported_down, true);
	metric_set(METRIC_PROVIDER_OPEN, 1);
	metric_set(METRIC_OUTBOX_OLDEST, 90);
	out = overview_of(fx, &viewer_of_all, "");
	assert_true(out.mail_is_down);
	assert_true(out.provider_is_down);
	assert_int_equal(out.oldest_mail.ms, 90000);
	metrics_reset();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(new_installation_has_no_tenant_and_no_counts),
		TEST(sums_and_rows_of_all_tenants),
		TEST(events_leave_the_periods_after_1_7_and_30_days),
		TEST(later_days_are_left_out_of_the_periods),
		TEST(operator_of_one_tenant_sees_nothing_of_others),
		TEST(one_tenant_can_be_chosen),
		TEST(sums_include_tenants_that_are_not_listed),
		TEST(counts_of_many_tenants_and_days_are_summed),
		TEST(health_of_mail_and_provider_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
