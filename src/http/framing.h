/* What a request's head says about where its body ends and what it is for: RFC 9112 sections 3 and 6, read
 * strictly. What could be read in two ways is refused. Pure; slices point where the request's do. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"
#include "http/message.h"

struct framing {
	bool chunked;
	size_t length; /* of the body, when not chunked */
	bool expects;  /* the client waits for 100 Continue */
};

/* `minor` is the version's, 0 or 1. False says why in `why` and leaves `out` alone. */
bool framing_read(const struct request *r, int minor, size_t body_limit, struct framing *out,
	enum refusal *why) must_use;
/* The target as written → path and query: origin-form; absolute-form by its path; "*" for OPTIONS. False for
 * others, then nothing is written. */
bool target_read(struct str target, enum method method, struct str *path, struct str *query) must_use;
/* A Content-Length that is a number, however large (RFC 9110 section 8.6). */
bool length_is_number(struct str value);
