/* Controls of the sandbox for tests, with --dev and in `kycd sandbox` (interface.md 4): POST
 * /sandbox/clock/advance moves the clock, POST /sandbox/faults injects faults. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "http/message.h"
#include "sandbox/server/sandbox.h"

/* Answers the request if its path is one of these routes; else returns false. If `sandbox` is NULL,
 * /sandbox/faults answers 404. */
bool sandbox_control_serve(struct sandbox *sandbox, const struct request *request, struct arena *a,
	struct reply *reply) must_use;
