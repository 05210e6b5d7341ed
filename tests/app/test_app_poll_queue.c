/* Tests of the queue of sessions that a caller asked to be polled in the background. */
#include "app/session/poll_queue.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>

#define NOW_MS 1000000

static int open_queue(void **state)
{
	struct poll_queue *poll_queue;

	if (poll_queue_open(&poll_queue) != OK)
		return -1;
	*state = poll_queue;
	return 0;
}

static int close_queue(void **state)
{
	poll_queue_close(*state);
	return 0;
}

static void sessions_are_returned_in_the_order_of_requests(void **state)
{
	struct poll_queue *const poll_queue = *state;
	struct provider_ref ref;

	assert_false(poll_queue_next(poll_queue, seconds(0), &ref));
	assert_true(poll_queue_add(poll_queue, STR("a"), NOW_MS));
	assert_true(poll_queue_add(poll_queue, STR("b"), NOW_MS));
	assert_true(poll_queue_next(poll_queue, seconds(0), &ref));
	assert_string_equal(ref.text, "a");
	assert_true(poll_queue_next(poll_queue, seconds(0), &ref));
	assert_string_equal(ref.text, "b");
	assert_false(poll_queue_next(poll_queue, milliseconds(1), &ref));
}

static void each_session_is_queued_at_most_once_in_ten_seconds(void **state)
{
	struct poll_queue *const poll_queue = *state;
	struct provider_ref ref;

	assert_true(poll_queue_add(poll_queue, STR("a"), NOW_MS));
	assert_false(poll_queue_add(poll_queue, STR("a"), NOW_MS));
	assert_true(poll_queue_next(poll_queue, seconds(0), &ref));
	assert_false(poll_queue_add(poll_queue, STR("a"), NOW_MS + 9999));
	assert_true(poll_queue_add(poll_queue, STR("a"), NOW_MS + 10000));
	assert_false(poll_queue_add(poll_queue, STR("a"), NOW_MS + 19999));
	assert_true(poll_queue_add(poll_queue, STR("a"), NOW_MS + 20000));
}

static void queue_length_is_limited(void **state)
{
	struct poll_queue *const poll_queue = *state;
	struct provider_ref ref;
	size_t added = 0, returned = 0;
	char text[32];

	for (int i = 0; i < 3 * POLL_QUEUE_MAX; i++) {
		(void)snprintf(text, sizeof(text), "session-%d", i);
		added += poll_queue_add(poll_queue, str_of(text), NOW_MS);
	}
	assert_in_range(added, POLL_QUEUE_MAX / 2, POLL_QUEUE_MAX);
	while (poll_queue_next(poll_queue, seconds(0), &ref))
		returned++;
	assert_int_equal(returned, added);
	assert_true(poll_queue_add(poll_queue, STR("later"), NOW_MS + 10000));
}

static void invalid_ids_are_not_queued(void **state)
{
	struct poll_queue *const poll_queue = *state;
	char text[80] = { 0 };

	for (size_t i = 0; i < 70; i++)
		text[i] = 'a';
	assert_false(poll_queue_add(poll_queue, STR(""), NOW_MS));
	assert_false(poll_queue_add(poll_queue, str_of(text), NOW_MS));
	assert_false(poll_queue_add(NULL, STR("a"), NOW_MS));
}

static void stopped_queue_returns_at_once(void **state)
{
	struct poll_queue *const poll_queue = *state;
	struct provider_ref ref;

	assert_true(poll_queue_add(poll_queue, STR("a"), NOW_MS));
	poll_queue_stop(poll_queue);
	assert_false(poll_queue_next(poll_queue, days(1), &ref));
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, open_queue, close_queue)
	static const struct CMUnitTest tests[] = {
		TEST(sessions_are_returned_in_the_order_of_requests),
		TEST(each_session_is_queued_at_most_once_in_ten_seconds),
		TEST(queue_length_is_limited),
		TEST(invalid_ids_are_not_queued),
		TEST(stopped_queue_returns_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
