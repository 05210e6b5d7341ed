/* The table of all routes of the sandbox, with the required credentials, the rate limit and the handler of
 * each. */
#pragma once

#include <stdbool.h>

#include "http/router.h"
#include "sandbox/request/api_version.h"
#include "sandbox/state/rate_limits.h"

enum fault_policy { FAULTS_IGNORED, FAULTS_APPLY };

struct sandbox_route {
	struct router_entry entry;
	enum fault_policy faults; /* whether FAULT_ERROR and FAULT_SLOW apply to the route */
	enum rate_scope scope;
	bool (*allowed)(struct request_ctx *ctx); /* checks the credentials; NULL: none are required */
	void (*serve)(struct request_ctx *ctx);
	const struct sandbox_api_version *version; /* NULL if the route is independent of the API version */
};

extern const struct router sandbox_router;
/* Returns the route with this index in sandbox_router. */
const struct sandbox_route *sandbox_route_at(size_t index);
/* Counts the call against the route's rate limits. If a limit is reached, responds with 429 and returns
 * false. */
bool route_check_rate(const struct sandbox_route *route, struct request_ctx *ctx);
