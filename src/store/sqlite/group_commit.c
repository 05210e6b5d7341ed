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

/* On the caller's stack. It sleeps without a bound of its own: the writer works on its memory, and each job
 * is run or dropped by its deadline. */
struct job {
	struct queued_job place;
	struct arena *arena;
	tx_work *work;
	void *arg;
	struct arena_mark before; /* what it used is given back when it runs again */
	enum err outcome;
	struct latch ended; /* of its own: sleepers do not meet at the queue's lock */
};

/* What runs together, in the order of arrival. */
struct group {
	struct job_list jobs;
	int64_t now; /* when the last job ended */
	bool effects, marked, has_prompt;
};

struct group_writer {
	struct sql *sql;
	struct wal_checkpointer *checkpointer;
	int64_t (*micros)(void);
	size_t room;
	struct lock lock;
	/* Under the lock: */
	struct write_queue waiting;
	bool leading; /* somebody has the connection */
	bool checkpoint_due, stopping;
	void (*ring)(void *arg);
	void *ring_arg;
	int64_t last_end;
	enum err last_whole;
	bool any;
	struct cond wanted; /* by the runner's own thread */
	struct thread thread;
};

static struct job *job_of(struct queued_job *place)
{
	return place != NULL ? container_of(place, struct job, place) : NULL;
}

static struct job *next_waiting(struct group_writer *r, struct group *group)
{
	struct job *job;

	lock_acquire(&r->lock);
	job = job_of(write_queue_take(&r->waiting, group->now, &group->has_prompt));
	metric_set(METRIC_QUEUE_DEPTH, (int64_t)write_queue_length(&r->waiting));
	lock_release(&r->lock);
	return job;
}

/* Too late to be of use to its caller? Then it is not run at all. */
static bool is_late(const struct group *group, struct job *job)
{
	if (group->now - job->place.since <= WRITER_DEADLINE)
		return false;
	job->outcome = ERR_BUSY;
	return true;
}

static void run_job(struct group_writer *r, struct group *group, struct job *job)
{
	const int64_t start = group->now;
	struct sql_tx tx;

	sql_tx_init(&tx, r->sql, job->arena, true);
	job->before = arena_mark(job->arena);
	job->outcome = job->work(&tx.base, job->arg);
	group->now = r->micros();
	if (group->now - start > WRITER_SLOW)
		log_event(LOG_WARN, "slow_job", LOG_NUMBER("ms", (group->now - start) / 1000));
	if (job->outcome == OK)
		group->effects |= tx.base.has_effects;
}

/* The job's own failure stays its own; what comes back is the whole group's. */
static enum err run_behind_mark(struct group_writer *r, struct group *group, struct job *job)
{
	const struct sql_ops *const ops = r->sql->ops;

	TRY(ops->savepoint(r->sql));
	run_job(r, group, job);
	return job->outcome == OK ? ops->release_savepoint(r->sql) : ops->rollback_to_savepoint(r->sql);
}

/* Is there room and time for one more? A group that could not even begin fails all that wait: each alone
 * would wait as long for the same answer. */
static bool goes_on(const struct group *group, bool begun, enum err whole, int64_t start)
{
	if (!begun)
		return true;
	return whole == OK && group->jobs.n < WRITER_GROUP_MAX && group->now - start < WRITER_GROUP_TIME;
}

/* A job failed, and what it wrote stands among what the others wrote: all is undone and run once more, from
 * now on each behind a mark of its own. */
static enum err begin_again(struct group_writer *r, struct group *group)
{
	enum err whole;

	r->sql->ops->rollback(r->sql);
	group->effects = false;
	group->marked = true;
	whole = r->sql->ops->begin(r->sql, true);
	for (struct job *job = job_of(group->jobs.first); job != NULL && whole == OK;
		job = job_of(job->place.next)) {
		if (is_late(group, job))
			continue;
		arena_rewind(job->arena, job->before);
		whole = run_behind_mark(r, group, job);
	}
	return whole;
}

/* A mark costs as much as two statements: a group begins without, in the hope that no job fails. */
static enum err run_next(struct group_writer *r, struct group *group, struct job *job)
{
	if (is_late(group, job))
		return OK;
	if (group->marked)
		return run_behind_mark(r, group, job);
	run_job(r, group, job);
	return job->outcome == OK ? OK : begin_again(r, group);
}

static enum err run_jobs(struct group_writer *r, struct group *group)
{
	enum err whole = r->sql->ops->begin(r->sql, true);
	const bool begun = whole == OK;
	const int64_t start = group->now = r->micros();
	struct job *job = next_waiting(r, group);

	while (job != NULL) {
		job_list_append(&group->jobs, &job->place);
		if (whole == OK)
			whole = run_next(r, group, job);
		job = goes_on(group, begun, whole, start) ? next_waiting(r, group) : NULL;
	}
	return whole;
}

/*~ 8. One flush of the disk for all of them, and only then does anybody hear of success. A verdict such as
 * "wrong code" is committed like everything else; a job of ours that failed was undone alone. */
static enum err commit(struct group_writer *r, struct group *group)
{
	const int64_t start = r->micros();

	TRY(r->sql->ops->commit(r->sql));
	group->now = r->micros();
	metric_observe(METRIC_COMMIT_DURATION, group->now - start);
	metric_observe(METRIC_GROUP_SIZE, (int64_t)group->jobs.n);
	return OK;
}

static void ring_bell(struct group_writer *r)
{
	void (*ring)(void *arg);
	void *arg;

	lock_acquire(&r->lock);
	ring = r->ring;
	arg = r->ring_arg;
	lock_release(&r->lock);
	if (ring != NULL)
		ring(arg);
}

