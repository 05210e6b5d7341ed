/* How often somebody may call (didit-api.md 9): scopes that each count on their own, over the last 60 s. Of a
 * scope the last RATES_KEPT calls are remembered. No lock of its own. */
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

/* Calls a minute. */
int64_t rate_limit(enum rate_scope scope);
/* Takes one call of this client in all scopes of the list, or none: then false, and the first scope that is
 * over its limit, and when it has room again. */
struct rate_verdict {
	enum rate_scope scope;
	moment retry_at;
};
bool rates_take(struct rates *rates, const enum rate_scope *scopes, size_t n, struct str client, moment now,
	struct rate_verdict *verdict) must_use;
