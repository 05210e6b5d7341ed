/* Tests that transactions of many threads are atomic; and tests of the on_commit callback and of the store's
 * clock. */
#include "stores.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/attr.h"
#include "base/lock.h"

#define THREADS 64
#define ROUNDS 25

static struct quota counter(void)
{
	return (struct quota){ .tenant_id = { "t" }, .month = 202601 };
}

static enum err count_one(struct tx *tx, void *arg)
{
	struct quota q = counter();

	(void)arg;
	TRY(store_load_quota(tx, &q));
	q.used++;
	return store_save_quota(tx, &q);
}

struct writers {
	struct fixture *f;
	tx_work *work;
	_Atomic int failures;
	_Atomic int ended;
};

static void run_rounds(void *arg)
{
	struct writers *const writers = arg;
	struct arena arena;

	arena_init(&arena, ARENA_CALL_LIMIT);
	for (int i = 0; i < ROUNDS; i++) {
		if (store_transact(writers->f->store, TX_WRITE, &arena, writers->work, NULL) != OK)
			writers->failures++;
		arena_reset(&arena);
	}
	writers->ended++;
	arena_finish(&arena);
}

static void writers_start(struct writers *writers, struct thread *threads, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(thread_start(&threads[i], run_rounds, writers), OK);
}

static void writers_join(struct thread *threads, size_t n)
{
	for (size_t i = 0; i < n; i++)
		thread_join(&threads[i]);
}

static void parallel_writers_lose_nothing(void **state)
{
	struct writers writers = { .f = *state, .work = count_one };
	struct quota q = counter();
	struct thread threads[THREADS] = { 0 };

	assert_int_equal(run_action(writers.f, writers.f->store, DO_ADD, RECORD_QUOTA, &q), OK);
	writers_start(&writers, threads, THREADS);
	writers_join(threads, THREADS);
	assert_int_equal(writers.failures, 0);
	assert_int_equal(run_action(writers.f, writers.f->store, DO_LOAD, RECORD_QUOTA, &q), OK);
	assert_int_equal(q.used, THREADS * ROUNDS);
}

/* Increments two rows in one transaction, so that their values are always equal. */
static enum err count_both(struct tx *tx, void *arg)
{
	struct quota a = counter(), b = counter();

	(void)arg;
	b.month++;
	TRY(store_load_quota(tx, &a));
	TRY(store_load_quota(tx, &b));
	a.used++;
	b.used++;
	TRY(store_save_quota(tx, &a));
	return store_save_quota(tx, &b);
}

static enum err compare_both(struct tx *tx, void *arg)
{
	int64_t *const seen = arg;
	struct quota a = counter(), b = counter();

	b.month++;
	TRY(store_load_quota(tx, &a));
	TRY(store_load_quota(tx, &b));
	*seen = a.used;
	return a.used == b.used ? OK : ERR_INTERNAL;
}

static void readers_see_whole_transactions(void **state)
{
	struct writers writers = { .f = *state, .work = count_both };
	struct quota a = counter(), b = counter();
	struct thread threads[4] = { 0 };
	int64_t seen = 0, before = 0;
	int failures = 0;
	bool backwards = false;
	struct arena arena;

	b.month++;
	assert_int_equal(run_action(writers.f, writers.f->store, DO_ADD, RECORD_QUOTA, &a), OK);
	assert_int_equal(run_action(writers.f, writers.f->store, DO_ADD, RECORD_QUOTA, &b), OK);
	arena_init(&arena, ARENA_CALL_LIMIT);
	writers_start(&writers, threads, array_len(threads));
	while (writers.ended < (int)array_len(threads)) {
		failures += store_transact(writers.f->store, TX_READ, &arena, compare_both, &seen) != OK;
		backwards |= seen < before;
		before = seen;
		arena_reset(&arena);
	}
	writers_join(threads, array_len(threads));
	arena_finish(&arena);
	assert_int_equal(failures + writers.failures, 0);
	assert_false(backwards);
}

