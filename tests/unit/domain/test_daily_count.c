#include "domain/daily_count.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"

static void day_begins_at_midnight_utc(void **state)
{
	static const struct {
		int64_t ms, day;
	} rows[] = {
		{ 0, 0 },
		{ INT64_C(86399999), 0 },
		{ INT64_C(86400000), 1 },
		{ INT64_C(1767657599999), 20458 }, /* 2026-01-05T23:59:59.999Z */
		{ INT64_C(1767657600000), 20459 },
		{ INT64_C(1767657600001), 20459 },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++)
		assert_int_equal(day_of((moment){ rows[i].ms }), rows[i].day);
	assert_int_equal(day_start(20459).ms, INT64_C(1767657600000));
}

static void classes_of_times_are_geometric(void **state)
{
	static const struct {
		int64_t ms;
		size_t class;
	} rows[] = {
		{ -5, 0 },
		{ 0, 0 },
		{ 999, 0 },
		{ 1000, 1 },
		{ 1189, 1 },
		{ 1190, 2 },
		{ 1999, 4 },
		{ 2001, 5 },
		{ 59999, 24 },
		{ INT64_MAX, DECISION_TIMES - 1 },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		print_message("# %ld ms\n", (long)rows[i].ms);
		assert_int_equal(decision_time_class(milliseconds(rows[i].ms)), rows[i].class);
	}
}

static void time_of_a_class_differs_by_at_most_nine_percent(void **state)
{
	(void)state;
	for (int64_t ms = 1000; ms < days(45).ms; ms += ms / 7 + 1) {
		const int64_t shown = decision_time_of_class(decision_time_class(milliseconds(ms))).ms;

		assert_true(shown * 100 >= ms * 91 && shown * 100 <= ms * 110);
	}
}

static void median_is_the_middle_time(void **state)
{
	int64_t classes[DECISION_TIMES] = { 0 };
	duration median;

	(void)state;
	assert_false(decision_time_median(classes, &median));
	classes[10] = 1;
	assert_true(decision_time_median(classes, &median));
	assert_int_equal(median.ms, decision_time_of_class(10).ms);
	classes[40] = 2;
	assert_true(decision_time_median(classes, &median));
	assert_int_equal(median.ms, decision_time_of_class(40).ms);
	classes[3] = 2;
	assert_true(decision_time_median(classes, &median));
	assert_int_equal(median.ms, decision_time_of_class(10).ms);
	memset(classes, 0, sizeof(classes));
	classes[DECISION_TIMES - 1] = INT64_C(1) << 40;
	assert_true(decision_time_median(classes, &median));
}

static void every_decision_count_has_a_name_of_its_own(void **state)
{
	char name[DECISION_COUNT_NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < DECISION_COUNTS; i++) {
		decision_count_name(i, name);
		assert_int_equal(decision_count_number(str_of(name)), i);
	}
	decision_count_name(decision_count_of_reason(REASON_FACE_MISMATCH), name);
	assert_string_equal(name, "face_mismatch");
	decision_count_name(decision_count_of_time(17), name);
	assert_string_equal(name, "time_17");
	static const char *const unknown[] = { "time_", "time_90", "time_01", "time_x", "time_1:", "time_100",
		"nothing", "" };

	for (size_t i = 0; i < array_len(unknown); i++)
		assert_int_equal(decision_count_number(str_of(unknown[i])), DECISION_COUNTS);
}

static void decision_counts_are_read_as_written(void **state)
{
	int64_t numbers[DECISION_COUNTS] = { 0 }, read[DECISION_COUNTS] = { 0 };
	char text[DECISION_COUNTS_SIZE];

	(void)state;
	assert_int_equal(decision_counts_write(numbers, text), 0);
	decision_counts_add(STR(""), read);
	assert_memory_equal(read, numbers, sizeof(read));
	numbers[decision_count_of_reason(REASON_UNDERAGE)] = 3;
	numbers[decision_count_of_time(33)] = 30;
	const struct str written = { text, decision_counts_write(numbers, text) };
	assert_true(str_eq(written, STR("underage=3 time_33=30")));
	/* The largest text: every count has the most digits that are read. */
	for (size_t i = 0; i < DECISION_COUNTS; i++)
		numbers[i] = INT64_MAX / 1000 - (int64_t)i;
	decision_counts_add((struct str){ text, decision_counts_write(numbers, text) }, read);
	assert_memory_equal(read, numbers, sizeof(read));
}

static void decision_counts_are_added_in_any_order_without_unknown_names(void **state)
{
	int64_t numbers[DECISION_COUNTS] = { [0] = 0 };

	(void)state;
	decision_counts_add(STR("time_1=2 gone=7 underage=1"), numbers);
	decision_counts_add(STR("underage=10 time_1=40"), numbers);
	assert_int_equal(numbers[decision_count_of_time(1)], 42);
	assert_int_equal(numbers[decision_count_of_reason(REASON_UNDERAGE)], 11);
	for (size_t i = 0; i < DECISION_COUNTS; i++)
		assert_true(numbers[i] == 0 || i == decision_count_of_time(1) ||
			    i == decision_count_of_reason(REASON_UNDERAGE));
}

