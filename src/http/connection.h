/* One connection from its first byte to its last: reads requests, has them served, writes answers, in order,
 * on the thread of its caller. All waits are bounded by the conf's limits. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "base/str.h"
#include "http/server_conf.h"
#include "text/ip.h"

struct http_connection {
	const struct server_conf *conf;
	const atomic_bool *stopping; /* the server's */
	/* Nothing of ours is lost when the socket's reading side is shut now: who stops the server asks. */
	atomic_bool idle;
	int fd;
	struct ip ip;	 /* the socket's other end */
	struct str peer; /* the same as text */
	bool proxied;	 /* a proxy whose X-Forwarded-For is believed */
	/* Of a proxied one, around each call that it hands on for somebody who is no trusted proxy: counts it
	 * for that client. False: that one has as many under way as it may, and the call is refused. */
	bool (*call_begins)(struct http_connection *c, const struct ip *client);
	void (*call_ends)(struct http_connection *c); /* after true */
};

/* Returns when nothing more is to be said; the caller closes the socket. */
void http_connection_run(struct http_connection *c);
/* Answers a connection that has no thread, at once or not at all; the rest of it is not read. */
void http_connection_refuse(int fd, const struct server_conf *conf, enum refusal refusal);
