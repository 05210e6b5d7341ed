/* Removes from a JSON document the members that the caller does not need, while the document is received
 * piece by piece. So a large document takes no more memory than its needed part. The removed part is not
 * validated, except that its strings and brackets must end. A document that is malformed in the kept part
 * stays malformed. Not thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Maximum nesting depth of the kept part. A document whose kept part is deeper counts as malformed. */
#define JSON_PRUNE_DEPTH 32
#define JSON_PRUNE_KEY_SIZE 64

struct json_prune {
	const struct str *keys;
	size_t n_keys;
	void (*put)(void *arg, struct str bytes); /* receives the kept bytes */
	void *arg;
	/* internal */
	int state;
	bool keeps, escaped, has_output, key_is_escaped, key_is_long;
	bool is_object[JSON_PRUNE_DEPTH], has_member[JSON_PRUNE_DEPTH];
	size_t depth, skip_depth, n_key, n_out;
	char key[JSON_PRUNE_KEY_SIZE], out[512];
};

/* Prepares `p`. Members with one of the `keys` are kept, at any depth; other members are removed with their
 * values. Elements of arrays are kept. `keys` must outlive `p`. */
void json_prune_init(struct json_prune *p, const struct str *keys, size_t n_keys,
	void (*put)(void *arg, struct str bytes), void *arg);
/* Processes the next piece of the document. */
void json_prune_push(struct json_prune *p, struct str bytes);
/* Ends the document. Must be called after its last piece. */
void json_prune_end(struct json_prune *p);
