/* A pool of connections for reading transactions, which run on the thread of the caller. A reader never waits
 * for the writer. It waits only if all connections are in use, and at most for a given time. Waiting readers
 * get a connection in the order of their arrival. Connections are opened when they are needed and stay open.
 * Thread-safe. */
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

/* Opens the pool. Takes ownership of `first`, also on failure. `first` must be prepared for reading; the
 * other connections are cloned from it. `max` is the number of connections, 1 to READERS_MAX. `wait` is how
 * long a reader waits for a connection. */
enum err reader_pool_open(struct sql *first, size_t max, duration wait, struct reader_pool **out) must_use;
/* Runs `work` on the calling thread, in a transaction that reads one consistent snapshot. Returns ERR_BUSY if
 * no connection is free in time. */
enum err reader_pool_transact(
	struct reader_pool *readers, struct arena *arena, tx_work *work, void *arg) must_use;
/* Returns the number of readers that wait for a connection. */
size_t reader_pool_waiting(struct reader_pool *readers);
/* Closes all connections. No reader may be running. Accepts NULL. */
void reader_pool_close(struct reader_pool *readers);
