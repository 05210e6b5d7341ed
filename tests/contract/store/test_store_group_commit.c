/* Tests of the writer with group commit, with a driver that fails on demand: which transactions are committed
 * or rolled back together, and the limits of queue, group and waiting time. */
#include "stores.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "store/sqlite/driver.h"
#include "store/sqlite/group_commit.h"
#include "store/sqlite/single_writer_store.h"

#define JOBS 4

/* A driver that forwards its calls to another driver and fails on demand. */
struct faulty {
	struct sql base;
	struct sql *inner;
	int calls_until_failure; /* number of the driver call that fails: 1 is the next one, 0 none */
	bool rolls_back;	 /* the failing call also rolls back the transaction, as a full disk does */
	int commits;
};

static struct faulty *faulty_from_base(struct sql *sql)
{
	return container_of(sql, struct faulty, base);
}

static bool fails_now(struct sql *sql)
{
	struct faulty *const f = faulty_from_base(sql);

	if (f->calls_until_failure == 0 || --f->calls_until_failure > 0)
		return false;
	if (f->rolls_back)
		f->inner->ops->rollback(f->inner);
	return true;
}

static enum err faulty_begin(struct sql *sql, bool writing)
{
	return fails_now(sql)
		       ? ERR_STORAGE
		       : faulty_from_base(sql)->inner->ops->begin(faulty_from_base(sql)->inner, writing);
}

static enum err faulty_savepoint(struct sql *sql)
{
	return fails_now(sql) ? ERR_STORAGE
			      : faulty_from_base(sql)->inner->ops->savepoint(faulty_from_base(sql)->inner);
}

static enum err faulty_release_savepoint(struct sql *sql)
{
	return fails_now(sql)
		       ? ERR_STORAGE
		       : faulty_from_base(sql)->inner->ops->release_savepoint(faulty_from_base(sql)->inner);
}

static enum err faulty_rollback_to_savepoint(struct sql *sql)
{
	return fails_now(sql) ? ERR_STORAGE
			      : faulty_from_base(sql)->inner->ops->rollback_to_savepoint(
					faulty_from_base(sql)->inner);
}

static enum err faulty_commit(struct sql *sql)
{
	if (fails_now(sql))
		return ERR_STORAGE;
	faulty_from_base(sql)->commits++;
	return faulty_from_base(sql)->inner->ops->commit(faulty_from_base(sql)->inner);
}

static void faulty_rollback(struct sql *sql)
{
	faulty_from_base(sql)->inner->ops->rollback(faulty_from_base(sql)->inner);
}

static enum err faulty_run(struct sql *sql, const struct sql_call *call, size_t *rows)
{
	return fails_now(sql)
		       ? ERR_STORAGE
		       : faulty_from_base(sql)->inner->ops->run(faulty_from_base(sql)->inner, call, rows);
}

static size_t faulty_wal_pages(struct sql *sql)
{
	return faulty_from_base(sql)->inner->ops->wal_pages(faulty_from_base(sql)->inner);
}

static void faulty_checkpoint(struct sql *sql)
{
	faulty_from_base(sql)->inner->ops->checkpoint(faulty_from_base(sql)->inner);
}

static enum err faulty_check_files(struct sql *sql)
{
	return faulty_from_base(sql)->inner->ops->check_files(faulty_from_base(sql)->inner);
}

static void faulty_close(struct sql *sql)
{
	faulty_from_base(sql)->inner->ops->close(faulty_from_base(sql)->inner);
}

static const struct sql_ops faulty_ops = {
	.begin = faulty_begin,
	.savepoint = faulty_savepoint,
	.release_savepoint = faulty_release_savepoint,
	.rollback_to_savepoint = faulty_rollback_to_savepoint,
	.commit = faulty_commit,
	.rollback = faulty_rollback,
	.run = faulty_run,
	.wal_pages = faulty_wal_pages,
	.checkpoint = faulty_checkpoint,
	.check_files = faulty_check_files,
	.close = faulty_close,
};

struct group_fixture {
	struct fixture f;
	struct faulty driver;
	_Atomic bool entered, left; /* the blocking job has begun, or has ended */
	_Atomic bool open;	    /* ends the blocking job when true */
	int queue;	    /* the blocking job also ends when this number of jobs waits; -1: it does not */
	int64_t blocks_for; /* the blocking job advances the clock by this; microseconds */
	int notifications;  /* calls of the on_commit callback */
};

static _Atomic int64_t clock_micros;

static int64_t micros(void)
{
	return clock_micros;
}

