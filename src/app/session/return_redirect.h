/* The redirect of a person who comes back from the provider. Determines where the person is redirected to,
 * and whether the session is polled now. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/branding.h"
#include "domain/verification.h"
#include "port/world.h"

struct return_redirect {
	struct str url; /* the tenant's page; empty: kycd's own page */
	bool poll_now;	/* the session is open, and no return caused a poll of it within the last 10 s */
	/* A verification link handed over to the session: the person goes on there and not to `url`. */
	bool has_link;
	enum session_status session_status;
	/* Stored languages of the person and the tenant; empty if none was set. */
	struct str person_language, tenant_language;
	struct str tenant_name; /* the tenant's display name; if empty, the page shows the configured brand */
	struct branding branding;
};

/* `ref` is the provider's id of the session. Returns ERR_NOT_FOUND for an unknown session. If the session
 * must be polled, sets `poll_now` and stores the time, so that further returns within 10 s do not set it. */
enum err app_return(
	const struct world *world, struct arena *a, struct str ref, struct return_redirect *out) must_use;
