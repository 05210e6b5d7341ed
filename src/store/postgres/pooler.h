/* Detects a connection pooler, such as PgBouncer, that does not keep a client on the same server process: in
 * transaction mode each transaction, in statement mode each statement may run on another one. kycd cannot use
 * that: its prepared statements and session settings belong to the server process. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "store/postgres/driver.h"

/* Completes a sentence that begins with the database or its URL. Short enough for a log line. */
#define POOLER_MODE_MESSAGE                                                                                  \
	"is behind a connection pooler (PgBouncer) in transaction or statement mode: set pool_mode = session"

/* Checks an idle connection, on which only scripts have run. If a pooler is in between, opens another
 * connection to `url` for the comparison. ERR_CONFLICT: such a pooler, `*why` is POOLER_MODE_MESSAGE. OK also
 * if it cannot be found out, because there is no second connection; then the first failure of a prepared
 * statement shows it (store/postgres/diagnosis). Other errors: the connection was lost. */
enum err pooler_check(struct postgres *p, const char *url, struct arena *arena, struct str *why) must_use;
