/* For operators and load balancers: /health/live, /health/ready, and on the admin listener /metrics,
 * /version. */
#pragma once

#include "api/core/route.h"

extern const struct route live_route, ready_route, metrics_route, version_route;