static struct sql *open_driver(
	struct group_fixture *s, enum connection_mode mode, const struct statements *statements)
{
	struct sql *sql = NULL;

	assert_int_equal(sqlite_driver_open(s->f.path, mode, &sql), OK);
	assert_int_equal(sql->ops->prepare(sql, statements, mode == CONNECTION_READ_WRITE), OK);
	return sql;
}

static void fixture_open(struct group_fixture *s, size_t queue)
{
	struct single_writer_conf conf = { .readers = 1, .queue = queue, .micros = micros };
	struct str why = STR("");

	arena_init(&s->f.arena, ARENA_TEST_LIMIT);
	folder_make(&s->f);
	assert_int_equal(sqlite_store_migrate(str_of(s->f.path), CREATE_FIRST, NULL, &s->f.arena, &why), OK);
	assert_int_equal(statements_open(&conf.statements), OK);
	s->driver.base.ops = &faulty_ops;
	s->driver.inner = open_driver(s, CONNECTION_READ_WRITE, conf.statements);
	conf.writer = &s->driver.base;
	conf.reader = open_driver(s, CONNECTION_READ_ONLY, conf.statements);
	assert_int_equal(single_writer_store_open(&conf, &s->f.store), OK);
}

static void fixture_close(struct group_fixture *s)
{
	s->f.store->ops->close(s->f.store);
	arena_finish(&s->f.arena);
	folder_remove(&s->f);
}

static int set_up(void **state)
{
	struct group_fixture *const s = calloc(1, sizeof(*s));

	assert_non_null(s);
	metrics_reset();
	fixture_open(s, JOBS);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	fixture_close(*state);
	free(*state);
	return 0;
}

/* A thread with one job, which writes the rows month, month + 1, … of its own tenant. */
struct job {
	struct group_fixture *fixture;
	struct thread thread;
	struct quota row;
	int rows;
	bool blocks, enqueues_effect, low_priority;
	enum err result; /* returned by the job */
	_Atomic bool ran;
	enum err outcome;
};

/* The number of tries is limited, so that an error fails the test instead of blocking it. */
static void wait_until_queued(int n, const _Atomic bool *open)
{
	for (int64_t i = 0; metric_read(METRIC_QUEUE_DEPTH, 0, 0) != n && !*open; i++) {
		assert_true(i < (int64_t)100 * 1000 * 1000);
		sched_yield();
	}
}

static enum err job_work(struct tx *tx, void *arg)
{
	struct job *const m = arg;
	struct quota row = m->row;
	const bool first = !m->ran; /* otherwise the job runs again after another job of its group failed */

	m->ran = true;
	for (int i = 0; i < m->rows; i++, row.month++)
		TRY(store_add_quota(tx, &row));
	if (m->enqueues_effect) {
		struct effect effect = { .id = { "" } };

		memcpy(effect.id.text, row.tenant_id.text, sizeof(effect.id.text));
		TRY(store_enqueue_effect(tx, &effect));
	}
	if (m->blocks && first) {
		m->fixture->entered = true;
		wait_until_queued(m->fixture->queue, &m->fixture->open);
		clock_micros += m->fixture->blocks_for;
	}
	return m->result;
}

static void job_run(void *arg)
{
	struct job *const m = arg;
	struct arena arena;

	arena_init(&arena, ARENA_CALL_LIMIT);
	m->outcome = store_transact(
		m->fixture->f.store, m->low_priority ? TX_WRITE_LOW_PRIORITY : TX_WRITE, &arena, job_work, m);
	if (m->blocks)
		m->fixture->left = true;
	arena_finish(&arena);
}

static void start_jobs_behind_blocker(struct group_fixture *s, struct job *jobs, int n)
{
	s->entered = s->left = s->open = false;
	for (int i = 0; i < n; i++) {
		jobs[i].fixture = s;
		jobs[i].blocks = i == 0;
		assert_int_equal(thread_start(&jobs[i].thread, job_run, &jobs[i]), OK);
		while (i == 0 && !s->entered && !s->left)
			sched_yield();
	}
}

/* Starts `n` jobs. The first one blocks the writer until all others wait. */
static void start_jobs(struct group_fixture *s, struct job *jobs, int n)
{
	s->queue = n - 1;
	start_jobs_behind_blocker(s, jobs, n);
}

/* Starts `n` jobs. The first one blocks the writer until the test sets `open`. When this function returns,
 * all other jobs wait. */
static void start_jobs_and_hold(struct group_fixture *s, struct job *jobs, int n)
{
	s->queue = -1;
	start_jobs_behind_blocker(s, jobs, n);
	wait_until_queued(n - 1, &s->open);
}

