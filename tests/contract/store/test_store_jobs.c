/* Jobs beside each other: whole or not at all, in any number of threads; the bell. */
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

struct crew {
	struct fixture *f;
	tx_work *work;
	_Atomic int failures;
	_Atomic int ended;
};

static void run_rounds(void *arg)
{
	struct crew *const crew = arg;
	struct arena arena;

	arena_init(&arena, ARENA_CALL_LIMIT);
	for (int i = 0; i < ROUNDS; i++) {
		if (store_transact(crew->f->store, TX_WRITE, &arena, crew->work, NULL) != OK)
			crew->failures++;
		arena_reset(&arena);
	}
	crew->ended++;
	arena_finish(&arena);
}

static void crew_start(struct crew *crew, struct thread *threads, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(thread_start(&threads[i], run_rounds, crew), OK);
}

static void crew_join(struct thread *threads, size_t n)
{
	for (size_t i = 0; i < n; i++)
		thread_join(&threads[i]);
}

static void parallel_writers_lose_nothing(void **state)
{
	struct crew crew = { .f = *state, .work = count_one };
	struct quota q = counter();
	struct thread threads[THREADS] = { 0 };

	assert_int_equal(run_action(crew.f, crew.f->store, DO_ADD, RECORD_QUOTA, &q), OK);
	crew_start(&crew, threads, THREADS);
	crew_join(threads, THREADS);
	assert_int_equal(crew.failures, 0);
	assert_int_equal(run_action(crew.f, crew.f->store, DO_LOAD, RECORD_QUOTA, &q), OK);
	assert_int_equal(q.used, THREADS * ROUNDS);
}

/* Two rows that always change together. */
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
	struct crew crew = { .f = *state, .work = count_both };
	struct quota a = counter(), b = counter();
	struct thread threads[4] = { 0 };
	int64_t seen = 0, before = 0;
	int failures = 0;
	bool backwards = false;
	struct arena arena;

	b.month++;
	assert_int_equal(run_action(crew.f, crew.f->store, DO_ADD, RECORD_QUOTA, &a), OK);
	assert_int_equal(run_action(crew.f, crew.f->store, DO_ADD, RECORD_QUOTA, &b), OK);
	arena_init(&arena, ARENA_CALL_LIMIT);
	crew_start(&crew, threads, array_len(threads));
	while (crew.ended < (int)array_len(threads)) {
		failures += store_transact(crew.f->store, TX_READ, &arena, compare_both, &seen) != OK;
		backwards |= seen < before;
		before = seen;
		arena_reset(&arena);
	}
	crew_join(threads, array_len(threads));
	arena_finish(&arena);
	assert_int_equal(failures + crew.failures, 0);
	assert_false(backwards);
}

struct attempt {
	const struct quota *rows;
	size_t n;
	enum err fail_with; /* after all was written */
	bool notes_effect;
};

static enum err try_rows(struct tx *tx, void *arg)
{
	const struct attempt *const a = arg;

	for (size_t i = 0; i < a->n; i++)
		TRY(store_save_quota(tx, &a->rows[i]));
	if (a->notes_effect)
		TRY(store_enqueue_effect(tx, &(struct effect){ .id = { "e" } }));
	return a->fail_with;
}

static void a_failing_job_leaves_nothing(void **state)
{
	struct fixture *const f = *state;
	struct quota old = { { "a" }, 1, 10 };
	const struct quota rows[] = { { { "a" }, 1, 11 }, { { "a" }, 2, 12 }, { { "a" }, 1, 13 } };
	struct attempt attempt = { rows, array_len(rows), ERR_UPSTREAM, true };
	struct quota fresh = rows[1];
	struct effect effect = { .id = { "e" } };

	assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_QUOTA, &old), OK);
	assert_int_equal(store_transact(f->store, TX_WRITE, &f->arena, try_rows, &attempt), ERR_UPSTREAM);
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

