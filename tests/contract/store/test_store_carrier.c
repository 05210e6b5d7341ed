/* When the log is carried over beside the writer, and when it is the writer's turn; over a driver that
 * carries what it is told to. */
#include "stores.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/attr.h"
#include "base/lock.h"
#include "store/sqlite/wal_checkpointer.h"

struct scene {
	struct sql base;
	struct wal_checkpointer *checkpointer;
	_Atomic int passes;
	_Atomic bool held; /* a pass lasts until this is false */
	_Atomic size_t carried;
	_Atomic enum err answer;
	bool closed;
};

static struct scene *mine(struct sql *sql)
{
	return container_of(sql, struct scene, base);
}

static enum err scene_carry(struct sql *sql, size_t *carried)
{
	struct scene *const s = mine(sql);

	s->passes++;
	while (s->held)
		sched_yield();
	*carried = s->carried;
	return s->answer;
}

static void scene_close(struct sql *sql)
{
	mine(sql)->closed = true;
}

static const struct sql_ops scene_ops = { .checkpoint_passive = scene_carry, .close = scene_close };

static int set_up(void **state)
{
	struct scene *const s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->base.ops = &scene_ops;
	assert_int_equal(wal_checkpointer_open(&s->base, &s->checkpointer), OK);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *const s = *state;
	bool closed;

	wal_checkpointer_close(s->checkpointer);
	closed = s->closed;
	free(s);
	return closed ? 0 : -1;
}

/* One pass that carries so many. */
static void carry(struct scene *s, size_t log, size_t carried)
{
	const int before = s->passes;

	s->carried = carried;
	assert_false(wal_checkpointer_on_commit(s->checkpointer, log));
	wal_checkpointer_pause(s->checkpointer);
	assert_int_equal(s->passes, before + 1);
}

static void a_log_is_carried_when_it_is_due(void **state)
{
	struct scene *const s = *state;

	assert_false(wal_checkpointer_on_commit(s->checkpointer, 0));
	assert_false(wal_checkpointer_on_commit(s->checkpointer, CHECKPOINT_START_PAGES - 1));
	wal_checkpointer_pause(s->checkpointer);
	assert_int_equal(s->passes, 0);
	carry(s, CHECKPOINT_START_PAGES, 0);
	carry(s, CHECKPOINT_START_PAGES + 1, 0);
}

static void the_rest_is_the_writers(void **state)
{
	static const struct {
		const char *name;
		size_t left;
		bool is_turn;
		int passes;
	} rows[] = {
		{ "nothing is left", 0, true, 0 },
		{ "a small rest", CHECKPOINT_REST_PAGES - 1, true, 0 },
		{ "the largest rest", CHECKPOINT_REST_PAGES, true, 0 },
		{ "more than a rest", CHECKPOINT_REST_PAGES + 1, false, 1 },
		{ "due again", CHECKPOINT_START_PAGES, false, 1 },
	};
	const size_t carried = 1000;
	struct scene *const s = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		wal_checkpointer_resume(s->checkpointer);
		carry(s, CHECKPOINT_START_PAGES, carried);
		s->passes = 0;
		print_message("# %s\n", rows[i].name);
		assert_int_equal(
			wal_checkpointer_on_commit(s->checkpointer, carried + rows[i].left), rows[i].is_turn);
		wal_checkpointer_pause(s->checkpointer);
		assert_int_equal(s->passes, rows[i].passes);
	}
}

/* Else each commit would be followed by a pass that carries nothing, for as long as a backup reads. */
static void what_a_reader_stopped_waits_until_it_is_due(void **state)
{
	const size_t carried = 1000;
	struct scene *const s = *state;

	carry(s, CHECKPOINT_START_PAGES, carried);
	carry(s, carried + CHECKPOINT_REST_PAGES + 1, carried);
	assert_false(wal_checkpointer_on_commit(s->checkpointer, carried + CHECKPOINT_START_PAGES - 1));
	wal_checkpointer_pause(s->checkpointer);
	assert_int_equal(s->passes, 2);
	carry(s, carried + CHECKPOINT_START_PAGES, carried + 1);
	carry(s, carried + 1 + CHECKPOINT_REST_PAGES + 1, carried + 2);
}

