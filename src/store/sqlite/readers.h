/* A few reading connections, lent to the callers' own threads: a reader never waits for the writer, only for
 * another reader, and that at most so long. Connections are opened when they are needed and stay. Who waits
 * is served in the order of arrival, and nobody is woken in vain. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "port/store.h"
#include "store/sql/driver.h"

#define READERS_MAX 32
#define READERS_AT_START 2
#define READERS_WAIT seconds(5)

struct reader_pool;

/* Takes `first` over (also on failure), prepared for reading: the others are made like it. At most `max` in
 * all, 1 to READERS_MAX. */
enum err reader_pool_open(struct sql *first, size_t max, duration wait, struct reader_pool **out) must_use;
/* Runs `work` on the caller's thread; all its loads see the same moment. ERR_BUSY: no connection in time. */
enum err reader_pool_transact(struct reader_pool *r, struct arena *arena, tx_work *work, void *arg) must_use;
/* How many wait for a connection. */
size_t reader_pool_waiting(struct reader_pool *r);
/* Closes them; nobody may be reading. */
void reader_pool_close(struct reader_pool *r);
