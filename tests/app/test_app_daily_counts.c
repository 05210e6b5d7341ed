/* Daily counts: each event is counted once, on its day, in both ways of numbering events; and they agree with
 * a full count of the people. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/admin/erase.h"
#include "app/event/numbering.h"
#include "domain/daily_count.h"
#include "kit/app_fixture.h"
#include "kit/fake_provider.h"

#define ANA "ana.exemplo@example.com"
#define BOB "bob.exemplo@example.com"
#define TODAY (FIXTURE_NOW / 86400000)
#define MIDNIGHT ((TODAY + 1) * 86400000) /* the end of the day on which every test starts */

/* Numbers and so counts what was not counted when it was added. */
static void count_all(struct app_fixture *fx)
{
	assert_int_equal(event_number_all(&fx->world), OK);
}

static struct daily_count counts_of(struct app_fixture *fx, const struct caller *caller, int64_t day)
{
	struct daily_count row = { .tenant_id = caller->tenant.id, .day = day };

	if (!fixture_try_load(fx, RECORD_DAILY_COUNT, &row))
		row = (struct daily_count){ .tenant_id = caller->tenant.id, .day = day };
	return row;
}

static void assert_counts(
	struct app_fixture *fx, const struct caller *caller, int64_t day, const int64_t expected[DAY_COUNTS])
{
	const struct daily_count row = counts_of(fx, caller, day);

	for (size_t i = 0; i < DAY_COUNTS; i++)
		assert_int_equal(row.counts[i], expected[i]);
}

/* Compares the newest row with a count of all enrolments. */
static void assert_people_counted(struct app_fixture *fx, const struct caller *caller)
{
	const struct enrolment probe = { .tenant_id = caller->tenant.id };
	const struct daily_count day_probe = { .tenant_id = caller->tenant.id };
	struct enrolment rows[32];
	struct daily_count newest;
	int64_t people[PEOPLE_COUNTS] = { 0 };
	const size_t n = fixture_find(fx, QUERY_ENROLMENTS_OF_TENANT, &probe, rows, 32);

	for (size_t i = 0; i < n; i++)
		people[PEOPLE_WITH(rows[i].overall_status)] += !rows[i].merged;
	assert_int_equal(fixture_find(fx, QUERY_DAILY_COUNTS_OF_TENANT, &day_probe, &newest, 1), 1);
	for (size_t i = 0; i < PEOPLE_COUNTS; i++)
		assert_int_equal(newest.people[i], people[i]);
	assert_false(newest.closed);
}

static int64_t decisions_of(
	struct app_fixture *fx, const struct caller *caller, int64_t day, const char *name)
{
	struct decision_count row = { .tenant_id = caller->tenant.id, .day = day };
	int64_t numbers[DECISION_COUNTS] = { 0 };

	if (fixture_try_load(fx, RECORD_DECISION_COUNT, &row))
		decision_counts_add(row.counts, numbers);
	return numbers[decision_count_number(str_of(name))];
}

