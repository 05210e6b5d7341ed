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
	char *message;	    /* the last message from libpq; may have several rows */
	struct str rest;    /* rows of `message` that have not been returned */
	bool header_skipped;
};

/* Starts reading. `text` is "COPY … TO STDOUT (FORMAT binary)". */
enum err pg_copy_out_begin(
	struct pg_copy *b, struct postgres *p, const char *text, struct postgres_failure *failure) must_use;
/* Returns the next row, valid until the next call. ERR_NOT_FOUND: the COPY has ended. */
enum err pg_copy_out_next(struct pg_copy *b, struct str *encoded, struct postgres_failure *failure) must_use;
/* Ends the COPY: reads the remaining rows and drops them. Does nothing if none is running. */
void pg_copy_out_end(struct pg_copy *b);

/* Starts writing. `text` is "COPY … FROM STDIN (FORMAT binary)". Errors of the server may be reported as late
 * as by pg_copy_in_end. */
enum err pg_copy_in_begin(struct postgres *p, const char *text, struct postgres_failure *failure) must_use;
enum err pg_copy_in_put(struct postgres *p, struct str encoded, struct postgres_failure *failure) must_use;
enum err pg_copy_in_end(struct postgres *p, struct postgres_failure *failure) must_use;
/* Cancels the COPY; its rows are not inserted. */
void pg_copy_in_abort(struct postgres *p);
