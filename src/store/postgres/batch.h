/* Sends the same read-only statement of several connections as one statement. The first caller becomes a
 * leader and sends its query at once. While BATCH_LEADERS leaders wait for results, further callers are
 * queued. The next leader sends the queued queries together with its own. This saves round trips, and the
 * server wakes up and starts the statement once for all of them.
 *
 * Safe from any thread. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"
#include "store/postgres/driver.h"
#include "store/sql/statement.h"

#define BATCH_LEADERS 2 /* maximum number of combined statements that run at the same time */
#define BATCH_MAX 16	/* maximum number of queries in one combined statement */
/* How long a query waits for a leader. It is enough for a few round trips to a server that has the data in
 * memory. If the server reads from the disk, queries should run in parallel instead of waiting. */
#define BATCH_TIMEOUT milliseconds(2)

struct batch;

/* A query to be combined with others. Queries are combined if they have the same `what`; they differ only in
 * `probe`. */
struct batch_query {
	const char *name;	      /* name of the prepared statement, the same on every connection */
	const struct statement *what; /* the `statement` of a struct joined_load_plan */
	const void *probe;	      /* row with the parameters */
};

/* The rows of one query. When the caller has read them, it must release `shared` with
 * postgres_shared_release. */
struct batch_result {
	struct postgres_shared *shared;
	struct postgres_result rows;
};

/* Opens a batch. A query that no leader takes within `timeout` is sent alone. Returns ERR_INTERNAL if memory
 * runs out. */
enum err batch_open(duration timeout, struct batch **out) must_use;
/* Frees the batch. No batch_run may be running. Accepts NULL. */
void batch_close(struct batch *b);
/* Runs one query, perhaps combined with those of other threads. If `b` is NULL, runs it alone.
 *
 * `*connection` must have no unfinished statements. The call may exchange it for another connection: when a
 * leader has finished, the next leader gets its connection, because the server process behind it has warm
 * caches.
 *
 * A query that a leader has taken waits for that leader's round trip, which fails if the server sends nothing
 * for POSTGRES_READ_TIMEOUT.
 *
 * On ERR_STORAGE `failure` has the cause. If the leader's statement fails because of a timeout or an error
 * that every query would get, all its queries get that failure. After an error of one query or of one
 * connection, the other queries are sent again alone. Returns ERR_INTERNAL if memory runs out or the
 * parameters do not fit into struct postgres_arrays. */
enum err batch_run(struct batch *b, struct postgres **connection, const struct batch_query *query,
	struct batch_result *out, struct postgres_failure *failure) must_use;
/* Returns the number of queries that wait for a leader. For tests. */
size_t batch_waiting(struct batch *b);
