/* The pool of reading connections over a driver that only counts: opened when needed, handed over in the
 * order of arrival, given up in time. */
#include "stores.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/attr.h"
#include "base/lock.h"
#include "store/sqlite/readers.h"

#define CREW 8
#define PATIENCE seconds(30)

/* Of all connections of one test. */
static _Atomic int opened, closed, refuse;

struct counted {
	struct sql base;
	_Atomic bool in_use;
};

static struct sql *make(void);

static struct counted *mine(struct sql *sql)
{
	return container_of(sql, struct counted, base);
}

static enum err counted_another(struct sql *sql, struct sql **out)
{
	(void)sql;
	if (refuse)
		return ERR_NOT_FOUND;
	*out = make();
	return OK;
}

static enum err counted_begin(struct sql *sql, bool writing)
{
	assert_false(writing);
	assert_false(atomic_exchange(&mine(sql)->in_use, true));
	return OK;
}

static enum err counted_commit(struct sql *sql)
{
	assert_true(atomic_exchange(&mine(sql)->in_use, false));
	return OK;
}

static void counted_rollback(struct sql *sql)
{
	assert_true(atomic_exchange(&mine(sql)->in_use, false));
}

static void counted_close(struct sql *sql)
{
	closed++;
	free(mine(sql));
}

static const struct sql_ops counted_ops = {
	.clone = counted_another,
	.begin = counted_begin,
	.commit = counted_commit,
	.rollback = counted_rollback,
	.close = counted_close,
};

static struct sql *make(void)
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

	opened = closed = refuse = 0;
	assert_int_equal(reader_pool_open(make(), max, wait, &r), OK);
	return r;
}

static void close_readers(struct reader_pool *r)
{
	reader_pool_close(r);
	assert_int_equal(closed, opened);
}

struct nest {
	struct reader_pool *readers;
	int depth;
	enum err innermost; /* of the work there */
};

/* Each level holds a connection of its own. */
static enum err go_deeper(struct tx *tx, void *arg)
{
	struct nest *const nest = arg;

	if (nest->depth == 0)
		return nest->innermost;
	nest->depth--;
	return reader_pool_transact(nest->readers, tx->arena, go_deeper, nest);
}

static enum err read_nested(struct reader_pool *r, int levels, enum err innermost)
{
	struct nest nest = { r, levels - 1, innermost };
	struct arena arena;

	arena_init(&arena, 0);
	return reader_pool_transact(r, &arena, go_deeper, &nest);
}

static void connections_are_opened_when_needed(void **state)
{
	static const struct {
		size_t max;
		int levels, opened;
		enum err want;
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
		assert_int_equal(read_nested(r, rows[i].levels, OK), rows[i].want);
		assert_int_equal(opened, rows[i].opened);
		assert_int_equal(reader_pool_waiting(r), 0);
		assert_int_equal(read_nested(r, 1, ERR_UPSTREAM), ERR_UPSTREAM);
		assert_int_equal(read_nested(r, (int)rows[i].max, OK), OK); /* all came back */
		close_readers(r);
	}
}

static void what_cannot_be_opened_is_tried_again(void **state)
{
	struct reader_pool *const r = open_readers(4, milliseconds(0));

	(void)state;
	refuse = 1;
	assert_int_equal(read_nested(r, 2, OK), OK);
	assert_int_equal(read_nested(r, 3, OK), ERR_BUSY);
	refuse = 0;
	assert_int_equal(read_nested(r, 4, OK), OK);
	assert_int_equal(opened, 4);
	close_readers(r);
}

static void without_a_second_connection_there_is_no_pool(void **state)
{
	struct reader_pool *r = NULL;

	(void)state;
	opened = closed = 0;
	refuse = 1;
	assert_int_not_equal(reader_pool_open(make(), 2, milliseconds(0), &r), OK);
	assert_null(r);
	assert_int_equal(closed, 1);
}

struct reader {
	struct reader_pool *readers;
	struct thread thread;
	_Atomic int *turn;
	int served; /* as which */
	int rounds;
	enum err outcome;
};

