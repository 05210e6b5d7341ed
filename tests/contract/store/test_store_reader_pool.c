/* Tests of the pool of read connections, with a driver that only counts: connections are opened when needed
 * and handed over first come, first served, and a caller stops waiting at its time limit. */
#include "stores.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/attr.h"
#include "base/lock.h"
#include "store/sqlite/readers.h"

#define READERS 8
#define LONG_WAIT seconds(30)

/* Numbers of connections opened and closed in the current test. If `open_fails` is not 0, opening a
 * connection fails. */
static _Atomic int opened, closed, open_fails;

struct counted {
	struct sql base;
	_Atomic bool in_use;
};

static struct sql *open_connection(void);

static struct counted *counted_from_base(struct sql *sql)
{
	return container_of(sql, struct counted, base);
}

static enum err counted_clone(struct sql *sql, struct sql **out)
{
	(void)sql;
	if (open_fails)
		return ERR_NOT_FOUND;
	*out = open_connection();
	return OK;
}

static enum err counted_begin(struct sql *sql, bool writing)
{
	assert_false(writing);
	assert_false(atomic_exchange(&counted_from_base(sql)->in_use, true));
	return OK;
}

static enum err counted_commit(struct sql *sql)
{
	assert_true(atomic_exchange(&counted_from_base(sql)->in_use, false));
	return OK;
}

static void counted_rollback(struct sql *sql)
{
	assert_true(atomic_exchange(&counted_from_base(sql)->in_use, false));
}

static void counted_close(struct sql *sql)
{
	closed++;
	free(counted_from_base(sql));
}

static const struct sql_ops counted_ops = {
	.clone = counted_clone,
	.begin = counted_begin,
	.commit = counted_commit,
	.rollback = counted_rollback,
	.close = counted_close,
};

static struct sql *open_connection(void)
{
	struct counted *const c = calloc(1, sizeof(*c));

	assert_non_null(c);
	c->base.ops = &counted_ops;
	opened++;
	return &c->base;
}

static struct reader_pool *open_readers(size_t max, duration wait)
{
	struct reader_pool *r = NULL;

	opened = closed = open_fails = 0;
	assert_int_equal(reader_pool_open(open_connection(), max, wait, &r), OK);
	return r;
}

static void close_readers(struct reader_pool *r)
{
	reader_pool_close(r);
	assert_int_equal(closed, opened);
}

struct nested_read {
	struct reader_pool *readers;
	int depth;
	enum err innermost; /* returned by the innermost transaction */
};

/* Runs nested transactions; each level holds its own connection. */
static enum err read_deeper(struct tx *tx, void *arg)
{
	struct nested_read *const nested_read = arg;

	if (nested_read->depth == 0)
		return nested_read->innermost;
	nested_read->depth--;
	return reader_pool_transact(nested_read->readers, tx->arena, read_deeper, nested_read);
}

static enum err read_nested(struct reader_pool *r, int levels, enum err innermost)
{
	struct nested_read nested_read = { r, levels - 1, innermost };
	struct arena arena;

	arena_init(&arena, 0);
	return reader_pool_transact(r, &arena, read_deeper, &nested_read);
}

static void connections_are_opened_when_needed(void **state)
{
	static const struct {
		size_t max;
		int levels, opened;
		enum err expected;
	} rows[] = {
		{ 1, 1, 1, OK },
		{ 1, 2, 1, ERR_BUSY },
		{ 2, 2, 2, OK },
		{ 4, 1, 2, OK },
		{ 4, 3, 3, OK },
		{ 4, 4, 4, OK },
		{ 4, 5, 4, ERR_BUSY },
		{ READERS_MAX, READERS_MAX, READERS_MAX, OK },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		struct reader_pool *const r = open_readers(rows[i].max, milliseconds(0));

		assert_int_equal(opened, rows[i].max < READERS_AT_START ? rows[i].max : READERS_AT_START);
		assert_int_equal(read_nested(r, rows[i].levels, OK), rows[i].expected);
		assert_int_equal(opened, rows[i].opened);
		assert_int_equal(reader_pool_waiting(r), 0);
		assert_int_equal(read_nested(r, 1, ERR_UPSTREAM), ERR_UPSTREAM);
		assert_int_equal(
			read_nested(r, (int)rows[i].max, OK), OK); /* all connections were returned */
		close_readers(r);
	}
}

static void failed_open_is_retried(void **state)
{
	struct reader_pool *const r = open_readers(4, milliseconds(0));

	(void)state;
	open_fails = 1;
	assert_int_equal(read_nested(r, 2, OK), OK);
	assert_int_equal(read_nested(r, 3, OK), ERR_BUSY);
	open_fails = 0;
	assert_int_equal(read_nested(r, 4, OK), OK);
	assert_int_equal(opened, 4);
	close_readers(r);
}

