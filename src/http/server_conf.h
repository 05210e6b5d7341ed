/* What a server serves: its limits, who answers, and where its clocks are. Apart from http/server, so that
 * what holds one conversation need not know who started it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/moment.h"
#include "base/str.h"
#include "http/message.h"
#include "text/ip.h"

struct server_limits {
	size_t header_bytes; /* request line and headers: 16 KiB */
	size_t body_bytes;   /* 64 KiB */
	duration request;    /* from the first byte to the last, however it trickles: 10 s */
	duration idle;	     /* between requests: 60 s */
	duration write;	     /* a reader that takes nothing: 10 s */
	/* An IPv6 address is counted as its /64: that is what one subscriber has. */
	size_t connections, connections_per_address;
};

struct server_conf {
	/* "127.0.0.1", "8080"; port "0" takes a free one; "[::1]" without brackets */
	struct str host, port;
	struct server_limits limits;
	/* Proxies whose X-Forwarded-For is believed (http/forwarded); NULL: none. Their connections are
	 * counted among all, and per address for the client whose call they hand on, while it is served. */
	const struct ip_nets *trusted;
	/* Called on the connection's thread; fills the reply from the arena. */
	void (*serve)(void *arg, const struct request *request, struct arena *arena, struct reply *reply);
	/* The answer for a refusal; the connection is closed after it, unless it is a proxy's whose client
	 * has too many calls under way. Called on any thread. */
	void (*refuse)(void *arg, enum refusal refusal, struct arena *arena, struct reply *reply);
	/* After the bytes of an answer have been handed to the kernel (e.g. to send an event only then), or
	 * could not be, because the client is gone; on the thread that served. May be NULL. */
	void (*served)(void *arg);
	void *arg;
	/* Monotonic milliseconds: deadlines. */
	int64_t (*ticks)(void);
	/* Wall clock for the Date header. */
	moment (*now)(void);
};
