/* What a description is made from. */
#pragma once

#include "api/dispatch.h"

struct api_spec {
	const struct route *routes; /* rows without a card are left out */
	size_t n_routes;
	struct str url; /* as the outside world reaches us */
	struct str version;
	bool keys_optional;
};
