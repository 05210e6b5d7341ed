#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>

#include "base/lock.h"
#include "net/pool.h"

static int closed;

static void count_closed(void *thing)
{
	(void)thing;
	closed++;
}

static void nothing_can_be_lent_from_none(void **state)
{
	struct pool *pool = NULL;

	(void)state;
	assert_int_equal(pool_open(0, &pool), ERR_INPUT);
	assert_null(pool);
	pool_close(NULL, count_closed);
}

static void the_warmest_comes_first_and_all_are_closed(void **state)
{
	int a, b;
	struct pool *pool;
	void *one, *two;
	duration left = seconds(1);

	(void)state;
	closed = 0;
	assert_int_equal(pool_open(3, &pool), OK);
	assert_int_equal(pool_borrow(pool, &left, &one), OK);
	assert_int_equal(pool_borrow(pool, &left, &two), OK);
	assert_null(one);
	assert_null(two);
	pool_return(pool, &a);
	pool_return(pool, &b);
	assert_int_equal(pool_borrow(pool, &left, &one), OK);
	assert_ptr_equal(one, &b);
	pool_return(pool, NULL); /* broken: not kept */
	assert_int_equal(left.ms, 1000);
	pool_close(pool, count_closed);
	assert_int_equal(closed, 1);
}

static void a_full_pool_is_busy_when_the_time_is_up(void **state)
{
	struct pool *pool;
	void *thing = &closed;
	duration left = milliseconds(40), none = milliseconds(0);

	(void)state;
	assert_int_equal(pool_open(1, &pool), OK);
	assert_int_equal(pool_borrow(pool, &none, &thing), ERR_BUSY);
	assert_int_equal(pool_borrow(pool, &left, &thing), OK);
	assert_int_equal(pool_borrow(pool, &left, &thing), ERR_BUSY);
	assert_true(left.ms <= 0);
	left = milliseconds(40);
	pool_return(pool, NULL);
	assert_int_equal(pool_borrow(pool, &left, &thing), OK);
	pool_return(pool, NULL);
	pool_close(pool, count_closed);
}

struct connection_index {
	struct pool *pool;
	atomic_int inside, most, served;
};

static void borrow_often(void *arg)
{
	struct connection_index *crowd = arg;

	for (int i = 0; i < 200; i++) {
		duration left = seconds(20);
		void *thing;
		int now;

		if (pool_borrow(crowd->pool, &left, &thing) != OK)
			return;
		now = atomic_fetch_add(&crowd->inside, 1) + 1;
		if (now > atomic_load(&crowd->most))
			atomic_store(&crowd->most, now);
		atomic_fetch_add(&crowd->served, 1);
		atomic_fetch_sub(&crowd->inside, 1);
		pool_return(crowd->pool, thing);
	}
}

static void a_crowd_is_served_within_the_bound(void **state)
{
	struct connection_index crowd = { .pool = NULL };
	struct thread threads[8] = { 0 };

	(void)state;
	assert_int_equal(pool_open(2, &crowd.pool), OK);
	for (size_t i = 0; i < array_len(threads); i++)
		assert_int_equal(thread_start(&threads[i], borrow_often, &crowd), OK);
	for (size_t i = 0; i < array_len(threads); i++)
		thread_join(&threads[i]);
	assert_int_equal(atomic_load(&crowd.served), 8 * 200);
	assert_true(atomic_load(&crowd.most) <= 2);
	pool_close(crowd.pool, count_closed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_can_be_lent_from_none),
		cmocka_unit_test(the_warmest_comes_first_and_all_are_closed),
		cmocka_unit_test(a_full_pool_is_busy_when_the_time_is_up),
		cmocka_unit_test(a_crowd_is_served_within_the_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
