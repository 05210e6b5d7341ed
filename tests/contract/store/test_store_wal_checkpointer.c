/* Tests when the checkpointer thread checkpoints the WAL, and when the writer must do it. The driver is a
 * fake that reports the number of checkpointed pages that the test sets. */
#include "stores.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/attr.h"
#include "base/lock.h"
#include "store/sqlite/wal_checkpointer.h"

struct fake_driver {
	struct sql base;
	struct wal_checkpointer *checkpointer;
	_Atomic int checkpoints;
	_Atomic bool held; /* a checkpoint does not return until this is false */
	_Atomic size_t checkpointed;
	_Atomic enum err result;
	bool closed;
};

static struct fake_driver *fake_from_base(struct sql *sql)
{
	return container_of(sql, struct fake_driver, base);
}

static enum err fake_checkpoint(struct sql *sql, size_t *checkpointed)
{
	struct fake_driver *const s = fake_from_base(sql);

	s->checkpoints++;
	while (s->held)
		sched_yield();
	*checkpointed = s->checkpointed;
	return s->result;
}

static void fake_close(struct sql *sql)
{
	fake_from_base(sql)->closed = true;
}

static const struct sql_ops fake_ops = { .checkpoint_passive = fake_checkpoint, .close = fake_close };

static int set_up(void **state)
{
	struct fake_driver *const s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->base.ops = &fake_ops;
	assert_int_equal(wal_checkpointer_open(&s->base, &s->checkpointer), OK);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct fake_driver *const s = *state;
	bool closed;

	wal_checkpointer_close(s->checkpointer);
	closed = s->closed;
	free(s);
	return closed ? 0 : -1;
}

/* Reports a commit with `wal_pages` pages in the WAL, which must start one checkpoint of `checkpointed`
 * pages. */
static void commit_and_checkpoint(struct fake_driver *s, size_t wal_pages, size_t checkpointed)
{
	const int before = s->checkpoints;

	s->checkpointed = checkpointed;
	assert_false(wal_checkpointer_on_commit(s->checkpointer, wal_pages));
	wal_checkpointer_pause(s->checkpointer);
	assert_int_equal(s->checkpoints, before + 1);
}

static void checkpoint_starts_at_the_threshold(void **state)
{
	struct fake_driver *const s = *state;

	assert_false(wal_checkpointer_on_commit(s->checkpointer, 0));
	assert_false(wal_checkpointer_on_commit(s->checkpointer, CHECKPOINT_START_PAGES - 1));
	wal_checkpointer_pause(s->checkpointer);
	assert_int_equal(s->checkpoints, 0);
	commit_and_checkpoint(s, CHECKPOINT_START_PAGES, 0);
	commit_and_checkpoint(s, CHECKPOINT_START_PAGES + 1, 0);
}

static void small_rest_is_left_to_the_writer(void **state)
{
	static const struct {
		const char *name;
		size_t pages_left;
		bool writer_must;
		int checkpoints;
	} rows[] = {
		{ "nothing is left", 0, true, 0 },
		{ "small rest", CHECKPOINT_REST_PAGES - 1, true, 0 },
		{ "largest rest", CHECKPOINT_REST_PAGES, true, 0 },
		{ "more than a rest", CHECKPOINT_REST_PAGES + 1, false, 1 },
		{ "threshold reached again", CHECKPOINT_START_PAGES, false, 1 },
	};
	const size_t checkpointed = 1000;
	struct fake_driver *const s = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		wal_checkpointer_resume(s->checkpointer);
		commit_and_checkpoint(s, CHECKPOINT_START_PAGES, checkpointed);
		s->checkpoints = 0;
		print_message("# %s\n", rows[i].name);
		assert_int_equal(
			wal_checkpointer_on_commit(s->checkpointer, checkpointed + rows[i].pages_left),
			rows[i].writer_must);
		wal_checkpointer_pause(s->checkpointer);
		assert_int_equal(s->checkpoints, rows[i].checkpoints);
	}
}

/* While a long reader runs, for example a backup, checkpoints make no progress. The next one is tried only
 * when the WAL has grown by the start threshold again. Otherwise each commit would start a checkpoint without
 * effect. */
static void incomplete_checkpoint_is_retried_at_the_threshold(void **state)
{
	const size_t checkpointed = 1000;
	struct fake_driver *const s = *state;

	commit_and_checkpoint(s, CHECKPOINT_START_PAGES, checkpointed);
	commit_and_checkpoint(s, checkpointed + CHECKPOINT_REST_PAGES + 1, checkpointed);
	assert_false(wal_checkpointer_on_commit(s->checkpointer, checkpointed + CHECKPOINT_START_PAGES - 1));
	wal_checkpointer_pause(s->checkpointer);
	assert_int_equal(s->checkpoints, 2);
	commit_and_checkpoint(s, checkpointed + CHECKPOINT_START_PAGES, checkpointed + 1);
	commit_and_checkpoint(s, checkpointed + 1 + CHECKPOINT_REST_PAGES + 1, checkpointed + 2);
}