static void facts_are_read_as_written(void **state)
{
	static const struct count_facts rows[] = {
		{ 0, 0, { 0 }, 0 },
		{ 0, OVERALL_PENDING, { 0 }, 0 },
		{ OVERALL_PENDING, OVERALL_DECLINED, { (UINT32_C(1) << REASON_COUNT) - 1 }, DECISION_TIMES },
		{ OVERALL_EXPIRED, 0, { 0x10 }, 16 },
	};
	char text[EVENT_UNCOUNTED_SIZE];
	struct count_facts facts;

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		count_facts_write(&rows[i], text);
		print_message("# %s\n", text);
		assert_true(count_facts_read(text, &facts));
		assert_int_equal(facts.before, rows[i].before);
		assert_int_equal(facts.after, rows[i].after);
		assert_int_equal(facts.reasons.bits, rows[i].reasons.bits);
		assert_int_equal(facts.time_class, rows[i].time_class);
	}
}

static void other_texts_are_no_facts(void **state)
{
	static const char *const texts[] = { "", "0", "0.0.0", "0.0.0.0.0", "0.0.0.", ".0.0.0", "6.0.0.0",
		"0.6.0.0", "0.0.10000.0", "0.0.0.5b", "0.0.0.g", "0.0.0.A", "0.0.000000000.0", "-1.0.0.0" };
	struct count_facts facts;

	(void)state;
	for (size_t i = 0; i < array_len(texts); i++) {
		print_message("# %s\n", texts[i]);
		assert_false(count_facts_read(texts[i], &facts));
	}
}

/* The count that each type adds to; -1: none. */
static const struct {
	enum event_type type;
	int count;
} types[] = {
	{ EVENT_USER_PREPARED, -1 }, /* counts by its facts */
	{ EVENT_USER_EMAIL_VERIFIED, DAY_VERIFIED },
	{ EVENT_USER_WALLET_VERIFIED, DAY_VERIFIED },
	{ EVENT_USER_LINKED, -1 },
	{ EVENT_SESSION_CREATED, DAY_STARTED },
	{ EVENT_SESSION_UPDATED, -1 },
	{ EVENT_KYC_UPDATED, -1 },
	{ EVENT_KYC_APPROVED, DAY_APPROVED },
	{ EVENT_KYC_DECLINED, DAY_DECLINED },
	{ EVENT_KYC_IN_REVIEW, DAY_IN_REVIEW },
	{ EVENT_KYC_EXPIRED, DAY_EXPIRED },
	{ EVENT_EMAIL_FAILED, -1 },
	{ EVENT_QUOTA_THRESHOLD_REACHED, -1 },
	{ EVENT_USER_ERASED, -1 },
	{ EVENT_WEBHOOK_ENDPOINT_DISABLED, -1 },
};

static void each_type_adds_to_its_count(void **state)
{
	const struct count_facts none = { 0 };

	(void)state;
	assert_int_equal(array_len(types), EVENT_TYPE_COUNT - 1);
	for (size_t i = 0; i < array_len(types); i++) {
		struct count_changes changes = { .day = 0 };

		print_message("# %s\n", event_type_name(types[i].type));
		count_changes_add(&changes, types[i].type, &none);
		for (int c = 0; c < DAY_COUNTS; c++)
			assert_int_equal(changes.counts[c], c == types[i].count);
		assert_false(changes.has_decisions);
	}
}

static void facts_move_people_and_describe_decisions(void **state)
{
	const struct count_facts added = { .after = OVERALL_PENDING };
	const struct count_facts moved = { .before = OVERALL_PENDING, .after = OVERALL_DECLINED };
	const struct count_facts removed = { .before = OVERALL_PENDING };
	const struct count_facts declined = { .reasons = { 1U << REASON_UNDERAGE | 1U << REASON_OTHER },
		.time_class = 1 };
	struct count_changes changes = { .day = 0 };

	(void)state;
	count_changes_add(&changes, EVENT_USER_PREPARED, &added);
	count_changes_add(&changes, EVENT_USER_PREPARED, &added);
	count_changes_add(&changes, EVENT_KYC_UPDATED, &moved);
	count_changes_add(&changes, EVENT_KYC_DECLINED, &declined);
	count_changes_add(&changes, EVENT_USER_ERASED, &removed);
	assert_int_equal(changes.counts[DAY_PREPARED], 2);
	assert_int_equal(changes.counts[DAY_DECLINED], 1);
	assert_int_equal(changes.people[PEOPLE_WITH(OVERALL_PENDING)], 0);
	assert_int_equal(changes.people[PEOPLE_WITH(OVERALL_DECLINED)], 1);
	assert_true(changes.has_decisions);
	assert_int_equal(changes.decisions[decision_count_of_reason(REASON_UNDERAGE)], 1);
	assert_int_equal(changes.decisions[decision_count_of_reason(REASON_OTHER)], 1);
	assert_int_equal(changes.decisions[decision_count_of_time(0)], 1);
	assert_int_equal(changes.decisions[decision_count_of_time(1)], 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(day_begins_at_midnight_utc),
		cmocka_unit_test(classes_of_times_are_geometric),
		cmocka_unit_test(time_of_a_class_differs_by_at_most_nine_percent),
		cmocka_unit_test(median_is_the_middle_time),
		cmocka_unit_test(every_decision_count_has_a_name_of_its_own),
		cmocka_unit_test(decision_counts_are_read_as_written),
		cmocka_unit_test(decision_counts_are_added_in_any_order_without_unknown_names),
		cmocka_unit_test(facts_are_read_as_written),
		cmocka_unit_test(other_texts_are_no_facts),
		cmocka_unit_test(each_type_adds_to_its_count),
		cmocka_unit_test(facts_move_people_and_describe_decisions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
