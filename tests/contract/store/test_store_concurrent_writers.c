/* Tests of conflicting write transactions: what a transaction has read (a row, its absence, or the result of
 * a query) is still true when it commits. */
#include "stores.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/lock.h"

#define WRITERS 12
#define ROUNDS 8

static const struct quota first_row = { .tenant_id = { "t" }, .month = 202601 };

struct writer {
	struct fixture *f;
	tx_work *work;
	int n; /* index of this writer */
	struct thread thread;
	int round;
	_Atomic int done, conflicts, failures;
	_Atomic int *arrived; /* used to start a round in all writers at the same time */
	int n_writers;
};

static void wait_for_all_writers(const struct writer *r)
{
	(*r->arrived)++;
	while (*r->arrived < (r->round + 1) * r->n_writers)
		sched_yield();
}

static void run_rounds(void *arg)
{
	struct writer *const r = arg;
	struct arena arena;

	arena_init(&arena, ARENA_CALL_LIMIT);
	for (r->round = 0; r->round < ROUNDS; r->round++) {
		wait_for_all_writers(r);
		const enum err e = store_transact(r->f->store, TX_WRITE, &arena, r->work, r);

		r->done += e == OK;
		r->conflicts += e == ERR_CONFLICT;
		r->failures += e != OK && e != ERR_CONFLICT;
		arena_reset(&arena);
	}
	arena_finish(&arena);
}

struct totals {
	int done, conflicts;
};

static struct totals run_n_writers(struct fixture *f, tx_work *work, int n)
{
	struct writer writers[WRITERS];
	struct totals all = { 0, 0 };
	_Atomic int arrived = 0;
	int failures = 0;

	memset(writers, 0, sizeof(writers));
	for (int i = 0; i < n; i++) {
		writers[i].f = f;
		writers[i].work = work;
		writers[i].n = i;
		writers[i].n_writers = n;
		writers[i].arrived = &arrived;
		assert_int_equal(thread_start(&writers[i].thread, run_rounds, &writers[i]), OK);
	}
	for (int i = 0; i < n; i++) {
		thread_join(&writers[i].thread);
		failures += writers[i].failures;
		all.done += writers[i].done;
		all.conflicts += writers[i].conflicts;
	}
	assert_int_equal(failures, 0);
	return all;
}

static struct totals run_writers(struct fixture *f, tx_work *work)
{
	return run_n_writers(f, work, WRITERS);
}

static int64_t load_used(struct fixture *f, int64_t month)
{
	struct quota q = first_row;

	q.month = month;
	assert_int_equal(run_action(f, f->store, DO_LOAD, RECORD_QUOTA, &q), OK);
	return q.used;
}

/* Increments a counter and creates its row if it is missing, as the first session of a month does. */
static enum err increment_or_create(struct tx *tx, void *arg)
{
	const struct writer *const r = arg;
	struct quota q = first_row;
	enum err e;

	q.month += r->round;
	e = store_load_quota(tx, &q);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	q.used++;
	return store_save_quota(tx, &q);
}

static void no_increment_is_lost_on_a_new_row(void **state)
{
	struct fixture *const f = *state;

	assert_int_equal(run_writers(f, increment_or_create).done, WRITERS * ROUNDS);
	for (int i = 0; i < ROUNDS; i++)
		assert_int_equal(load_used(f, first_row.month + i), WRITERS);
}

/* Increments a row found by a query, without loading it. */
static enum err increment_found(struct tx *tx, void *arg)
{
	struct quota q = first_row;
	size_t n;

	(void)arg;
	TRY(store_find(tx, QUERY_QUOTAS_OF_MONTH, &first_row, page_of(0, 1), &q, &n));
	if (n != 1)
		return ERR_INTERNAL;
	q.used++;
	return store_save_quota(tx, &q);
}

static void no_increment_is_lost_on_a_found_row(void **state)
{
	struct fixture *const f = *state;
	struct quota q = first_row;

	assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_QUOTA, &q), OK);
	assert_int_equal(run_writers(f, increment_found).done, WRITERS * ROUNDS);
	assert_int_equal(load_used(f, first_row.month), WRITERS * ROUNDS);
}

/* Increments a value in the row of a tenant. Loading a tenant does not lock its row, because every call loads
 * it. */
static enum err increment_tenant_quota(struct tx *tx, void *arg)
{
	struct tenant t = { .id = { "t" } };

	(void)arg;
	TRY(store_load_tenant(tx, &t));
	t.monthly_quota++;
	return store_save_tenant(tx, &t);
}