static void join_jobs(struct job *jobs, int n)
{
	for (int i = 0; i < n; i++)
		thread_join(&jobs[i].thread);
}

/* Returns whether the rows of the job are stored. Asserts that either all or none of them are. */
static bool is_stored(struct group_fixture *s, const struct job *m)
{
	struct quota row = m->row;
	int there = 0;

	for (int i = 0; i < m->rows; i++, row.month++)
		there += run_action(&s->f, s->f.store, DO_LOAD, RECORD_QUOTA, &row) == OK;
	assert_true(there == 0 || there == m->rows);
	return there > 0;
}

/* Makes four jobs: the blocking one, one that succeeds, one that returns an error, and one with two rows. */
static void make_jobs(struct job *jobs, int round)
{
	memset(jobs, 0, sizeof(*jobs) * JOBS);
	for (int i = 0; i < JOBS; i++) {
		(void)snprintf(jobs[i].row.tenant_id.text, ID_SIZE, "%d-%d", round, i);
		jobs[i].rows = i == 3 ? 2 : 1;
		jobs[i].result = i == 2 ? ERR_UPSTREAM : OK;
	}
}

static void failed_job_does_not_affect_its_group(void **state)
{
	struct group_fixture *const s = *state;
	struct job jobs[JOBS];

	make_jobs(jobs, 0);
	s->driver.commits = 0;
	start_jobs(s, jobs, JOBS);
	join_jobs(jobs, JOBS);
	for (int i = 0; i < JOBS; i++) {
		assert_int_equal(jobs[i].outcome, jobs[i].result);
		assert_int_equal(is_stored(s, &jobs[i]), i != 2);
	}
	assert_int_equal(s->driver.commits, 1);
	assert_int_equal(metric_read(METRIC_GROUP_SIZE, 0, 0), 1);
	assert_int_equal(metric_read(METRIC_COMMIT_DURATION, 0, 0), 1);
}

/* The group of the blocking job takes the high-priority job and leaves the low-priority jobs to the next
 * group. */
static void low_priority_job_waits_for_the_next_group(void **state)
{
	struct group_fixture *const s = *state;
	struct job jobs[JOBS];

	make_jobs(jobs, 0);
	jobs[1].low_priority = jobs[3].low_priority = true;
	jobs[2].result = OK;
	s->driver.commits = 0;
	start_jobs(s, jobs, JOBS);
	join_jobs(jobs, JOBS);
	for (int i = 0; i < JOBS; i++) {
		assert_int_equal(jobs[i].outcome, OK);
		assert_true(is_stored(s, &jobs[i]));
	}
	assert_int_equal(s->driver.commits, 2);
	assert_int_equal(metric_read(METRIC_GROUP_SIZE, 0, 0), 2);
}

static void run_with_fault(struct group_fixture *s, int round, int fault, bool rolls_back)
{
	struct job jobs[JOBS];
	struct quota after = { .tenant_id = { "" }, .month = 1 };

	make_jobs(jobs, round);
	s->driver.calls_until_failure = fault;
	s->driver.rolls_back = rolls_back;
	start_jobs(s, jobs, JOBS);
	join_jobs(jobs, JOBS);
	for (int i = 0; i < JOBS; i++) {
		assert_int_equal(jobs[i].outcome == OK, is_stored(s, &jobs[i]));
		assert_true(jobs[i].outcome == jobs[i].result || jobs[i].outcome == ERR_STORAGE);
	}
	if (s->driver.calls_until_failure > 0)
		return;
	(void)snprintf(after.tenant_id.text, ID_SIZE, "after-%d", round);
	assert_int_equal(run_action(&s->f, s->f.store, DO_ADD, RECORD_QUOTA, &after), OK);
	assert_int_equal(run_action(&s->f, s->f.store, DO_LOAD, RECORD_QUOTA, &after), OK);
}

/* Lets the first driver call fail, then the second, and so on, until a run has fewer calls. */
static void every_driver_call_may_fail(void **state)
{
	struct group_fixture *const s = *state;
	int fault = 0;

	do {
		fault++;
		run_with_fault(s, fault * 2, fault, false);
		if (s->driver.calls_until_failure == 0)
			run_with_fault(s, fault * 2 + 1, fault, true);
	} while (s->driver.calls_until_failure == 0);
	/* A complete run makes at least these driver calls: begin, and the rows of the blocking and the
	 * failing job; then for the repeated group: begin, four savepoints and their ends, five rows, commit.
	 */
	assert_true(fault > 1 + 2 + 2 + 8 + 5);
	s->driver.calls_until_failure = 0;
}

