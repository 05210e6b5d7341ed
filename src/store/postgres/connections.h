/* The connections of one store to its PostgreSQL server: a pool (base/pool), a thread that opens connections
 * when callers wait for one, and the rules for when to open, replace and give up.
 *
 * No caller waits for a connection longer than its time limit, however long opening one takes: a server that
 * does not answer, or a connection pooler that has no free server connection, delays only the opening thread.
 * If a connection cannot be opened, the thread tries again after increasing pauses; until it succeeds,
 * callers share the connections that are open, and without any they fail at once.
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

/* Defaults of `max` and `queue` below. */
#define PG_CONNECTIONS 16
#define MULTI_WRITER_QUEUE 1024
/* The next three are microseconds. */
/* The first and the longest pause between attempts to connect. */
#define RECONNECT_DELAY_MIN ((int64_t)100 * 1000)
#define RECONNECT_DELAY_MAX ((int64_t)2 * 1000 * 1000)
/* A connection that fails because of its state is replaced if it is at least this old. */
#define CONNECTION_AGE_MIN ((int64_t)2 * 1000 * 1000)

/* Opens a prepared connection. Called by one thread at a time. On failure `why` is the reason for an
 * operator, 0-terminated, in `arena` or static. */
typedef enum err connection_open(void *arg, struct arena *arena, struct sql **out, struct str *why);

struct connections_conf {
	connection_open *open;
	void *arg;		 /* passed to `open`; must outlive the connections */
	size_t max;		 /* limit of open connections; 0: PG_CONNECTIONS */
	size_t queue;		 /* limit of callers that wait for a connection; 0: MULTI_WRITER_QUEUE */
	int64_t (*micros)(void); /* monotonic clock, in microseconds */
};

struct connections;

/* Opens one connection and starts the thread. */
enum err connections_open(const struct connections_conf *conf, struct connections **out) must_use;
/* Closes all connections and ends the thread. No connection may be in use. Accepts NULL. */
void connections_close(struct connections *c);
/* Waits at most `*left` and subtracts the waiting time from it. ERR_BUSY: there is none. */
enum err connections_acquire(struct connections *c, duration *left, struct sql **out) must_use;
void connections_release(struct connections *c, struct sql *sql);
/* Closes a lost connection, and the idle ones too: they were probably lost for the same reason. */
void connections_discard(struct connections *c, struct sql *sql);
/* For a connection that failed with TX_BAD_CONNECTION: closes it, so that a new one takes its place, and
 * returns true. Returns false if it was opened less than CONNECTION_AGE_MIN ago; then the caller keeps it.
 * Hence a server that stays read-only does not cause a new connection for every call. */
bool connections_replace(struct connections *c, struct sql *sql);
/* Number of callers that wait for a connection. */
size_t connections_waiting(struct connections *c);