static void each_step_of_a_person_is_counted_once(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_prepare(fx, &shop, ANA);
	(void)fixture_prepare(fx, &shop, BOB);
	(void)fixture_prepare(fx, &shop, BOB);
	count_all(fx);
	assert_counts(fx, &shop, TODAY, (int64_t[]){ 2, 1, 0, 0, 0, 0, 0 });
	(void)fixture_create_session(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_poll_status(fx, &shop, ANA, STATUS_IN_PROGRESS);
	fixture_poll_status(fx, &shop, ANA, STATUS_IN_REVIEW);
	count_all(fx);
	assert_counts(fx, &shop, TODAY, (int64_t[]){ 2, 1, 1, 0, 0, 1, 0 });
	fixture_poll_status(fx, &shop, ANA, STATUS_APPROVED);
	fixture_poll_status(fx, &shop, ANA, STATUS_APPROVED);
	count_all(fx);
	count_all(fx);
	assert_counts(fx, &shop, TODAY, (int64_t[]){ 2, 1, 1, 1, 0, 1, 0 });
	assert_people_counted(fx, &shop);
}

static void time_and_reasons_of_a_decision_are_counted(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	char name[DECISION_COUNT_NAME_SIZE];

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_advance_clock(fx, minutes(3));
	fixture_poll_status(fx, &shop, ANA, STATUS_DECLINED);
	count_all(fx);
	decision_count_name(decision_count_of_time(decision_time_class(minutes(3))), name);
	assert_int_equal(decisions_of(fx, &shop, TODAY, name), 1);
	assert_counts(fx, &shop, TODAY, (int64_t[]){ 1, 1, 1, 0, 1, 0, 0 });
	assert_people_counted(fx, &shop);
	/* The next session makes the person pending, which is no decision. */
	fixture_advance_clock(fx, days(40));
	(void)fixture_create_session(fx, &shop, ANA);
	count_all(fx);
	assert_counts(fx, &shop, TODAY + 40, (int64_t[]){ 0, 0, 1, 0, 0, 0, 0 });
	assert_people_counted(fx, &shop);
}

static void day_of_an_event_is_decided_by_its_millisecond(void **state)
{
	static const struct {
		int64_t at, today, tomorrow;
	} rows[] = { { MIDNIGHT - 1, 1, 0 }, { MIDNIGHT, 0, 1 }, { MIDNIGHT + 1, 0, 1 } };
	struct app_fixture *const fx = *state;
	char name[] = "shop0";

	for (size_t i = 0; i < array_len(rows); i++) {
		name[4] = (char)('0' + i);
		const struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);

		atomic_store(&fx->clock.now, rows[i].at);
		(void)fixture_prepare(fx, &shop, ANA);
		count_all(fx);
		assert_int_equal(counts_of(fx, &shop, TODAY).counts[DAY_PREPARED], rows[i].today);
		assert_int_equal(counts_of(fx, &shop, TODAY + 1).counts[DAY_PREPARED], rows[i].tomorrow);
		assert_people_counted(fx, &shop);
	}
}

/* The row of the new day takes over the number of people. An event of the day before that is counted later
 * changes the counts of its own day and the people of the newest one. */
static void present_people_are_in_the_newest_day(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	(void)fixture_prepare(fx, &shop, ANA);
	count_all(fx);
	atomic_store(&fx->clock.now, MIDNIGHT);
	(void)fixture_prepare(fx, &shop, BOB);
	count_all(fx);
	assert_true(counts_of(fx, &shop, TODAY).closed);
	assert_people_counted(fx, &shop);
	atomic_store(&fx->clock.now, MIDNIGHT - 1);
	(void)fixture_prepare(fx, &shop, "eva@example.com");
	count_all(fx);
	assert_int_equal(counts_of(fx, &shop, TODAY).counts[DAY_PREPARED], 2);
	assert_int_equal(counts_of(fx, &shop, TODAY + 1).counts[DAY_PREPARED], 1);
	assert_people_counted(fx, &shop);
	/* A day before the first row. */
	atomic_store(&fx->clock.now, MIDNIGHT - 3 * INT64_C(86400000));
	(void)fixture_prepare(fx, &shop, "leo@example.com");
	count_all(fx);
	assert_int_equal(counts_of(fx, &shop, TODAY - 2).counts[DAY_PREPARED], 1);
	assert_true(counts_of(fx, &shop, TODAY - 2).closed);
	assert_people_counted(fx, &shop);
}

static const struct actor operator_actor = { .kind = ACTOR_OPERATOR };

static void erased_person_is_no_longer_counted(void **state)
{
	static const struct person_selector ana = { .identifier = { ADDRESS_EMAIL, STR_INIT(ANA) } };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct erasures *const out = arena_new(&fx->arena, struct erasures);

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_prepare(fx, &shop, BOB);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_poll_status(fx, &shop, ANA, STATUS_APPROVED);
	/* With several writers, the events are counted after the erasure has emptied them. */
	assert_int_equal(app_erase(&fx->world, &fx->arena, &operator_actor, &ana, true, out), OK);
	count_all(fx);
	assert_counts(fx, &shop, TODAY, (int64_t[]){ 2, 1, 1, 1, 0, 0, 0 });
	assert_int_equal(counts_of(fx, &shop, TODAY).people[PEOPLE_WITH(OVERALL_PENDING)], 1);
	assert_people_counted(fx, &shop);
}

