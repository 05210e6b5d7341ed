/* Group commit: one thread at a time writes, and it commits all jobs that wait in one transaction, so that
 * they share one flush of the disk. A job is one call of group_writer_transact.
 *
 * If no writer is active, the calling thread commits the group itself, without a context switch. Jobs that
 * arrive meanwhile join its group or are left to the background thread of this module.
 *
 * If a job fails, only its own changes are undone: the transaction is rolled back and all jobs of the group
 * run again, each after a savepoint. If the commit fails, all jobs of the group fail. No caller gets a
 * success before the commit is on the disk. Thread-safe. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "port/store.h"
#include "store/sql/driver.h"
#include "store/sqlite/wal_checkpointer.h"

#define WRITER_QUEUE_MAX 1024 /* default of the maximum number of waiting jobs */
#define WRITER_GROUP_MAX 256  /* jobs in one group */
/* The next four times are in microseconds. */
#define WRITER_GROUP_TIME ((int64_t)2 * 1000)	    /* after this time a group takes no more jobs */
#define WRITER_DEADLINE ((int64_t)10 * 1000 * 1000) /* a job that has waited longer is dropped */
#define WRITER_SLOW ((int64_t)20 * 1000)	    /* a job that runs longer is logged */
#define WRITER_FRESH ((int64_t)1000 * 1000)	    /* for group_writer_ready */

/* The files of the database are checked before each group begins and before it commits. If no group runs,
 * they are checked at this interval. */
#define FILES_CHECK_INTERVAL seconds(1)

struct group_writer;

/* Starts the writer. `sql` must be prepared for writing. The caller keeps ownership of `sql` and
 * `checkpointer`, which must stay valid until group_writer_close returns. `micros` is a monotonic clock in
 * microseconds. At most `queue_max` jobs wait. */
enum err group_writer_open(struct sql *sql, struct wal_checkpointer *checkpointer, size_t queue_max,
	int64_t (*micros)(void), struct group_writer **out) must_use;
/* Runs `work` in a writing transaction and returns when its result is on the disk. `kind` must not be
 * TX_READ. Returns ERR_BUSY if the queue is full or the job waited longer than WRITER_DEADLINE; nothing is
 * changed then. */
enum err group_writer_transact(
	struct group_writer *w, enum tx_kind kind, struct arena *arena, tx_work *work, void *arg) must_use;
/* Sets the function that is called once after each commit of a group in which a job enqueued effects. It runs
 * on the thread that committed, without a lock held. */
void group_writer_on_commit(struct group_writer *w, commit_callback *notify, void *arg);
/* Returns OK if the database can be written. Uses the result of the last group if it is not older than
 * WRITER_FRESH and the files were in place at the last check. Otherwise writes a row without changing it and
 * returns the result. ERR_STORAGE may mean that the files were removed or replaced. */
enum err group_writer_ready(struct group_writer *w) must_use;
/* Runs the jobs that still wait, then frees the writer. No thread may call group_writer_transact any longer.
 * Accepts NULL. */
void group_writer_close(struct group_writer *w);