static void at_its_bound_the_log_is_the_writers(void **state)
{
	struct scene *const s = *state;

	s->held = true;
	assert_false(wal_checkpointer_on_commit(s->checkpointer, CHECKPOINT_START_PAGES));
	assert_false(wal_checkpointer_on_commit(s->checkpointer, CHECKPOINT_MAX_PAGES - 1));
	assert_true(wal_checkpointer_on_commit(s->checkpointer, CHECKPOINT_MAX_PAGES));
	assert_true(wal_checkpointer_on_commit(s->checkpointer, CHECKPOINT_MAX_PAGES + 1));
	s->held = false;
	wal_checkpointer_pause(s->checkpointer);
	assert_int_equal(s->passes, 1); /* one at a time */
	assert_true(wal_checkpointer_on_commit(s->checkpointer, CHECKPOINT_MAX_PAGES));
	assert_int_equal(s->passes, 1);
}

/* While somebody reads for long the writer's turns are of no use: each time the log has doubled is enough,
 * until it begins anew. */
static void a_long_reader_does_not_cost_every_commit(void **state)
{
	static const struct {
		size_t log;
		bool is_turn;
	} rows[] = {
		{ CHECKPOINT_MAX_PAGES, true },
		{ CHECKPOINT_MAX_PAGES + 1, false }, /* it went on: from now on twice that */
		{ 2 * CHECKPOINT_MAX_PAGES + 1, false },
		{ 2 * CHECKPOINT_MAX_PAGES + 2, true },
		{ 2 * CHECKPOINT_MAX_PAGES + 3, false },
		{ 4 * CHECKPOINT_MAX_PAGES + 5, false },
		{ 4 * CHECKPOINT_MAX_PAGES + 6, true },
		{ 10, false }, /* anew */
		{ CHECKPOINT_MAX_PAGES - 1, false },
		{ CHECKPOINT_MAX_PAGES, true },
	};
	struct scene *const s = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		print_message("# %zu\n", rows[i].log);
		assert_int_equal(wal_checkpointer_on_commit(s->checkpointer, rows[i].log), rows[i].is_turn);
		wal_checkpointer_pause(s->checkpointer);
		if (rows[i].is_turn)
			wal_checkpointer_resume(s->checkpointer);
	}
	assert_true(s->passes > 0);
}

static void a_log_that_began_anew_has_no_rest(void **state)
{
	struct scene *const s = *state;

	carry(s, CHECKPOINT_START_PAGES, CHECKPOINT_START_PAGES);
	assert_false(wal_checkpointer_on_commit(s->checkpointer, CHECKPOINT_START_PAGES - 1));
	carry(s, CHECKPOINT_START_PAGES, CHECKPOINT_START_PAGES);
	wal_checkpointer_resume(s->checkpointer);
	assert_false(wal_checkpointer_on_commit(s->checkpointer, CHECKPOINT_START_PAGES - 1));
	wal_checkpointer_pause(s->checkpointer);
	assert_int_equal(s->passes, 2);
}

static void a_failure_is_tried_again(void **state)
{
	struct scene *const s = *state;

	s->answer = ERR_BUSY;
	carry(s, CHECKPOINT_START_PAGES, CHECKPOINT_START_PAGES);
	s->answer = OK;
	carry(s, CHECKPOINT_START_PAGES, CHECKPOINT_START_PAGES);
	assert_true(wal_checkpointer_on_commit(s->checkpointer, CHECKPOINT_START_PAGES));
}

static void open_gate(void *arg)
{
	struct scene *const s = arg;

	for (int i = 0; i < 1000; i++)
		sched_yield();
	s->held = false;
}

/* The pass has ended when the pause and the close return. */
static void a_pass_is_waited_for(void **state)
{
	struct scene *const s = *state;
	struct thread opener;

	s->held = true;
	assert_false(wal_checkpointer_on_commit(s->checkpointer, CHECKPOINT_START_PAGES));
	assert_int_equal(thread_start(&opener, open_gate, s), OK);
	wal_checkpointer_pause(s->checkpointer);
	assert_false(s->held);
	thread_join(&opener);
	assert_false(wal_checkpointer_on_commit(s->checkpointer, CHECKPOINT_START_PAGES));
	wal_checkpointer_close(s->checkpointer);
	assert_int_equal(s->passes, 2); /* what was asked for is done before the end */
	assert_int_equal(wal_checkpointer_open(&s->base, &s->checkpointer), OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_log_is_carried_when_it_is_due),
		TEST(the_rest_is_the_writers),
		TEST(what_a_reader_stopped_waits_until_it_is_due),
		TEST(at_its_bound_the_log_is_the_writers),
		TEST(a_long_reader_does_not_cost_every_commit),
		TEST(a_log_that_began_anew_has_no_rest),
		TEST(a_failure_is_tried_again),
		TEST(a_pass_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
