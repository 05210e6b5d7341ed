/* A person comes back from the provider: where to send them, and whether to read their session now. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "port/world.h"

struct return_redirect {
	struct str url; /* the tenant's page; empty: ours */
	bool read_now;	/* still open, and no return asked for a reading within the last 10 s */
	/* As last asked for by call or tenant; empty: nobody did. */
	struct str person_language, tenant_language;
	struct str tenant_name; /* as the tenant wants to be called; empty: as the setting says */
};

/* `ref` is the provider's id. ERR_NOT_FOUND: no such session. Notes the reading, so that a second call does
 * not. */
enum err app_return(
	const struct world *world, struct arena *a, struct str ref, struct return_redirect *out) must_use;
