/* What an OpenAPI document is made from. */
#pragma once

#include "api/core/route.h"

struct api_spec {
	const struct route *const *routes; /* those without `doc` are left out */
	size_t n_routes;
	struct str url; /* public base URL */
	struct str version;
	bool keys_optional;
};
