/* The grouped writer over a driver that fails when it is told to: what stands and what falls together, the
 * bounds of queue, group and waiting. */
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

#define CREW 4

/* A driver around another one. */
struct faulty {
	struct sql base;
	struct sql *inner;
	int until; /* the call that fails: 1 is the next one, 0 none */
	bool ends; /* the fault ends the transaction, as a full disk does */
	int commits;
};

static struct faulty *mine(struct sql *sql)
{
	return container_of(sql, struct faulty, base);
}

static bool fails(struct sql *sql)
{
	struct faulty *const f = mine(sql);

	if (f->until == 0 || --f->until > 0)
		return false;
	if (f->ends)
		f->inner->ops->rollback(f->inner);
	return true;
}

static enum err faulty_begin(struct sql *sql, bool writing)
{
	return fails(sql) ? ERR_STORAGE : mine(sql)->inner->ops->begin(mine(sql)->inner, writing);
}

static enum err faulty_mark(struct sql *sql)
{
	return fails(sql) ? ERR_STORAGE : mine(sql)->inner->ops->savepoint(mine(sql)->inner);
}

static enum err faulty_keep(struct sql *sql)
{
	return fails(sql) ? ERR_STORAGE : mine(sql)->inner->ops->release_savepoint(mine(sql)->inner);
}

static enum err faulty_undo(struct sql *sql)
{
	return fails(sql) ? ERR_STORAGE : mine(sql)->inner->ops->rollback_to_savepoint(mine(sql)->inner);
}

static enum err faulty_commit(struct sql *sql)
{
	if (fails(sql))
		return ERR_STORAGE;
	mine(sql)->commits++;
	return mine(sql)->inner->ops->commit(mine(sql)->inner);
}

static void faulty_rollback(struct sql *sql)
{
	mine(sql)->inner->ops->rollback(mine(sql)->inner);
}

static enum err faulty_run(struct sql *sql, const struct sql_call *call, size_t *rows)
{
	return fails(sql) ? ERR_STORAGE : mine(sql)->inner->ops->run(mine(sql)->inner, call, rows);
}

static size_t faulty_log_pages(struct sql *sql)
{
	return mine(sql)->inner->ops->wal_pages(mine(sql)->inner);
}

static void faulty_checkpoint(struct sql *sql)
{
	mine(sql)->inner->ops->checkpoint(mine(sql)->inner);
}

static void faulty_close(struct sql *sql)
{
	mine(sql)->inner->ops->close(mine(sql)->inner);
}

static const struct sql_ops faulty_ops = {
	.begin = faulty_begin,
	.savepoint = faulty_mark,
	.release_savepoint = faulty_keep,
	.rollback_to_savepoint = faulty_undo,
	.commit = faulty_commit,
	.rollback = faulty_rollback,
	.run = faulty_run,
	.wal_pages = faulty_log_pages,
	.checkpoint = faulty_checkpoint,
	.close = faulty_close,
};

struct scene {
	struct fixture f;
	struct faulty driver;
	_Atomic bool entered, left; /* the job at the gate */
	_Atomic bool open;	    /* it leaves when this is set … */
	int queue;		    /* … or so many wait behind it … */
	int64_t takes;		    /* … and takes so long, in microseconds of the store's clock */
	int rings;
};

static _Atomic int64_t clock_micros;

static int64_t micros(void)
{
	return clock_micros;
}

static struct sql *connected(struct scene *s, enum connection_mode use, const struct statements *statements)
{
	struct sql *sql = NULL;

	assert_int_equal(sqlite_driver_open(s->f.path, use, &sql), OK);
	assert_int_equal(sql->ops->prepare(sql, statements, use == CONNECTION_READ_WRITE), OK);
	return sql;
}

