/* Questions of several callers as one statement, with leaders and followers as a group commit has them: who
 * leads takes along what others ask while the leaders before are under way. One trip, one waking of the
 * server and one start of the statement serve them all. From any thread. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"
#include "store/postgres/driver.h"
#include "store/sql/statement.h"

/* So many statements at a time, for so many callers each. */
#define BATCH_LEADERS 2
#define BATCH_MAX 16
/* A few rounds, where the server has all in memory; where its answers wait for a disk, many have to ask
 * beside each other. */
#define BATCH_TIMEOUT milliseconds(2)

struct batch;

/* All but the probe is the same for all who ask the same. */
struct batch_query {
	const char *name;	      /* as which it is prepared on all lines; it only reads */
	const struct statement *what; /* as in struct joined_load_plan */
	const void *probe;
};

/* The rows of one, until `shared` is let go. */
struct batch_answer {
	struct postgres_shared *shared;
	struct postgres_answer rows;
};

/* Who was not taken along after `patience` asks alone. */
enum err batch_open(duration patience, struct batch **out) must_use;
/* Accepts NULL. Nobody asks any more. */
void batch_close(struct batch *b);
/* Before anything else of this round was sent. Afterwards `line` may be another one: that of a leader goes
 * along with the lead, for the server's process behind it is warm. Who was taken along waits as long as the
 * leader, at most POSTGRES_READ_TIMEOUT for each thing the server says. ERR_STORAGE: see `failure`, which
 * may be the leader's: silence, and what the server has against all, is not tried again here; but what came
 * of one question or of one connection is that one's alone. ERR_INTERNAL: no memory, or a probe that does not
 * fit. `b` NULL: nobody is beside us. */
enum err batch_ask(struct batch *b, struct postgres **line, const struct batch_query *query,
	struct batch_answer *out, struct postgres_failure *failure) must_use;
/* How many wait to be taken along. */
size_t batch_waiting(struct batch *b);
