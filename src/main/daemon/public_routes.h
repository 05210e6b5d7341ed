/* The routes of the public listener: those of the API, and those of the pages for people. */
#pragma once

#include <stddef.h>

#include "api/core/route.h"

/* Writes the first `n_api` routes of the API and all pages to `out`, and returns their number. */
size_t public_routes_list(size_t n_api, const struct route *out[ROUTER_MAX]);
