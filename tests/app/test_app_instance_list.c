/* The list of instances: signs of life, ends, and the clean-up of rows that crashed instances left. */
#include "app/core/instances.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/instance_pair.h"

struct list {
	struct server_instance rows[INSTANCES_MAX];
	size_t n;
	moment now;
};

static enum err read_list(struct tx *tx, void *arg)
{
	struct list *const list = arg;

	return instance_list(tx, list->rows, &list->n, &list->now);
}

static struct list *list_of(struct instance_pair *pair)
{
	struct list *const list = arena_new(&pair->first.arena, struct list);

	assert_non_null(list);
	assert_int_equal(
		store_transact(pair->first.world.store, TX_READ, &pair->first.arena, read_list, list), OK);
	return list;
}

static void sign(struct instance_pair *pair, const struct world *world, int64_t *due_at)
{
	assert_int_equal(instance_sign(world, &pair->first.arena, due_at), OK);
}

static void an_instance_is_listed_with_host_version_start_and_last_sign_of_life(void **state)
{
	struct instance_pair *const pair = *state;
	int64_t due_at = 0;

	pair->first.world.host = STR("kyc-1 with a space");
	pair->first.world.version = STR("12.3.45");
	sign(pair, &pair->first.world, &due_at);
	const moment started_at = list_of(pair)->now;
	instance_pair_advance_clocks(pair, milliseconds(INSTANCE_SIGN_INTERVAL.ms - 1));
	sign(pair, &pair->first.world, &due_at);
	assert_int_equal(list_of(pair)->rows[0].seen_at.ms, started_at.ms); /* not due yet */
	instance_pair_advance_clocks(pair, milliseconds(1));
	sign(pair, &pair->first.world, &due_at);
	const struct list *const list = list_of(pair);
	assert_int_equal(list->n, 1);
	assert_string_equal(list->rows[0].id.text, pair->first.world.instance.text);
	assert_string_equal(list->rows[0].host, "kyc-1");
	assert_string_equal(list->rows[0].version, "12.3.45");
	assert_int_equal(list->rows[0].started_at.ms, started_at.ms);
	assert_int_equal(list->rows[0].seen_at.ms, list->now.ms);
	assert_false(instance_is_lost(&list->rows[0], list->now));
}

static void an_instance_is_lost_without_a_sign_for_90_seconds_and_gone_after_a_day(void **state)
{
	struct instance_pair *const pair = *state;
	int64_t first_due_at = 0, second_due_at = 0;

	sign(pair, &pair->second.world, &second_due_at);
	instance_pair_advance_clocks(pair, INSTANCE_LOST_AFTER);
	sign(pair, &pair->first.world, &first_due_at);
	const struct list *list = list_of(pair);
	assert_int_equal(list->n, 2);
	assert_string_equal(list->rows[0].id.text, pair->first.world.instance.text);
	assert_false(instance_is_lost(&list->rows[0], list->now));
	assert_true(instance_is_lost(&list->rows[1], list->now));
	instance_pair_advance_clocks(pair, milliseconds(INSTANCE_KEPT.ms - INSTANCE_LOST_AFTER.ms - 1));
	assert_int_equal(instance_clean(&pair->first.world, &pair->first.arena), OK);
	assert_int_equal(list_of(pair)->n, 2);
	instance_pair_advance_clocks(pair, milliseconds(1));
	assert_int_equal(instance_clean(&pair->first.world, &pair->first.arena), OK);
	list = list_of(pair);
	assert_int_equal(list->n, 1);
	assert_string_equal(list->rows[0].id.text, pair->first.world.instance.text);
}

static void an_instance_that_stops_leaves_the_list(void **state)
{
	struct instance_pair *const pair = *state;
	int64_t first_due_at = 0, second_due_at = 0;

	sign(pair, &pair->first.world, &first_due_at);
	sign(pair, &pair->second.world, &second_due_at);
	assert_int_equal(instance_leave(&pair->first.world, &pair->first.arena), OK);
	const struct list *const list = list_of(pair);
	assert_int_equal(list->n, 1);
	assert_string_equal(list->rows[0].id.text, pair->second.world.instance.text);
}

static void of_many_crashed_instances_the_newest_hundred_stay(void **state)
{
	struct instance_pair *const pair = *state;

	for (int i = 0; i < INSTANCES_MAX + 20; i++) {
		struct server_instance row = { .started_at = { FIXTURE_NOW + i },
			.seen_at = { FIXTURE_NOW + i } };

		(void)snprintf(row.id.text, sizeof(row.id.text), "%026d", i);
		fixture_save(&pair->first, RECORD_INSTANCE, &row);
	}
	assert_int_equal(instance_clean(&pair->first.world, &pair->first.arena), OK);
	const struct list *const list = list_of(pair);
	assert_int_equal(list->n, INSTANCES_MAX);
	assert_int_equal(list->rows[INSTANCES_MAX - 1].seen_at.ms, FIXTURE_NOW + 20);
	struct server_instance oldest = { .id = { "00000000000000000000000019" } };
	assert_false(fixture_try_load(&pair->first, RECORD_INSTANCE, &oldest));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, instance_pair_setup, instance_pair_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(an_instance_is_listed_with_host_version_start_and_last_sign_of_life),
		TEST(an_instance_is_lost_without_a_sign_for_90_seconds_and_gone_after_a_day),
		TEST(an_instance_that_stops_leaves_the_list),
		TEST(of_many_crashed_instances_the_newest_hundred_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
