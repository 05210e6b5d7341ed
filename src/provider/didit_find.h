/* Finds a person's session at Didit (didit-api.md 4.4) when the response to a create request was lost. Needs
 * an API version with a session list (v2, v3). */
#pragma once

#include "base/err.h"
#include "port/provider.h"
#include "provider/didit_client.h"

/* Finds the newest open session of the person that was created at `search->since` or later (with five minutes
 * of tolerance for clock differences). Checks each listed session again, so that another person's session is
 * never returned even if Didit ignores the filter. Returns ERR_NOT_FOUND when there is none, and ERR_UPSTREAM
 * with PROVIDER_UNUSABLE when the list is malformed or has more than four pages of 50. */
enum err didit_find_newest(struct didit_client *client, const struct session_search *search, int64_t deadline,
	struct provider_ref *found, struct provider_failure *failure) must_use;
