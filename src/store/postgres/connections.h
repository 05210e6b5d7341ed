/* The connections of one store to its PostgreSQL server. This module has a pool (base/pool), a thread that
 * opens connections when callers wait for one, and the rules for when a connection is opened or replaced.
 *
 * No caller waits for a connection longer than its time limit, however long it takes to open one. A server
 * that does not answer, or a connection pooler that has no free server connection, delays only the opening
 * thread. If a connection cannot be opened, the thread tries again after increasing pauses. Until it
 * succeeds, callers share the connections that are open; if there are none, callers fail at once.
 *
 * Safe from any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "store/sql/driver.h"

#define PG_CONNECTIONS 16	/* default of connections_conf.max */
#define MULTI_WRITER_QUEUE 1024 /* default of connections_conf.queue */
/* Shortest pause between attempts to connect, in microseconds. */
#define RECONNECT_DELAY_MIN ((int64_t)100 * 1000)
/* Longest pause between attempts to connect, in microseconds. */
#define RECONNECT_DELAY_MAX ((int64_t)2 * 1000 * 1000)
/* A connection that fails because of its own state, such as read-only, is replaced if it is at least this
 * old, in microseconds. */
#define CONNECTION_AGE_MIN ((int64_t)2 * 1000 * 1000)

/* Opens a connection and prepares its statements. Only one thread at a time calls this function. On failure
 * `why` is a 0-terminated message for the operator, in `arena` or static. */
typedef enum err connection_open(void *arg, struct arena *arena, struct sql **out, struct str *why);

struct connections_conf {
	connection_open *open;
	void *arg;  /* passed to `open`; must stay valid until connections_close */
	size_t max; /* maximum number of open connections; 0 means PG_CONNECTIONS */
	/* Maximum number of callers that wait for a connection; 0 means MULTI_WRITER_QUEUE. */
	size_t queue;
	int64_t (*micros)(void); /* monotonic clock, in microseconds */
};

struct connections;

/* Opens the first connection and starts the thread that opens further ones. */
enum err connections_open(const struct connections_conf *conf, struct connections **out) must_use;
/* Closes all connections and ends the thread. No connection may be in use. Accepts NULL. */
void connections_close(struct connections *c);
/* Takes a connection from the pool. Waits at most `*left` and subtracts the waiting time from it. Returns
 * ERR_BUSY if no connection becomes free in that time. */
enum err connections_acquire(struct connections *c, duration *left, struct sql **out) must_use;
void connections_release(struct connections *c, struct sql *sql);
/* Closes a lost connection. Also closes the idle ones, because they were probably lost for the same
 * reason. */
void connections_discard(struct connections *c, struct sql *sql);
/* Closes a connection that failed with TX_BAD_CONNECTION, so that a new one takes its place, and returns
 * true. Returns false if it was opened less than CONNECTION_AGE_MIN ago; the caller then keeps it. So a
 * server that stays read-only does not cause a new connection for every call. */
bool connections_replace(struct connections *c, struct sql *sql);
/* Returns the number of callers that wait for a connection. */
size_t connections_waiting(struct connections *c);
