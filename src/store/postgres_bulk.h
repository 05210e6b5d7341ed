/* Many rows at once, as tuples (store/tuple): PostgreSQL's COPY in its binary form, on a connection of
 * store/postgres_driver that is in no round. One COPY at a time. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "store/postgres_driver.h"

/* Zeroed before the first use. */
struct bulk {
	struct postgres *p;
	char *message;	 /* libpq's */
	struct str rest; /* of it, still to be given */
	bool headed;	 /* the head has come by */
};

/* `text` is "COPY … TO STDOUT (FORMAT binary)". Failures are ERR_STORAGE: see `failure`. */
enum err bulk_read(
	struct bulk *b, struct postgres *p, const char *text, struct postgres_failure *failure) must_use;
/* ERR_NOT_FOUND: that was all, and it is over. `tuple` is valid until the next call. */
enum err bulk_next(struct bulk *b, struct str *tuple, struct postgres_failure *failure) must_use;
/* Reads on to the end and drops it; fine when nothing is open. */
void bulk_stop(struct bulk *b);

/* `text` is "COPY … FROM STDIN (FORMAT binary)". A failure comes out with bulk_written at the latest. */
enum err bulk_write(struct postgres *p, const char *text, struct postgres_failure *failure) must_use;
enum err bulk_put(struct postgres *p, struct str tuple, struct postgres_failure *failure) must_use;
enum err bulk_written(struct postgres *p, struct postgres_failure *failure) must_use;
/* Gives up: what was put is not there. */
void bulk_abandon(struct postgres *p);
