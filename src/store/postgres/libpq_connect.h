/* Opens libpq's connection for store/postgres/driver: the parameters beside those of the URL, the checks of
 * the server, and messages without passwords. */
#pragma once

#include <libpq-fe.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* See postgres_connect in store/postgres/driver.h. `*out` is closed with PQfinish, also after a failure;
 * NULL: out of memory. Waits at most 5 s for each address of each host of the URL. */
enum err libpq_connect(const char *url, struct arena *arena, PGconn **out, struct str *why) must_use;
/* The first line of libpq's last message; the others repeat it for each address of the host. Another text if
 * it contains a password. */
struct str libpq_message(PGconn *conn, struct arena *arena);
