/* The one destination that is named at the start of the program: made, or brought to what is said now. What
 * waited for it under another key or URL is told again, as it is now. */
#pragma once

#include "base/err.h"
#include "base/moment.h"
#include "sandbox/request/request_ctx.h"

/* Failures as sandbox_register. */
enum err own_destination_set(struct sandbox_ctx *sandbox, struct str url, struct str secret,
	enum sandbox_version version, moment now) must_use;
/* What an earlier start named goes, and what waited for it. */
void own_destination_remove(struct sandbox_ctx *sandbox);
