/* Collects the body of an HTTP response in memory that is wiped afterwards, because a body may contain a
 * token. Limits the size of the body, and can remove unneeded members of a JSON body while it is received.
 * Not thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "text/json_prune.h"

struct reply_body {
	size_t max;	 /* bytes that may be received */
	size_t received; /* number of bytes received, including those that were removed */
	bool too_large, no_memory;
	char *bytes; /* what is kept */
	size_t n, room;
	bool is_pruned;
	struct json_prune prune;
};

/* From now on, keeps only JSON members with one of the `keys`, which must outlive `body`. */
void reply_body_prune(struct reply_body *body, const struct str *keys, size_t n_keys);
/* Adds a piece of the body. Returns false if the body is too large or memory is exhausted, and sets too_large
 * or no_memory. */
bool reply_body_add(struct reply_body *body, struct str bytes) must_use;
/* Called after the last piece. Sets `out` to what was kept of the body; the memory belongs to `body`. Returns
 * false if memory was exhausted. */
bool reply_body_end(struct reply_body *body, struct str *out) must_use;
/* Wipes and frees the memory. */
void reply_body_finish(struct reply_body *body);