static void linked_addresses_count_as_one_person(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);
	const struct signing_wallet a = signing_wallet_new(WALLET_EVM, 0x11);

	/* The e-mail was prepared before. */
	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_poll_status(fx, &shop, ANA, STATUS_APPROVED);
	fixture_link(fx, &shop, &a, ANA);
	/* The link alone tells the tenant of the e-mail. */
	fixture_link(fx, &bank, &a, ANA);
	count_all(fx);
	assert_people_counted(fx, &shop);
	assert_people_counted(fx, &bank);
	assert_int_equal(counts_of(fx, &shop, TODAY).people[PEOPLE_WITH(OVERALL_APPROVED)], 1);
	assert_int_equal(counts_of(fx, &bank, TODAY).people[PEOPLE_WITH(OVERALL_PENDING)], 1);
	assert_int_equal(counts_of(fx, &bank, TODAY).counts[DAY_PREPARED], 2);
	assert_int_equal(counts_of(fx, &bank, TODAY).counts[DAY_VERIFIED], 2);
}

static void each_tenant_of_a_group_counts_its_own_people(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	char name[DECISION_COUNT_NAME_SIZE];

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_poll_status(fx, &shop, ANA, STATUS_APPROVED);
	fixture_advance_clock(fx, hours(2));
	fixture_verify_email(fx, &bank, ANA);
	count_all(fx);
	assert_counts(fx, &shop, TODAY, (int64_t[]){ 1, 1, 1, 1, 0, 0, 0 });
	assert_counts(fx, &bank, TODAY, (int64_t[]){ 1, 1, 0, 1, 0, 0, 0 });
	assert_people_counted(fx, &bank);
	/* The bank hears of an old decision, so no time is counted for it. */
	decision_count_name(decision_count_of_time(decision_time_class(hours(2))), name);
	assert_int_equal(decisions_of(fx, &bank, TODAY, name), 0);
}

/* A transaction that fails after its work leaves neither positions nor counts. */
static void failed_numbering_counts_nothing(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	bool more;

	(void)fixture_prepare(fx, &shop, ANA);
	atomic_store(&fx->store.fault, STORE_FAULT_AFTER_WORK);
	assert_int_not_equal(event_number(&fx->world, &more), OK);
	atomic_store(&fx->store.fault, STORE_FAULT_NONE);
	assert_int_equal(counts_of(fx, &shop, TODAY).counts[DAY_PREPARED], 0);
	count_all(fx);
	assert_int_equal(counts_of(fx, &shop, TODAY).counts[DAY_PREPARED], 1);
}

static void add_prepared_event(
	struct app_fixture *fx, const struct caller *caller, size_t number, const char *uncounted)
{
	struct event event = { .tenant_id = caller->tenant.id,
		.type = EVENT_USER_PREPARED,
		.sequence = (int64_t)number,
		.created_at = world_now(&fx->world) };

	assert_int_equal(world_id(&fx->world, event.id.text), OK);
	assert_true(str_copy_to(str_of(uncounted), event.uncounted, sizeof(event.uncounted)));
	fixture_save(fx, RECORD_EVENT, &event);
}

static void batch_of_many_events_of_several_tenants_is_counted(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);

	for (size_t i = 0; i < EVENT_NUMBER_BATCH + 5; i++)
		add_prepared_event(fx, i % 3 == 0 ? &bank : &shop, i, "0.1.0.0");
	/* Written before events were counted. */
	add_prepared_event(fx, &shop, 1, "");
	count_all(fx);
	assert_int_equal(counts_of(fx, &bank, TODAY).counts[DAY_PREPARED], 87);
	assert_int_equal(counts_of(fx, &shop, TODAY).counts[DAY_PREPARED], 174);
	assert_int_equal(counts_of(fx, &shop, TODAY).people[PEOPLE_WITH(OVERALL_PENDING)], 174);
}

static int setup_single_writer(void **state)
{
	const int result = fixture_setup(state);
	struct app_fixture *const fx = *state;

	fx->store.base.single_writer = true;
	return result;
}

#define TEST(name)                                                                                           \
	{ #name, name, fixture_setup, fixture_teardown, NULL },                                              \
	{                                                                                                    \
#name " (single writer)", name, setup_single_writer, fixture_teardown, NULL                  \
	}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(each_step_of_a_person_is_counted_once),
		TEST(time_and_reasons_of_a_decision_are_counted),
		TEST(day_of_an_event_is_decided_by_its_millisecond),
		TEST(present_people_are_in_the_newest_day),
		TEST(erased_person_is_no_longer_counted),
		TEST(linked_addresses_count_as_one_person),
		TEST(each_tenant_of_a_group_counts_its_own_people),
		cmocka_unit_test_setup_teardown(
			failed_numbering_counts_nothing, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			batch_of_many_events_of_several_tenants_is_counted, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
