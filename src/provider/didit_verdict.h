/* Sends an operator's decision about a session to Didit (didit-api.md 2.4, 4.5: update-status). */
#pragma once

#include "base/err.h"
#include "port/provider.h"
#include "provider/didit_client.h"
#include "provider/didit_version.h"

/* As `decide` of port/provider.h. */
enum err didit_send_verdict(struct didit_client *client, const struct didit_version *version,
	const struct verdict_params *params, struct provider_failure *failure) must_use;
