/* The input of the OpenAPI generator. */
#pragma once

#include "api/core/route.h"

struct api_spec {
	const struct route *const *routes; /* routes whose `doc` is NULL are not described */
	size_t n_routes;
	struct str url; /* public base URL */
	struct str version;
	bool keys_optional;
};
