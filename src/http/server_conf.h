/* Configuration of an HTTP server: limits, callbacks and clocks. It is separate from http/server.h so that
 * http/connection does not depend on the server. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/moment.h"
#include "base/str.h"
#include "http/message.h"
#include "text/ip.h"

struct server_limits {
	size_t header_bytes; /* maximum size of request line and headers; kycd uses 16 KiB */
	size_t body_bytes;   /* maximum size of a body; kycd uses 64 KiB */
	duration request;    /* maximum time from the first to the last byte of a request; kycd uses 10 s */
	duration idle;	     /* maximum wait for the next request; kycd uses 60 s */
	duration write;	     /* maximum wait for a client that does not read the response; kycd uses 10 s */
	/* Maximum number of open connections, in total and per client address. IPv6 addresses are counted by
	 * their /64 prefix. */
	size_t connections, connections_per_address;
};

struct server_conf {
	/* The address to listen on, e.g. "127.0.0.1" and "8080". An IPv6 address has no brackets. Port "0"
	 * selects a free port. */
	struct str host, port;
	struct server_limits limits;
	size_t call_bytes; /* memory of one call; 0: ARENA_CALL_LIMIT */
	/* Trusted proxies, whose X-Forwarded-For headers are used (http/forwarded.h); NULL: none. A proxy's
	 * connections count towards the total limit. The limit per address does not apply to the proxy but to
	 * the client whose request it forwards, while that request is served. */
	const struct ip_nets *trusted;
	/* Serves a request: fills the reply with memory of the arena. Called on the connection's thread. */
	void (*serve)(void *arg, const struct request *request, struct arena *arena, struct reply *reply);
	/* Fills the error reply for a rejected request. The connection is closed after the reply, unless the
	 * request came through a proxy and was rejected because its client has too many requests in progress.
	 * Called on any thread. */
	void (*refuse)(void *arg, enum refusal refusal, struct arena *arena, struct reply *reply);
	/* Called after the reply was passed to the kernel or could not be sent, on the thread that called
	 * `serve`. It is for work that must follow the reply, e.g. delivering an event. May be NULL. */
	void (*served)(void *arg);
	void *arg;
	/* Monotonic clock in milliseconds, for time limits. */
	int64_t (*ticks)(void);
	/* Wall clock, for the Date header. */
	moment (*now)(void);
};
