/* Handles one connection on the caller's thread: reads requests, calls the callback that serves them, and
 * writes the responses in order. All waits are bounded by the limits in the configuration. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "base/str.h"
#include "http/server_conf.h"
#include "text/ip.h"

struct http_connection {
	const struct server_conf *conf;
	const atomic_bool *stopping; /* the server is stopping */
	/* No request is being read or served, so server_stop may shut down the socket's reading side. */
	atomic_bool idle;
	int fd;
	struct ip ip;	 /* address of the other end of the socket */
	struct str peer; /* the same as text */
	bool proxied;	 /* the other end is a trusted proxy, whose X-Forwarded-For header is used */
	/* Called around each request that a trusted proxy forwards for a client: counts the request for the
	 * client's address. Returns false if that address has too many requests in progress; then the request
	 * is rejected. */
	bool (*call_begins)(struct http_connection *c, const struct ip *client);
	void (*call_ends)(struct http_connection *c); /* called only if call_begins returned true */
};

/* Returns when the connection is finished; the caller closes the socket. */
void http_connection_run(struct http_connection *c);
/* Sends an error response to a connection that has no thread, and ends the sending side. Does not block and
 * does not read. */
void http_connection_refuse(int fd, const struct server_conf *conf, enum refusal refusal);
