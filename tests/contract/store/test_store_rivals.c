/* Writers who are in each other's way: what each decides by stays true until it is committed, whether a row
 * was there, was not there, or was found by a question. */
#include "stores.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/lock.h"

#define RIVALS 12
#define ROUNDS 8

static const struct quota start = { .tenant_id = { "t" }, .month = 202601 };

struct rival {
	struct fixture *f;
	tx_work *work;
	int n; /* which one */
	struct thread thread;
	int round;
	_Atomic int done, conflicts, failures;
	_Atomic int *arrived; /* all begin a round together */
	int n_rivals;
};

static void wait_for_the_others(const struct rival *r)
{
	(*r->arrived)++;
	while (*r->arrived < (r->round + 1) * r->n_rivals)
		sched_yield();
}

static void run_rounds(void *arg)
{
	struct rival *const r = arg;
	struct arena arena;

	arena_init(&arena, ARENA_CALL_LIMIT);
	for (r->round = 0; r->round < ROUNDS; r->round++) {
		wait_for_the_others(r);
		const enum err e = store_transact(r->f->store, TX_WRITE, &arena, r->work, r);

		r->done += e == OK;
		r->conflicts += e == ERR_CONFLICT;
		r->failures += e != OK && e != ERR_CONFLICT;
		arena_reset(&arena);
	}
	arena_finish(&arena);
}

struct outcome {
	int done, conflicts;
};

static struct outcome let_so_many(struct fixture *f, tx_work *work, int n)
{
	struct rival rivals[RIVALS];
	struct outcome all = { 0, 0 };
	_Atomic int arrived = 0;
	int failures = 0;

	memset(rivals, 0, sizeof(rivals));
	for (int i = 0; i < n; i++) {
		rivals[i].f = f;
		rivals[i].work = work;
		rivals[i].n = i;
		rivals[i].n_rivals = n;
		rivals[i].arrived = &arrived;
		assert_int_equal(thread_start(&rivals[i].thread, run_rounds, &rivals[i]), OK);
	}
	for (int i = 0; i < n; i++) {
		thread_join(&rivals[i].thread);
		failures += rivals[i].failures;
		all.done += rivals[i].done;
		all.conflicts += rivals[i].conflicts;
	}
	assert_int_equal(failures, 0);
	return all;
}

static struct outcome let_them(struct fixture *f, tx_work *work)
{
	return let_so_many(f, work, RIVALS);
}

static int64_t used(struct fixture *f, int64_t month)
{
	struct quota q = start;

	q.month = month;
	assert_int_equal(run_action(f, f->store, DO_LOAD, RECORD_QUOTA, &q), OK);
	return q.used;
}

/* As the first session of a month makes the row that counts them. */
static enum err count_from_nothing(struct tx *tx, void *arg)
{
	const struct rival *const r = arg;
	struct quota q = start;
	enum err e;

	q.month += r->round;
	e = store_load_quota(tx, &q);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	q.used++;
	return store_save_quota(tx, &q);
}

static void nothing_is_lost_from_the_first_on(void **state)
{
	struct fixture *const f = *state;

	assert_int_equal(let_them(f, count_from_nothing).done, RIVALS * ROUNDS);
	for (int i = 0; i < ROUNDS; i++)
		assert_int_equal(used(f, start.month + i), RIVALS);
}

/* What was found is saved without being loaded. */
static enum err count_what_is_found(struct tx *tx, void *arg)
{
	struct quota q = start;
	size_t n;

	(void)arg;
	TRY(store_find(tx, QUERY_QUOTAS_OF_MONTH, &start, page_of(0, 1), &q, &n));
	if (n != 1)
		return ERR_INTERNAL;
	q.used++;
	return store_save_quota(tx, &q);
}

static void what_was_found_is_as_it_was(void **state)
{
	struct fixture *const f = *state;
	struct quota q = start;

	assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_QUOTA, &q), OK);
	assert_int_equal(let_them(f, count_what_is_found).done, RIVALS * ROUNDS);
	assert_int_equal(used(f, start.month), RIVALS * ROUNDS);
}

/* The same with a row that every call reads, and that is not held therefore. */
static enum err count_at_tenant(struct tx *tx, void *arg)
{
	struct tenant t = { .id = { "t" } };

	(void)arg;
	TRY(store_load_tenant(tx, &t));
	t.monthly_quota++;
	return store_save_tenant(tx, &t);
}

