/* Parses the input of one connection into requests: HTTP/1.0 and 1.1 (RFC 9112). Each request is checked by
 * http/scan and parsed by llhttp; a request on which the two differ is rejected. The result does not depend
 * on how the input is split into reads, except for when HTTP1_CONTINUE is returned. Owns the input buffer,
 * which grows up to the limits and shrinks again between requests. Not thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "http/message.h"

struct http1;

enum http1_verdict {
	HTTP1_MORE,	/* more input is needed: read into the memory from http1_room */
	HTTP1_CONTINUE, /* the head is valid and the client waits for 100 Continue; returned at most once per
			   request */
	HTTP1_REQUEST,	/* a request is complete; http1_request returns it until http1_done is called */
	HTTP1_REFUSED,	/* the input is invalid, see `why`; no more requests can be read */
};

/* Creates a parser. `head_limit` (request line and headers) and `body_limit` are in bytes. `peer` becomes
 * request.peer and must stay valid until http1_close. ERR_INTERNAL: no memory. */
enum err http1_open(size_t head_limit, size_t body_limit, struct str peer, struct http1 **out) must_use;
/* Accepts NULL. */
void http1_close(struct http1 *h);

/* Sets `at` and `n` to memory for the next input, at least one byte. After reading, the caller reports the
 * number of bytes with http1_got. ERR_INTERNAL: no memory. */
enum err http1_room(struct http1 *h, char **at, size_t *n) must_use;
void http1_got(struct http1 *h, size_t n);

/* Processes the input received so far. */
enum http1_verdict http1_next(struct http1 *h, enum refusal *why) must_use;
const struct request *http1_request(const struct http1 *h);
/* Sets request.peer, the client's address, if a proxy forwarded the request. `peer` must stay valid until
 * http1_done. */
void http1_peer_set(struct http1 *h, struct str peer);
/* Returns whether the connection may stay open after the current request; false after HTTP1_REFUSED. */
bool http1_keep_alive(const struct http1 *h);
/* Returns whether the version of the current request is HTTP/1.0. */
bool http1_is_http10(const struct http1 *h);
/* Returns whether input was received that follows the current request. */
bool http1_pending(const struct http1 *h);
/* Releases the current request after it was answered. */
void http1_done(struct http1 *h);
/* Returns whether no byte of the next request has been received. */
bool http1_idle(const struct http1 *h);
