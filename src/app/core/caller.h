/* Who is calling: the tenant's facts as of at most a second ago, the actor that the trail names, and for
 * whom: the end user's address as the tenant saw it, which limits alone may look at. */
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
