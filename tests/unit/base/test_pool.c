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

static struct pool *open_pool(size_t max, size_t max_waiting, int *limit)
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

static void *acquire_at_once(struct pool *pool)
{
	duration left = seconds(1);
	void *item = NULL;

	assert_int_equal(pool_acquire(pool, &left, &item), OK);
	assert_int_equal(left.ms, 1000);
	return item;
}

static void pool_without_items_is_rejected(void **state)
{
	const struct pool_conf conf = { .open = open_item, .close = close_item, .max = 0 };
	struct pool *pool = NULL;

	(void)state;
	assert_int_equal(pool_open(&conf, &pool), ERR_INPUT);
	assert_null(pool);
	pool_close(NULL);
}

static void last_released_item_is_acquired_first_and_close_closes_all(void **state)
{
	struct pool *const pool = open_pool(3, 0, NULL);
	void *a, *b;

	(void)state;
	a = acquire_at_once(pool);
	b = acquire_at_once(pool);
	pool_release(pool, a);
	pool_release(pool, b);
	assert_ptr_equal(acquire_at_once(pool), b);
	pool_discard(pool, b, false);
	assert_int_equal(closed, 1);
	assert_ptr_equal(acquire_at_once(pool), a);
	pool_release(pool, a);
	pool_close(pool);
	assert_int_equal(closed, 2);
	assert_int_equal(atomic_load(&opened), 2);
}

static void pool_grow_stops_at_the_maximum(void **state)
{
	struct pool *const pool = open_pool(2, 0, NULL);

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pool_grow(pool), OK);
	assert_int_equal(atomic_load(&opened), 2);
	pool_close(pool);
}

static void discard_all_also_closes_idle_items(void **state)
{
	struct pool *const pool = open_pool(3, 0, NULL);

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(pool_grow(pool), OK);
	pool_discard(pool, acquire_at_once(pool), true);
	assert_int_equal(closed, 3);
	pool_release(pool, acquire_at_once(pool));
	assert_int_equal(atomic_load(&opened), 4);
	pool_close(pool);
}

static void waiting_caller_gets_busy_at_its_time_limit(void **state)
{
	struct pool *const pool = open_pool(1, 0, NULL);
	duration left = milliseconds(40), none = milliseconds(0);
	void *item = acquire_at_once(pool), *other = NULL;

	(void)state;
	assert_int_equal(pool_acquire(pool, &none, &other), ERR_BUSY);
	assert_int_equal(pool_acquire(pool, &left, &other), ERR_BUSY);
	assert_int_equal(left.ms, 0);
	assert_int_equal(pool_waiting(pool), 0);
	pool_release(pool, item);
	pool_release(pool, acquire_at_once(pool));
	pool_close(pool);
}

static void failed_open_waits_for_open_items_and_then_fails(void **state)
{
	int limit = 1;
	struct pool *const pool = open_pool(3, 0, &limit);
	duration left = milliseconds(40);
	void *item = acquire_at_once(pool), *other = NULL;

	(void)state;
	assert_int_equal(pool_acquire(pool, &left, &other), ERR_STORAGE);
	pool_discard(pool, item, false);
	limit = 0;
	left = milliseconds(40);
	assert_int_equal(pool_acquire(pool, &left, &other), ERR_STORAGE);
	assert_int_equal(pool_grow(pool), ERR_STORAGE);
	pool_close(pool);
}

static struct pool *requesting_pool;
static atomic_int requests;

static void count_request(void *arg)
{
	(void)arg;
	atomic_fetch_add(&requests, 1);
}

static struct pool *open_requesting_pool(size_t max, int *limit)
{
	const struct pool_conf conf = {
		.open = open_item, .close = close_item, .request = count_request, .arg = limit, .max = max
	};

	closed = 0;
	atomic_store(&opened, 0);
	atomic_store(&requests, 0);
	assert_int_equal(pool_open(&conf, &requesting_pool), OK);
	return requesting_pool;
}

/* With `request`, a caller never opens an item: without one, it waits until its time is up. */
static void requesting_pool_opens_nothing_itself(void **state)
{
	struct pool *const pool = open_requesting_pool(2, NULL);
	duration left = milliseconds(40);
	void *item = NULL;

	(void)state;
	assert_int_equal(pool_acquire(pool, &left, &item), ERR_BUSY);
	assert_int_equal(left.ms, 0);
	assert_int_equal(atomic_load(&opened), 0);
	assert_int_equal(atomic_load(&requests), 1);
	assert_int_equal(pool_grow(pool), OK);
	assert_int_equal(pool_open_items(pool), 1);
	item = acquire_at_once(pool);
	assert_int_equal(atomic_load(&requests), 1);
	pool_release(pool, item);
	pool_close(pool);
}

struct requesting_caller {
	struct thread thread;
	enum err e;
};

