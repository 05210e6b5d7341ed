/* Bytes into requests: HTTP/1.0 and 1.1 (RFC 9112), one connection's input. A strict walk over the raw bytes
 * (http/scan) and llhttp must agree about every request. How the bytes came in pieces changes nothing but
 * when 100 Continue is asked for. Holds the input buffer: small, growing to what one request may need, small
 * again afterwards. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "http/message.h"

struct http1;

enum http1_verdict {
	HTTP1_MORE,	/* read on, into http1_room() */
	HTTP1_CONTINUE, /* the head is fine and the client waits for 100 Continue; said once a request at most
			 */
	HTTP1_REQUEST,	/* http1_request() has it until http1_done() */
	HTTP1_REFUSED,	/* `why` says what for; nothing can be read any more */
};

/* Limits in bytes: request line and headers; body. `peer` is what requests say, and outlives it.
 * ERR_INTERNAL: no memory. */
enum err http1_open(size_t head_limit, size_t body_limit, struct str peer, struct http1 **out) must_use;
/* Accepts NULL. */
void http1_close(struct http1 *h);

/* Where the next bytes may be put, at least one; then http1_got() says how many came. */
enum err http1_room(struct http1 *h, char **at, size_t *n) must_use;
void http1_got(struct http1 *h, size_t n);

enum http1_verdict http1_next(struct http1 *h, enum refusal *why) must_use;
const struct request *http1_request(const struct http1 *h);
/* Whose the request at hand is, where a proxy handed it on; outlives it. */
void http1_peer_set(struct http1 *h, struct str peer);
/* Of the request at hand: may the connection stay, and does the client speak 1.0? After a refusal: no. */
bool http1_keep_alive(const struct http1 *h);
bool http1_is_http10(const struct http1 *h);
/* Are there bytes behind the request at hand? */
bool http1_pending(const struct http1 *h);
/* The request has been answered. */
void http1_done(struct http1 *h);
/* No byte of a next request yet. */
bool http1_idle(const struct http1 *h);
