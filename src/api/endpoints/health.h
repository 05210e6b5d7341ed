/* Endpoints for operators and load balancers: GET /health/live and /health/ready on both listeners; /metrics
 * and /version on the admin listener. */
#pragma once

#include "api/core/route.h"

extern const struct route live_route, ready_route, metrics_route, version_route;
