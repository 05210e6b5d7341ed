/* Sessions of one person at Didit (didit-api.md 4.4): what a creation whose answer was lost may have left. */
#pragma once

#include "base/err.h"
#include "port/provider.h"
#include "provider/didit_client.h"

/* A session of that person that is open and was made in that time, the newest of them. What is listed is not
 * believed to be what was asked for: another person's session is never taken. ERR_NOT_FOUND: there is none.
 */
enum err didit_find_newest(struct didit_client *client, const struct session_search *search, int64_t deadline,
	struct provider_ref *found, enum provider_cause *cause) must_use;
