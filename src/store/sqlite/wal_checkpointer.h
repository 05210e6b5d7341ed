/* Checkpoints: copies the write-ahead log (WAL) into the database file while the writer continues, on a
 * thread and a connection of its own.
 *
 * SQLite can restart the WAL from its beginning only when all of it has been copied, but the writer keeps
 * adding to it. The thread therefore makes several passes. Each pass copies what was added during the pass
 * before, which is less each time. When at most CHECKPOINT_REST_PAGES are left, the writer copies them
 * itself, while all jobs wait. The writer also copies when the WAL reaches a maximum length. This is
 * CHECKPOINT_MAX_PAGES at first, and doubles each time a long-running reader prevents the restart of the WAL.
 * If a reader stopped a pass, the next pass does not follow at once.
 *
 * Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "store/sql/driver.h"

/* Limits in pages of 4 KiB. START and REST count pages that were not copied yet; MAX counts the whole WAL. */
#define CHECKPOINT_START_PAGES ((size_t)2000) /* the thread begins a pass */
#define CHECKPOINT_REST_PAGES ((size_t)200)   /* the writer copies what is left */
#define CHECKPOINT_MAX_PAGES ((size_t)4000)   /* the writer makes the checkpoint */

struct wal_checkpointer;

/* Starts the thread. Takes ownership of `sql`, a reading connection, also on failure. */
enum err wal_checkpointer_open(struct sql *sql, struct wal_checkpointer **out) must_use;
/* Must be called by the writer after each commit, with the length of the WAL in pages. Returns true if the
 * writer should make a checkpoint itself, between wal_checkpointer_pause and wal_checkpointer_resume. */
bool wal_checkpointer_on_commit(struct wal_checkpointer *c, size_t wal_pages);
/* Waits until the thread's current pass ends. No new pass begins until wal_checkpointer_on_commit requests
 * one. */
void wal_checkpointer_pause(struct wal_checkpointer *c);
/* Must be called after the writer's checkpoint. Assumes that this checkpoint has restarted the WAL. */
void wal_checkpointer_resume(struct wal_checkpointer *c);
/* Ends the thread after its current pass and closes the connection. Accepts NULL. */
void wal_checkpointer_close(struct wal_checkpointer *c);