static void failed_commit_fails_the_whole_group(void **state)
{
	struct group_fixture *const s = *state;
	struct job jobs[JOBS];

	make_jobs(jobs, 0);
	for (int i = 0; i < JOBS; i++)
		jobs[i].result = OK;
	/* The commit fails; it is preceded by begin and the rows of all jobs, of which the last has two. */
	s->driver.calls_until_failure = 1 + JOBS + 1 + 1;
	start_jobs(s, jobs, JOBS);
	join_jobs(jobs, JOBS);
	assert_int_equal(s->driver.calls_until_failure, 0);
	for (int i = 0; i < JOBS; i++) {
		assert_int_equal(jobs[i].outcome, ERR_STORAGE);
		assert_false(is_stored(s, &jobs[i]));
	}
}

static void full_queue_rejects_at_once(void **state)
{
	struct group_fixture *const s = *state;
	struct job jobs[JOBS + 1], more = { .fixture = s, .row = { .tenant_id = { "more" } }, .rows = 1 };

	memset(jobs, 0, sizeof(jobs));
	for (int i = 0; i < JOBS + 1; i++) {
		(void)snprintf(jobs[i].row.tenant_id.text, ID_SIZE, "%d", i);
		jobs[i].rows = 1;
	}
	start_jobs_and_hold(s, jobs, JOBS + 1);
	job_run(&more);
	assert_int_equal(more.outcome, ERR_BUSY);
	assert_false(more.ran);
	s->open = true;
	join_jobs(jobs, JOBS + 1);
	for (int i = 0; i < JOBS + 1; i++)
		assert_int_equal(jobs[i].outcome, OK);
	job_run(&more);
	assert_int_equal(more.outcome, OK);
}

static void job_that_waited_too_long_is_rejected(void **state)
{
	static const struct {
		const char *name;
		int64_t waited;
		enum err expected;
	} rows[] = {
		{ "just in time", WRITER_DEADLINE - 1, OK },
		{ "at the deadline", WRITER_DEADLINE, OK },
		{ "too late", WRITER_DEADLINE + 1, ERR_BUSY },
	};
	struct group_fixture *const s = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		struct job jobs[2];

		memset(jobs, 0, sizeof(jobs));
		(void)snprintf(jobs[1].row.tenant_id.text, ID_SIZE, "%s", rows[i].name);
		jobs[1].rows = 1;
		s->blocks_for = rows[i].waited;
		start_jobs(s, jobs, 2);
		join_jobs(jobs, 2);
		assert_int_equal(jobs[0].outcome, OK);
		assert_int_equal(jobs[1].outcome, rows[i].expected);
		assert_int_equal(jobs[1].ran, rows[i].expected == OK);
		assert_int_equal(is_stored(s, &jobs[1]), rows[i].expected == OK);
	}
}

static void group_ends_after_its_time_limit(void **state)
{
	static const struct {
		int64_t blocks_for;
		int commits;
	} rows[] = {
		{ WRITER_GROUP_TIME - 1, 1 },
		{ WRITER_GROUP_TIME, 2 },
		{ WRITER_GROUP_TIME + 1, 2 },
	};
	struct group_fixture *const s = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		struct job jobs[JOBS];

		make_jobs(jobs, (int)i);
		s->blocks_for = rows[i].blocks_for;
		s->driver.commits = 0;
		start_jobs(s, jobs, JOBS);
		join_jobs(jobs, JOBS);
		assert_int_equal(s->driver.commits, rows[i].commits);
		assert_true(is_stored(s, &jobs[3]));
	}
}

static void group_has_a_maximum_size(void **state)
{
	static struct job jobs[WRITER_GROUP_MAX + 1];
	struct group_fixture *const s = *state;

	fixture_close(s);
	fixture_open(s, WRITER_QUEUE_MAX);
	s->blocks_for = 0;
	for (int more = 0; more <= 1; more++) {
		memset(jobs, 0, sizeof(jobs));
		s->driver.commits = 0;
		start_jobs(s, jobs, WRITER_GROUP_MAX + more);
		join_jobs(jobs, WRITER_GROUP_MAX + more);
		assert_int_equal(s->driver.commits, 1 + more);
	}
}

static void count_notification(void *arg, unsigned added)
{
	struct group_fixture *const s = arg;

	assert_int_equal(added, ADDED_MAIL);
	s->notifications++;
}

