/* Arming: chooses the scenario of a session that was created and not opened yet. */
#pragma once

#include "sandbox/request/request_ctx.h"

/* Sets or replaces the session's scenario, as sandbox_scenario of the create request does. A session that is
 * not `Not Started` is answered 400. */
void serve_scenario_arm(struct request_ctx *ctx);