static enum err note_turn(struct tx *tx, void *arg)
{
	struct reader *const reader = arg;

	(void)tx;
	reader->served = (*reader->turn)++;
	return OK;
}

static void read_rounds(void *arg)
{
	struct reader *const reader = arg;
	struct arena arena;

	arena_init(&arena, 0);
	for (int i = 0; i < reader->rounds && reader->outcome == OK; i++)
		reader->outcome = reader_pool_transact(reader->readers, &arena, note_turn, reader);
}

/* Bounded far beyond the longest that it may take, so that a fault ends the test. */
static void wait_for_waiting(struct reader_pool *r, size_t n)
{
	for (int64_t i = 0; reader_pool_waiting(r) != n; i++) {
		assert_true(i < (int64_t)100 * 1000 * 1000);
		sched_yield();
	}
}

static void crew_make(struct reader *crew, struct reader_pool *r, int rounds, _Atomic int *turn)
{
	for (size_t i = 0; i < CREW; i++)
		crew[i] = (struct reader){ .readers = r, .rounds = rounds, .turn = turn };
}

static void crew_join(struct reader *crew)
{
	for (size_t i = 0; i < CREW; i++) {
		thread_join(&crew[i].thread);
		assert_int_equal(crew[i].outcome, OK);
	}
}

/* Holds the only connection until all wait in a known order. */
static enum err let_them_queue(struct tx *tx, void *arg)
{
	struct reader *const crew = arg;

	(void)tx;
	for (size_t i = 0; i < CREW; i++) {
		assert_int_equal(thread_start(&crew[i].thread, read_rounds, &crew[i]), OK);
		wait_for_waiting(crew->readers, i + 1);
	}
	return OK;
}

static void who_came_first_is_served_first(void **state)
{
	struct reader_pool *const r = open_readers(1, PATIENCE);
	static struct reader crew[CREW];
	_Atomic int turn = 0;
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	crew_make(crew, r, 1, &turn);
	assert_int_equal(reader_pool_transact(r, &arena, let_them_queue, crew), OK);
	crew_join(crew);
	for (int i = 0; i < CREW; i++)
		assert_int_equal(crew[i].served, i);
	assert_int_equal(reader_pool_waiting(r), 0);
	close_readers(r);
}

/* Waits so short that giving up and handing over meet in every order: nothing is lost, nobody has a
 * connection of another's. */
static void a_hand_over_to_who_gives_up_is_not_lost(void **state)
{
	struct reader_pool *const r = open_readers(2, milliseconds(0));
	static struct reader crew[CREW];
	_Atomic int turn = 0;

	(void)state;
	for (int round = 0; round < 500; round++) {
		crew_make(crew, r, 4, &turn);
		for (size_t i = 0; i < CREW; i++)
			assert_int_equal(thread_start(&crew[i].thread, read_rounds, &crew[i]), OK);
		for (size_t i = 0; i < CREW; i++) {
			thread_join(&crew[i].thread);
			assert_true(crew[i].outcome == OK || crew[i].outcome == ERR_BUSY);
		}
		assert_int_equal(reader_pool_waiting(r), 0);
		assert_int_equal(read_nested(r, 2, OK), OK);
	}
	close_readers(r);
}

static void many_share_a_few(void **state)
{
	struct reader_pool *const r = open_readers(3, PATIENCE);
	static struct reader crew[CREW];
	_Atomic int turn = 0;

	(void)state;
	crew_make(crew, r, 2000, &turn);
	for (size_t i = 0; i < CREW; i++)
		assert_int_equal(thread_start(&crew[i].thread, read_rounds, &crew[i]), OK);
	crew_join(crew);
	assert_int_equal(turn, CREW * 2000);
	assert_true(opened <= 3);
	close_readers(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connections_are_opened_when_needed),
		cmocka_unit_test(what_cannot_be_opened_is_tried_again),
		cmocka_unit_test(without_a_second_connection_there_is_no_pool),
		cmocka_unit_test(who_came_first_is_served_first),
		cmocka_unit_test(a_hand_over_to_who_gives_up_is_not_lost),
		cmocka_unit_test(many_share_a_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