static void open_scene(struct scene *s, size_t queue)
{
	struct single_writer_conf conf = { .readers = 1, .queue = queue, .micros = micros };
	struct str why = STR("");

	arena_init(&s->f.arena, ARENA_TEST_LIMIT);
	folder_make(&s->f);
	assert_int_equal(sqlite_store_migrate(str_of(s->f.path), NULL, &s->f.arena, &why), OK);
	assert_int_equal(statements_open(&conf.statements), OK);
	s->driver.base.ops = &faulty_ops;
	s->driver.inner = connected(s, CONNECTION_READ_WRITE, conf.statements);
	conf.writer = &s->driver.base;
	conf.reader = connected(s, CONNECTION_READ_ONLY, conf.statements);
	assert_int_equal(single_writer_store_open(&conf, &s->f.store), OK);
}

static void close_scene(struct scene *s)
{
	s->f.store->ops->close(s->f.store);
	arena_finish(&s->f.arena);
	folder_remove(&s->f);
}

static int set_up(void **state)
{
	struct scene *const s = calloc(1, sizeof(*s));

	assert_non_null(s);
	metrics_reset();
	open_scene(s, CREW);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	close_scene(*state);
	free(*state);
	return 0;
}

/* One thread and its one job: writes the rows month, month + 1, … of its own tenant. */
struct member {
	struct scene *scene;
	struct thread thread;
	struct quota row;
	int rows;
	bool gate, notes_effect, patient;
	enum err answer; /* of the work */
	_Atomic bool ran;
	enum err outcome;
};

/* Bounded far beyond the longest that it may take, so that a fault ends the test. */
static void wait_until_queued(int n, const _Atomic bool *open)
{
	for (int64_t i = 0; metric_read(METRIC_QUEUE_DEPTH, 0, 0) != n && !*open; i++) {
		assert_true(i < (int64_t)100 * 1000 * 1000);
		sched_yield();
	}
}

static enum err member_work(struct tx *tx, void *arg)
{
	struct member *const m = arg;
	struct quota row = m->row;
	const bool first = !m->ran; /* else another's failure took it along */

	m->ran = true;
	for (int i = 0; i < m->rows; i++, row.month++)
		TRY(store_add_quota(tx, &row));
	if (m->notes_effect) {
		struct effect effect = { .id = { "" } };

		memcpy(effect.id.text, row.tenant_id.text, sizeof(effect.id.text));
		TRY(store_enqueue_effect(tx, &effect));
	}
	if (m->gate && first) {
		m->scene->entered = true;
		wait_until_queued(m->scene->queue, &m->scene->open);
		clock_micros += m->scene->takes;
	}
	return m->answer;
}

static void member_run(void *arg)
{
	struct member *const m = arg;
	struct arena arena;

	arena_init(&arena, ARENA_CALL_LIMIT);
	m->outcome = store_transact(
		m->scene->f.store, m->patient ? TX_WRITE_LOW_PRIORITY : TX_WRITE, &arena, member_work, m);
	if (m->gate)
		m->scene->left = true;
	arena_finish(&arena);
}

static void start_behind_gate(struct scene *s, struct member *members, int n)
{
	s->entered = s->left = s->open = false;
	for (int i = 0; i < n; i++) {
		members[i].scene = s;
		members[i].gate = i == 0;
		assert_int_equal(thread_start(&members[i].thread, member_run, &members[i]), OK);
		while (i == 0 && !s->entered && !s->left)
			sched_yield();
	}
}

/* The first holds the gate until all others wait behind it. */
static void start(struct scene *s, struct member *members, int n)
{
	s->queue = n - 1;
	start_behind_gate(s, members, n);
}

/* The first holds the gate until the test opens it; all others wait when this returns. */
static void start_closed(struct scene *s, struct member *members, int n)
{
	s->queue = -1;
	start_behind_gate(s, members, n);
	wait_until_queued(n - 1, &s->open);
}

static void finish(struct member *members, int n)
{
	for (int i = 0; i < n; i++)
		thread_join(&members[i].thread);
}