struct save_params {
	const struct quota *rows;
	size_t n;
	enum err fail_with; /* returned after the last write */
	bool enqueues_effect;
};

static enum err save_rows(struct tx *tx, void *arg)
{
	const struct save_params *const a = arg;

	for (size_t i = 0; i < a->n; i++)
		TRY(store_save_quota(tx, &a->rows[i]));
	if (a->enqueues_effect)
		TRY(store_enqueue_effect(tx, &(struct effect){ .id = { "e" } }));
	return a->fail_with;
}

static void failed_transaction_leaves_nothing(void **state)
{
	struct fixture *const f = *state;
	struct quota old = { { "a" }, 1, 10, 0, 0 };
	const struct quota rows[] = { { { "a" }, 1, 11, 0, 0 }, { { "a" }, 2, 12, 0, 0 },
		{ { "a" }, 1, 13, 0, 0 } };
	struct save_params save_params = { rows, array_len(rows), ERR_UPSTREAM, true };
	struct quota fresh = rows[1];
	struct effect effect = { .id = { "e" } };

	assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_QUOTA, &old), OK);
	assert_int_equal(
		store_transact(f->store, TX_WRITE, &f->arena, save_rows, &save_params), ERR_UPSTREAM);
	assert_int_equal(run_action(f, f->store, DO_LOAD, RECORD_QUOTA, &old), OK);
	assert_int_equal(old.used, 10);
	assert_int_equal(run_action(f, f->store, DO_LOAD, RECORD_QUOTA, &fresh), ERR_NOT_FOUND);
	assert_int_equal(run_action(f, f->store, DO_LOAD, RECORD_EFFECT, &effect), ERR_NOT_FOUND);
}

static enum err remove_add_and_fail(struct tx *tx, void *arg)
{
	const struct quota *const old = arg;
	struct quota fresh = *old;

	TRY(store_remove_quota(tx, old));
	fresh.used = 99;
	TRY(store_add_quota(tx, &fresh));
	TRY(store_remove_quota(tx, &fresh));
	return ERR_INTERNAL;
}

static void removals_of_a_failed_transaction_are_undone(void **state)
{
	struct fixture *const f = *state;
	struct quota old = { { "a" }, 1, 10, 0, 0 }, other = { { "b" }, 1, 20, 0, 0 };

	assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_QUOTA, &old), OK);
	assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_QUOTA, &other), OK);
	assert_int_equal(
		store_transact(f->store, TX_WRITE, &f->arena, remove_add_and_fail, &old), ERR_INTERNAL);
	old.used = other.used = 0;
	assert_int_equal(run_action(f, f->store, DO_LOAD, RECORD_QUOTA, &old), OK);
	assert_int_equal(run_action(f, f->store, DO_LOAD, RECORD_QUOTA, &other), OK);
	assert_int_equal(old.used, 10);
	assert_int_equal(other.used, 20);
}

/* After ERR_CONFLICT a transaction may continue and succeed. */
static enum err go_on_after_conflict(struct tx *tx, void *arg)
{
	struct quota row = { { "a" }, 1, 7, 0, 0 };
	enum err e;

	(void)arg;
	TRY(store_add_quota(tx, &row));
	e = store_add_quota(tx, &row);
	if (e != ERR_CONFLICT)
		return ERR_INTERNAL;
	row.month = 2;
	return store_add_quota(tx, &row);
}

static void transaction_continues_after_a_conflict(void **state)
{
	struct fixture *const f = *state;
	struct quota first = { .tenant_id = { "a" }, .month = 1 },
		     second = { .tenant_id = { "a" }, .month = 2 };

	assert_int_equal(store_transact(f->store, TX_WRITE, &f->arena, go_on_after_conflict, NULL), OK);
	assert_int_equal(run_action(f, f->store, DO_LOAD, RECORD_QUOTA, &first), OK);
	assert_int_equal(run_action(f, f->store, DO_LOAD, RECORD_QUOTA, &second), OK);
}

