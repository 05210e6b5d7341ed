/* Carries the log over into the database beside the writer, on a connection and a thread of its own. A log
 * can begin anew only when all of it is carried over, and the writer goes on meanwhile: pass after pass
 * carries what came during the last one, which is less each time, until what is left is a small rest that the
 * writer carries over itself, for which all wait. It does so too when the log reaches its bound, which
 * doubles while a long reader keeps the log from beginning anew; a pass that such a reader stopped is
 * followed by none at once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "store/sql/driver.h"

/* Pages of 4 KiB. */
#define CHECKPOINT_START_PAGES ((size_t)2000)
#define CHECKPOINT_REST_PAGES ((size_t)200)
#define CHECKPOINT_MAX_PAGES ((size_t)4000)

struct wal_checkpointer;

/* Takes `sql` over, also on failure. */
enum err wal_checkpointer_open(struct sql *sql, struct wal_checkpointer **out) must_use;
/* What the writer tells after each commit: how long the log is. True: it should carry over itself, between
 * wal_checkpointer_pause and wal_checkpointer_resume. */
bool wal_checkpointer_on_commit(struct wal_checkpointer *c, size_t log_pages);
/* Returns when nothing is being carried over. */
void wal_checkpointer_pause(struct wal_checkpointer *c);
void wal_checkpointer_resume(struct wal_checkpointer *c);
/* Ends what it does, closes the connection. */
void wal_checkpointer_close(struct wal_checkpointer *c);