static void on_commit_is_called_once_per_group(void **state)
{
	struct group_fixture *const s = *state;
	struct job jobs[JOBS];

	s->f.store->ops->on_commit(s->f.store, count_notification, s);
	make_jobs(jobs, 0);
	for (int i = 0; i < JOBS; i++)
		jobs[i].enqueues_effect = true;
	start_jobs(s, jobs, JOBS);
	join_jobs(jobs, JOBS);
	assert_int_equal(s->notifications, 1);
	assert_int_equal(jobs[2].outcome, ERR_UPSTREAM);

	/* The job that enqueues an effect returns an error. */
	make_jobs(jobs, 1);
	jobs[2].enqueues_effect = true;
	start_jobs(s, jobs, JOBS);
	join_jobs(jobs, JOBS);
	assert_int_equal(s->notifications, 1);

	/* The fourth driver call fails, the commit. The calls are begin, row, effect and commit. */
	make_jobs(jobs, 2);
	jobs[0].enqueues_effect = true;
	s->driver.calls_until_failure = 4;
	start_jobs(s, jobs, 1);
	join_jobs(jobs, 1);
	assert_int_equal(jobs[0].outcome, ERR_STORAGE);
	assert_int_equal(s->notifications, 1);
}

/* ready() returns the result of the latest commit if that was within the last second. Otherwise it makes a
 * test write and returns its result. */
static void ready_reports_recent_or_probed_writes(void **state)
{
	struct group_fixture *const s = *state;
	struct quota row = { .tenant_id = { "r" } };
	struct store *const store = s->f.store;

	clock_micros += WRITER_FRESH;
	/* The driver calls are begin, row of the test write, and commit, which fails. */
	s->driver.calls_until_failure = 3;
	assert_int_equal(store->ops->ready(store), ERR_STORAGE);
	assert_int_equal(s->driver.calls_until_failure, 0);
	clock_micros += WRITER_FRESH - 1;
	assert_int_equal(run_action(&s->f, store, DO_ADD, RECORD_QUOTA, &row), OK);
	/* While the latest commit is recent, ready() does not call the driver. */
	s->driver.calls_until_failure = 1;
	clock_micros += WRITER_FRESH - 1;
	assert_int_equal(store->ops->ready(store), OK);
	assert_int_equal(s->driver.calls_until_failure, 1);
	clock_micros += 1;
	assert_int_equal(store->ops->ready(store), ERR_STORAGE);
	clock_micros += WRITER_FRESH;
	assert_int_equal(store->ops->ready(store), OK);
}

static void close_store(void *arg)
{
	struct group_fixture *const s = arg;

	s->f.store->ops->close(s->f.store);
}

static void waiting_jobs_are_written_before_close(void **state)
{
	struct group_fixture *const s = *state;
	struct job jobs[JOBS];
	struct thread closing;

	make_jobs(jobs, 0);
	start_jobs_and_hold(s, jobs, JOBS);
	assert_int_equal(thread_start(&closing, close_store, s), OK);
	s->open = true;
	join_jobs(jobs, JOBS);
	thread_join(&closing);
	s->f.store = sqlite_open(&s->f, 0);
	for (int i = 0; i < JOBS; i++) {
		assert_int_equal(jobs[i].outcome, jobs[i].result);
		assert_int_equal(is_stored(s, &jobs[i]), i != 2);
	}
}

static char logged[256];

static void save_log_line(void *arg, struct str line)
{
	(void)arg;
	assert_true(str_copy_to(line, logged, sizeof(logged)));
}

static void slow_job_is_logged(void **state)
{
	struct group_fixture *const s = *state;
	struct job jobs[1];

	log_sink_set(save_log_line, NULL);
	for (int more = 0; more <= 1; more++) {
		memset(jobs, 0, sizeof(jobs));
		logged[0] = '\0';
		s->blocks_for = WRITER_SLOW + more;
		start_jobs(s, jobs, 1);
		join_jobs(jobs, 1);
		assert_int_equal(strstr(logged, "slow_job") != NULL, more);
	}
	log_sink_set(NULL, NULL);
	assert_non_null(strstr(logged, "level=warn"));
	assert_non_null(strstr(logged, "ms=20"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(failed_job_does_not_affect_its_group),
		TEST(low_priority_job_waits_for_the_next_group),
		TEST(every_driver_call_may_fail),
		TEST(failed_commit_fails_the_whole_group),
		TEST(full_queue_rejects_at_once),
		TEST(job_that_waited_too_long_is_rejected),
		TEST(group_ends_after_its_time_limit),
		TEST(group_has_a_maximum_size),
		TEST(on_commit_is_called_once_per_group),
		TEST(ready_reports_recent_or_probed_writes),
		TEST(waiting_jobs_are_written_before_close),
		TEST(slow_job_is_logged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