/* All rows of the job are there, or none. */
static bool stands(struct scene *s, const struct member *m)
{
	struct quota row = m->row;
	int there = 0;

	for (int i = 0; i < m->rows; i++, row.month++)
		there += run_action(&s->f, s->f.store, DO_LOAD, RECORD_QUOTA, &row) == OK;
	assert_true(there == 0 || there == m->rows);
	return there > 0;
}

/* The gate's job, one that is fine, one that fails by itself, and a longer one. */
static void make_crew(struct member *members, int round)
{
	memset(members, 0, sizeof(*members) * CREW);
	for (int i = 0; i < CREW; i++) {
		(void)snprintf(members[i].row.tenant_id.text, ID_SIZE, "%d-%d", round, i);
		members[i].rows = i == 3 ? 2 : 1;
		members[i].answer = i == 2 ? ERR_UPSTREAM : OK;
	}
}

static void a_failing_job_is_undone_alone(void **state)
{
	struct scene *const s = *state;
	struct member members[CREW];

	make_crew(members, 0);
	s->driver.commits = 0;
	start(s, members, CREW);
	finish(members, CREW);
	for (int i = 0; i < CREW; i++) {
		assert_int_equal(members[i].outcome, members[i].answer);
		assert_int_equal(stands(s, &members[i]), i != 2);
	}
	assert_int_equal(s->driver.commits, 1);
	assert_int_equal(metric_read(METRIC_GROUP_SIZE, 0, 0), 1);
	assert_int_equal(metric_read(METRIC_COMMIT_DURATION, 0, 0), 1);
}

/* The group of the one at the gate takes the prompt one along, and leaves the patient ones to the next. */
static void a_patient_job_steps_aside(void **state)
{
	struct scene *const s = *state;
	struct member members[CREW];

	make_crew(members, 0);
	members[1].patient = members[3].patient = true;
	members[2].answer = OK;
	s->driver.commits = 0;
	start(s, members, CREW);
	finish(members, CREW);
	for (int i = 0; i < CREW; i++) {
		assert_int_equal(members[i].outcome, OK);
		assert_true(stands(s, &members[i]));
	}
	assert_int_equal(s->driver.commits, 2);
	assert_int_equal(metric_read(METRIC_GROUP_SIZE, 0, 0), 2);
}

static void try_one_fault(struct scene *s, int round, int fault, bool ends)
{
	struct member members[CREW];
	struct quota after = { .tenant_id = { "" }, .month = 1 };

	make_crew(members, round);
	s->driver.until = fault;
	s->driver.ends = ends;
	start(s, members, CREW);
	finish(members, CREW);
	for (int i = 0; i < CREW; i++) {
		assert_int_equal(members[i].outcome == OK, stands(s, &members[i]));
		assert_true(members[i].outcome == members[i].answer || members[i].outcome == ERR_STORAGE);
	}
	if (s->driver.until > 0)
		return;
	(void)snprintf(after.tenant_id.text, ID_SIZE, "after-%d", round);
	assert_int_equal(run_action(&s->f, s->f.store, DO_ADD, RECORD_QUOTA, &after), OK);
	assert_int_equal(run_action(&s->f, s->f.store, DO_LOAD, RECORD_QUOTA, &after), OK);
}

/* Every call of the driver, in turn, until a round needs fewer calls than that. */
static void each_driver_call_fails_once(void **state)
{
	struct scene *const s = *state;
	int fault = 0;

	do {
		fault++;
		try_one_fault(s, fault * 2, fault, false);
		if (s->driver.until == 0)
			try_one_fault(s, fault * 2 + 1, fault, true);
	} while (s->driver.until == 0);
	/* begin, the gate's row and, at the earliest, the failing one's; then once more: begin, four marks
	 * and ends, five rows, commit */
	assert_true(fault > 1 + 2 + 2 + 8 + 5);
	s->driver.until = 0;
}

