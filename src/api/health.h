/* For operators and load balancers: /health/, /metrics, /version. */
#pragma once

#include "api/dispatch.h"

inline_endpoint health_live;
waiting_endpoint health_ready;
waiting_endpoint show_metrics;
inline_endpoint show_version;
