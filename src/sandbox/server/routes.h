/* Every call of the sandbox, one row each: who may make it, how often, and who answers. */
#pragma once

#include <stdbool.h>

#include "http/router.h"
#include "sandbox/request/api_version.h"
#include "sandbox/state/rate_limits.h"

enum fault_policy { FAULTS_IGNORED, FAULTS_APPLY };

struct sandbox_route {
	struct router_entry entry;
	enum fault_policy faults; /* do FAULT_ERROR and FAULT_SLOW meet it? */
	enum rate_scope scope;
	bool (*allowed)(struct request_ctx *ctx); /* NULL: everybody */
	void (*serve)(struct request_ctx *ctx);
	const struct sandbox_api_version *version;
};

extern const struct router sandbox_router;
const struct sandbox_route *sandbox_route_at(size_t index);
/* How often: false, and 429 was answered. */
bool route_check_rate(const struct sandbox_route *call, struct request_ctx *ctx);