static void what_all_read_can_be_counted_in(void **state)
{
	struct fixture *const f = *state;
	struct tenant t = { .id = { "t" }, .name = "shop" };

	assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_TENANT, &t), OK);
	assert_int_equal(let_them(f, count_at_tenant).done, RIVALS * ROUNDS);
	assert_int_equal(run_action(f, f->store, DO_LOAD, RECORD_TENANT, &t), OK);
	assert_int_equal(t.monthly_quota, RIVALS * ROUNDS);
}

/* The person of a round. */
static struct user_id person(int round)
{
	struct user_id id = { "" };

	(void)snprintf(id.text, sizeof(id.text), "u%d", round);
	return id;
}

/* Who loads the person first may go by what is not there: here, a session of theirs. */
static enum err begin_session(struct tx *tx, void *arg)
{
	const struct rival *const r = arg;
	struct user user = { .id = person(r->round) };
	struct session session = { .user_id = user.id }, found;
	size_t n;

	TRY(store_load_user(tx, &user));
	TRY(store_find(tx, QUERY_SESSIONS_OF_USER, &session, page_of(0, 1), &found, &n));
	if (n > 0)
		return ERR_CONFLICT;
	(void)snprintf(session.id.text, sizeof(session.id.text), "s%d-%d", r->round, r->n);
	return store_add_session(tx, &session);
}

static void a_person_has_one_session(void **state)
{
	struct fixture *const f = *state;
	struct outcome all;

	for (int i = 0; i < ROUNDS; i++) {
		struct user user = { .id = person(i) };

		assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_USER, &user), OK);
	}
	all = let_them(f, begin_session);
	assert_int_equal(all.done, ROUNDS);
	assert_int_equal(all.conflicts, (RIVALS - 1) * ROUNDS);
}

static enum err add_the_same(struct tx *tx, void *arg)
{
	const struct rival *const r = arg;
	struct quota q = start;

	q.month += r->round;
	return store_add_quota(tx, &q);
}

static void one_adds_and_all_others_hear_of_it(void **state)
{
	const struct outcome all = let_them(*state, add_the_same);

	assert_int_equal(all.done, ROUNDS);
	assert_int_equal(all.conflicts, (RIVALS - 1) * ROUNDS);
}

static enum err take_the_name(struct tx *tx, void *arg)
{
	const struct rival *const r = arg;
	struct tenant t = { .name = "shop" };

	(void)snprintf(t.id.text, sizeof(t.id.text), "t%d", r->n);
	return store_save_tenant(tx, &t);
}

static void one_has_the_name(void **state)
{
	const struct outcome all = let_them(*state, take_the_name);

	assert_int_equal(all.done, ROUNDS);
	assert_int_equal(all.conflicts, (RIVALS - 1) * ROUNDS);
}

/* One takes the two rows in one order, one in the other. */
static enum err count_crosswise(struct tx *tx, void *arg)
{
	const struct rival *const r = arg;
	struct quota first = start, second = start;

	(r->n == 0 ? &second : &first)->month++;
	TRY(store_load_quota(tx, &first));
	TRY(store_load_quota(tx, &second));
	first.used++;
	second.used++;
	TRY(store_save_quota(tx, &first));
	return store_save_quota(tx, &second);
}

static void who_waits_for_each_other_gets_on(void **state)
{
	struct fixture *const f = *state;
	struct quota q = start;

	assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_QUOTA, &q), OK);
	q.month++;
	assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_QUOTA, &q), OK);
	assert_int_equal(let_so_many(f, count_crosswise, 2).done, 2 * ROUNDS);
	assert_int_equal(used(f, start.month), 2 * ROUNDS);
}

static const struct contract contracts[] = {
	{ "nothing is lost, from the first on", nothing_is_lost_from_the_first_on },
	{ "what was found is as it was", what_was_found_is_as_it_was },
	{ "what all read can be counted in", what_all_read_can_be_counted_in },
	{ "a person has one session", a_person_has_one_session },
	{ "one adds, and all others hear of it", one_adds_and_all_others_hear_of_it },
	{ "one has the name", one_has_the_name },
	{ "who waits for each other gets on", who_waits_for_each_other_gets_on },
};

int main(void)
{
	struct CMUnitTest tests[array_len(contracts) * IMPLEMENTATIONS];

	contract_tests(contracts, array_len(contracts), IMPLEMENTATIONS, tests);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
