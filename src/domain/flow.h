/* The table of verification flows: `:kyc_type` names a row. */
#pragma once

#include <stddef.h>

#include "base/str.h"

struct flow {
	struct str name;
};

/* NULL: there is none of that name. */
const struct flow *flow_find(struct str name);
/* The name of row i; NULL behind the last. */
const char *flow_name_at(size_t i);