static void what_a_failing_job_removed_is_back(void **state)
{
	struct fixture *const f = *state;
	struct quota old = { { "a" }, 1, 10 }, other = { { "b" }, 1, 20 };

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

/* A conflict is a verdict for the job: it may go on and succeed. */
static enum err go_on_after_conflict(struct tx *tx, void *arg)
{
	struct quota row = { { "a" }, 1, 7 };
	enum err e;

	(void)arg;
	TRY(store_add_quota(tx, &row));
	e = store_add_quota(tx, &row);
	if (e != ERR_CONFLICT)
		return ERR_INTERNAL;
	row.month = 2;
	return store_add_quota(tx, &row);
}

static void a_conflict_spoils_nothing_else(void **state)
{
	struct fixture *const f = *state;
	struct quota first = { .tenant_id = { "a" }, .month = 1 },
		     second = { .tenant_id = { "a" }, .month = 2 };

	assert_int_equal(store_transact(f->store, TX_WRITE, &f->arena, go_on_after_conflict, NULL), OK);
	assert_int_equal(run_action(f, f->store, DO_LOAD, RECORD_QUOTA, &first), OK);
	assert_int_equal(run_action(f, f->store, DO_LOAD, RECORD_QUOTA, &second), OK);
}

struct bell {
	struct fixture *f;
	int rings;
	enum err seen; /* of the effect, by a reader, when it rang */
};

static void ring(void *arg)
{
	struct bell *const bell = arg;
	struct effect effect = { .id = { "e" } };
	bell->rings++;
	bell->seen = run_action(bell->f, bell->f->store, DO_LOAD, RECORD_EFFECT, &effect);
}

static void the_bell_rings_after_the_commit(void **state)
{
	struct fixture *const f = *state;
	struct bell bell = { f, 0, ERR_INTERNAL };
	struct attempt plain = { NULL, 0, OK, false }, failing = { NULL, 0, ERR_UPSTREAM, true },
		       noting = { NULL, 0, OK, true };

	f->store->ops->on_commit(f->store, ring, &bell);
	assert_int_equal(store_transact(f->store, TX_WRITE, &f->arena, try_rows, &plain), OK);
	assert_int_equal(store_transact(f->store, TX_WRITE, &f->arena, try_rows, &failing), ERR_UPSTREAM);
	assert_int_equal(bell.rings, 0);
	assert_int_equal(store_transact(f->store, TX_WRITE, &f->arena, try_rows, &noting), OK);
	assert_int_equal(bell.rings, 1);
	assert_int_equal(bell.seen, OK);
	f->store->ops->on_commit(f->store, NULL, NULL);
}

static enum err read_clock(struct tx *tx, void *arg)
{
	return store_clock(tx, arg);
}

static moment machine_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (moment){ (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 };
}

static void the_clock_goes_on(void **state)
{
	struct fixture *const f = *state;
	moment before, after_it;

	assert_int_equal(store_transact(f->store, TX_WRITE, &f->arena, read_clock, &before), OK);
	/* A database of another machine may be off; those of the tests are here. Half a day is a time zone.
	 */
	assert_in_range(machine_now().ms - before.ms + 60000, 0, 120000);
	(void)poll(NULL, 0, 30);
	assert_int_equal(store_transact(f->store, TX_READ, &f->arena, read_clock, &after_it), OK);
	assert_in_range(after_it.ms - before.ms, 20, 60000);
}

static const struct contract contracts[] = {
	{ "parallel writers lose nothing", parallel_writers_lose_nothing },
	{ "readers see whole transactions", readers_see_whole_transactions },
	{ "a failing job leaves nothing", a_failing_job_leaves_nothing },
	{ "what a failing job removed is back", what_a_failing_job_removed_is_back },
	{ "a conflict spoils nothing else", a_conflict_spoils_nothing_else },
	{ "the bell rings after the commit", the_bell_rings_after_the_commit },
	{ "the clock goes on", the_clock_goes_on },
};

int main(void)
{
	struct CMUnitTest tests[array_len(contracts) * IMPLEMENTATIONS];

	contract_tests(contracts, array_len(contracts), IMPLEMENTATIONS, tests);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
