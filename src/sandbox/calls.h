/* Every call of the sandbox, one row each: who may make it, how often, and who answers. */
#pragma once

#include <stdbool.h>

#include "http/router.h"
#include "sandbox/rates.h"
#include "sandbox/version.h"

enum troubles { UNTROUBLED, TROUBLED };

struct call {
	struct router_entry entry;
	enum troubles troubles; /* do FAULT_ERROR and FAULT_SLOW meet it? */
	enum rate_scope scope;
	bool (*allowed)(struct visit *visit); /* NULL: everybody */
	void (*serve)(struct visit *visit);
	const struct didit_version *version;
};

extern const struct router calls_router;
const struct call *call_at(size_t index);
/* How often: false, and 429 was answered. */
bool call_in_time(const struct call *call, struct visit *visit);
