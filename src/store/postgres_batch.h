/* Questions of several callers as one round, with leaders and followers as a group commit has them: who leads
 * takes along what others ask while the leaders before are under way, so that one trip and one waking of the
 * server serve them all, as one transaction. From any thread. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"
#include "store/postgres_driver.h"

/* So many rounds at a time, of so many questions each. */
#define BATCH_LEADERS 2
#define BATCH_MOST POSTGRES_KEPT
/* Where answers wait for the server's disk, many have to ask beside each other. */
#define BATCH_PATIENCE milliseconds(2)

struct batch;

/* Who was not taken along after `patience` asks alone. */
enum err batch_open(span patience, struct batch **out) must_use;
/* Accepts NULL. Nobody asks any more. */
void batch_close(struct batch *b);
/* Asks a statement that only reads and is prepared on all lines, before anything else of this round was sent;
 * `line` keeps the answer as its only one. It may be another line than before: that of a leader goes along
 * with the lead, for the server's process behind it is warm. ERR_STORAGE: see `failure`; with the line of a
 * leader those of all whom it took along count as lost. `b` NULL: nobody is beside us. */
enum err batch_ask(struct batch *b, struct postgres **line, const char *name,
	const struct postgres_parameters *parameters, struct postgres_failure *failure) must_use;
/* How many wait to be taken along. */
size_t batch_waiting(struct batch *b);
