/* Sockets: a thread per connection, deadlines by poll, refusals in the caller's envelope, a stop that answers
 * what was accepted. Knows no KYC. Limits: see struct server_limits. HTTP/1.0 and 1.1, keep-alive,
 * pipelining, chunked bodies, Expect: 100-continue, HEAD. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "http/message.h"

struct server;

struct server_limits.HTTP / 1.0 and 1.1, keep - alive, pipelining, chunked bodies, *Expect : 100 - continue,
	HEAD.* /
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "http/message.h"

		struct server;

/* What is refused before a handler sees it (interface.md 3, "Order of checks"). */
enum refusal {
	REFUSE_BAD_REQUEST,	/* 400 */
	REFUSE_TIMEOUT,		/* 408 */
	REFUSE_PAYLOAD,		/* 413 */
	REFUSE_HEADER,		/* 431 */
	REFUSE_NOT_IMPLEMENTED, /* 501 */
	REFUSE_VERSION,		/* 505 */
	REFUSE_FULL,		/* 503, connection limits or draining */
	REFUSAL_COUNT
};

struct server_limits {
	size_t header_bytes; /* request line and headers: 16 KiB */
	size_t body_bytes;   /* 64 KiB */
	span request;	     /* from the first byte to the last, however it trickles: 10 s */
	span idle;	     /* between requests: 60 s */
	span write;	     /* a reader that takes nothing: 10 s */
	size_t connections, connections_per_address;
};

struct server_conf {
	struct str host, port; /* "127.0.0.1", "8080"; port "0" takes a free one; "[::1]" without brackets */
	struct server_limits limits;
	/* Called on the connection's thread; fills the reply from the arena. */
	void (*serve)(void *arg, const struct request *request, struct arena *arena, struct reply *reply);
	/* The answer for a refusal; the connection is closed after it. Called on any thread. */
	void (*refuse)(void *arg, enum refusal refusal, struct arena *arena, struct reply *reply);
	/* After the bytes of an answer have been handed to the kernel (e.g. to send an event only then). May
	 * be NULL. */
	void (*served)(void *arg);
	void *arg;
	/* Monotonic milliseconds: deadlines. */
	int64_t (*ticks)(void);
	/* Wall clock for the Date header. */
	moment (*now)(void);
};

/* Binds and listens; nothing is accepted yet. Fails with ERR_CONFLICT when the address is taken, ERR_INPUT
 * when it is no address. The conf is copied. */
enum err server_open(const struct server_conf *conf, struct server **out) must_use;
/* The port it is bound to. */
int server_port(const struct server *server);
/* Starts the accepting thread. */
enum err server_start(struct server *server) must_use;
/* Stops accepting, closes idle connections at once, lets calls in progress be answered, at most `limit` in
 * all. Returns when all connection threads have ended or the time is up. */
void server_stop(struct server *server, span limit);
/* After server_stop. Accepts NULL and half-built ones. */
void server_close(struct server *server);
size_t server_connections(const struct server *server);
