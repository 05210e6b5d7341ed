/* Who is calling: the tenant's facts as of at most a second ago, and the actor that the trail names. */
#pragma once

#include "domain/tenant.h"
#include "domain/trail.h"

struct caller {
	struct tenant tenant;
	struct actor actor;
};