static void acquire_and_discard(void *arg)
{
	struct requesting_caller *const caller = arg;
	duration left = seconds(20);
	void *item;

	caller->e = pool_acquire(requesting_pool, &left, &item);
	if (caller->e == OK)
		pool_discard(requesting_pool, item, false);
}

/* Two callers wait. The first gets the new item and discards it, which requests another one for the second.
 * If that cannot be opened, no item is left, and the second fails at once. */
static void discarded_item_is_requested_again_for_waiting_callers(void **state)
{
	int limit = 1;
	struct pool *const pool = open_requesting_pool(1, &limit);
	struct requesting_caller callers[2] = { 0 };

	(void)state;
	for (size_t i = 0; i < array_len(callers); i++) {
		assert_int_equal(thread_start(&callers[i].thread, acquire_and_discard, &callers[i]), OK);
		while (pool_waiting(pool) <= i)
			;
	}
	while (atomic_load(&requests) < 2)
		;
	assert_int_equal(pool_grow(pool), OK);
	thread_join(&callers[0].thread);
	assert_int_equal(callers[0].e, OK);
	assert_int_equal(atomic_load(&requests), 3);
	assert_int_equal(pool_grow(pool), ERR_STORAGE);
	thread_join(&callers[1].thread);
	assert_int_equal(callers[1].e, ERR_STORAGE);
	pool_close(pool);
}

struct pool_users {
	struct pool *pool;
	atomic_int in_use, most_in_use, served;
};

static void acquire_many_times(void *arg)
{
	struct pool_users *pool_users = arg;

	for (int i = 0; i < 200; i++) {
		duration left = seconds(20);
		void *item;
		int now;

		if (pool_acquire(pool_users->pool, &left, &item) != OK)
			continue;
		now = atomic_fetch_add(&pool_users->in_use, 1) + 1;
		if (now > atomic_load(&pool_users->most_in_use))
			atomic_store(&pool_users->most_in_use, now);
		atomic_fetch_add(&pool_users->served, 1);
		atomic_fetch_sub(&pool_users->in_use, 1);
		if (i % 7 == 0)
			pool_discard(pool_users->pool, item, false);
		else
			pool_release(pool_users->pool, item);
	}
}

static void run_pool_users(struct pool_users *pool_users)
{
	struct thread threads[8] = { 0 };

	for (size_t i = 0; i < array_len(threads); i++)
		assert_int_equal(thread_start(&threads[i], acquire_many_times, pool_users), OK);
	for (size_t i = 0; i < array_len(threads); i++)
		thread_join(&threads[i]);
	assert_true(atomic_load(&pool_users->most_in_use) <= 2);
}

static void many_threads_share_at_most_max_items(void **state)
{
	struct pool_users pool_users = { .pool = open_pool(2, 0, NULL) };

	(void)state;
	run_pool_users(&pool_users);
	assert_int_equal(atomic_load(&pool_users.served), 8 * 200);
	pool_close(pool_users.pool);
}

static void acquire_and_release(void *arg)
{
	struct pool_users *pool_users = arg;
	duration left = seconds(20);
	void *item;

	assert_int_equal(pool_acquire(pool_users->pool, &left, &item), OK);
	pool_release(pool_users->pool, item);
}

/* One caller holds the item, a second one waits, and the third gets ERR_BUSY at once. */
static void acquire_fails_at_once_when_too_many_wait(void **state)
{
	struct pool_users pool_users = { .pool = open_pool(1, 1, NULL) };
	struct thread waiter = { 0 };
	duration left = seconds(20);
	void *item = acquire_at_once(pool_users.pool), *other = NULL;

	(void)state;
	assert_int_equal(thread_start(&waiter, acquire_and_release, &pool_users), OK);
	while (pool_waiting(pool_users.pool) < 1)
		;
	assert_int_equal(pool_acquire(pool_users.pool, &left, &other), ERR_BUSY);
	assert_int_equal(left.ms, 20000);
	pool_release(pool_users.pool, item);
	thread_join(&waiter);
	pool_close(pool_users.pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pool_without_items_is_rejected),
		cmocka_unit_test(last_released_item_is_acquired_first_and_close_closes_all),
		cmocka_unit_test(pool_grow_stops_at_the_maximum),
		cmocka_unit_test(discard_all_also_closes_idle_items),
		cmocka_unit_test(waiting_caller_gets_busy_at_its_time_limit),
		cmocka_unit_test(failed_open_waits_for_open_items_and_then_fails),
		cmocka_unit_test(many_threads_share_at_most_max_items),
		cmocka_unit_test(acquire_fails_at_once_when_too_many_wait),
		cmocka_unit_test(requesting_pool_opens_nothing_itself),
		cmocka_unit_test(discarded_item_is_requested_again_for_waiting_callers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
