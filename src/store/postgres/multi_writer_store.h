/* Implements port/store.h for a database on which several connections write at the same time
 * (store/sql/driver.h). Each transaction runs on its caller's thread, on one of the store's connections
 * (store/postgres/connections).
 *
 * Retries: a transaction that failed because of concurrent transactions, or whose connection was lost before
 * COMMIT or was replaced, is run again a few times. If the connection was lost during COMMIT, the store
 * queries the database on another connection whether the transaction was committed; while that is unknown,
 * the result is ERR_BUSY, never OK.
 *
 * Safe from any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "port/store.h"
#include "store/postgres/connections.h"
#include "store/sql/driver.h"
#include "store/sql/statements.h"

/* How long one call waits for connections in total. */
#define MULTI_WRITER_WAIT seconds(5)
/* A transaction is attempted at most this many times, and not again after MULTI_WRITER_RETRY_LIMIT. Without
 * that time limit, a server that accepts connections but does not respond would block a caller for
 * minutes. */
#define MULTI_WRITER_TRIES 10
#define MULTI_WRITER_RETRY_LIMIT seconds(15)
/* Work in a writing transaction that takes longer than this, in microseconds, is logged as slow_job. */
#define MULTI_WRITER_SLOW ((int64_t)50 * 1000)
/* `ready` returns the result of the last write if it is not older than this, in microseconds; otherwise it
 * writes a row. */
#define MULTI_WRITER_FRESH ((int64_t)1000 * 1000)
/* How long the store tries to find out whether a transaction was committed after its connection was lost. */
#define COMMIT_STATE_TIMEOUT seconds(3)

struct multi_writer_conf {
	connection_open *open;
	void (*finish)(void *arg); /* frees `arg` after the last call of `open`; may be NULL */
	void *arg;
	struct statements *statements; /* the statements that are prepared on each connection */
	size_t connections;	       /* limit; 0: PG_CONNECTIONS */
	/* Maximum number of calls that wait for a connection; 0 means MULTI_WRITER_QUEUE. */
	size_t queue;
	int64_t (*micros)(void); /* monotonic clock, in microseconds */
};

/* Opens the store and its first connection. Takes ownership of `statements` and `arg`, also on failure. */
enum err multi_writer_store_open(const struct multi_writer_conf *conf, struct store **out) must_use;
/* Returns the number of calls that wait for a connection. For tests. */
size_t multi_writer_store_waiting(struct store *store);
