/* Handles one connection on the caller's thread: reads requests, calls the callback that serves them, and
 * writes the responses in order. The limits in the configuration bound all waits. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "base/str.h"
#include "http/server_conf.h"
#include "text/ip.h"

struct http_connection {
	const struct server_conf *conf;
	const atomic_bool *stopping; /* the server is stopping */
	/* True while no request is being read or served. server_stop may then shut down the socket's reading
	 * side. */
	atomic_bool idle;
	int fd;
	struct ip ip;	 /* address of the other end of the socket */
	struct str peer; /* `ip` as text */
	bool proxied;	 /* the other end is a trusted proxy, whose X-Forwarded-For header is used */
	/* Called before each request that a trusted proxy forwards for a client: counts the request for the
	 * client's address. Returns false if that address has too many requests in progress; then the request
	 * is rejected. */
	bool (*call_begins)(struct http_connection *c, const struct ip *client);
	/* Called after the request if call_begins returned true. */
	void (*call_ends)(struct http_connection *c);
};

/* Returns when the connection is finished; the caller closes the socket. */
void http_connection_run(struct http_connection *c);
/* Sends an error response to a connection that has no thread, and shuts down the sending side of the socket.
 * Does not block and does not read. */
void http_connection_refuse(int fd, const struct server_conf *conf, enum refusal refusal);
