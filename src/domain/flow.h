/* The table of verification flows. The path parameter `:kyc_type` of the API is a flow's name. */
#pragma once

#include <stddef.h>

#include "base/str.h"

struct flow {
	struct str name;
};

/* Returns NULL when there is no flow of that name. */
const struct flow *flow_find(struct str name);
/* Returns the name of flow number i, or NULL when i is past the end. */
const char *flow_name_at(size_t i);
