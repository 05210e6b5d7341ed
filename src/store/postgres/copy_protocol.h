/* Reads and writes many rows with PostgreSQL's COPY in its binary format, which is also the format of encoded
 * rows (store/copy/row_codec.h). The connection (store/postgres/driver.h) must not be in pipeline mode. One
 * COPY at a time on a connection, by one thread. Failures are ERR_STORAGE; `failure` has the cause. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "store/postgres/driver.h"

/* A running COPY TO. Must be all zeros before the first use. */
struct pg_copy {
	struct postgres *p; /* NULL: none is running */
	char *message;	    /* the last message from libpq; it may contain several rows */
	struct str rest;    /* the part of `message` whose rows were not returned yet */
	bool header_skipped;
};

/* Starts reading rows. `text` must be "COPY … TO STDOUT (FORMAT binary)". */
enum err pg_copy_out_begin(
	struct pg_copy *b, struct postgres *p, const char *text, struct postgres_failure *failure) must_use;
/* Returns the next row, which is valid until the next call. Returns ERR_NOT_FOUND after the last row. */
enum err pg_copy_out_next(struct pg_copy *b, struct str *encoded, struct postgres_failure *failure) must_use;
/* Ends the COPY: receives the remaining rows and discards them. Does nothing if no COPY is running. */
void pg_copy_out_end(struct pg_copy *b);

/* Starts writing rows. `text` must be "COPY … FROM STDIN (FORMAT binary)". An error of the server may be
 * returned only by a later call, at the latest by pg_copy_in_end. */
enum err pg_copy_in_begin(struct postgres *p, const char *text, struct postgres_failure *failure) must_use;
enum err pg_copy_in_put(struct postgres *p, struct str encoded, struct postgres_failure *failure) must_use;
enum err pg_copy_in_end(struct postgres *p, struct postgres_failure *failure) must_use;
/* Cancels the COPY; its rows are not inserted. */
void pg_copy_in_abort(struct postgres *p);
