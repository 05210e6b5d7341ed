/* Sockets: a thread per connection, deadlines, refusals in the caller's envelope, a stop that answers what
 * was accepted. Knows no KYC. Limits and callbacks: http/server_conf.h. HTTP/1.0 and 1.1, keep-alive,
 * pipelining, chunked bodies, Expect: 100-continue, HEAD. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"
#include "http/server_conf.h"

struct server;

/* Binds and listens; nothing is accepted yet. Fails with ERR_CONFLICT when the address is taken, ERR_INPUT
 * when it is no address. The conf is copied. */
enum err server_open(const struct server_conf *conf, struct server **out) must_use;
/* The port it is bound to. */
int server_port(const struct server *server);
/* Holds for those who come from now on; nobody is cut. While running. */
void server_limit(struct server *server, size_t connections, size_t connections_per_address);
/* Starts the accepting thread. */
enum err server_start(struct server *server) must_use;
/* Stops accepting, closes idle connections at once, lets calls in progress be answered, at most `limit` in
 * all. Returns when all connection threads have ended or the time is up. False: some were cut, and their
 * threads still hold what they were given. */
bool server_stop(struct server *server, duration limit);
/* After server_stop. Accepts NULL and half-built ones. */
void server_close(struct server *server);
size_t server_connections(const struct server *server);
