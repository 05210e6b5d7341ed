#include "store/sqlite/wal_checkpointer.h"

#include <stdlib.h>

#include "base/lock.h"

struct wal_checkpointer {
	struct sql *sql;
	struct thread thread;
	struct lock lock;
	/* Under the lock: */
	size_t carried;	    /* pages of the log as it is now */
	size_t last, bound; /* how long it was last; from where on it is the writer's */
	bool busy, stopping, was_turn;
	bool gains;	    /* the last pass came further than the one before */
	struct cond wanted; /* by the thread: there is work */
	struct cond idle;
};

/* Of the log as it now begins. */
static void begin(struct wal_checkpointer *c)
{
	c->carried = 0;
	c->gains = false;
}

/* A failure is no news: the log stays as it is, and the next commit that fails says why. */
static void carry(struct wal_checkpointer *c)
{
	size_t carried = 0;
	enum err e;

	lock_release(&c->lock);
	e = c->sql->ops->checkpoint_passive(c->sql, &carried);
	lock_acquire(&c->lock);
	c->gains = e == OK && carried > c->carried;
	c->carried = e == OK ? carried : 0;
	c->busy = false;
	cond_broadcast(&c->idle);
}

static void run(void *arg)
{
	struct wal_checkpointer *const c = arg;

	lock_acquire(&c->lock);
	for (;;) {
		if (c->busy)
			carry(c);
		else if (c->stopping)
			break;
		else
			cond_wait(&c->wanted, &c->lock);
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
	c->bound = CHECKPOINT_MAX_PAGES;
	lock_init(&c->lock);
	cond_init(&c->wanted);
	cond_init(&c->idle);
	e = thread_start(&c->thread, run, c);
	if (e != OK) {
		wal_checkpointer_close(c);
		return e;
	}
	*out = c;
	return OK;
}

/* When the writer had its turn and the log goes on all the same, somebody reads for long, as a backup does.
 * Then it is not worth every commit's time: until it has doubled it is left to the thread, also when they are
 * gone. */
static void set_bound(struct wal_checkpointer *c, size_t log_pages)
{
	if (log_pages < c->last)
		c->bound = CHECKPOINT_MAX_PAGES;
	else if (c->was_turn && log_pages >= c->bound)
		c->bound = 2 * log_pages;
	c->was_turn = false;
	c->last = log_pages;
}

bool wal_checkpointer_on_commit(struct wal_checkpointer *c, size_t log_pages)
{
	bool is_turn;
	size_t left;

	lock_acquire(&c->lock);
	if (log_pages < c->carried) /* all was carried over, and the log began anew */
		begin(c);
	set_bound(c, log_pages);
	left = log_pages - c->carried;
	is_turn = log_pages >= c->bound || (!c->busy && c->carried > 0 && left <= CHECKPOINT_REST_PAGES);
	if (!is_turn && !c->busy && (c->gains || left >= CHECKPOINT_START_PAGES)) {
		c->busy = true;
		cond_signal(&c->wanted);
	}
	lock_release(&c->lock);
	return is_turn;
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
	begin(c);
	c->was_turn = true;
	lock_release(&c->lock);
}

void wal_checkpointer_close(struct wal_checkpointer *c)
{
	if (c == NULL)
		return;
	lock_acquire(&c->lock);
	c->stopping = true;
	cond_signal(&c->wanted);
	lock_release(&c->lock);
	thread_join(&c->thread);
	c->sql->ops->close(c->sql);
	cond_finish(&c->idle);
	cond_finish(&c->wanted);
	lock_finish(&c->lock);
	free(c);
}