static void writer_must_checkpoint_at_the_maximum(void **state)
{
	struct fake_driver *const s = *state;

	s->held = true;
	assert_false(wal_checkpointer_on_commit(s->checkpointer, CHECKPOINT_START_PAGES));
	assert_false(wal_checkpointer_on_commit(s->checkpointer, CHECKPOINT_MAX_PAGES - 1));
	assert_true(wal_checkpointer_on_commit(s->checkpointer, CHECKPOINT_MAX_PAGES));
	assert_true(wal_checkpointer_on_commit(s->checkpointer, CHECKPOINT_MAX_PAGES + 1));
	s->held = false;
	wal_checkpointer_pause(s->checkpointer);
	assert_int_equal(s->checkpoints, 1); /* only one checkpoint at a time */
	assert_true(wal_checkpointer_on_commit(s->checkpointer, CHECKPOINT_MAX_PAGES));
	assert_int_equal(s->checkpoints, 1);
}

/* While a long read transaction runs, a checkpoint by the writer has no effect. So until the WAL restarts,
 * the writer tries a checkpoint only when the WAL has doubled since its previous try. */
static void long_reader_does_not_slow_every_commit(void **state)
{
	static const struct {
		size_t wal_pages;
		bool writer_must;
	} rows[] = {
		{ CHECKPOINT_MAX_PAGES, true },
		{ CHECKPOINT_MAX_PAGES + 1,
			false }, /* the WAL still grows, so the next try is at twice this size */
		{ 2 * CHECKPOINT_MAX_PAGES + 1, false },
		{ 2 * CHECKPOINT_MAX_PAGES + 2, true },
		{ 2 * CHECKPOINT_MAX_PAGES + 3, false },
		{ 4 * CHECKPOINT_MAX_PAGES + 5, false },
		{ 4 * CHECKPOINT_MAX_PAGES + 6, true },
		{ 10, false }, /* the WAL has restarted */
		{ CHECKPOINT_MAX_PAGES - 1, false },
		{ CHECKPOINT_MAX_PAGES, true },
	};
	struct fake_driver *const s = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		print_message("# %zu\n", rows[i].wal_pages);
		assert_int_equal(
			wal_checkpointer_on_commit(s->checkpointer, rows[i].wal_pages), rows[i].writer_must);
		wal_checkpointer_pause(s->checkpointer);
		if (rows[i].writer_must)
			wal_checkpointer_resume(s->checkpointer);
	}
	assert_true(s->checkpoints > 0);
}

static void restarted_wal_has_no_rest(void **state)
{
	struct fake_driver *const s = *state;

	commit_and_checkpoint(s, CHECKPOINT_START_PAGES, CHECKPOINT_START_PAGES);
	assert_false(wal_checkpointer_on_commit(s->checkpointer, CHECKPOINT_START_PAGES - 1));
	commit_and_checkpoint(s, CHECKPOINT_START_PAGES, CHECKPOINT_START_PAGES);
	wal_checkpointer_resume(s->checkpointer);
	assert_false(wal_checkpointer_on_commit(s->checkpointer, CHECKPOINT_START_PAGES - 1));
	wal_checkpointer_pause(s->checkpointer);
	assert_int_equal(s->checkpoints, 2);
}

static void failed_checkpoint_is_retried(void **state)
{
	struct fake_driver *const s = *state;

	s->result = ERR_BUSY;
	commit_and_checkpoint(s, CHECKPOINT_START_PAGES, CHECKPOINT_START_PAGES);
	s->result = OK;
	commit_and_checkpoint(s, CHECKPOINT_START_PAGES, CHECKPOINT_START_PAGES);
	assert_true(wal_checkpointer_on_commit(s->checkpointer, CHECKPOINT_START_PAGES));
}

static void end_checkpoint_later(void *arg)
{
	struct fake_driver *const s = arg;

	for (int i = 0; i < 1000; i++)
		sched_yield();
	s->held = false;
}

/* wal_checkpointer_pause() and wal_checkpointer_close() return after the running checkpoint has ended. */
static void pause_and_close_wait_for_the_checkpoint(void **state)
{
	struct fake_driver *const s = *state;
	struct thread thread;

	s->held = true;
	assert_false(wal_checkpointer_on_commit(s->checkpointer, CHECKPOINT_START_PAGES));
	assert_int_equal(thread_start(&thread, end_checkpoint_later, s), OK);
	wal_checkpointer_pause(s->checkpointer);
	assert_false(s->held);
	thread_join(&thread);
	assert_false(wal_checkpointer_on_commit(s->checkpointer, CHECKPOINT_START_PAGES));
	wal_checkpointer_close(s->checkpointer);
	assert_int_equal(s->checkpoints, 2); /* a requested checkpoint runs before the close */
	assert_int_equal(wal_checkpointer_open(&s->base, &s->checkpointer), OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(checkpoint_starts_at_the_threshold),
		TEST(small_rest_is_left_to_the_writer),
		TEST(incomplete_checkpoint_is_retried_at_the_threshold),
		TEST(writer_must_checkpoint_at_the_maximum),
		TEST(long_reader_does_not_slow_every_commit),
		TEST(restarted_wal_has_no_rest),
		TEST(failed_checkpoint_is_retried),
		TEST(pause_and_close_wait_for_the_checkpoint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
