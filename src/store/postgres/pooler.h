/* Detects a connection pooler, such as PgBouncer, that changes the server process of a client. In transaction
 * mode each transaction may run on another process, in statement mode each statement. kycd cannot use these
 * modes, because its prepared statements and session settings belong to one server process. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "store/postgres/driver.h"

/* Error message for a pooler in transaction or statement mode. It completes a sentence that begins with the
 * database or its URL, and is short enough for a log line. */
#define POOLER_MODE_MESSAGE                                                                                  \
	"is behind a connection pooler (PgBouncer) in transaction or statement mode: set pool_mode = session"

/* Checks an idle connection on which only scripts have run. If it goes through a pooler, opens a second
 * connection to `url` and compares their server processes. Returns ERR_CONFLICT and sets `*why` to
 * POOLER_MODE_MESSAGE if the pooler changes the server process. Returns OK without a check if the second
 * connection cannot be opened; the first failure of a prepared statement is then diagnosed
 * (store/postgres/diagnosis). Other errors mean that the connection was lost. */
enum err pooler_check(struct postgres *p, const char *url, struct arena *arena, struct str *why) must_use;
