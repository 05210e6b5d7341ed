/* The routes of the public listener: those of the API, and those of the pages for people. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "api/core/route.h"

/* Writes the routes to `out`, and returns their number. `dev`: with those that only development mode has. */
size_t public_routes_list(bool dev, const struct route *out[ROUTER_MAX]);
