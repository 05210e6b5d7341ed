/* The webhook destination that is configured when the program starts (sandbox_register), as opposed to those
 * that API calls create. At most one exists. */
#pragma once

#include "base/err.h"
#include "base/moment.h"
#include "sandbox/request/request_ctx.h"

/* Creates the destination or changes it to these values. After a change, every event that waits for the old
 * URL is replaced by a new event with the session's current status. Errors are those of sandbox_register. */
enum err own_destination_set(struct sandbox_ctx *sandbox, struct str url, struct str secret,
	enum sandbox_version version, moment now) must_use;
/* Removes the destination that an earlier start has configured, and its waiting events. */
void own_destination_remove(struct sandbox_ctx *sandbox);
