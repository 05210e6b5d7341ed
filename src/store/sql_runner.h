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
#include "store/sql_carrier.h"
#include "store/sql_driver.h"

#define RUNNER_QUEUE 1024
#define RUNNER_GROUP 256
/* Microseconds. */
#define RUNNER_GROUP_TIME ((int64_t)2 * 1000)
#define RUNNER_DEADLINE ((int64_t)10 * 1000 * 1000)
#define RUNNER_SLOW ((int64_t)20 * 1000)
#define RUNNER_FRESH ((int64_t)1000 * 1000)

struct runner;

/* `sql` is prepared for writing; it and the carrier belong to the caller and outlive the runner; `micros` is
 * monotonic. At most `room` jobs wait. */
enum err runner_open(struct sql *sql, struct carrier *carrier, size_t room, int64_t (*micros)(void),
	struct runner **out) must_use;
/* `kind` is one that writes. Returns when the outcome is durable. ERR_BUSY at once when the queue is full;
 * ERR_BUSY also, and not run, when the job waited RUNNER_DEADLINE. */
enum err runner_transact(
	struct runner *r, enum tx_kind kind, struct arena *arena, tx_work *work, void *arg) must_use;
/* Called once after each commit in which a job noted effects. */
void runner_on_effects(struct runner *r, void (*ring)(void *arg), void *arg);
/* How the last group of RUNNER_FRESH ended; without one, a row is written again as it is. */
enum err runner_ready(struct runner *r) must_use;
/* Runs what still waits and ends. Nobody may call transact any more. */
void runner_close(struct runner *r);
