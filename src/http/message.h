/* One request and one answer of HTTP/1.1, as values. Texts of a request point into the connection's buffer
 * and are valid until the answer has been written. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

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
	struct str path, query; /* as written, without "?" */
	struct header headers[REQUEST_HEADERS_MAX];
	size_t n_headers;
	struct str body;
	struct str peer; /* the client's address as text, without port */
};

#define REPLY_HEADERS_MAX 8

struct reply {
	int status;
	const char *content_type;		  /* NULL: no body, no type */
	struct str body;			  /* literal, or in the call's arena */
	struct header headers[REPLY_HEADERS_MAX]; /* besides Content-Length, Content-Type, Date, Connection */
	size_t n_headers;
	bool close; /* close the connection after this answer */
};

/* The value of a header by its name (any case); the empty slice with p == NULL when absent. The first, if
 * repeated. */
struct str request_header(const struct request *r, struct str name);
/* How often a header stands in the request. */
size_t request_header_count(const struct request *r, struct str name);
/* Adds a header; asserts that there is room. Values with CR or LF are a bug (assert). */
void reply_header(struct reply *reply, struct str name, struct str value);
/* "GET"; "OTHER" for METHOD_OTHER. */
struct str method_name(enum method m);
/* "Bad Request"; "Status" for a number that we never say. */
struct str http_reason(int status);
