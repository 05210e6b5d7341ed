/* For operators and load balancers: /health/, /metrics, /version. */
#pragma once

#include "api/dispatch.h"

inline_endpoint handle_health_live;
waiting_endpoint handle_health_ready;
waiting_endpoint handle_metrics;
inline_endpoint handle_version;
