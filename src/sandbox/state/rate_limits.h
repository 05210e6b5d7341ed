/* Rate limits of the sandbox API (didit-api.md 9). Each scope has its own limit per client over a sliding
 * window of 60 s. A scope remembers its last RATE_CALLS_KEPT calls, of all clients together.
 * Not thread-safe: the caller locks. */
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

/* The limit in calls per minute. */
int64_t rate_limit(enum rate_scope scope);
struct rate_verdict {
	enum rate_scope scope; /* the first scope whose limit is reached */
	moment retry_at;       /* when that scope allows the client's next call */
};
/* Counts one call of this client in every scope of the list and returns true. If one of the scopes has
 * reached its limit, counts nothing, fills `verdict` and returns false. */
bool rates_take(struct rates *rates, const enum rate_scope *scopes, size_t n, struct str client, moment now,
	struct rate_verdict *verdict) must_use;
