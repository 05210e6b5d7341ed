/* What stands beside the sandbox, in --dev and in `kycd sandbox` alike (interface.md 4): the movable clock
 * and faults on demand, below /sandbox/. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "http/message.h"
#include "sandbox/server/sandbox.h"

/* False: the path is none of them. `sandbox` may be NULL: then there are no faults. */
bool sandbox_control_serve(struct sandbox *sandbox, const struct request *request, struct arena *a,
	struct reply *reply) must_use;
