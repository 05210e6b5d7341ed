#include "store/sqlite/group_commit.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "store/sql/statements.h"
#include "store/sql/tx.h"
#include "store/sqlite/write_queue.h"

/* One call of group_writer_transact, on the stack of the calling thread. It waits without a timeout, because
 * the writer uses this memory; the writer runs or drops every job before the job's deadline. */
struct write_job {
	struct queued_job queued;
	struct arena *arena;
	tx_work *work;
	void *arg;
	struct arena_mark arena_before; /* restored before `work` runs again */
	enum err outcome;
	struct latch done; /* one per job, so that waiting threads do not contend for the queue's lock */
};

/* The jobs of one transaction, in the order of their arrival. */
struct commit_group {
	struct job_list jobs;
	int64_t now;	      /* the time when the last job ended */
	unsigned added;	      /* what the jobs have added, a set of enum added_kind */
	bool uses_savepoints; /* each job runs after a savepoint */
	bool has_high;	      /* the group contains a high-priority job, see write_queue_take */
};

struct group_writer {
	struct sql *sql;
	struct wal_checkpointer *checkpointer;
	int64_t (*micros)(void);
	size_t queue_max;
	struct lock lock;
	/* Protected by the lock: */
	struct write_queue waiting;
	bool connection_in_use; /* a thread uses the connection for a group or a checkpoint */
	bool checkpoint_due, stopping;
	commit_callback *notify;
	void *notify_arg;
	int64_t last_ended_at; /* when the last group ended */
	enum err last_result;  /* result of the last group */
	bool has_result;       /* there was a group */
	/* Result of the last check_files(). Without the lock, only the connection's user may read it. */
	enum err files;
	struct cond work_available; /* wakes the background thread */
	struct thread thread;
};

static struct write_job *job_from_queued(struct queued_job *queued)
{
	return queued != NULL ? container_of(queued, struct write_job, queued) : NULL;
}

static struct write_job *take_job(struct group_writer *w, struct commit_group *group)
{
	struct write_job *job;

	lock_acquire(&w->lock);
	job = job_from_queued(write_queue_take(&w->waiting, group->now, &group->has_high));
	metric_set(METRIC_QUEUE_DEPTH, (int64_t)write_queue_length(&w->waiting));
	lock_release(&w->lock);
	return job;
}

/* Returns whether the job has missed its deadline. It is then not run, and its caller gets ERR_BUSY. */
static bool drop_if_late(const struct commit_group *group, struct write_job *job)
{
	if (group->now - job->queued.since <= WRITER_DEADLINE)
		return false;
	job->outcome = ERR_BUSY;
	return true;
}

static void run_job(struct group_writer *w, struct commit_group *group, struct write_job *job)
{
	const int64_t start = group->now;
	struct sql_tx tx;

	sql_tx_init(&tx, w->sql, job->arena, true);
	job->arena_before = arena_mark(job->arena);
	job->outcome = job->work(&tx.base, job->arg);
	group->now = w->micros();
	if (group->now - start > WRITER_SLOW)
		log_event(LOG_WARN, "slow_job", LOG_NUMBER("ms", (group->now - start) / 1000));
	if (job->outcome == OK)
		group->added |= tx.base.added;
}

/* Runs a job after a savepoint and undoes its changes if it fails. The job's own error is stored in the job;
 * if this function returns an error, the whole group has failed. */
static enum err run_job_after_savepoint(
	struct group_writer *w, struct commit_group *group, struct write_job *job)
{
	const struct sql_ops *const ops = w->sql->ops;

	TRY(ops->savepoint(w->sql));
	run_job(w, group, job);
	return job->outcome == OK ? ops->release_savepoint(w->sql) : ops->rollback_to_savepoint(w->sql);
}

/* Returns whether the group takes one more job. If BEGIN has failed, the group takes all waiting jobs and
 * fails them, because each of them would only wait for the same error. */
static bool takes_more_jobs(const struct commit_group *group, bool begun, enum err result, int64_t start)
{
	if (!begun)
		return true;
	return result == OK && group->jobs.n < WRITER_GROUP_MAX && group->now - start < WRITER_GROUP_TIME;
}

/* Handles the failure of a job that ran without a savepoint, so its changes cannot be undone alone. Rolls
 * back and runs all jobs of the group again, each after a savepoint. */
static enum err rerun_with_savepoints(struct group_writer *w, struct commit_group *group)
{
	enum err result;

