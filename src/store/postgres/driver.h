/* libpq in our words: a connection that sends without waiting and hears the answers a round at a time
 * (pipeline mode). What it means to the store is store/postgres/tx's. A server that is silent for
 * POSTGRES_READ_TIMEOUT counts as gone. For one thread at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "store/postgres/row.h"

/* Longer than a statement may take (store/postgres/tx): one that is slow is told from a server that is
 * gone. */
#define POSTGRES_READ_TIMEOUT seconds(10)
/* What may be sent in one round. */
#define POSTGRES_ROUND_MAX 48
/* How many answers of one round can be kept. */
#define POSTGRES_KEPT_MAX 8

/* Why a round failed. */
struct postgres_failure {
	char sqlstate[6];    /* SQLSTATE; empty: none was given */
	char constraint[64]; /* which rule of the schema was broken, if one was */
	bool lost;	     /* the connection is gone … */
	bool timed_out;	     /* … for nothing was heard for POSTGRES_READ_TIMEOUT */
};

/* What the last thing sent in a round came to; valid until the next call. */
struct postgres_answer {
	const void *result;
	size_t first; /* its rows begin with that of the result */
	size_t rows, changed;
	bool committed; /* a COMMIT that was no ROLLBACK */
};

struct postgres;

/* ERR_BUSY: cannot be reached, or refuses us; `why` is the server's or libpq's word for it, never with the
 * password in it. ERR_CONFLICT: older than version 15, or its texts are not UTF-8. */
enum err postgres_connect(
	const char *url, struct arena *arena, struct postgres **out, struct str *why) must_use;
void postgres_disconnect(struct postgres *p);

/* Outside of rounds, at their own pace: several statements at once; one that answers with a number, whose
 * absence is ERR_NOT_FOUND. ERR_STORAGE: see `failure`. */
enum err postgres_script(struct postgres *p, const char *text, struct postgres_failure *failure) must_use;
enum err postgres_ask(
	struct postgres *p, const char *text, int64_t *number, struct postgres_failure *failure) must_use;
/* For store/postgres/copy_protocol: libpq's own connection, and why a result of it failed. */
void *postgres_libpq_connection(struct postgres *p);
void postgres_failure_of(struct postgres *p, const void *result, struct postgres_failure *failure);
/* These wait for nothing. A failure is heard of in the round. */
void postgres_prepare(struct postgres *p, const char *name, const char *text);
void postgres_send(struct postgres *p, const char *name, const struct postgres_parameters *parameters);
/* A statement without parameters that was not prepared. */
void postgres_send_text(struct postgres *p, const char *text);
/* The number that the last thing sent answers with is kept: postgres_txid. */
void postgres_keep_txid(struct postgres *p);
int64_t postgres_txid(const struct postgres *p);
/* That number is the server's life, while this connection has been there. */
void postgres_keep_server_epoch(struct postgres *p);
int64_t postgres_server_epoch(const struct postgres *p);
/* The answers to the last `n` things sent are kept until it is said again, or another round was to be kept.
 */
void postgres_keep(struct postgres *p, size_t n);
struct postgres_answer postgres_kept(const struct postgres *p, size_t i);
/* What the last thing sent in a round came to, for `n` to read, from whichever thread, until each has let it
 * go. NULL: no memory. */
struct postgres_shared *postgres_share(struct postgres *p, size_t n);
void postgres_release(struct postgres_shared *shared);
/* How much more may be sent in this round. */
size_t postgres_room(const struct postgres *p);
/* Waits until all is answered. ERR_STORAGE: something failed, and what was sent behind it did not happen. */
enum err postgres_round(
	struct postgres *p, struct postgres_answer *answer, struct postgres_failure *failure) must_use;
/* Sends it off, and its answers are dropped when they come. */
void postgres_flush(struct postgres *p);
/* Of an answer; NULL reads as the empty text. */
struct str postgres_value(const struct postgres_answer *answer, size_t row, size_t column);
