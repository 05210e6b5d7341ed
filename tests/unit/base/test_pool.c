#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <stdlib.h>

#include "base/lock.h"
#include "base/pool.h"

static int closed;
static atomic_int opened;

static enum err open_item(void *arg, void **item)
{
	const int *limit = arg;

	if (limit != NULL && atomic_load(&opened) >= *limit)
		return ERR_STORAGE;
	atomic_fetch_add(&opened, 1);
	*item = malloc(1);
	return *item != NULL ? OK : ERR_INTERNAL;
}

static void close_item(void *item)
{
	closed++;
	free(item);
}

static struct pool *pool_of(size_t max, size_t max_waiting, int *limit)
{
	const struct pool_conf conf = {
		.open = open_item, .close = close_item, .arg = limit, .max = max, .max_waiting = max_waiting
	};
	struct pool *pool = NULL;

	closed = 0;
	atomic_store(&opened, 0);
	assert_int_equal(pool_open(&conf, &pool), OK);
	return pool;
}

static void *acquired(struct pool *pool)
{
	duration left = seconds(1);
	void *item = NULL;

	assert_int_equal(pool_acquire(pool, &left, &item), OK);
	assert_int_equal(left.ms, 1000);
	return item;
}

static void a_pool_of_no_items_is_refused(void **state)
{
	const struct pool_conf conf = { .open = open_item, .close = close_item, .max = 0 };
	struct pool *pool = NULL;

	(void)state;
	assert_int_equal(pool_open(&conf, &pool), ERR_INPUT);
	assert_null(pool);
	pool_close(NULL);
}

static void the_last_released_item_is_used_first_and_all_are_closed(void **state)
{
	struct pool *const pool = pool_of(3, 0, NULL);
	void *a, *b;

	(void)state;
	a = acquired(pool);
	b = acquired(pool);
	pool_release(pool, a);
	pool_release(pool, b);
	assert_ptr_equal(acquired(pool), b);
	pool_discard(pool, b, false);
	assert_int_equal(closed, 1);
	assert_ptr_equal(acquired(pool), a);
	pool_release(pool, a);
	pool_close(pool);
	assert_int_equal(closed, 2);
	assert_int_equal(atomic_load(&opened), 2);
}

static void growing_stops_at_the_maximum(void **state)
{
	struct pool *const pool = pool_of(2, 0, NULL);

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pool_grow(pool), OK);
	assert_int_equal(atomic_load(&opened), 2);
	pool_close(pool);
}

static void discarding_all_closes_the_idle_items_too(void **state)
{
	struct pool *const pool = pool_of(3, 0, NULL);

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(pool_grow(pool), OK);
	pool_discard(pool, acquired(pool), true);
	assert_int_equal(closed, 3);
	pool_release(pool, acquired(pool));
	assert_int_equal(atomic_load(&opened), 4);
	pool_close(pool);
}

static void a_caller_that_waits_in_vain_gets_busy_when_its_time_is_up(void **state)
{
	struct pool *const pool = pool_of(1, 0, NULL);
	duration left = milliseconds(40), none = milliseconds(0);
	void *item = acquired(pool), *other = NULL;

	(void)state;
	assert_int_equal(pool_acquire(pool, &none, &other), ERR_BUSY);
	assert_int_equal(pool_acquire(pool, &left, &other), ERR_BUSY);
	assert_int_equal(left.ms, 0);
	assert_int_equal(pool_waiting(pool), 0);
	pool_release(pool, item);
	pool_release(pool, acquired(pool));
	pool_close(pool);
}

static void when_no_more_can_be_opened_the_open_ones_are_shared(void **state)
{
	int limit = 1;
	struct pool *const pool = pool_of(3, 0, &limit);
	duration left = milliseconds(40);
	void *item = acquired(pool), *other = NULL;

	(void)state;
	assert_int_equal(pool_acquire(pool, &left, &other), ERR_STORAGE);
	pool_discard(pool, item, false);
	limit = 0;
	left = milliseconds(40);
	assert_int_equal(pool_acquire(pool, &left, &other), ERR_STORAGE);
	assert_int_equal(pool_grow(pool), ERR_STORAGE);
	pool_close(pool);
}

struct users {
	struct pool *pool;
	atomic_int in_use, most_in_use, served;
};

static void use_often(void *arg)
{
	struct users *users = arg;

	for (int i = 0; i < 200; i++) {
		duration left = seconds(20);
		void *item;
		int now;

		if (pool_acquire(users->pool, &left, &item) != OK)
			continue;
		now = atomic_fetch_add(&users->in_use, 1) + 1;
		if (now > atomic_load(&users->most_in_use))
			atomic_store(&users->most_in_use, now);
		atomic_fetch_add(&users->served, 1);
		atomic_fetch_sub(&users->in_use, 1);
		if (i % 7 == 0)
			pool_discard(users->pool, item, false);
		else
			pool_release(users->pool, item);
	}
}

static void run_users(struct users *users)
{
	struct thread threads[8] = { 0 };

	for (size_t i = 0; i < array_len(threads); i++)
		assert_int_equal(thread_start(&threads[i], use_often, users), OK);
	for (size_t i = 0; i < array_len(threads); i++)
		thread_join(&threads[i]);
	assert_true(atomic_load(&users->most_in_use) <= 2);
}

static void many_threads_share_at_most_max_items(void **state)
{
	struct users users = { .pool = pool_of(2, 0, NULL) };

	(void)state;
	run_users(&users);
	assert_int_equal(atomic_load(&users.served), 8 * 200);
	pool_close(users.pool);
}

/* One holds the item, one waits, the third is refused at once. */
static void take_and_release(void *arg)
{
	struct users *users = arg;
	duration left = seconds(20);
	void *item;

	assert_int_equal(pool_acquire(users->pool, &left, &item), OK);
	pool_release(users->pool, item);
}

static void a_full_queue_refuses_at_once(void **state)
{
	struct users users = { .pool = pool_of(1, 1, NULL) };
	struct thread waiter = { 0 };
	duration left = seconds(20);
	void *item = acquired(users.pool), *other = NULL;

	(void)state;
	assert_int_equal(thread_start(&waiter, take_and_release, &users), OK);
	while (pool_waiting(users.pool) < 1)
		;
	assert_int_equal(pool_acquire(users.pool, &left, &other), ERR_BUSY);
	assert_int_equal(left.ms, 20000);
	pool_release(users.pool, item);
	thread_join(&waiter);
	pool_close(users.pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pool_of_no_items_is_refused),
		cmocka_unit_test(the_last_released_item_is_used_first_and_all_are_closed),
		cmocka_unit_test(growing_stops_at_the_maximum),
		cmocka_unit_test(discarding_all_closes_the_idle_items_too),
		cmocka_unit_test(a_caller_that_waits_in_vain_gets_busy_when_its_time_is_up),
		cmocka_unit_test(when_no_more_can_be_opened_the_open_ones_are_shared),
		cmocka_unit_test(many_threads_share_at_most_max_items),
		cmocka_unit_test(a_full_queue_refuses_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