	w->sql->ops->rollback(w->sql);
	group->added = 0;
	group->uses_savepoints = true;
	result = w->sql->ops->begin(w->sql, true);
	for (struct write_job *job = job_from_queued(group->jobs.first); job != NULL && result == OK;
		job = job_from_queued(job->queued.next)) {
		if (drop_if_late(group, job))
			continue;
		arena_rewind(job->arena, job->arena_before);
		result = run_job_after_savepoint(w, group, job);
	}
	return result;
}

/* A group starts without savepoints, because each costs as much as two statements and jobs rarely fail. */
static enum err run_next(struct group_writer *w, struct commit_group *group, struct write_job *job)
{
	if (drop_if_late(group, job))
		return OK;
	if (group->uses_savepoints)
		return run_job_after_savepoint(w, group, job);
	run_job(w, group, job);
	return job->outcome == OK ? OK : rerun_with_savepoints(w, group);
}

/* Checks the files of the database. Called without the lock by the thread that uses the connection. */
static void check_files(struct group_writer *w)
{
	const enum err e = w->sql->ops->check_files(w->sql);

	lock_acquire(&w->lock);
	w->files = e;
	lock_release(&w->lock);
}

static enum err begin_group(struct group_writer *w)
{
	check_files(w);
	TRY(w->files);
	return w->sql->ops->begin(w->sql, true);
}

static enum err run_jobs(struct group_writer *w, struct commit_group *group)
{
	enum err result = begin_group(w);
	const bool begun = result == OK;
	const int64_t start = group->now = w->micros();
	struct write_job *job = take_job(w, group);

	while (job != NULL) {
		job_list_append(&group->jobs, &job->queued);
		if (result == OK)
			result = run_next(w, group, job);
		job = takes_more_jobs(group, begun, result, start) ? take_job(w, group) : NULL;
	}
	return result;
}

/*~ 8. One commit, with one flush of the disk, for all jobs of the group. Their callers get a success only
 * after it. A result such as "wrong code" is committed as well, because it counts as an attempt; the changes
 * of a job that failed with an error were undone before. */
static enum err commit_transaction(struct group_writer *w, struct commit_group *group)
{
	const int64_t start = w->micros();

	check_files(w);
	TRY(w->files);
	TRY(w->sql->ops->commit(w->sql));
	group->now = w->micros();
	metric_observe(METRIC_COMMIT_DURATION, group->now - start);
	metric_observe(METRIC_GROUP_SIZE, (int64_t)group->jobs.n);
	return OK;
}

static void notify_commit(struct group_writer *w, unsigned added)
{
	commit_callback *notify;
	void *arg;

	lock_acquire(&w->lock);
	notify = w->notify;
	arg = w->notify_arg;
	lock_release(&w->lock);
	if (notify != NULL)
		notify(arg, added);
}

/* Checks missing files again, because outside of a transaction that can save a removed WAL's content. */
static void undo_group(struct group_writer *w)
{
	w->sql->ops->rollback(w->sql);
	if (w->files != OK)
		check_files(w);
}

static void run_group(struct group_writer *w)
{
	struct commit_group group = { .added = 0 };
	bool needs_checkpoint;
	enum err result;

	job_list_init(&group.jobs);
	result = run_jobs(w, &group);
	if (result == OK)
		result = commit_transaction(w, &group);
	if (result != OK)
		undo_group(w);
	else if (group.added != 0)
		notify_commit(w, group.added);
	needs_checkpoint = w->files == OK &&
			   wal_checkpointer_on_commit(w->checkpointer, w->sql->ops->wal_pages(w->sql));

	lock_acquire(&w->lock);
	w->last_ended_at = group.now;
	w->last_result = result;
	w->has_result = true;
	w->checkpoint_due = needs_checkpoint;
	lock_release(&w->lock);

	/* Once a job's latch is set, its caller may return and free the job. */
	for (struct write_job *job = job_from_queued(group.jobs.first), *next; job != NULL; job = next) {
		next = job_from_queued(job->queued.next);
		if (result != OK)
			job->outcome = result;
		latch_set(&job->done);
	}
}

/* Runs `action` with exclusive use of the connection. Releases the caller's lock while `action` runs. */
static void with_connection(struct group_writer *w, void (*action)(struct group_writer *w))
{
	assert(!w->connection_in_use);
	w->connection_in_use = true;
	lock_release(&w->lock);
	action(w);
	lock_acquire(&w->lock);
	w->connection_in_use = false;
}

static void run_checkpoint(struct group_writer *w)
{
	check_files(w);
	if (w->files != OK)
		return;
	wal_checkpointer_pause(w->checkpointer);
	w->sql->ops->checkpoint(w->sql);
	wal_checkpointer_resume(w->checkpointer);
}

