/* The grouped writer: all that waits goes into one transaction with one commit. A job that fails is undone
 * alone: the group then runs once more, each job behind a mark of its own; a commit that fails fails them
 * all, and nobody hears of success before the disk has it. Who comes while nobody writes writes himself,
 * without a change of threads; what arrives meanwhile joins his group or is left to the runner's own thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "port/store.h"
#include "store/sql/driver.h"
#include "store/sqlite/wal_checkpointer.h"

#define WRITER_QUEUE_MAX 1024
#define WRITER_GROUP_MAX 256
/* Microseconds. */
#define WRITER_GROUP_TIME ((int64_t)2 * 1000)
#define WRITER_DEADLINE ((int64_t)10 * 1000 * 1000)
#define WRITER_SLOW ((int64_t)20 * 1000)
#define WRITER_FRESH ((int64_t)1000 * 1000)

struct group_writer;

/* `sql` is prepared for writing; it and the carrier belong to the caller and outlive the runner; `micros` is
 * monotonic. At most `room` jobs wait. */
enum err group_writer_open(struct sql *sql, struct wal_checkpointer *checkpointer, size_t room,
	int64_t (*micros)(void), struct group_writer **out) must_use;
/* `kind` is one that writes. Returns when the outcome is durable. ERR_BUSY at once when the queue is full;
 * ERR_BUSY also, and not run, when the job waited WRITER_DEADLINE. */
enum err group_writer_transact(
	struct group_writer *r, enum tx_kind kind, struct arena *arena, tx_work *work, void *arg) must_use;
/* Called once after each commit in which a job noted effects. */
void group_writer_on_commit(struct group_writer *r, void (*ring)(void *arg), void *arg);
/* How the last group of WRITER_FRESH ended; without one, a row is written again as it is. */
enum err group_writer_ready(struct group_writer *r) must_use;
/* Runs what still waits and ends. Nobody may call transact any more. */
void group_writer_close(struct group_writer *r);
