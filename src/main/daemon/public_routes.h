/* The routes of the public listener: those of the API, those of the pages for people, and in development mode
 * those of the console. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "api/core/route.h"

/* Writes the first `n_api` routes of the API, all pages, and the console if `has_console` to `out`, and
 * returns their number. */
size_t public_routes_list(size_t n_api, bool has_console, const struct route *out[ROUTER_MAX]);
