/* Tests of long polls: the bound of the calls that wait, and the end of all of them at a stop. */
#include "app/core/long_poll.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/lock.h"

static void at_most_the_limit_waits(void **state)
{
	struct long_polls *polls;

	(void)state;
	assert_int_equal(long_polls_open(2, &polls), OK);
	assert_true(long_poll_begin(polls));
	assert_true(long_poll_begin(polls));
	assert_false(long_poll_begin(polls));
	assert_int_equal(long_polls_waiting(polls), 2);
	long_poll_end(polls);
	assert_true(long_poll_begin(polls));
	long_polls_limit(polls, 3);
	assert_true(long_poll_begin(polls));
	assert_false(long_poll_begin(polls));
	for (int i = 0; i < 3; i++)
		long_poll_end(polls);
	assert_int_equal(long_polls_waiting(polls), 0);
	long_polls_close(polls);
}

static void an_interval_ends_without_a_stop(void **state)
{
	struct long_polls *polls;

	(void)state;
	assert_int_equal(long_polls_open(1, &polls), OK);
	assert_true(long_poll_begin(polls));
	assert_true(long_poll_sleep(polls, milliseconds(1)));
	long_poll_end(polls);
	long_polls_close(polls);
}

struct waiter {
	struct long_polls *polls;
	struct latch began;
	bool continued;
};

static void run_waiter(void *arg)
{
	struct waiter *const waiter = arg;

	latch_set(&waiter->began);
	waiter->continued = long_poll_sleep(waiter->polls, seconds(60));
	long_poll_end(waiter->polls);
}

static void a_stop_ends_the_calls_that_wait(void **state)
{
	struct waiter waiter = { .continued = true };
	struct thread thread;

	(void)state;
	assert_int_equal(long_polls_open(1, &waiter.polls), OK);
	assert_true(long_poll_begin(waiter.polls));
	assert_int_equal(thread_start(&thread, run_waiter, &waiter), OK);
	latch_wait(&waiter.began);
	long_polls_stop(waiter.polls);
	thread_join(&thread);
	assert_false(waiter.continued);
	assert_false(long_poll_begin(waiter.polls));
	assert_int_equal(long_polls_waiting(waiter.polls), 0);
	long_polls_close(waiter.polls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_most_the_limit_waits),
		cmocka_unit_test(an_interval_ends_without_a_stop),
		cmocka_unit_test(a_stop_ends_the_calls_that_wait),
	};

	return cmocka_run_group_tests_name("app_long_poll", tests, NULL, NULL);
}
