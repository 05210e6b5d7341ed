/* The caller of an API endpoint: the API client that sent the request. api/core/guard fills it from the API
 * key. */
#pragma once

#include <stdbool.h>

#include "domain/audit.h"
#include "domain/tenant.h"
#include "text/ip.h"

struct caller {
	struct tenant tenant; /* the tenant of the API key, as it was stored at most a second ago */
	struct actor actor;   /* for audit entries: the id of the API key and the request id */
	bool has_end_user;    /* the request has a valid X-End-User-Address */
	struct ip end_user;   /* its value, the person's IP address. Only rate limits may use it */
};