static void writer_thread(void *arg)
{
	struct group_writer *const w = arg;

	lock_acquire(&w->lock);
	for (;;) {
		if (w->connection_in_use) {
			cond_wait(&w->work_available, &w->lock);
		} else if (w->checkpoint_due) {
			w->checkpoint_due = false;
			with_connection(w, run_checkpoint);
		} else if (write_queue_length(&w->waiting) > 0) {
			with_connection(w, run_group);
		} else if (w->stopping) {
			break;
		} else if (!cond_wait_for(&w->work_available, &w->lock, FILES_CHECK_INTERVAL) &&
			   !w->connection_in_use) {
			with_connection(w, check_files);
		}
	}
	lock_release(&w->lock);
}

/* The caller holds the lock. Returns ERR_BUSY without adding the job if the queue is full or closed. */
static enum err enqueue(struct group_writer *w, struct write_job *job, enum tx_kind kind)
{
	if (w->stopping || write_queue_length(&w->waiting) >= w->queue_max)
		return ERR_BUSY;
	write_queue_put(&w->waiting, &job->queued, kind == TX_WRITE_LOW_PRIORITY);
	metric_set(METRIC_QUEUE_DEPTH, (int64_t)write_queue_length(&w->waiting));
	return OK;
}

/*~ 5. The caller's work becomes a job in the queue. If no thread is writing, the calling thread runs the
 * waiting jobs itself, all in one transaction; otherwise it waits until another thread has run them. */
enum err group_writer_transact(
	struct group_writer *w, enum tx_kind kind, struct arena *arena, tx_work *work, void *arg)
{
	struct write_job job = { .queued.since = w->micros(), .arena = arena, .work = work, .arg = arg };
	enum err e;

	lock_acquire(&w->lock);
	e = enqueue(w, &job, kind);
	/* A checkpoint that is due comes first; otherwise a steady flow of calls could delay it forever. */
	if (e == OK && !w->connection_in_use && !w->checkpoint_due) {
		with_connection(w, run_group);
		if (write_queue_length(&w->waiting) > 0 || w->checkpoint_due || w->stopping)
			cond_signal(&w->work_available);
	}
	lock_release(&w->lock);
	if (e != OK)
		return e;
	latch_wait(&job.done);
	return job.outcome;
}

void group_writer_on_commit(struct group_writer *w, commit_callback *notify, void *arg)
{
	lock_acquire(&w->lock);
	w->notify = notify;
	w->notify_arg = arg;
	lock_release(&w->lock);
}

static enum err probe_write(struct tx *tx, void *arg)
{
	struct sql *const sql = arg;
	size_t n;

	(void)tx;
	TRY(sql->ops->run(sql, &(struct sql_call){ .statement = STATEMENT_PROBE }, &n));
	return n == 1 ? OK : ERR_STORAGE;
}

enum err group_writer_ready(struct group_writer *w)
{
	struct arena arena;
	enum err e;
	bool is_fresh;

	lock_acquire(&w->lock);
	e = w->last_result;
	is_fresh = w->files == OK && w->has_result && w->micros() - w->last_ended_at < WRITER_FRESH;
	lock_release(&w->lock);
	if (is_fresh)
		return e;
	arena_init(&arena, 0);
	return group_writer_transact(w, TX_WRITE, &arena, probe_write, w->sql);
}

enum err group_writer_open(struct sql *sql, struct wal_checkpointer *checkpointer, size_t queue_max,
	int64_t (*micros)(void), struct group_writer **out)
{
	struct group_writer *const w = calloc(1, sizeof(*w));
	enum err e;

	if (w == NULL)
		return ERR_INTERNAL;
	w->sql = sql;
	w->checkpointer = checkpointer;
	w->queue_max = queue_max;
	w->micros = micros;
	write_queue_init(&w->waiting);
	lock_init(&w->lock);
	cond_init(&w->work_available);
	e = thread_start(&w->thread, writer_thread, w);
	if (e != OK) {
		group_writer_close(w);
		return e;
	}
	*out = w;
	return OK;
}

void group_writer_close(struct group_writer *w)
{
	if (w == NULL)
		return;
	lock_acquire(&w->lock);
	w->stopping = true;
	cond_signal(&w->work_available);
	lock_release(&w->lock);
	thread_join(&w->thread);
	cond_finish(&w->work_available);
	lock_finish(&w->lock);
	free(w);
}
