/* Many rows at once, as tuples (store/copy/row_codec): PostgreSQL's COPY in its binary form, on a connection
 * of store/postgres/driver that is in no round. One COPY at a time. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "store/postgres/driver.h"

/* Zeroed before the first use. */
struct pg_copy {
	struct postgres *p;
	char *message;	 /* libpq's */
	struct str rest; /* of it, still to be given */
	bool headed;	 /* the head has come by */
};

/* `text` is "COPY … TO STDOUT (FORMAT binary)". Failures are ERR_STORAGE: see `failure`. */
enum err pg_copy_out_begin(
	struct pg_copy *b, struct postgres *p, const char *text, struct postgres_failure *failure) must_use;
/* ERR_NOT_FOUND: that was all, and it is over. `tuple` is valid until the next call. */
enum err pg_copy_out_next(struct pg_copy *b, struct str *encoded, struct postgres_failure *failure) must_use;
/* Reads on to the end and drops it; fine when nothing is open. */
void pg_copy_out_end(struct pg_copy *b);

/* `text` is "COPY … FROM STDIN (FORMAT binary)". A failure comes out with pg_copy_in_end at the latest. */
enum err pg_copy_in_begin(struct postgres *p, const char *text, struct postgres_failure *failure) must_use;
enum err pg_copy_in_put(struct postgres *p, struct str encoded, struct postgres_failure *failure) must_use;
enum err pg_copy_in_end(struct postgres *p, struct postgres_failure *failure) must_use;
/* Gives up: what was put is not there. */
void pg_copy_in_abort(struct postgres *p);