static void no_increment_is_lost_on_an_unlocked_row(void **state)
{
	struct fixture *const f = *state;
	struct tenant t = { .id = { "t" }, .name = "shop" };

	assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_TENANT, &t), OK);
	assert_int_equal(run_writers(f, increment_tenant_quota).done, WRITERS * ROUNDS);
	assert_int_equal(run_action(f, f->store, DO_LOAD, RECORD_TENANT, &t), OK);
	assert_int_equal(t.monthly_quota, WRITERS * ROUNDS);
}

/* Returns the user id that is used in a round. */
static struct user_id user_id_of_round(int round)
{
	struct user_id id = { "" };

	(void)snprintf(id.text, sizeof(id.text), "u%d", round);
	return id;
}

/* Loading the user locks it, so the absence of a session can be relied on until the commit. */
static enum err begin_session(struct tx *tx, void *arg)
{
	const struct writer *const r = arg;
	struct user user = { .id = user_id_of_round(r->round) };
	struct session session = { .user_id = user.id }, found;
	size_t n;

	TRY(store_load_user(tx, &user));
	TRY(store_find(tx, QUERY_SESSIONS_OF_USER, &session, page_of(0, 1), &found, &n));
	if (n > 0)
		return ERR_CONFLICT;
	(void)snprintf(session.id.text, sizeof(session.id.text), "s%d-%d", r->round, r->n);
	return store_add_session(tx, &session);
}

static void one_session_per_person(void **state)
{
	struct fixture *const f = *state;
	struct totals all;

	for (int i = 0; i < ROUNDS; i++) {
		struct user user = { .id = user_id_of_round(i) };

		assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_USER, &user), OK);
	}
	all = run_writers(f, begin_session);
	assert_int_equal(all.done, ROUNDS);
	assert_int_equal(all.conflicts, (WRITERS - 1) * ROUNDS);
}

static enum err add_same_row(struct tx *tx, void *arg)
{
	const struct writer *const r = arg;
	struct quota q = first_row;

	q.month += r->round;
	return store_add_quota(tx, &q);
}

static void one_writer_adds_and_others_get_a_conflict(void **state)
{
	const struct totals all = run_writers(*state, add_same_row);

	assert_int_equal(all.done, ROUNDS);
	assert_int_equal(all.conflicts, (WRITERS - 1) * ROUNDS);
}

static enum err save_same_name(struct tx *tx, void *arg)
{
	const struct writer *const r = arg;
	struct tenant t = { .name = "shop" };

	(void)snprintf(t.id.text, sizeof(t.id.text), "t%d", r->n);
	return store_save_tenant(tx, &t);
}

static void unique_name_is_given_once(void **state)
{
	const struct totals all = run_writers(*state, save_same_name);

	assert_int_equal(all.done, ROUNDS);
	assert_int_equal(all.conflicts, (WRITERS - 1) * ROUNDS);
}

/* The two writers load the same two rows in opposite order. If each waited for the other's lock, they would
 * deadlock. */
static enum err increment_in_opposite_order(struct tx *tx, void *arg)
{
	const struct writer *const r = arg;
	struct quota first = first_row, second = first_row;

	(r->n == 0 ? &second : &first)->month++;
	TRY(store_load_quota(tx, &first));
	TRY(store_load_quota(tx, &second));
	first.used++;
	second.used++;
	TRY(store_save_quota(tx, &first));
	return store_save_quota(tx, &second);
}

static void opposite_lock_order_does_not_deadlock(void **state)
{
	struct fixture *const f = *state;
	struct quota q = first_row;

	assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_QUOTA, &q), OK);
	q.month++;
	assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_QUOTA, &q), OK);
	assert_int_equal(run_n_writers(f, increment_in_opposite_order, 2).done, 2 * ROUNDS);
	assert_int_equal(load_used(f, first_row.month), 2 * ROUNDS);
}

static const struct contract_test contracts[] = {
	{ "no increment is lost on a new row", no_increment_is_lost_on_a_new_row },
	{ "no increment is lost on a found row", no_increment_is_lost_on_a_found_row },
	{ "no increment is lost on an unlocked row", no_increment_is_lost_on_an_unlocked_row },
	{ "one session per person", one_session_per_person },
	{ "one writer adds, and others get a conflict", one_writer_adds_and_others_get_a_conflict },
	{ "unique name is given once", unique_name_is_given_once },
	{ "opposite lock order does not deadlock", opposite_lock_order_does_not_deadlock },
};

int main(void)
{
	struct CMUnitTest tests[array_len(contracts) * IMPLEMENTATIONS];

	contract_tests(contracts, array_len(contracts), IMPLEMENTATIONS, tests);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
