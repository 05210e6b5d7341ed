/* Finds a person's session at Didit (didit-api.md 4.4) if the response to the create request was lost. Needs
 * an API version with a session list (v2 or v3). */
#pragma once

#include "base/err.h"
#include "port/provider.h"
#include "provider/didit_client.h"

/* Finds the newest open session of the person that was created at `search->since` or later, with five minutes
 * of tolerance for clock differences. Each listed session is checked again, so that another person's session
 * is never returned even if Didit ignores the filter. Returns ERR_NOT_FOUND if there is none, and
 * ERR_UPSTREAM with PROVIDER_UNUSABLE if the list is malformed or has more than four pages of 50 sessions. */
enum err didit_find_newest(struct didit_client *client, const struct session_search *search, int64_t deadline,
	struct provider_ref *found, struct provider_failure *failure) must_use;
