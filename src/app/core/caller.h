/* The caller of an API endpoint, which is the API client that sent the request. api/core/guard fills the
 * struct from the API key. */
#pragma once

#include <stdbool.h>

#include "domain/audit.h"
#include "domain/tenant.h"
#include "text/ip.h"

struct caller {
	struct tenant tenant; /* the tenant of the API key, as it was stored at most a second ago */
	scope_set scopes;     /* what the API key may do */
	struct actor actor;   /* the actor for audit entries: the id of the API key and the request id */
	bool has_end_user;    /* the request has a valid X-End-User-Address */
	struct ip end_user; /* the value of X-End-User-Address, the person's IP address; only rate limits may
			       use it */
};