static void run_group(struct group_writer *r)
{
	struct group group = { .effects = false };
	bool carries_over;
	enum err whole;

	job_list_init(&group.jobs);
	whole = run_jobs(r, &group);
	if (whole == OK)
		whole = commit(r, &group);
	if (whole != OK)
		r->sql->ops->rollback(r->sql);
	else if (group.effects)
		ring_bell(r);
	carries_over = wal_checkpointer_on_commit(r->checkpointer, r->sql->ops->wal_pages(r->sql));

	lock_acquire(&r->lock);
	r->last_end = group.now;
	r->last_whole = whole;
	r->any = true;
	r->checkpoint_due = carries_over;
	lock_release(&r->lock);

	/* A job whose end is set is gone. */
	for (struct job *job = job_of(group.jobs.first), *next; job != NULL; job = next) {
		next = job_of(job->place.next);
		if (whole != OK)
			job->outcome = whole;
		latch_set(&job->ended);
	}
}

/* The lock is held before and after, not in between. */
static void lead(struct group_writer *r, void (*what)(struct group_writer *r))
{
	assert(!r->leading);
	r->leading = true;
	lock_release(&r->lock);
	what(r);
	lock_acquire(&r->lock);
	r->leading = false;
}

static void checkpoint(struct group_writer *r)
{
	wal_checkpointer_pause(r->checkpointer);
	r->sql->ops->checkpoint(r->sql);
	wal_checkpointer_resume(r->checkpointer);
}

static void run_writer(void *arg)
{
	struct group_writer *const r = arg;

	lock_acquire(&r->lock);
	for (;;) {
		if (r->leading) {
			cond_wait(&r->wanted, &r->lock);
		} else if (r->checkpoint_due) {
			r->checkpoint_due = false;
			lead(r, checkpoint);
		} else if (write_queue_length(&r->waiting) > 0) {
			lead(r, run_group);
		} else if (r->stopping) {
			break;
		} else {
			cond_wait(&r->wanted, &r->lock);
		}
	}
	lock_release(&r->lock);
}

/* Under the lock. ERR_BUSY: nothing happened. */
static enum err enqueue(struct group_writer *r, struct job *job, enum tx_kind kind)
{
	if (r->stopping || write_queue_length(&r->waiting) >= r->room)
		return ERR_BUSY;
	write_queue_put(&r->waiting, &job->place, kind == TX_WRITE_LOW_PRIORITY);
	metric_set(METRIC_QUEUE_DEPTH, (int64_t)write_queue_length(&r->waiting));
	return OK;
}

/*~ 5. The caller's work becomes a job. When nobody is writing, the caller itself runs what waits; else it
 * sleeps until somebody has. All that waits goes into one transaction. */
enum err group_writer_transact(
	struct group_writer *r, enum tx_kind kind, struct arena *arena, tx_work *work, void *arg)
{
	struct job job = { .place.since = r->micros(), .arena = arena, .work = work, .arg = arg };
	enum err e;

	lock_acquire(&r->lock);
	e = enqueue(r, &job, kind);
	/* A checkpoint that is due goes first, else callers who lead one after the other put it off for ever.
	 */
	if (e == OK && !r->leading && !r->checkpoint_due) {
		lead(r, run_group);
		if (write_queue_length(&r->waiting) > 0 || r->checkpoint_due || r->stopping)
			cond_signal(&r->wanted);
	}
	lock_release(&r->lock);
	if (e != OK)
		return e;
	/* When it is woken it would interrupt the writer, which has more to wake. */
	thread_set_batch_priority(true);
	latch_wait(&job.ended);
	return job.outcome;
}

void group_writer_on_commit(struct group_writer *r, void (*ring)(void *arg), void *arg)
{
	lock_acquire(&r->lock);
	r->ring = ring;
	r->ring_arg = arg;
	lock_release(&r->lock);
}

static enum err probe(struct tx *tx, void *arg)
{
	struct sql *const sql = arg;
	size_t n;

	(void)tx;
	TRY(sql->ops->run(sql, &(struct sql_call){ .which = STATEMENT_PROBE }, &n));
	return n == 1 ? OK : ERR_STORAGE;
}

enum err group_writer_ready(struct group_writer *r)
{
	struct arena arena;
	enum err e;
	bool fresh;

	lock_acquire(&r->lock);
	e = r->last_whole;
	fresh = r->any && r->micros() - r->last_end < WRITER_FRESH;
	lock_release(&r->lock);
	if (fresh)
		return e;
	arena_init(&arena, 0);
	return group_writer_transact(r, TX_WRITE, &arena, probe, r->sql);
}

enum err group_writer_open(struct sql *sql, struct wal_checkpointer *checkpointer, size_t room,
	int64_t (*micros)(void), struct group_writer **out)
{
	struct group_writer *const r = calloc(1, sizeof(*r));
	enum err e;

	if (r == NULL)
		return ERR_INTERNAL;
	r->sql = sql;
	r->checkpointer = checkpointer;
	r->room = room;
	r->micros = micros;
	write_queue_init(&r->waiting);
	lock_init(&r->lock);
	cond_init(&r->wanted);
	e = thread_start(&r->thread, run_writer, r);
	if (e != OK) {
		group_writer_close(r);
		return e;
	}
	*out = r;
	return OK;
}

void group_writer_close(struct group_writer *r)
{
	if (r == NULL)
		return;
	lock_acquire(&r->lock);
	r->stopping = true;
	cond_signal(&r->wanted);
	lock_release(&r->lock);
	thread_join(&r->thread);
	cond_finish(&r->wanted);
	lock_finish(&r->lock);
	free(r);
}
