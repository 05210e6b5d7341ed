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

/* How long a call waits for connections, in all. */
#define MULTI_WRITER_WAIT seconds(5)
/* A transaction is run at most so many times, and not again after this time: a server that accepts
 * connections but then does not respond would otherwise block a caller for minutes. */
#define MULTI_WRITER_TRIES 10
#define MULTI_WRITER_RETRY_LIMIT seconds(15)
/* The next two are microseconds. */
/* Longer work inside a writing transaction is logged as slow_job. */
#define MULTI_WRITER_SLOW ((int64_t)50 * 1000)
/* `ready` returns the result of the last write if it is not older; otherwise it writes. */
#define MULTI_WRITER_FRESH ((int64_t)1000 * 1000)
/* How long the store tries to find out whether a transaction was committed. */
#define COMMIT_STATE_TIMEOUT seconds(3)

struct multi_writer_conf {
	connection_open *open;
	void (*finish)(void *arg); /* frees `arg`, after the last call of `open`; may be NULL */
	void *arg;
	struct statements *statements; /* with which the connections are prepared */
	size_t connections;	       /* limit; 0: PG_CONNECTIONS */
	size_t queue;		       /* limit of calls that wait for a connection; 0: MULTI_WRITER_QUEUE */
	int64_t (*micros)(void);       /* monotonic clock, in microseconds */
};

/* Opens the store with one connection. Takes ownership of `statements` and `arg`, also on failure. */
enum err multi_writer_store_open(const struct multi_writer_conf *conf, struct store **out) must_use;
/* Number of calls that wait for a connection. For tests. */
size_t multi_writer_store_waiting(struct store *store);
