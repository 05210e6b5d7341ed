/* Log lines about deliveries. They name the endpoint's id and its host, and nothing else of the URL. */
#pragma once

#include <stddef.h>

#include "app/webhook/attempt.h"
#include "app/webhook/delivery_mark.h"
#include "base/log_limit.h"
#include "port/world.h"

/* Endpoints whose failures are limited at the same time. With more failing endpoints, some are logged more
 * often than once a minute. */
#define LOGGED_ENDPOINTS 128

struct delivery_log {
	size_t next;
	struct {
		struct endpoint_id id;
		struct log_limit limit;
	} endpoints[LOGGED_ENDPOINTS];
};

/* Logs a failed attempt, at most once a minute for each endpoint. */
void delivery_log_failure(struct delivery_log *log, const struct world *world, const struct attempt *attempt);
void delivery_log_disabled(const struct disabled_endpoint *endpoint);
