/* The caller of an API endpoint: its tenant (as stored at most a second ago), the actor that the audit log
 * names, and the end user's IP address if the tenant's server passed it on. Only rate limits may use that
 * address. */
#pragma once

#include <stdbool.h>

#include "domain/audit.h"
#include "domain/tenant.h"
#include "text/ip.h"

struct caller {
	struct tenant tenant;
	struct actor actor;
	bool has_end_user;
	struct ip end_user;
};