static void a_commit_that_fails_fails_them_all(void **state)
{
	struct scene *const s = *state;
	struct member members[CREW];

	make_crew(members, 0);
	for (int i = 0; i < CREW; i++)
		members[i].answer = OK;
	s->driver.until = 1 + CREW + 1 + 1; /* the last has two rows */
	start(s, members, CREW);
	finish(members, CREW);
	assert_int_equal(s->driver.until, 0);
	for (int i = 0; i < CREW; i++) {
		assert_int_equal(members[i].outcome, ERR_STORAGE);
		assert_false(stands(s, &members[i]));
	}
}

static void a_full_queue_refuses_at_once(void **state)
{
	struct scene *const s = *state;
	struct member members[CREW + 1], more = { .scene = s, .row = { .tenant_id = { "more" } }, .rows = 1 };

	memset(members, 0, sizeof(members));
	for (int i = 0; i < CREW + 1; i++) {
		(void)snprintf(members[i].row.tenant_id.text, ID_SIZE, "%d", i);
		members[i].rows = 1;
	}
	start_closed(s, members, CREW + 1);
	member_run(&more);
	assert_int_equal(more.outcome, ERR_BUSY);
	assert_false(more.ran);
	s->open = true;
	finish(members, CREW + 1);
	for (int i = 0; i < CREW + 1; i++)
		assert_int_equal(members[i].outcome, OK);
	member_run(&more);
	assert_int_equal(more.outcome, OK);
}

static void a_job_that_waited_too_long_is_dropped(void **state)
{
	static const struct {
		const char *name;
		int64_t waited;
		enum err want;
	} rows[] = {
		{ "just in time", WRITER_DEADLINE - 1, OK },
		{ "at the deadline", WRITER_DEADLINE, OK },
		{ "too late", WRITER_DEADLINE + 1, ERR_BUSY },
	};
	struct scene *const s = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		struct member members[2];

		memset(members, 0, sizeof(members));
		(void)snprintf(members[1].row.tenant_id.text, ID_SIZE, "%s", rows[i].name);
		members[1].rows = 1;
		s->takes = rows[i].waited;
		start(s, members, 2);
		finish(members, 2);
		assert_int_equal(members[0].outcome, OK);
		assert_int_equal(members[1].outcome, rows[i].want);
		assert_int_equal(members[1].ran, rows[i].want == OK);
		assert_int_equal(stands(s, &members[1]), rows[i].want == OK);
	}
}

static void a_group_ends_when_its_time_is_up(void **state)
{
	static const struct {
		int64_t takes;
		int commits;
	} rows[] = {
		{ WRITER_GROUP_TIME - 1, 1 },
		{ WRITER_GROUP_TIME, 2 },
		{ WRITER_GROUP_TIME + 1, 2 },
	};
	struct scene *const s = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		struct member members[CREW];

		make_crew(members, (int)i);
		s->takes = rows[i].takes;
		s->driver.commits = 0;
		start(s, members, CREW);
		finish(members, CREW);
		assert_int_equal(s->driver.commits, rows[i].commits);
		assert_true(stands(s, &members[3]));
	}
}

static void a_group_has_a_largest_size(void **state)
{
	static struct member members[WRITER_GROUP_MAX + 1];
	struct scene *const s = *state;

	close_scene(s);
	open_scene(s, WRITER_QUEUE_MAX);
	s->takes = 0;
	for (int more = 0; more <= 1; more++) {
		memset(members, 0, sizeof(members));
		s->driver.commits = 0;
		start(s, members, WRITER_GROUP_MAX + more);
		finish(members, WRITER_GROUP_MAX + more);
		assert_int_equal(s->driver.commits, 1 + more);
	}
}

static void count_ring(void *arg)
{
	struct scene *const s = arg;

	s->rings++;
}

