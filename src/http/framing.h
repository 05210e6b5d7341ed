/* Determines the length of a request's body and the request target from the head (RFC 9112 sections 3 and 6).
 * Rejects everything that could be interpreted in two ways, to prevent request smuggling. Pure functions; the
 * results point into the request's memory. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"
#include "http/message.h"

struct framing {
	bool chunked;
	size_t length; /* length of the body in bytes, if not chunked */
	bool expects;  /* the client waits for 100 Continue */
};

/* Reads the framing from the head of a request. `minor` is the minor HTTP version, 0 or 1. On failure returns
 * false, sets `why`, and leaves `out` unchanged. */
bool framing_read(const struct request *r, int minor, size_t body_limit, struct framing *out,
	enum refusal *why) must_use;
/* Splits a request target into path and query. Accepts the origin form, the absolute form, and "*" for
 * OPTIONS. Returns false and writes nothing for other targets. */
bool target_read(struct str target, enum method method, struct str *path, struct str *query) must_use;
/* Returns whether a Content-Length value is a number of any size (RFC 9110 section 8.6). */
bool length_is_number(struct str value);
