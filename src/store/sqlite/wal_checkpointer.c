#include "store/sqlite/wal_checkpointer.h"

#include <stdlib.h>

#include "base/lock.h"

struct wal_checkpointer {
	struct sql *sql;
	struct thread thread;
	struct lock lock;
	/* Protected by the lock: */
	size_t copied_pages;   /* number of pages of the current WAL that the thread has copied */
	size_t last_wal_pages; /* length of the WAL at the last commit, in pages */
	/* WAL length in pages from which the writer makes the checkpoint itself. */
	size_t writer_limit;
	bool busy;		     /* a pass of the thread is running or was requested */
	bool stopping;		     /* wal_checkpointer_close was called */
	bool writer_made_checkpoint; /* the writer has made a checkpoint since the previous commit */
	bool made_progress;	     /* the last pass copied pages that no pass before it had copied */
	struct cond work_available;  /* signalled when a pass is requested, or on close */
	struct cond idle;	     /* broadcast when a pass has ended */
};

/* Resets the state because the WAL was restarted. The caller holds the lock. */
static void reset_progress(struct wal_checkpointer *c)
{
	c->copied_pages = 0;
	c->made_progress = false;
}

/* Runs one pass. The caller holds the lock, which is released during the pass. A failure is not logged: if
 * its cause persists, the next commit fails and reports it. */
static void run_pass(struct wal_checkpointer *c)
{
	size_t copied_pages = 0;
	enum err e;

	lock_release(&c->lock);
	e = c->sql->ops->checkpoint_passive(c->sql, &copied_pages);
	lock_acquire(&c->lock);
	c->made_progress = e == OK && copied_pages > c->copied_pages;
	c->copied_pages = e == OK ? copied_pages : 0;
	c->busy = false;
	cond_broadcast(&c->idle);
}

static void checkpointer_thread(void *arg)
{
	struct wal_checkpointer *const c = arg;

	lock_acquire(&c->lock);
	for (;;) {
		if (c->busy)
			run_pass(c);
		else if (c->stopping)
			break;
		else
			cond_wait(&c->work_available, &c->lock);
	}
	lock_release(&c->lock);
}

enum err wal_checkpointer_open(struct sql *sql, struct wal_checkpointer **out)
{
	struct wal_checkpointer *const c = calloc(1, sizeof(*c));
	enum err e;

	if (c == NULL) {
		sql->ops->close(sql);
		return ERR_INTERNAL;
	}
	c->sql = sql;
	c->writer_limit = CHECKPOINT_MAX_PAGES;
	lock_init(&c->lock);
	cond_init(&c->work_available);
	cond_init(&c->idle);
	e = thread_start(&c->thread, checkpointer_thread, c);
	if (e != OK) {
		wal_checkpointer_close(c);
		return e;
	}
	*out = c;
	return OK;
}

/* Updates the WAL length from which the writer makes a checkpoint. If the WAL still grows after the writer's
 * checkpoint, a long-running reader, such as a backup, prevents the restart of the WAL. More checkpoints by
 * the writer would only delay commits, so the writer makes the next one when the WAL has doubled. Until then
 * the thread makes the passes, even if the reader has ended. */
static void update_writer_limit(struct wal_checkpointer *c, size_t wal_pages)
{
	if (wal_pages < c->last_wal_pages)
		c->writer_limit = CHECKPOINT_MAX_PAGES;
	else if (c->writer_made_checkpoint && wal_pages >= c->writer_limit)
		c->writer_limit = 2 * wal_pages;
	c->writer_made_checkpoint = false;
	c->last_wal_pages = wal_pages;
}

bool wal_checkpointer_on_commit(struct wal_checkpointer *c, size_t wal_pages)
{
	bool writer_should_checkpoint;
	size_t pages_left;

	lock_acquire(&c->lock);
	if (wal_pages < c->copied_pages) /* SQLite has restarted the WAL */
		reset_progress(c);
	update_writer_limit(c, wal_pages);
	pages_left = wal_pages - c->copied_pages;
	writer_should_checkpoint = wal_pages >= c->writer_limit ||
				   (!c->busy && c->copied_pages > 0 && pages_left <= CHECKPOINT_REST_PAGES);
	if (!writer_should_checkpoint && !c->busy &&
		(c->made_progress || pages_left >= CHECKPOINT_START_PAGES)) {
		c->busy = true;
		cond_signal(&c->work_available);
	}
	lock_release(&c->lock);
	return writer_should_checkpoint;
}

void wal_checkpointer_pause(struct wal_checkpointer *c)
{
	lock_acquire(&c->lock);
	while (c->busy)
		cond_wait(&c->idle, &c->lock);
	lock_release(&c->lock);
}

void wal_checkpointer_resume(struct wal_checkpointer *c)
{
	lock_acquire(&c->lock);
	reset_progress(c);
	c->writer_made_checkpoint = true;
	lock_release(&c->lock);
}

void wal_checkpointer_close(struct wal_checkpointer *c)
{
	if (c == NULL)
		return;
	lock_acquire(&c->lock);
	c->stopping = true;
	cond_signal(&c->work_available);
	lock_release(&c->lock);
	thread_join(&c->thread);
	c->sql->ops->close(c->sql);
	cond_finish(&c->idle);
	cond_finish(&c->work_available);
	lock_finish(&c->lock);
	free(c);
}
