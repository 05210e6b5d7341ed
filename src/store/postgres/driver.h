/* A connection to a PostgreSQL server, by libpq in pipeline mode: statements are sent without waiting, and
 * one round trip receives the results of all of them. Transactions, locks and retries are in
 * store/postgres/tx.
 *
 * If the server sends nothing for POSTGRES_READ_TIMEOUT during a round trip, or for POSTGRES_SCRIPT_LIMIT
 * during a script, the connection counts as lost. A connection is used by one thread at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "store/postgres/row.h"

/* Longer than the server's statement_timeout (store/postgres/tx.c), so that a slow statement fails on the
 * server and is not mistaken for a lost connection. */
#define POSTGRES_READ_TIMEOUT seconds(10)
/* Time limit of a script. A connection pooler that has no free server connection accepts a connection, but
 * blocks its first statement. */
#define POSTGRES_SCRIPT_LIMIT seconds(5)
#define POSTGRES_NO_LIMIT ((duration){ -1 })
/* Maximum number of statements per round trip. */
#define POSTGRES_ROUND_TRIP_MAX 48
/* Maximum number of results that postgres_keep_results can keep. */
#define POSTGRES_KEPT_MAX 8

/* Why a statement or a round trip failed. */
struct postgres_failure {
	char sqlstate[6];    /* SQLSTATE; empty if the server sent none */
	char constraint[64]; /* the violated constraint; empty if there is none */
	bool lost;	     /* the connection was lost */
	bool timed_out;	     /* the connection counts as lost because the server sent nothing for too long */
};

/* The result of one statement. The rows belong to the connection, or to a `struct postgres_shared`. */
struct postgres_result {
	const void *pg_result; /* libpq's PGresult */
	size_t first;	       /* index in pg_result of the first row of this result */
	size_t rows, changed;  /* number of returned rows; number of changed rows */
	bool committed; /* the statement was a COMMIT, and the server did not answer it with ROLLBACK */
};

struct postgres;

/* Connects to the server. Returns ERR_BUSY if the server cannot be reached or refuses the connection, and
 * ERR_CONFLICT if it is older than version 15 or the encoding of the database is not UTF-8. On failure `why`
 * is a message for the operator, which never contains a password. */
enum err postgres_connect(
	const char *url, struct arena *arena, struct postgres **out, struct str *why) must_use;
void postgres_disconnect(struct postgres *p);
/* Requests the server process of this connection to end, without waiting. The caller must then call
 * postgres_disconnect. That alone would leave the process to a connection pooler, and its next client would
 * get the state that made the connection unusable. */
void postgres_end_server_process(struct postgres *p);

/* postgres_script and postgres_query_number send at once and wait for the result. They must not be used after
 * the first call of a function that sends without waiting (see below). On ERR_STORAGE `failure` has the
 * cause. */
/* Runs one or more statements whose results are ignored. */
enum err postgres_script(struct postgres *p, const char *text, struct postgres_failure *failure) must_use;
/* Returns the first column of the first row as a number. Returns ERR_NOT_FOUND if there is no row or the
 * value is NULL. */
enum err postgres_query_number(
	struct postgres *p, const char *text, int64_t *number, struct postgres_failure *failure) must_use;

/* Replaces the time limit POSTGRES_SCRIPT_LIMIT of this connection, for statements that may take longer. */
void postgres_set_script_limit(struct postgres *p, duration limit);
/* Returns the process id (PID) that the server announced when the connection was opened. A connection pooler
 * may announce a number of its own instead. */
int64_t postgres_announced_process(const struct postgres *p);
/* Returns the first line of the last message of the server or of libpq, without passwords. The line may
 * contain values of the failed statement. */
struct str postgres_last_message(struct postgres *p, struct arena *arena);

/* For store/postgres/copy_protocol: postgres_libpq_connection returns the PGconn;
 * postgres_failure_from_result sets `failure` from a failed PGresult. If `result` is NULL or has no SQLSTATE,
 * the connection counts as lost. */
void *postgres_libpq_connection(struct postgres *p);
void postgres_failure_from_result(struct postgres *p, const void *result, struct postgres_failure *failure);

/* The following functions send without waiting. Their errors are returned by the next postgres_round_trip. */
void postgres_prepare(struct postgres *p, const char *name, const char *text);
/* Runs a prepared statement. `parameters` may be NULL. */
void postgres_send(struct postgres *p, const char *name, const struct postgres_parameters *parameters);
/* Runs a statement that has no parameters and was not prepared. */
void postgres_send_text(struct postgres *p, const char *text);
/* Stores the number that the most recently sent statement will return. After the round trip,
 * postgres_kept_number returns it until postgres_keep_number is called again. It is 0 if the statement
 * returned no number. */
void postgres_keep_number(struct postgres *p);
int64_t postgres_kept_number(const struct postgres *p);
/* Stores the kept number as the connection's server epoch (see struct tx_id in store/sql/driver.h). */
void postgres_keep_server_epoch(struct postgres *p);
int64_t postgres_server_epoch(const struct postgres *p);
/* Keeps the results of the last `n` statements sent (at most POSTGRES_KEPT_MAX) until the next call of this
 * function, even across round trips. postgres_kept_result returns result `i`, counted from 0. */
void postgres_keep_results(struct postgres *p, size_t n);
struct postgres_result postgres_kept_result(const struct postgres *p, size_t i);
/* Detaches the result of the last round trip from the connection, so that `n` readers on any threads can use
 * it. Each reader calls postgres_shared_release once; the last call frees the result. Returns NULL if memory
 * runs out. */
struct postgres_shared *postgres_share_result(struct postgres *p, size_t n);
void postgres_shared_release(struct postgres_shared *shared);
/* Returns how many more statements may be sent before the next round trip. */
size_t postgres_sends_left(const struct postgres *p);
/* Waits for the results of all statements that were sent. `result` is the result of the last one, valid until
 * the next round trip. On ERR_STORAGE `failure` has the cause of the first failure; the server skipped all
 * statements after it. */
enum err postgres_round_trip(
	struct postgres *p, struct postgres_result *result, struct postgres_failure *failure) must_use;
/* Sends the buffered statements without waiting. Their results are discarded when they arrive. */
void postgres_flush(struct postgres *p);
/* Returns a value of a result. SQL NULL is returned as an empty string. */
struct str postgres_value(const struct postgres_result *result, size_t row, size_t column);