static void pool_needs_a_second_connection(void **state)
{
	struct reader_pool *r = NULL;

	(void)state;
	opened = closed = 0;
	open_fails = 1;
	assert_int_not_equal(reader_pool_open(open_connection(), 2, milliseconds(0), &r), OK);
	assert_null(r);
	assert_int_equal(closed, 1);
}

struct reader {
	struct reader_pool *readers;
	struct thread thread;
	_Atomic int *next_position;
	int served; /* position of this reader in the order in which the readers got the connection */
	int rounds;
	enum err outcome;
};

static enum err record_order(struct tx *tx, void *arg)
{
	struct reader *const reader = arg;

	(void)tx;
	reader->served = (*reader->next_position)++;
	return OK;
}

static void read_rounds(void *arg)
{
	struct reader *const reader = arg;
	struct arena arena;

	arena_init(&arena, 0);
	for (int i = 0; i < reader->rounds && reader->outcome == OK; i++)
		reader->outcome = reader_pool_transact(reader->readers, &arena, record_order, reader);
}

/* The number of tries is limited, so that an error fails the test instead of blocking it. */
static void wait_until_waiting(struct reader_pool *r, size_t n)
{
	for (int64_t i = 0; reader_pool_waiting(r) != n; i++) {
		assert_true(i < (int64_t)100 * 1000 * 1000);
		sched_yield();
	}
}

static void readers_init(
	struct reader *reader_list, struct reader_pool *r, int rounds, _Atomic int *next_position)
{
	for (size_t i = 0; i < READERS; i++)
		reader_list[i] =
			(struct reader){ .readers = r, .rounds = rounds, .next_position = next_position };
}

static void readers_join(struct reader *reader_list)
{
	for (size_t i = 0; i < READERS; i++) {
		thread_join(&reader_list[i].thread);
		assert_int_equal(reader_list[i].outcome, OK);
	}
}

/* Holds the only connection until all readers wait, in a known order. */
static enum err queue_readers(struct tx *tx, void *arg)
{
	struct reader *const reader_list = arg;

	(void)tx;
	for (size_t i = 0; i < READERS; i++) {
		assert_int_equal(thread_start(&reader_list[i].thread, read_rounds, &reader_list[i]), OK);
		wait_until_waiting(reader_list->readers, i + 1);
	}
	return OK;
}

static void readers_are_served_in_order_of_arrival(void **state)
{
	struct reader_pool *const r = open_readers(1, LONG_WAIT);
	static struct reader reader_list[READERS];
	_Atomic int next_position = 0;
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	readers_init(reader_list, r, 1, &next_position);
	assert_int_equal(reader_pool_transact(r, &arena, queue_readers, reader_list), OK);
	readers_join(reader_list);
	for (int i = 0; i < READERS; i++)
		assert_int_equal(reader_list[i].served, i);
	assert_int_equal(reader_pool_waiting(r), 0);
	close_readers(r);
}

/* With very short waits, time-outs and hand-overs happen in every order. No connection may be lost or used by
 * two readers. */
static void connection_handed_over_at_a_time_out_is_not_lost(void **state)
{
	struct reader_pool *const r = open_readers(2, milliseconds(0));
	static struct reader reader_list[READERS];
	_Atomic int next_position = 0;

	(void)state;
	for (int round = 0; round < 500; round++) {
		readers_init(reader_list, r, 4, &next_position);
		for (size_t i = 0; i < READERS; i++)
			assert_int_equal(
				thread_start(&reader_list[i].thread, read_rounds, &reader_list[i]), OK);
		for (size_t i = 0; i < READERS; i++) {
			thread_join(&reader_list[i].thread);
			assert_true(reader_list[i].outcome == OK || reader_list[i].outcome == ERR_BUSY);
		}
		assert_int_equal(reader_pool_waiting(r), 0);
		assert_int_equal(read_nested(r, 2, OK), OK);
	}
	close_readers(r);
}

static void readers_share_few_connections(void **state)
{
	struct reader_pool *const r = open_readers(3, LONG_WAIT);
	static struct reader reader_list[READERS];
	_Atomic int next_position = 0;

	(void)state;
	readers_init(reader_list, r, 2000, &next_position);
	for (size_t i = 0; i < READERS; i++)
		assert_int_equal(thread_start(&reader_list[i].thread, read_rounds, &reader_list[i]), OK);
	readers_join(reader_list);
	assert_int_equal(next_position, READERS * 2000);
	assert_true(opened <= 3);
	close_readers(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connections_are_opened_when_needed),
		cmocka_unit_test(failed_open_is_retried),
		cmocka_unit_test(pool_needs_a_second_connection),
		cmocka_unit_test(readers_are_served_in_order_of_arrival),
		cmocka_unit_test(connection_handed_over_at_a_time_out_is_not_lost),
		cmocka_unit_test(readers_share_few_connections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
