/* HTTP server: one thread per connection, time limits, error responses supplied by the caller, and a graceful
 * stop that answers all accepted requests. Supports HTTP/1.0 and 1.1, keep-alive, pipelining, chunked bodies,
 * Expect: 100-continue and HEAD. Limits and callbacks: http/server_conf.h. Contains no KYC logic. Thread-safe
 * after server_start. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"
#include "http/server_conf.h"

struct server;

/* Binds and listens, but accepts no connection yet. Copies `conf`. ERR_CONFLICT: the address is in use.
 * ERR_INPUT: it is not a valid address of this machine. */
enum err server_open(const struct server_conf *conf, struct server **out) must_use;
/* Returns the port that the server is bound to. */
int server_port(const struct server *server);
/* Changes the limits of a running server. They apply to new connections; existing ones are not closed. */
void server_limit(struct server *server, size_t connections, size_t connections_per_address);
/* Starts the accepting thread. */
enum err server_start(struct server *server) must_use;
/* Stops accepting, closes idle connections at once, and waits at most `limit` until requests in progress are
 * answered. Returns true if all connection threads have ended. If the time limit was reached, shuts down the
 * open connections and returns false; their threads may then still use the arguments of the callbacks. */
bool server_stop(struct server *server, duration limit);
/* Called after server_stop. Accepts NULL. */
void server_close(struct server *server);
/* Number of open connections. */
size_t server_connections(const struct server *server);