static void the_bell_rings_once_for_a_group(void **state)
{
	struct scene *const s = *state;
	struct member members[CREW];

	s->f.store->ops->on_commit(s->f.store, count_ring, s);
	make_crew(members, 0);
	for (int i = 0; i < CREW; i++)
		members[i].notes_effect = true;
	start(s, members, CREW);
	finish(members, CREW);
	assert_int_equal(s->rings, 1);
	assert_int_equal(members[2].outcome, ERR_UPSTREAM);

	make_crew(members, 1); /* the one that notes an effect fails by itself */
	members[2].notes_effect = true;
	start(s, members, CREW);
	finish(members, CREW);
	assert_int_equal(s->rings, 1);

	make_crew(members, 2); /* the commit fails: begin, row, effect, commit */
	members[0].notes_effect = true;
	s->driver.until = 4;
	start(s, members, 1);
	finish(members, 1);
	assert_int_equal(members[0].outcome, ERR_STORAGE);
	assert_int_equal(s->rings, 1);
}

/* The outcome of the last second's writes, else of a write of its own. */
static void ready_follows_the_disk(void **state)
{
	struct scene *const s = *state;
	struct quota row = { .tenant_id = { "r" } };
	struct store *const store = s->f.store;

	clock_micros += WRITER_FRESH;
	s->driver.until = 3; /* begin, the probe's row, commit */
	assert_int_equal(store->ops->ready(store), ERR_STORAGE);
	assert_int_equal(s->driver.until, 0);
	clock_micros += WRITER_FRESH - 1;
	assert_int_equal(run_action(&s->f, store, DO_ADD, RECORD_QUOTA, &row), OK);
	s->driver.until = 1; /* not asked while the last commit is fresh */
	clock_micros += WRITER_FRESH - 1;
	assert_int_equal(store->ops->ready(store), OK);
	assert_int_equal(s->driver.until, 1);
	clock_micros += 1;
	assert_int_equal(store->ops->ready(store), ERR_STORAGE);
	clock_micros += WRITER_FRESH;
	assert_int_equal(store->ops->ready(store), OK);
}

static void close_store(void *arg)
{
	struct scene *const s = arg;

	s->f.store->ops->close(s->f.store);
}

static void what_waits_is_written_before_the_store_closes(void **state)
{
	struct scene *const s = *state;
	struct member members[CREW];
	struct thread closing;

	make_crew(members, 0);
	start_closed(s, members, CREW);
	assert_int_equal(thread_start(&closing, close_store, s), OK);
	s->open = true;
	finish(members, CREW);
	thread_join(&closing);
	s->f.store = sqlite_open(&s->f, 0);
	for (int i = 0; i < CREW; i++) {
		assert_int_equal(members[i].outcome, members[i].answer);
		assert_int_equal(stands(s, &members[i]), i != 2);
	}
}

static char logged[256];

static void keep_line(void *arg, struct str line)
{
	(void)arg;
	assert_true(str_copy_to(line, logged, sizeof(logged)));
}

static void a_slow_job_is_logged(void **state)
{
	struct scene *const s = *state;
	struct member members[1];

	log_sink_set(keep_line, NULL);
	for (int more = 0; more <= 1; more++) {
		memset(members, 0, sizeof(members));
		logged[0] = '\0';
		s->takes = WRITER_SLOW + more;
		start(s, members, 1);
		finish(members, 1);
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
		TEST(a_failing_job_is_undone_alone),
		TEST(a_patient_job_steps_aside),
		TEST(each_driver_call_fails_once),
		TEST(a_commit_that_fails_fails_them_all),
		TEST(a_full_queue_refuses_at_once),
		TEST(a_job_that_waited_too_long_is_dropped),
		TEST(a_group_ends_when_its_time_is_up),
		TEST(a_group_has_a_largest_size),
		TEST(the_bell_rings_once_for_a_group),
		TEST(ready_follows_the_disk),
		TEST(what_waits_is_written_before_the_store_closes),
		TEST(a_slow_job_is_logged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
