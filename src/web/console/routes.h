/* The routes of the console (routes.def), on a listener of its own or, in development mode, on the public
 * listener. They are no part of the API: `doc` is NULL. */
#pragma once

#include "api/core/route.h"

#define CONSOLE_ROUTE(name) extern const struct route name;
#include "web/console/routes.def"
#undef CONSOLE_ROUTE

extern const struct route *const console_routes[];
extern const size_t n_console_routes;
