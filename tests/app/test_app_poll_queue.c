#include "app/session/poll_queue.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>

#define START 1000000

static int open_it(void **state)
{
	struct poll_queue *poll_queue;

	if (poll_queue_open(&poll_queue) != OK)
		return -1;
	*state = poll_queue;
	return 0;
}

static int close_it(void **state)
{
	poll_queue_close(*state);
	return 0;
}

static void first_come_first_served(void **state)
{
	struct poll_queue *const poll_queue = *state;
	struct provider_ref ref;

	assert_false(poll_queue_next(poll_queue, seconds(0), &ref));
	assert_true(poll_queue_add(poll_queue, STR("a"), START));
	assert_true(poll_queue_add(poll_queue, STR("b"), START));
	assert_true(poll_queue_next(poll_queue, seconds(0), &ref));
	assert_string_equal(ref.text, "a");
	assert_true(poll_queue_next(poll_queue, seconds(0), &ref));
	assert_string_equal(ref.text, "b");
	assert_false(poll_queue_next(poll_queue, milliseconds(1), &ref));
}

static void each_at_most_once_in_ten_seconds(void **state)
{
	struct poll_queue *const poll_queue = *state;
	struct provider_ref ref;

	assert_true(poll_queue_add(poll_queue, STR("a"), START));
	assert_false(poll_queue_add(poll_queue, STR("a"), START));
	assert_true(poll_queue_next(poll_queue, seconds(0), &ref));
	assert_false(poll_queue_add(poll_queue, STR("a"), START + 9999));
	assert_true(poll_queue_add(poll_queue, STR("a"), START + 10000));
	assert_false(poll_queue_add(poll_queue, STR("a"), START + 19999));
	assert_true(poll_queue_add(poll_queue, STR("a"), START + 20000));
}

static void the_line_is_bounded(void **state)
{
	struct poll_queue *const poll_queue = *state;
	struct provider_ref ref;
	size_t added = 0, served = 0;
	char text[32];

	for (int i = 0; i < 3 * POLL_QUEUE_MAX; i++) {
		(void)snprintf(text, sizeof(text), "session-%d", i);
		added += poll_queue_add(poll_queue, str_of(text), START);
	}
	assert_in_range(added, POLL_QUEUE_MAX / 2, POLL_QUEUE_MAX);
	while (poll_queue_next(poll_queue, seconds(0), &ref))
		served++;
	assert_int_equal(served, added);
	assert_true(poll_queue_add(poll_queue, STR("later"), START + 10000));
}

static void what_can_be_no_id(void **state)
{
	struct poll_queue *const poll_queue = *state;
	char text[80] = { 0 };

	for (size_t i = 0; i < 70; i++)
		text[i] = 'a';
	assert_false(poll_queue_add(poll_queue, STR(""), START));
	assert_false(poll_queue_add(poll_queue, str_of(text), START));
	assert_false(poll_queue_add(NULL, STR("a"), START));
}

static void after_the_end_nobody_waits(void **state)
{
	struct poll_queue *const poll_queue = *state;
	struct provider_ref ref;

	assert_true(poll_queue_add(poll_queue, STR("a"), START));
	poll_queue_stop(poll_queue);
	assert_false(poll_queue_next(poll_queue, days(1), &ref));
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, open_it, close_it)
	static const struct CMUnitTest tests[] = {
		TEST(first_come_first_served),
		TEST(each_at_most_once_in_ten_seconds),
		TEST(the_line_is_bounded),
		TEST(what_can_be_no_id),
		TEST(after_the_end_nobody_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
