/* HTTP requests and replies as values. The texts of a request point into the connection's input buffer and
 * are valid until the reply has been written. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/* Reasons why a request is rejected before a handler is called, with the status of the reply (interface.md 3,
 * "Order of checks"). */
enum refusal {
	REFUSE_BAD_REQUEST,	/* 400 */
	REFUSE_TIMEOUT,		/* 408 */
	REFUSE_PAYLOAD,		/* 413 */
	REFUSE_HEADER,		/* 431 */
	REFUSE_NOT_IMPLEMENTED, /* 501 */
	REFUSE_VERSION,		/* 505 */
	REFUSE_FULL,		/* 503: too many connections, or the server is stopping */
	REFUSAL_COUNT
};

enum method {
	METHOD_GET,
	METHOD_HEAD,
	METHOD_POST,
	METHOD_PUT,
	METHOD_PATCH,
	METHOD_DELETE,
	METHOD_OPTIONS,
	METHOD_OTHER,
	METHOD_COUNT
};

struct header {
	struct str name, value; /* value trimmed */
};

#define REQUEST_HEADERS_MAX 64

struct request {
	enum method method;
	struct str path, query; /* not decoded; without the "?" */
	struct header headers[REQUEST_HEADERS_MAX];
	size_t n_headers;
	struct str body;
	struct str peer; /* the client's address as text, without port */
};

#define REPLY_HEADERS_MAX 8

struct reply {
	int status;
	const char *content_type;		  /* NULL: no body and no Content-Type */
	struct str body;			  /* a literal, or in the request's arena */
	struct header headers[REPLY_HEADERS_MAX]; /* in addition to Content-Length, Content-Type, Date,
						     Connection */
	size_t n_headers;
	bool close; /* close the connection after this answer */
};

/* Returns the value of the first header with this name, in any case of letters. The result's `p` is NULL if
 * the request has no such header. */
struct str request_header(const struct request *r, struct str name);
/* Returns the number of headers with this name in the request. */
size_t request_header_count(const struct request *r, struct str name);
/* Adds a header. Asserts that the reply still has room for one (REPLY_HEADERS_MAX) and that the value has no
 * CR or LF. */
void reply_header(struct reply *reply, struct str name, struct str value);
bool reply_has_header(const struct reply *reply, struct str name);
/* Returns e.g. "GET"; "OTHER" for METHOD_OTHER. */
struct str method_name(enum method m);
/* Returns the reason phrase of a status, e.g. "Bad Request"; "Status" for a status that kycd does not use. */
struct str http_reason(int status);
