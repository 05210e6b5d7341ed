/* A few reading connections, lent to the callers' own threads: a reader never waits for the writer, only for
 * another reader, and that at most READERS_WAIT. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "port/store.h"
#include "store/sql_driver.h"

#define READERS_MAX 32
#define READERS_WAIT_MS 5000

struct readers;

/* Takes the connections over (also on failure), prepared for reading; 1 to READERS_MAX. */
enum err readers_open(struct sql *const *connections, size_t n, struct readers **out) must_use;
/* Runs `work` on the caller's thread; all its loads see the same moment. ERR_BUSY: no connection in time. */
enum err readers_transact(struct readers *r, struct arena *arena, tx_work *work, void *arg) must_use;
/* Closes them; nobody may be reading. */
void readers_close(struct readers *r);
