/* Endpoints that control the sandbox in tests, with --dev and in `kycd sandbox` (interface.md 4): POST
 * /sandbox/clock/advance moves the clock, POST /sandbox/faults injects faults. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "http/message.h"
#include "sandbox/server/sandbox.h"

/* If the path is one of these routes, writes the response and returns true, else returns false. If `sandbox`
 * is NULL, the response of /sandbox/faults is a 404. */
bool sandbox_control_serve(struct sandbox *sandbox, const struct request *request, struct arena *a,
	struct reply *reply) must_use;