struct callback_state {
	struct fixture *f;
	int calls;
	unsigned added;
	enum err seen; /* result of loading the enqueued effect in the callback */
};

static void on_commit(void *arg, unsigned added)
{
	struct callback_state *const callback_state = arg;
	struct effect effect = { .id = { "e" } };
	callback_state->calls++;
	callback_state->added = added;
	callback_state->seen = run_action(
		callback_state->f, callback_state->f->store, DO_LOAD, RECORD_EFFECT, &effect);
}

static void on_commit_is_called_after_the_commit(void **state)
{
	struct fixture *const f = *state;
	struct callback_state callback_state = { .f = f, .seen = ERR_INTERNAL };
	struct save_params without_effect = { NULL, 0, OK, false }, failed = { NULL, 0, ERR_UPSTREAM, true },
			   with_effect = { NULL, 0, OK, true };

	f->store->ops->on_commit(f->store, on_commit, &callback_state);
	assert_int_equal(store_transact(f->store, TX_WRITE, &f->arena, save_rows, &without_effect), OK);
	assert_int_equal(store_transact(f->store, TX_WRITE, &f->arena, save_rows, &failed), ERR_UPSTREAM);
	assert_int_equal(callback_state.calls, 0);
	assert_int_equal(store_transact(f->store, TX_WRITE, &f->arena, save_rows, &with_effect), OK);
	assert_int_equal(callback_state.calls, 1);
	assert_int_equal(callback_state.seen, OK);
	assert_int_equal(callback_state.added, ADDED_MAIL);
	f->store->ops->on_commit(f->store, NULL, NULL);
}

static enum err read_clock(struct tx *tx, void *arg)
{
	return store_clock(tx, arg);
}

static moment system_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (moment){ (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 };
}

static void clock_advances(void **state)
{
	struct fixture *const f = *state;
	moment before, after;

	assert_int_equal(store_transact(f->store, TX_WRITE, &f->arena, read_clock, &before), OK);
	/* The databases of the tests run on this machine, so their clock agrees with the system's. A
	 * difference of hours would be a time-zone error. */
	assert_in_range(system_now().ms - before.ms + 60000, 0, 120000);
	(void)poll(NULL, 0, 30);
	assert_int_equal(store_transact(f->store, TX_READ, &f->arena, read_clock, &after), OK);
	assert_in_range(after.ms - before.ms, 20, 60000);
}

static enum err read_database_size(struct tx *tx, void *arg)
{
	return store_size(tx, arg);
}

/* Also on a connection that runs further transactions afterwards. */
static void size_is_that_of_the_database(void **state)
{
	struct fixture *const f = *state;
	moment now;

	for (int i = 0; i < 3; i++) {
		int64_t bytes = 0;

		assert_int_equal(
			store_transact(f->store, TX_READ, &f->arena, read_database_size, &bytes), OK);
		assert_in_range(bytes, 4096, INT64_C(1) << 30);
		assert_int_equal(store_transact(f->store, TX_WRITE, &f->arena, read_clock, &now), OK);
	}
}

static const struct contract_test contracts[] = {
	{ "parallel writers lose nothing", parallel_writers_lose_nothing },
	{ "readers see whole transactions", readers_see_whole_transactions },
	{ "failed transaction leaves nothing", failed_transaction_leaves_nothing },
	{ "removals of a failed transaction are undone", removals_of_a_failed_transaction_are_undone },
	{ "transaction continues after a conflict", transaction_continues_after_a_conflict },
	{ "on_commit is called after the commit", on_commit_is_called_after_the_commit },
	{ "clock advances", clock_advances },
	{ "size is that of the database", size_is_that_of_the_database },
};

int main(void)
{
	struct CMUnitTest tests[array_len(contracts) * IMPLEMENTATIONS];

	contract_tests(contracts, array_len(contracts), IMPLEMENTATIONS, tests);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
