/* Rate limits of the sandbox API (didit-api.md 9). In each scope, a client may make a limited number of calls
 * within a sliding window of 60 s. A scope stores only its last RATE_CALLS_KEPT calls, of all clients
 * together. Not thread-safe: the caller locks. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"

enum rate_scope {
	RATE_NONE,
	RATE_GET,
	RATE_WRITE,
	RATE_CREATE,
	RATE_DECISION,
	RATE_REPORT,
	RATE_DATA,
	RATE_SCOPES
};

#define RATE_CALLS_KEPT 2048

struct rates;

enum err rates_open(struct rates **out) must_use;
void rates_close(struct rates *rates);

/* Returns the limit of this scope in calls per minute. */
int64_t rate_limit(enum rate_scope scope);
struct rate_verdict {
	enum rate_scope scope; /* the first scope whose limit is reached */
	moment retry_at;       /* time when that scope allows the client's next call */
};
/* Counts one call of this client in each of the `n` scopes and returns true. If one of them has reached its
 * limit, counts nothing, fills `verdict` and returns false. */
bool rates_take(struct rates *rates, const enum rate_scope *scopes, size_t n, struct str client, moment now,
	struct rate_verdict *verdict) must_use;
