/* Opens libpq's connection for store/postgres/driver. Adds parameters to those of the URL, checks the server,
 * and removes passwords from messages. */
#pragma once

#include <libpq-fe.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Opens a connection; see postgres_connect in store/postgres/driver.h. The caller closes `*out` with
 * PQfinish, also after a failure; it is NULL if memory ran out. Waits at most 5 s for each address of each
 * host in the URL. */
enum err libpq_connect(const char *url, struct arena *arena, PGconn **out, struct str *why) must_use;
/* Returns the first line of libpq's last message; the other lines repeat it for each address of the host. If
 * the line contains a password, returns a general message instead. */
struct str libpq_message(PGconn *conn, struct arena *arena);
